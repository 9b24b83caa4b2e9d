"""Faults that an emulator can be told to have: what each does to an answer, when it strikes, and how it is played.

What strikes is decided by the seed and by how many requests came before, so the same requests in the same order meet
the same faults.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llm_codemods.profile import Profile, nearest
from llm_codemods.text import Text, text
from llm_migrate.live.emulation.operations import OPERATIONS
from llm_migrate.live.emulation.refusal import RefusalError, refusal
from llm_migrate.live.errors import LiveError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAULT_HEADER = "x-llm-migrate-fault"
_RETRY_AFTER = "1"
_SLOW = 3.0
_NEVER = 3600.0
_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>"
_EMPTY = (("content-type", "application/json"), ("content-length", "0"))
_NO_TOOL = "no_such_tool"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on its way: what is sent, and how.

    ``pieces`` are sent one by one, after ``wait`` seconds and, behind the headers, ``first`` seconds. ``stalls``: the
    connection then stays open and nothing comes; ``breaks``: it is closed although the answer is not at its end.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    pieces: tuple[bytes, ...] = ()
    wait: float = 0.0
    first: float = 0.0
    stalls: bool = False
    breaks: bool = False


Effect = Callable[[Answer, Profile], Answer]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong. ``instead``: the provider does not come to answer at all."""

    name: str
    what: Text
    effect: Effect
    instead: bool = False


def _json(status: int, body: object, **headers: str) -> Answer:
    raw = json.dumps(body, ensure_ascii=False).encode()
    length = ("content-length", str(len(raw)))
    more = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, (("content-type", "application/json"), length, *more), (raw,))


def _refusing(kind: str, status: int | None = None, **headers: str) -> Effect:
    """Return the effect of an error of the profile."""

    def effect(_: Answer, profile: Profile) -> Answer:
        told: RefusalError = refusal(profile, kind)
        return _json(status or told.status, told.body, **headers)

    return effect


def _is_stream(answer: Answer) -> bool:
    return any(name == "content-type" and "event-stream" in value for name, value in answer.headers)


def _with_pieces(answer: Answer, pieces: Sequence[bytes]) -> Answer:
    """Return the answer with another body, and the length of it where one is told."""
    size = str(sum(map(len, pieces)))
    headers = tuple((name, size if name == "content-length" else value) for name, value in answer.headers)
    return replace(answer, pieces=tuple(pieces), headers=headers)


def _half(answer: Answer) -> tuple[bytes, ...]:
    if len(answer.pieces) > 1:
        return answer.pieces[: len(answer.pieces) // 2]
    return tuple(piece[: len(piece) // 2] for piece in answer.pieces)


def _truncate(answer: Answer, _: Profile) -> Answer:
    return _with_pieces(answer, _half(answer))


def _disconnect(answer: Answer, _: Profile) -> Answer:
    return replace(answer, pieces=_half(answer), breaks=True)


def _stall(answer: Answer, _: Profile) -> Answer:
    return replace(answer, pieces=_half(answer), stalls=True)


def _malform(answer: Answer, _: Profile) -> Answer:
    middle = len(answer.pieces) // 2
    broken = [re.sub(rb"\}(\s*)$", rb"\1", piece) if at == middle else piece for at, piece in enumerate(answer.pieces)]
    return _with_pieces(answer, broken)


def _retype(answer: Answer, _: Profile) -> Answer:
    wrong = "text/plain; charset=utf-8"
    return replace(answer, headers=tuple((n, wrong if n == "content-type" else v) for n, v in answer.headers))


def _changing(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Effect:
    """Return the effect of a change of every object in the answer's JSON."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return change({k: changed(v) for k, v in value.items()})
        return [changed(v) for v in value] if isinstance(value, list) else value

    def rewritten(raw: bytes) -> bytes:
        try:
            return json.dumps(changed(json.loads(raw)), ensure_ascii=False).encode()
        except ValueError:
            return raw

    def in_event(piece: bytes) -> bytes:
        return re.sub(rb"(?m)^data: (\{.*\})$", lambda found: b"data: " + rewritten(found[1]), piece)

    def effect(answer: Answer, _: Profile) -> Answer:
        if _is_stream(answer):
            return _with_pieces(answer, [in_event(piece) for piece in answer.pieces])
        return _with_pieces(answer, [rewritten(b"".join(answer.pieces))])

    return effect


def _break_arguments(value: dict[str, Any]) -> dict[str, Any]:
    name = "delta" if value.get("type") == "response.function_call_arguments.delta" else "arguments"
    if not isinstance(value.get(name), str):
        return value
    return {**value, name: value[name].removesuffix("}")}


def _rename_tool(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "name": _NO_TOOL} if "arguments" in value and value.get("name") else value


def _timed(**times: Any) -> Effect:
    return lambda answer, _: replace(answer, **times)


FAULTS: tuple[Fault, ...] = (
    Fault(
        "429",
        text("refused as too many requests, with Retry-After"),
        _refusing("rate-limit", 429, retry_after=_RETRY_AFTER),
        instead=True,
    ),
    Fault("500", text("an error of the server"), _refusing("server", 500), instead=True),
    Fault(
        "503",
        text("the model is loading, with Retry-After"),
        _refusing("overloaded", 503, retry_after=_RETRY_AFTER),
        instead=True,
    ),
    Fault("no-balance", text("refused because the balance is used up"), _refusing("no-balance"), instead=True),
    Fault("moderation-block", text("refused because of its content"), _refusing("content-blocked"), instead=True),
    Fault("context-overflow", text("refused because it is too long"), _refusing("context-length"), instead=True),
    Fault("timeout", text("no answer at all, until the caller gives up"), _timed(wait=_NEVER), instead=True),
    Fault("stall", text("half an answer, then silence on an open connection"), _stall),
    Fault("disconnect", text("half an answer, then the connection is closed"), _disconnect),
    Fault("truncate", text("half an answer that ends in good order: a stream without finish_reason"), _truncate),
    Fault("malformed", text("JSON that is broken: one event of a stream, or the body"), _malform),
    Fault("slow-first-token", text("three seconds between the headers and the answer"), _timed(first=_SLOW)),
    Fault("empty", text("status 200 and an empty body"), lambda *_: Answer(200, _EMPTY), instead=True),
    Fault(
        "html",
        text("status 200 and a web page"),
        lambda *_: Answer(200, (("content-type", "text/html"), ("content-length", str(len(_PAGE)))), (_PAGE,)),
        instead=True,
    ),
    Fault("wrong-content-type", text("the right answer, called plain text"), _retype),
    Fault("malformed-arguments", text("arguments of tools lack their last brace"), _changing(_break_arguments)),
    Fault("unknown-tool", text("a tool is called that was not offered"), _changing(_rename_tool)),
)


# --- when a fault strikes ---------------------------------------------------------------------------------------------

ENDPOINTS: Mapping[str, str] = {
    "chat": "chat.completions",
    **{operation.prefix: operation.prefix for operation in OPERATIONS},
}
"""What stands behind ``@``, and the prefix of the methods it means."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault, and when it strikes: each matching request by chance, or, with ``times``, the first so many."""

    fault: Fault
    rate: float = 1.0
    times: int | None = None
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """All that an emulator is told to do wrong. ``latency`` and ``jitter`` in seconds: each answer waits so long."""

    rules: tuple[Rule, ...] = ()
    latency: float = 0.0
    jitter: float = 0.0
    seed: int = 0

    def strikes(self, counts: Sequence[int], endpoint: str | None) -> tuple[Fault, ...]:
        """Return the faults that strike a request.

        ``counts`` says of each rule how many requests it has met before this one.
        """
        met = zip(self.rules, counts, range(len(self.rules)), strict=True)
        return tuple(rule.fault for rule, count, at in met if self._strikes(rule, at, count, endpoint))

    def _strikes(self, rule: Rule, at: int, count: int, endpoint: str | None) -> bool:
        if not meets(rule, endpoint):
            return False
        return count < rule.times if rule.times is not None else chance(self.seed, at, count) < rule.rate

    def delay(self, count: int) -> float:
        """Return how many seconds the request behind ``count`` others waits."""
        return max(0.0, self.latency + self.jitter * (2 * chance(self.seed, "delay", count) - 1))


def meets(rule: Rule, endpoint: str | None) -> bool:
    """Whether a rule speaks of requests to an endpoint (a prefix of methods)."""
    return rule.endpoint is None or rule.endpoint == endpoint


def chance(*seeds: object) -> float:
    """Return a number from 0 to 1 that these seeds always give."""
    return int.from_bytes(hashlib.sha256(repr(seeds).encode()).digest()[:7], "big") / (1 << 56)


def parse_rule(given: str) -> Rule:
    """Read ``KIND[:RATE][@ENDPOINT]``: ``429``, ``stall:0.2@chat``; ``500:x2`` strikes the first two requests.

    Raises:
        LiveError: not of this form, or an unknown kind or endpoint.
    """
    found = re.fullmatch(r"(?P<kind>[^:@]+)(?::(?P<rate>[^@]+))?(?:@(?P<endpoint>.+))?", given.strip())
    if found is None:
        raise _unread(given)
    names = {fault.name: fault for fault in FAULTS}
    kind, rate, endpoint = found["kind"], found["rate"], found["endpoint"]
    if kind not in names:
        raise _unknown(text("unknown fault '{name}'", name=kind), kind, list(names))
    if endpoint is not None and endpoint not in ENDPOINTS:
        raise _unknown(text("unknown endpoint '{name}'", name=endpoint), endpoint, list(ENDPOINTS))
    where = ENDPOINTS[endpoint] if endpoint is not None else None
    if rate is not None and (first := re.fullmatch(r"x(\d{1,6})", rate)):
        return Rule(names[kind], times=int(first[1]), endpoint=where)
    if rate is not None and not re.fullmatch(r"0?\.\d{1,9}|[01](?:\.0*)?", rate):
        raise _unread(given)
    return Rule(names[kind], float(rate) if rate is not None else 1.0, endpoint=where)


def _unread(given: str) -> LiveError:
    return LiveError(
        text("'{given}' is no fault", given=given),
        text("write KIND, KIND:RATE with a rate from 0 to 1, or KIND:x2 for the first two requests; then @ENDPOINT"),
    )


def _unknown(message: Text, name: str, known: list[str]) -> LiveError:
    close = nearest(name, known)
    hint = (
        text("did you mean '{name}'?", name=close)
        if close
        else text("one of these: {names}", names=", ".join(dict.fromkeys(known)))
    )
    return LiveError(message, hint)


def parse_duration(given: str) -> float:
    """Read a time, ``300ms`` or ``1.5s``, as seconds.

    Raises:
        LiveError: not of this form.
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s)", given.strip())
    if found is None:
        raise LiveError(text("'{given}' is no time", given=given), text("write 300ms or 1.5s"))
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


def trouble(faults: Sequence[str], latency: str, jitter: str, seed: int) -> Trouble | None:
    """Read what an emulator is to do wrong; None where all is to go well.

    Raises:
        LiveError: a fault or a time that cannot be read.
    """
    rules = tuple(map(parse_rule, faults))
    delay, spread = parse_duration(latency), parse_duration(jitter)
    return Trouble(rules, delay, spread, seed) if rules or delay or spread else None


# --- how it is played -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Counts:
    """How many requests came, and how many each rule met."""

    rules: list[int]
    all: int = field(default=0)


def troubled(app: ASGIApp, asked: Trouble, profile: Profile, endpoint_of: Callable[[str], str | None]) -> ASGIApp:
    """Return an application that answers as another does, with the faults that strike; ``endpoint_of`` a path."""
    counts = _Counts([0] * len(asked.rules))

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = endpoint_of(scope["path"])
        faults, delay = asked.strikes(counts.rules, endpoint), asked.delay(counts.all)
        counts.all += 1
        counts.rules = [n + meets(rule, endpoint) for n, rule in zip(counts.rules, asked.rules, strict=True)]
        await _sleep(delay, receive)
        if not faults:
            await app(scope, receive, send)
            return
        answer = Answer(200, ()) if faults[0].instead else await _collect(app, scope, receive)
        for fault in faults:
            answer = fault.effect(answer, profile)
            if fault.instead:
                break
        name = (FAULT_HEADER, ", ".join(fault.name for fault in faults))
        await _play(replace(answer, headers=(*answer.headers, name)), receive, send)

    return answered


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Return the whole answer of an application."""
    started: list[Message] = []
    pieces: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        elif message.get("body"):
            pieces.append(message["body"])

    await app(scope, receive, keep)
    headers = tuple((name.decode(), value.decode()) for name, value in started[0].get("headers", ()))
    return Answer(started[0]["status"], headers, tuple(pieces))


async def _play(answer: Answer, receive: Receive, send: Send) -> None:
    """Send an answer. To break it off is to return before its end: the server then closes the connection."""
    await _sleep(answer.wait, receive)
    headers = [(name.encode(), value.encode()) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.first:
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await _sleep(answer.first, receive)
    for piece in answer.pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if answer.stalls:
        await _sleep(_NEVER, receive)
    if not answer.breaks:
        await send({"type": "http.response.body", "body": b""})


async def _sleep(seconds: float, receive: Receive) -> None:
    """Wait; not longer than the caller does, if it is long."""
    import asyncio

    if seconds >= _NEVER:
        await asyncio.wait_for(_gone(receive), seconds)
    elif seconds > 0:
        await asyncio.sleep(seconds)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
