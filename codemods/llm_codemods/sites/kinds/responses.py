"""What is read out of answers of the API and out of its errors, and where answers are handed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from llm_codemods import openai_api
from llm_codemods.edits import Place, Span
from llm_codemods.facts import Skip
from llm_codemods.sdk import Upgraded
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.points import Points


@dataclass(frozen=True, slots=True, eq=False)
class ResponseSite:
    """Something is read out of what a call gave: ``resp["choices"]``, ``chunk.choices[0]``."""

    path: str
    span: Span
    at: tuple[str, ...]
    """What is read, from the response on, see ``responses``: ``choices [] text``."""
    api: str
    """The method that gave the response, and where its client points:"""
    points: Points
    host: str | None
    legacy: bool
    """The 0.28 API gave it: it is a dictionary."""
    chunk: bool
    """It is a piece of a stream."""
    plain: bool
    """It has been turned into dictionaries."""
    written: str = ""
    """The way from the response, or the part of it that the code had, as it is written: ``["choices"][0].text``."""
    keys: tuple[Span, ...] = ()
    """The steps that look something up as in a dictionary, on what is none: the spans of their keys."""
    first: bool = False
    """A member of a list is taken by its number: ``choices[0]``."""
    guarded: bool = False
    """The code asks first whether there is anything, or catches the failure on the spot."""
    repeated: bool = False
    """The same was taken before, in the same function and loop."""
    against: tuple[str | float | None, ...] = ()
    """What it is compared with."""
    parsed: bool = False
    """It is read as JSON."""
    loop: Span | None = None
    """The first statement in the body of the loop over the pieces, if they are looped over here, and"""
    statement: Span | None = None
    """the statement of that body that this stands in."""
    lookups: tuple[Span, ...] = ()
    """Of the 0.28 API: the steps that look something up as in a dictionary, and can be attributes."""
    mixed: bool = False
    """Of the 0.28 API: it may be a dictionary of the project's own as well."""
    made: tuple[Place, ...] = ()
    """The calls that gave it: path and span."""
    upgraded: Upgraded = Upgraded.NO
    skip: Skip | None = None
    """How the loop can leave out a piece without choices."""
    comparison: Span | None = None
    """The whole comparison, where it asks whether this is None."""
    text: Span | None = None
    """What is read as JSON."""
    call: CallSite | None = None
    """The call that gave the response, where that is known."""

    @property
    def endpoint(self) -> str:
        """The current API that this comes from, see ``CallSite.endpoint``."""
        return openai_api.current(self.api)


class Handed(str, Enum):
    """To what a response is handed."""

    ALONE = "alone"
    """To a function that takes dictionaries only: ``json.dumps``."""
    AMONG = "among"
    """To a list of messages that are dictionaries."""
    ASKED = "asked"
    """To ``hasattr``."""
    GOT = "got"
    """It is asked by ``get`` for what no response has."""
    LOST = "lost"
    """To something that cannot be followed."""


@dataclass(frozen=True, slots=True, eq=False)
class HandedSite:
    """A response of the 0.28 API, or an object in one, is handed to something that takes it for a dictionary."""

    path: str
    span: Span
    """Of the response; of the whole call where it is ``ASKED`` or ``GOT``."""
    api: str
    points: Points
    host: str | None
    how: Handed
    made: tuple[Place, ...]
    """The calls that gave it: path and span."""
    upgraded: Upgraded = Upgraded.NO


@dataclass(frozen=True, slots=True, eq=False)
class TurnSite:
    """A turn of the assistant that calls tools is put among the messages as a dictionary."""

    path: str
    span: Span
    call: CallSite
    """The call that gave the turn; where that is not seen, one of the file that offers tools."""
    whole: bool
    """Its content is read right there from the message that came, so that this can take the dictionary's place."""


@dataclass(frozen=True, slots=True, eq=False)
class ErrorCodeSite:
    """The code or the status of an error is compared with one that OpenAI sends."""

    path: str
    span: Span
    code: str | int
    caught: bool
    """What it is read from is an exception of the SDK; otherwise the code alone says whose it is."""
    literal: Span
    """The code as it is written."""
    plain: bool
    """That is a single literal."""
