"""What can be told from names alone, over a whole project: who may be called, and what may hold a client.

Looking a name up across files is dear. These indexes are cheap and never leave out what the look-up would find, so that
it is asked only where its answer can matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from llm_codemods import openai_api
from llm_codemods.facts import Facts, FunctionFact
from llm_codemods.libraries import (
    GIVES_CLIENT,
    INVOKES,
    KEEPS_ARGUMENT,
    KEYED,
    PICKS,
    SAME_CLIENT,
    SAME_CONTENT,
    sdk_name,
)
from llm_codemods.terms import (
    Attr,
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
    Opaque,
    Parameter,
    Term,
    Typed,
    last_name,
)

CallPlace = tuple[str, Call]
"""A call, and the file in which it stands."""
FunctionPlace = tuple[str, int]
"""A file, and the index of one of its functions."""
CROWD = 100
"""With more calls of methods of one name, such as ``get``, nobody asks which of them mean a method of that name."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Which calls may call a function, and which may hand it over; ``others``: perhaps one through a variable, too."""

    called: tuple[CallPlace, ...]
    handing: tuple[CallPlace, ...]
    others: bool


class CallNames:
    """The calls of a project, by what their callee, or a function among their arguments, may be called."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        """Read all calls and bindings once."""
        self._aliases: dict[str, set[str]] = defaultdict(set)
        """Name -> what it is imported as."""
        self._bound: dict[FunctionPlace, set[str]] = defaultdict(set)
        """Lambda -> the names that it is given."""
        self._variables: set[str] = set()
        """Attributes, and names of modules and classes, that may be bound to a function defined under another name."""
        self._mentioned: set[str] = set()
        self._called: dict[str, list[CallPlace]] = defaultdict(list)
        self._handed: dict[str, list[CallPlace]] = defaultdict(list)
        self.called_somehow: list[CallPlace] = []
        """Calls through variables."""
        self.handed_somehow: list[CallPlace] = []
        """Calls that hand over what variables stand for."""
        for path, one in facts.items():
            self._mentioned |= one.mentioned
            for name, value in _bindings(one):
                self._note(path, one, name, value)
            for name, value in _seen_from_afar(one):
                if _may_be_called(value):
                    self._variables.add(name)
        for path, one in facts.items():
            for call in one.calls:
                self._add(path, one, call)

    def _note(self, path: str, facts: Facts, name: str, value: Term) -> None:
        match value:
            case FunctionTerm():
                if facts.functions[value.index].name != name:
                    self._bound[path, value.index].add(name)
            case Imported():
                if value.name is not None and value.name != name:
                    self._aliases[value.name].add(name)

    def _add(self, path: str, facts: Facts, call: Call) -> None:
        place = path, call
        name, sure = self._name(facts, call.func)
        if name is not None:
            self._called[name].append(place)
        if not sure:
            self.called_somehow.append(place)
        handed, somehow = set[str](), False
        for argument in call.arguments:
            if isinstance(argument.value, Name | Attr):
                name, sure = self._name(facts, argument.value)
                handed |= {name} if name is not None else set()
                somehow = somehow or not sure
            elif isinstance(argument.value, Call | FunctionTerm):
                somehow = True
        for name in handed:
            self._handed[name].append(place)
        if somehow:
            self.handed_somehow.append(place)

    def _name(self, facts: Facts, term: Term) -> tuple[str | None, bool]:
        """Return the name under which what ``term`` is may be defined, and whether it can be under no other."""
        if isinstance(term, Attr):
            return term.name, term.name not in self._variables
        if not isinstance(term, Name):
            return None, False
        for scope in facts.around(term.scope):
            bindings = scope.names.get(term.id)
            if bindings is not None:
                values = [b.value for b in bindings]
                if all(isinstance(v, Literal) for v in values):
                    return None, True
                if not all(isinstance(v, FunctionTerm | ClassTerm | Imported | Literal) for v in values):
                    return term.id, False
                name = next((v.name for v in values if isinstance(v, Imported) and v.name is not None), term.id)
                return name, name not in self._variables or not any(isinstance(v, Imported) for v in values)
        return term.id, term.id not in self._variables

    def is_mentioned(self, name: str) -> bool:
        """Whether a function of this name may be called through a variable."""
        return name in self._mentioned or name in ("<lambda>", "__call__")

    def names_of(self, place: FunctionPlace, fact: FunctionFact) -> set[str]:
        """Return the names that a function is given: its own, and those of variables where it is a lambda."""
        return {fact.name, *self._bound.get(place, ())}

    def is_named(self, facts: Facts, term: Term) -> bool:
        """Whether what ``term`` calls can only be defined under the name that stands there, or one that it is
        imported as."""
        return self._name(facts, term)[1]

    def of_function(self, place: FunctionPlace, fact: FunctionFact, classes: Iterable[str]) -> Candidates:
        """Return the calls that may call a function, and those that may hand it over.

        ``classes`` are the names of the classes that the function is the constructor of.
        """
        return self._of({*classes, *self.names_of(place, fact)}, always=fact.name in ("<lambda>", "__call__"))

    def of_class(self, name: str) -> Candidates:
        """Return the same for the constructor that a class has without writing one."""
        return self._of({name}, always=False)

    def _of(self, names: set[str], *, always: bool) -> Candidates:
        names = _reached(names, self._aliases)
        called = _distinct(place for name in sorted(names) for place in self._called.get(name, ()))
        handing = _distinct(place for name in sorted(names) for place in self._handed.get(name, ()))
        others = always or not names.isdisjoint(self._mentioned)
        if sum(isinstance(call.func, Attr) for _, call in called) + len(handing) > CROWD:
            return Candidates(tuple(place for place in called if isinstance(place[1].func, Name)), (), others=False)
        return Candidates(called, handing, others)


def _reached(names: Iterable[str], leads: Mapping[str, set[str]]) -> set[str]:
    """Return the names, and all those that they lead to."""
    found = set(names)
    waiting = list(found)
    while waiting:
        more = leads.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return found


def _distinct(places: Iterable[CallPlace]) -> tuple[CallPlace, ...]:
    return tuple(dict.fromkeys(places))


def uses_sdk(facts: Facts) -> bool:
    """Whether a file imports the SDK, makes something that is called after OpenAI, or calls a path that only the SDK
    has."""
    return any(sdk_name(i.module) is not None for i in facts.imports if i.level == 0) or any(
        "OpenAI" in (last_name(call.func) or "") or api_path(call.func) is not None for call in facts.calls
    )


def api_path(term: Term) -> str | None:
    """Return the path of the API that a callee ends in, if only the SDK has it."""
    names: list[str] = []
    while isinstance(term, Attr):
        names.insert(0, term.name)
        term = term.base
    if not isinstance(term, Name | Call | Item):
        return None
    return openai_api.method_at_end(".".join(names)) if len(names) > 1 else None


def _bindings(facts: Facts) -> Iterator[tuple[str, Term]]:
    """Yield everything that a file gives a name or an attribute."""
    for scope in facts.scopes:
        if scope.kind not in ("module", "class"):
            for name, bindings in scope.names.items():
                yield from ((name, binding.value) for binding in bindings if not isinstance(binding.value, Parameter))
    yield from _seen_from_afar(facts)


def _seen_from_afar(facts: Facts) -> Iterator[tuple[str, Term]]:
    """Yield everything that a file gives an attribute, or a name of a module or class."""
    for scope in facts.scopes:
        if scope.kind in ("module", "class"):
            for name, bindings in scope.names.items():
                yield from ((name, binding.value) for binding in bindings)
    for cls in facts.classes:
        for name, bindings in cls.attributes.items():
            yield from ((name, binding.value) for binding in bindings)
    yield from ((store.name, store.value) for store in facts.stores)
    yield from ((put.name, put.value) for put in facts.puts)


DATA = frozenset({"bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"})
UNTOLD = DATA | {"Any", "object"}
"""With these an annotation says nothing that anybody could follow."""
_CONTAINERS = frozenset({"Dict", "List", "Mapping", "Optional", "Sequence", "Set", "Tuple", "Union"} | DATA)


def _may_be_called(value: Term) -> bool:
    """Whether what a name is given may be a function that is defined under another name."""
    match value:
        case FunctionTerm() | Imported() | ClassTerm() | Joined() | Literal() | Entries() | Items() | Opaque():
            return False
        case Typed():
            return not is_data(value.annotation)
        case Either():
            return any(map(_may_be_called, value.options))
    return True


def is_data(annotation: Term, names: frozenset[str] = DATA) -> bool:
    """Whether an annotation says no more than that something is one of the ``names``, or a container of such; by
    default these are what cannot be called."""
    match annotation:
        case Literal():
            return True
        case Name():
            return annotation.id in names
        case Item():
            return last_name(annotation.base) in _CONTAINERS and is_data(annotation.key, names)
        case Items():
            return all(is_data(value, names) for value in annotation.values)
        case Either():
            return all(is_data(option, names) for option in annotation.options)
    return False


class ClientNames:
    """The names that may stand for a client, a part of one, or a method of the API."""

    def __init__(self, facts: Mapping[str, Facts], calls: CallNames) -> None:
        """Follow the SDK's own names through everything that is bound, passed and returned."""
        self._calls = calls
        self._leads: dict[str, set[str]] = defaultdict(set)
        """Name -> the names that what it stands for is also given."""
        self._functions: dict[str, list[FunctionFact]] = defaultdict(list)
        self._collecting: dict[str, set[str]] = defaultdict(set)
        """Function -> the names of its ``**`` parameters."""
        self._own: set[str] = set()
        """The names of the project's functions and classes."""
        self._of_calls: dict[Call, tuple[str, ...]] = {}
        """The sources of calls; a call stands in the arguments of others."""
        for one in facts.values():
            self._declare(one)
        self._declare_parameters()
        for one in facts.values():
            self._follow(one)
        own = {*openai_api.client_classes(), *openai_api.v0_classes(), *GIVES_CLIENT, "openai"}
        self._names = _reached(own, self._leads)
        self._leads.clear()  # they weigh as much as the facts
        self._functions.clear()

    def may_be(self, term: Term) -> bool:
        """Whether a term may stand for such a thing."""
        return any(name in self._names for name in self._sources(term))

    def _declare(self, facts: Facts) -> None:
        for index, function in enumerate(facts.functions):
            for name in self._calls.names_of((facts.path, index), function):
                self._functions[name].append(function)
                self._own.add(name)
            if function.owner is not None and function.name in ("__init__", "__new__", "__call__"):
                self._functions[facts.classes[function.owner].name].append(function)
        for cls in facts.classes:
            self._own.add(cls.name)
            fields = {
                name
                for name, bindings in facts.scopes[cls.scope].names.items()
                if not isinstance(bindings[0].value, FunctionTerm)
            }
            for place in (*range(_PLACES + 1), None):
                self._leads[_argument(cls.name, place)] |= fields

    def _declare_parameters(self) -> None:
        """Let what stands for an argument of a function lead to the parameters that it may go to."""
        for name, functions in self._functions.items():
            mentioned = self._calls.is_mentioned(name)
            for function in functions:
                self._collecting[name].update(p.name for p in function.parameters if p.kind == "**")
                for place, parameters in enumerate(_by_place(function)):
                    for one in (_argument(name, place), _argument(name, None)):
                        self._leads[one] |= parameters
                    if mentioned:
                        self._leads[_argument("", place)] |= parameters
                        self._leads[_argument("", None)] |= parameters

    def _follow(self, facts: Facts) -> None:
        for name, value in _bindings(facts):
            self._lead(value, name)
            if isinstance(value, Call) and last_name(value.func) == "TypeVar":
                self._leads[_TYPE].add(name)
        for index, function in enumerate(facts.functions):
            names = {function.name}
            if function.name == "<lambda>":
                names = {_function(index)}
            elif function.owner is not None and function.name in _BEHIND:
                names.add(facts.classes[function.owner].name)
            for name in names:
                for term in (*function.returns, *function.yields, function.annotation):
                    self._lead(term, name)
            for parameter in function.parameters:
                self._lead(parameter.annotation, parameter.name)
                self._lead(parameter.default, parameter.name)
        for cls in facts.classes:
            for base in cls.bases:
                self._lead(base, cls.name)
                if isinstance(base, Item):
                    self._lead(base.key, _TYPE)
        for call in facts.calls:
            self._pass(facts, call)

    def _lead(self, term: Term | None, name: str) -> None:
        for source in self._sources(term):
            self._leads[source].add(name)

    def _pass(self, facts: Facts, call: Call) -> None:
        """Follow the arguments of a call to the parameters of whatever it may call."""
        called = last_name(call.func) or ""
        place = 0
        to: list[str] | None = None
        for argument in call.arguments:
            spread = argument.name in ("*", "**")
            sources = tuple(self._sources(argument.value))
            if sources:
                if to is None:
                    handed = {last_name(a.value) or "<lambda>" for a in call.arguments}
                    to = [_argument(name, None) for name in handed if name in self._functions]
                    somebody = not self._calls.is_named(facts, call.func)
                those = [*to]
                if spread or argument.name is None:
                    where = None if spread else place
                    those += [_argument(called, where), *([_argument("", where)] if somebody else [])]
                else:
                    those.append(argument.name)
                    those += self._collecting.get(called, ())
                for source in sources:
                    self._leads[source].update(those)
            place += argument.name is None

    def _sources(self, term: Term | None) -> Iterator[str]:
        """Yield the names that ``term`` may get its value from."""
        match term:
            case Name():
                yield term.id
            case Attr():
                yield term.name
                yield from self._sources(term.base)
            case Call():
                sources = self._of_calls.get(term)
                if sources is None:
                    sources = self._of_calls[term] = tuple(self._sources_of_call(term))
                yield from sources
            case Item():
                yield from self._sources(term.base)
                if isinstance(term.key, Literal):
                    yield str(term.key.value)
                else:
                    yield from self._sources(term.key)  # it may be an annotation
            case Element() | Entered():
                yield from self._sources(term.base)
            case Entries():
                for _, value in term.items:
                    yield from self._sources(value)
            case Items():
                for value in term.values:
                    yield from self._sources(value)
            case Either():
                for option in term.options:
                    yield from self._sources(option)
            case Typed():
                yield from self._sources(term.annotation)
                yield from self._sources(term.value)
            case Imported():
                if term.name is not None:
                    yield term.name
                if sdk_name(term.module) is not None:
                    yield "openai"
                yield term.module.rpartition(".")[2]
            case Parameter():
                yield term.name
            case FunctionTerm():
                yield _function(term.index)

    def _sources_of_call(self, call: Call) -> Iterator[str]:
        name = last_name(call.func) or ""
        if isinstance(call.func, Attr) and name in _ANSWERS:
            yield name  # an answer of the API, unless a function of the project is called so
            return
        yield from self._sources(call.func)
        if name not in self._own or name in _KEEPING:
            for argument in call.arguments:
                if isinstance(argument.value, Literal):
                    if name in _BY_NAME:
                        yield str(argument.value.value)
                else:
                    yield from self._sources(argument.value)


_ANSWERS = openai_api.method_names() - {*KEYED, *SAME_CLIENT, *SAME_CONTENT, "connect", "items"}
_BEHIND = frozenset({"__aenter__", "__call__", "__enter__", "__getattr__", "__getitem__"})
"""Methods that give what is reached through an object without naming them."""
_KEEPING = frozenset(name.rpartition(".")[2] for name in (*KEEPS_ARGUMENT, *PICKS, *INVOKES)) | {
    *("cast", "enumerate", "getattr", "partial", "zip"),
}
"""Functions whose result may be what they were given."""
_BY_NAME = frozenset({"getattr", "import_module", "__import__", "getfixturevalue"})
"""Functions that look up what a text names."""
_TYPE = "(type)"
"""Stands for all type variables."""
_PLACES = 8
"""Further places count as this one."""


def _function(index: int) -> str:
    """Return what stands for what lambdas at this place in their files give."""
    return f"(lambda {index})"


def _argument(function: str, place: int | None) -> str:
    """Return what stands for the argument at a place (None: at any) of all functions of a name.

    "" is the name of those that are called through a variable.
    """
    return f"{function}({'' if place is None else min(place, _PLACES)})"


def _by_place(function: FunctionFact) -> list[set[str]]:
    """Return which parameters an argument at each place may go to; a method may be called with or without ``self``."""
    names = [p.name for p in function.parameters]
    more = {p.name for p in function.parameters if p.kind == "*"}
    if function.owner is None:
        return [{name, *more} for name in names]
    return [{name for name in names[i : i + 2] if i or name != names[0]} | more for i in range(len(names))]
