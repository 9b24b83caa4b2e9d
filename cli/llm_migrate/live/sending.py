"""One request over the wire, within bounds of time and bytes, whatever the server does.

The key goes to the connection's own origin and nowhere else, and out of every answer before anybody looks at it.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from llm_codemods.text import Text, text
from llm_migrate.live.wire import Connection, Request, Response, is_loopback

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a run; times in seconds."""

    connect: float = 10.0
    read: float = 60.0
    """Longest wait for the next bytes."""
    total: float = 120.0
    """Longest time for one request, retries not counted."""
    size: int = 4_000_000
    """Most bytes read of one answer, after decompression."""
    at_once: int = 48
    """Most requests under way; a 429 or a time-out lowers it."""
    retries: int = 2
    wait: float = 20.0
    """Longest Retry-After that is obeyed; a longer one ends the retries."""


LIMITS = Limits()
_REDIRECTS = 3
_ARRIVALS = 2_000
"""Most arrivals noted: a server may send single bytes."""
_KEPT = frozenset({"content-type", "location", "retry-after", "retry-after-ms", "x-llm-migrate-emulator"})


class NoAnswerError(Exception):
    """A request got no whole answer.

    ``reached`` says that something came back nevertheless; ``again`` that the connection broke, for which the request
    may not be to blame; ``late`` that the time was up, for which others under way may be.
    """

    def __init__(
        self,
        why: Text,
        hint: Text | None = None,
        *,
        reached: bool = False,
        again: bool = False,
        late: bool = False,
    ) -> None:
        """Keep the texts for the report."""
        super().__init__()
        self.why = why
        self.hint = hint
        self.reached = reached
        self.again = again
        self.late = late


def client_for(
    connection: Connection, limits: Limits, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return the client for ``send``.

    It makes a new connection for each request: some servers close one after an error, and the next request is not to
    blame for that. On loopback no proxy of the environment is used, or a key would travel to the proxy in the clear.
    """
    import httpx

    url = urlsplit(connection.base_url)
    return httpx.AsyncClient(
        transport=transport,
        verify=url.scheme == "https",  # reading the authorities takes long; plain http, which stays so, needs none
        timeout=httpx.Timeout(limits.read, connect=limits.connect, pool=None),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=not is_loopback(url.hostname or ""),
    )


async def send(client: httpx.AsyncClient, request: Request, connection: Connection, limits: Limits) -> Response:
    """Send one request, following redirects within the origin, and return the answer without the key in it.

    Raises:
        NoAnswerError: no answer, none in time, or one that cannot be read.
    """
    import httpx

    heads: list[int] = []
    """Status of each answer that began."""
    following = asyncio.ensure_future(_follow(client, request, connection, limits, heads))
    following.add_done_callback(_failed)
    try:
        return await asyncio.wait_for(following, limits.total)
    except httpx.ConnectTimeout:
        raise NoAnswerError(
            text("no connection within {seconds} s", seconds=f"{limits.connect:g}"),
            text("is a proxy or a firewall in between?"),
            late=True,
        ) from None
    except httpx.TimeoutException:
        silent = text("nothing came for {seconds} s", seconds=f"{limits.read:g}")
        raise NoAnswerError(silent, reached=bool(heads), late=True) from None
    except asyncio.TimeoutError:
        why = text("no whole answer in time ({seconds} s)", seconds=f"{limits.total:g}")
        raise NoAnswerError(why, reached=bool(heads), late=True) from None
    except zlib.error:
        raise NoAnswerError(text("the answer is not compressed as it says"), reached=True) from None
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
        raise reason_of(error, reached=bool(heads)) from None


def _failed(task: asyncio.Task[Response]) -> bool:
    """Look at what a task raised: where it was cancelled, before Python 3.12 nobody does, and asyncio complains."""
    return not task.cancelled() and task.exception() is not None


def reason_of(error: Exception, *, reached: bool) -> NoAnswerError:
    """Tell name, TLS and connection apart. Messages of the libraries are not repeated: they may quote headers."""
    import httpx

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return NoAnswerError(text("the host name is not known"), text("check the base URL and the network"))
        if isinstance(cause, ssl.SSLError):
            return NoAnswerError(
                text("TLS failed ({reason})", reason=cause.reason or type(cause).__name__),
                text("a proxy may replace certificates: point SSL_CERT_FILE to its authority"),
                reached=reached,
            )
        if isinstance(cause, ConnectionRefusedError):
            return NoAnswerError(
                text("the connection was refused"), text("is the server running, and is this its port?")
            )
        cause = cause.__cause__ or cause.__context__
    again = isinstance(error, httpx.RemoteProtocolError)
    if reached:
        why = text("the connection broke within the answer")
    elif again and "disconnected" in str(error):
        why = text("the connection was closed without an answer")
    elif again:
        why = text("the answer is not HTTP, or its head is too large")
    else:
        why = text("the connection failed ({kind})", kind=type(error).__name__)
    return NoAnswerError(why, reached=reached, again=again)


async def _follow(
    client: httpx.AsyncClient, request: Request, connection: Connection, limits: Limits, heads: list[int]
) -> Response:
    """Send; follow redirects within the origin only, and only where the request may be repeated as it is."""
    url = connection.base_url + request.path
    for _ in range(_REDIRECTS):
        response = await _send_once(client, url, request, connection, limits, heads)
        repeatable = response.status in (307, 308) or (request.method == "GET" and response.status in (301, 302))
        where = _joined(url, response.headers.get("location", "")) if repeatable else None
        if where is None or _origin(where) != _origin(url):
            return response
        url = where
    return await _send_once(client, url, request, connection, limits, heads)


def _joined(url: str, location: str) -> str | None:
    """Return where a redirect leads; None where that is no URL."""
    try:
        return urljoin(url, location)
    except ValueError:
        return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None


async def _send_once(
    client: httpx.AsyncClient, url: str, request: Request, connection: Connection, limits: Limits, heads: list[int]
) -> Response:
    began = time.monotonic()

    async def trace(event: str, _: object) -> None:
        nonlocal began
        if event.endswith("send_request_headers.started"):
            began = time.monotonic()

    # Compressed answers come late and can be small and huge at once, so none is asked for.
    headers = {"user-agent": "llm-migrate", "accept-encoding": "identity"}
    key = connection.key if request.key is None else request.key
    if key:
        headers["authorization"] = f"Bearer {key}"
    if request.raw is not None:
        headers["content-type"] = request.media_type
    body = bytearray()
    arrivals: list[tuple[float, int]] = []
    async with client.stream(
        request.method,
        url,
        json=request.body if request.raw is None else None,
        content=request.raw,
        headers=headers,
        extensions={"trace": trace},
    ) as answer:
        heads.append(answer.status_code)
        read = _reader(answer.headers.get("content-encoding", ""))
        # Not aiter_bytes: it inflates each piece to its end, however large that is.
        async for piece in _pieces(answer):
            body += read(piece, limits.size + 1 - len(body))
            if len(arrivals) == _ARRIVALS:
                arrivals.pop()
            arrivals.append((time.monotonic() - began, len(body)))
            if len(body) > limits.size or (request.events is not None and _whole_events(body) >= request.events):
                break
    cut = len(body) > limits.size
    if cut:  # the end may be part of a key
        del body[max(0, limits.size - 6 * len(connection.key)) :]
    return Response(
        status=answer.status_code,
        body=scrub(bytes(body), connection.key),
        headers={
            name.lower(): scrub(value.encode(), connection.key).decode()
            for name, value in answer.headers.items()
            if name.lower() in _KEPT
        },
        cut=cut,
        first=arrivals[0][0] if arrivals else None,
        seconds=time.monotonic() - began,
        arrivals=tuple(arrivals),
    )


def _pieces(answer: httpx.Response) -> httpx.AsyncByteStream:
    import httpx

    assert isinstance(answer.stream, httpx.AsyncByteStream)
    return answer.stream


def _reader(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return what makes of a piece, and of the most bytes that are wanted, the bytes of the body.

    Raises:
        NoAnswerError: it is compressed in another way than gzip and deflate, which every client takes.
    """
    words = [word.strip().lower() for word in encoding.split(",")]
    packed = [word for word in words if word not in ("", "identity")]
    if not packed:
        return lambda piece, most: piece[:most]
    if len(packed) == 1 and packed[0] in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress
    raise NoAnswerError(text("the answer is compressed in a way that was not asked for"), reached=True)


def _whole_events(body: bytearray) -> int:
    return body.count(b"\n\n") + body.count(b"\r\n\r\n")


def scrub(data: bytes, key: str) -> bytes:
    """Take the key out, in the spellings that JSON and URLs give it."""
    for spelling in {key, json.dumps(key)[1:-1], json.dumps(key)[1:-1].replace("/", "\\/"), quote(key, safe="")}:
        data = data.replace(spelling.encode(), b"***")
    return data


def without_key(said: Text, key: str) -> Text:
    """Take the key out of what fills a text: JSON has ways to spell it that only its reader sees."""
    return Text(said.template, tuple((name, _without_key(value, key)) for name, value in said.values))


def _without_key(value: object, key: str) -> object:
    if isinstance(value, Text):
        return without_key(value, key)
    return value.replace(key, "***") if isinstance(value, str) else value
