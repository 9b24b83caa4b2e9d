"""All facts linked: answers "what is this?" across modules.

Evaluation is by demand: a term is followed through names, imports, attributes, calls and parameters until it is
something known. What cannot be followed evaluates to nothing; nobody guesses here.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from llm_codemods import openai_api
from llm_codemods.facts import (
    Attr,
    Binding,
    Branch,
    Call,
    ClassTerm,
    Either,
    Element,
    Entered,
    Entries,
    Facts,
    FunctionFact,
    FunctionTerm,
    Imported,
    Item,
    Items,
    Literal,
    Name,
    Parameter,
    Term,
    Typed,
)


@dataclass(frozen=True, slots=True)
class External:
    """A dotted name outside the project: ``openai``, ``os.environ.get``, ``builtins.getattr``."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Client:
    """An OpenAI client. ``made`` is where it is constructed, if that is known."""

    kind: str
    """``OpenAI``, ``AsyncOpenAI``, ``AzureOpenAI``, ``AsyncAzureOpenAI``, …"""
    made: tuple[str, Call] | None


@dataclass(frozen=True, slots=True)
class Member:
    """A resource or method reached from a client: ``chat.completions.create``."""

    client: Client | None
    """None: the module-level client."""
    path: str
    bound: tuple[tuple[str, Call], ...] = ()
    """``functools.partial`` calls around it, innermost first."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """An instance of somebody else's class, or something reached from it."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the project."""

    path: str


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the project."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Object:
    """An instance of a class of the project."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Super:
    """``super()`` inside a class of the project."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project; ``receiver`` when it is a bound method."""

    path: str
    index: int
    receiver: Object | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, and the file in which it stands."""

    path: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Environment:
    """The value of an environment variable; ``default`` as written beside it."""

    name: str
    path: str
    term: Call | Item


@dataclass(frozen=True, slots=True)
class Display:
    """A dictionary, list or tuple written out."""

    path: str
    term: Entries | Items


@dataclass(frozen=True, slots=True)
class Response:
    """What a method of the SDK returned."""

    api: str


Value = (
    External
    | Client
    | Member
    | Foreign
    | Module
    | Class
    | Object
    | Super
    | Function
    | Constant
    | Environment
    | Display
    | Response
)
Values = tuple[Value, ...]

TRANSPARENT = frozenset({"with_raw_response", "with_streaming_response"})
SAME_CLIENT = frozenset({"with_options", "copy", "__enter__", "__aenter__"})
KEEPS_ARGUMENT = frozenset(
    {
        "copy.copy",
        "copy.deepcopy",
        "langsmith.wrappers.wrap_openai",
        "instructor.from_openai",
        "instructor.patch",
        "instructor.apatch",
        "weave.wrap_openai",
        "braintrust.wrap_openai",
        "contextlib.closing",
        "contextlib.nullcontext",
        "contextlib.aclosing",
    }
)
"""Functions that give back their first argument, or a client of the same shape."""
WRAPPERS = ("langfuse.openai", "posthog.ai.openai", "ddtrace.openai", "portkey_ai.openai", "autoevals.openai")
"""Modules that export the SDK's classes under their own name (gotcha G51)."""
READS_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop"})
PROPERTIES = ("property", "cached_property")
DEPTH = 80


class Project:
    """The facts of all files, and what they say together. Build it with ``link``."""

    def __init__(self, facts: Mapping[str, Facts], paths: frozenset[str]) -> None:
        """See ``link``."""
        self.facts = facts
        self._paths = paths
        self._memo: dict[tuple[str, int], Values] = {}
        self._active: dict[tuple[str, int], int] = {}
        self._lowest = DEPTH * 2
        self._modules = _by_suffix(paths)
        self._calls: dict[str, list[tuple[str, Call]]] | None = None
        self._subclasses: dict[Class, list[Class]] | None = None
        self._callers: dict[tuple[str, int], list[tuple[str, Call, int]]] = {}

    # -- evaluation -----------------------------------------------------------------------------------------------

    def values(self, path: str, term: Term) -> Values:
        """Return everything that ``term``, read in the file ``path``, is known to be; () when nothing is known.

        Cycles end: a term that depends on itself adds nothing.
        """
        key = (path, id(term))
        known = self._memo.get(key)
        if known is not None:
            return known
        depth = len(self._active)
        if key in self._active:
            self._lowest = min(self._lowest, self._active[key])
            return ()
        if depth > DEPTH:
            self._lowest = 0
            return ()
        self._active[key] = depth
        outer, self._lowest = self._lowest, DEPTH * 2
        try:
            result = tuple(dict.fromkeys(self._evaluate(path, term)))
        finally:
            del self._active[key]
            # A result found while a cycle was cut open is only whole for the term where that cycle began.
            whole = self._lowest >= depth
            self._lowest = min(outer, self._lowest) if not whole else outer
        if whole:
            self._memo[key] = result
        return result

    def _evaluate(self, path: str, term: Term) -> Iterator[Value]:
        match term:
            case Name():
                yield from self._name(path, term)
            case Attr():
                for base in self.values(path, term.base):
                    yield from self.attribute(base, term.name)
            case Call():
                yield from self._call(path, term)
            case Literal():
                yield Constant(path, term)
            case Item():
                yield from self._item(path, term)
            case Either():
                for option in term.options:
                    yield from self.values(path, option)
            case Entries() | Items():
                yield Display(path, term)
            case Imported():
                yield from self._imported(path, term)
            case Parameter():
                yield from self._parameter(path, term)
            case FunctionTerm():
                yield Function(path, term.index)
            case ClassTerm():
                yield Class(path, term.index)
            case Typed():
                yield from self._typed(path, term.annotation)
            case Element() | Entered():
                yield from self._contained(path, term)

    def _name(self, path: str, name: Name) -> Iterator[Value]:
        facts = self.facts[path]
        index: int | None = name.scope
        while index is not None:
            scope = facts.scopes[index]
            here = index == name.scope
            if scope.kind != "class" or here:
                bindings = scope.names.get(name.id)
                if bindings is not None:
                    for binding in visible(bindings, name.at, name.branch) if here else bindings:
                        yield from self.values(path, binding.value)
                    return
                for star in scope.stars:
                    found = tuple(self._from_star(path, star, name.id))
                    if found:
                        yield from found
                        return
            index = scope.parent
        yield External(f"builtins.{name.id}")

    # -- one step back ---------------------------------------------------------------------------------------------

    def origins(self, path: str, term: Term) -> tuple[tuple[str, Term], ...]:
        """Return the terms that ``term`` takes its value from, one step back; () where some of them cannot be seen."""
        match term:
            case Name():
                return self._origins_of_name(path, term)
            case Imported(name=str() as name):
                target = self._resolve(path, term.module, term.level)
                return self._origins_in_module(target, name) if target is not None else ()
            case Attr():
                found = [self._origins_of_attribute(base, term.name) for base in self.values(path, term.base)]
                return tuple(o for one in found for o in one) if all(found) else ()
            case Parameter():
                return self._origins_of_parameter(path, term)
            case Call():
                functions = self.values(path, term.func)
                facts = [(f.path, self.facts[f.path].functions[f.index]) for f in functions if isinstance(f, Function)]
                if len(facts) != len(functions) or not all(fact.returns for _, fact in facts):
                    return ()
                return tuple((file, returned) for file, fact in facts for returned in fact.returns)
            case Item(key=Literal(value=wanted)):
                displays = self.values(path, term.base)
                rows = [(d.path, k, v) for d in displays if isinstance(d, Display) for k, v in _rows(d.term)]
                found_rows = tuple((p, v) for p, k, v in rows if isinstance(k, Literal) and k.value == wanted)
                return found_rows if len(found_rows) >= len(displays) else ()
        return ()

    def _origins_of_name(self, path: str, name: Name) -> tuple[tuple[str, Term], ...]:
        facts = self.facts[path]
        index: int | None = name.scope
        while index is not None:
            scope = facts.scopes[index]
            here = index == name.scope
            bindings = scope.names.get(name.id) if scope.kind != "class" or here else None
            if bindings is not None:
                seen = visible(bindings, name.at, name.branch) if here else bindings
                return tuple((path, binding.value) for binding in seen)
            index = scope.parent
        return ()

    def _origins_in_module(self, path: str, name: str) -> tuple[tuple[str, Term], ...]:
        facts = self.facts.get(path)
        bindings = facts.scopes[0].names.get(name, ()) if facts is not None else ()
        return tuple((path, binding.value) for binding in bindings)

    def _origins_of_attribute(self, base: Value, name: str) -> tuple[tuple[str, Term], ...]:
        if isinstance(base, Module):
            return self._origins_in_module(base.path, name)
        if not isinstance(base, Class | Object):
            return ()
        lineage = list(self.lineage(Class(base.path, base.index)))
        if any(outside != "builtins.object" for outside in self._outer_bases(lineage)):
            return ()  # A base that we cannot see may fill the attribute: settings classes read the environment.
        found: list[tuple[str, Term]] = []
        for cls in lineage:
            facts = self.facts[cls.path]
            fact = facts.classes[cls.index]
            own = [*fact.attributes.get(name, ()), *facts.scopes[fact.scope].names.get(name, ())]
            if isinstance(base, Object) and any(_annotated(b) for b in own):
                return ()  # Perhaps a field of a dataclass, which whoever makes the object fills.
            found += [(cls.path, b.value) for b in own if not isinstance(b.value, FunctionTerm)]
            method = fact.methods.get(name)
            if method is not None:
                found += [(cls.path, returned) for returned in facts.functions[method].returns]
        return tuple(found)

    def _origins_of_parameter(self, path: str, term: Parameter) -> tuple[tuple[str, Term], ...]:
        fact = self.facts[path].functions[term.function]
        declared = next(p for p in fact.parameters if p.name == term.name)
        if declared.kind in ("*", "**"):
            return ()
        found = [(path, declared.default)] if declared.default is not None else []
        for caller, call, skip in self.callers(path, term.function):
            argument = argument_for(fact, term.name, call, skip)
            if argument is not None:
                found.append((caller, argument))
            elif declared.default is None or any(a.name in ("*", "**") for a in call.arguments):
                return ()
        return tuple(found)

    # -- names ----------------------------------------------------------------------------------------------------

    def _from_star(self, path: str, star: Imported, name: str) -> Iterator[Value]:
        for module in self._imported(path, star):
            if isinstance(module, Module):
                yield from self._in_module(module.path, name)

    # -- modules --------------------------------------------------------------------------------------------------

    def _imported(self, path: str, term: Imported) -> Iterator[Value]:
        target = self._resolve(path, term.module, term.level)
        if target is None:
            if term.level == 0:
                yield External(f"{term.module}.{term.name}" if term.name else term.module)
            return
        if term.name is None:
            yield Module(target)
            return
        found = tuple(self._in_module(target, term.name))
        if found:
            yield from found
            return
        inner = self._resolve(path, f"{term.module}.{term.name}" if term.module else term.name, term.level)
        if inner is not None:
            yield Module(inner)

    def _in_module(self, path: str, name: str) -> Iterator[Value]:
        facts = self.facts.get(path)
        if facts is None:
            return
        scope = facts.scopes[0]
        for binding in scope.names.get(name, ()):
            yield from self.values(path, binding.value)
        if name not in scope.names:
            for star in scope.stars:
                yield from self._from_star(path, star, name)

    def _resolve(self, path: str, module: str, level: int) -> str | None:
        """Return the project's file for an import written in ``path``, or None if it leads outside."""
        folder = posixpath.dirname(path)
        if level:
            for _ in range(level - 1):
                folder = posixpath.dirname(folder)
            base = posixpath.join(folder, *module.split(".")) if module else folder
            return next((p for p in (f"{base}.py", posixpath.join(base, "__init__.py")) if p in self._paths), None)
        best: str | None = None
        for candidate in self._modules.get(module, ()):
            root = _root_of(candidate, module)
            if candidate == path or (root and posixpath.join(root, "__init__.py") in self._paths):
                continue
            near = root == "" or path.startswith(f"{root}/")
            if not near and module.partition(".")[0] == "openai":
                continue
            if (near and (best is None or len(candidate) > len(best))) or best is None:
                best = candidate
        return best

    # -- attributes -----------------------------------------------------------------------------------------------

    def attribute(self, base: Value, name: str) -> Iterator[Value]:
        """Yield what ``base.name`` is."""
        match base:
            case External():
                yield External(f"{base.dotted}.{name}")
            case Foreign():
                yield Foreign(f"{base.dotted}.{name}")
            case Client():
                yield from self._of_client(base, name)
            case Member():
                path = base.path if name in TRANSPARENT else f"{base.path}.{name}"
                if openai_api.is_resource(path) or openai_api.is_method(path):
                    yield replace(base, path=path)
            case Module():
                yield from self._in_module(base.path, name)
                inner = posixpath.join(posixpath.dirname(base.path), name)
                if posixpath.basename(base.path) == "__init__.py":
                    for file in (f"{inner}.py", f"{inner}/__init__.py"):
                        if file in self._paths:
                            yield Module(file)
            case Class() | Object() | Super():
                yield from self._of_class(base, name)

    def _of_client(self, client: Client, name: str) -> Iterator[Value]:
        if name in TRANSPARENT:
            yield client
        elif openai_api.is_resource(name) or openai_api.is_method(name) or name in SAME_CLIENT:
            yield Member(client, name)

    def _of_class(self, base: Class | Object | Super, name: str) -> Iterator[Value]:
        start = Class(base.path, base.index)
        lineage = list(self.lineage(start))
        receiver = None if isinstance(base, Class) else Object(base.path, base.index)
        for cls in lineage[1:] if isinstance(base, Super) else lineage:
            found = tuple(self._own(cls, name, receiver))
            if found:
                yield from found
                return
        for outside in self._outer_bases(lineage):
            if (kind := client_kind(outside)) is not None:
                yield from self._of_client(Client(kind, None), name)
                return
        if isinstance(base, Object):
            # A base class may use what only its subclasses set.
            for cls in self._below(start):
                yield from self._own(cls, name, Object(cls.path, cls.index))

    def _own(self, cls: Class, name: str, receiver: Object | None) -> Iterator[Value]:
        facts = self.facts[cls.path]
        fact = facts.classes[cls.index]
        for binding in fact.attributes.get(name, ()):
            yield from self.values(cls.path, binding.value)
        index = fact.methods.get(name)
        if index is not None:
            method = facts.functions[index]
            if receiver is not None and any(_last(d) in PROPERTIES for d in method.decorators):
                yield from self._returned(cls.path, method)
            else:
                yield Function(cls.path, index, receiver)
            return
        for binding in facts.scopes[fact.scope].names.get(name, ()):
            yield from self.values(cls.path, binding.value)

    def lineage(self, cls: Class) -> Iterator[Class]:
        """Yield a class and its bases inside the project, nearest first."""
        seen: dict[Class, None] = {}
        queue = [cls]
        while queue:
            current = queue.pop(0)
            if current in seen:
                continue
            seen[current] = None
            yield current
            for base in self.facts[current.path].classes[current.index].bases:
                queue += [b for b in self.values(current.path, base) if isinstance(b, Class)]

    def _outer_bases(self, lineage: Iterable[Class]) -> Iterator[str]:
        for cls in lineage:
            for base in self.facts[cls.path].classes[cls.index].bases:
                for value in self.values(cls.path, base):
                    if isinstance(value, External):
                        yield value.dotted

    def client_base(self, cls: Class) -> str | None:
        """Return the SDK's client class that a class of the project extends, or None."""
        return next(filter(None, map(client_kind, self._outer_bases(self.lineage(cls)))), None)

    def _below(self, cls: Class) -> Iterator[Class]:
        if self._subclasses is None:
            # Filled before it is read: evaluating bases may come back here.
            self._subclasses = {}
            table: dict[Class, list[Class]] = defaultdict(list)
            for path, facts in self.facts.items():
                for index, fact in enumerate(facts.classes):
                    for base in fact.bases:
                        for value in self.values(path, base):
                            if isinstance(value, Class):
                                table[value].append(Class(path, index))
            self._subclasses = dict(table)
        queue = list(self._subclasses.get(cls, ()))
        seen: set[Class] = set()
        while queue:
            current = queue.pop(0)
            if current not in seen:
                seen.add(current)
                yield current
                queue += self._subclasses.get(current, ())

    # -- calls ----------------------------------------------------------------------------------------------------

    def _call(self, path: str, call: Call) -> Iterator[Value]:
        for func in self.values(path, call.func):
            match func:
                case External():
                    yield from self._call_external(path, call, func.dotted)
                case Class():
                    yield Object(func.path, func.index)
                case Function():
                    yield from self._returned(func.path, self.facts[func.path].functions[func.index])
                case Member(client=client, path=member):
                    if member in SAME_CLIENT and client is not None:
                        yield client
                    elif openai_api.is_method(member):
                        yield Response(member)
                case Client():
                    # Typed as ``type[OpenAI]`` or ``Callable[..., OpenAI]``.
                    yield replace(func, made=(path, call))
                case Foreign():
                    yield Foreign(f"{func.dotted}()")
        if isinstance(call.func, Attr) and call.func.name in ("get", "pop", "setdefault") and call.arguments:
            for base in self.values(path, call.func.base):
                if isinstance(base, Display):
                    yield from self._entry(base, call.arguments[0].value, path)

    def _call_external(self, path: str, call: Call, dotted: str) -> Iterator[Value]:
        first = call.arguments[0].value if call.arguments else None
        kind = client_kind(dotted)
        if kind is not None:
            yield Client(kind, (path, call))
        elif dotted in READS_ENVIRONMENT:
            name = self._text(path, first)
            if name is not None:
                yield Environment(name, path, call)
            for argument in call.arguments[1:]:
                yield from self.values(path, argument.value)
        elif dotted == "functools.partial" and first is not None:
            for value in self.values(path, first):
                yield replace(value, bound=(*value.bound, (path, call))) if isinstance(value, Member) else value
        elif dotted in KEEPS_ARGUMENT and first is not None:
            yield from self.values(path, first)
        elif dotted == "builtins.getattr" and len(call.arguments) > 1:
            name = self._text(path, call.arguments[1].value)
            if name is not None and first is not None:
                for base in self.values(path, first):
                    yield from self.attribute(base, name)
        elif dotted in ("typing.cast", "typing_extensions.cast") and len(call.arguments) > 1 and first is not None:
            yield from self.values(path, call.arguments[1].value)
            yield from self._typed(path, first)
        elif dotted.endswith((".Depends", ".Security")) and first is not None:
            for value in self.values(path, first):
                if isinstance(value, Function):
                    yield from self._returned(value.path, self.facts[value.path].functions[value.index])
        elif dotted == "builtins.super":
            yield from self._super(path, call)
        elif dotted == "builtins.dict":
            yield Display(path, _entries_of(call))
        elif not dotted.startswith("builtins."):
            yield Foreign(f"{dotted}()")

    def _super(self, path: str, call: Call) -> Iterator[Value]:
        facts = self.facts[path]
        scope: int | None = call.scope
        while scope is not None:
            for index, fact in enumerate(facts.classes):
                if fact.scope == scope:
                    yield Super(path, index)
                    return
            scope = facts.scopes[scope].parent

    def _returned(self, path: str, fact: FunctionFact) -> Iterator[Value]:
        for term in fact.returns:
            yield from self.values(path, term)
        for term in fact.yields:
            yield from self.values(path, term)
        if fact.annotation is not None:
            yield from self._anonymous(path, fact.annotation, self._whole(path, fact))

    def _whole(self, path: str, fact: FunctionFact) -> bool:
        return any(isinstance(v, Client | Object) for term in fact.returns for v in self.values(path, term))

    def _anonymous(self, path: str, annotation: Term, known: bool) -> Iterator[Value]:
        """Yield what an annotation says, unless values that say more are known."""
        if not known:
            yield from self._typed(path, annotation)

    def _text(self, path: str, term: Term | None) -> str | None:
        if term is None:
            return None
        for value in self.values(path, term):
            if isinstance(value, Constant) and isinstance(value.literal.value, str):
                return value.literal.value
        return None

    # -- containers -----------------------------------------------------------------------------------------------

    def _item(self, path: str, term: Item) -> Iterator[Value]:
        for base in self.values(path, term.base):
            if isinstance(base, External) and base.dotted == "os.environ":
                name = self._text(path, term.key)
                if name is not None:
                    yield Environment(name, path, term)
            elif isinstance(base, Display):
                yield from self._entry(base, term.key, path)
            elif isinstance(base, Foreign):
                yield Foreign(f"{base.dotted}[]")

    def _entry(self, display: Display, key: Term, path: str) -> Iterator[Value]:
        if isinstance(display.term, Items):
            for value in display.term.values:
                yield from self.values(display.path, value)
            return
        wanted = key.value if isinstance(key, Literal) else self._text(path, key)
        named = [v for k, v in display.term.items if isinstance(k, Literal) and k.value == wanted]
        for value in named if wanted is not None else [v for _, v in display.term.items]:
            yield from self.values(display.path, value)
        if not named:
            for k, unpacked in display.term.items:
                if k is None:
                    for inner in self.values(display.path, unpacked):
                        if isinstance(inner, Display):
                            yield from self._entry(inner, key, path)

    def _contained(self, path: str, term: Element | Entered) -> Iterator[Value]:
        for base in self.values(path, term.base):
            if isinstance(term, Entered) and isinstance(base, Client | Object | Foreign | Response):
                yield base
            elif isinstance(base, Display):
                values = base.term.values if isinstance(base.term, Items) else tuple(v for _, v in base.term.items)
                position = term.position if isinstance(term, Element) else None
                if position is not None and position < len(values):
                    values = (values[position],)
                for value in values:
                    yield from self.values(base.path, value)
            elif isinstance(base, Client | Object | Foreign):
                # An element of ``list[OpenAI]``, or what a generator function yields.
                yield base

    # -- annotations and parameters -------------------------------------------------------------------------------

    def _typed(self, path: str, annotation: Term) -> Iterator[Value]:
        """Yield an instance of what an annotation names; containers count as what they contain."""
        match annotation:
            case Item():
                yield from self._typed(path, annotation.key)
            case Items():
                for inner in annotation.values:
                    yield from self._typed(path, inner)
            case Either():
                for inner in annotation.options:
                    yield from self._typed(path, inner)
            case Name() | Attr():
                for value in self.values(path, annotation):
                    if isinstance(value, Class):
                        yield Object(value.path, value.index)
                    elif isinstance(value, External):
                        kind = client_kind(value.dotted)
                        if kind is not None:
                            yield Client(kind, None)
                        elif not value.dotted.startswith(
                            ("builtins.", "typing.", "typing_extensions.", "collections.")
                        ):
                            yield Foreign(value.dotted)

    def _parameter(self, path: str, term: Parameter) -> Iterator[Value]:
        facts = self.facts[path]
        fact = facts.functions[term.function]
        decorators = {_last(d) for d in fact.decorators}
        names = [p.name for p in fact.parameters]
        if fact.owner is not None and names and names[0] == term.name and "staticmethod" not in decorators:
            yield Class(path, fact.owner) if "classmethod" in decorators else Object(path, fact.owner)
            return
        declared = next(p for p in fact.parameters if p.name == term.name)
        if declared.kind in ("*", "**"):
            return
        given: list[Value] = []
        if declared.default is not None:
            given += self.values(path, declared.default)
        for caller, call, skip in self.callers(path, term.function):
            argument = argument_for(fact, term.name, call, skip)
            if argument is not None:
                given += self.values(caller, argument)
        if not given:
            given += self._fixture(path, term.name)
        yield from given
        if declared.annotation is not None:
            yield from self._anonymous(path, declared.annotation, any(isinstance(v, Client | Object) for v in given))

    def _fixture(self, path: str, name: str) -> Iterator[Value]:
        """Yield what a pytest fixture of this name gives, in the file itself or a ``conftest.py`` above it."""
        folder = posixpath.dirname(path)
        files = [path, posixpath.join(folder, "conftest.py")]
        while folder:
            folder = posixpath.dirname(folder)
            files.append(posixpath.join(folder, "conftest.py"))
        for file in files:
            facts = self.facts.get(file)
            for fact in facts.functions if facts is not None else ():
                if fact.name == name and any(_last(d) == "fixture" for d in fact.decorators):
                    yield from self._returned(file, fact)
                    return

    def callers(self, path: str, function: int) -> list[tuple[str, Call, int]]:
        """Return the calls of a function found in the project: file, call, and how many leading parameters are bound.
        Return the calls of a function found in the project: file, call, and how many leading parameters are bound."""
        key = (path, function)
        if key in self._callers:
            return self._callers[key]
        self._callers[key] = []  # Seen by a recursive question.
        fact = self.facts[path].functions[function]
        names = [fact.name]
        if fact.name == "__init__" and fact.owner is not None:
            owner = Class(path, fact.owner)
            names += [self.facts[c.path].classes[c.index].name for c in (owner, *self._below(owner))] + ["cls"]
        found = [
            (caller, call, skip)
            for name in dict.fromkeys(names)
            for caller, call in self._calls_named(name)
            if (skip := self._bound_parameters(caller, call, path, function)) is not None
        ]
        self._callers[key] = found
        return found

    def _bound_parameters(self, caller: str, call: Call, path: str, function: int) -> int | None:
        for value in self.values(caller, call.func):
            match value:
                case Function(path=p, index=i, receiver=receiver) if (p, i) == (path, function):
                    return 0 if receiver is None else 1
                case Class() if self.facts[path].functions[function].name == "__init__":
                    own = next(
                        (
                            (c.path, index)
                            for c in self.lineage(value)
                            if (index := self.facts[c.path].classes[c.index].methods.get("__init__")) is not None
                        ),
                        None,
                    )
                    if own == (path, function):
                        return 1
        return None

    def _calls_named(self, name: str) -> list[tuple[str, Call]]:
        if self._calls is None:
            self._calls = defaultdict(list)
            for path, facts in self.facts.items():
                for call in facts.calls:
                    if (last := _last(call.func)) is not None:
                        self._calls[last].append((path, call))
        return self._calls.get(name, [])


def link(facts: Iterable[Facts], paths: Iterable[str] = ()) -> Project:
    """Join the facts of all files.

    Args:
        facts: one per analysed file; paths relative to one root, posix.
        paths: all Python files below the root, analysed or not: they decide which imports stay inside.
    """
    table = {f.path: f for f in facts}
    return Project(table, frozenset(paths) | frozenset(table))


def sdk_name(dotted: str) -> str | None:
    """Return what a dotted name means inside the SDK: ``openai.chat`` and ``langfuse.openai.chat`` are ``chat``.

    The SDK's module itself is ``""``; None for names of other packages.
    """
    for module in ("openai", *(f"{w}.openai" for w in WRAPPERS), *WRAPPERS):
        if dotted == module:
            return ""
        if dotted.startswith(f"{module}."):
            return dotted[len(module) + 1 :]
    return None


def client_kind(dotted: str) -> str | None:
    """Return the SDK's client class that a dotted name means (``openai.Client`` -> ``OpenAI``), or None."""
    name = sdk_name(dotted)
    if name is None:
        return None
    module, _, last = name.rpartition(".")
    return openai_api.client_classes().get(last) if module == "" or module.startswith(("lib.", "_client")) else None


def visible(bindings: list[Binding], at: int, branch: Branch) -> list[Binding]:
    """Return the bindings that a use at ``at`` inside ``branch`` of the same scope can see.

    A binding hides all earlier ones if it stands on the way to the use; the other arm of an ``if`` is not seen. Where
    nothing comes before the use (a loop), everything is.
    """
    before: list[Binding] = []
    for binding in bindings:
        if binding.at > at or _excluded(binding.branch, branch):
            continue
        if branch[: len(binding.branch)] == binding.branch:
            before.clear()
        before.append(binding)
    return before or bindings


def _excluded(one: Branch, other: Branch) -> bool:
    for a, b in zip(one, other, strict=False):
        if a != b:
            return a // 16 == b // 16
    return False


def argument_for(fact: FunctionFact, name: str, call: Call, skip: int) -> Term | None:
    """Return the term that ``call`` passes for a parameter; ``skip`` leading parameters are bound already."""
    for argument in call.arguments:
        if argument.name == name:
            return argument.value
    positional = [p.name for p in fact.parameters if p.kind == "positional"][skip:]
    if name not in positional:
        return None
    place = positional.index(name)
    given = [a for a in call.arguments if a.name in (None, "*")]
    if any(a.name == "*" for a in given[: place + 1]):
        return None
    return given[place].value if place < len(given) else None


def _rows(display: Entries | Items) -> tuple[tuple[Term | None, Term], ...]:
    return display.items if isinstance(display, Entries) else ()


def _annotated(binding: Binding) -> bool:
    value = binding.value
    return isinstance(value, Typed) or (isinstance(value, Either) and any(isinstance(o, Typed) for o in value.options))


def _entries_of(call: Call) -> Entries:
    items = tuple(
        (None if a.name == "**" else Literal(a.name, a.span), a.value) for a in call.arguments if a.name is not None
    )
    return Entries(items, call.span)


def _last(term: Term) -> str | None:
    match term:
        case Name():
            return term.id
        case Attr():
            return term.name
        case Call():
            return _last(term.func)
    return None


def _by_suffix(paths: Iterable[str]) -> dict[str, list[str]]:
    """Map every dotted name under which a file could be imported to the files."""
    table: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        if not path.endswith(".py"):
            continue
        parts = path.removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        for start in range(len(parts)):
            table[".".join(parts[start:])].append(path)
    return dict(table)


def _root_of(path: str, module: str) -> str:
    """Return the folder from which ``path`` is importable as ``module``; '' for the project's root."""
    base = path.removesuffix("/__init__.py").removesuffix(".py")
    return base[: -len(module)].rstrip("/") if len(base) > len(module) else ""
