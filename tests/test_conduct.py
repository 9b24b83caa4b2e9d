"""The rules of conduct: how much at once, how often again, what it may cost, and what a break leaves."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from llm_codemods.profile import parse
from llm_codemods.proof import Outcome, Proof, Spent
from llm_codemods.requirements import Location, Requirement
from llm_codemods.text import text
from llm_migrate.app import main
from llm_migrate.errors import UserError
from llm_migrate.live.claims import claimed, default_model
from llm_migrate.live.conduct import Budget
from llm_migrate.live.emulator import running
from llm_migrate.live.faults import trouble
from llm_migrate.live.probes import BY_NAME, Probe, most_tokens
from llm_migrate.live.record import AGE, Record
from llm_migrate.live.runner import Run, check, planned
from llm_migrate.live.sending import Limits
from llm_migrate.live.wire import Connection, Request, Response

GATEWAY_TOML = Path(__file__).with_name("data") / "gateway.toml"
GATEWAY = parse(GATEWAY_TOML.read_text("utf-8"), "gateway.toml")
KEY = "sk-very-secret-0123456789"
TO = Connection(
    GATEWAY, "cn", "https://x.example/v1", KEY, default_model(GATEWAY, "chat"), default_model(GATEWAY, "embedding")
)
CHAT = Requirement("chat")
Respond = Callable[[httpx.Request], Any]


def models(count: int) -> list[Requirement]:
    """Return requirements of one request each."""
    return [Requirement("model", f"m{i}") for i in range(count)]


def completion(tokens: int | None = 2) -> httpx.Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "talk", "choices": [choice]}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": tokens}
    return httpx.Response(200, json=body if tokens is None else {**body, "usage": usage})


def ask(requirements: Sequence[Requirement], respond: Respond, **more: Any) -> Run:
    return check(requirements, TO, transport=httpx.MockTransport(respond), **more)


def model_of(request: httpx.Request) -> str:
    return str(json.loads(request.content)["model"])


# --- how much at once -------------------------------------------------------------------------------------------------


def test_all_go_at_once_and_the_first_one_alone() -> None:
    now, most, first = 0, 0, True

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal now, most, first
        now += 1
        most = max(most, now)
        assert now == 1 or not first
        await asyncio.sleep(0.05)
        now, first = now - 1, False
        return completion()

    ask(models(20), respond)
    assert most == 19


def test_requests_of_one_probe_go_at_once() -> None:
    now, most = 0, 0

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return completion()

    ask([Requirement("embeddings-base64")], respond)
    assert most == len(list_requests("embeddings-base64")) > 1


def list_requests(feature: str) -> tuple[Request, ...]:
    return BY_NAME[feature].requests(Requirement(feature), TO)


def test_a_429_halves_what_goes_at_once() -> None:
    """A server that bears three at once refuses the others; all are served in the end, none is asked too often."""
    now, refused, times = 0, 0, []

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal now, refused
        now += 1
        times.append(now)
        await asyncio.sleep(0.01)
        crowded = now > 3
        now -= 1
        if crowded:
            refused += 1
            return httpx.Response(429, json={"error": {"message": "too many"}}, headers={"retry-after": "0.01"})
        return completion()

    run = ask(models(33), respond, limits=Limits(at_once=16))
    assert {proof.outcome for proof in run.proofs} == {Outcome.WORKS}
    assert max(times) == 16
    assert refused < 33
    assert run.spent.requests == 33 + refused


class Counting(httpx.AsyncBaseTransport):
    """The network, with how many requests were under way as each began, and how each was answered."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.now = 0
        self.began: list[int] = []
        self.refused: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.now += 1
        self.began.append(self.now)
        try:
            response = await self.inner.handle_async_request(request)
            if response.status_code == 429:
                self.refused.append(len(self.began))
            return response
        finally:
            self.now -= 1

    async def aclose(self) -> None:
        await self.inner.aclose()


def test_after_a_429_one_more_goes_with_each_round_of_answers() -> None:
    """An emulator refuses the twelfth request alone: half as many go then, and in the end as many as at first."""
    struck = (trouble(["429:0.02"], "150ms", "0ms", seed) for seed in range(10_000))
    once = next(one for one in struck if one and [n for n in range(90) if one.strikes([n], None)] == [12])
    network = Counting()
    with running(GATEWAY, trouble=once) as url:
        run = check(models(80), dataclasses.replace(TO, base_url=url), transport=network, limits=Limits(at_once=8))
    assert run.spent.requests == 81
    (place,) = network.refused
    assert max(network.began[:place]) == 8
    behind = network.began[place:]
    early = [number for number in behind[:3] if number > 4]
    assert len(early) <= 2  # they began while the refusal was being read
    after = [number for number in behind[:3] if number <= 4] + behind[3:]
    assert max(after[:4]) <= 4
    assert [after.index(number) for number in (5, 6, 7, 8)] == sorted(after.index(number) for number in (5, 6, 7, 8))
    assert max(after) == 8


def test_after_a_time_out_the_number_stays() -> None:
    """A server that bears three at once lets the others wait; more than it bore never go again."""
    began: list[int] = []
    now = 0

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal now
        now += 1
        began.append(now)
        try:
            await asyncio.sleep(0.02 if now <= 3 else 30)
        finally:
            now -= 1
        return completion()

    run = ask(models(60), respond, limits=Limits(at_once=8, total=1))
    assert {proof.outcome for proof in run.proofs} == {Outcome.WORKS}
    assert max(began[-40:]) <= 3


def test_nothing_goes_while_the_endpoint_asks_to_wait() -> None:
    times: list[float] = []

    def respond(_: httpx.Request) -> httpx.Response:
        times.append(time.monotonic())
        if len(times) == 2:
            return httpx.Response(429, json={}, headers={"retry-after-ms": "300"})
        return completion()

    ask(models(6), respond, limits=Limits(at_once=1))
    assert len(times) == 7
    assert times[2] - times[1] >= 0.3


def test_a_time_out_lowers_what_goes_at_once_and_is_asked_once_more() -> None:
    """A server that answers one after the other starves those that wait longest; all are served in the end."""
    times: Counter[str] = Counter()
    line = asyncio.Lock()
    now, most = 0, []

    async def respond(request: httpx.Request) -> httpx.Response:
        nonlocal now
        now += 1
        times[model_of(request)] += 1
        most.append(now)
        try:
            async with line:
                await asyncio.sleep(0.02)
                return completion()
        finally:
            now -= 1

    run = ask(models(41), respond, limits=Limits(total=0.4, at_once=32))
    assert {str(proof.evidence) for proof in run.proofs} == {"served as talk"}
    assert max(most) == 32
    assert max(times.values()) == 2
    assert most[-1] < 16


def test_a_time_out_alone_is_asked_no_more() -> None:
    async def respond(request: httpx.Request) -> httpx.Response:
        if model_of(request) == "m1":
            await asyncio.sleep(10)
        return completion()

    run = ask([CHAT, *models(3)], respond, limits=Limits(total=0.1, at_once=1))
    assert [proof.outcome for proof in run.proofs].count(Outcome.BROKEN) == 1
    assert str(run.proofs[2].evidence) == "no whole answer in time (0.1 s)"
    assert run.spent.requests == 4


def test_an_endpoint_that_falls_silent_costs_bounded_time() -> None:
    asked = 0

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked > 1:
            await asyncio.sleep(10)
        return completion()

    run = ask([CHAT, *models(60)], respond, limits=Limits(total=0.1, at_once=20))
    assert run.spent.requests == 1 + 20 + 3
    outcomes = [proof.outcome for proof in run.proofs]
    assert 20 <= outcomes.count(Outcome.BROKEN) <= 20 + 3  # of the last three some were among the first twenty
    assert outcomes.count(Outcome.BROKEN) + outcomes.count(Outcome.SKIPPED) == 60
    assert {str(proof.evidence) for proof in run.proofs[1:]} == {
        "no whole answer in time (0.1 s)",
        "not asked: the endpoint answers nothing in time any more",
    }


def test_a_try_that_timed_out_counts_as_the_most_it_could_take() -> None:
    (request,) = BY_NAME["model"].requests(models(1)[0], TO)
    asked: list[str] = []

    async def respond(request: httpx.Request) -> httpx.Response:
        asked.append(model_of(request))
        if asked.count("m0") == 1 and asked[-1] == "m0":
            raise httpx.ReadTimeout("", request=request)
        await asyncio.sleep(0.02)
        return completion(tokens=5)

    run = ask([CHAT, *models(2)], respond)
    assert {proof.outcome for proof in run.proofs} == {Outcome.WORKS}
    assert run.spent == Spent(4, 15, most_tokens(request))
    again = ask([CHAT, *models(2)], respond, budget=Budget(requests=4))
    assert again.spent.requests == 3


def test_a_silence_is_told_with_its_own_limit() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if model_of(request) == "m1":
            raise httpx.ReadTimeout("", request=request)
        return completion()

    run = ask([CHAT, *models(2)], respond, limits=Limits(at_once=1))
    assert str(run.proofs[2].evidence) == "nothing came for 60 s"


def test_a_wait_that_is_too_long_ends_the_requests_to_that_model() -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(model_of(request))
        if asked[-1] == "m1":
            return httpx.Response(429, json={"error": {"message": "come tomorrow"}}, headers={"retry-after": "86400"})
        return completion()

    needs = [CHAT, *models(2), Requirement("json-object", "m1"), Requirement("stream-usage", "m1")]
    run = ask(needs, respond, limits=Limits(at_once=1))
    assert asked.count("m1") == 1
    assert [proof.outcome for proof in run.proofs[2:]] == [Outcome.SKIPPED] * 3
    assert "86400 s" in str(run.proofs[3].evidence) + str(run.proofs[2].evidence)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 501])
def test_refusals_are_never_asked_again(status: int) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if model_of(request) == "talk":
            return completion()
        return httpx.Response(status, json={"error": {"message": "no"}}, headers={"retry-after": "0"})

    assert ask([CHAT, *models(1)], respond).spent.requests == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_tries_are_bounded(status: int) -> None:
    def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"error": {"message": "no"}}, headers={"retry-after": "0"})

    assert ask([CHAT], respond, limits=Limits(retries=3)).spent.requests == 4


def test_without_balance_nothing_else_is_asked() -> None:
    run = ask([CHAT, *models(3)], lambda _: httpx.Response(402, json={"error": {"message": "Insufficient Balance"}}))
    assert run.spent.requests == 1
    assert [proof.outcome for proof in run.proofs] == [Outcome.REFUSED, *[Outcome.SKIPPED] * 3]


# --- requests that follow, and samples --------------------------------------------------------------------------------


def told(outcome: Outcome = Outcome.WORKS) -> Any:
    return lambda _, responses: (outcome, text("{count} answers", count=len(responses)))


def posts(count: int) -> tuple[Request, ...]:
    body = {"model": "talk", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 10}
    return tuple(Request("POST", "/chat/completions", {**body, "place": place}) for place in range(count))


def add_probe(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    given: dict[str, Any] = {"name": "made", "requests": lambda *_: posts(2), "judge": told(), **more}
    monkeypatch.setitem(cast("dict[str, Probe]", BY_NAME), "made", Probe(**given))


MADE = Requirement("made", "talk")


def test_what_follows_is_sent_after_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def follow(_: Requirement, to: Connection, responses: Sequence[Response]) -> tuple[Request, ...]:
        assert to is TO
        assert [response.status for response in responses] == [200, 200]
        return posts(3)[2:]

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content)["place"])
        return completion()

    add_probe(monkeypatch, follow=follow)
    (proof,) = ask([MADE], respond).proofs
    assert (sorted(seen[:2]), seen[2:]) == ([0, 1], [2])
    assert str(proof.evidence) == "3 answers"


def test_nothing_may_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    add_probe(monkeypatch, follow=lambda *_: ())
    run = ask([MADE], lambda _: completion())
    assert str(run.proofs[0].evidence) == "2 answers"
    assert run.spent.requests == 2


def test_a_judge_that_fails_costs_no_other_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise KeyError(KEY)

    add_probe(monkeypatch, judge=fail)
    made, chat = ask([MADE, CHAT], lambda _: completion()).proofs
    assert (made.outcome, chat.outcome) == (Outcome.SKIPPED, Outcome.WORKS)
    assert "bug in llm-migrate (KeyError)" in str(made.evidence)


def test_samples_give_a_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    def judge(*_: object) -> Any:
        nonlocal tries
        tries += 1
        return (Outcome.DIFFERS, text("prose")) if tries <= 3 else (Outcome.WORKS, text("a call"))

    add_probe(monkeypatch, judge=judge, samples=True)
    run = ask([MADE, CHAT], lambda _: completion(), samples=20)
    proof = run.proofs[0]
    assert run.spent.requests == 2 * 20 + 1
    assert sorted(proof.trials) == [Outcome.DIFFERS] * 3 + [Outcome.WORKS] * 17
    assert proof.outcome is Outcome.DIFFERS
    assert str(proof.evidence) == "in 17 of 20 tries (95 % interval 63 to 95 %): prose"
    assert run.proofs[1].trials == ()


# --- what it may cost -------------------------------------------------------------------------------------------------


def test_a_budget_of_requests_is_kept() -> None:
    sent = 0

    def respond(_: httpx.Request) -> httpx.Response:
        nonlocal sent
        sent += 1
        return completion()

    run = ask([CHAT, *models(10)], respond, budget=Budget(requests=4))
    assert sent == run.spent.requests == 4
    skipped = [proof for proof in run.proofs if proof.outcome is Outcome.SKIPPED]
    assert len(skipped) == 7
    assert {str(proof.evidence) for proof in skipped} == {"not asked: no more than 4 requests are allowed"}
    assert run.exhausted


def test_tries_count_as_requests() -> None:
    run = ask([CHAT], lambda _: httpx.Response(503, json={}, headers={"retry-after": "0"}), budget=Budget(requests=2))
    assert run.spent.requests == 2
    assert not run.exhausted


def test_no_probe_is_half_asked() -> None:
    needs = [CHAT, Requirement("embeddings-base64")]
    run = ask(needs, lambda _: completion(), budget=Budget(requests=len(list_requests("embeddings-base64"))))
    assert run.spent.requests == 1
    assert [proof.outcome for proof in run.proofs] == [Outcome.WORKS, Outcome.SKIPPED]


def test_what_follows_is_within_the_budget_too(monkeypatch: pytest.MonkeyPatch) -> None:
    add_probe(monkeypatch, follow=lambda *_: posts(1), samples=True)
    short = ask([MADE], lambda _: completion(), samples=3, budget=Budget(requests=8))
    assert (short.spent.requests, short.proofs[0].outcome) == (0, Outcome.SKIPPED)
    enough = ask([MADE], lambda _: completion(), samples=3, budget=Budget(requests=9))
    assert (enough.spent.requests, enough.proofs[0].outcome) == (9, Outcome.WORKS)


def test_more_may_follow_than_was_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    add_probe(monkeypatch, follow=lambda *_: posts(3), samples=True)
    run = ask([MADE], lambda _: completion(), samples=3, budget=Budget(requests=12))
    assert run.spent.requests == 12
    assert sorted(run.proofs[0].trials) == [Outcome.SKIPPED, Outcome.WORKS, Outcome.WORKS]


def test_tokens_are_counted_as_the_endpoint_says_and_more_than_that_is_not_risked() -> None:
    (request,) = BY_NAME["model"].requests(models(1)[0], TO)
    most = most_tokens(request)
    run = ask(models(10), lambda _: completion(tokens=5), budget=Budget(tokens=most + 5 * 3), limits=Limits(at_once=1))
    # The first costs 5 of `most + 15`, and so on; with 20 spent there is less than `most` left.
    assert (run.spent.requests, run.spent.tokens, run.spent.assumed) == (4, 20, 0)
    assert f"it may take more than is left of {most + 15} tokens that are allowed" in str(run.proofs[-1].evidence)


def test_the_same_budget_serves_as_many_at_once() -> None:
    (request,) = BY_NAME["model"].requests(models(1)[0], TO)
    most = most_tokens(request)

    async def respond(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.01)
        return completion(tokens=5)

    run = ask(models(10), respond, budget=Budget(tokens=most + 15))
    assert (run.spent.requests, run.spent.tokens) == (4, 20)


def test_answers_without_a_count_take_the_most_they_can() -> None:
    (request,) = BY_NAME["model"].requests(models(1)[0], TO)

    def respond(request: httpx.Request) -> httpx.Response:
        return completion(None) if model_of(request) != "m1" else httpx.Response(400, json={"error": {"message": "no"}})

    run = ask(models(3), respond)
    assert run.spent == Spent(3, 0, 2 * most_tokens(request))


def test_what_is_planned_is_what_is_sent() -> None:
    needs = claimed(GATEWAY)
    with running(GATEWAY) as url:
        to = dataclasses.replace(TO, base_url=url)
        before, run = planned(needs, to, 3), check(needs, to, samples=3)
    following = [r for r in needs if BY_NAME[r.feature].follow is not None]
    assert before.requests <= run.spent.requests <= before.requests + 3 * len(following)
    assert run.spent.tokens + run.spent.assumed > 0
    assert Budget(100, 1000).after(Spent(40, 300, 100)) == Budget(60, 600)
    assert Budget(1, 1).after(Spent(4, 3, 1)) == Budget(0, 0)


# --- a break ----------------------------------------------------------------------------------------------------------


def interrupting(number: int) -> Run:
    """Run with a signal to this process after the third answer."""
    count = 0

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        if count == 3:
            await asyncio.sleep(0.05)
            signal.raise_signal(number)
        if count >= 3:
            await asyncio.sleep(60)
        return completion()

    return ask([CHAT, *models(5)], respond, limits=Limits(at_once=1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_what_is_proved(number: int) -> None:
    before = signal.getsignal(number)
    started = time.monotonic()
    run = interrupting(number)
    assert time.monotonic() - started < 5
    assert run.interrupted
    assert [proof.outcome for proof in run.proofs] == [Outcome.WORKS] * 2 + [Outcome.SKIPPED] * 4
    assert {str(proof.evidence) for proof in run.proofs[2:]} == {"not asked: interrupted"}
    assert signal.getsignal(number) == before


def test_other_threads_run_without_signals() -> None:
    found: list[Run] = []
    thread = threading.Thread(target=lambda: found.append(ask([CHAT], lambda _: completion())))
    thread.start()
    thread.join()
    assert found[0].proofs[0].outcome is Outcome.WORKS


def proof(feature: str, outcome: Outcome = Outcome.WORKS, **values: object) -> Proof:
    return Proof(Requirement(feature, "talk"), outcome, text("says {said}", said="ok", **values))


def test_a_record_knows_what_is_proved_at_that_endpoint_for_a_day(tmp_path: Path) -> None:
    kept = Record()
    proofs = [proof("chat"), proof("tools", Outcome.REFUSED), proof("stream-usage", Outcome.SKIPPED)]
    kept.add(TO, [*proofs, proof("model", Outcome.BROKEN)], 3, now=1000.0)
    kept.store(tmp_path)
    needs = [Requirement(feature, "talk", locations=(Location("a.py", 1),)) for feature in ("tools", "chat", "model")]

    def known(to: Connection = TO, samples: int = 3, now: float = 1001.0) -> list[int]:
        return list(Record.load(tmp_path, now).recall(to, needs, samples))

    assert known() == [0, 1]
    recalled = Record.load(tmp_path, 1001.0).recall(TO, needs, 3)[0]
    assert (recalled.requirement, recalled.outcome) == (needs[0], Outcome.REFUSED)
    assert str(recalled.evidence) == "says ok (seen in the run before)"
    assert known(now=1000.0 + AGE) == []
    assert known(now=999.0) == []
    assert known(samples=4) == []
    assert known(dataclasses.replace(TO, base_url="https://y.example/v1")) == []
    assert known(dataclasses.replace(TO, profile=dataclasses.replace(GATEWAY, models={}))) == []
    assert known(dataclasses.replace(TO, key="sk-another-key-0123456789")) == [0, 1]


def test_a_record_holds_no_texts_and_no_keys(tmp_path: Path) -> None:
    kept = Record()
    said = text("{a}; {b}", a=text("no: {why}", why="the prompt 'Say hello' is bad"), b=KEY)
    kept.add(TO, [Proof(CHAT, Outcome.REFUSED, said)], 1)
    kept.store(tmp_path)
    file = tmp_path / ".llm-migrate" / "check.json"
    stored = file.read_text("utf-8")
    assert "hello" not in stored
    assert KEY not in stored
    assert "no: …; …" in stored
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    assert (file.parent / ".gitignore").read_bytes() == b"*\n"


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b'{"format": 1}', b"[" * 100_000, b'{"format": 99}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / ".llm-migrate"
    folder.mkdir()
    (folder / "check.json").write_bytes(data)
    assert Record.load(tmp_path).entries == {}


def test_a_record_of_others_puts_nothing_on_the_terminal(tmp_path: Path) -> None:
    kept = Record()
    kept.add(TO, [proof("chat")], 1)
    kept.store(tmp_path)
    file = tmp_path / ".llm-migrate" / "check.json"
    file.write_bytes(file.read_bytes().replace(b"says ok", b"\\u001b[2J{evidence.__class__}"))
    (entry,) = Record.load(tmp_path).entries.values()
    assert entry.evidence == "[2J{evidence.__class__}"
    found = Record.load(tmp_path).recall(TO, [proof("chat").requirement], 1)[0]
    assert str(found.evidence) == "[2J{evidence.__class__} (seen in the run before)"


def test_a_record_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".llm-migrate").symlink_to(tmp_path / "elsewhere")
    kept = Record()
    kept.add(TO, [proof("chat")], 1)
    with pytest.raises(UserError, match="link"):
        kept.store(tmp_path)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_resuming_asks_for_the_rest_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def run(*more: str) -> tuple[dict[str, Any], str]:
        main(["check", "--to", str(GATEWAY_TOML), "--base-url", url, "--format", "json", *more])
        streams = capsys.readouterr()
        return json.loads(streams.out), streams.err

    def outcomes(report: dict[str, Any]) -> list[tuple[str, str]]:
        return [(proof["name"], proof["outcome"]) for proof in report["proofs"]]

    with running(GATEWAY) as url:
        whole, said = run()
        assert "--resume" not in said
        assert not (tmp_path / ".llm-migrate").exists()
        part, said = run("--max-requests", "5")
        assert "at most 5 requests are sent" in said
        assert "--resume" in said
        assert part["spent"]["requests"] <= 5
        skipped = part["summary"]["skipped"]
        assert 0 < skipped < part["summary"]["total"]
        rest, said = run("--resume")
        assert f"{whole['summary']['total'] - skipped} of {whole['summary']['total']} are known" in said
        assert outcomes(rest) == outcomes(whole)
        assert rest["unlisted"] == whole["unlisted"]
        assert rest["spent"]["requests"] == whole["spent"]["requests"] - part["spent"]["requests"]
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals to other processes are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_reports_what_it_has_when_it_is_stopped(number: int, tmp_path: Path) -> None:
    served = """
import asyncio, sys, uvicorn
from pathlib import Path
from llm_codemods.profile import parse
from llm_migrate.live.emulator import application
app, count = application(parse(Path(sys.argv[1]).read_text("utf-8"), "gateway.toml")), 0
async def slow(scope, receive, send):
    global count
    count += 1
    if count > 6:
        print("stuck", flush=True)
        await asyncio.sleep(60)
    await app(scope, receive, send)
uvicorn.run(slow, port=int(sys.argv[2]), log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=0)
"""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [sys.executable, "-c", served, str(GATEWAY_TOML), str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            wait_for(port)
            url = f"http://127.0.0.1:{port}{httpx.URL(GATEWAY.regions['cn'].base_url).path}"
            command = [sys.executable, "-m", "llm_migrate", "check", "--to", str(GATEWAY_TOML), "--base-url", url]
            with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as checking:
                assert server.stdout.readline() == "stuck\n"
                time.sleep(0.3)  # what is answered by now is read
                checking.send_signal(number)
                out, err = checking.communicate(timeout=20)
        finally:
            server.kill()
    assert checking.returncode == 130
    assert b"interrupted" in out
    assert b"works" in out
    assert b"Traceback" not in err
    assert b"--resume" in err
    assert (tmp_path / ".llm-migrate" / "check.json").exists()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
