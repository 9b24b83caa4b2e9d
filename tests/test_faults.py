"""The emulator's faults: when they strike, and what the real OpenAI SDK makes of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from llm_codemods.profile import find
from llm_migrate.app import main
from llm_migrate.errors import UserError
from llm_migrate.live.emulator import HEADER
from llm_migrate.live.errors import LiveError
from llm_migrate.live.faults import (
    FAULT_HEADER,
    FAULTS,
    Rule,
    Trouble,
    chance,
    parse_duration,
    parse_rule,
    trouble,
)
from llm_migrate.testing import EmulatedProvider, emulated_provider

MODEL = "qwen-plus"
ASK: Any = [{"role": "user", "content": "Count from one to ten."}]
TOOL: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}


def client(provider: EmulatedProvider, **more: Any) -> OpenAI:
    return OpenAI(base_url=provider.base_url, api_key=provider.key, max_retries=more.pop("max_retries", 0), **more)


def ask(provider: EmulatedProvider, **body: Any) -> Any:
    with client(provider, timeout=3) as sdk:
        return sdk.chat.completions.create(model=MODEL, messages=ASK, **body)


def streamed(provider: EmulatedProvider) -> list[Any]:
    with (
        client(provider, timeout=3) as sdk,
        sdk.chat.completions.create(model=MODEL, messages=ASK, stream=True) as stream,
    ):
        return list(stream)


# --- what the SDK makes of each ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ("429", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("503", openai.InternalServerError),
        ("no-balance", openai.BadRequestError),
        ("moderation-block", openai.BadRequestError),
        ("context-overflow", openai.BadRequestError),
        ("malformed", openai.APIResponseValidationError),
        ("truncate", openai.APIResponseValidationError),
        ("empty", openai.APIResponseValidationError),
        ("disconnect", openai.APIConnectionError),
    ],
)
def test_errors_of_the_sdk(fault: str, raised: type[Exception]) -> None:
    with emulated_provider("qwen", faults=[fault]) as provider, pytest.raises((raised, json.JSONDecodeError)) as caught:
        ask(provider)
    if isinstance(caught.value, openai.APIStatusError):
        assert caught.value.response.headers[FAULT_HEADER] == fault
        assert caught.value.response.headers[HEADER] == "qwen"


@pytest.mark.parametrize("fault", ["timeout", "stall"])
def test_silence_ends_with_the_callers_patience(fault: str) -> None:
    with emulated_provider("qwen", faults=[fault]) as provider, client(provider, timeout=0.3) as sdk:
        started = time.monotonic()
        with pytest.raises(openai.APITimeoutError):
            sdk.chat.completions.create(model=MODEL, messages=ASK)
        assert time.monotonic() - started < 2


def test_the_profiles_own_error_is_the_body() -> None:
    with emulated_provider("baidu", faults=["moderation-block"]) as provider, client(provider) as sdk:
        with pytest.raises(openai.PermissionDeniedError) as caught:
            sdk.chat.completions.create(model="ernie-4.5-turbo-128k", messages=ASK)
        assert caught.value.response.json() == find("baidu").errors["content-blocked"].body


def test_429_and_503_say_when_to_come_again() -> None:
    for fault in ("429", "503"):
        with emulated_provider("qwen", faults=[fault]) as provider, pytest.raises(openai.APIStatusError) as caught:
            ask(provider)
        assert (caught.value.status_code, caught.value.response.headers["retry-after"]) == (int(fault), "1")


def test_the_sdk_tries_again_and_gets_through() -> None:
    with emulated_provider("qwen", faults=["500:x2"]) as provider, client(provider, max_retries=2) as sdk:
        assert sdk.chat.completions.create(model=MODEL, messages=ASK).choices
        assert len(provider.requests) == 3


def test_a_stream_that_is_truncated_has_no_end_and_raises_nothing() -> None:
    with emulated_provider("qwen") as whole, emulated_provider("qwen", faults=["truncate"]) as cut:
        complete, short = streamed(whole), streamed(cut)
    assert complete[-1].choices[0].finish_reason == "stop"
    assert 0 < len(short) < len(complete)
    assert all(chunk.choices[0].finish_reason is None for chunk in short)


def test_a_stream_that_breaks_off_or_stalls_raises() -> None:
    for fault in ("disconnect", "stall"):
        with emulated_provider("qwen", faults=[fault]) as provider, pytest.raises(Exception) as caught:
            streamed(provider)
        assert isinstance(caught.value, (openai.APIConnectionError, httpx.TransportError)), caught.value


def test_a_broken_chunk_raises() -> None:
    with emulated_provider("qwen", faults=["malformed"]) as provider, pytest.raises(json.JSONDecodeError):
        streamed(provider)


def test_the_first_token_is_slow() -> None:
    with emulated_provider("qwen", faults=["slow-first-token"]) as provider, client(provider) as sdk:
        stream = sdk.chat.completions.create(model=MODEL, messages=ASK, stream=True)
        started = time.monotonic()
        next(iter(stream))
        assert 2 < time.monotonic() - started < 10
        stream.close()


def test_a_web_page_is_taken_for_an_answer() -> None:
    with emulated_provider("qwen", faults=["html"]) as provider:
        assert "<html>" in ask(provider)


def test_the_wrong_content_type_does_not_change_the_body() -> None:
    key = {"authorization": "Bearer any"}
    with emulated_provider("qwen", faults=["wrong-content-type"]) as provider:
        answer = httpx.get(f"{provider.base_url}/models", headers=key)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.json()["object"] == "list"


def test_calls_to_tools_go_wrong() -> None:
    def call(provider: EmulatedProvider) -> Any:
        return ask(provider, tools=[TOOL], extra_body={"enable_thinking": False}).choices[0].message.tool_calls[0]

    def call_in_pieces(provider: EmulatedProvider) -> Any:
        with (
            client(provider) as sdk,
            sdk.chat.completions.stream(
                model=MODEL, messages=ASK, tools=[TOOL], extra_body={"enable_thinking": False}
            ) as stream,
        ):
            return stream.get_final_completion().choices[0].message.tool_calls

    with emulated_provider("qwen", faults=["malformed-arguments"]) as provider:
        with pytest.raises(json.JSONDecodeError):
            json.loads(call(provider).function.arguments)
        pieces = call_in_pieces(provider)
        with pytest.raises(json.JSONDecodeError):
            json.loads(pieces[0].function.arguments)
    with emulated_provider("qwen", faults=["unknown-tool"]) as provider:
        assert call(provider).function.name == "no_such_tool"
        assert call_in_pieces(provider)[0].function.name == "no_such_tool"


# --- when they strike -------------------------------------------------------------------------------------------------


def test_the_same_seed_strikes_the_same_requests() -> None:
    def struck(seed: int) -> list[int]:
        with emulated_provider("qwen", faults=["500:0.5@models"], seed=seed) as provider:
            statuses = []
            with httpx.Client(headers={"authorization": "Bearer any"}) as http:
                for _ in range(24):
                    statuses.append(http.get(f"{provider.base_url}/models").status_code)  # noqa: PERF401
            return statuses

    first = struck(7)
    assert struck(7) == first
    assert struck(8) != first
    assert set(first) == {200, 500}


def test_a_fault_keeps_to_its_endpoint() -> None:
    with emulated_provider("qwen", faults=["500@embeddings"]) as provider, client(provider) as sdk:
        assert sdk.chat.completions.create(model=MODEL, messages=ASK).choices
        assert sdk.models.list().data
        with pytest.raises(openai.InternalServerError):
            sdk.embeddings.create(model="text-embedding-v4", input="x")


def test_latency() -> None:
    with emulated_provider("qwen", latency="200ms", jitter="50ms") as provider:
        started = time.monotonic()
        ask(provider)
        assert 0.15 <= time.monotonic() - started < 2
    asked = Trouble(latency=0.2, jitter=0.05, seed=3)
    delays = [asked.delay(count) for count in range(200)]
    assert 0.15 <= min(delays) < 0.17
    assert 0.23 < max(delays) <= 0.25
    assert Trouble(latency=0.1, jitter=1).delay(0) >= 0


def test_chance_is_even() -> None:
    drawn = [chance(1, at) for at in range(2000)]
    assert sum(value < 0.25 for value in drawn) == pytest.approx(500, abs=60)


def test_rates_are_kept() -> None:
    asked = Trouble((Rule(FAULTS[0], 0.2),), seed=1)
    struck = sum(bool(asked.strikes([count], None)) for count in range(1000))
    assert struck == pytest.approx(200, abs=40)


@pytest.mark.parametrize(
    ("given", "kind", "rate", "times", "endpoint"),
    [
        ("429", "429", 1.0, None, None),
        ("stall:0.2", "stall", 0.2, None, None),
        ("stall:.25@chat", "stall", 0.25, None, "chat.completions"),
        ("500:x2@embeddings", "500", 1.0, 2, "embeddings"),
        ("html@audio.speech", "html", 1.0, None, "audio.speech"),
        ("empty:0", "empty", 0.0, None, None),
    ],
)
def test_what_can_be_asked_for(given: str, kind: str, rate: float, times: int | None, endpoint: str | None) -> None:
    rule = parse_rule(given)
    assert (rule.fault.name, rule.rate, rule.times, rule.endpoint) == (kind, rate, times, endpoint)


@pytest.mark.parametrize("given", ["", "42", "429:2", "429:-1", "429:nan", "429:0.2@nowhere", "@chat", "stal", "429:x"])
def test_what_cannot(given: str) -> None:
    with pytest.raises(LiveError) as caught:
        parse_rule(given)
    assert caught.value.hint is not None


@pytest.mark.parametrize(("given", "seconds"), [("300ms", 0.3), ("1.5s", 1.5), ("0s", 0.0)])
def test_times(given: str, seconds: float) -> None:
    assert parse_duration(given) == seconds


@pytest.mark.parametrize("given", ["", "3", "-1s", "1m", "s", "1e9s"])
def test_what_is_no_time(given: str) -> None:
    with pytest.raises(LiveError):
        parse_duration(given)


def test_nothing_asked_for_is_no_trouble() -> None:
    assert trouble([], "0s", "0s", 1) is None
    with pytest.raises(UserError), emulated_provider("qwen", faults=["429:2"]):
        pass


def test_kinds_have_names_of_their_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 15


def test_the_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", "--list-faults"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [fault.name for fault in FAULTS]


@pytest.mark.parametrize("page", ["docs/emulator.md", "docs/zh/emulator.md"])
def test_the_page_speaks_of_each(page: str) -> None:
    told = Path(__file__).parents[1].joinpath(page).read_text("utf-8")
    assert [fault.name for fault in FAULTS if f"`{fault.name}`" not in told] == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--fault", "stal"], "error: unknown fault 'stal'\nhint: did you mean 'stall'?\n"),
        (["--fault", "429@chatt"], "error: unknown endpoint 'chatt'\nhint: did you mean 'chat'?\n"),
        (["--latency", "3"], "error: '3' is no time\nhint: write 300ms or 1.5s\n"),
    ],
)
def test_the_command_says_what_it_cannot_read(
    given: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_MIGRATE_LANG", "en")
    assert main(["emulate", "qwen", *given]) == 2
    assert capsys.readouterr() == ("", message)
