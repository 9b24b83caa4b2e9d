"""What goes over the wire, as plain values: a request, a response, server-sent events, and where requests go.

Nothing here sends anything, so probes and judges can be tested with values written by hand.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from llm_codemods.profile import Profile, nearest
from llm_codemods.text import text
from llm_migrate.live.errors import LiveError

PATHS = {"chat.completions": "/chat/completions", "embeddings": "/embeddings", "models": "/models"}


@dataclass(frozen=True, slots=True)
class Connection:
    """An endpoint and how to speak to it.

    ``region`` is a key of ``profile.regions``. ``chat_model`` and ``embedding_model`` stand in where a requirement
    names no model; None: none is known. ``Connection`` refuses to exist where a key could leak.

    Raises:
        LiveError: no usable URL, plain http to another machine, or a key that no header can carry.
    """

    profile: Profile
    region: str
    base_url: str
    key: str = field(repr=False)
    chat_model: str | None = None
    embedding_model: str | None = None

    def __post_init__(self) -> None:
        """Check URL and key; take the final slash off the URL."""
        object.__setattr__(self, "base_url", safe_url(self.base_url))
        # h11 quotes an illegal header value in its error, so such a key must never get that far.
        if not self.key.isascii() or not self.key.isprintable() or " " in self.key or not self.key:
            raise LiveError(
                text("the API key holds characters that no HTTP header can carry"),
                text("look for line breaks, blanks or full-width characters around the key"),
            )


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``path`` is relative to the base URL.

    ``key`` replaces the connection's key, to try a wrong one; an empty one: no key is sent. ``raw`` is sent instead of
    a JSON ``body``, as ``media_type``. ``events`` is after how many server-sent events to close the connection.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    key: str | None = None
    raw: bytes | None = None
    media_type: str = "application/json"
    events: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. Header names are in lower case; ``cut`` says that the body was longer than we read.

    Times are seconds since the request left, so finding and reaching the host is no part of them.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    first: float | None = None
    """When the first byte of the body came; None: there is none."""
    seconds: float = 0.0
    """When the whole answer was there."""
    arrivals: tuple[tuple[float, int], ...] = ()
    """When a piece of the body came, and how many bytes there were then."""

    @property
    def is_html(self) -> bool:
        """Whether this is a web page and no API."""
        return "text/html" in self.headers.get("content-type", "") or self.body.lstrip()[:1] == b"<"

    def json(self) -> Any:
        """Return the decoded body.

        Raises:
            ValueError: the body is no JSON text, or one nested deeper than Python can follow.
        """
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def events(self) -> tuple[str, ...]:
        """Return the data of each server-sent event in the body."""
        return events(self.body.decode("utf-8", "replace"))


def events(stream: str) -> tuple[str, ...]:
    """Return the data of each server-sent event, as the OpenAI SDK would hand it to its JSON decoder.

    As there, an event counts only after its blank line (a last one without it is lost), and an event with fields but
    no data counts as empty data. The SDK keeps the last ``id`` for good, so after one every blank line is an event.
    """
    found: list[str] = []
    data: list[str] = []
    name = identity = retry = ""
    for line in stream.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]:
        if not line:
            if data or name or identity or retry:
                found.append("\n".join(data))
            data, name, retry = [], "", ""
            continue
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if key == "data":
            data.append(value)
        elif key == "event":
            name = value
        elif key == "id":
            identity = value
        elif key == "retry":
            retry = value
    return tuple(found)


def endpoint_path(profile: Profile, api: str) -> str:
    """Return the path of an endpoint (a key of ``PATHS``) relative to the base URL."""
    row = profile.endpoint(api)
    path = row.path if row is not None and row.path else PATHS[api]
    return "/" + path.lstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def safe_url(url: str) -> str:
    """Return the base URL without its final slash.

    Raises:
        LiveError: not an http(s) URL of a host, one that carries a password or a query, or plain http elsewhere than
            on loopback.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        parts.port  # noqa: B018 - reading it raises for a port that is no number
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
        raise LiveError(
            text("'{url}' is not a base URL", url=_without_password(url)),
            text("give scheme, host and path, such as https://gateway.example.com/v1"),
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise LiveError(
            text("will not send a key over plain http to {host}", host=host),
            text("use https; http is for this machine only"),
        )
    path = parts.path.rstrip("/")
    for known in PATHS.values():
        if path.endswith(known):
            raise LiveError(
                text("'{url}' is the URL of one endpoint", url=url),
                text("give the base URL, without {path}", path=known),
            )
    return f"{parts.scheme}://{parts.netloc}{path}"


def _without_password(url: str) -> str:
    return url.rpartition("@")[2] if "@" in url else url


def region_of(profile: Profile, region: str | None) -> str:
    """Return the key of a region; the profile's first one when none is named.

    Raises:
        LiveError: the profile has no such region.
    """
    if region is None:
        return next(iter(profile.regions))
    if region in profile.regions:
        return region
    close = nearest(region, list(profile.regions))
    raise LiveError(
        text("{id} has no region '{region}'", id=profile.id, region=region),
        text("did you mean '{name}'?", name=close)
        if close
        else text("known regions: {names}", names=", ".join(profile.regions)),
    )
