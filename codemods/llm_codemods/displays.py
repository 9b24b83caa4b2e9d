"""What dictionaries, lists and tuples hold that are written out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator

from llm_codemods.solver import Solver
from llm_codemods.terms import Element, Entries, Items, Literal, Term
from llm_codemods.values import UNSEEN, Display, Step, Values


class Displays:
    """The displays of a project, and those that are made up for what others collect."""

    def __init__(
        self, solver: Solver, values: Callable[[str, Term], Values], texts: Callable[[str, Term], Iterable[str]]
    ) -> None:
        """Take who keeps the questions, what tells what a term in a file is, and what texts it may be."""
        self._solver = solver
        self._values = values
        self._texts = texts
        self._made: dict[Hashable, Term] = {}

    def term(self, key: Hashable, make: Callable[[], Term]) -> Term:
        """Return a term that stands nowhere: made up once for this key, since a term is known by its identity."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def made(self, path: str, source: Hashable, make: Callable[[], Entries | Items]) -> Display:
        """Return a display that stands nowhere in this file, as ``term`` does."""
        term = self.term(("display", source), make)
        assert isinstance(term, Entries | Items)
        return Display(path, term)

    def entry(self, display: Display, key: object) -> Iterator[Step]:
        """Yield the entries of a display under ``key``; None: under any."""
        if isinstance(display.term, Items):
            yield from self.at(display, key if isinstance(key, int) and not isinstance(key, bool) else None)
        else:
            # A question of its own: dictionaries may be unpacked into each other in a circle.
            question = ("entry", display.term, key)
            yield from self._solver.ask(question, self._entries, display.path, display.term, key)

    def _entries(self, path: str, term: Entries, key: object) -> tuple[Step, ...]:
        found: dict[Step, None] = {}
        for name, value in term.items:
            if name is None:
                for inner in self._values(path, value):
                    if isinstance(inner, Display):
                        found.update(dict.fromkeys(self.entry(inner, key)))
            elif key is None or (isinstance(name, Literal) and name.value == key):
                found[path, value] = None
            elif not isinstance(name, Literal):
                texts = tuple(self._texts(path, name))
                if not texts or key in texts:
                    found[path, value] = None
        return tuple(found) or (UNSEEN,)

    def at(self, display: Display, position: int | None) -> Iterator[Step]:
        """Yield the elements of a display; only that at ``position`` where this can be told."""
        path, term = display.path, display.term
        if isinstance(term, Entries):
            yield from ((path, key if position == 0 else value) for key, value in term.items if key is not None)
            return
        values = term.values
        if position is not None and -len(values) <= position < len(values):
            head = values[: position + 1] if position >= 0 else values[position:]
            if not any(isinstance(value, Element) and value.position is None for value in head):
                values = (values[position],)
        yield from ((path, value) for value in values)


def size(display: Display) -> int:
    """Return how many positional arguments ``*display`` gives."""
    return len(display.term.values) if isinstance(display.term, Items) else 0
