"""What can be told from names alone, over a whole project: who may be called.

Looking a name up across files is dear. This index is cheap and never leaves out what the look-up would find, so that it
is asked only where its answer can matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from llm_codemods import openai_api
from llm_codemods.facts import Facts, FunctionFact
from llm_codemods.libraries import (
    sdk_name,
)
from llm_codemods.terms import (
    Attr,
    Call,
    ClassTerm,
    Either,
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

    def _names_of(self, place: FunctionPlace, fact: FunctionFact) -> set[str]:
        """Return the names that a function is given: its own, and those of variables where it is a lambda."""
        return {fact.name, *self._bound.get(place, ())}

    def of_function(self, place: FunctionPlace, fact: FunctionFact, classes: Iterable[str]) -> Candidates:
        """Return the calls that may call a function, and those that may hand it over.

        ``classes`` are the names of the classes that the function is the constructor of.
        """
        return self._of({*classes, *self._names_of(place, fact)}, always=fact.name in ("<lambda>", "__call__"))

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
