"""Send the probes to a live endpoint.

Rules of conduct: the key goes to the connection's own origin and nowhere else, and out of every answer before anybody
looks at it; time, bytes, redirects and retries are bounded; nothing is asked again that was clearly refused.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from llm_codemods.report import Outcome, Proof
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.claims import claim, witnessed
from llm_migrate.live.errors import UnreachableError
from llm_migrate.live.judges import error_of
from llm_migrate.live.probes import BY_NAME, Probe, model_for
from llm_migrate.live.wire import Connection, Request, Response, is_loopback

if TYPE_CHECKING:
    import httpx

OnProgress = Callable[[int, int, Proof], None]
"""Called after each proof with how many are done, how many there are, and the proof."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a run; times in seconds."""

    connect: float = 10.0
    read: float = 60.0
    """Longest wait for the next bytes."""
    total: float = 120.0
    """Longest time for one request, retries not counted."""
    size: int = 4_000_000
    """Most bytes read of one answer."""
    at_once: int = 4
    retries: int = 2
    wait: float = 20.0
    """Longest Retry-After that is obeyed; a longer one ends the retries."""


LIMITS = Limits()
_RETRIED = (429, 500, 502, 503, 504)
_REDIRECTS = 3


class _NoAnswerError(Exception):
    """A request got no HTTP answer."""

    def __init__(self, why: Text, hint: Text | None = None) -> None:
        super().__init__()
        self.why = why
        self.hint = hint


def run(
    requirements: Sequence[Requirement],
    connection: Connection,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    on_progress: OnProgress | None = None,
    limits: Limits = LIMITS,
) -> list[Proof]:
    """Prove each requirement on the endpoint; proofs come in the order of the requirements.

    The first probe goes alone: when it shows that the key is refused or that this is no API, the others are skipped.

    Raises:
        UnreachableError: the first request got no HTTP answer at all.
    """
    return asyncio.run(_run(requirements, connection, transport, on_progress or (lambda *_: None), limits))


async def _run(
    requirements: Sequence[Requirement],
    connection: Connection,
    transport: httpx.AsyncBaseTransport | None,
    on_progress: OnProgress,
    limits: Limits,
) -> list[Proof]:
    import httpx

    proofs: dict[int, Proof] = {}

    def keep(place: int, proof: Proof) -> None:
        proofs[place] = proof
        on_progress(len(proofs), len(requirements), proof)

    # A new connection each: some servers close one after an error, and the next probe is not to blame for that. On
    # loopback no proxy of the environment is used, or a key would travel to the proxy in the clear.
    async with httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(limits.read, connect=limits.connect),
        limits=httpx.Limits(max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=not is_loopback(urlsplit(connection.base_url).hostname or ""),
    ) as client:
        gate = asyncio.Semaphore(limits.at_once)

        async def prove(place: int, *, first: bool = False) -> Text | None:
            async with gate:
                proof, halt = await _prove(client, requirements[place], connection, limits, first=first)
            keep(place, proof)
            return halt

        order = _first_to_last(requirements)
        halt = None
        for place in order[:1]:
            halt = await prove(place, first=True)
        if halt is None:
            await asyncio.gather(*map(prove, order[1:]))
        else:
            for place in order[1:]:
                keep(place, _proof(requirements[place], connection, (Outcome.SKIPPED, halt), 0.0))
    return [proofs[place] for place in range(len(requirements))]


def _first_to_last(requirements: Sequence[Requirement]) -> list[int]:
    """Return places with the one first that tells most about key and address."""
    late = ("models", "unknown-model", "bad-key")
    return sorted(
        range(len(requirements)),
        key=lambda i: (requirements[i].feature != "chat", requirements[i].feature in late, i),
    )


def _proof(requirement: Requirement, connection: Connection, judgement: tuple[Outcome, Text], seconds: float) -> Proof:
    outcome, evidence = judgement
    return Proof(requirement, outcome, evidence, claim(connection.profile, requirement), round(seconds, 3))


async def _prove(
    client: httpx.AsyncClient, requirement: Requirement, connection: Connection, limits: Limits, *, first: bool
) -> tuple[Proof, Text | None]:
    """Return the proof and, from the first probe, why no other needs to be asked."""
    probe = BY_NAME.get(requirement.feature)
    if probe is None:
        unknown = text("there is no probe for {feature}", feature=requirement.feature)
        return _proof(requirement, connection, (Outcome.SKIPPED, unknown), 0.0), None
    if model_for(requirement, connection) is None and probe.name not in ("models", "bad-key", "unknown-model"):
        no_model = text("no model is known to ask; name one with --model or --embedding-model")
        return _proof(requirement, connection, (Outcome.SKIPPED, no_model), 0.0), None
    started = time.monotonic()
    try:
        responses = [
            await _ask(client, request, connection, limits) for request in probe.requests(requirement, connection)
        ]
    except _NoAnswerError as error:
        if first:
            raise UnreachableError(
                text("cannot reach {url}: {why}", url=connection.base_url, why=error.why), error.hint
            ) from None
        return _proof(requirement, connection, (Outcome.BROKEN, error.why), time.monotonic() - started), None
    halt = _halts(probe, responses[0], connection) if first else None
    outcome, evidence = probe.judge(requirement, responses)
    if halt is not None and responses[0].status == 401:
        outcome, evidence = Outcome.REFUSED, _with_regions(evidence, connection)
    proof = witnessed(_proof(requirement, connection, (outcome, evidence), time.monotonic() - started), responses)
    # A refused key or a wrong address says nothing about the provider, so it contradicts no claim of the profile.
    return proof if halt is None else replace(proof, claim=None), halt


def _halts(probe: Probe, response: Response, connection: Connection) -> Text | None:
    """Return why the answer to the first probe makes the others meaningless, or None."""
    if probe.name == "bad-key":
        return None
    if response.status == 401 and not _means_model(response, connection):
        return text("not asked: the key was refused")
    if 300 <= response.status < 400:
        return text("not asked: the endpoint redirects elsewhere")
    if response.is_html:
        return text("not asked: the base URL leads to a web page, not to an API")
    return None


def _means_model(response: Response, connection: Connection) -> bool:
    """Whether a 401 speaks of the model: one provider answers so for a model it does not know."""
    shape = connection.profile.errors.get("unknown-model")
    if shape is None or shape.status != 401:
        return False
    told = Response(401, json.dumps(dict(shape.body)).encode())
    return bool(error_of(told)[0]) and error_of(told)[0] == error_of(response)[0]


def _with_regions(evidence: Text, connection: Connection) -> Text:
    """Add to a refused key that it may belong elsewhere: keys are bound to their region."""
    others = [f"{id} ({row.base_url})" for id, row in connection.profile.regions.items() if id != connection.region]
    if not others or connection.base_url not in {row.base_url for row in connection.profile.regions.values()}:
        return evidence
    return text(
        "{said}; this is region {region}, a key of another region is refused here: {others}",
        said=evidence,
        region=connection.region,
        others=", ".join(others),
    )


# --- one request ------------------------------------------------------------------------------------------------------


async def _ask(client: httpx.AsyncClient, request: Request, connection: Connection, limits: Limits) -> Response:
    """Send one request, again where that may help, and return the answer without the key in it.

    Raises:
        _NoAnswerError: no answer, or not in time.
    """
    for attempt in range(limits.retries + 1):
        response = await _send_in_time(client, request, connection, limits)
        pause = _pause(response, attempt)
        if response.status not in _RETRIED or attempt == limits.retries or pause > limits.wait:
            return response
        await asyncio.sleep(pause)
    raise AssertionError("the last attempt returns")


def _pause(response: Response, attempt: int) -> float:
    """Return how long to wait: what the server says, else half a second, doubling."""
    try:
        if "retry-after-ms" in response.headers:
            return max(0.0, float(response.headers["retry-after-ms"]) / 1000)
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):  # a date is as good as nothing here: clocks differ
        return 0.5 * 2.0**attempt


async def _send_in_time(
    client: httpx.AsyncClient, request: Request, connection: Connection, limits: Limits
) -> Response:
    import httpx

    try:
        try:
            return await asyncio.wait_for(_send(client, request, connection, limits), limits.total)
        except httpx.RemoteProtocolError:  # closed before or within the answer: once more, on a new connection
            return await asyncio.wait_for(_send(client, request, connection, limits), limits.total)
    except httpx.ConnectTimeout:
        raise _NoAnswerError(
            text("no connection within {seconds} s", seconds=limits.connect),
            text("is a proxy or a firewall in between?"),
        ) from None
    except (httpx.TimeoutException, asyncio.TimeoutError):
        raise _NoAnswerError(text("no whole answer in time ({seconds} s)", seconds=limits.total)) from None
    except httpx.HTTPError as error:
        raise _why(error) from None


def _why(error: Exception) -> _NoAnswerError:
    """Tell name, TLS and connection apart. Messages of the libraries are not repeated: they may quote headers."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return _NoAnswerError(text("the host name is not known"), text("check the base URL and the network"))
        if isinstance(cause, ssl.SSLError):
            return _NoAnswerError(
                text("TLS failed ({reason})", reason=cause.reason or type(cause).__name__),
                text("a proxy may replace certificates: point SSL_CERT_FILE to its authority"),
            )
        if isinstance(cause, ConnectionRefusedError):
            return _NoAnswerError(
                text("the connection was refused"), text("is the server running, and is this its port?")
            )
        cause = cause.__cause__ or cause.__context__
    return _NoAnswerError(text("the connection failed ({kind})", kind=type(error).__name__))


async def _send(client: httpx.AsyncClient, request: Request, connection: Connection, limits: Limits) -> Response:
    """Send once; follow redirects within the origin only, and only where the request may be repeated as it is."""
    url = connection.base_url + request.path
    response = await _send_once(client, url, request, connection, limits)
    for _ in range(_REDIRECTS):
        where = urljoin(url, response.headers.get("location", ""))
        repeatable = response.status in (307, 308) or (request.method == "GET" and response.status in (301, 302))
        if not repeatable or _origin(where) != _origin(url):
            break
        url = where
        response = await _send_once(client, url, request, connection, limits)
    return response


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None


async def _send_once(
    client: httpx.AsyncClient, url: str, request: Request, connection: Connection, limits: Limits
) -> Response:
    headers = {"authorization": f"Bearer {request.key or connection.key}", "user-agent": "llm-migrate"}
    body = bytearray()
    async with client.stream(request.method, url, json=request.body, headers=headers) as answer:
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > limits.size:
                break
        kept = ("content-type", "location", "retry-after", "retry-after-ms", "x-llm-migrate-emulator")
        return Response(
            status=answer.status_code,
            body=_scrub(bytes(body), connection.key),
            headers={
                name: _scrub(value.encode(), connection.key).decode()
                for name, value in answer.headers.items()
                if name.lower() in kept
            },
            cut=len(body) > limits.size,
        )


def _scrub(data: bytes, key: str) -> bytes:
    """Take the key out, in the spellings that JSON and URLs give it."""
    for spelling in {key, json.dumps(key)[1:-1], json.dumps(key)[1:-1].replace("/", "\\/"), quote(key, safe="")}:
        data = data.replace(spelling.encode(), b"***")
    return data
