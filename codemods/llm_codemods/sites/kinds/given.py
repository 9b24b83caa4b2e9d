"""One argument as a call receives it, with all that is known of its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llm_codemods.edits import Span
from llm_codemods.terms import Assigned, Term
from llm_codemods.values import Constant, Display, Environment, External, Value, Values

Resolve = Callable[[str, Term], Values]


NOTHING = frozenset({"openai.NOT_GIVEN", "openai.omit"})
"""What the SDK takes for an argument that is not there."""


def says_nothing(value: Value) -> bool:
    """Whether an argument with this value is as good as not there."""
    if isinstance(value, Constant):
        return value.literal.value is None
    return isinstance(value, External) and value.dotted in NOTHING


def nothing_known(_path: str, _term: Term) -> Values:
    """Resolve nothing: for sites whose terms nobody asks about."""
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """How something is cut into pieces."""

    most: tuple[Constant, ...]
    """How many the pieces hold at most; () where that is not seen. And"""
    steps: tuple[Constant, ...]
    """how far apart they begin, by ``range``; () where that is not seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One argument as a call receives it."""

    name: str
    span: Span
    """Of the value, in ``path``."""
    path: str
    direct: bool
    """Written as a keyword of the call itself, not through ``**`` or ``functools.partial``."""
    inline: bool
    """The value is a literal right there, in the call or in the dictionary."""
    values: Values
    term: Term
    text: bool = False
    """It is annotated as a single text."""
    entry: bool = False
    """It stands in one dictionary that is unpacked, and ``span`` is that of the dictionary."""
    pieces: Pieces | None = None
    """It is a piece of something longer."""
    put: Assigned | None = None
    """It is put into one dictionary that is unpacked, by an assignment of its own in ``path``."""
    adapted: bool = False
    """A function that an earlier run put in makes it fit the endpoint."""
    alone: bool = False
    """The dictionary that it stands in is for this call alone."""
    most: int | None = None
    """As many texts it is at most; None: nobody can tell."""
    maybe: bool = False
    """It is in some of the dictionaries that the call may unpack, not in others."""
    open: bool = False
    """It is known to say nothing, but may be something else, too: ``settings.get("stop")``."""

    def place(self, call: Span, path: str) -> Span | None:
        """Return the expression in this file in which it can be changed: the call, or a dictionary; None if neither."""
        if self.direct:
            return call
        return self.span if self.entry and self.path == path else None

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The literals it may be."""
        return tuple(v for v in self.values if isinstance(v, Constant))

    @property
    def strings(self) -> tuple[str, ...]:
        """The literal strings it may be."""
        return tuple(v.literal.value for v in self.constants if isinstance(v.literal.value, str))

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The environment variables it may come from."""
        return tuple(v for v in self.values if isinstance(v, Environment))

    @property
    def display(self) -> Display | None:
        """The dictionary or list that it is, if it is written out."""
        return next((v for v in self.values if isinstance(v, Display)), None)
