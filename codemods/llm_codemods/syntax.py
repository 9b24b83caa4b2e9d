"""What single expressions and statements of ``ast`` say by how they are written."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from llm_codemods import responses

_ENVIRONMENT = frozenset({"delenv", "environ", "getenv", "putenv", "secrets", "setenv"})
"""Attributes that are the environment, or functions that read or write it."""


def size_of(part: ast.Slice) -> ast.expr | None:
    """Return how many a slice takes at most, where that is written out: ``[:n]``, ``[i : i + n]``."""
    lower, upper = part.lower, part.upper
    if part.step is not None or upper is None or isinstance(upper, ast.UnaryOp):
        return None
    if lower is None or (isinstance(lower, ast.Constant) and lower.value == 0):
        return upper
    if isinstance(upper, ast.BinOp) and isinstance(upper.op, ast.Add):
        if is_same(upper.left, lower):
            return upper.right
        if is_same(upper.right, lower):
            return upper.left
    return None


def is_between(part: ast.Slice) -> bool:
    """Whether a slice goes from one place to another, both of which are put together: ``[start:end]``."""
    ends = (part.lower, part.upper)
    return part.step is None and not any(end is None or isinstance(end, ast.Constant | ast.UnaryOp) for end in ends)


def is_same(one: ast.expr, other: ast.expr) -> bool:
    """Whether two expressions are written with the same words."""
    return type(one) is type(other) and ast.dump(one) == ast.dump(other)


def parameters(args: ast.arguments) -> Iterator[tuple[ast.arg, str, ast.expr | None]]:
    """Yield the parameters of a function with their kind and default, in order."""
    positional = [*args.posonlyargs, *args.args]
    first = len(positional) - len(args.defaults)
    for i, arg in enumerate(positional):
        yield arg, "positional", args.defaults[i - first] if i >= first else None
    if args.vararg is not None:
        yield args.vararg, "*", None
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield arg, "keyword", default
    if args.kwarg is not None:
        yield args.kwarg, "**", None


def named(node: ast.expr) -> str | None:
    """Return the names that an expression is made of: ``info kind`` for ``info["kind"].lower()``."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{named(node.value) or ''} {node.attr}"
        case (
            ast.Subscript(slice=ast.Constant(value=str() as key))
            | ast.Call(args=[ast.Constant(value=str() as key), *_])
        ):
            return f"{named(node.value if isinstance(node, ast.Subscript) else node.func) or ''} {key}"
        case ast.Call():
            return named(node.func)
    return None


def asked(test: ast.expr) -> Iterator[ast.Name | str]:
    """Yield what a test asks to be there: names, and the last words of attributes and keys."""
    match test:
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from asked(part)
        case ast.UnaryOp(operand=inner):
            yield from asked(inner)
        case ast.Compare(left=ast.Constant(value=str() as key), ops=[ast.In() | ast.NotIn()]):
            yield key
        case ast.Compare(left=left, comparators=others):
            if any(isinstance(one, ast.Constant) and not one.value for one in (left, *others)):
                yield from asked(left)
        case _:
            for one in ast.walk(test):
                match one:
                    case ast.Name():
                        yield one
                    case ast.Attribute(attr=word) | ast.Constant(value=str() as word):
                        yield word


def is_environment(node: ast.expr) -> bool:
    """Whether a subscript or call of ``node`` reads or writes an environment variable, judged by its spelling."""
    if isinstance(node, ast.Attribute):
        if node.attr in ("get", "setdefault", "pop"):
            base = node.value
            return (isinstance(base, ast.Attribute) and base.attr in ("environ", "secrets")) or (
                isinstance(base, ast.Name) and base.id == "environ"
            )
        return node.attr in _ENVIRONMENT
    return isinstance(node, ast.Name) and node.id in ("environ", "getenv")


def key_of(node: ast.expr) -> str | None:
    """Return the name under which something is looked up, in whatever way; that of a variable is its own."""
    match node:
        case ast.Attribute(attr=key) | ast.Name(id=key):
            return key
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return key
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as key), *_]):
            return key
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str() as key), *_]):
            return key
    return None


def looks(node: ast.Attribute | ast.Subscript) -> bool:
    """Whether an expression may look at a response in a way that does not always work."""
    inner = node.value
    match node:
        case ast.Attribute(attr=name):
            inside = isinstance(inner, ast.Attribute) and inner.attr in responses.UNSURE
            inside = inside or (name == "delta" and isinstance(inner, ast.Subscript) and looks(inner))
            return name in responses.UNSURE or name in responses.LEGACY_ONLY or (inside and name in responses.PARTS)
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return key in responses.PARTS
        case ast.Subscript(slice=ast.Constant(value=int()) | ast.UnaryOp()):
            return key_of(inner) == "choices"
    return False


def root(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes and look-ups begins with."""
    while True:
        match node:
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Call(func=inner):
                node = inner
            case ast.Compare(comparators=[inner]):
                node = inner
            case ast.Name(id=name):
                return name
            case _:
                return None


def asks_type(test: ast.expr, name: str) -> bool:
    """Whether a test asks for the type of what a name is, or what attributes it has."""
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and any(root(argument) == name for argument in node.args):
            called = key_of(node.func) or ""
            if called in ("isinstance", "hasattr", "type", "callable") or "dict" in called:
                return True
    return False


def doubtful(node: ast.expr) -> str:
    """Return the name of what may be empty or missing in a look at a response."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        key = key_of(node)
        if key in responses.UNSURE:
            return key
        node = node.func if isinstance(node, ast.Call) else node.value
    return "choices"


def holder(node: ast.expr) -> str | None:
    """Return the variable of whose ``choices`` an expression is made: ``x.choices[0].delta``."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        inner = node.func if isinstance(node, ast.Call) else node.value
        if key_of(node) == "choices":
            holder = inner.value if isinstance(node, ast.Call) and isinstance(inner, ast.Attribute) else inner
            return holder.id if isinstance(holder, ast.Name) else None
        node = inner
    return None


def reads_usage(node: ast.AST, name: str) -> bool:
    """Whether an expression reads the usage of a variable: ``x.usage``, ``x["usage"]``, ``getattr(x, "usage")``."""
    match node:
        case ast.Attribute(value=ast.Name(id=bound), attr="usage"):
            return bound == name
        case ast.Subscript(value=ast.Name(id=bound), slice=ast.Constant(value="usage")):
            return bound == name
        case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id=bound), ast.Constant(value="usage"), *_]):
            return bound == name
    return False


def mentions(test: ast.expr, name: str) -> bool:
    """Whether a test asks if there is anything under a name: not ``x.name[0]`` does, nor ``x.name is None``.

    A variable whose name holds the name (``has_choices``) has been given the answer.
    """
    if key_of(test) == name or (isinstance(test, ast.Name) and name in test.id):
        return True
    match test:
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return name != "choices" and mentions(left, name)
        case ast.Subscript() | ast.Attribute():
            return False
        case ast.NamedExpr(target=ast.Name(id=bound)) if bound == name:
            return True
    return any(mentions(child, name) for child in ast.iter_child_nodes(test) if isinstance(child, ast.expr))


def binds_names(node: ast.stmt) -> bool:
    """Whether a statement gives names a value, at its end."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return bool(targets) and all(isinstance(target, ast.Name) for target in targets)


PARTS = ("AttributeError", "BaseException", "Exception", "IndexError", "LookupError", "TypeError")
"""What catches what a look at an empty or missing part raises."""
LOOKUPS = ("KeyError", "LookupError")
"""What catches what a look-up by a name that is not known raises."""


def catches(handler: ast.ExceptHandler, wide: Container[str] = PARTS) -> bool:
    """Whether a handler catches one of these."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in wide) for kind in kinds)


def tested(test: ast.expr) -> tuple[ast.expr | None, bool]:
    """Return the value that a test asks for, and whether the test holds when it is there: ``x``, ``x is None``."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner, False
        case ast.Compare(left=inner, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
            return inner, isinstance(op, ast.IsNot)
        case ast.Name() | ast.Attribute():
            return test, True
    return None, True
