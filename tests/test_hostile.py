"""Endpoints that mean harm: bounded time and memory, the key nowhere else, one clear verdict, no traceback."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import ssl
import threading
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import trustme

from llm_codemods.check_report import CheckReport, build
from llm_codemods.profile import parse
from llm_codemods.proof import Outcome
from llm_codemods.requirements import Needs, Requirement
from llm_migrate.app import main
from llm_migrate.live.claims import claimed, default_model
from llm_migrate.live.errors import UnreachableError
from llm_migrate.live.probes import PROBES
from llm_migrate.live.runner import Run, check
from llm_migrate.live.sending import Limits
from llm_migrate.live.wire import Connection, Response
from llm_migrate.render.proofs import as_json, as_text, summary

GATEWAY_TOML = Path(__file__).with_name("data") / "gateway.toml"
GATEWAY = parse(GATEWAY_TOML.read_text("utf-8"), "gateway.toml")
KEY = "sk-very-secret-0123456789"
TIGHT = Limits(connect=5, read=0.7, total=1.2, size=200_000, wait=1)
PATIENCE = 10.0
"""Seconds that one request and its second try may take with ``TIGHT``, on a busy machine."""
ENOUGH = 12_000_000
"""Bytes that a run with ``TIGHT`` may hold: several copies of an answer, and the buffers of client and server."""

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
Behaviour = Callable[["Exchange"], Awaitable[None]]


class Exchange:
    """One request that a hostile server got, and the way to answer it."""

    def __init__(self, head: bytes, body: bytes, writer: Writer) -> None:
        self.head, self.body, self._writer = head, body, writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self, body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> None:
        """Send a whole answer, or one that promises another length."""
        lines = (f"HTTP/1.1 {status}", "content-type: application/json", *headers)
        size = f"content-length: {len(body) if length is None else length}"
        await self.send("\r\n".join((*lines, size, "connection: close", "", "")).encode() + body)


class Server:
    """What a hostile server has seen."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.heads: list[bytes] = []


@contextlib.contextmanager
def serving(behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve on loopback; each request on a connection of its own goes to ``behaviour``."""
    ready, seen, talks = threading.Event(), Server(""), set[asyncio.Task[None]]()
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event

    async def talk(reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                head = await reader.readuntil(b"\r\n\r\n")
                seen.heads.append(head)
                size = next((int(v) for n, _, v in map(_split, head.split(b"\r\n")) if n == b"content-length"), 0)
                await behaviour(Exchange(head, await reader.readexactly(size), writer))
                await writer.drain()
        finally:
            writer.close()
            talks.discard(task)

    async def live() -> None:
        nonlocal loop, stop
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        seen.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/v1"
        ready.set()
        await stop.wait()
        server.close()
        for task in list(talks):
            task.cancel()
        while talks:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)  # transports close a turn later

    thread = threading.Thread(target=lambda: asyncio.run(live()))
    thread.start()
    assert ready.wait(10)
    try:
        yield seen
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def _split(line: bytes) -> tuple[bytes, bytes, bytes]:
    name, colon, value = line.partition(b":")
    return name.strip().lower(), colon, value.strip()


def connection(url: str) -> Connection:
    return Connection(GATEWAY, "cn", url, KEY, default_model(GATEWAY, "chat"), default_model(GATEWAY, "embedding"))


def ask(server: Server, *requirements: Requirement, limits: Limits = TIGHT) -> Run:
    """Run, and see that it does not take long and says nothing that it should not."""
    to = connection(server.url)
    started = time.monotonic()
    run = check(requirements or [Requirement("chat")], to, limits=limits)
    assert time.monotonic() - started < PATIENCE
    needs = Needs(tuple(requirements))
    report = CheckReport((build(GATEWAY, "cn", server.url, needs, run.proofs),))
    said = as_text(report, verbose=True) + as_json(report) + summary(report) + repr(run)
    assert KEY not in said
    assert "bug in llm-migrate" not in said
    return run


def completion(content: object = "Hello.") -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "talk", "choices": [choice], "usage": usage}


GOOD = json.dumps(completion()).encode()


# --- what an answer can do to its reader ------------------------------------------------------------------------------


async def endless_stream(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "talk"}
    event = json.dumps({**chunk, "choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}]})
    while True:
        await exchange.send(b"data: " + event.encode() + b"\n\n")


async def a_gigabyte(exchange: Exchange) -> None:
    await exchange.answer(b"{", length=1_000_000_000)
    for _ in range(15_000):
        await exchange.send(b" " * 65_536)


async def endless_chunks(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        await exchange.send((b"64\r\n" + b" " * 100 + b"\r\n") * 100)


BOMB = gzip.compress(b" " * 50_000_000, 1)


async def gzip_bomb(exchange: Exchange) -> None:
    await exchange.answer(BOMB, "content-encoding: gzip")


async def bomb_in_bomb(exchange: Exchange) -> None:
    await exchange.answer(gzip.compress(BOMB), "content-encoding: gzip, gzip")


async def brotli(exchange: Exchange) -> None:
    await exchange.answer(b"\x0b\x02\x80\x00\x03" * 1_000, "content-encoding: br")


async def zstandard(exchange: Exchange) -> None:
    await exchange.answer(b"\x28\xb5\x2f\xfd\x04\x00" * 1_000, "content-encoding: zstd")


async def not_compressed_as_it_says(exchange: Exchange) -> None:
    await exchange.answer(GOOD, "content-encoding: gzip")


async def slow_drip(exchange: Exchange) -> None:
    await exchange.answer(b"{", length=1_000_000)
    while True:
        await exchange.send(b" ")
        await asyncio.sleep(0.05)


async def slow_head(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await exchange.send(b"x-more: 1\r\n")
        await asyncio.sleep(0.05)


async def stall(exchange: Exchange) -> None:
    await exchange.answer(b"{", length=10)
    await asyncio.sleep(60)


async def header_flood(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await exchange.send(b"x-flood: " + b"a" * 8_000 + b"\r\n")


async def one_endless_header(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nx-flood: ")
    while True:
        await exchange.send(b"a" * 8_000)


async def endless_interim(exchange: Exchange) -> None:
    while True:
        await exchange.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)


async def closes_at_once(exchange: Exchange) -> None:
    pass


async def closes_within(exchange: Exchange) -> None:
    await exchange.answer(GOOD[:20], length=len(GOOD))


async def promises_to_stay(exchange: Exchange) -> None:
    await exchange.send(
        b"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: %d\r\n\r\n%b" % (len(GOOD), GOOD)
    )


async def garbage(exchange: Exchange) -> None:
    await exchange.send(bytes(range(256)) * 40)


async def garbage_after_version(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 \x00\xff\xfe banana\r\n\r\n")


async def old_smtp(exchange: Exchange) -> None:
    await exchange.send(b"220 mail.example ESMTP\r\n")


async def invalid_utf_8(exchange: Exchange) -> None:
    await exchange.answer(GOOD.replace(b"Hello", b"\xff\xfe\x80"), "x-odd: \xe4")


async def nested_list(exchange: Exchange) -> None:
    await exchange.answer(b"[" * 90_000 + b"]" * 90_000)


async def nested_object(exchange: Exchange) -> None:
    deep = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    await exchange.answer(GOOD.replace(b'"Hello."', deep))


async def nested_error(exchange: Exchange) -> None:
    """Just what Python's reader follows, and its writer, deeper in the stack, may not."""
    await exchange.answer(b'{"error":' * 900 + b"1" + b"}" * 900, status="400 Bad Request")


async def huge_numbers(exchange: Exchange) -> None:
    much = (
        json.dumps(completion()).replace('"created": 1', '"created": 1e999').replace(": 2}", ": " + "9" * 4_000 + "}")
    )
    await exchange.answer(much.encode())


async def huger_numbers(exchange: Exchange) -> None:
    await exchange.answer(GOOD.replace(b'"created": 1', b'"created": ' + b"9" * 100_000))


async def not_a_number(exchange: Exchange) -> None:
    await exchange.answer(GOOD.replace(b'"created": 1', b'"created": NaN').replace(b": 2}", b": -Infinity}"))


async def impossible_wait(exchange: Exchange) -> None:
    await exchange.answer(b"{}", "retry-after: 1e999", status="429 Too Many Requests")


async def wait_of_yesterday(exchange: Exchange) -> None:
    await exchange.answer(b"{}", "retry-after: -5", "retry-after-ms: nan", status="503 Service Unavailable")


async def redirect_loop(exchange: Exchange) -> None:
    await exchange.answer(b"", "location: /v1/chat/completions", status="307 Temporary Redirect")


async def redirect_nowhere(exchange: Exchange) -> None:
    await exchange.answer(b"", "location: http://[", status="307 Temporary Redirect")


async def redirect_garbage(exchange: Exchange) -> None:
    await exchange.answer(b"", "location: /\x7f\xe9 \x01", status="307 Temporary Redirect")


async def a_status_of_its_own(exchange: Exchange) -> None:
    await exchange.answer(b"{}", status="999 Whatever")


BROKEN, WORKS, DIFFERS, REFUSED, SKIPPED = (
    Outcome.BROKEN,
    Outcome.WORKS,
    Outcome.DIFFERS,
    Outcome.REFUSED,
    Outcome.SKIPPED,
)
VERDICTS: list[tuple[Behaviour, Outcome | None, str]] = [
    (endless_stream, BROKEN, "longer than"),
    (a_gigabyte, BROKEN, "longer than"),
    (endless_chunks, BROKEN, "longer than"),
    (gzip_bomb, BROKEN, "longer than"),
    (bomb_in_bomb, BROKEN, "compressed in a way"),
    (brotli, BROKEN, "compressed in a way"),
    (zstandard, BROKEN, "compressed in a way"),
    (not_compressed_as_it_says, BROKEN, "not compressed as it says"),
    (slow_drip, BROKEN, "in time"),
    (slow_head, None, "in time"),
    (stall, BROKEN, "nothing came"),
    (header_flood, None, "head is too large"),
    (one_endless_header, None, "head is too large"),
    (endless_interim, None, "in time"),
    (closes_at_once, None, "closed without an answer"),
    (closes_within, BROKEN, "broke within the answer"),
    (promises_to_stay, WORKS, "finish_reason stop"),
    (garbage, None, "not HTTP"),
    (garbage_after_version, None, "not HTTP"),
    (old_smtp, None, "closed without an answer"),
    (invalid_utf_8, BROKEN, "no JSON"),
    (nested_list, BROKEN, "no JSON"),
    (nested_object, BROKEN, "no JSON"),
    (nested_error, REFUSED, "400"),
    (huge_numbers, DIFFERS, "created"),
    (huger_numbers, BROKEN, "no JSON"),
    (not_a_number, DIFFERS, "created"),
    (impossible_wait, SKIPPED, "limits the rate"),
    (wait_of_yesterday, BROKEN, "server error"),
    (redirect_loop, BROKEN, "redirects to"),
    (redirect_nowhere, BROKEN, "redirects to"),
    (redirect_garbage, None, "not HTTP"),
    (a_status_of_its_own, BROKEN, "999"),
]
"""How an endpoint behaves, the verdict (None: it cannot be reached), and what the verdict says."""


@pytest.mark.parametrize(("behaviour", "outcome", "says"), VERDICTS, ids=[row[0].__name__ for row in VERDICTS])
def test_there_is_one_clear_verdict(behaviour: Behaviour, outcome: Outcome | None, says: str) -> None:
    with serving(behaviour) as server:
        if outcome is None:
            with pytest.raises(UnreachableError, match=says) as caught:
                ask(server)
            assert KEY not in str(caught.value)
        else:
            (proof,) = ask(server).proofs
            assert (proof.outcome, says in str(proof.evidence)) == (outcome, True), str(proof.evidence)


@pytest.mark.parametrize(("behaviour", "outcome", "says"), VERDICTS, ids=[row[0].__name__ for row in VERDICTS])
def test_what_was_proved_before_stays_proved(behaviour: Behaviour, outcome: Outcome | None, says: str) -> None:
    async def at_first_good(exchange: Exchange) -> None:
        if exchange.head.startswith(b"GET"):
            await behaviour(exchange)
        else:
            await exchange.answer(GOOD)

    with serving(at_first_good) as server:
        models, chat = ask(server, Requirement("models"), Requirement("chat")).proofs
    assert chat.outcome is WORKS
    assert models.outcome is not WORKS
    if outcome is None:
        assert (models.outcome, says in str(models.evidence)) == (BROKEN, True)


@pytest.mark.parametrize("behaviour", [endless_stream, a_gigabyte, gzip_bomb, header_flood, one_endless_header])
def test_memory_is_bounded(behaviour: Behaviour) -> None:
    with serving(behaviour) as server:
        with contextlib.suppress(UnreachableError):
            ask(server)  # imports whatever is imported late
        tracemalloc.start()
        try:
            with contextlib.suppress(UnreachableError):
                check([Requirement("chat")], connection(server.url), limits=TIGHT)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < ENOUGH


def test_no_compression_is_asked_for() -> None:
    with serving(promises_to_stay) as server:
        ask(server)
    assert {v for n, _, v in map(_split, server.heads[0].split(b"\r\n")) if n == b"accept-encoding"} == {b"identity"}


def test_a_small_compressed_answer_is_read() -> None:
    async def packed(exchange: Exchange) -> None:
        await exchange.answer(gzip.compress(GOOD), "content-encoding: GZip")

    with serving(packed) as server:
        (proof,) = ask(server).proofs
    assert proof.outcome is WORKS


@pytest.mark.parametrize("behaviour", [garbage, nested_list, gzip_bomb, redirect_nowhere, closes_within])
def test_the_command_ends_in_a_sentence(behaviour: Behaviour, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(behaviour) as server:
        code = main(["check", "--to", str(GATEWAY_TOML), "--base-url", server.url])
    streams = capsys.readouterr()
    assert code == (2 if behaviour is garbage else 1)
    assert "Traceback" not in streams.out + streams.err
    if behaviour is not nested_list:  # which is an answer, if none of use
        left = len(claimed(GATEWAY)) - 1
        assert "cannot reach" in streams.err or (left > 1 and streams.out.count("not asked") == 1)
        assert "cannot reach" in streams.err or f"{left} skipped" in streams.err


# --- the key ----------------------------------------------------------------------------------------------------------


def test_a_certificate_that_nobody_vouches_for() -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    with serving(promises_to_stay, tls=tls) as server:
        with pytest.raises(UnreachableError, match="TLS failed") as caught:
            ask(server)
        assert server.heads == []
    assert caught.value.hint is not None


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost:{port}/v1/chat/completions",
        "//localhost:{port}/v1/chat/completions",
        "http://127.0.0.1:{port}/v1/chat/completions",
        "https://127.0.0.1:{own}/v1/chat/completions",
        "http://127.0.0.1:{own}@localhost:{port}/v1",
        "\\\\localhost:{port}\\v1",
        "http:\\\\localhost:{port}\\v1",
        "javascript:alert(1)",
        "http://127.0.0.1:{own}.example:{port}/",
    ],
)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_the_key_goes_nowhere_else(location: str, status: str) -> None:
    with serving(promises_to_stay) as other:
        port, own = other.url.split(":")[2].split("/")[0], ""

        async def away(exchange: Exchange) -> None:
            where = location.format(port=port, own=own)
            await exchange.answer(b"", f"location: {where}", f"refresh: 0; url={where}", status=status)

        with serving(away) as server:
            own = server.url.split(":")[2].split("/")[0]
            with contextlib.suppress(UnreachableError):
                run = ask(server, Requirement("models"), Requirement("chat"))
                assert {proof.outcome for proof in run.proofs} <= {BROKEN, SKIPPED}
    assert other.heads == []


def test_a_key_spelled_in_escapes_is_taken_out() -> None:
    spelled = "".join(f"\\u{ord(letter):04x}" for letter in KEY)

    async def echo(exchange: Exchange) -> None:
        await exchange.answer(f'{{"error": {{"message": "key {spelled}"}}}}'.encode(), status="400 Bad Request")

    with serving(echo) as server:
        (proof,) = ask(server).proofs
    assert (proof.outcome, "key ***" in str(proof.evidence)) == (REFUSED, True)


def test_a_key_at_the_cut_is_taken_out() -> None:
    async def echo(exchange: Exchange) -> None:
        await exchange.answer(b"x" * (TIGHT.size - len(KEY) // 2) + KEY.encode() * 100)

    with serving(echo) as server:
        from llm_migrate.live.sending import client_for, send
        from llm_migrate.live.wire import Request

        async def once() -> Response:
            to = connection(server.url)
            async with client_for(to, TIGHT) as client:
                return await send(client, Request("GET", "/models"), to, TIGHT)

        response = asyncio.run(once())
    assert response.cut
    assert set(response.body) == {ord("x")}


# --- what a judge must bear -------------------------------------------------------------------------------------------

DEEP: Any = "bottom"
for _ in range(400):
    DEEP = [DEEP]
ODD: list[Any] = [None, True, 1e308, "text", [], {}, [None], [[]], [{}], [1], ["x"], DEEP]
BODIES: list[bytes] = [
    b"",
    b"null",
    b"true",
    b"-1e400",
    b'"text"',
    b"[]",
    b"{}",
    b"\x00",
    b"\xff\xfe\x00\x00",
    b"data: [DONE]\n\n",
    b"data: null\n\ndata: []\n\ndata: 3\n\n",
    b'data: {"choices": null}\n\ndata: {"choices": [null]}\n\ndata: {"choices": [{"delta": 3}]}\n\ndata: [DONE]\n\n',
    b'data: {"choices": [{"index": 1e999, "delta": {"tool_calls": [{"index": "0"}, 7, null]}}]}\n\ndata: [DONE]\n\n',
    b"data: " + b"[" * 50_000 + b"\n\n",
    b"[" * 50_000,
    *(
        json.dumps({"object": "list", "model": value, "usage": value, "data": value, "choices": value}).encode()
        for value in ODD
    ),
    *(
        json.dumps({"choices": [{"message": {"content": value, "tool_calls": value}, "finish_reason": value}]}).encode()
        for value in (*ODD, [{"function": 3}], [{"function": {}}])
    ),
    *(
        json.dumps({"data": [{"embedding": value, "index": value}] * 2}).encode()
        for value in (*ODD, "AAAA", [1e308] * 4, [[1]])
    ),
    *(json.dumps({"error": value}).encode() for value in (*ODD, {"message": {}})),
    json.dumps({"choices": [{"message": {"content": "NaN"}}]}).encode(),
    b'{"data": [{"index": 0, "embedding": [NaN, Infinity, -Infinity, 1e999]}]}',
]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_judges_bear_any_answer(probe: Any) -> None:
    to = connection("http://127.0.0.1:1/v1")
    requirement = next((one for one in claimed(GATEWAY) if one.feature == probe.name), Requirement(probe.name))
    count = len(probe.requests(requirement, to))
    for status in (200, 204, 400, 500):
        for body in BODIES:
            for media in ("application/json", "text/event-stream"):
                responses = [Response(status, body, {"content-type": media})] * count
                more = probe.follow(requirement, to, responses) if probe.follow is not None else ()
                outcome, evidence = probe.judge(requirement, responses + responses[:1] * len(more))
                assert isinstance(outcome, Outcome)
                assert str(evidence)
