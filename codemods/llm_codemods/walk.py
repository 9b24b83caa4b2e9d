"""One walk over a module's ``ast``, the standard library's: what it says becomes facts.

What changes a container is read as giving its name a new value: after ``options["model"] = name`` the name ``options``
is what it was, or ``{"model": name}``.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from llm_codemods import openai_api, responses, results, syntax
from llm_codemods.edits import Span
from llm_codemods.facts import (
    ARMS,
    Access,
    Binding,
    ClassFact,
    Code,
    Facts,
    FunctionFact,
    ImportFact,
    ParameterFact,
    Put,
    Scope,
    Skip,
    Store,
    Text,
    Use,
    Write,
)
from llm_codemods.lines import NEWLINE, Lines
from llm_codemods.sought import NOTHING, Sought
from llm_codemods.source import Source
from llm_codemods.telling import is_telling, names_speaker, telling
from llm_codemods.terms import (
    OPAQUE,
    Argument,
    Assigned,
    Attr,
    Branch,
    Call,
    ClassTerm,
    Either,
    Element,
    Entered,
    Entries,
    FunctionTerm,
    Imported,
    Item,
    Items,
    Joined,
    Literal,
    Name,
    Parameter,
    Term,
    Typed,
    entries_of,
    last_name,
)
from llm_codemods.vocabulary import ABOUT_MODELS, URL

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
VERSION = re.compile(r"version|v[01]", re.IGNORECASE)
"""What a test has in it that asks which version there is."""
CHANGES = frozenset({"_replace", "evolve", "model_copy", "replace"})
"""Functions and methods that give a copy of a thing with other values of the attributes that they are told."""
COMPARES = frozenset({"endswith", "removeprefix", "startswith"})
"""Methods of texts that compare them with their argument."""
METHODS = openai_api.method_names()
LOOKED = responses.PARTS | responses.LEGACY_ONLY
"""Attributes that a look at a response may end in."""
FAILURES = openai_api.exceptions(0).keys() | responses.LEGACY_FAILURE
"""Attributes that may be errors of 0.28, or of what such an error tells."""
_FORMER = re.compile(r"(?:Completion|Embedding|Moderation|Image|Edit)\.a?create")
LONGEST = 300
"""Longer strings are texts, not names."""
Role = tuple[str, "str | None"]
"""See ``Text``: its ``role`` and ``of``."""
OTHER: Role = ("other", None)
CALLEE: Role = ("callee", None)
BASE: Role = ("base", None)
CHAIN: Role = ("chain", None)
"""Of what is part of an access that is recorded as a whole."""
Arm = TypeVar("Arm")


def read(source: Source, lines: Sequence[int] | None = None, sought: Sought = NOTHING) -> Facts:
    """Read one file.

    Args:
        source: the file.
        lines: the lines that matter, sorted; bodies of functions without any of them are not read. None: all do.
        sought: further words that make a string one that the rules may want to see.

    Raises:
        SyntaxError: the running interpreter cannot parse it (its ``code``, for a notebook).
        ValueError: the text holds NUL bytes; RecursionError: nested too deeply.
    """
    return _Reader(source, lines, sought).facts


class _Reader:
    """One walk over a module; collects facts. ``scope`` and ``branch`` say where the walk is."""

    def __init__(self, source: Source, wanted: Sequence[int] | None, sought: Sought) -> None:
        self.may_matter = telling(sought)
        self.code = source.code
        self.lines = Lines(self.code)
        self.offset = self.lines.offset
        self.wanted = wanted
        self.facts = Facts(source.path)
        self.mentioned = self.facts.mentioned
        self.scope = 0
        self.branch: Branch = ()
        self.branched = 0
        """How many statements with arms there were."""
        self.tried = False
        self.former = _FORMER.search(self.code) is not None
        """There may be calls of 0.28."""
        self.tests: list[ast.expr] = []
        """What has been tested where the walk is: it stands in an arm, or the others have left."""
        self.caught = False
        """Whether a failure of what is read would be caught, inside of the innermost loop."""
        self.loops: list[ast.For | ast.AsyncFor] = []
        self.filters: list[tuple[str, Comprehension]] = []
        """The variables of the comprehensions around."""
        self.changing: list[ast.Call] = []
        """Calls whose result can change its shape."""
        self.spread: set[str] = set()
        """The names of dictionaries that are spread into calls."""
        self.elsewhere: dict[tuple[int, str], int] = {}
        """(scope, name) declared ``global`` or ``nonlocal`` -> the scope where it is bound."""
        tree = ast.parse(self.code)
        self.facts.scopes.append(Scope("module", None, None))
        self.block(tree.body)
        self.facts.alone.update(name for name in self.spread if _stands_twice(name, self.code))
        if self.changing and results.may_be_in(self.code):
            self.facts.results.extend(results.results(tree, self.changing, self.span))
        if source.cells:
            self.shell(source.text)

    def shell(self, text: str) -> None:
        """Note the URLs in what a notebook hands to a shell; the code that Python sees has such lines masked."""
        for found in URL.finditer(text) if "openai." in text else ():
            start, end = text.rfind("\n", 0, found.start()) + 1, found.start()
            span = Span(end, found.end())
            read = any(t.literal.span.start <= end < t.literal.span.end for t in self.facts.texts)
            if self.code[start:end] != text[start:end] and not read:
                self.facts.texts.append(Text(Literal(found[0], span, plain=False), "shell", None, 0))

    # -- places ---------------------------------------------------------------------------------------------------

    def span(self, node: ast.expr | ast.stmt) -> Span:
        offset = self.offset
        return Span(
            offset(node.lineno, node.col_offset),
            offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )

    def start(self, node: ast.expr | ast.stmt | ast.pattern | ast.ExceptHandler) -> int:
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def open(self, kind: str, owner: int | None) -> int:
        self.facts.scopes.append(Scope(kind, self.scope, owner))
        return len(self.facts.scopes) - 1

    @property
    def function(self) -> FunctionFact | None:
        """The function whose code this is."""
        return self.facts.function_of(self.scope)

    def inside(self, scope: int, read: Callable[[], None], branch: Branch = ()) -> None:
        """Call ``read`` with the walk in another scope."""
        outer = self.scope, self.branch
        self.scope, self.branch = scope, branch
        read()
        self.scope, self.branch = outer

    def apart(self, arms: Iterable[Arm]) -> Iterator[Arm]:
        """Yield alternatives: what is bound while one is read, the others do not see."""
        outer, node = self.branch, self.branched
        self.branched += 1
        for i, arm in enumerate(arms):
            self.branch = (*outer, node * ARMS + min(i, ARMS - 1))
            yield arm
        self.branch = outer

    # -- statements -----------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt]) -> None:
        tested = len(self.tests)
        for statement in body:
            _STATEMENTS.get(type(statement), _Reader.others)(self, statement)
        del self.tests[tested:]

    def others(self, node: ast.AST) -> None:
        """Read ``raise``, ``del`` and whatever a newer Python brings."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expr(child)
            elif isinstance(child, ast.stmt):
                self.block([child])
            elif isinstance(child, ast.ExceptHandler):
                self.others(child)

    def expression(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.expr(node.value)

    def declared_global(self, node: ast.Global) -> None:
        self.elsewhere.update(((self.scope, name), 0) for name in node.names)

    def declared_nonlocal(self, node: ast.Nonlocal) -> None:
        outer = self.facts.scopes[self.scope].parent
        self.elsewhere.update(((self.scope, name), self.home(name, outer) or 0) for name in node.names)

    def assignment(self, node: ast.Assign) -> None:
        value = self.expr(node.value, _role_of(node.targets[0]))
        for target in node.targets:
            self.assign(target, value, self.end(node), node)

    def annotated(self, node: ast.AnnAssign) -> None:
        annotation = self.annotation(node.annotation)
        value = self.expr(node.value, _role_of(node.target)) if node.value is not None else None
        term = Typed(annotation, value) if annotation is not None else value
        if term is not None:
            self.assign(node.target, term, self.end(node), node)

    def augmented(self, node: ast.AugAssign) -> None:
        value = self.expr(node.value)
        base = self.expr(node.target)
        self.facts.added.update((syntax.named(node.target) or "").split())
        if isinstance(node.op, ast.BitOr) or isinstance(value, Items):
            self.change(node.target, base, value, self.end(node))

    def returned(self, node: ast.Return) -> None:
        if node.value is not None:
            term = self.expr(node.value, ("return", None))
            if (function := self.function) is not None:
                function.returns.append(term)

    def condition(self, node: ast.If | ast.While) -> None:
        self.test(node.test)
        for body in self.apart((node.body, node.orelse)):
            if body is node.body:
                self.narrow(node.test)
            self.tests.append(node.test)
            self.block(body)
            self.tests.pop()
        if isinstance(node.body[-1], ast.Continue | ast.Return | ast.Break | ast.Raise):
            self.tests.append(node.test)

    def test(self, node: ast.expr) -> None:
        """Read a test; that it asks for something is no use of it."""
        self.facts.tested.update(
            (self.scope, asked.id) if isinstance(asked, ast.Name) else (None, asked) for asked in syntax.asked(node)
        )
        self.tests.append(node)
        self.expr(node)
        self.tests.pop()

    def asserted(self, node: ast.Assert) -> None:
        self.test(node.test)
        self.narrow(node.test)
        self.tests.append(node.test)

    def narrow(self, test: ast.expr) -> None:
        """Bind the names that ``isinstance`` says more about."""
        match test:
            case ast.BoolOp(op=ast.And()):
                for value in test.values:
                    self.narrow(value)
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name() as name, kind]):
                if self.home(name.id, self.scope) == self.scope:
                    self.bind(name.id, Typed(self.expr(kind), self.expr(name)), self.end(test))

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        base = self.expr(node.iter)
        self.assign(node.target, Element(base), self.end(node.iter))
        outer, self.caught = self.caught, False
        self.loops.append(node)
        for body in self.apart((node.body, node.orelse)):
            self.block(body)
        self.loops.pop()
        self.caught = outer

    def context(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.expr(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, Entered(value), self.end(item.optional_vars))
        self.block(node.body)

    def attempt(self, node: ast.Try) -> None:
        caught: dict[ast.ExceptHandler, list[Term]] = {}
        for handler in node.handlers:
            kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            uses = [Use(self.expr(kind), self.span(kind)) for kind in kinds if kind is not None]
            self.facts.handlers.extend(uses)
            caught[handler] = [use.term for use in uses]
        # The body comes first and may have run in part before a handler does: only handlers exclude each other, and an
        # assignment that is all of the body, which has bound nothing where it fails.
        arms: Iterator[ast.Try | ast.ExceptHandler]
        if len(node.body) == 1 and syntax.binds_names(node.body[0]):
            arms = self.apart((node, *node.handlers))
        else:
            arms = chain(self.apart((node,)), self.apart(node.handlers))
        for arm in arms:
            if isinstance(arm, ast.Try):
                outer = self.caught, self.tried
                self.caught = self.caught or any(map(syntax.catches, node.handlers))
                self.tried = self.tried or bool(node.handlers)
                alone = len(node.body) == 1 and any(map(syntax.catches, node.handlers))
                if alone or any(h.type is not None and syntax.catches(h, syntax.LOOKUPS) for h in node.handlers):
                    self.facts.lookups.append(Span(self.start(node.body[0]), self.end(node.body[-1])))
                self.block(arm.body)
                self.caught, self.tried = outer
                continue
            if arm.name is not None:
                kind = Typed(Either(tuple(caught[arm])))
                self.bind(arm.name, kind, self.start(arm))
            self.block(arm.body)
        self.block(node.orelse)
        self.block(node.finalbody)

    def matching(self, node: ast.Match) -> None:
        subject = self.expr(node.subject)
        self.compare(node.subject, subject, self.cases(node), node.subject)
        for case in self.apart(node.cases):
            self.pattern(case.pattern, subject)
            if case.guard is not None:
                self.expr(case.guard)
            self.block(case.body)

    def pattern(self, node: ast.pattern, subject: Term) -> Term:
        """Bind what a pattern captures; return what is known of the subject once it has matched."""
        at = self.start(node)
        match node:
            case ast.MatchAs() | ast.MatchStar():
                inner = node.pattern if isinstance(node, ast.MatchAs) else None
                subject = self.pattern(inner, subject) if inner is not None else subject
                if node.name is not None:
                    self.bind(node.name, subject, at)
            case ast.MatchClass():
                subject = Typed(self.expr(node.cls), subject)
                for inner in node.patterns:
                    self.pattern(inner, OPAQUE)
                for name, inner in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
                    self.pattern(inner, Attr(subject, name))
            case ast.MatchSequence():
                for i, inner in enumerate(node.patterns):
                    self.pattern(inner, Element(subject, i))
            case ast.MatchMapping():
                for key, inner in zip(node.keys, node.patterns, strict=True):
                    self.pattern(inner, Item(subject, self.expr(key, ("compare", None)), self.span(key)))
            case ast.MatchOr():
                for inner in node.patterns:
                    self.pattern(inner, subject)
            case ast.MatchValue():
                value = self.expr(node.value, ("compare", None))
                if _tells(value):
                    sides = Items((subject, value), self.span(node.value))
                    self.facts.comparisons.append(Use(sides, sides.span))
        return subject

    def cases(self, node: ast.Match) -> tuple[Literal, ...]:
        """Return the texts that a ``match`` compares with."""
        values = (p.value for case in node.cases for p in ast.walk(case.pattern) if isinstance(p, ast.MatchValue))
        texts = (v for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str))
        return tuple(Literal(str(v.value), self.span(v)) for v in texts)

    def importing(self, node: ast.Import) -> None:
        span = self.span(node)
        for alias in node.names:
            bound = alias.asname or alias.name
            self.facts.imports.append(ImportFact(alias.name, 0, (), bound, span, (), self.scope, self.is_tried()))
            module = alias.name if alias.asname else alias.name.partition(".")[0]
            self.bind(alias.asname or module, Imported(module, None, 0), span.end)

    def importing_from(self, node: ast.ImportFrom) -> None:
        span = self.span(node)
        module = node.module or ""
        names = tuple(alias.name for alias in node.names)
        bound = tuple(alias.asname or alias.name for alias in node.names)
        self.facts.imports.append(ImportFact(module, node.level, names, None, span, bound, self.scope, self.is_tried()))
        for alias in node.names:
            if alias.name == "*":
                self.facts.scopes[self.scope].stars.append(Imported(module, None, node.level))
            else:
                self.bind(alias.asname or alias.name, Imported(module, alias.name, node.level), span.end)

    def is_tried(self) -> bool:
        """Whether what is read is for some versions only of what is imported."""
        return self.tried or any(VERSION.search(ast.unparse(test)) for test in self.tests)

    # -- definitions ----------------------------------------------------------------------------------------------

    def definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        here = self.facts.scopes[self.scope]
        owner = here.owner if here.kind == "class" else None
        decorators = tuple(self.expr(d) for d in node.decorator_list)
        index = self.declare(node.name, node.args, decorators, self.annotation(node.returns), owner)
        self.bind(node.name, FunctionTerm(index), self.start(node))
        if owner is not None:
            self.facts.classes[owner].methods[node.name] = index
        if self.matters(node):
            outer = self.caught, self.loops
            self.caught, self.loops = False, []
            self.inside(self.facts.functions[index].scope, lambda: self.block(node.body))
            self.caught, self.loops = outer

    def matters(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        if self.wanted is None:
            return True
        place = bisect_left(self.wanted, node.lineno)
        return place < len(self.wanted) and self.wanted[place] <= (node.end_lineno or node.lineno)

    def declare(
        self,
        name: str,
        args: ast.arguments,
        decorators: tuple[Term, ...] = (),
        annotation: Term | None = None,
        owner: int | None = None,
    ) -> int:
        """Declare a function and bind its parameters; return its index."""
        index = len(self.facts.functions)
        scope = self.open("function", index)
        self.facts.functions.append(FunctionFact(name, scope, owner, (), decorators, annotation))
        names = self.facts.scopes[scope].names
        declared: list[ParameterFact] = []
        for arg, kind, default in syntax.parameters(args):
            value = self.expr(default, ("default", arg.arg)) if default is not None else None
            declared.append(ParameterFact(arg.arg, kind, self.annotation(arg.annotation), value))
            names[arg.arg] = [Binding(Parameter(index, arg.arg), 0, ())]
        fact = FunctionFact(name, scope, owner, tuple(declared), decorators, annotation)
        self.facts.functions[index] = fact
        return index

    def klass(self, node: ast.ClassDef) -> None:
        bases = tuple(self.expr(base) for base in node.bases)
        for other in (*node.decorator_list, *(keyword.value for keyword in node.keywords)):
            self.expr(other)
        index = len(self.facts.classes)
        scope = self.open("class", index)
        end = self.end(node.bases[-1]) if node.bases else self.start(node)
        self.facts.classes.append(ClassFact(node.name, scope, bases, Span(self.start(node), end)))
        self.bind(node.name, ClassTerm(index), self.start(node))
        self.inside(scope, lambda: self.block(node.body))

    # -- targets --------------------------------------------------------------------------------------------------

    def home(self, name: str, scope: int | None) -> int | None:
        """Return the scope, from ``scope`` outwards, in which a name is bound so far."""
        first = scope
        while scope is not None:
            known = self.facts.scopes[scope]
            if name in known.names and (known.kind != "class" or scope == first):
                return scope
            scope = known.parent
        return None

    def bind(self, name: str, value: Term, at: int, scope: int | None = None) -> None:
        if scope is None:
            scope = self.elsewhere.get((self.scope, name), self.scope)
        self.facts.scopes[scope].names.setdefault(name, []).append(Binding(value, at, self.branch))

    def assign(
        self, target: ast.expr, value: Term, at: int, statement: ast.Assign | ast.AnnAssign | None = None
    ) -> None:
        """Give a target its value from offset ``at`` on."""
        match target:
            case ast.Name():
                self.bind(target.id, value, at)
            case ast.Attribute():
                base = self.expr(target.value, BASE)
                if self.receiver(target.value) is None and statement is not None and statement.value is not None:
                    spans = self.span(target), self.span(statement.value), self.span(statement)
                    self.facts.stores.append(Store(base, target.attr, value, *spans, self.scope))
                else:
                    self.store(target.value, base, target.attr, value, at)
            case ast.Tuple() | ast.List():
                for i, inner in enumerate(target.elts):
                    known = isinstance(value, Items) and i < len(value.values)
                    self.assign(inner, value.values[i] if known else Element(value, i), at)  # type: ignore[union-attr]
            case ast.Starred():
                self.assign(target.value, value, at)
            case ast.Subscript():
                self.put(target, value, at, statement)

    @property
    def is_always(self) -> bool:
        """Whether what is read is run on import, whatever is asked before."""
        return self.scope == 0 and not self.branch

    def store(self, owner: ast.expr, base: Term, name: str, value: Term, at: int) -> None:
        """Set the attribute ``name`` of ``base``, which is read from the node ``owner``."""
        cls = self.receiver(owner)
        if cls is not None:
            self.facts.classes[cls].attributes.setdefault(name, []).append(Binding(value, at, self.branch))
        else:
            self.facts.puts.append(Put(base, name, value, item=False))

    def put(self, target: ast.Subscript, value: Term, at: int, statement: ast.Assign | ast.AnnAssign | None) -> None:
        """Read ``base[key] = value``."""
        item = self.part(target)
        if isinstance(item, Items):
            self.change(target.value, item, Items((Element(value),), item.span), at)
            return
        if isinstance(item.key, Literal) and isinstance(item.key.value, str):
            if syntax.is_environment(target.value):
                self.facts.writes.append(Write(item.key, value, Span(self.start(target), at), self.is_always))
                return
            self.facts.puts.append(Put(item.base, item.key.value, value, item=True))
        put = self.assigned(target, statement) if isinstance(item.key, Literal) else None
        self.change(target.value, item.base, Entries(((item.key, value),), item.span, put, written=False), at)

    def assigned(self, target: ast.Subscript, statement: ast.Assign | ast.AnnAssign | None) -> Assigned | None:
        """Return where the parts of ``base[key] = value`` are, if no more stands in its lines."""
        if (
            statement is None
            or statement.value is None
            or (isinstance(statement, ast.Assign) and statement.targets[1:])
        ):
            return None
        span = self.span(statement)
        before = self.code[self.lines.starts[statement.lineno - 1] : span.start]
        following = NEWLINE.search(self.code, span.end)
        after = self.code[span.end : following.start() if following else len(self.code)].strip()
        if before.strip() or (after and not after.startswith("#")):
            return None
        return Assigned(span, self.span(target.slice), self.span(statement.value))

    def change(self, node: ast.expr, base: Term, more: Term, at: int) -> None:
        """Let what ``node`` names (``base``, once read) be also ``more`` from offset ``at`` on."""
        if isinstance(node, ast.Name):
            home = self.home(node.id, self.scope)
            if home is not None:
                before = base if home == self.scope else Name(node.id, home, at, self.branch)
                self.bind(node.id, Either((before, more)), at, home)
        elif isinstance(node, ast.Attribute) and isinstance(base, Attr):
            self.store(node.value, base.base, node.attr, more, at)

    def receiver(self, node: ast.expr) -> int | None:
        """Return the class whose ``self`` (or ``cls``, or the class itself) ``node`` is."""
        function = self.function
        if not isinstance(node, ast.Name) or function is None or function.owner is None:
            return None
        first = next(iter(function.parameters), None)
        own = (first is not None and first.name == node.id) or self.facts.classes[function.owner].name == node.id
        return function.owner if own else None

    # -- expressions ----------------------------------------------------------------------------------------------

    def annotation(self, node: ast.expr | None) -> Term | None:
        """Read an annotation; what is written as a string in it is read, too."""
        if node is None:
            return None
        outer, self.mentioned = self.mentioned, set()
        term = self.type_of(node)
        self.mentioned = outer
        return term

    def type_of(self, node: ast.expr) -> Term:
        match node:
            case ast.Name():
                return self.expr(node)
            case ast.Constant(value=str() as text):
                try:
                    inner = ast.parse(text, mode="eval").body
                except (SyntaxError, ValueError):
                    return self.expr(node)
                for child in ast.walk(inner):
                    ast.copy_location(child, node)
                return self.expr(inner)
            case ast.Subscript(value=ast.Name(id="Literal") | ast.Attribute(attr="Literal")):
                return self.expr(node)
            case ast.Subscript():
                base = self.expr(node.value)
                return Item(base, self.type_of(node.slice), self.span(node))
            case ast.Tuple():
                return Items(tuple(self.type_of(inner) for inner in node.elts), self.span(node))
            case ast.BinOp(op=ast.BitOr()):
                return Either((self.type_of(node.left), self.type_of(node.right)))
        return self.expr(node)

    def expr(self, node: ast.expr, role: Role = OTHER) -> Term:
        """Turn an expression into a term, recording calls, references and texts on the way."""
        return _EXPRESSIONS.get(type(node), _Reader.opaque)(self, node, role)

    def opaque(self, node: ast.expr, _role: Role = OTHER) -> Term:
        self.others(node)
        return OPAQUE

    def name(self, node: ast.Name, role: Role) -> Name:
        if role is not CALLEE and role is not BASE:
            self.mentioned.add(node.id)
        return Name(node.id, self.scope, self.offset(node.lineno, node.col_offset), self.branch)

    def attribute(self, node: ast.Attribute, role: Role) -> Attr:
        looked = node.attr in LOOKED and syntax.looks(node)
        term = Attr(self.expr(node.value, CHAIN if looked else BASE), node.attr)
        if looked and role is not CHAIN:
            self.access(node, term)
        if isinstance(node.ctx, ast.Load):
            if role is not CALLEE and role is not BASE:
                self.mentioned.add(node.attr)
            if role is not CALLEE and node.attr in METHODS:
                self.facts.references.append(Use(term, self.span(node), opened=role is BASE or role is CHAIN))
            if node.attr in FAILURES:
                self.facts.failures.append(Use(term, self.span(node)))
        if node.attr == "completions" and role not in (CALLEE, BASE, CHAIN):
            self.facts.completions.append(Use(term, self.span(node)))
        return term

    def awaited(self, node: ast.Await, role: Role) -> Term:
        if isinstance(node.value, ast.Call):
            self.facts.awaited.add(self.span(node.value))
        return self.expr(node.value, role)

    def logical(self, node: ast.BoolOp, role: Role) -> Either:
        tested = len(self.tests)
        options = []
        for value in node.values:
            options.append(self.expr(value, role))
            self.tests.append(value)
        del self.tests[tested:]
        return Either(tuple(options), fallback=isinstance(node.op, ast.Or))

    def ternary(self, node: ast.IfExp, role: Role) -> Either:
        self.test(node.test)
        self.tests.append(node.test)
        body, other = self.expr(node.body, role), self.expr(node.orelse, role)
        self.tests.pop()
        tested, there = syntax.tested(node.test)
        kept = node.body if there else node.orelse
        options = (body, other) if there else (other, body)
        return Either(options, fallback=tested is not None and syntax.is_same(tested, kept))

    def operation(self, node: ast.BinOp, role: Role) -> Term:
        begins = isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant)
        left, right = self.expr(node.left, ("formatted", role[1]) if begins else OTHER), self.expr(node.right)
        match node.op:
            case ast.BitOr():
                return Either((left, right))
            case ast.Add() if isinstance(left, Items) or isinstance(right, Items):
                return Items((Element(left), Element(right)), self.span(node))
            case ast.Add() if not (_is_number(left) or _is_number(right)):
                return Joined((left, right), self.span(node))
            case ast.Mod() if isinstance(left, Literal) and _is_prefix(left.value):
                prefix = Literal(str(left.value).removesuffix("%s"), left.span, left.plain)
                single = right.values[0] if isinstance(right, Items) and len(right.values) == 1 else right
                return OPAQUE if isinstance(single, Items) else Joined((prefix, single), self.span(node))
        return OPAQUE

    def walrus(self, node: ast.NamedExpr, _role: Role) -> Term:
        value = self.expr(node.value, _role_of(node.target))
        scope = self.scope
        while self.facts.scopes[scope].kind == "comprehension":
            scope = self.facts.scopes[scope].parent or 0
        self.bind(node.target.id, value, self.end(node), self.elsewhere.get((scope, node.target.id), scope))
        return value

    def part(self, node: ast.Subscript, role: Role = OTHER) -> Item | Items:
        if isinstance(node.slice, ast.Slice):
            base = self.expr(node.value)
            size = syntax.size_of(node.slice)
            if size is None and not (self.loops and syntax.is_between(node.slice)):
                self.others(node.slice)
                return Items((Element(base),), self.span(node))
            start = self.expr(node.slice.lower) if node.slice.lower is not None else None
            if size is None and node.slice.upper is not None:
                self.expr(node.slice.upper)
            most = self.expr(size) if size is not None else OPAQUE
            return Items((Element(base),), self.span(node), most=most, start=start)
        looked = isinstance(node.slice, ast.Constant | ast.UnaryOp) and syntax.looks(node)
        base = self.expr(node.value, CHAIN if looked else OTHER)
        inner = "environment" if syntax.is_environment(node.value) else "item"
        term = Item(base, self.expr(node.slice, (inner, None)), self.span(node))
        if looked and role is not CHAIN and not isinstance(node.ctx, ast.Del):
            self.access(node, term)
        if self.former and isinstance(node.slice, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            self.facts.subscripts.append(Use(term, self.span(node)))
        return term

    def access(
        self, node: ast.expr, term: Term, against: tuple[Literal, ...] = (), comparison: Span | None = None
    ) -> None:
        """Record a look at what may be a response."""
        looked = syntax.doubtful(node)
        guarded = self.caught or any(syntax.mentions(test, looked) for test in self.tests)
        root = syntax.root(node)
        typed = root is not None and ("dict" in root or any(syntax.asks_type(test, root) for test in self.tests))
        first, statement = self.loop_of(node, root)
        skip = None if guarded or against else self.skip(node)
        span = self.span(node)
        self.facts.accesses.append(
            Access(term, span, self.scope, guarded, typed, against, first, statement, skip, comparison)
        )

    def skip(self, node: ast.expr) -> Skip | None:
        """Return how to leave out the element of a loop whose ``choices`` are taken here."""
        name = syntax.holder(node)
        for bound, comprehension in reversed(self.filters):
            if bound == name:
                read = any(syntax.reads_usage(inner, name) for inner in ast.walk(comprehension))
                return Skip(name, self.span(comprehension), filters=True, usage=read)
        for loop in reversed(self.loops):
            names = loop.target.elts if isinstance(loop.target, ast.Tuple) else (loop.target,)
            if name is not None and any(isinstance(n, ast.Name) and n.id == name for n in names):
                rest = [s for s in loop.body if (s.end_lineno or s.lineno) >= node.lineno]
                span = self.span(rest[0])
                alone = not self.code[self.code.rfind("\n", 0, span.start) + 1 : span.start].strip()
                read = any(syntax.reads_usage(inner, name) for statement in rest for inner in ast.walk(statement))
                fits = alone and not isinstance(rest[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
                return Skip(name, span, filters=False, usage=read) if fits else None
        return None

    def loop_of(self, node: ast.expr, root: str | None) -> tuple[Span | None, Span | None]:
        """Return where the body of the loop begins over whose elements a look goes, and its statement with the look."""
        for loop in reversed(self.loops):
            names = loop.target.elts if isinstance(loop.target, ast.Tuple) else (loop.target,)
            if any(isinstance(name, ast.Name) and name.id == root for name in names):
                inside = (s for s in loop.body if s.lineno <= node.lineno <= (s.end_lineno or s.lineno))
                statement = next(inside, None)
                return self.span(loop.body[0]), self.span(statement) if statement is not None else None
        return None, None

    def sequence(self, node: ast.List | ast.Tuple | ast.Set, role: Role) -> Items:
        inner = role if role[0] == "compare" else ("item", role[1])
        items = Items(tuple(self.expr(value, inner) for value in node.elts), self.span(node))
        kept = isinstance(node, ast.List) or (isinstance(node, ast.Tuple) and role[1] is not None)
        if kept and role[0] != "compare" and len(items.values) > 1 and any(map(_tells, items.values)):
            self.facts.lists.append(items)
        return items

    def starred(self, node: ast.Starred, role: Role) -> Element:
        return Element(self.expr(node.value, role))

    def mapping(self, node: ast.Dict, role: Role) -> Entries:
        items: list[tuple[Term | None, Term]] = []
        message = any(isinstance(key, ast.Constant) and key.value == "content" for key in node.keys)
        for key, value in zip(node.keys, node.values, strict=True):
            term = self.expr(key, ("key", role[1])) if key is not None else None
            name = term.value if isinstance(term, Literal) and isinstance(term.value, str) else None
            items.append((term, self.expr(value, ("message" if message and name == "role" else "entry", name))))
        entries = Entries(tuple(items), self.span(node))
        if sum(key is not None and _tells(key) for key, _ in items) > 1:
            self.facts.tables.append(entries)
        return entries

    def function_value(self, node: ast.Lambda, _role: Role) -> FunctionTerm:
        index = self.declare("<lambda>", node.args)
        fact = self.facts.functions[index]
        self.inside(fact.scope, lambda: fact.returns.append(self.expr(node.body)))
        return FunctionTerm(index)

    def comprehension(self, node: Comprehension, _role: Role) -> Term:
        here = self.facts.scopes[self.scope]
        owner = here.owner if here.kind != "class" else None
        terms: list[Term] = []
        bases: list[Term] = []

        def read() -> None:
            for generator in node.generators:
                base = self.expr(generator.iter)
                bases.append(base)
                self.assign(generator.target, Element(base), 0)
                if isinstance(generator.target, ast.Name):
                    self.filters.append((generator.target.id, node))
                for test in generator.ifs:
                    self.expr(test)
                    self.tests.append(test)
            results = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
            terms.extend(self.expr(result) for result in results)
            del self.tests[tested:]
            del self.filters[outer:]

        tested, outer = len(self.tests), len(self.filters)
        self.inside(self.open("comprehension", owner), read, self.branch)
        span = self.span(node)
        if isinstance(node, ast.DictComp):
            return Entries(((terms[0], terms[1]),), span, written=False)
        return Items(tuple(terms), span, any_number=True, of=bases[0] if len(bases) == 1 else None)

    def compared(self, node: ast.Compare, _role: Role) -> Term:
        before = len(self.facts.texts)
        nodes = (node.left, *node.comparators)
        of = " ".join(filter(None, map(syntax.named, nodes))) or None
        named = len(nodes) == 2 and isinstance(node.ops[0], ast.In | ast.NotIn) and syntax.is_environment(nodes[1])
        role: Role = ("environment", None) if named else ("compare", of)
        sides = tuple(self.expr(side, role) for side in nodes)
        listed = isinstance(node.ops[-1], ast.In | ast.NotIn) and isinstance(nodes[-1], ast.Name | ast.Attribute)
        setting = any(isinstance(side, ast.Attribute) and side.attr == "api_type" for side in nodes)
        if setting or len(self.facts.texts) > before or (listed and of is not None and ABOUT_MODELS.search(of)):
            self.facts.comparisons.append(Use(Items(sides, self.span(node)), self.span(node)))
        if len(sides) == 2:
            for i in (0, 1):
                self.compare(nodes[i], sides[i], _literals(sides[1 - i]), node)
            if isinstance(node.ops[0], ast.Is | ast.IsNot) and syntax.key_of(node.left) in responses.EMPTY_LATER:
                self.access(node.left, sides[0], _literals(sides[1]), self.span(node))
            if isinstance(node.ops[0], ast.In | ast.NotIn) and isinstance(sides[0], Literal):
                self.contained(sides[0], sides[1], node)
        return OPAQUE

    def compare(self, side: ast.expr, term: Term, literals: tuple[Literal, ...], whole: ast.expr) -> None:
        """Record that ``term``, read from ``side``, is compared with literals."""
        name = syntax.key_of(side)
        if not literals or name is None:
            return
        if name in responses.COMPARED:
            self.access(side, term, literals)
        elif name in ("code", "status_code", "http_status", "type") and isinstance(term, Attr | Item | Call | Name):
            base = term.base if isinstance(term, Attr | Item) else term
            self.facts.codes.extend(Code(base, literal, self.span(whole)) for literal in literals)

    def contained(self, literal: Literal, container: Term, whole: ast.expr) -> None:
        """Record ``"choices" in resp`` and ``"insufficient_quota" in str(error)``."""
        if literal.value in responses.PARTS:
            item = Item(container, literal, self.span(whole))
            self.access(whole, item)
        elif isinstance(literal.value, str) and responses.ERROR_CODE.search(literal.value):
            self.facts.codes.append(Code(None, literal, self.span(whole)))

    def yielded(self, node: ast.Yield | ast.YieldFrom, _role: Role) -> Term:
        if node.value is not None:
            term = self.expr(node.value)
            if (function := self.function) is not None:
                function.yields.append(Element(term) if isinstance(node, ast.YieldFrom) else term)
        return OPAQUE

    def call(self, node: ast.Call, outer: Role) -> Call:
        func = self.expr(node.func, CALLEE)
        environment = syntax.is_environment(node.func)
        role: Role = ("environment" if environment else "argument", None)
        if isinstance(func, Attr) and func.name in COMPARES:
            role = "compare", syntax.named(node.func)
        arguments: list[Argument] = []
        for value in node.args:
            name, inner = ("*", value.value) if isinstance(value, ast.Starred) else (None, value)
            arguments.append(Argument(name, self.expr(inner, role), self.span(value)))
            if environment and isinstance(variable := arguments[0].value, Literal):
                role = role[0], str(variable.value)
        message = "content" in [keyword.arg for keyword in node.keywords]
        for keyword in node.keywords:
            said = "message" if message and keyword.arg == "role" else "keyword"
            term = self.expr(keyword.value, (said, keyword.arg))
            arguments.append(Argument(keyword.arg or "**", term, self.span(keyword.value)))
            if keyword.arg is None and isinstance(term, Name):
                self.spread.add(term.id)
        call = Call(func, tuple(arguments), self.span(node), self.span(node.func), self.scope)
        self.facts.calls.append(call)
        if results.may_change(node):
            self.changing.append(node)
        got = isinstance(node.func, ast.Attribute) and node.func.attr == "get"
        if got and outer is not CHAIN and syntax.key_of(node) in responses.PARTS:
            self.access(node, call)
        self.effect(node, call, environment=environment)
        return call

    def effect(self, node: ast.Call, call: Call, *, environment: bool) -> None:
        """Read what a call changes: the environment, an attribute, a container."""
        func = call.func
        given = [argument.value for argument in call.arguments if argument.name is None]
        if last_name(func) in CHANGES:
            self.copied(call, given)
        if isinstance(func, Name):
            if func.id == "setattr" and len(given) == 3 and isinstance(given[1], Literal):
                self.store(node.args[0], given[0], str(given[1].value), given[2], call.span.end)
        elif isinstance(func, Attr) and isinstance(node.func, ast.Attribute):
            if environment:
                if func.name in ("setdefault", "putenv", "setenv") and len(given) > 1 and isinstance(given[0], Literal):
                    statement = call.span if func.name != "setenv" else None
                    self.facts.writes.append(Write(given[0], given[1], statement, self.is_always))
            elif (more := _added(func.name, call, given)) is not None:
                self.change(node.func.value, func.base, more, call.span.end)
                if func.name == "update":
                    self.updated(func.base, more, given)

    def updated(self, base: Term, more: Term, given: Sequence[Term]) -> None:
        """Read ``base.update(name=value)`` and ``base.update({"name": value})`` as if each were put alone."""
        for entries in (more, *given):
            for key, value in entries.items if isinstance(entries, Entries) else ():
                if isinstance(key, Literal) and isinstance(key.value, str):
                    self.facts.puts.append(Put(base, key.value, value, item=True))

    def copied(self, call: Call, given: Sequence[Term]) -> None:
        """Read ``replace(thing, name=value)``, ``thing.model_copy(update={"name": value})``."""
        base = given[0] if given else call.func.base if isinstance(call.func, Attr) else OPAQUE
        changes = {a.name: a.value for a in call.arguments if a.name not in (None, "*", "**")}
        update = changes.pop("update", None)
        if isinstance(update, Entries):
            changes |= {str(key.value): value for key, value in update.items if isinstance(key, Literal)}
        self.facts.puts.extend(Put(base, str(name), value, item=False) for name, value in changes.items())

    def constant(self, node: ast.Constant, role: Role) -> Term:
        value = node.value
        if isinstance(value, str):
            span = self.span(node)
            literal = Literal(value, span, _is_one_token(self.code[span.start : span.end], value))
            self.heard(value, span)
            if len(value) < LONGEST and self.may_matter(value):
                self.facts.texts.append(Text(literal, role[0], role[1], self.scope))
            elif len(value) >= LONGEST and "openai." in value and (url := URL.search(value)) is not None:
                self.facts.texts.append(Text(Literal(url[0], span, plain=False), "other", None, self.scope))
            return literal
        if value is None or isinstance(value, int | float):
            return Literal(value, self.span(node))
        return OPAQUE

    def negated(self, node: ast.UnaryOp, _role: Role) -> Term:
        value = self.expr(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(value, Literal) and isinstance(value.value, int | float):
            return Literal(-value.value, self.span(node))
        return OPAQUE

    def heard(self, value: str, span: Span) -> None:
        """Note a text that names OpenAI's model as the one who speaks."""
        if names_speaker(value):
            self.facts.personas.append(span)

    def formatted(self, node: ast.JoinedStr, role: Role) -> Term:
        parts: list[Term] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                parts.append(self.expr(part.value))
                if len(node.values) == 1:
                    return parts[0]
            elif isinstance(part, ast.Constant):
                literal = Literal(str(part.value), self.span(node), plain=False)
                parts.append(literal)
                self.heard(str(part.value), literal.span)
                if is_telling(str(part.value)):
                    of = role[1] if part is node.values[0] else None
                    self.facts.texts.append(Text(literal, "formatted", of, self.scope))
        return Joined(tuple(parts), self.span(node))


def _is_prefix(value: object) -> bool:
    """Whether something is put behind a word by ``%``: ``"Bearer %s" % key``."""
    return isinstance(value, str) and value.endswith(" %s") and value.count("%") == 1


_STATEMENTS: dict[type[ast.AST], Callable[..., None]] = {
    ast.Import: _Reader.importing,
    ast.ImportFrom: _Reader.importing_from,
    ast.FunctionDef: _Reader.definition,
    ast.AsyncFunctionDef: _Reader.definition,
    ast.ClassDef: _Reader.klass,
    ast.Global: _Reader.declared_global,
    ast.Nonlocal: _Reader.declared_nonlocal,
    ast.Expr: _Reader.expression,
    ast.Assign: _Reader.assignment,
    ast.AnnAssign: _Reader.annotated,
    ast.AugAssign: _Reader.augmented,
    ast.Return: _Reader.returned,
    ast.If: _Reader.condition,
    ast.While: _Reader.condition,
    ast.Assert: _Reader.asserted,
    ast.For: _Reader.loop,
    ast.AsyncFor: _Reader.loop,
    ast.With: _Reader.context,
    ast.AsyncWith: _Reader.context,
    ast.Try: _Reader.attempt,
    ast.Match: _Reader.matching,
}
_EXPRESSIONS: dict[type[ast.expr], Callable[..., Term]] = {
    ast.Name: _Reader.name,
    ast.Attribute: _Reader.attribute,
    ast.Call: _Reader.call,
    ast.Constant: _Reader.constant,
    ast.Await: _Reader.awaited,
    ast.BoolOp: _Reader.logical,
    ast.IfExp: _Reader.ternary,
    ast.BinOp: _Reader.operation,
    ast.UnaryOp: _Reader.negated,
    ast.NamedExpr: _Reader.walrus,
    ast.Subscript: _Reader.part,
    ast.Dict: _Reader.mapping,
    ast.List: _Reader.sequence,
    ast.Tuple: _Reader.sequence,
    ast.Set: _Reader.sequence,
    ast.JoinedStr: _Reader.formatted,
    ast.Lambda: _Reader.function_value,
    ast.ListComp: _Reader.comprehension,
    ast.SetComp: _Reader.comprehension,
    ast.GeneratorExp: _Reader.comprehension,
    ast.DictComp: _Reader.comprehension,
    ast.Compare: _Reader.compared,
    ast.Starred: _Reader.starred,
    ast.Yield: _Reader.yielded,
    ast.YieldFrom: _Reader.yielded,
}


def _role_of(target: ast.expr) -> Role:
    """Return the role of a string that is assigned to ``target``."""
    match target:
        case ast.Name():
            return "assign", target.id
        case ast.Attribute():
            return "assign", target.attr
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return "entry", key
    return "assign", None


def _added(method: str, call: Call, given: Sequence[Term]) -> Entries | Items | None:
    """Return what a container's method of this name puts into it."""
    match method, given:
        case "append" | "appendleft" | "add" | "put" | "put_nowait" | "set", [value]:
            return Items((value,), call.span)
        case "insert", [_, value]:
            return Items((value,), call.span)
        case "extend", [values]:
            return Items((Element(values),), call.span)
        case "setdefault", [key, value]:
            return Entries(((key, value),), call.span, written=False)
        case "update", _:
            return entries_of(call)
    return None


def _tells(term: Term) -> bool:
    return isinstance(term, Literal) and isinstance(term.value, str) and is_telling(term.value)


def _stands_twice(name: str, code: str) -> bool:
    """Say whether a name stands in the code exactly twice; a third time ends the search."""
    # a pattern that begins with a plain word is as fast as looking for that word
    return len(list(islice(re.finditer(rf"{name}\b(?<=\b{name})", code), 3))) == 2


def _literals(term: Term) -> tuple[Literal, ...]:
    """Return the literals that something is compared with: one, or those of a list."""
    if isinstance(term, Items):
        return tuple(value for value in term.values if isinstance(value, Literal))
    return (term,) if isinstance(term, Literal) else ()


def _is_number(term: Term) -> bool:
    return isinstance(term, Literal) and not isinstance(term.value, str)


_TOKEN = re.compile(
    r"""[rRuU]?(?:'''(?:(?!''')[^\\]|\\.)*'''|\"""(?:(?!\""")[^\\]|\\.)*\"""|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""",
    re.DOTALL,
)


def _is_one_token(code: str, value: str) -> bool:
    """Whether ``code``, an expression of the string ``value``, is a single literal and no implicit concatenation."""
    return code[1:-1] == value or _TOKEN.fullmatch(code) is not None
