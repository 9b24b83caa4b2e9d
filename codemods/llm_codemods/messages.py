"""The messages of a chat call, one by one, as far as they are written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llm_codemods.edits import Span
from llm_codemods.sites.kinds.requests import Asking
from llm_codemods.terms import Element, Entries, Items, Joined, Literal, Occurrence, Term
from llm_codemods.values import Composed, Constant, Display, Value

DEPTH = 6
"""How many names and texts lie at most between a call and the words of a message."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that is written out as a dictionary, in the file ``path``."""

    path: str
    span: Span
    role: str | None
    """None: not known."""
    listed: Span | None
    """The list in which it is written, and"""
    position: int
    """which member of that it is."""
    content: tuple[Value, ...]
    """What its content may be."""
    calls: bool
    """It has tool calls."""

    @property
    def literal(self) -> Constant | None:
        """The one literal that is its content."""
        return self.content[0] if len(self.content) == 1 and isinstance(self.content[0], Constant) else None

    @property
    def parts(self) -> Display | None:
        """The list of parts that is its content."""
        return next((v for v in self.content if isinstance(v, Display) and _is_list(v.term)), None)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages that a call may send, in runs that are sent together: several lists may be added to each other, or
    take the place of each other. ``whole``: there are no others."""

    runs: tuple[tuple[Message, ...], ...]
    whole: bool

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of them."""
        return tuple(message for run in self.runs for message in run)


def _is_list(term: Term) -> bool:
    """Whether a display is a list for sure: a slice, which a text may have as well, holds but elements of another."""
    return isinstance(term, Items) and not all(isinstance(part, Element) for part in term.values)


def conversation(site: Asking) -> Conversation:
    """Return the messages that a call sends, as far as they are seen."""
    given = site.given.get("messages")
    values = given.values if given is not None else ()
    found = [list(_listed(site, v, DEPTH)) if isinstance(v, Display) else [None] for v in values]
    whole = bool(found) and all(run and None not in run for run in found)  # an empty list is filled later
    return Conversation(tuple(tuple(m for m in run if m is not None) for run in found), whole)


def words(site: Asking, values: Sequence[Value], depth: int = DEPTH) -> tuple[str, bool]:
    """Return the text in what a content may be, and whether that is all of it."""
    if not values or depth == 0:
        return "", False
    texts: list[str] = []
    whole = True
    for value in values:
        inner: list[Occurrence] = []
        match value:
            case Constant(literal=Literal(value=str() as text)):
                texts.append(text)
            case Constant():
                pass
            case Composed(path=path, term=Joined(parts=parts)):
                inner = [(path, part) for part in parts]
            case Display(path=path, term=Items(values=members)):
                inner = [(path, member) for member in members]
            case Display(path=path, term=Entries() as part):
                inner = [(path, said) for said in part.under("text")]
                whole = whole and any(part.under("type"))
            case _:
                whole = False
        for path, term in inner:
            said, all_of_it = words(site, _values(site, path, term), depth - 1)
            texts.append(said)
            whole = whole and all_of_it
    return " ".join(texts), whole


def addresses(site: Asking, message: Message) -> Iterator[str]:
    """Yield the addresses of the images in a message, as far as they are written out."""
    for part in _dictionaries(site, (message.parts,) if message.parts is not None else ()):
        for image in _under(site, part, "image_url"):
            inner = _under(site, image, "url") if isinstance(image, Display) else (image,)
            for value in inner:
                if isinstance(value, Composed) and value.term.parts:
                    value = next(iter(_values(site, value.path, value.term.parts[0])), value)
                if isinstance(value, Constant) and isinstance(value.literal.value, str):
                    yield value.literal.value


def tools(site: Asking) -> Iterator[tuple[str, Entries]]:
    """Yield the dictionaries of the functions among a call's tools, with their files."""
    given = site.given.get("tools")
    for tool in _dictionaries(site, given.values if given is not None else ()):
        for function in _under(site, tool, "function"):
            if isinstance(function, Display) and isinstance(function.term, Entries):
                yield function.path, function.term


def _dictionaries(site: Asking, values: Sequence[Value]) -> Iterator[Display]:
    """Yield the dictionaries in lists."""
    for display in values:
        if isinstance(display, Display) and isinstance(display.term, Items):
            for term in display.term.values:
                yield from (v for v in _values(site, display.path, term) if isinstance(v, Display))


def _under(site: Asking, display: Display, name: str) -> Iterator[Value]:
    """Yield what stands under a name in a dictionary."""
    for term in display.term.under(name) if isinstance(display.term, Entries) else ():
        yield from _values(site, display.path, term)


def _listed(site: Asking, display: Display, depth: int) -> Iterator[Message | None]:
    """Yield the members of a list; None for what is no dictionary that is written out."""
    if not isinstance(display.term, Items) or display.term.any_number or depth == 0:
        yield None
        return
    for position, term in enumerate(display.term.values):
        if isinstance(term, Element) and term.position is None:
            inner = site.resolve(display.path, term.base)
            if len(inner) == 1 and isinstance(inner[0], Display):
                yield from _listed(site, inner[0], depth - 1)
            else:
                yield None
            continue
        values = (Display(display.path, term),) if isinstance(term, Entries) else site.resolve(display.path, term)
        if len(values) == 1 and isinstance(values[0], Display) and isinstance(values[0].term, Entries):
            here = display.term.span if isinstance(term, Entries) else None
            yield _message(site, values[0].path, values[0].term, here, position)
        else:
            yield None


def _message(site: Asking, path: str, entries: Entries, listed: Span | None, position: int) -> Message:
    found = {str(key.value): term for key, term in entries.items if isinstance(key, Literal)}
    role = found.get("role")
    said = [v.literal.value for v in _values(site, path, role) if isinstance(v, Constant)] if role is not None else []
    content = found.get("content")
    return Message(
        path,
        entries.span,
        said[0] if len(said) == 1 and isinstance(said[0], str) else None,
        listed,
        position,
        content=_values(site, path, content) if content is not None else (),
        calls="tool_calls" in found,
    )


def _values(site: Asking, path: str, term: Term) -> tuple[Value, ...]:
    if isinstance(term, Literal):
        return (Constant(path, term),)
    return (Display(path, term),) if isinstance(term, Entries | Items) else site.resolve(path, term)
