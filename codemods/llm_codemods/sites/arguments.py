"""The arguments of a call, by name, with all that the project knows of their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llm_codemods import adapters
from llm_codemods.project import Project
from llm_codemods.sites.site import Given, Pieces
from llm_codemods.terms import OPAQUE, Argument, Call, Element, Entries, Items, Literal, Name, Parameter, Term
from llm_codemods.values import Constant, Display, External, Function

SAME = frozenset({"builtins.list", "builtins.tuple"})
CUTS = frozenset({"itertools.batched", "more_itertools.batched", "more_itertools.chunked", "toolz.partition_all"})
"""Functions that cut something into pieces of as many as their second argument says."""
RANGE = frozenset({"builtins.range"})


class Arguments:
    """Reads arguments; keeps nothing but the project."""

    def __init__(self, project: Project) -> None:
        """Take the project that the calls stand in."""
        self.project = project

    def given(self, *calls: tuple[str, Call]) -> tuple[dict[str, Given], bool]:
        """Return the arguments by name (later calls win), and whether some cannot be seen."""
        found: dict[str, Given] = {}
        opaque = False
        for path, call in calls:
            for argument in call.arguments:
                term = argument.value
                if argument.name == "**":
                    entries, whole = self._passed(path, term)
                    opaque = opaque or not whole
                    found.update(entries)
                elif argument.name == "*":
                    opaque = True
                elif argument.name is not None:
                    direct = call is calls[-1][1]
                    adapter = self._adapter(path, term, adapters.VALUES)
                    term = adapter[1] if adapter else term
                    inline, values = isinstance(term, Literal), self.project.values(path, term)
                    text = self._is_text(path, term)
                    pieces = self._pieces(path, term) if argument.name == "input" else None
                    found[argument.name] = Given(
                        argument.name,
                        argument.span,
                        path,
                        direct,
                        inline,
                        values,
                        term,
                        text,
                        pieces=pieces,
                        adapted=adapter is not None,
                    )
        return found, opaque

    def _adapter(self, path: str, term: Term, names: frozenset[str]) -> tuple[str, Term, tuple[Argument, ...]] | None:
        """Return what a term passes through a function that an earlier run put in."""
        found = adapters.seen(term, names)
        if found is None or not isinstance(term, Call):
            return None
        values = self.project.values(path, term.func)
        return found if values and all(isinstance(value, Function) for value in values) else None

    def _passed(self, path: str, term: Term) -> tuple[dict[str, Given], bool]:
        """Return the entries of what a call unpacks, see ``unpacked``, after the functions that make them fit."""
        adapter = self._adapter(path, term, adapters.MAPPINGS)
        if adapter is None:
            return self.unpacked(path, term)
        function, mapping, rest = adapter
        entries, whole = self._passed(path, mapping)
        for name, to in adapters.told(function, rest).items():
            given = entries.pop(name, None)
            if given is not None and to is not None:
                entries[to] = replace(given, name=to, adapted=True)
        return entries, whole

    def unpacked(self, path: str, term: Term) -> tuple[dict[str, Given], bool]:
        """Return the entries of the dictionary that a term is, by name, and whether all of them can be seen."""
        entries, whole = self.project.dictionary(path, term)
        return {name: self._entry(name, places) for name, places in entries.items()}, whole

    def _is_text(self, path: str, term: Term) -> bool:
        """Whether a term is a parameter that is annotated as a text."""
        facts = self.project.facts[path]
        bindings = facts.scopes[term.scope].names.get(term.id, []) if isinstance(term, Name) else []
        for value in (binding.value for binding in bindings):
            if isinstance(value, Parameter):
                declared = next((p for p in facts.functions[value.function].parameters if p.name == value.name), None)
                if declared is not None and isinstance(declared.annotation, Name) and declared.annotation.id == "str":
                    return True
        return False

    def _pieces(self, path: str, term: Term, depth: int = 6) -> Pieces | None:
        """Say how a list is cut, where everything that it may be is a piece of another."""
        if depth == 0:
            return None
        match term:
            case Items(most=most) if most is not None:
                numbers = self._numbers(path, most)
                return Pieces(numbers, self._steps(path, term.start)) if numbers else None
            case Call(arguments=arguments) if self._is(path, term, SAME) and len(arguments) == 1:
                return self._pieces(path, arguments[0].value, depth - 1)
            case Element(base=Call(arguments=arguments) as call) if self._is(path, call, CUTS) and len(arguments) > 1:
                numbers = self._numbers(path, arguments[1].value)
                return Pieces(numbers, numbers) if numbers else None
        origins = () if isinstance(term, Items) else self.project.origins(path, term)
        found = [self._pieces(file, one, depth - 1) for file, one in origins]
        known = [one for one in found if one is not None]
        if not known or len(known) < len(found):
            return None
        steps = tuple(step for one in known for step in one.steps) if all(one.steps for one in known) else ()
        return Pieces(tuple(number for one in known for number in one.most), steps)

    def _is(self, path: str, call: Call, names: frozenset[str]) -> bool:
        values = self.project.values(path, call.func)
        return bool(values) and all(isinstance(v, External) and v.dotted in names for v in values)

    def _steps(self, path: str, start: Term | None) -> tuple[Constant, ...]:
        """Return the steps of the ``range`` that a start counts by."""
        origins = self.project.origins(path, start) if start is not None else ()
        match origins:
            case ((file, Element(base=Call(arguments=(_, _, step)) as call)),) if self._is(file, call, RANGE):
                return self._numbers(file, step.value)
        return ()

    def _numbers(self, path: str, term: Term, depth: int = 6) -> tuple[Constant, ...]:
        """Return the numbers that a term may be; () where it may be anything else."""
        if isinstance(term, Literal):
            return (Constant(path, term),) if type(term.value) is int else ()
        origins = self.project.origins(path, term) if depth else ()
        found = [self._numbers(file, one, depth - 1) for file, one in origins]
        return tuple(number for numbers in found for number in numbers) if all(found) else ()

    def _entry(self, name: str, places: Sequence[tuple[Display, Term]]) -> Given:
        """Return the argument that stands under a name in dictionaries that are unpacked."""
        values = dict.fromkeys(v for display, term in places for v in self.project.values(display.path, term))
        display, term = places[0] if len(places) == 1 else (places[0][0], OPAQUE)
        span = display.term.span
        entries = display.term if isinstance(display.term, Entries) else None
        put = entries.put if entries is not None and len(places) == 1 else None
        keys = [k for k, _ in entries.items] if entries is not None and entries.written else []
        written = any(isinstance(key, Literal) and key.value == name for key in keys)
        return Given(
            name,
            span,
            display.path,
            direct=False,
            inline=isinstance(term, Literal),
            values=tuple(values),
            term=term,
            entry=written and len(places) == 1,
            put=put,
        )
