"""The SDK as a module: its import, its settings, its errors and classes."""

from __future__ import annotations

from dataclasses import dataclass

from llm_codemods.edits import Span
from llm_codemods.sdk import Upgraded
from llm_codemods.sites.kinds.clients import KeyUse
from llm_codemods.sites.kinds.points import Points
from llm_codemods.sites.kinds.upgrades import NewClients


@dataclass(frozen=True, slots=True, eq=False)
class ImportSite:
    """The SDK, or a module of it, is imported."""

    path: str
    span: Span
    module: str
    alias: str
    """The name that the SDK's module has in this file."""
    configure: tuple[str, ...] = ()
    """The attributes for the endpoint (``base_url``, ``api_base``), where this file uses the module-level client and
    nothing in the project sets its key."""
    host: str | None = None
    """Where the project points the module-level client, if not to OpenAI."""
    points: Points = Points.OPENAI
    sometimes: bool = False
    """Whether something sets it, but not on all ways to the calls."""
    loads: Span | None = None
    """What reads a .env file into the environment behind the import."""
    upgraded: Upgraded = Upgraded.NO
    """Whether the calls in this file can become what the current SDK has,"""
    own: bool = False
    """and get clients of their own."""
    becomes: tuple[str, ...] | None = None
    """The statements that it becomes, where it imports errors of the 0.28 API."""
    taken: tuple[str, ...] = ()
    """What it takes out of the module, by full names."""


@dataclass(frozen=True, slots=True, eq=False)
class HandlerSite:
    """An exception of the SDK is caught."""

    path: str
    span: Span
    name: str
    legacy: bool
    points: Points = Points.OPENAI
    host: str | None = None
    """Where the module-level client of the file points."""


@dataclass(frozen=True, slots=True, eq=False)
class RetrySite:
    """What raises this exception of the SDK is called again."""

    path: str
    span: Span
    name: str
    points: Points = Points.OPENAI
    host: str | None = None
    """Where the module-level client of the file points."""


@dataclass(frozen=True, slots=True, eq=False)
class SettingSite:
    """``openai.api_key = …``: the module-level client is configured. ``value`` spans the right side."""

    path: str
    span: Span
    name: str
    base: str
    """The module as it is called here."""
    value: Span
    statement: Span
    legacy: bool
    """The file uses the 0.28 API."""
    lacks: tuple[str, ...]
    """The attributes for the endpoint that the calls read and this file does not set."""
    elsewhere: bool
    """The file points the module to a host that is not OpenAI's."""
    unknown: bool
    """The endpoint is decided where it cannot be followed."""
    host: str | None
    key: KeyUse
    """Where the value comes from, for ``api_key``."""
    texts: tuple[str, ...] = ()
    """What is set, as far as it is written out."""
    compared: tuple[str, ...] = ()
    """What the file compares it with."""
    target: Span | None = None
    """The left side."""
    clients: NewClients | None = None
    """The clients of the current SDK that the calls in this file get."""
    upgraded: Upgraded = Upgraded.NO
    """Whether the calls that it is for can become what the current SDK has."""


@dataclass(frozen=True, slots=True, eq=False)
class ExceptionSite:
    """An exception of the SDK is made: ``openai.APIError(…)``."""

    path: str
    span: Span
    name: str
    legacy: bool


@dataclass(frozen=True, slots=True, eq=False)
class FailureSite:
    """An error of the 0.28 API is named, or asked for what only such errors tell."""

    path: str
    span: Span
    name: str
    points: Points
    host: str | None
    """Where the module-level client of the file points."""
    code: str | None
    """What it becomes; None: the current SDK has nothing of the kind."""
    module: bool
    """The new code needs ``import openai``."""
    renames: bool
    """Only the last name is another one."""
    sure: bool


@dataclass(frozen=True, slots=True, eq=False)
class SubclassSite:
    """A class extends a client, a resource or an API class of the SDK. The span ends with the last base."""

    path: str
    span: Span
    name: str
    """The SDK's class."""
    legacy: bool


@dataclass(frozen=True, slots=True, eq=False)
class DoubleSite:
    """A test puts something in the place of the SDK's, or of a framework's class for OpenAI."""

    path: str
    span: Span
    name: str
