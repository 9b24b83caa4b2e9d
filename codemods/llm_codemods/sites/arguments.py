"""The arguments of a call, by name, with all that the project knows of their values."""

from __future__ import annotations

from collections.abc import Sequence

from llm_codemods.project import Project
from llm_codemods.sites.site import Given
from llm_codemods.terms import OPAQUE, Call, Entries, Literal, Name, Parameter, Term
from llm_codemods.values import Display


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
                    entries, whole = self.unpacked(path, term)
                    opaque = opaque or not whole
                    found.update(entries)
                elif argument.name == "*":
                    opaque = True
                elif argument.name is not None:
                    direct = call is calls[-1][1]
                    inline, values = isinstance(term, Literal), self.project.values(path, term)
                    text = self._is_text(path, term)
                    found[argument.name] = Given(argument.name, argument.span, path, direct, inline, values, term, text)
        return found, opaque

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

    def _entry(self, name: str, places: Sequence[tuple[Display, Term]]) -> Given:
        """Return the argument that stands under a name in dictionaries that are unpacked."""
        values = dict.fromkeys(v for display, term in places for v in self.project.values(display.path, term))
        display, term = places[0] if len(places) == 1 else (places[0][0], OPAQUE)
        span = display.term.span
        written = isinstance(display.term, Entries) and any(
            isinstance(key, Literal) and key.value == name for key, _ in display.term.items
        )
        return Given(
            name,
            span,
            display.path,
            direct=False,
            inline=isinstance(term, Literal),
            values=tuple(values),
            term=term,
            entry=written and len(places) == 1,
        )
