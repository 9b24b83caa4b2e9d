"""The runner over real sockets: against the emulator, and against servers with one fault each."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from llm_codemods.check_report import CheckReport, Conclusion, build
from llm_codemods.profile import Profile, Status, bundled, find, parse
from llm_codemods.proof import Outcome, Proof
from llm_codemods.requirements import Location, Needs, Requirement
from llm_migrate.commands.connecting import LOCAL_KEY, connect, find_key
from llm_migrate.errors import UserError
from llm_migrate.live.claims import attributed, claimed, default_model, retarget
from llm_migrate.live.emulator import running
from llm_migrate.live.errors import UnreachableError
from llm_migrate.live.runner import check
from llm_migrate.live.sending import Limits
from llm_migrate.live.wire import Connection
from llm_migrate.render.check_markdown import as_markdown
from llm_migrate.render.junit import as_junit
from llm_migrate.render.proofs import as_json, as_text, summary

GATEWAY_TOML = Path(__file__).with_name("data") / "gateway.toml"
GATEWAY = parse(GATEWAY_TOML.read_text("utf-8"), "gateway.toml")
KEY = "sk-very-secret-0123456789"
Handler = Callable[[Request], Awaitable[Response]]


def connection(url: str, profile: Profile = GATEWAY, **more: Any) -> Connection:
    region = next(iter(profile.regions))
    return Connection(
        profile, region, url, KEY, default_model(profile, "chat"), default_model(profile, "embedding"), **more
    )


@contextlib.contextmanager
def serving(handler: Handler) -> Iterator[str]:
    """Serve one function for every path on a free port."""
    methods = ["GET", "POST"]
    config = uvicorn.Config(
        Starlette(routes=[Route("/{path:path}", handler, methods=methods)]),
        log_level="critical",
        lifespan="off",
        ws="none",
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            server.should_exit = True
            thread.join()


def completion(content: str | None = "Hello.", **message: Any) -> dict[str, Any]:
    finish = "tool_calls" if "tool_calls" in message else "stop"
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "talk", "choices": [choice], "usage": usage}


def outcomes(proofs: Sequence[Proof]) -> dict[str, Outcome]:
    return {proof.requirement.feature: proof.outcome for proof in proofs}


def reported(proofs: Sequence[Proof], to: Connection) -> CheckReport:
    needs = Needs(tuple(proof.requirement for proof in proofs))
    held = [attributed(proof, to.profile) for proof in proofs]
    return CheckReport((build(to.profile, to.region, to.base_url, needs, held),))


def everything(proofs: Sequence[Proof], to: Connection) -> str:
    report = reported(proofs, to)
    said = as_text(report, verbose=True) + as_json(report) + as_junit(report) + as_markdown(report)
    return said + summary(report) + repr(proofs) + repr(to)


def run(requirements: Sequence[Requirement], to: Connection, **more: Any) -> list[Proof]:
    return list(check(requirements, to, **more).proofs)


def fails(proof: Proof) -> bool:
    """Whether a report that holds this proof alone says that it fails."""
    (endpoint,) = reported([proof], connection("https://x.example/v1")).endpoints
    return endpoint.fails(proof)


# --- against the emulator ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gateway", *bundled()])
def test_the_emulator_is_as_its_profile_claims(name: str) -> None:
    profile = GATEWAY if name == "gateway" else find(name)
    with running(profile) as url:
        proofs = run(claimed(profile), connection(url, profile))
    assert [p.requirement for p in proofs] == list(claimed(profile))
    assert [(p.requirement, str(p.evidence)) for p in proofs if p.outcome is Outcome.SKIPPED or fails(p)] == []
    assert outcomes(proofs)["chat"] is Outcome.WORKS


def test_everything_works_at_the_made_up_provider_and_progress_is_told() -> None:
    steps: list[tuple[int, int]] = []
    with running(GATEWAY) as url:
        proofs = run(claimed(GATEWAY), connection(url), on_progress=lambda done, total, _: steps.append((done, total)))
    assert reported(proofs, connection(url)).conclusion is Conclusion.PROVED
    assert not any(proof.disagrees for proof in proofs)
    assert steps == [(i + 1, len(proofs)) for i in range(len(proofs))]
    embedding = next(p for p in proofs if p.requirement.feature == "embeddings")
    assert embedding.requirement.dimensions == 4


def test_a_profile_that_promises_too_much_is_contradicted() -> None:
    row = dataclasses.replace(GATEWAY.features["forced-tool"], status=Status.REJECTED)
    strict = dataclasses.replace(GATEWAY, features={**GATEWAY.features, "forced-tool": row})
    with running(strict) as url:
        (proof,) = run([Requirement("forced-tool")], connection(url))
    assert proof.outcome is Outcome.REFUSED
    assert proof.disagrees
    assert fails(proof)
    (disagreement,) = reported([proof], connection(url)).endpoints[0].disagreements
    assert disagreement.row == ("features", "forced-tool")


def test_a_key_that_is_refused_skips_the_rest_and_names_the_other_region() -> None:
    with running(GATEWAY) as url:
        here = dataclasses.replace(GATEWAY.regions["cn"], base_url=url)
        profile = dataclasses.replace(GATEWAY, regions={**GATEWAY.regions, "cn": here})
        proofs = run(claimed(profile), dataclasses.replace(connection(url, profile), key="invalid-key"))
    assert outcomes(proofs)["chat"] is Outcome.REFUSED
    assert {p.outcome for p in proofs[1:]} == {Outcome.SKIPPED}
    assert "intl (https://intl.gateway.example/v1)" in str(proofs[0].evidence)
    assert not any(proof.disagrees for proof in proofs)


def test_a_401_that_speaks_of_the_model_does_not_skip_the_rest() -> None:
    with running(GATEWAY) as url:
        asked = [dataclasses.replace(r, model="misspelt") if r.feature == "chat" else r for r in claimed(GATEWAY)]
        proofs = run(asked, connection(url))
    assert outcomes(proofs)["chat"] is Outcome.REFUSED
    assert Outcome.SKIPPED not in outcomes(proofs).values()


def test_a_refusal_that_code_does_not_mind_is_news_only_where_the_profile_is_silent() -> None:
    def proof(outcome: Outcome, claim: Status | None, *places: Location) -> Proof:
        from llm_codemods.text import text

        return Proof(Requirement("json-schema", locations=places), outcome, text("x"), claim)

    here = Location("app.py", 3)
    assert not fails(proof(Outcome.REFUSED, Status.REJECTED))
    assert fails(proof(Outcome.REFUSED, Status.REJECTED, here))
    assert not fails(proof(Outcome.REFUSED, Status.UNKNOWN))
    assert fails(proof(Outcome.WORKS, Status.REJECTED))
    assert not fails(proof(Outcome.WORKS, Status.REJECTED, here))
    assert not fails(proof(Outcome.SKIPPED, Status.SAME))
    assert fails(proof(Outcome.BROKEN, Status.REJECTED))


# --- servers with a fault ---------------------------------------------------------------------------------------------


def fault(respond: Callable[[dict[str, Any], Request], Response]) -> Handler:
    async def handler(request: Request) -> Response:
        raw = await request.body()
        return respond(json.loads(raw) if raw else {}, request)

    return handler


def test_html_at_200_is_broken_and_nothing_else_is_asked() -> None:
    asked: list[str] = []

    def respond(_: dict[str, Any], request: Request) -> Response:
        asked.append(request.url.path)
        return HTMLResponse("<html>Sign in</html>")

    with serving(fault(respond)) as url:
        proofs = run(claimed(GATEWAY), connection(url))
    assert outcomes(proofs)["chat"] is Outcome.BROKEN
    assert "base URL" in str(proofs[0].evidence)
    assert asked == ["/v1/chat/completions"]


def test_a_server_without_usage_chunk_ignores_the_option() -> None:
    def respond(body: dict[str, Any], _: Request) -> Response:
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "talk"}
        deltas = [({"role": "assistant", "content": "one"}, None), ({}, "stop")]
        chunks = [{**head, "choices": [{"index": 0, "delta": d, "finish_reason": f}]} for d, f in deltas]
        return StreamingResponse((f"data: {json.dumps(c)}\n\n" for c in chunks), media_type="text/event-stream")

    with serving(fault(respond)) as url:
        (proof,) = run([Requirement("stream-usage")], connection(url))
    assert proof.outcome is Outcome.IGNORED
    assert proof.disagrees


def test_tool_deltas_without_index_differ() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}

    def respond(body: dict[str, Any], _: Request) -> Response:
        if not body.get("stream"):
            return JSONResponse(completion(None, tool_calls=[call]))
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "talk"}
        deltas = [({"role": "assistant", "tool_calls": [call]}, None), ({}, "tool_calls")]
        chunks = [{**head, "choices": [{"index": 0, "delta": d, "finish_reason": f}]} for d, f in deltas]
        return StreamingResponse((f"data: {json.dumps(c)}\n\n" for c in chunks), media_type="text/event-stream")

    with serving(fault(respond)) as url:
        whole, streamed = run([Requirement("tools"), Requirement("tools-stream")], connection(url))
    assert whole.outcome is Outcome.WORKS
    assert streamed.outcome is Outcome.DIFFERS
    assert "index" in str(streamed.evidence)


def test_a_liar_that_answers_everything_the_same_proves_what_needs_no_more_than_an_answer() -> None:
    def respond(body: dict[str, Any], _: Request) -> Response:
        return JSONResponse(completion())

    with serving(fault(respond)) as url:
        found = outcomes(run([need for need in claimed(GATEWAY) if need.feature != "model"], connection(url)))
    working = {feature for feature, outcome in found.items() if outcome is Outcome.WORKS}
    assert working == {"cancel", "chat", "thinking-off", "unknown-parameter"}
    assert found["bad-key"] is Outcome.DIFFERS
    assert found["unknown-model"] is Outcome.IGNORED


def test_a_redirect_to_another_host_gets_no_key() -> None:
    seen: list[dict[str, str]] = []

    def catch(_: dict[str, Any], request: Request) -> Response:
        seen.append(dict(request.headers))
        return JSONResponse(completion())

    with serving(fault(catch)) as other:
        elsewhere = other.replace("127.0.0.1", "localhost")

        def respond(_: dict[str, Any], request: Request) -> Response:
            return RedirectResponse(f"{elsewhere}/chat/completions", 307)

        with serving(fault(respond)) as url:
            proofs = run(claimed(GATEWAY), connection(url))
    assert seen == []
    assert outcomes(proofs)["chat"] is Outcome.BROKEN
    assert {p.outcome for p in proofs[1:]} == {Outcome.SKIPPED}


def test_a_redirect_within_the_host_is_followed() -> None:
    def respond(_: dict[str, Any], request: Request) -> Response:
        if not request.url.path.startswith("/v2/"):
            return RedirectResponse("/v2/chat/completions", 308)
        assert request.headers["authorization"] == f"Bearer {KEY}"
        return JSONResponse(completion())

    with serving(fault(respond)) as url:
        (proof,) = run([Requirement("chat")], connection(url))
    assert proof.outcome is Outcome.WORKS


@pytest.mark.parametrize("key", [KEY, 'sk-"quoted"/slash+plus', "sk-short"])
def test_a_key_that_the_server_echoes_is_scrubbed(key: str) -> None:
    def respond(body: dict[str, Any], request: Request) -> Response:
        echo = request.headers["authorization"]
        return JSONResponse({"error": {"message": f"bad header {echo}", "code": echo}}, 400)

    with serving(fault(respond)) as url:
        to = dataclasses.replace(connection(url), key=key)
        proofs = run(claimed(GATEWAY), to)
    assert "bad header Bearer ***" in str(proofs[0].evidence)
    said = everything(proofs, to)
    assert key not in said
    assert json.dumps(key)[1:-1] not in said


def test_an_endpoint_that_is_down_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(UnreachableError, match="refused") as caught:
        run(claimed(GATEWAY), connection(f"http://127.0.0.1:{port}/v1"))
    assert caught.value.hint is not None
    assert KEY not in str(caught.value)


def test_a_name_that_does_not_exist_is_unreachable() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        try:
            raise socket.gaierror(-2, "Name or service not known")
        except OSError as error:
            raise httpx.ConnectError(f"failed with {KEY}") from error

    with pytest.raises(UnreachableError, match="host name") as caught:
        run([Requirement("chat")], connection("https://no.example/v1"), transport=httpx.MockTransport(fail))
    assert KEY not in str(caught.value)


def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        with pytest.raises(UnreachableError, match=r"nothing came for 0\.2 s"):
            run([Requirement("chat")], connection(url), limits=Limits(read=0.2, total=0.3))


def test_429_with_retry_after_is_waited_for() -> None:
    times: list[float] = []

    def respond(_: dict[str, Any], request: Request) -> Response:
        times.append(time.monotonic())
        if len(times) == 1:
            return JSONResponse({"error": {"message": "slow down"}}, 429, {"retry-after": "0.3"})
        return JSONResponse(completion())

    with serving(fault(respond)) as url:
        (proof,) = run([Requirement("chat")], connection(url))
    assert proof.outcome is Outcome.WORKS
    assert len(times) == 2
    assert times[1] - times[0] >= 0.3


@pytest.mark.parametrize(
    ("status", "after", "requests", "outcome"),
    [
        (429, "0", 3, Outcome.SKIPPED),
        (429, "3600", 1, Outcome.SKIPPED),
        (503, "0", 3, Outcome.BROKEN),
        (400, "0", 1, Outcome.REFUSED),
        (401, "0", 1, Outcome.REFUSED),
        (403, "0", 1, Outcome.REFUSED),
        (404, "0", 1, Outcome.REFUSED),
        (422, "0", 1, Outcome.REFUSED),
    ],
)
def test_what_is_asked_again(status: int, after: str, requests: int, outcome: Outcome) -> None:
    count = 0

    def respond(_: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return httpx.Response(status, json={"error": {"message": "no"}}, headers={"retry-after": after})

    (proof,) = run([Requirement("chat")], connection("https://x.example/v1"), transport=httpx.MockTransport(respond))
    assert (count, proof.outcome) == (requests, outcome)


def test_a_connection_closed_before_the_answer_is_tried_once_more() -> None:
    count = 0

    def respond(_: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        if count == 1:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return httpx.Response(200, json=completion())

    (proof,) = run([Requirement("chat")], connection("https://x.example/v1"), transport=httpx.MockTransport(respond))
    assert proof.outcome is Outcome.WORKS
    assert count == 2


def test_an_endless_answer_is_cut() -> None:
    def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b" " * 5000)

    (proof,) = run(
        [Requirement("chat")],
        connection("https://x.example/v1"),
        transport=httpx.MockTransport(respond),
        limits=Limits(size=1000),
    )
    assert proof.outcome is Outcome.BROKEN


def test_a_later_failure_of_the_connection_breaks_its_probe_only() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            raise httpx.ReadTimeout("too slow")
        return httpx.Response(200, json=completion())

    proofs = run(
        [Requirement("models"), Requirement("chat")],
        connection("https://x.example/v1"),
        transport=httpx.MockTransport(respond),
    )
    assert [p.outcome for p in proofs] == [Outcome.BROKEN, Outcome.WORKS]


def test_no_more_than_a_few_requests_at_once() -> None:
    now, most, lock = 0, 0, threading.Lock()

    def respond(_: dict[str, Any], request: Request) -> Response:
        return JSONResponse(completion())

    async def handler(request: Request) -> Response:
        nonlocal now, most
        import anyio

        with lock:
            now += 1
            most = max(most, now)
        await anyio.sleep(0.05)
        with lock:
            now -= 1
        return await fault(respond)(request)

    with serving(handler) as url:
        run([Requirement("model", f"m{i}") for i in range(12)], connection(url), limits=Limits(at_once=3))
    assert most == 3


def test_features_without_probe_or_model_are_skipped() -> None:
    to = dataclasses.replace(connection("https://x.example/v1"), embedding_model=None)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=completion()))
    proofs = run([Requirement("chat"), Requirement("telepathy"), Requirement("embeddings")], to, transport=transport)
    assert [p.outcome for p in proofs] == [Outcome.WORKS, Outcome.SKIPPED, Outcome.SKIPPED]


# --- the command's own decisions --------------------------------------------------------------------------------------


def test_named_models_take_the_place_of_the_profiles() -> None:
    here, there = Location("a.py", 1), Location("b.py", 2)
    found = retarget(
        [Requirement("model", "talk", locations=(here,)), Requirement("model", "ponder", locations=(there,))],
        GATEWAY,
        "mine",
        None,
    )
    assert found == (Requirement("model", "mine", locations=(here, there)),)
    (seeing,) = retarget([Requirement("vision")], GATEWAY, "mine", None)
    assert seeing.model == "mine"
    (embedding,) = retarget([Requirement("embeddings", "vectors", 4)], GATEWAY, "mine", "own-vectors")
    assert (embedding.model, embedding.dimensions) == ("own-vectors", None)
    assert retarget(claimed(GATEWAY), GATEWAY, None, None) == claimed(GATEWAY)


ENVIRON = {"GATEWAY_KEY": "sk-cn", "GATEWAY_INTL_KEY": "sk-intl", "OPENAI_API_KEY": "sk-openai", "OTHER": "sk-other"}
OWN = GATEWAY.regions["cn"].base_url


@pytest.mark.parametrize(
    ("region", "url", "named", "key"),
    [
        ("cn", OWN, None, "sk-cn"),
        ("intl", GATEWAY.regions["intl"].base_url, None, "sk-intl"),
        ("cn", OWN, "OTHER", "sk-other"),
        ("cn", "https://else.example/v1", "OTHER", "sk-other"),
        ("cn", "https://else.example/v1", "OPENAI_API_KEY", "sk-openai"),
        ("cn", "http://127.0.0.1:1/v1", None, LOCAL_KEY),
        ("cn", "http://127.0.0.1:1/v1", "OTHER", "sk-other"),
    ],
)
def test_which_key_is_sent_where(region: str, url: str, named: str | None, key: str) -> None:
    assert find_key(GATEWAY, region, url, named, ENVIRON) == key


def test_a_key_is_not_sent_where_it_does_not_belong() -> None:
    with pytest.raises(UserError, match=r"else\.example"):
        find_key(GATEWAY, "cn", "https://else.example/v1", None, ENVIRON)
    row = dataclasses.replace(GATEWAY.regions["cn"], key_env="OPENAI_API_KEY")
    sly = dataclasses.replace(GATEWAY, regions={"cn": row})
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        find_key(sly, "cn", OWN, None, ENVIRON)


def test_a_missing_key_names_its_variable_and_never_falls_back() -> None:
    with pytest.raises(UserError, match="GATEWAY_KEY") as caught:
        connect(GATEWAY, environ={"OPENAI_API_KEY": "sk-openai"})
    assert "GATEWAY_KEY" in str(caught.value.hint)


def test_the_report_for_machines() -> None:
    with running(GATEWAY) as url:
        to = connection(url)
        proofs = run([Requirement("chat", "talk", locations=(Location("app.py", 3, 1),)), Requirement("bad-key")], to)
    report = json.loads(as_json(reported(proofs, to)))
    assert {key: report[key] for key in ("schema", "command", "provider", "region", "base_url")} == {
        "schema": 2,
        "command": "check",
        "provider": "gateway",
        "region": "cn",
        "base_url": url,
    }
    first = report["proofs"][0]
    assert (first["feature"], first["model"], first["outcome"], first["claim"]) == ("chat", "talk", "works", "same")
    assert first["locations"] == [{"path": "app.py", "line": 3, "cell": 1}]
    assert report["summary"]["works"] == report["summary"]["total"] == 2
    assert KEY not in json.dumps(report)


def test_the_command_from_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    from llm_migrate.app import main

    arguments = ["check", "--to", str(GATEWAY_TOML)]
    with running(GATEWAY) as url:
        assert main([*arguments, "--base-url", url]) == 0
        streams = capsys.readouterr()
        words = ("✓ works ", "○ ignored ", "✗ refused ")
        assert sum(line.startswith(words) for line in streams.out.splitlines()) == len(claimed(GATEWAY))
        assert "probes" in streams.err
        assert main([*arguments, "--base-url", url, "--model", "no-such-model"]) == 1
        capsys.readouterr()
        assert main([*arguments, "--base-url", url, "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["summary"]["failed"] == 0
    assert main([*arguments, "--base-url", url]) == 2
    assert "cannot reach" in capsys.readouterr().err
    assert main([*arguments, "--base-url", "https://else.example/v1"]) == 2
    assert main([*arguments, "--base-url", "http://else.example/v1"]) == 2
    capsys.readouterr()
    assert main([*arguments, "--list", "--format", "json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["summary"]["requests"] == len(plan["requests"]) > 0
    assert plan["summary"]["most_tokens"] > 0
