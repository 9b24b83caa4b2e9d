"""What it takes to turn a call of one part of the API into another: the changes, or what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from llm_codemods.edits import Span
from llm_codemods.operations import Change, Definition, Import
from llm_codemods.sites import CallSite, Given
from llm_codemods.terms import Entries, Literal
from llm_codemods.text import Text
from llm_codemods.values import Constant, Display


@dataclass(frozen=True, slots=True, eq=False)
class Conversion:
    """A call can be converted, with everything that reads its result."""

    site: CallSite
    """What the call is afterwards: so other rules judge it."""
    changes: tuple[Change, ...]
    imports: tuple[Import, ...] = ()
    doubts: tuple[Text, ...] = ()
    """What a person must look at; none: it is safe."""
    definitions: tuple[Definition, ...] = ()
    notes: tuple[Text, ...] = ()
    """What else there is to say of it."""


class ObstacleError(Exception):
    """A call cannot be converted. ``reason`` is for the user; ``final``: whatever the code looked like; ``name``: the
    argument that stands in the way."""

    def __init__(self, reason: Text, *, final: bool = False, name: str | None = None) -> None:
        """Take the reason."""
        super().__init__(str(reason))
        self.reason = reason
        self.final = final
        self.name = name


def adapter(name: str, code: str, *, asynchronous: bool, **parts: str) -> Definition:
    """Return the function that a call goes through; what is asynchronous has a name of its own.

    ``code`` is its source with ``{prefix}`` before ``def``, ``{name}``, ``{wait}`` before what is awaited, ``{each}``
    before ``for``, and the places of ``parts``.
    """
    name = f"{name}_async" if asynchronous else name
    prefix, wait = ("async ", "await ") if asynchronous else ("", "")
    return Definition(name, code.format(name=name, prefix=prefix, wait=wait, each=prefix, **parts))


def dictionary(span: Span, path: str, kind: str) -> Display:
    """Return the value ``{"type": kind}``, as if it were written out at ``span``."""
    term = Entries(((Literal("type", span, plain=False), Literal(kind, span, plain=False)),), span)
    return Display(path, term)


def renamed(given: Given, name: str) -> Given:
    """Return an argument under another name."""
    return Given(name, given.span, given.path, given.direct, given.inline, given.values, given.term, given.text)


def chosen(given: Given, name: str, kind: str) -> Given:
    """Return an argument under another name, whose value is a dictionary of this ``type``."""
    display = dictionary(given.span, given.path, kind)
    return Given(name, given.span, given.path, given.direct, given.inline, (display,), display.term)


def written(beside: Given, name: str, *, code: str | float | bool | None) -> Given:
    """Return an argument with a literal value, as if it were written out where another stands."""
    literal = Literal(code, beside.span, plain=False)
    values = (Constant(beside.path, literal),)
    return Given(name, beside.span, beside.path, direct=True, inline=True, values=values, term=literal)


def is_off(given: Given) -> bool:
    """Whether an argument is None, False, or what means the same."""
    return bool(given.values) and all(
        isinstance(v, Constant) and v.literal.value in (None, False, "disabled") for v in given.values
    )
