"""Terms: what the expressions of a file become, once read.

A term is a plain value without syntax nodes: it can be pickled, and ``project`` evaluates it across files. Two terms
are equal only if they are the same one: a term stands for one place in one file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from llm_codemods.edits import Span
from llm_codemods.frozen import frozen

Branch = tuple[int, ...]
"""The arms of ``if``/``try``/``match`` around a statement, outermost first: ``node * ARMS + arm``."""


@frozen
class Name:
    """A name read at offset ``at`` in ``scope`` (an index into ``Facts.scopes``)."""

    id: str
    scope: int
    at: int
    branch: Branch


@frozen
class Attr:
    """``base.name``."""

    base: Term
    name: str


@frozen
class Argument:
    """One argument of a call: ``name`` is None for a positional one, ``*`` and ``**`` for unpackings."""

    name: str | None
    value: Term
    span: Span


@frozen
class Call:
    """``func(arguments)``; ``scope`` is where the call stands, ``callee`` the span of ``func``."""

    func: Term
    arguments: tuple[Argument, ...]
    span: Span
    callee: Span
    scope: int


@frozen
class Literal:
    """A constant. ``plain`` is False for a string that is no single literal token (implicit concatenation)."""

    value: str | int | float | bool | None
    span: Span
    plain: bool = True


@frozen
class Item:
    """``base[key]``."""

    base: Term
    key: Term
    span: Span


@frozen
class Element:
    """One of the values that iterating over ``base`` yields; ``position`` when unpacked from a sequence."""

    base: Term
    position: int | None = None


@frozen
class Entered:
    """What ``with base as x`` binds."""

    base: Term


@dataclass(frozen=True, slots=True)
class Assigned:
    """Where an assignment ``base[key] = value``, with nothing else in its lines, has its parts."""

    statement: Span
    key: Span
    value: Span


@frozen
class Entries:
    """A dictionary display; a None key is ``**unpacking``."""

    items: tuple[tuple[Term | None, Term], ...]
    span: Span
    put: Assigned | None = None
    """It is one entry that an assignment puts into a dictionary, and ``span`` is that of ``base[key]``."""
    written: bool = True
    """Its entries stand at ``span`` with their keys, so that each can be changed, or taken out, by itself."""
    taken: frozenset[str] = frozenset()
    """What a function collects in ``**options``: its own parameters, which are taken out of what is unpacked."""

    def under(self, name: str) -> Iterator[Term]:
        """Yield what stands under a key that is written out."""
        return (value for key, value in self.items if isinstance(key, Literal) and key.value == name)


@frozen
class Items:
    """A list, tuple or set display; ``*x`` in it is an ``Element`` of ``x``."""

    values: tuple[Term, ...]
    span: Span
    any_number: bool = False
    """A comprehension: of the one value there is any number."""
    most: Term | None = None
    """A slice, ``x[start : start + most]`` or ``x[:most]``: there are so many at most. ``OPAQUE``: it is one of the
    slices that a loop takes."""
    start: Term | None = None
    of: Term | None = None
    """What a comprehension goes through; None where that is several."""


@frozen
class Either:
    """One of several: ``a or b`` (``fallback``: the next one where this one is empty), ``a if c else b``."""

    options: tuple[Term, ...]
    fallback: bool = False


@frozen
class Joined:
    """A text put together of parts, by an f-string or ``+``."""

    parts: tuple[Term, ...]
    span: Span


@frozen
class Typed:
    """An instance of what ``annotation`` names; ``value`` says more where it is known."""

    annotation: Term
    value: Term | None = None


@frozen
class Imported:
    """``import module`` (name None) or ``from module import name``; ``level`` counts leading dots."""

    module: str
    name: str | None
    level: int


@frozen
class Parameter:
    """A parameter inside its function (an index into ``Facts.functions``)."""

    function: int
    name: str


@frozen
class FunctionTerm:
    """The function with this index, as a value."""

    index: int


@frozen
class ClassTerm:
    """The class with this index, as a value."""

    index: int


@frozen
class Opaque:
    """Something we do not model."""


OPAQUE = Opaque()

Term = (
    Name
    | Attr
    | Call
    | Literal
    | Item
    | Element
    | Entered
    | Entries
    | Items
    | Either
    | Joined
    | Typed
    | Imported
    | Parameter
    | FunctionTerm
    | ClassTerm
    | Opaque
)
Occurrence = tuple[str, Term]
"""A term, and the file in which it stands."""


def last_name(term: Term) -> str | None:
    """Return the name that a term ends in: ``c`` for ``a.b.c``, ``a.b.c(…)`` and ``a.b.c[…]``; None if it has none."""
    while True:
        match term:
            case Name():
                return term.id
            case Attr():
                return term.name
            case Call():
                term = term.func
            case Item() | Element():
                term = term.base
            case _:
                return None


def dotted(term: Term) -> str | None:
    """Return a name with the attributes behind it as it is written, ``a.b.c``; None for anything else."""
    match term:
        case Name():
            return term.id
        case Attr(base=base, name=name):
            before = dotted(base)
            return None if before is None else f"{before}.{name}"
    return None


def count(term: Items) -> int | None:
    """Return how many members a list has; None where that cannot be seen."""
    unpacked = any(isinstance(value, Element) and value.position is None for value in term.values)
    return None if unpacked or term.any_number else len(term.values)


def entries_of(call: Call) -> Entries:
    """Return the dictionary that ``dict(…)``, called like this, would make."""
    items = tuple(
        (None if a.name in (None, "**") else Literal(a.name, a.span, plain=False), a.value)
        for a in call.arguments
        if a.name != "*"
    )
    return Entries(items, call.span)


def with_names(call: Call, names: Sequence[str]) -> Call:
    """Return a call whose first arguments, where they have none, have these names."""
    if not names:
        return call
    arguments = list(call.arguments)
    for i, name in enumerate(names):
        if i >= len(arguments) or arguments[i].name is not None:
            break
        arguments[i] = replace(arguments[i], name=name)
    return replace(call, arguments=tuple(arguments))
