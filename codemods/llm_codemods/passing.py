"""What functions are given: by those who call them, by the command line, by pytest."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from llm_codemods.callers import Caller
from llm_codemods.displays import Displays, size
from llm_codemods.edits import Span
from llm_codemods.facts import Facts, FunctionFact, ParameterFact
from llm_codemods.terms import Argument, Call, Element, Entries, Items, Literal, Term, last_name
from llm_codemods.values import Display, Environment, Step, Values


class Passing:
    """What calls pass for the parameters of functions."""

    def __init__(self, values: Callable[[str, Term], Values], displays: Displays) -> None:
        """Take what tells what a term in a file is, and the displays of the project."""
        self._values = values
        self._displays = displays

    def argument(self, fact: FunctionFact, name: str, caller: Caller) -> Iterator[Step]:
        """Yield what a call passes for a parameter."""
        for argument in caller.arguments:
            if argument.name == name:
                yield caller.path, argument.value
                return
        positional = [p.name for p in fact.parameters if p.kind == "positional"][caller.skip :]
        if name in positional:
            place = positional.index(name)
            for i, argument in enumerate(a for a in caller.arguments if a.name in (None, "*")):
                if argument.name == "*":
                    for value in self._values(caller.path, argument.value):
                        if isinstance(value, Display) and place - i < size(value):
                            yield from self._displays.at(value, place - i)
                    return
                if i == place:
                    yield caller.path, argument.value
                    return
        for argument in caller.arguments:
            if argument.name == "**":
                for value in self._values(caller.path, argument.value):
                    if isinstance(value, Display) and isinstance(value.term, Entries):
                        yield from self._displays.entry(value, name)

    def rest(self, fact: FunctionFact, declared: ParameterFact, callers: Iterable[Caller]) -> Iterator[Step]:
        """Yield what ``*args`` or ``**kwargs`` collects from each caller."""
        names = frozenset(p.name for p in fact.parameters if p.kind in ("positional", "keyword"))
        places = sum(p.kind == "positional" for p in fact.parameters)
        for caller in callers:
            given = caller.arguments
            if given and declared.kind == "**":
                rest = [a for a in given if a.name not in (None, "*") and a.name not in names]
                yield self._displays.made(caller.path, (fact, caller), partial(_keywords, rest, given[0].span, names))
            elif given:
                rest = [a for a in given if a.name in (None, "*")][max(0, places - caller.skip) :]
                yield self._displays.made(caller.path, (caller, fact), partial(_positionals, rest, given[0].span))


class Options:
    """The arguments of the command line that a project declares."""

    def __init__(self, facts: Mapping[str, Facts], values: Callable[[str, Term], Values], displays: Displays) -> None:
        """Take the facts of all files; the rest as ``Passing``."""
        self._values = values
        self._displays = displays
        self._arguments = [
            (path, call) for path, one in facts.items() for call in one.calls if last_name(call.func) == "add_argument"
        ]

    def of(self, fact: FunctionFact, name: str) -> Iterator[Call]:
        """Yield the decorators that declare the command line's option for a parameter: ``@click.option("--model")``."""
        for decorator in fact.decorators:
            if not isinstance(decorator, Call) or last_name(decorator.func) != "option":
                continue
            if name in _destinations(decorator):
                named = tuple(a for a in decorator.arguments if a.name is not None)
                term = self._displays.term(("option", decorator), partial(replace, decorator, arguments=named))
                assert isinstance(term, Call)
                yield term

    def parsed(self, path: str, name: str) -> Iterator[Step]:
        """Yield the default of the command line's argument that is parsed into this attribute.

        Not a variable that is read as default: it is read although something else may be typed.
        """
        declared = [(p, call) for p, call in self._arguments if name in _destinations(call)]
        for file, call in [row for row in declared if row[0] == path] or declared:
            for argument in call.arguments:
                if argument.name == "default":
                    values = self._values(file, argument.value)
                    read = any(isinstance(v, Environment) for v in values)
                    yield from (
                        (v for v in values if not isinstance(v, Environment)) if read else ((file, argument.value),)
                    )


class Fixtures:
    """The fixtures of pytest in a project."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        """Take the facts of all files."""
        self._fixtures = {
            (path, function.name): function
            for path, one in facts.items()
            for function in one.functions
            if any(last_name(decorator) == "fixture" for decorator in function.decorators)
        }

    def find(self, path: str, name: str) -> tuple[str, FunctionFact] | None:
        """Return the fixture that a parameter of this name means, with its file: that itself, or a ``conftest.py``."""
        folders = PurePosixPath(path).parents if self._fixtures else ()
        for file in (path, *(posixpath.normpath(f"{folder}/conftest.py") for folder in folders)):
            if (fixture := self._fixtures.get((file, name))) is not None:
                return file, fixture
        return None


def _destinations(call: Call) -> set[str]:
    """Return the names under which the value of a command line's option may be kept: ``--base-url`` is ``base_url``."""
    flags = [a.value.value for a in call.arguments if a.name in (None, "dest") and isinstance(a.value, Literal)]
    return {str(flag).lstrip("-").replace("-", "_") for flag in flags}


def _keywords(arguments: Iterable[Argument], span: Span, taken: frozenset[str]) -> Entries:
    """Return what ``**kwargs`` makes of arguments, where the function itself takes some by name."""
    items = tuple((None if a.name == "**" else Literal(a.name, a.span), a.value) for a in arguments)
    return Entries(items, span, written=False, taken=taken)


def _positionals(arguments: Iterable[Argument], span: Span) -> Items:
    """Return what ``*args`` makes of arguments."""
    return Items(tuple(Element(a.value) if a.name == "*" else a.value for a in arguments), span)
