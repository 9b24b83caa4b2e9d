"""Where clients are made, where they point, and whether what they take can move with them."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from llm_codemods.edits import Place, Span
from llm_codemods.target import Target


class Points(str, Enum):
    """Where a client sends its requests; where it may be several, the first of them counts."""

    OPENAI = "openai"
    """To OpenAI, or to a relay that is known to pass everything on to it."""
    AZURE = "azure"
    RELAY = "relay"
    """To a host that nobody knows but that is asked for models of OpenAI's."""
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"


def nearest(found: Container[Points]) -> Points:
    """Return which of several places to count on: OpenAI, if any of them is."""
    order = (Points.OPENAI, Points.AZURE, Points.RELAY, Points.UNKNOWN, Points.ELSEWHERE)
    return next((points for points in order if points in found), Points.UNKNOWN)


Destination = tuple[Points, "str | None"]
"""Where requests go, and the host if that is known and not OpenAI's own."""

MODULE_LEVEL: Place = ("", Span(0, 0))
"""Where a client is made says which it is. This stands for the client of the SDK's module, which is made nowhere."""


def module_level(path: str) -> Place:
    """Return what stands for the client of the SDK's module in one file, whose calls move by themselves."""
    return path, Span(0, 0)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a key goes: where its client points, and whether the client can be moved."""

    points: Points
    host: str | None
    movable: bool
    group: Group | None = None
    """Of a request that is made by hand."""
    models: tuple[str, ...] = ()
    """What a framework's object asks for: it stays where nothing is known to stand in for one of them."""
    made: Place | None = None
    """Where that object is made."""

    def stays(self, target: Target) -> bool:
        """Whether the client keeps its key after the move to this target."""
        moves = self.movable if self.group is None else self.group.goes(target)
        return not (moves and all(map(target.takes, self.models))) and not target.is_home(self.host)


class Request(Protocol):
    """A request that is made by hand."""

    def goes(self, target: Target) -> bool:
        """Whether it can be moved, for its own part."""


@dataclass(slots=True, eq=False)
class Group:
    """Requests made by hand that share a URL, a key or a model: all of them move, or none."""

    requests: tuple[Request, ...] = ()

    def goes(self, target: Target) -> bool:
        """Whether all of them can be moved: all that must change is seen, and the target has their endpoints."""
        return bool(self.requests) and all(request.goes(target) for request in self.requests)
