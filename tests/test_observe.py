"""``check --run``: real commands behind the relay, on loopback only."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shlex
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from llm_codemods import observed
from llm_codemods.proof import Outcome
from llm_codemods.text import text
from llm_migrate.commands.observe import callers_in, ended
from llm_migrate.errors import ExitCode
from llm_migrate.live import relay, wire
from llm_migrate.live.child import surroundings
from llm_migrate.live.errors import LiveError
from llm_migrate.live.relay import Direct, Exchange, Relay, relaying, upstream
from llm_migrate.live.watch import Watched, watch
from llm_migrate.live.wire import Connection
from llm_migrate.live.witness import observe
from llm_migrate.settings import settle
from terminal import COMMAND, llm_migrate
from test_check_live import GATEWAY, GATEWAY_TOML, KEY, completion, connection, serving

HOME = GATEWAY.regions["cn"].base_url
BODY = {"model": "talk", "messages": [{"role": "user", "content": "a secret of mine"}]}
OURS = ("proxy", "no_proxy")


def python(code: str, *arguments: object) -> str:
    """Return the command that runs this code."""
    return shlex.join([sys.executable, "-c", code, *map(str, arguments)])


def one(watched: Watched) -> tuple[Outcome, str]:
    """Return the outcome and the evidence of the one request that was seen."""
    ((observation, count),) = watched.requests
    assert count == 1
    return observation.outcome, str(observation.evidence)


def emulated(code: str, *arguments: object, **more: Any) -> Watched:
    return watch(python(code, *arguments), [connection(HOME)], emulate=True, **more)


SDK = """
import os, sys
from openai import OpenAI
client = OpenAI()
client.chat.completions.create(model="talk", messages=[{"role": "user", "content": "hello"}])
"""
POST = """
import httpx, json, os, sys
url, key, body = sys.argv[1].format(**os.environ), sys.argv[2].format(**os.environ), json.loads(sys.argv[3])
answer = httpx.post(url, headers={"authorization": key} if key else {}, json=body)
sys.exit(0 if answer.status_code == 200 else answer.status_code // 100)
"""
CHAT = "{OPENAI_BASE_URL}/chat/completions"


def posted(url: str = CHAT, key: str = "Bearer {OPENAI_API_KEY}", body: Mapping[str, Any] = BODY) -> str:
    return python(POST, url, key, json.dumps(body))


# --- the relay as an endpoint -----------------------------------------------------------------------------------------


def test_the_sdk_is_passed_on_with_the_providers_key_and_the_command_never_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    received: list[Request] = []

    async def handler(request: Request) -> Response:
        received.append(request)
        return JSONResponse(completion())

    for name, value in {
        "OPENAI_API_KEY": "sk-of-openai",
        "GATEWAY_KEY": KEY,
        "MY_COPY": KEY,
        "LOGNAME_": "kept",
    }.items():
        monkeypatch.setenv(name, value)
    code = SDK + "import json; open(sys.argv[1], 'w').write(json.dumps(dict(os.environ)))"
    with serving(handler) as url:
        watched = watch(python(code, tmp_path / "environment"), [connection(url)])
    assert watched.code == 0
    assert one(watched) == (Outcome.WORKS, "answers with finish_reason stop")
    assert [r.headers["authorization"] for r in received] == [f"Bearer {KEY}"]
    assert received[0].url.path == "/v1/chat/completions"
    environment = (tmp_path / "environment").read_text("utf-8")
    assert KEY not in environment
    assert "sk-of-openai" not in environment
    assert json.loads(environment)["LOGNAME_"] == "kept"


STREAM = """
import httpx, os, sys
from pathlib import Path
first, whole = map(Path, sys.argv[1:])
url, key = os.environ["OPENAI_BASE_URL"] + "/chat/completions", os.environ["OPENAI_API_KEY"]
with httpx.stream("POST", url, headers={"authorization": "Bearer " + key}, json={"stream": True}) as answer:
    got = b""
    for piece in answer.iter_raw():
        got += piece
        first.touch()
whole.write_bytes(got)
"""


def chunk(**choice: Any) -> bytes:
    row = {"index": 0, "delta": {}, "finish_reason": None, **choice}
    data = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "talk", "choices": [row]}
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def test_a_stream_comes_while_it_is_made_and_unchanged(tmp_path: Path) -> None:
    first, whole = tmp_path / "first", tmp_path / "whole"
    sent: list[bytes] = []

    async def pieces() -> AsyncIterator[bytes]:
        import anyio

        yield chunk(delta={"role": "assistant", "content": "早"})
        waited = 0
        while not first.exists() and waited < 100:  # the command has the first piece before there is a second
            await anyio.sleep(0.1)
            waited += 1
        sent.append(b"in time" if waited < 100 else b"held back")
        yield chunk(finish_reason="stop") + b": comment\n\ndata: [DONE]\n\n"

    async def handler(_: Request) -> Response:
        return StreamingResponse(pieces(), media_type="text/event-stream")

    with serving(handler) as url:
        watched = watch(python(STREAM, first, whole), [connection(url)])
    assert sent == [b"in time"]
    assert one(watched) == (Outcome.WORKS, "streams to finish_reason stop")
    wanted = chunk(delta={"role": "assistant", "content": "早"}) + chunk(finish_reason="stop")
    assert whole.read_bytes() == wanted + b": comment\n\ndata: [DONE]\n\n"


HANG_UP = """
import httpx, os
url, key = os.environ["OPENAI_BASE_URL"] + "/chat/completions", os.environ["OPENAI_API_KEY"]
with httpx.stream("POST", url, headers={"authorization": "Bearer " + key}, json={"stream": True}) as answer:
    next(answer.iter_raw())
"""


def test_a_command_may_stop_reading() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        import anyio

        for _ in range(200):
            yield chunk(delta={"content": "x" * 50_000})
            await anyio.sleep(0.01)

    async def handler(_: Request) -> Response:
        return StreamingResponse(pieces(), media_type="text/event-stream")

    with serving(handler) as url:
        watched = watch(python(HANG_UP), [connection(url)])
    assert one(watched) == (Outcome.WORKS, "answers; the code read it in part only")


def test_an_answer_that_breaks_off_breaks_off_at_the_command_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connected, _ = listening.accept()
            with connected:
                connected.recv(65_536)
                head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"
                connected.sendall(head + b'{"choices"')

        thread = threading.Thread(target=serve)
        thread.start()
        watched = watch(posted(), [connection(f"http://127.0.0.1:{listening.getsockname()[1]}/v1")])
        thread.join()
    assert watched.code == 1
    outcome, evidence = one(watched)
    assert outcome is Outcome.BROKEN
    assert evidence.startswith("the answer broke off: ")


def test_an_endpoint_that_is_not_there_is_no_crash() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    watched = watch(posted(), [connection(f"http://127.0.0.1:{port}/v1")])
    assert watched.code == 5
    assert one(watched) == (Outcome.BROKEN, "the connection was refused")


@pytest.mark.parametrize(
    ("key", "code", "outcome", "reached"),
    [
        ("Bearer {OPENAI_API_KEY}", 0, Outcome.WORKS, [f"Bearer {KEY}"]),
        ("Bearer {GATEWAY_KEY}", 0, Outcome.WORKS, [f"Bearer {KEY}"]),
        (f"Bearer {KEY}", 0, Outcome.WORKS, [f"Bearer {KEY}"]),
        ("Bearer sk-written-in-the-code", 4, Outcome.BROKEN, []),
        ("Basic {OPENAI_API_KEY}", 4, Outcome.BROKEN, []),
        ("", 0, Outcome.WORKS, [None]),
    ],
)
def test_only_the_key_from_the_environment_is_replaced_and_no_other_passed_on(
    key: str, code: int, outcome: Outcome, reached: list[str | None]
) -> None:
    received: list[str | None] = []

    async def handler(request: Request) -> Response:
        received.append(request.headers.get("authorization"))
        return JSONResponse(completion())

    with serving(handler) as url:
        watched = watch(posted(key=key), [connection(url)])
    assert watched.code == code
    assert one(watched)[0] is outcome
    assert received == reached


def test_a_request_is_passed_on_as_it_is_but_for_the_key_and_how_the_answer_is_packed() -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    async def handler(request: Request) -> Response:
        received.append((dict(request.headers), await request.body()))
        return JSONResponse(completion(), headers={"set-cookie": "a=b", "x-request-id": "7", "connection": "close"})

    headers = {"authorization": "Bearer placeholder", "user-agent": "mine", "x-own": "1", "cookie": "mine=1"}
    with serving(handler) as url, relay_to(url) as (running, _):
        for _ in range(2):
            with httpx.Client(trust_env=False) as client:
                body = b'{"model":  "talk"}'
                answer = client.post(f"{running.url}/chat/completions?x=1", headers=headers, content=body)
    assert answer.headers["x-request-id"] == "7"
    assert answer.headers["set-cookie"] == "a=b"
    ((first, body), second) = received
    assert second == (first, body)
    assert body == b'{"model":  "talk"}'
    assert {name: first[name] for name in (*headers, "accept-encoding")} == {
        **headers,
        "authorization": f"Bearer {KEY}",
        "accept-encoding": "identity",
    }
    assert "proxy-authorization" not in first


# --- the relay as a proxy ---------------------------------------------------------------------------------------------

HARD_CODED = """
import os, sys
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1], api_key=os.environ["GATEWAY_KEY"], max_retries=0)
for _ in client.chat.completions.create(model="talk", messages=[{"role": "user", "content": "hi"}], stream=True):
    pass
client.embeddings.create(model="vectors", input=["a", "b"], dimensions=4)
"""


def test_an_endpoint_written_in_the_code_is_seen_too() -> None:
    watched = emulated(HARD_CODED, HOME)
    assert watched.code == 0
    assert [(o.method, o.model, o.outcome, n) for o, n in watched.requests] == [
        ("chat.completions.create", "talk", Outcome.WORKS, 1),
        ("embeddings.create", "vectors", Outcome.WORKS, 1),
    ]
    assert not watched.direct
    assert ended(watched) is ExitCode.DONE


def test_a_gateway_may_serve_it_at_another_path() -> None:
    asked: list[str] = []

    async def handler(request: Request) -> Response:
        asked.append(request.url.path)
        return JSONResponse(completion())

    with serving(handler) as url:
        watched = watch(posted(f"{HOME}/chat/completions", "Bearer {GATEWAY_KEY}"), [connection(url)])
    assert watched.code == 0
    assert asked == ["/v1/chat/completions"]


@pytest.mark.parametrize(
    ("url", "host", "why"),
    [
        ("https://api.openai.com/v1/models", "api.openai.com", "the code talks to OpenAI, past the provider"),
        (
            "https://mine.openai.azure.com/x",
            "mine.openai.azure.com",
            "the code talks to OpenAI, past the provider",
        ),
        ("http://api.openai.com/v1/models", "api.openai.com", "the code talks to OpenAI, past the provider"),
        (
            "https://intl.gateway.example/v1/models",
            "intl.gateway.example",
            "another host of gateway than that of region cn",
        ),
        ("http://api.gateway.example/compatible/v1/models", "api.gateway.example", "plain http to the provider"),
    ],
)
def test_what_goes_past_the_provider_is_refused_and_told(url: str, host: str, why: str) -> None:
    code = "import httpx, sys\ntry: sys.exit(httpx.get(sys.argv[1]).status_code)\nexcept httpx.ProxyError: sys.exit(9)"
    watched = emulated(code, url)
    assert watched.code in (9, 403 % 256)
    ((direct, count),) = watched.direct
    assert (direct.host, count) == (host, 1)
    assert str(direct.why).startswith(why)
    assert not watched.requests
    assert ended(watched) is ExitCode.FINDINGS


def test_a_client_that_trusts_nobody_new_is_told() -> None:
    code = (
        "import httpx, ssl, sys\n"
        "try: httpx.get(sys.argv[1], verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))\n"
        "except httpx.ConnectError: pass"
    )
    ((direct, _),) = emulated(code, f"{HOME}/models").direct
    assert str(direct.why) == "does not trust the relay's certificate, so its requests could not be seen"


@contextlib.contextmanager
def relay_to(url: str) -> Iterator[tuple[Relay, list[Exchange | Direct]]]:
    seen: list[Exchange | Direct] = []
    with relaying([upstream(connection(url))], "placeholder", seen.append) as running:
        yield running, seen


def connect(port: int, place: str, proxy: str = "") -> tuple[bytes, socket.socket]:
    """Ask a proxy for a connection; return the first line of its answer, and the socket."""
    ours = socket.create_connection(("127.0.0.1", port), 10)
    secret = base64.b64encode(proxy.encode()).decode()
    ours.sendall(f"CONNECT {place} HTTP/1.1\r\nhost: {place}\r\nproxy-authorization: Basic {secret}\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += ours.recv(1)
    return answer.partition(b"\r\n")[0], ours


@contextlib.contextmanager
def echo(greeting: bytes = b"") -> Iterator[tuple[int, list[bytes]]]:
    """Answer with what comes, in capitals; with a greeting, as a proxy would that is asked first."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connected, _ = listening.accept()
                with connected:
                    if greeting:
                        asked.append(connected.recv(65_536))
                        connected.sendall(greeting)
                    while data := connected.recv(65_536):
                        connected.sendall(data.upper())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], asked


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


def test_other_hosts_are_let_through_unseen() -> None:
    with relay_to("http://127.0.0.1:9/v1") as (running, seen), echo() as (port, _):
        line, ours = connect(port_of(running.proxy), f"127.0.0.1:{port}", "relay:placeholder")
        with ours:
            assert line.split()[1] == b"200"
            ours.sendall(b"hello")
            assert ours.recv(100) == b"HELLO"
    assert seen == []


def test_other_hosts_are_reached_through_the_proxy_that_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with relay_to("http://127.0.0.1:9/v1") as (running, _), echo(b"HTTP/1.1 200 Fine\r\n\r\n") as (port, asked):
        monkeypatch.setenv("https_proxy", f"http://me:p%40ss@127.0.0.1:{port}")
        line, ours = connect(port_of(running.proxy), "elsewhere.example:443", "relay:placeholder")
        with ours:
            assert line.split()[1] == b"200"
            ours.sendall(b"hello")
            assert ours.recv(100) == b"HELLO"
    secret = base64.b64encode(b"me:p@ss").decode()
    assert asked[0].decode().startswith("CONNECT elsewhere.example:443 HTTP/1.1\r\n")
    assert f"Proxy-Authorization: Basic {secret}\r\n" in asked[0].decode()


@pytest.mark.parametrize("proxy", ["", "relay:other", "placeholder"])
def test_only_the_command_may_use_the_proxy(proxy: str) -> None:
    with relay_to("http://127.0.0.1:9/v1") as (running, seen), echo() as (port, _):
        line, ours = connect(port_of(running.proxy), f"127.0.0.1:{port}", proxy)
        ours.close()
    assert line.split()[1] == b"407"
    assert seen == []


@pytest.mark.parametrize("rubbish", [b"\x16\x03\x01\x02", b"GET\r\n\r\n", b"x" * 200_000, b""])
def test_rubbish_ends_a_connection_and_nothing_else(rubbish: bytes) -> None:
    async def handler(_: Request) -> Response:
        return JSONResponse(completion())

    with serving(handler) as url, relay_to(url) as (running, seen):
        with socket.create_connection(("127.0.0.1", port_of(running.url)), 10) as ours, contextlib.suppress(OSError):
            ours.sendall(rubbish)
            ours.shutdown(socket.SHUT_WR)
            while ours.recv(65_536):
                pass
        answer = httpx.post(
            f"{running.url}/chat/completions",
            headers={"authorization": "Bearer placeholder"},
            json=BODY,
            trust_env=False,
        )
    assert answer.status_code == 200
    assert len(seen) == 1


def test_a_request_that_is_too_large_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "BODY_LIMIT", 100)
    with relay_to("http://127.0.0.1:9/v1") as (running, seen):
        answer = httpx.post(f"{running.url}/files", content=b"x" * 101, trust_env=False)
    assert answer.status_code == 413
    assert seen == []


# --- the environment of the command -----------------------------------------------------------------------------------


def environment(given: Mapping[str, str]) -> dict[str, str]:
    running = Relay("http://127.0.0.1:1/compatible/v1", "http://relay:x@127.0.0.1:1", "")
    return surroundings(given, running, "placeholder", [upstream(connection(HOME))], Path("bundle"))


def test_the_environment_leads_to_the_relay() -> None:
    found = environment({"HOME": "/home/me"})
    url = "http://127.0.0.1:1/compatible/v1"
    assert found["HOME"] == "/home/me"
    assert {
        found[n] for n in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_BASE_URL", "GATEWAY_KEY_BASE_URL")
    } == {url}
    assert {found[n] for n in ("OPENAI_API_KEY", "GATEWAY_KEY")} == {"placeholder"}
    assert {found[n] for n in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")} == {
        "http://relay:x@127.0.0.1:1"
    }
    assert found["no_proxy"] == "localhost,127.0.0.1,::1"
    assert found["SSL_CERT_FILE"] == found["REQUESTS_CA_BUNDLE"] == "bundle"


@pytest.mark.parametrize(
    ("name", "value", "then"),
    [
        ("MY_URL", "https://api.openai.com/v1/", "http://127.0.0.1:1/compatible/v1"),
        ("MY_URL", HOME, "http://127.0.0.1:1/compatible/v1"),
        ("MY_URL", "https://api.gateway.example/other", "https://api.gateway.example/other"),
        ("MY_URL", "https://elsewhere.example/v1", "https://elsewhere.example/v1"),
        ("MY_URL", "http://[broken", "http://[broken"),
        ("MY_KEY", KEY, "placeholder"),
        ("MY_KEY", "another", "another"),
        ("CHROMA_OPENAI_API_KEY", "sk-x", "placeholder"),
        ("all_proxy", "socks5://127.0.0.1:1080", None),
        ("no_proxy", "intranet,.corp.example,*", "localhost,127.0.0.1,::1,intranet,.corp.example"),
        ("NO_PROXY", "api.gateway.example,.gateway.example,.openai.com", "localhost,127.0.0.1,::1"),
    ],
)
def test_what_the_environment_said_before(name: str, value: str, then: str | None) -> None:
    assert environment({name: value}).get(name) == then


# --- verdicts ---------------------------------------------------------------------------------------------------------


def whole(message: Mapping[str, Any], finish: str = "stop", **more: Any) -> bytes:
    body = completion()
    body["choices"] = [
        {"index": 0, "message": {"role": "assistant", "content": None, **message}, "finish_reason": finish}
    ]
    return json.dumps({**body, **more}).encode()


def vectors(*rows: list[float] | str) -> bytes:
    return json.dumps({"data": [{"index": i, "embedding": row} for i, row in enumerate(rows)]}).encode()


def call(arguments: object = '{"city": "Paris"}', name: str = "weather", **more: Any) -> dict[str, Any]:
    return {"tool_calls": [{"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}, **more}]}


TOOLS = {
    "tools": [
        {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "required": ["city"]}}}
    ]
}
FORCED = {**TOOLS, "tool_choice": {"type": "function", "function": {"name": "weather"}}}
OTHER = {"tool_choice": {"type": "function", "function": {"name": "other"}}}
SCHEMA = {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object", "required": ["a"]}}}}
USAGE = b'data: {"object": "chat.completion.chunk", "created": 1, "choices": [], "usage": {"completion_tokens": 1}}\n\n'
GOOD = chunk(delta={"role": "assistant", "content": "x"}) + chunk(finish_reason="stop")
SECOND = chunk(index=1, delta={"role": "assistant"}) + chunk(index=1, finish_reason="stop")
FLOATS = base64.b64encode(struct.pack("<2f", 0.5, 0.5)).decode()
W, D, I, R, B = Outcome.WORKS, Outcome.DIFFERS, Outcome.IGNORED, Outcome.REFUSED, Outcome.BROKEN  # noqa: E741


@pytest.mark.parametrize(
    ("asked", "answer", "outcome"),
    [
        ({}, whole({"content": "hi"}), W),
        ({}, whole({"content": "hi"}, "sensitive"), D),
        ({}, whole({"content": "hi"}, usage=None), D),
        ({}, whole({}), D),
        ({}, b'{"choices": null}', B),
        ({}, b"<html>", B),
        ({}, b"", B),
        (TOOLS, whole(call(), "tool_calls"), W),
        (TOOLS, whole({"content": "prose"}), W),
        (TOOLS, whole(call({"city": "Paris"}), "tool_calls"), D),
        (TOOLS, whole(call("{"), "tool_calls"), D),
        (TOOLS, whole(call("{}"), "tool_calls"), D),
        (TOOLS, whole(call(name="other"), "tool_calls"), D),
        (TOOLS, whole(call(id=""), "tool_calls"), D),
        (TOOLS, whole(call(type=None), "tool_calls"), D),
        (TOOLS, whole({"tool_calls": ["weather"]}, "tool_calls"), D),
        (FORCED, whole(call(), "stop"), W),
        (FORCED, whole({"content": "prose"}), I),
        (FORCED, whole({"content": "pro"}, "length"), W),
        ({**TOOLS, "tool_choice": "none"}, whole(call(), "tool_calls"), I),
        ({**TOOLS, "tool_choice": "required"}, whole({"content": "prose"}), I),
        ({**TOOLS, "tool_choice": {"type": "allowed_tools"}}, whole({"content": "prose"}), W),
        ({"tools": [], **OTHER}, whole(call()), I),
        ({"n": 2}, whole({"content": "hi"}), I),
        ({"stop": ["5"]}, whole({"content": "4 5 6"}), I),
        ({"stop": "5"}, whole({"content": "4 "}), W),
        (SCHEMA, whole({"content": '{"a": 1}'}), W),
        (SCHEMA, whole({"content": '{"b": 1}'}), I),
        (SCHEMA, whole({"content": '```json\n{"a": 1}\n```'}), I),
        (SCHEMA, whole({"content": '{"a'}, "length"), W),
        ({"response_format": {"type": "json_object"}}, whole({"content": "prose"}), I),
        ({"response_format": {"type": "text"}}, whole({"content": "prose"}), W),
        ({"stream": True}, GOOD, W),
        ({"stream": True}, GOOD + b"data: [DONE]\n\n", W),
        ({"stream": True}, whole({"content": "hi"}), B),
        ({"stream": True}, chunk(delta={"content": "x"}), D),
        ({"stream": True, "n": 2}, GOOD + SECOND, W),
        ({"stream": True, "n": 2}, GOOD, I),
        ({"stream": True}, chunk(delta=None), D),
        ({"stream": True, "stream_options": {"include_usage": True}}, GOOD, I),
        ({"stream": True, "stream_options": {"include_usage": True}}, GOOD + USAGE, W),
    ],
)
def test_verdicts_on_chats(asked: Mapping[str, Any], answer: bytes, outcome: Outcome) -> None:
    kind = "text/event-stream" if answer.startswith(b"data") else "application/json"
    assert judged({**BODY, **asked}, answer, kind) is outcome


def judged(
    asked: Mapping[str, Any], answer: bytes, kind: str = "application/json", path: str = "chat/completions"
) -> Outcome:
    response = wire.Response(200, answer, {"content-type": kind})
    return observe(Exchange("POST", f"/v1/{path}", json.dumps(asked).encode(), response), ()).outcome


ODD: tuple[Any, ...] = (None, 0, -1.5, True, "", "x", [], [None], [[]], {}, {"a": {}}, {"function": {"name": {}}})


def twisted(value: Any) -> Iterator[Any]:
    """Yield JSON data with each of its parts in turn replaced by something odd, or left out."""
    yield from ODD
    places = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, inner in list(places):
        for other in twisted(inner):
            copy = value.copy()
            copy[place] = other
            yield copy
        copy = value.copy()
        del copy[place]
        yield copy


WHOLE = json.loads(whole({**call(), "content": "{}"}, "stop", usage={"completion_tokens": 1}))
PIECE = {"index": 0, "delta": {"role": "assistant", "tool_calls": [{"index": 0, **call()["tool_calls"][0]}]}}
CHUNK = json.loads(chunk(**PIECE).removeprefix(b"data: "))
ASKED = {**BODY, **FORCED, **SCHEMA, "n": 1, "stop": ["a"], "stream_options": {"include_usage": True}, "input": ["a"]}


@pytest.mark.parametrize("part", ["request", "answer", "stream", "embeddings"])
def test_no_request_and_no_answer_is_too_odd_to_be_judged(part: str) -> None:
    answer, asked, path = json.dumps(WHOLE).encode(), json.dumps(ASKED).encode(), "chat/completions"
    pairs = {
        "request": ((json.dumps(odd).encode(), answer) for odd in twisted(ASKED)),
        "answer": ((asked, json.dumps(odd).encode()) for odd in twisted(WHOLE)),
        "stream": (
            (json.dumps({**ASKED, "stream": True}).encode(), b"data: " + json.dumps(odd).encode() + b"\n\n" + GOOD)
            for odd in twisted(CHUNK)
        ),
        "embeddings": ((asked, json.dumps(odd).encode()) for odd in twisted(json.loads(vectors([0.5], FLOATS)))),
    }[part]
    path = "embeddings" if part == "embeddings" else path
    for body, said in pairs:
        seen = observe(Exchange("POST", f"/v1/{path}", body, wire.Response(200, said)), ())
        assert isinstance(seen.outcome, Outcome)
        assert str(seen.evidence)
        hash(seen)


@pytest.mark.parametrize(
    ("asked", "answer", "outcome"),
    [
        ({"input": "a"}, vectors([0.5, 0.5]), W),
        ({"input": ["a", "b"]}, vectors([0.5, 0.5], FLOATS), W),
        ({"input": [1, 2, 3]}, vectors(FLOATS), W),
        ({"input": ["a", "b"]}, vectors([0.5, 0.5]), D),
        ({"input": ["a", "b"]}, vectors([0.5, 0.5], [0.5]), D),
        ({"input": "a"}, vectors("no base64"), D),
        ({"input": "a", "dimensions": 4}, vectors([0.5, 0.5]), I),
        ({"input": "a"}, b'{"data": []}', B),
        ({"input": "a"}, b'{"data": [1]}', B),
        ({"input": ["a", "b"]}, b'{"data": [{"index": 1, "embedding": [1]}, {"index": 0, "embedding": [1]}]}', D),
    ],
)
def test_verdicts_on_embeddings(asked: Mapping[str, Any], answer: bytes, outcome: Outcome) -> None:
    assert judged(asked, answer, path="embeddings") is outcome


def test_a_refusal_is_told_without_keys() -> None:
    error = {"error": {"code": "bad", "message": f"not with {KEY}"}}
    response = wire.Response(400, json.dumps(error).encode())
    seen = observe(Exchange("POST", "/v1/chat/completions", b"{}", response), (), [KEY])
    assert (seen.outcome, str(seen.evidence)) == (Outcome.REFUSED, "400 bad: not with ***")


def test_what_is_not_understood_counts_by_its_status() -> None:
    answer = Exchange("GET", "/elsewhere", b"", wire.Response(204))
    seen = observe(answer, ())
    assert (seen.method, seen.outcome, str(seen.evidence)) == (None, Outcome.WORKS, "answers with 204")
    packed = replace(answer, encoded=True, path="/v1/chat/completions", method="POST", body=b'["no object"]')
    assert observe(packed, ()).outcome is Outcome.WORKS
    gone = Exchange("POST", "/v1/embeddings", b"", None, text("the connection was refused"))
    assert observe(gone, ()).outcome is Outcome.BROKEN


# --- shapes and call sites --------------------------------------------------------------------------------------------


def test_the_shape_has_no_texts() -> None:
    body = {
        **BODY,
        "user": "somebody",
        "stop": ["private"],
        "temperature": 0.5,
        "metadata": {"k": "secret value"},
        "stream_options": {"include_usage": True},
        "reasoning_effort": "low",
        "a name with blanks": 1,
        "tools": [{"type": "function", "function": {"name": "f", "description": "private words"}}],
        "tool_choice": "required",
        "response_format": {"type": "json_schema", "json_schema": {"name": "private"}},
    }
    assert observed.outline(observed.read(body)) == (
        "messages(user)",
        "metadata",
        "reasoning_effort=low",
        "response_format(json_schema)",
        "stop",
        "stream_options.include_usage=true",
        "temperature=0.5",
        "tool_choice=required",
        "tools(1)",
        "user",
    )


CODE = """\
import httpx
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai import OpenAI

client = OpenAI()


def plain(question):
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": question}])  # plain


def warm(question, streams):
    client.chat.completions.create(  # warm
        model="gpt-4o", messages=[{"role": "user", "content": question}], temperature=0.9, stream=bool(streams)
    )


def anything(**more):
    client.chat.completions.create(model="gpt-4o-mini", **more)  # anything


def extra(question):
    client.chat.completions.create(  # extra
        model="gpt-4o", messages=[{"role": "user", "content": question}], extra_body={"enable_thinking": False}
    )


def embed(texts):
    return client.embeddings.create(model="text-embedding-3-small", input=texts)  # embed


def one():
    return client.embeddings.create(model="text-embedding-3-small", input="one text")  # one


def by_hand(question):
    url = "https://api.openai.com/v1/chat/completions"
    httpx.post(url, json={"model": "gpt-4", "messages": [{"role": "user", "content": question}]})  # by hand


def framework(text):
    ChatOpenAI(model="gpt-4.1").invoke(text)  # framework
    OpenAIEmbeddings(model="text-embedding-3-large").embed_query(text)  # framed
"""
MESSAGES = [{"role": "user", "content": "x"}]
ASKS = {"model": "gpt-4o", "messages": MESSAGES}
EMBEDS = {"model": "text-embedding-3-small", "encoding_format": "base64"}


@pytest.mark.parametrize(
    ("method", "body", "senders"),
    [
        ("chat.completions.create", ASKS, ["plain"]),
        ("chat.completions.create", {**ASKS, "temperature": 0.9, "stream": True}, ["warm"]),
        ("chat.completions.create", {**ASKS, "temperature": 0.9, "stream": False}, ["warm"]),
        ("chat.completions.create", {**ASKS, "temperature": 0.8}, []),
        ("chat.completions.create", {**ASKS, "enable_thinking": False}, ["extra"]),
        ("chat.completions.create", {**ASKS, "model": "gpt-4o-mini", "seed": 1}, ["anything"]),
        ("chat.completions.create", {**ASKS, "messages": MESSAGES * 2}, []),
        ("chat.completions.create", {**ASKS, "model": "gpt-4"}, ["by hand"]),
        ("chat.completions.create", {**ASKS, "model": "gpt-4.1", "stream": False}, ["framework"]),
        ("chat.completions.create", {**ASKS, "model": "o3"}, []),
        ("embeddings.create", {**EMBEDS, "input": ["one", "two"]}, ["embed"]),
        ("embeddings.create", {**EMBEDS, "input": "one text"}, ["embed", "one"]),
        ("embeddings.create", {**EMBEDS, "input": "some text"}, ["embed"]),
        ("embeddings.create", {**EMBEDS, "model": "text-embedding-3-large", "input": "x"}, ["framed"]),
        ("images.generate", ASKS, []),
    ],
)
def test_requests_are_joined_to_the_calls_that_fit(
    tmp_path: Path, method: str, body: Mapping[str, Any], senders: list[str]
) -> None:
    (tmp_path / "app.py").write_text(CODE, "utf-8")
    callers = callers_in(settle([tmp_path], to=str(GATEWAY_TOML)))
    lines = CODE.splitlines()
    found = observed.senders(method, observed.read(body), callers)
    assert [lines[place.line - 1].partition("  # ")[2] for place in found] == senders
    assert {place.path for place in found} <= {"app.py"}


# --- the command ------------------------------------------------------------------------------------------------------

APP = """\
import os
from openai import OpenAI, OpenAIError

client = OpenAI(base_url="https://api.gateway.example/compatible/v1", api_key=os.environ["GATEWAY_KEY"])


def ask(model):
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": "a secret of mine"}])


def unused():
    return client.embeddings.create(model="vectors", input="x")


if __name__ == "__main__":
    import sys

    print("from the command", flush=True)
    try:
        for model in sys.argv[1:]:
            ask(model)
    except OpenAIError:
        sys.exit(1)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP, "utf-8")
    return tmp_path


def check(folder: Path, *more: str, run: str | None = None, models: str = "talk", **env: str) -> Any:
    command = f"{shlex.quote(sys.executable)} app.py {models}" if run is None else run
    return llm_migrate(folder, "check", "--to", GATEWAY_TOML, "--run", command, *more, env=env)


def test_the_report_says_what_was_sent_from_where_and_what_was_not(project: Path) -> None:
    result = check(project, "--emulator", models="talk talk gpt-4o-mini")
    assert result.code == 1
    lines = result.out.splitlines()
    assert lines[0] == "from the command"
    assert lines[1].startswith("✗ refused   chat.completions.create  gpt-4o-mini  401")
    assert lines[2:4] == ["    sent: messages(user)", "    app.py:8"]
    assert lines[4].startswith("✓ works 2×  chat.completions.create  talk         200  answers with finish_reason stop")
    assert lines[7:] == [
        "the code still asks for gpt-4o-mini; rewrite would ask for talk",
        "not seen at work:",
        "    app.py:12",
    ]
    assert "3 requests: 2 works, 1 refused; 1 of 2 call sites seen at work\n" in result.err
    assert "the command ended with 1\n" in result.err
    assert "secret" not in result.out + result.err


def test_all_is_well_and_json_is_alone_on_standard_output(project: Path) -> None:
    result = check(project, "--emulator", "--format", "json", GATEWAY_KEY=KEY)
    assert result.code == 0
    assert "from the command" in result.err
    document = result.json
    assert (document["observed"], document["emulated"], document["exit_code"]) == (True, True, 0)
    assert document["requests"] == [
        {
            "api": "chat.completions.create",
            "method": "POST",
            "path": "/compatible/v1/chat/completions",
            "model": "talk",
            "shape": ["messages(user)"],
            "status": 200,
            "outcome": "works",
            "evidence": "answers with finish_reason stop",
            "sites": [{"path": "app.py", "line": 8, "cell": None}],
            "count": 1,
        }
    ]
    assert document["unseen"] == [{"path": "app.py", "line": 12, "cell": None}]
    assert document["summary"]["requests"] == document["summary"]["works"] == document["summary"]["sites_seen"] == 1
    assert KEY not in result.out + result.err


def test_a_page_is_written_beside_the_report_or_instead(project: Path) -> None:
    beside = check(project, "--emulator", "--html", "page.html", models="talk gpt-4o-mini")
    assert beside.code == 1
    assert "✓ works" in beside.out
    page = (project / "page.html").read_text("utf-8")
    assert "app.py:8" in page
    assert "rewrite would ask for talk" in page
    instead = check(project, "--emulator", "--format", "html", models="talk gpt-4o-mini")
    assert instead.code == 1
    assert instead.out == page
    assert "from the command" in instead.err


def test_a_page_that_cannot_be_written_is_told_before_the_command_is_run(project: Path) -> None:
    result = check(project, "--emulator", "--html", "no/such/folder/page.html", run="touch ran")
    assert result.code == 2
    assert not (project / "ran").exists()


@pytest.mark.parametrize("name", ["junit", "markdown"])
def test_other_reports_are_not_made_of_a_command(project: Path, name: str) -> None:
    result = check(project, "--emulator", "--format", name, run="touch ran")
    assert result.code == 2
    assert "--run reports as text, json or html" in result.err
    assert not (project / "ran").exists()


def test_nothing_is_kept_but_where_it_is_asked_for_and_never_a_key(project: Path) -> None:
    before = set(project.iterdir())
    assert check(project, "--emulator").code == 0
    assert set(project.iterdir()) == before
    (project / "kept").mkdir()
    (project / "kept" / "0001.json").write_text("mine", "utf-8")
    result = check(project, "--emulator", "--record", "kept", models="talk talk", GATEWAY_KEY=KEY)
    assert result.code == 0
    assert (project / "kept" / "0001.json").read_text("utf-8") == "mine"
    files = sorted((project / "kept").glob("000[2-9].json"))
    assert len(files) == 2
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        kept = json.loads(file.read_text("utf-8"))
        assert kept["request"]["body"]["messages"][0]["content"] == "a secret of mine"
        assert kept["response"]["body"]["choices"]
        assert kept["response"]["whole"] is True
        assert KEY not in file.read_text("utf-8")
        assert "sk-relay" not in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "run", "code", "said"),
    [
        (["--emulator"], "true", 1, "no request came through the relay, so nothing is proved"),
        (["--emulator"], "false", 1, "the command ended with 1"),
        (["--emulator"], "sh -c 'kill -9 $$'", 1, "the command was ended by signal 9"),
        (["--emulator"], "no-such-command --x", 2, "cannot run 'no-such-command --x': No such file or directory"),
        (["--emulator"], "", 2, "'' is not a command"),
        (["--emulator"], "echo 'open", 2, "is not a command"),
        ([], "true", 2, "no API key: the environment variable GATEWAY_KEY is not set"),
        (["--emulator", "--record", "app.py"], "true", 2, "cannot write app.py: File exists"),
        (["--list"], "true", 2, "--list sends nothing, --run does"),
        (["--emulator", "nowhere"], "true", 2, "no such file or folder: nowhere"),
    ],
)
def test_how_it_ends(project: Path, more: list[str], run: str, code: int, said: str) -> None:
    result = check(project, *more, run=run)
    assert result.code == code
    assert said in result.err


def test_recording_needs_a_command(project: Path) -> None:
    result = llm_migrate(project, "check", "--to", GATEWAY_TOML, "--record", "x", env={"GATEWAY_KEY": KEY})
    assert result.code == 2
    assert "--record goes with --run only" in result.err


def test_without_a_command_the_emulator_is_asked_for_what_the_code_needs(tmp_path: Path) -> None:
    call = 'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])'
    (tmp_path / "app.py").write_text(f"from openai import OpenAI\n\nclient = OpenAI()\n{call}\n", "utf-8")
    result = llm_migrate(tmp_path, "check", ".", "--to", GATEWAY_TOML, "--emulator", "--format", "json")
    told = json.loads(result.out)
    assert result.code == 0
    assert told["emulated"]
    assert told["base_url"].startswith("http://127.0.0.1:")
    assert {proof["outcome"] for proof in told["proofs"]} == {"works"}
    assert told["coverage"]["proved"] == told["coverage"]["sites"] > 0
    assert "an emulator takes all of it" in result.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--base-url", "http://127.0.0.1:1/v1"], "--emulator and --base-url name two servers"),
        (["--learn", "mine.toml"], "an emulator"),
    ],
)
def test_an_emulator_is_no_other_server_and_teaches_nothing(project: Path, more: list[str], said: str) -> None:
    result = llm_migrate(project, "check", ".", "--to", GATEWAY_TOML, "--emulator", *more)
    assert result.code == 2
    assert said in result.err
    assert not (project / "mine.toml").exists()


def test_the_certificates_that_were_trusted_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(LiveError, match=r"cannot read /nowhere/ca\.pem"):
        emulated("pass")


LASTING = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1] + ".part", "w").write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".part", sys.argv[1])
time.sleep(60)
"""


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text("utf-8").rpartition(")")[2].split()[0] == "Z")


@pytest.mark.skipif(os.name != "posix", reason="signals of process groups")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_command_and_all_that_it_started(project: Path, number: int) -> None:
    command = python(LASTING, project / "pids")
    with subprocess.Popen(
        [COMMAND, "check", "--to", str(GATEWAY_TOML), "--emulator", "--run", command],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while not (project / "pids").exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            pids = [int(word) for word in (project / "pids").read_text("utf-8").split()]
            assert all(map(lives, pids))
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "the command was interrupted" in err
    while any(map(lives, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(lives, pids))


def test_embeddings_may_go_to_another_provider() -> None:
    second = replace(
        GATEWAY,
        id="second",
        hosts=(),
        regions={"cn": replace(GATEWAY.regions["cn"], base_url="https://vectors.example/v1", key_env="SECOND_KEY")},
    )
    both = [connection(HOME), Connection(second, "cn", "https://vectors.example/v1", "sk-second")]
    code = """
import httpx, os, sys
for url, name in zip(sys.argv[1:], ("GATEWAY_KEY", "SECOND_KEY")):
    headers = {"authorization": "Bearer " + os.environ[name]}
    body = {"model": "vectors", "input": "x", "dimensions": 4}
    httpx.post(url + "/embeddings", headers=headers, json=body).raise_for_status()
"""
    watched = watch(python(code, HOME, "https://vectors.example/v1"), both, emulate=True)
    assert watched.code == 0
    assert [(o.path, o.outcome) for o, _ in watched.requests] == [
        ("/compatible/v1/embeddings", Outcome.WORKS),
        ("/v1/embeddings", Outcome.WORKS),
    ]
