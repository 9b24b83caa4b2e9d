"""What the code needs from the endpoint, derived from its sites."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the user's code: path relative to the root (posix), cell of a notebook (0-based), 1-based line."""

    path: str
    line: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing the code needs, and where.

    ``feature`` names a probe: ``models chat stream-usage tools forced-tool json-object json-schema embeddings
    embeddings-base64 model bad-key unknown-model``. ``model`` is the *target's* model name, None where any will do.
    ``locations`` is empty when the requirement comes from the profile and not from code.
    """

    feature: str
    model: str | None = None
    dimensions: int | None = None
    locations: tuple[Location, ...] = ()
