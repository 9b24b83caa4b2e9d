"""The arguments of a call, by name, with all that the project knows of their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from llm_codemods import adapters, dictionaries
from llm_codemods.project import Project
from llm_codemods.sites.kinds.given import Given, Pieces, says_nothing
from llm_codemods.terms import (
    OPAQUE,
    Argument,
    Attr,
    Call,
    Either,
    Element,
    Entries,
    Item,
    Items,
    Joined,
    Literal,
    Name,
    Occurrence,
    Parameter,
    Term,
    count,
    last_name,
)
from llm_codemods.values import Constant, Display, External, Function, Values

SAME = frozenset({"builtins.list", "builtins.tuple"})
CUTS = frozenset(
    {
        *("itertools.batched", "more_itertools.batched", "more_itertools.chunked", "more_itertools.sliced"),
        *("toolz.partition_all", "cytoolz.partition_all", "langchain_core.utils.iter.batch_iterate"),
    }
)
"""Functions that cut something into pieces; these are told how long they are first, the others behind it:"""
SIZE_FIRST = frozenset(name for name in CUTS if name.endswith(("partition_all", "batch_iterate")))
RANGE = frozenset({"builtins.range"})
THROUGH = SAME | {
    *("tqdm.tqdm", "tqdm.asyncio.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.std.tqdm", "rich.progress.track"),
}
"""Functions that give what they are given, one by one."""


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
            named = {argument.name for argument in call.arguments}
            for argument in call.arguments:
                term = argument.value
                if argument.name == "**":
                    entries, whole = self._passed(path, term)
                    opaque = opaque or not whole
                    found.update({name: given for name, given in entries.items() if name not in named})  # not twice
                elif argument.name == "*":
                    opaque = True
                elif argument.name is not None:
                    direct = call is calls[-1][1]
                    adapter = self._adapter(path, term, adapters.VALUES)
                    term = adapter[1] if adapter else term
                    inline, values = isinstance(term, Literal), self.project.values(path, term)
                    text = self._is_text(path, term)
                    sent = argument.name == "input"
                    pieces, most = (self._pieces(path, term), self.most(path, term)) if sent else (None, None)
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
                        most=most,
                        adapted=adapter is not None,
                        open=self._is_open(path, term, values),
                    )
        return found, opaque

    def _is_open(self, path: str, term: Term, values: Values) -> bool:
        """Whether what is only known to say nothing may be something else: it is what a call gives."""
        return bool(values) and all(map(says_nothing, values)) and self._is_asked_for(path, term)

    def _is_asked_for(self, path: str, term: Term, depth: int = 6) -> bool:
        match term:
            case Literal():
                return False
            case Either(options=options):
                return any(self._is_asked_for(path, option, depth) for option in options)
            case Item() | Element():
                return True
        origins = self.project.origins(path, term) if depth else ()
        if not origins:
            return isinstance(term, Call)
        return any(self._is_asked_for(file, one, depth - 1) for file, one in origins)

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
        for more in adapters.added(function, rest):
            assert more.name is not None
            given = Given(more.name, more.span, path, direct=False, inline=False, values=(), term=OPAQUE, adapted=True)
            entries[more.name] = given
        return entries, whole

    def unpacked(self, path: str, term: Term) -> tuple[dict[str, Given], bool]:
        """Return the entries of the dictionary that a term is, by name, and whether all of them can be seen."""
        entries, whole = dictionaries.entries(self.project, path, term)
        alone = isinstance(term, Entries) or self._is_alone(path, term)
        found = {name: self._entry(name, places) for name, places in entries.items()}
        always = dictionaries.always(self.project, path, term) if found else ()
        return {
            name: replace(given, alone=alone and given.path == path, maybe=name not in always)
            for name, given in found.items()
        }, whole

    def _is_alone(self, path: str, term: Term) -> bool:
        """Whether a name is bound once, and read nowhere but where one call unpacks it."""
        facts = self.project.facts[path]
        if not isinstance(term, Name) or term.id not in facts.alone:
            return False
        stem = path.rpartition("/")[2].removesuffix(".py")
        imports = (i for one in self.project.facts.values() for i in one.imports)
        taken = (term.id in i.names or ("*" in i.names and i.module.endswith(stem)) for i in imports)
        return not any(taken)

    def most(self, path: str, term: Term, depth: int = 6) -> int | None:
        """Return how many texts an argument is at most; None where nobody can tell."""
        match term:
            case Literal(value=str()):
                return 1
            case Joined() if self._is_put_together(path, term):
                return 1
            case Items(any_number=True, of=source) if source is not None:
                return self.most(path, source, depth - 1) if depth else None
            case Items(most=None) if (number := count(term)) is not None:
                return number
            case Items():
                return None
        if self._is_text(path, term):
            return 1
        origins = self._sources(path, term) if depth else ()
        named = isinstance(term, Name | Attr | Either) and any(isinstance(one, Items | Either) for _, one in origins)
        if named and (len(origins) > 1 or last_name(term) in self.project.facts[path].added):
            return None  # something may be put into it
        found = [self.most(file, one, depth - 1) for file, one in origins]
        known = [number for number in found if number is not None]
        if not known or len(known) < len(found):
            return None
        if isinstance(term, Parameter) and (max(known) > 1 or any(file != path for file, _ in origins)):
            return (
                None  # a function that is given a few here, or is called from other files, may be given more elsewhere
            )
        return max(known)

    def _is_put_together(self, path: str, term: Joined) -> bool:
        """Whether a sum is one of texts: a part of it is a text for sure."""
        return any(
            self._is_put_together(path, part)
            if isinstance(part, Joined)
            else self._is_text(path, part) or (isinstance(part, Literal) and isinstance(part.value, str))
            for part in term.parts
        )

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
            case Items(most=most, start=start) if most is not None:
                numbers = self._numbers(path, most)
                found = Pieces(numbers, self._steps(path, start) if numbers else ())
                return found if numbers or start is not None else None  # the first few may be all
            case Items(any_number=True, of=source) if source is not None:
                return self._pieces(path, source, depth - 1)
            case Call(arguments=arguments) if self._is(path, term, SAME) and len(arguments) == 1:
                return self._pieces(path, arguments[0].value, depth - 1)
            case Element(base=base, position=None) if (cut := self._cut(path, base, depth - 1)) is not None:
                numbers = self._numbers(*cut)
                return Pieces(numbers, numbers)
        origins = () if isinstance(term, Items) else self._sources(path, term)
        pieces = [self._pieces(file, one, depth - 1) for file, one in origins]
        known = [one for one in pieces if one is not None]
        if not known or len(known) < len(pieces):
            return None
        seen = all(one.most for one in known)
        steps = tuple(step for one in known for step in one.steps) if seen and all(one.steps for one in known) else ()
        return Pieces(tuple(number for one in known for number in one.most) if seen else (), steps)

    def _sources(self, path: str, term: Term) -> Sequence[Occurrence]:
        """Return what a term takes its value from, as ``origins``; of a generator's elements, what that yields."""
        if isinstance(term, Element) and term.position is None:
            yielded = [self._yielded(*place) for place in self._followed(path, term.base, 6, set())]
            if yielded and all(yielded):
                return [one for places in yielded for one in places]
        return self.project.origins(path, term)

    def _yielded(self, path: str, term: Term) -> list[Occurrence]:
        values = self.project.values(path, term.func) if isinstance(term, Call) else ()
        functions = [(v.path, self.project.facts[v.path].functions[v.index]) for v in values if isinstance(v, Function)]
        return [(file, one) for file, function in functions for one in function.yields]

    def _cut(self, path: str, term: Term, depth: int) -> Occurrence | None:
        """Return the number of what goes into one piece, where a term is pieces of something, one by one."""
        found = {self._size(*place) for place in self._followed(path, term, depth, set())}
        return found.pop() if len(found) == 1 else None

    def _size(self, path: str, term: Term) -> Occurrence | None:
        if not isinstance(term, Call) or len(term.arguments) < 2 or not self._is(path, term, CUTS):
            return None
        return path, term.arguments[0 if self._is(path, term, SIZE_FIRST) else 1].value

    def _followed(self, path: str, term: Term, depth: int, seen: set[Term]) -> Iterator[Occurrence]:
        """Yield what a term goes back to, through functions that give what they are given."""
        if term in seen:
            return
        seen.add(term)
        if isinstance(term, Call) and term.arguments and self._is(path, term, THROUGH):
            yield from self._followed(path, term.arguments[0].value, depth, seen)
            return
        origins = self.project.origins(path, term) if depth and not isinstance(term, Call) else ()
        for file, one in origins:
            yield from self._followed(file, one, depth - 1, seen)
        if not origins:
            yield path, term

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
        adapters_of = [self._adapter(display.path, term, adapters.VALUES) for display, term in places]
        inner = [found[1] if found else term for (_, term), found in zip(places, adapters_of, strict=True)]
        values = dict.fromkeys(
            v for (display, _), term in zip(places, inner, strict=True) for v in self.project.values(display.path, term)
        )
        display, term = (places[0][0], inner[0] if len(places) == 1 else OPAQUE)
        span = display.term.span
        entries = display.term if isinstance(display.term, Entries) else None
        mosts = [self.most(display.path, term) for display, term in places] if name == "input" else []
        most = max((m for m in mosts if m is not None), default=None) if None not in mosts else None
        pieces = self._pieces(display.path, term) if name == "input" and len(places) == 1 else None
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
            pieces=pieces,
            adapted=all(adapters_of),
            most=most,
            open=any(
                self._is_open(display.path, one, tuple(values)) for (display, _), one in zip(places, inner, strict=True)
            ),
        )
