"""Where the result of a call goes: everything that the code around it takes out of it.

A rewrite of a call that changes the shape of its result must change every look at it, or none. So this follows the
result through names, loops and ``with`` statements of one function, and says so where it gets lost: where it is handed
on, returned, or meets other values under one name. Plain data without syntax nodes, as all facts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from llm_codemods.edits import Span

_CANDIDATES = (
    re.compile(r"responses(?<!\wresponses)\s*\.\s*(?:create|stream|parse)\b"),
    re.compile(r"embeddings(?<!\wembeddings)\s*\.\s*create\b"),
    re.compile(r"completions(?<!\wcompletions)\s*\.\s*(?:parse|stream)\b"),
    re.compile(r"completions(?<!\wcompletions)(?<!chat\.completions)\s*\.\s*create\b"),
    re.compile(r"Completion(?<!\wCompletion)\s*\.\s*a?create\b"),
    re.compile(r"functions(?<!\wfunctions)\s*="),
    re.compile(r"function_call(?<!\wfunction_call)\s*="),
)
"""What stands in texts in which a call may stand whose result can change its shape, or tells how much was asked.
Patterns that begin with a plain word are thirty times as fast as one that does not."""
CHAT = ("chat.completions.create", "ChatCompletion.create", "ChatCompletion.acreate")
OLD = ("functions", "function_call")
METHODS = frozenset({"acreate", "create", "parse", "stream"})
SHOWN = frozenset({"bool", "pformat", "pp", "pprint", "print", "repr", "str"})
LOGGED = frozenset({"critical", "debug", "error", "exception", "info", "log", "warning"})
DEPTH = 8
"""How often a part of a result is given another name, at most."""

SpanOf = Callable[[ast.expr], Span]
"""Gives the span of a node."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One use of a value.

    ``use``: ``read``, ``compare`` (with ``literal``, the whole comparison at ``around``), ``differ`` (``!=``), ``hold``
    (``literal in`` it), ``lack`` (``not in``), ``test`` (whether it is there), ``count`` (``len``), ``show`` (print,
    log, format), ``bind`` (to a name), ``loop`` (over its members), ``enter`` (``with``), ``put`` (into a list),
    ``collect`` (in a comprehension), ``pick`` (``next`` of it), ``give`` (to another function, a caller, a container).
    """

    span: Span
    """Of the value with the steps, or of the name alone."""
    steps: tuple[str, ...]
    """What is taken out of the value, step by step: ``.choices``, ``[0]``, ``["id"]``, ``()``; out of what a call of
    0.28 gives as it will be since 1.0: ``.id`` for ``["id"]``, ``.get("id")`` and ``"id" in …``."""
    use: str
    spans: tuple[Span, ...] = ()
    """From the value to the end of each step."""
    name: str | None = None
    """The name of the value that is looked at; None: the call itself."""
    literal: str | None = None
    around: Span | None = None
    inner: tuple[Look, ...] = ()
    """The uses of what it is bound to, looped over, collected in or picked as."""
    lost: bool = False
    """It is bound where its uses cannot all be seen."""
    tests: tuple[Span, ...] = ()
    """The conditions that hold where this stands."""
    formatted: bool = False
    """It stands in an f-string."""
    plain: bool = True
    """No step is written as ``getattr(value, "name")``."""
    beside: tuple[Span, ...] = ()
    """Other calls whose results have the same name where it is read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A message with the role ``function``, written out behind a call; ``named``: it has the function's name.
    ``shared``: the module has calls of chat without functions, too."""

    span: Span
    named: bool
    shared: bool


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The uses of what the call at ``call`` gives. ``alone``: its keywords whose value is a name used for nothing else.

    ``texts``: its keywords whose value is sure to be a text.
    """

    call: Span
    method: str
    """The names at the end of what is called: ``client.responses.create``; without those before a call."""
    looks: tuple[Look, ...]
    alone: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    replies: tuple[Reply, ...] = ()
    """The messages in the same function that answer a call of a function that this result holds."""

    @property
    def beside(self) -> frozenset[Span]:
        """Other calls whose results are read at the same places."""
        return frozenset(_beside(self.looks))


def _beside(looks: Sequence[Look]) -> Iterator[Span]:
    for look in looks:
        yield from look.beside
        yield from _beside(look.inner)


def may_be_in(code: str) -> bool:
    """Whether a call may stand in a file whose result can change its shape."""
    return any(pattern.search(code) for pattern in _CANDIDATES)


def results(tree: ast.Module, calls: Iterable[ast.Call], span_of: SpanOf) -> Iterator[Result]:
    """Yield the results of calls that ``may_change``, in a module; ``span_of`` gives that of a node."""
    follower = _Follower(tree, span_of)
    for call in calls:
        yield follower.result(call)


def may_change(call: ast.Call) -> bool:
    """Whether a call may be one whose result can change its shape."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in METHODS:
        return False
    if not _dotted(call.func).endswith(CHAT):
        return True
    return any(keyword.arg in OLD for keyword in call.keywords)


_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


@dataclass
class _Follower:
    """Knows the parents of all nodes of a module, and where names are read and bound."""

    tree: ast.Module
    span_of: SpanOf
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    names: dict[str, list[ast.Name]] = field(default_factory=dict)
    scopes: dict[ast.AST, _Scope] = field(default_factory=dict)
    """The scopes of nodes that were asked for."""
    declared: set[str] = field(default_factory=set)
    """Names that some function declares ``global`` or ``nonlocal``, deletes or catches an exception under."""
    legacy: bool = False
    """What is followed is a dictionary that will be an object."""

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
                    self.parents[child] = node
            if isinstance(node, ast.Name):
                self.names.setdefault(node.id, []).append(node)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                self.declared.update(node.names)
            elif isinstance(node, ast.ExceptHandler) and node.name is not None:
                self.declared.add(node.name)

    def result(self, call: ast.Call) -> Result:
        alone, texts = set(), set()
        for keyword in call.keywords:
            if keyword.arg is None:
                continue
            if isinstance(keyword.value, ast.Name) and self._is_alone(keyword.value):
                alone.add(keyword.arg)
            if self._is_text(keyword.value):
                texts.add(keyword.arg)
        self.legacy = _is_of_class(call.func)
        looks = tuple(self.follow(call, None, 0))
        replies = tuple(self._replies(call))
        return Result(self.span_of(call), _dotted(call.func), looks, frozenset(alone), frozenset(texts), replies)

    def _replies(self, call: ast.Call) -> Iterator[Reply]:
        """Yield the messages of functions between a call with functions and the next one."""
        if not any(keyword.arg == "functions" for keyword in call.keywords):
            return
        scope = self._scope(call)
        for node in self.parents:
            if isinstance(node, ast.Dict) and self._scope(node) is scope and _at(node) > _at(call):
                keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
                pairs = zip(node.keys, node.values, strict=True)
                said = [v.value for k, v in pairs if _is(k, "role") and isinstance(v, ast.Constant)]
                if said == ["function"] and self._caller(node, scope) is call:
                    yield Reply(self.span_of(node), "name" in keys, self._has_plain_chat())

    def _has_plain_chat(self) -> bool:
        """Whether the module calls chat without functions."""
        calls = [n for n in self.parents if isinstance(n, ast.Call) and _dotted(n.func).endswith(CHAT)]
        return any(not any(keyword.arg in OLD for keyword in call.keywords) for call in calls)

    def _caller(self, node: ast.Dict, scope: _Scope) -> ast.Call | None:
        """Return the last call with functions before a message."""
        calls = [
            n
            for n in self.parents
            if isinstance(n, ast.Call) and any(k.arg == "functions" for k in n.keywords) and self._scope(n) is scope
        ]
        return max((call for call in calls if _at(call) < _at(node)), key=_at, default=None)

    def _is_text(self, node: ast.expr, depth: int = 4) -> bool:
        """Whether an expression is sure to be a text, or a name for nothing else."""
        if not isinstance(node, ast.Name):
            return _is_text(node)
        scope = self._scope(node)
        if depth == 0 or node.id in self.declared or self._is_parameter(node.id, scope):
            return False
        stores = [n for n in self.names[node.id] if not isinstance(n.ctx, ast.Load) and self._scope(n) is scope]
        return bool(stores) and all(
            isinstance(given := self.parents[store], ast.Assign | ast.AnnAssign | ast.AugAssign)
            and store in (given.targets if isinstance(given, ast.Assign) else [given.target])
            and given.value is not None
            and (isinstance(given, ast.AugAssign) or self._is_text(given.value, depth - 1))
            for store in stores
        )

    def _is_alone(self, name: ast.Name) -> bool:
        """Whether a variable is read nowhere else."""
        return len([n for n in self.names[name.id] if isinstance(n.ctx, ast.Load)]) == 1

    # -- uses -------------------------------------------------------------------------------------------------------

    def follow(self, node: ast.expr, name: str | None, depth: int) -> Iterator[Look]:
        """Yield the uses of the value that stands at ``node``: a call, or the name that it has been given."""
        top, steps, spans = self._chain(node)
        parent = self.parents[top]
        look = Look(self.span_of(top), tuple(steps), "give", tuple(spans), name)
        plain = not any(isinstance(n, ast.Call) and _is_getattr(n, None) for n in self._between(node, top))
        look = replace(look, tests=tuple(self._tests(top)), formatted=self._is_formatted(top), plain=plain)
        match parent:
            case ast.Expr():
                if steps:
                    yield replace(look, use="read")
            case ast.Assign(targets=[ast.Name() as target]) if parent.value is top:
                yield self._bound(replace(look, use="bind"), target, parent, depth)
            case ast.NamedExpr(target=target) if parent.value is top:
                bound = self._bound(replace(look, use="bind"), target, parent, depth)
                again = () if bound.lost else tuple(self.follow(parent, target.id, depth + 1))
                yield replace(bound, inner=(*bound.inner, *again))
            case ast.withitem(optional_vars=ast.Name() as target):
                yield self._bound(replace(look, use="enter"), target, parent, depth)
            case ast.For() | ast.AsyncFor() if parent.iter is top and isinstance(parent.target, ast.Name):
                yield self._bound(replace(look, use="loop"), parent.target, parent, depth)
            case ast.comprehension(target=ast.Name() as target) if parent.iter is top:
                yield self._bound(replace(look, use="loop"), target, parent, depth)
            case ast.ListComp(elt=elt) | ast.GeneratorExp(elt=elt) if elt is top and depth < DEPTH:
                inner = tuple(self.follow(parent, None, depth + 1))
                yield replace(look, use="collect", inner=inner)
            case ast.Call(func=ast.Name(id="next" | "list")) if (
                isinstance(top, ast.GeneratorExp) and parent.args[0] is top
            ):
                use = "pick" if parent.func.id == "next" else "bind"  # type: ignore[attr-defined]
                default = parent.args[1:]
                if all(isinstance(value, ast.Constant) and value.value is None for value in default):
                    inner = tuple(self.follow(parent, None, depth + 1))
                    yield replace(look, use=use, inner=inner)
                else:
                    yield look
            case ast.Compare(left=ast.Constant(value=str() as key), ops=[ast.In() | ast.NotIn()]) if self.legacy:
                place = self.span_of(parent)
                yield replace(look, steps=(*steps, f".{key}"), spans=(*spans, place), use="test", around=place)
            case ast.Compare(left=ast.Constant(value=str() as word), ops=[ast.In() | ast.NotIn() as operator]):
                use = "hold" if isinstance(operator, ast.In) else "lack"
                yield replace(look, use=use, literal=word, around=self.span_of(parent))
            case ast.Compare(left=left, comparators=[other], ops=[operator]):
                yield self._compared(look, parent, other if left is top else left, operator)
            case ast.Call(func=ast.Name(id="next" | "anext" | "iter" | "aiter" as id), args=[given]) if given is top:
                inner = tuple(self.follow(parent, None, depth + 1)) if depth < DEPTH else ()
                yield replace(look, use="pick" if "next" in id else "bind", inner=inner, lost=depth >= DEPTH)
            case ast.Call(func=ast.Name(id="len")):
                yield replace(look, use="count")
            case ast.Call() if top in parent.args and _shows(parent):
                yield replace(look, use="show")
            case ast.Call(func=ast.Attribute(attr="append")) if parent.args == [top]:
                yield replace(look, use="put")
            case ast.List():
                yield replace(look, use="put")
            case ast.keyword() if isinstance(call := self.parents[parent], ast.Call) and _shows(call):
                yield replace(look, use="show")
            case ast.FormattedValue():
                yield replace(look, use="show")
            case ast.UnaryOp(op=ast.Not()):
                yield replace(look, use="test")
            case ast.comprehension() if top is not parent.iter:
                yield replace(look, use="test")
            case ast.If() | ast.While() | ast.IfExp() | ast.Assert() if parent.test is top:
                yield replace(look, use="test")
            case ast.BoolOp() if self._is_test(parent) or parent.values[-1] is not top:
                yield replace(look, use="test" if self._is_test(parent) else "give")
            case _:
                yield look

    def _chain(self, node: ast.expr) -> tuple[ast.expr, list[str], list[Span]]:
        """Return the whole of what is taken out of a value, the steps, and where each of them ends."""
        steps: list[str] = []
        spans: list[Span] = []
        while True:
            parent = self.parents[node]
            match parent:
                case ast.Await():
                    pass
                case ast.Attribute(attr=attr):
                    steps.append(f".{attr}")
                case ast.Subscript(slice=ast.Constant(value=str() as key)) if parent.value is node:
                    steps.append(f".{key}" if self.legacy else f'["{key}"]')
                case ast.Subscript(slice=ast.Constant(value=value)) if parent.value is node:
                    steps.append(f"[{value!r}]")
                case ast.Subscript(slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value))):
                    steps.append(f"[-{value!r}]")
                case ast.Call() if _is_getattr(parent, node):
                    steps.append(f".{parent.args[1].value}")  # type: ignore[attr-defined]
                case ast.Call(args=[ast.Constant(value=str() as key), *_]) if self.legacy and steps[-1:] == [".get"]:
                    steps[-1] = f".{key}"
                    spans.pop()
                case ast.Call() if parent.func is node:
                    steps.append("()" if not parent.args and not parent.keywords else "(…)")
                case _:
                    return node, steps, spans
            node = parent
            if len(spans) < len(steps):
                spans.append(self.span_of(node))

    def _between(self, node: ast.AST, top: ast.AST) -> Iterator[ast.AST]:
        """Yield what stands around a node, up to ``top``."""
        while node is not top:
            node = self.parents[node]
            yield node

    def _compared(self, look: Look, parent: ast.Compare, other: ast.expr, operator: ast.cmpop) -> Look:
        if isinstance(other, ast.Constant) and other.value is None:
            return replace(look, use="test", around=self.span_of(parent))
        if (
            isinstance(other, ast.Constant)
            and isinstance(other.value, str)
            and isinstance(operator, ast.Eq | ast.NotEq)
        ):
            use = "compare" if isinstance(operator, ast.Eq) else "differ"
            return replace(look, use=use, literal=other.value, around=self.span_of(parent))
        return replace(look, use="read")

    def _is_test(self, node: ast.AST) -> bool:
        """Whether a value is asked only whether it is there."""
        parent = self.parents[node]
        if isinstance(parent, ast.BoolOp) or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)):
            return self._is_test(parent)
        if isinstance(parent, ast.comprehension):
            return node is not parent.iter
        return isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert) and parent.test is node

    def _is_formatted(self, node: ast.AST) -> bool:
        while isinstance(node, ast.expr | ast.FormattedValue | ast.keyword | ast.comprehension):
            if isinstance(node, ast.JoinedStr):
                return True
            node = self.parents[node]
        return False

    def _tests(self, node: ast.AST) -> Iterator[Span]:
        """Yield the conditions that hold where a node stands: of the ``if`` around it, and before it in an ``and``."""
        while not isinstance(node, _SCOPES):
            parent = self.parents[node]
            tests: list[ast.expr] = []
            match parent:
                case ast.If(test=test, body=body) if node in body:
                    tests = [test]
                case ast.IfExp(test=test, body=body) if node is body:
                    tests = [test]
                case ast.BoolOp(op=ast.And(), values=values):
                    tests = values[: values.index(node)]  # type: ignore[arg-type]
                case ast.comprehension(ifs=ifs) if node in ifs:
                    tests = ifs[: ifs.index(node)]
                case ast.ListComp(generators=generators) | ast.GeneratorExp(generators=generators):
                    tests = [test for generator in generators for test in generator.ifs if node not in generators]
            yield from (self.span_of(each) for test in tests for each in _conjuncts(test))
            node = parent

    # -- names ------------------------------------------------------------------------------------------------------

    def _bound(self, look: Look, target: ast.Name, binding: ast.AST, depth: int) -> Look:
        reads = self._reads(target, binding) if depth < DEPTH else None
        if reads is None:
            return replace(look, lost=True)
        inner = tuple(each for name in sorted(reads, key=_at) for each in self.follow(name, name.id, depth + 1))
        others = {self.span_of(call) for name in reads for call in reads[name]}
        return replace(look, inner=inner, beside=tuple(sorted(others)))

    def _reads(self, target: ast.Name, binding: ast.AST) -> dict[ast.Name, list[ast.Call]] | None:
        """Return where the name that is bound here is read with this value, each with the other calls whose result may
        be read there; None: what may be read there, too, is no such call."""
        scope = self._scope(target)
        if isinstance(scope, ast.ClassDef) or target.id in self.declared:
            return None
        here = [name for name in self.names[target.id] if self._home(name, scope)]
        stores = [name for name in here if not isinstance(name.ctx, ast.Load)]
        loads = [name for name in here if isinstance(name.ctx, ast.Load)]
        if isinstance(binding, ast.comprehension):
            around = self.parents[binding]
            inside = [name for name in loads if self._within(name, around)]
            return {name: [] for name in inside if not self._within(name, binding.iter)}
        stores = [name for name in stores if not self._in_comprehension(name) and not self._is_none(name)]
        loads = [name for name in loads if not self._in_comprehension_of(name)]
        if len(stores) == 1:
            return {name: [] for name in loads} if not self._is_parameter(target.id, scope) else None
        found: dict[ast.Name, list[ast.Call]] = {}
        for load in loads:
            if self._scope(load) is not scope:
                return None  # when that is run nobody can tell
            reaching = self._reaching(load, stores, given=self._is_parameter(target.id, scope))
            if target in reaching:
                others = [self._same_call(other, target) for other in reaching if other is not target]
                if None in others:
                    return None
                found[load] = [call for call in others if call is not None]
        return found

    def _same_call(self, name: ast.Name | None, target: ast.Name) -> ast.Call | None:
        """Return the call whose result is bound to a name, if it is one of the same method as that of ``target``."""
        calls = [self._bound_call(each) for each in (name, target)]
        first, second = calls
        same = first is not None and second is not None and _dotted(first.func) == _dotted(second.func)
        return first if same else None

    def _bound_call(self, name: ast.Name | None) -> ast.Call | None:
        parent = self.parents.get(name) if name is not None else None
        if not isinstance(parent, ast.Assign) or parent.targets != [name]:
            return None
        value = parent.value.value if isinstance(parent.value, ast.Await) else parent.value
        return value if isinstance(value, ast.Call) and may_change(value) else None

    def _reaching(self, load: ast.Name, stores: Sequence[ast.Name], *, given: bool) -> list[ast.Name | None]:
        """Return the bindings of a name that a read may see; None for what the function was given."""
        before = [store for store in stores if _at(store) < _at(load)]
        sure = max((store for store in before if self._covers(store, load)), key=_at, default=None)
        reaching: list[ast.Name | None] = [store for store in before if sure is None or _at(store) >= _at(sure)]
        loops = [above for above in self._up(load) if isinstance(above, ast.For | ast.AsyncFor | ast.While)]
        for loop in loops:
            if self._scope(loop) is self._scope(load) and (sure is None or not self._within(sure, loop)):
                reaching += [store for store in stores if store not in reaching and self._within(store, loop)]
        return [*reaching, None] if given and sure is None else reaching

    def _covers(self, store: ast.Name, load: ast.Name) -> bool:
        """Whether a binding is always made before a read that stands behind it."""
        statement = self._statement(store)
        if isinstance(statement, ast.For | ast.AsyncFor | ast.With | ast.AsyncWith):
            return self._within(load, statement) and self._arm(load, statement) == "body"
        block = self.parents[statement]
        return self._within(load, block) and self._arm(load, block) == self._arm(statement, block)

    def _arm(self, node: ast.AST, block: ast.AST) -> str | None:
        """Return in which of a statement's bodies a node stands."""
        child = node
        for above in self._up(node):
            if above is block:
                return next((n for n, v in ast.iter_fields(block) if isinstance(v, list) and child in v), None)
            child = above
        return None

    def _up(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self.parents:
            node = self.parents[node]
            yield node

    def _scope(self, node: ast.AST) -> _Scope:
        if node not in self.scopes:
            self.scopes[node] = next((above for above in self._up(node) if isinstance(above, _SCOPES)), self.tree)
        return self.scopes[node]

    def _home(self, name: ast.Name, scope: _Scope) -> bool:
        """Whether a name that stands somewhere is that of ``scope``."""
        own = self._scope(name)
        while own is not scope:
            if isinstance(own, ast.Module) or self._binds(own, name.id):
                return False
            own = self._scope(own)
        return True

    def _binds(self, scope: _Scope, id: str) -> bool:
        stored = any(not isinstance(n.ctx, ast.Load) and self._scope(n) is scope for n in self.names[id])
        return stored or self._is_parameter(id, scope)

    def _is_parameter(self, id: str, scope: _Scope) -> bool:
        if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        args = scope.args
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        return any(arg is not None and arg.arg == id for arg in every)

    def _within(self, node: ast.AST, around: ast.AST) -> bool:
        return node is around or any(above is around for above in self._up(node))

    def _in_comprehension(self, name: ast.Name) -> bool:
        return isinstance(self.parents[name], ast.comprehension)

    def _in_comprehension_of(self, name: ast.Name) -> bool:
        """Whether a comprehension around a read binds the same name."""
        for above in self._up(name):
            if isinstance(above, _COMPREHENSIONS) and any(
                isinstance(g.target, ast.Name) and g.target.id == name.id and not self._within(name, g.iter)
                for g in above.generators
            ):
                return True
        return False

    def _is_none(self, name: ast.Name) -> bool:
        """Whether a name is bound to ``None``: what reads it then would fail before and after."""
        parent = self.parents[name]
        value = parent.value if isinstance(parent, ast.Assign | ast.AnnAssign) else name
        return isinstance(value, ast.Constant) and value.value is None

    def _statement(self, node: ast.AST) -> ast.AST:
        return next((above for above in (node, *self._up(node)) if isinstance(above, ast.stmt)), node)


def _is_of_class(method: ast.expr) -> bool:
    """Whether a method is one of a class, ``openai.Completion.create``: so it was before 1.0."""
    return _dotted(method).rpartition(".")[0].rpartition(".")[2][:1].isupper()


def _is_getattr(call: ast.Call, of: ast.expr | None) -> bool:
    """Whether a call is ``getattr(of, "name")``, perhaps with a default; None: of whatever."""
    match call:
        case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str()), *_]):
            return of is None or value is of
    return False


def _conjuncts(test: ast.expr) -> Iterator[ast.expr]:
    """Yield what must hold for a test to hold."""
    yield test
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for value in test.values:
            yield from _conjuncts(value)


def _dotted(node: ast.expr) -> str:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.append(node.id)
    return ".".join(reversed(names))


def _is(node: ast.expr | None, word: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == word


def _at(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _shows(call: ast.Call) -> bool:
    """Whether a call only shows what it is given, or asks what it is."""
    match call.func:
        case ast.Name(id=name):
            return name in SHOWN
        case ast.Attribute(value=ast.Name(id=base), attr=name):
            return name in SHOWN or (name in LOGGED and ("log" in base.lower() or base in ("st", "console", "print")))
    return False


def _is_text(node: ast.expr) -> bool:
    """Whether an expression is sure to be a text."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_text(left) or _is_text(right)
        case ast.BinOp(op=ast.Mod(), left=left):
            return _is_text(left)
        case ast.Call(func=ast.Name(id="str" | "input" | "repr")):
            return True
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "strip" | "read_text" | "dumps" | "render")):
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return _is_text(body) and _is_text(orelse)
    return False
