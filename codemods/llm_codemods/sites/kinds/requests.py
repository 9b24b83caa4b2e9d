"""Requests that are made by hand, without the SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from llm_codemods.edits import Span
from llm_codemods.sites.addresses import Address, Head, relocated
from llm_codemods.sites.kinds.clients import CallSite
from llm_codemods.sites.kinds.given import Given, Resolve, nothing_known
from llm_codemods.sites.kinds.points import Group, Points, Reach
from llm_codemods.target import Target
from llm_codemods.vocabulary import is_openais


class Part(str, Enum):
    """What is written somewhere for a request."""

    KEY = "key"
    """A read of some variable, or a placeholder."""
    HEADER = "header"
    """A placeholder behind ``Bearer``."""
    BASE = "base"
    """A read of the variable that holds the base URL."""
    JSON = "json"
    """A body written as JSON."""
    ACCOUNT = "account"
    """Headers with an account of OpenAI's: ``name`` is that of one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A part of a request, and where it is written."""

    part: Part
    span: Span
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RequestSite:
    """A request is made by hand to OpenAI, to a relay, or to a path of OpenAI's API elsewhere."""

    path: str
    span: Span
    callee: Span
    method: str
    address: Address
    """Its URL; the first that is OpenAI's where it may be several."""
    points: Points
    host: str | None
    """Where it goes, if not to OpenAI itself and known."""
    endpoint: str
    """The SDK's method that sends the same: ``chat.completions.create``; "" where the path says nothing."""
    given: Mapping[str, Given]
    """What its body holds, by name."""
    opaque: bool
    """Some of the body cannot be seen."""
    models: tuple[str, ...]
    images: bool
    key_variables: tuple[str, ...]
    """The environment variables that the key comes from."""
    key_literal: bool
    """The key stands in the code."""
    resolve: Resolve = nothing_known
    """Says what a term of the body, in a file, is known to be."""
    addresses: tuple[Address, ...] = ()
    """All that its URL may be."""
    group: Group = field(default_factory=Group)
    unseen: str | None = None
    """What of ``url key model`` cannot be seen; None: all can."""
    endangered: bool = False
    """A client that stays where it is needs the same key, or its URL is to be left as it is."""
    places: tuple[Written, ...] = ()
    """What no other site stands for and that must change with the URL, in this file."""
    called: bool = True
    legacy: bool = True
    """What other providers add stands among the rest of the body, as in arguments before 1.0 of the SDK."""

    def goes(self, target: Target) -> bool:
        """Whether it can be moved, for its own part."""
        return self.unseen is None and not self.endangered and self.relocated(target) is not None

    def relocated(self, target: Target) -> tuple[Head, ...] | None:
        """Return what must change in the literals of its URL; None where it cannot be moved to this target."""
        api = self.address.api_path
        path = target.path_of(self.endpoint, api) if api is not None and not target.at_openai else None
        if path is None or self.points is not Points.OPENAI:
            return None
        heads = relocated(self.addresses, target.base_url, path)
        found = {c.path for a in self.addresses for c in a.parts() if is_openais(str(c.literal.value))}
        here = found or {self.path}
        return heads if heads is not None and all(head.constant.path in here for head in heads) else None

    @property
    def url(self) -> str:
        """The URL, with names in braces for what is not known."""
        return self.address.url

    @property
    def reach(self) -> Reach:
        """Where its key goes."""
        return Reach(self.points, self.host, movable=False, group=self.group)


@dataclass(frozen=True, slots=True, eq=False)
class BodySite:
    """The body of requests that are made by hand is written as a dictionary; ``call`` is as if that were a call."""

    path: str
    span: Span
    call: CallSite
    group: Group
    extends: bool = False
    """Another body is unpacked in it."""


Asking = CallSite | RequestSite
"""What sends a body to one endpoint of the API."""
