"""What stands around the clients: proxies, time limits, workers, caches, other packages."""

from __future__ import annotations

from dataclasses import dataclass

from llm_codemods.edits import Span
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.points import Points


@dataclass(frozen=True, slots=True, eq=False)
class ProxySite:
    """The process is told to send all that it requests through a proxy."""

    path: str
    span: Span
    """Of the first statement that says so in this file."""
    names: tuple[str, ...]
    last: Span
    """Of the last such statement."""
    around: tuple[str, ...]
    """What the project says need not go through it, as far as that is written out."""


@dataclass(frozen=True, slots=True, eq=False)
class ClientProxySite:
    """An HTTP client is made that sends through a proxy, for a client of the SDK."""

    path: str
    span: Span
    name: str
    """The HTTP client's class."""
    argument: str
    points: Points
    host: str | None
    """Where the client of the SDK points, if not to OpenAI and known."""


@dataclass(frozen=True, slots=True, eq=False)
class TimeLimitSite:
    """A client, or a call, is given a number of seconds to wait at most."""

    path: str
    span: Span
    """Of the client's or the API's call."""
    seconds: float
    points: Points
    host: str | None
    calls: tuple[CallSite, ...]
    """The calls that it may hold for."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkersSite:
    """Calls are made at the same time, this many at most."""

    path: str
    span: Span
    name: str
    count: int
    calls: tuple[CallSite, ...]
    """The calls of the same file."""


@dataclass(frozen=True, slots=True, eq=False)
class CacheSite:
    """Answers are kept for the next run of the program."""

    path: str
    span: Span
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class PackageSite:
    """A package is imported, in a file that uses OpenAI too."""

    path: str
    span: Span
    package: str
    modules: tuple[str, ...]
    """What of it is imported; ``span`` is that of the first import."""
