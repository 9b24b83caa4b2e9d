"""What is put on a thing from elsewhere: ``thing.name = …``, ``thing["name"] = …``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from llm_codemods.classes import Classes
from llm_codemods.facts import Facts
from llm_codemods.libraries import MOCKS
from llm_codemods.solver import Solver
from llm_codemods.terms import Attr, Name, Occurrence, Term, last_name
from llm_codemods.values import Class, Display, External, Foreign, Module, Object, Super, Value, Values


class _Put(NamedTuple):
    path: str
    base: Term
    value: Term
    item: bool
    """It is put under a key, not an attribute."""


class Puts:
    """All that is put somewhere in a project, by its name there."""

    def __init__(
        self, facts: Mapping[str, Facts], solver: Solver, values: Callable[[str, Term], Values], classes: Classes
    ) -> None:
        """Read what all files put.

        Args:
            facts: of all files, by path.
            solver: keeps the questions.
            values: tells what a term in a file is.
            classes: of the project.
        """
        self._facts = facts
        self._solver = solver
        self._values = values
        self._classes = classes
        self._puts: dict[str, dict[str | None, list[_Put]]] = defaultdict(partial(defaultdict, list))
        """Name of the attribute or key -> last name of what it is put on."""
        for path, one in facts.items():
            for store in one.stores:
                self._puts[store.name][last_name(store.base)].append(_Put(path, store.base, store.value, item=False))
            for put in one.puts:
                self._puts[put.name][last_name(put.base)].append(_Put(path, put.base, put.value, put.item))

    def __contains__(self, name: object) -> bool:
        """Whether anything is put under a name."""
        return name in self._puts

    def on(self, owners: Sequence[Class | Module], name: str) -> Iterator[Occurrence]:
        """Yield what is put on one of these, as its attribute."""
        if name in self._puts:
            for owner, path, value in self._solver.ask(("set", name), self._owned, name):
                if owner in owners:
                    yield path, value

    def _owned(self, name: str) -> tuple[tuple[Class | Module, str, Term], ...]:
        attributes = (put for puts in self._puts[name].values() for put in puts if not put.item)
        owned = ((_owner(of), p.path, p.value) for p in attributes for of in self._values(p.path, p.base))
        return tuple(dict.fromkeys((owner, path, value) for owner, path, value in owned if owner is not None))

    def on_others(self, owner: str | None, name: str) -> Sequence[Occurrence]:
        """Return what is put under the same two names elsewhere, on things that are not the project's:
        ``app.state.client = …`` for ``request.app.state.client``."""
        if owner not in self._puts.get(name, ()):
            return ()
        return self._solver.ask(("put", owner, name), self._kept, owner, name)

    def _kept(self, owner: str | None, name: str) -> tuple[Occurrence, ...]:
        puts = self._puts[name][owner]
        return tuple((p.path, p.value) for p in puts if all(map(_takes_anything, self._values(p.path, p.base))))

    def of_siblings(self, path: str, term: Attr) -> Collection[Occurrence]:
        """Return what methods of other classes put there, where they and this one have but a base in common:
        ``self.config.model = …`` is said of the ``config`` of one's own."""
        puts = self._puts[term.name].get(last_name(term.base), ()) if term.name in self._puts else ()
        own = self._whose(path, term.base) if puts else None
        if own is None:
            return ()
        others = ((p, self._whose(p.path, p.base)) for p in puts if not p.item)
        return {
            (p.path, p.value) for p, other in others if other is not None and self._classes.are_siblings(own, other)
        }

    def _whose(self, path: str, term: Term) -> Class | None:
        """Return the class whose attribute ``self.name`` is; None where it is no such thing."""
        if not (isinstance(term, Attr) and isinstance(term.base, Name)):
            return None
        function = self._facts[path].function_of(term.base.scope)
        if function is None or function.owner is None or not function.parameters:
            return None
        return Class(path, function.owner) if function.parameters[0].name == term.base.id else None

    def by_validators(self, cls: Class, name: str) -> Iterator[Occurrence]:
        """Yield what a method of the class puts under the field's name into a dictionary that it gets, as validators
        do: ``values["client"] = …``."""
        facts = self._facts[cls.path]
        for put in (put for puts in self._puts.get(name, {}).values() for put in puts):
            if put.item and put.path == cls.path and isinstance(put.base, Name):
                in_function = facts.scopes[put.base.scope].kind == "function"
                function = facts.function_of(put.base.scope) if in_function else None
                if function is not None and function.owner == cls.index:
                    yield from ((put.path, put.value) for p in function.parameters if p.name == put.base.id)


def _owner(value: Value) -> Class | Module | None:
    """Return where the attributes of a value are kept."""
    match value:
        case Module() | Class():
            return value
        case Object() | Super():
            return Class(value.path, value.index)
    return None


def _takes_anything(value: Value) -> bool:
    """Whether somebody else's thing keeps whatever is put on it; what is put on a mock says nothing."""
    return isinstance(value, External | Foreign | Display) and not (
        isinstance(value, Foreign) and value.dotted.startswith(MOCKS)
    )
