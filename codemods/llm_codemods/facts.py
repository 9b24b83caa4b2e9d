"""What one file says about its names, for other files to use.

Facts are plain values without syntax nodes: they can be pickled and compared. Expressions become *terms*, small
symbolic values that ``project`` evaluates across files. Reading a file is one walk over the standard library's
``ast``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from llm_codemods.edits import Span
from llm_codemods.source import Lines, Source, python

Branch = tuple[int, ...]
"""The arms of ``if``/``try``/``match`` around a statement, outermost first: ``node * 16 + arm``."""


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A name read at offset ``at`` in ``scope`` (an index into ``Facts.scopes``)."""

    id: str
    scope: int
    at: int
    branch: Branch


@dataclass(frozen=True, slots=True, eq=False)
class Attr:
    """``base.name``."""

    base: Term
    name: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """One argument of a call: ``name`` is None for a positional one, ``*`` and ``**`` for unpackings."""

    name: str | None
    value: Term
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """``func(arguments)``; ``scope`` is where the call stands, ``callee`` the span of ``func``."""

    func: Term
    arguments: tuple[Argument, ...]
    span: Span
    callee: Span
    scope: int


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A constant. ``plain`` is False for a string that is no single literal token (implicit concatenation)."""

    value: str | int | float | bool | None
    span: Span
    plain: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """``base[key]``."""

    base: Term
    key: Term
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One of the values that iterating over ``base`` yields; ``position`` when unpacked from a sequence."""

    base: Term
    position: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Entered:
    """What ``with base as x`` binds."""

    base: Term


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """A dictionary display; a None key is ``**unpacking``."""

    items: tuple[tuple[Term | None, Term], ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list, tuple or set display."""

    values: tuple[Term, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """One of several: ``a or b`` (``fallback``: the next one where this one is empty), ``a if c else b``."""

    options: tuple[Term, ...]
    fallback: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """An instance of what ``annotation`` names."""

    annotation: Term


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """``import module`` (name None) or ``from module import name``; ``level`` counts leading dots."""

    module: str
    name: str | None
    level: int


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A parameter inside its function (an index into ``Facts.functions``)."""

    function: int
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class FunctionTerm:
    """The function with this index, as a value."""

    index: int


@dataclass(frozen=True, slots=True, eq=False)
class ClassTerm:
    """The class with this index, as a value."""

    index: int


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """Something we do not model."""

    span: Span


Term = (
    Name
    | Attr
    | Call
    | Literal
    | Item
    | Element
    | Entered
    | Entries
    | Items
    | Either
    | Typed
    | Imported
    | Parameter
    | FunctionTerm
    | ClassTerm
    | Opaque
)


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A name's (or attribute's) value from offset ``at`` on."""

    value: Term
    at: int
    branch: Branch


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A module, class, function or comprehension with the names bound in it."""

    kind: str
    parent: int | None
    names: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class ParameterFact:
    """One parameter as declared. ``kind``: ``positional``, ``keyword``, ``*`` or ``**``."""

    name: str
    kind: str
    annotation: Term | None
    default: Term | None


@dataclass(frozen=True, slots=True, eq=False)
class FunctionFact:
    """A function, method or lambda. ``owner`` is the index of its class, None outside of one."""

    name: str
    scope: int
    owner: int | None
    parameters: tuple[ParameterFact, ...]
    decorators: tuple[Term, ...]
    annotation: Term | None
    returns: list[Term] = field(default_factory=list)
    yields: list[Term] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class ClassFact:
    """A class: its bases, methods, and the attributes its methods set on ``self`` or ``cls``."""

    name: str
    scope: int
    bases: tuple[Term, ...]
    methods: dict[str, int] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A string that may matter, and the place it has.

    ``role``: ``keyword`` (of the call's argument ``of``), ``argument``, ``assign`` (to the name ``of``), ``default``
    (of parameter ``of``), ``entry`` (under the dictionary key ``of``), ``key``, ``item``, ``compare``, ``return``,
    ``environment`` (``os.environ[…]``-like subscript or call; ``of`` is the variable where this is its value),
    ``formatted`` (part of an f-string), ``other``.
    """

    literal: Literal
    role: str
    of: str | None
    scope: int


@dataclass(frozen=True, slots=True, eq=False)
class ImportFact:
    """An import statement's module (absolute, without the leading dots) and its span."""

    module: str
    level: int
    names: tuple[str, ...]
    alias: str | None
    """What ``import module`` binds; None for ``from`` imports."""
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """``base.name = value``."""

    base: Term
    name: str
    value: Term
    span: Span
    """Of the target."""
    assigned: Span
    """Of the value."""
    statement: Span
    scope: int


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """``os.environ[key] = value``, or the same through a call."""

    key: Literal
    value: Term


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """All that one file says. Indices of scopes, functions and classes refer to this file."""

    path: str
    scopes: list[Scope]
    functions: list[FunctionFact]
    classes: list[ClassFact]
    calls: list[Call]
    references: list[Attr]
    texts: list[Text]
    imports: list[ImportFact]
    handlers: list[Attr | Name | Opaque]
    handler_spans: list[Span]
    stores: list[Store]
    writes: list[Write] = field(default_factory=list)


INTERESTING = re.compile(
    r"openai|gpt|^o[134](-|$)|davinci|curie|babbage|^ada|-ada-|text-embedding|text-similarity|text-search|text-moderation|"
    r"code-search|dall-e|whisper|^tts-|codex|sora-|computer-use|omni-moderation|sk-|^developer$",
    re.IGNORECASE,
)
"""Strings that the rules may want to see. Wide on purpose: rules decide."""

REFERENCED = frozenset({"create", "parse", "stream", "acreate", "generate", "edit", "embed", "list", "retrieve"})


def read(source: Source) -> Facts:
    """Read one file.

    Raises:
        SyntaxError: the running interpreter cannot parse it (``python(source)`` for a notebook).
        ValueError: the text holds NUL bytes; RecursionError: nested too deeply.
    """
    return _Reader(source).facts


class _Reader:
    """One walk over a module; collects facts."""

    def __init__(self, source: Source) -> None:
        code = python(source)
        self.code = code
        self.lines = Lines(code)
        self.facts = Facts(source.path, [], [], [], [], [], [], [], [], [], [])
        self.branch: Branch = ()
        self.arms = 0
        self.elsewhere: dict[tuple[int, str], int] = {}
        """(scope, name) declared ``global`` or ``nonlocal`` -> the scope where it is bound."""
        tree = ast.parse(code)
        self.block(tree.body, self.scope("module", None))

    # -- places ---------------------------------------------------------------------------------------------------

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg | ast.alias) -> Span:
        offset = self.lines.offset
        return Span(
            offset(node.lineno, node.col_offset),
            offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )

    def scope(self, kind: str, parent: int | None) -> int:
        self.facts.scopes.append(Scope(kind, parent))
        return len(self.facts.scopes) - 1

    def bind(self, name: str, value: Term, at: int, scope: int) -> None:
        scope = self.elsewhere.get((scope, name), scope)
        self.facts.scopes[scope].names.setdefault(name, []).append(Binding(value, at, self.branch))

    # -- statements -----------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], scope: int, function: int | None = None) -> None:
        for statement in body:
            self.statement(statement, scope, function)

    def arm(self, arms: Iterable[Sequence[ast.stmt]], scope: int, function: int | None) -> None:
        """Read alternatives: what one arm binds, another does not see."""
        outer, node = self.branch, self.arms
        self.arms += 1
        for i, body in enumerate(arms):
            self.branch = (*outer, node * 16 + min(i, 15))
            self.block(body, scope, function)
        self.branch = outer

    def statement(self, node: ast.stmt, scope: int, function: int | None) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self.imported(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.function(node, scope)
            case ast.ClassDef():
                self.klass(node, scope)
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Global():
                self.elsewhere.update(((scope, name), 0) for name in node.names)
            case ast.Nonlocal():
                outer = self.facts.scopes[scope].parent or 0
                self.elsewhere.update(((scope, name), outer) for name in node.names)
            case ast.Expr():
                self.expr(node.value, scope, function)
            case ast.Assign():
                value = self.expr(node.value, scope, function, self.target_role(node.targets[0]))
                for target in node.targets:
                    self.assign(target, value, scope, self.span(node).end, function, node)
            case ast.AnnAssign():
                self.annotated(node, scope, function)
            case ast.AugAssign():
                self.expr(node.value, scope, function)
            case ast.Return():
                if node.value is not None:
                    term = self.expr(node.value, scope, function, ("return", None))
                    if function is not None:
                        self.facts.functions[function].returns.append(term)
            case ast.If():
                self.expr(node.test, scope, function)
                self.arm([node.body, node.orelse], scope, function)
            case ast.For() | ast.AsyncFor():
                base = self.expr(node.iter, scope, function)
                self.assign(node.target, Element(base), scope, self.span(node.iter).end, function)
                self.arm([node.body, node.orelse], scope, function)
            case ast.While():
                self.expr(node.test, scope, function)
                self.arm([node.body, node.orelse], scope, function)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self.expr(item.context_expr, scope, function)
                    if item.optional_vars is not None:
                        end = self.span(item.optional_vars).end
                        self.assign(item.optional_vars, Entered(value), scope, end, function)
                self.block(node.body, scope, function)
            case ast.Try():
                self.attempt(node, scope, function)
            case ast.Match():
                self.expr(node.subject, scope, function)
                self.arm([case.body for case in node.cases], scope, function)
            case _:
                self.others(node, scope, function)

    def others(self, node: ast.stmt, scope: int, function: int | None) -> None:
        """Read ``raise``, ``assert``, ``del``, ``except*`` and whatever a newer Python brings."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expr(child, scope, function)
            elif isinstance(child, ast.stmt):
                self.statement(child, scope, function)
            elif isinstance(child, ast.ExceptHandler):
                self.block(child.body, scope, function)

    def attempt(self, node: ast.Try, scope: int, function: int | None) -> None:
        for handler in node.handlers:
            types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            for kind in types:
                term = self.expr(kind, scope, function) if kind is not None else None
                if kind is not None and isinstance(term, Attr | Name):
                    self.facts.handlers.append(term)
                    self.facts.handler_spans.append(self.span(kind))
        # The body comes first and may have run in part before a handler does: only handlers exclude each other.
        self.arm([node.body], scope, function)
        self.arm([handler.body for handler in node.handlers], scope, function)
        self.block(node.orelse, scope, function)
        self.block(node.finalbody, scope, function)

    def imported(self, node: ast.Import | ast.ImportFrom, scope: int) -> None:
        span = self.span(node)
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.facts.imports.append(ImportFact(alias.name, 0, (), alias.asname or alias.name, span))
                if alias.asname:
                    self.bind(alias.asname, Imported(alias.name, None, 0), span.end, scope)
                else:
                    head = alias.name.partition(".")[0]
                    self.bind(head, Imported(head, None, 0), span.end, scope)
            return
        module = node.module or ""
        names = tuple(alias.name for alias in node.names)
        self.facts.imports.append(ImportFact(module, node.level, names, None, span))
        for alias in node.names:
            if alias.name == "*":
                self.facts.scopes[scope].stars.append(Imported(module, None, node.level))
            else:
                self.bind(alias.asname or alias.name, Imported(module, alias.name, node.level), span.end, scope)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: int) -> None:
        owner_scope = self.facts.scopes[scope]
        owner = None
        if owner_scope.kind == "class":
            owner = next(i for i, c in enumerate(self.facts.classes) if c.scope == scope)
        decorators = tuple(self.expr(d, scope, None) for d in node.decorator_list)
        annotation = self.annotation(node.returns, scope)
        index = self.enter(node.name, node.args, decorators, annotation, scope, owner)
        self.bind(node.name, FunctionTerm(index), self.span(node).start, scope)
        if owner is not None:
            self.facts.classes[owner].methods[node.name] = index
        outer, self.branch = self.branch, ()
        self.block(node.body, self.facts.functions[index].scope, index)
        self.branch = outer

    def enter(
        self,
        name: str,
        args: ast.arguments,
        decorators: tuple[Term, ...],
        annotation: Term | None,
        scope: int,
        owner: int | None,
    ) -> int:
        """Declare a function and bind its parameters; return its index."""
        index = len(self.facts.functions)
        inner = self.scope("function", scope)
        outer, self.branch = self.branch, ()
        declared: list[ParameterFact] = []
        positional = [*args.posonlyargs, *args.args]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults))
        defaults += args.defaults
        rows: list[tuple[ast.arg, str, ast.expr | None]] = [
            (arg, "positional", default) for arg, default in zip(positional, defaults, strict=True)
        ]
        rows += [(arg, "keyword", default) for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
        rows += [(arg, kind, None) for arg, kind in ((args.vararg, "*"), (args.kwarg, "**")) if arg is not None]
        for arg, kind, default in rows:
            value = self.expr(default, scope, None, ("default", arg.arg)) if default is not None else None
            declared.append(ParameterFact(arg.arg, kind, self.annotation(arg.annotation, scope), value))
            self.facts.scopes[inner].names[arg.arg] = [Binding(Parameter(index, arg.arg), 0, ())]
        self.branch = outer
        self.facts.functions.append(FunctionFact(name, inner, owner, tuple(declared), decorators, annotation))
        return index

    def klass(self, node: ast.ClassDef, scope: int) -> None:
        bases = tuple(self.expr(base, scope, None) for base in node.bases)
        for decorator in node.decorator_list:
            self.expr(decorator, scope, None)
        for keyword in node.keywords:
            self.expr(keyword.value, scope, None)
        inner = self.scope("class", scope)
        index = len(self.facts.classes)
        self.facts.classes.append(ClassFact(node.name, inner, bases))
        self.bind(node.name, ClassTerm(index), self.span(node).start, scope)
        self.block(node.body, inner)

    def annotated(self, node: ast.AnnAssign, scope: int, function: int | None) -> None:
        annotation = self.annotation(node.annotation, scope)
        options: list[Term] = [Typed(annotation)] if annotation is not None else []
        if node.value is not None:
            options.insert(0, self.expr(node.value, scope, function, self.target_role(node.target)))
        if options:
            value = options[0] if len(options) == 1 else Either(tuple(options))
            self.assign(node.target, value, scope, self.span(node).end, function, node)

    # -- targets --------------------------------------------------------------------------------------------------

    def target_role(self, target: ast.expr) -> tuple[str, str | None]:
        match target:
            case ast.Name():
                return "assign", target.id
            case ast.Attribute():
                return "assign", target.attr
            case ast.Subscript(slice=ast.Constant(value=str() as key)):
                return "entry", key
        return "assign", None

    def assign(
        self,
        target: ast.expr,
        value: Term,
        scope: int,
        at: int,
        function: int | None,
        statement: ast.Assign | ast.AnnAssign | None = None,
    ) -> None:
        match target:
            case ast.Name():
                self.bind(target.id, value, at, scope)
            case ast.Attribute():
                self.store(target, value, scope, at, function, statement)
            case ast.Tuple() | ast.List():
                for i, inner in enumerate(target.elts):
                    if isinstance(value, Items) and i < len(value.values):
                        self.assign(inner, value.values[i], scope, at, function)
                    else:
                        self.assign(inner, Element(value, i), scope, at, function)
            case ast.Starred():
                self.assign(target.value, value, scope, at, function)
            case ast.Subscript():
                written = self.expr(target, scope, function)
                if isinstance(written, Item) and isinstance(written.key, Literal) and _is_environment(target.value):
                    self.facts.writes.append(Write(written.key, value))

    def store(
        self,
        target: ast.Attribute,
        value: Term,
        scope: int,
        at: int,
        function: int | None,
        statement: ast.Assign | ast.AnnAssign | None,
    ) -> None:
        base = self.expr(target.value, scope, function)
        if statement is not None and statement.value is not None:
            whole, assigned = self.span(statement), self.span(statement.value)
            self.facts.stores.append(Store(base, target.attr, value, self.span(target), assigned, whole, scope))
        owner = self.receiver(target.value, function)
        if owner is not None:
            attributes = self.facts.classes[owner].attributes
            attributes.setdefault(target.attr, []).append(Binding(value, at, self.branch))

    def receiver(self, node: ast.expr, function: int | None) -> int | None:
        """Return the class whose ``self`` (or ``cls``, or the class itself) ``node`` is, seen from ``function``."""
        if not isinstance(node, ast.Name) or function is None:
            return None
        fact = self.facts.functions[function]
        if fact.owner is not None:
            first = next(iter(fact.parameters), None)
            if (first is not None and first.name == node.id) or self.facts.classes[fact.owner].name == node.id:
                return fact.owner
        return None

    # -- expressions ----------------------------------------------------------------------------------------------

    def annotation(self, node: ast.expr | None, scope: int) -> Term | None:
        """Read an annotation, also one written as a string."""
        if node is None:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                inner = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError):
                return None
            for child in ast.walk(inner):
                ast.copy_location(child, node)
            return self.expr(inner, scope, None)
        return self.expr(node, scope, None)

    def expr(
        self, node: ast.expr, scope: int, function: int | None, role: tuple[str, str | None] = ("other", None)
    ) -> Term:
        """Turn an expression into a term, recording calls, references and texts on the way."""
        match node:
            case ast.Name():
                return Name(node.id, scope, self.lines.offset(node.lineno, node.col_offset), self.branch)
            case ast.Attribute():
                attribute = Attr(self.expr(node.value, scope, function), node.attr, self.span(node))
                if node.attr in REFERENCED and role[0] != "callee":
                    self.facts.references.append(attribute)
                return attribute
            case ast.Call():
                return self.call(node, scope, function)
            case ast.Constant():
                return self.constant(node, scope, role)
            case ast.Await():
                return self.expr(node.value, scope, function, role)
            case ast.BoolOp():
                options = tuple(self.expr(v, scope, function, role) for v in node.values)
                return Either(options, fallback=isinstance(node.op, ast.Or))
            case ast.IfExp():
                self.expr(node.test, scope, function)
                body, other = self.expr(node.body, scope, function, role), self.expr(node.orelse, scope, function, role)
                tested, there = _tested(node.test)
                kept = node.body if there else node.orelse
                options = (body, other) if there else (other, body)
                return Either(options, fallback=tested is not None and ast.dump(tested) == ast.dump(kept))
            case ast.BinOp(op=ast.BitOr()):
                return Either((self.expr(node.left, scope, function), self.expr(node.right, scope, function)))
            case ast.NamedExpr():
                value = self.expr(node.value, scope, function, self.target_role(node.target))
                self.bind(node.target.id, value, self.span(node).end, scope)
                return value
            case ast.Subscript():
                base = self.expr(node.value, scope, function)
                at = "environment" if _is_environment(node.value) else "item"
                return Item(base, self.expr(node.slice, scope, function, (at, None)), self.span(node))
            case ast.Dict():
                return self.entries(node, scope, function)
            case ast.List() | ast.Tuple() | ast.Set():
                inner = role if role[0] == "compare" else ("item", role[1])
                return Items(tuple(self.expr(v, scope, function, inner) for v in node.elts), self.span(node))
            case ast.JoinedStr():
                return self.formatted(node, scope, function)
            case ast.Lambda():
                index = self.enter("<lambda>", node.args, (), None, scope, None)
                fact = self.facts.functions[index]
                fact.returns.append(self.expr(node.body, fact.scope, index))
                return FunctionTerm(index)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self.comprehension(node, scope, function)
            case ast.Compare():
                for side in (node.left, *node.comparators):
                    self.expr(side, scope, function, ("compare", None))
                return Opaque(self.span(node))
            case ast.Starred():
                return self.expr(node.value, scope, function)
            case ast.Yield() | ast.YieldFrom():
                if node.value is not None:
                    term = self.expr(node.value, scope, function)
                    if function is not None:
                        value = Element(term) if isinstance(node, ast.YieldFrom) else term
                        self.facts.functions[function].yields.append(value)
                return Opaque(self.span(node))
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expr(child, scope, function)
        return Opaque(self.span(node))

    def call(self, node: ast.Call, scope: int, function: int | None) -> Term:
        func = self.expr(node.func, scope, function, ("callee", None))
        environment = _is_environment(node.func)
        arguments: list[Argument] = []
        for value in node.args:
            variable = arguments[0].value if arguments and environment else None
            of = str(variable.value) if isinstance(variable, Literal) else None
            role = ("environment" if environment else "argument", of)
            name = "*" if isinstance(value, ast.Starred) else None
            arguments.append(Argument(name, self.expr(value, scope, function, role), self.span(value)))
        for keyword in node.keywords:
            term = self.expr(keyword.value, scope, function, ("keyword", keyword.arg))
            arguments.append(Argument(keyword.arg or "**", term, self.span(keyword.value)))
        call = Call(func, tuple(arguments), self.span(node), self.span(node.func), scope)
        self.facts.calls.append(call)
        writes = isinstance(node.func, ast.Attribute) and node.func.attr in ("setdefault", "putenv", "setenv")
        if environment and writes and len(arguments) > 1 and isinstance(arguments[0].value, Literal):
            self.facts.writes.append(Write(arguments[0].value, arguments[1].value))
        return call

    def constant(self, node: ast.Constant, scope: int, role: tuple[str, str | None]) -> Term:
        value = node.value
        if isinstance(value, bytes | complex) or value is ...:
            return Opaque(self.span(node))
        span = self.span(node)
        if not isinstance(value, str):
            return Literal(value, span)
        literal = Literal(value, span, _is_one_token(self.code[span.start : span.end]))
        if len(value) < 300 and INTERESTING.search(value):
            self.facts.texts.append(Text(literal, role[0], role[1], scope))
        return literal

    def entries(self, node: ast.Dict, scope: int, function: int | None) -> Term:
        items: list[tuple[Term | None, Term]] = []
        for key, value in zip(node.keys, node.values, strict=True):
            key_term = self.expr(key, scope, function, ("key", None)) if key is not None else None
            name = key_term.value if isinstance(key_term, Literal) and isinstance(key_term.value, str) else None
            items.append((key_term, self.expr(value, scope, function, ("entry", name))))
        return Entries(tuple(items), self.span(node))

    def formatted(self, node: ast.JoinedStr, scope: int, function: int | None) -> Term:
        span = self.span(node)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.expr(part.value, scope, function)
            elif isinstance(part, ast.Constant) and INTERESTING.search(str(part.value)):
                literal = Literal(str(part.value), span, plain=False)
                self.facts.texts.append(Text(literal, "formatted", None, scope))
        return Opaque(span)

    def comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        scope: int,
        function: int | None,
    ) -> Term:
        inner = self.scope("comprehension", scope)
        outer, self.branch = self.branch, ()
        for generator in node.generators:
            base = self.expr(generator.iter, inner, function)
            self.assign(generator.target, Element(base), inner, 0, function)
            for test in generator.ifs:
                self.expr(test, inner, function)
        if isinstance(node, ast.DictComp):
            self.expr(node.key, inner, function)
            term: Term = Entries(((Opaque(self.span(node)), self.expr(node.value, inner, function)),), self.span(node))
        else:
            term = Items((self.expr(node.elt, inner, function),), self.span(node))
        self.branch = outer
        return term


def _is_environment(node: ast.expr) -> bool:
    """Whether a subscript or call of ``node`` reads or writes an environment variable, judged by its spelling."""
    match node:
        case ast.Attribute(attr="environ" | "getenv" | "putenv" | "secrets" | "setenv" | "delenv"):
            return True
        case ast.Name(id="environ" | "getenv"):
            return True
        case ast.Attribute(
            value=ast.Attribute(attr="environ" | "secrets") | ast.Name(id="environ"), attr="get" | "setdefault" | "pop"
        ):
            return True
    return False


def _tested(test: ast.expr) -> tuple[ast.expr | None, bool]:
    """Return the value that a test asks for, and whether the test holds when it is there: ``x``, ``x is None``."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner, False
        case ast.Compare(left=inner, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
            return inner, isinstance(op, ast.IsNot)
        case ast.Name() | ast.Attribute():
            return test, True
    return None, True


_TOKEN = re.compile(r"""[rRuUbB]{0,2}('''|\"""|'|")""")


def _is_one_token(code: str) -> bool:
    """Whether ``code``, a string expression, is a single literal and no implicit concatenation."""
    opening = _TOKEN.match(code)
    if opening is None:
        return False
    body = code[opening.end() :]
    quote = opening.group(1)
    end = -1
    i = 0
    while i < len(body):
        if body[i] == "\\":
            i += 2
        elif body.startswith(quote, i):
            end = i + len(quote)
            break
        else:
            i += 1
    return end == len(body)
