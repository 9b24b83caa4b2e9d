"""Who calls a function or makes a class: sought by name among all calls of a project, then asked of each.

What a call calls may hang on what its function's parameters are, and these on other calls. So each call is a question
of its own: its answer, the functions that it calls, is noted with these, and changes with what it was told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from llm_codemods.classes import Classes
from llm_codemods.facts import Facts, FunctionFact
from llm_codemods.libraries import MAPS, PLAIN
from llm_codemods.solver import Solver
from llm_codemods.spelling import CallNames, CallPlace, FunctionPlace
from llm_codemods.terms import Argument, Attr, Call, Element, FunctionTerm, Items, Name, Term, last_name
from llm_codemods.values import Class, External, Function, Object, Values

FEW = 12
"""With more functions than that which one call may call, what is meant cannot be told."""
COMPARES = frozenset({"max", "min", "nlargest", "nsmallest", "sort", "sorted", "groupby"})
"""Functions and methods that call their ``key`` with every element."""
Called: TypeAlias = FunctionPlace | Class
"""A function, or a class without a constructor of its own."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A call of a function: what it passes, from which file, and how many leading parameters are bound already."""

    path: str
    arguments: tuple[Argument, ...]
    skip: int


Links: TypeAlias = tuple[tuple[Called, Caller], ...]
"""The functions and classes that a call calls, or hands over."""


class Callers:
    """The calls of each function and class of a project, as far as they have been asked for."""

    def __init__(
        self,
        facts: Mapping[str, Facts],
        calls: CallNames,
        solver: Solver,
        values: Callable[[str, Term], Values],
        classes: Classes,
    ) -> None:
        """Know of none yet.

        Args:
            facts: of all files, by path.
            calls: the same calls, by name.
            solver: keeps the questions.
            values: tells what a term in a file is.
            classes: of the project.
        """
        self._facts = facts
        self._calls = calls
        self._solver = solver
        self._values = values
        self._classes = classes
        self._look = self._note
        """Bound once for all questions, which keep it."""
        self._followed = False
        """Whether the calls through variables have been asked about."""
        self._sought: set[Called] = set()
        self._links: dict[tuple[str, Call], Links] = {}
        self._found: dict[Called, dict[tuple[Call, Caller], None]] = defaultdict(dict)
        self._handed: dict[tuple[Call, int], tuple[Argument, ...]] = {}
        """What functions get that a call hands over at a place."""

    def of(self, called: Called) -> tuple[Caller, ...]:
        """Return the calls of a function, or of a class, that are found in the project."""
        if called not in self._sought:
            self._sought.add(called)
            self._seek(called)
        return self._solver.ask(("callers", called), self._of, called)

    def forget(self) -> None:
        """Drop all calls; it keeps a method of its own."""
        self.__dict__.clear()

    def places(self, called: Called) -> tuple[CallPlace, ...]:
        """Return the same calls, and those that hand the function over, as they are written, with their files."""
        self.of(called)
        return tuple((caller.path, call) for call, caller in self._found[called])

    def _of(self, called: Called) -> tuple[Caller, ...]:
        return tuple(dict.fromkeys(caller for _, caller in self._found[called]))

    def _seek(self, called: Called) -> None:
        """Look at every call that may call a function or make a class, or hand it over."""
        if isinstance(called, Class):
            candidates = self._calls.of_class(self._classes.fact(called).name)
        else:
            path, index = called
            fact = self._facts[path].functions[index]
            candidates = self._calls.of_function(called, fact, self._made_by(path, fact))
        self._look_at(candidates.called, candidates.handing)
        if candidates.others and not self._followed:
            # Much is called through variables; once asked for, all of it is looked at.
            self._followed = True
            self._look_at(self._calls.called_somehow, self._calls.handed_somehow)

    def _look_at(self, called: Iterable[CallPlace], handing: Iterable[CallPlace]) -> None:
        for kind, calls in (("calls", called), ("hands", handing)):
            for path, call in calls:
                self._solver.pose((kind, call), self._look, kind, path, call)

    def _note(self, kind: str, path: str, call: Call) -> Links:
        """Find out what a call calls or hands over, and let that know."""
        now = tuple(self._callees(path, call)) if kind == "calls" else self._handed_by(path, call)
        before = self._links.get((kind, call), ())
        if now != before:
            self._links[kind, call] = now
            for function, caller in before:
                self._found[function].pop((call, caller), None)
            for function, caller in now:
                self._found[function][call, caller] = None
            for function in dict.fromkeys(function for function, _ in (*before, *now)):
                self._solver.stir(("callers", function))
        return now

    def _made_by(self, path: str, fact: FunctionFact) -> Iterator[str]:
        """Yield the names of the classes that a function is the constructor of."""
        if fact.owner is not None and fact.name in ("__init__", "__new__"):
            own = Class(path, fact.owner)
            yield from (self._classes.fact(cls).name for cls in (own, *self._classes.subclasses(own)))

    def _callees(self, path: str, call: Call) -> Iterator[tuple[Called, Caller]]:
        """Yield the functions and classes that a call calls."""
        functions = self._values(path, call.func)
        for value in functions if len(functions) <= FEW else ():
            match value:
                case Function():
                    yield (value.path, value.index), Caller(path, call.arguments, value.bound)
                case Class():
                    yield value, Caller(path, call.arguments, 0)
                    for name in ("__init__", "__new__"):
                        if (method := self._classes.method(value, name)) is not None:
                            yield method, Caller(path, call.arguments, 1)
                case Object() if (method := self._classes.method(value, "__call__")) is not None:
                    yield method, Caller(path, call.arguments, 1)

    def _handed_by(self, path: str, call: Call) -> Links:
        """Return the functions that a call hands to something outside of the project."""
        functions = self._values(path, call.func)
        if len(functions) > FEW or any(self._callees(path, call)):
            return ()
        if any(isinstance(f, External) and f.dotted in PLAIN for f in functions):
            return ()
        found: list[tuple[Called, Caller]] = []
        for place, argument in enumerate(call.arguments):
            if isinstance(argument.value, Name | Attr | Call | FunctionTerm):
                values = self._values(path, argument.value)
                for value in values if len(values) <= FEW else ():
                    if isinstance(value, Function):
                        key = call, place
                        if key not in self._handed:
                            self._handed[key] = handed(call, place)
                        found.append(((value.path, value.index), Caller(path, self._handed[key], value.bound)))
        return tuple(found)


def handed(call: Call, place: int) -> tuple[Argument, ...]:
    """Return what a function gets that is handed, at ``place``, to a call outside of the project: what follows it."""
    if call.arguments[place].name == "key" and last_name(call.func) in COMPARES:
        given = [a.value for a in call.arguments if a.name is None]
        whole = given or ([call.func.base] if isinstance(call.func, Attr) else [])
        return tuple(Argument(None, Element(one), call.span) for one in whole[-1:])  # behind how many there are to be
    if call.arguments[place].name is not None:
        named = {a.name: a for a in call.arguments}
        more = named["args"].value if "args" in named else None
        positional = [Argument(None, v, named["args"].span) for v in more.values] if isinstance(more, Items) else []
        return (*positional, *([replace(named["kwargs"], name="**")] if "kwargs" in named else []))
    rest = call.arguments[place + 1 :]
    if last_name(call.func) in MAPS:
        return tuple(replace(a, value=Element(a.value)) for a in rest if a.name is None)
    return rest
