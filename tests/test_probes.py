"""Judges on answers written by hand: what OpenAI sends, and what servers have been seen to send instead."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llm_codemods.call_shape import CallShape, Form
from llm_codemods.profile import parse
from llm_codemods.proof import Outcome
from llm_codemods.requirements import Needs, Requirement
from llm_migrate.live.claims import claimed, dear
from llm_migrate.live.errors import LiveError
from llm_migrate.live.probes import BY_NAME, PROBES, WRONG_KEY, Probe, model_for, most_tokens, probe_for
from llm_migrate.live.prompts import PICTURES, picture_url
from llm_migrate.live.schema import sample, violation
from llm_migrate.live.wire import Connection, Response, events, safe_url

PROFILE = parse(Path(__file__).with_name("data").joinpath("gateway.toml").read_text("utf-8"), "gateway.toml")
TARGET = Connection(PROFILE, "cn", "https://api.gateway.example/compatible/v1", "sk-good", "talk", "vectors")

Change = Callable[[Any], None]


def probe_of(feature: str) -> Probe:
    probe = probe_for(feature)
    assert probe is not None
    return probe


def judged(feature: str, *responses: Response, dimensions: int | None = None, value: Any = None) -> Outcome:
    outcome, evidence = probe_of(feature).judge(Requirement(feature, dimensions=dimensions, value=value), responses)
    assert str(evidence)
    return outcome


def requested(
    feature: str, model: str | None = None, value: Any = None, to: Connection = TARGET
) -> list[dict[str, Any]]:
    """Return the bodies that a probe sends at first."""
    return [dict(r.body or {}) for r in probe_of(feature).requests(Requirement(feature, model, value=value), to)]


def told(feature: str, *responses: Response) -> str:
    return str(probe_of(feature).judge(Requirement(feature), responses)[1])


def answer(body: object, status: int = 200) -> Response:
    return Response(status, json.dumps(body).encode(), {"content-type": "application/json"})


def changed(body: dict[str, Any], change: Change) -> dict[str, Any]:
    new = copy.deepcopy(body)
    change(new)
    return new


def stream(chunks: list[Any], end: str = "data: [DONE]\n\n") -> Response:
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end
    return Response(200, body.encode(), {"content-type": "text/event-stream"})


HTML = Response(200, b"<!doctype html><title>Sign in</title>", {"content-type": "text/html; charset=utf-8"})

CHAT: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "talk",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}


def saying(content: object, finish: str = "stop") -> dict[str, Any]:
    def change(body: Any) -> None:
        body["choices"][0]["message"]["content"] = content
        body["choices"][0]["finish_reason"] = finish

    return changed(CHAT, change)


# --- every probe ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_no_probe_is_content_with_a_web_page_an_empty_object_or_an_error(probe: Any) -> None:
    requirement = Requirement(probe.name, "vectors" if "embeddings" in probe.name else "talk")
    count = len(probe.requests(requirement, TARGET))
    for response in (HTML, answer({}), answer({"choices": None, "base_resp": {"status_code": 1004}}), Response(502)):
        outcome, evidence = probe.judge(requirement, [response] * max(count, 2))
        assert outcome is not Outcome.WORKS, (response, str(evidence))


@pytest.mark.parametrize("probe", [p for p in PROBES if not p.thorough], ids=lambda probe: probe.name)
def test_budgets_are_small(probe: Any) -> None:
    model = "vectors" if "embeddings" in probe.name else "talk"
    for request in probe.requests(Requirement(probe.name, model, 4), TARGET):
        assert most_tokens(request) < 2000


def test_what_is_dear_is_asked_only_where_the_window_is_known() -> None:
    assert requested("long-context", "talk") == []
    assert judged("long-context") is Outcome.SKIPPED
    row = dataclasses.replace(PROFILE.models["talk"], context=1000)
    known = dataclasses.replace(TARGET, profile=dataclasses.replace(PROFILE, models={"talk": row}))
    near, beyond = (len(body["messages"][0]["content"].split()) for body in requested("long-context", "talk", to=known))
    assert 850 < near < 1000 < beyond


def test_what_is_dear_is_asked_of_each_chat_model_on_request_only() -> None:
    needs = Needs((Requirement("chat", "talk"), Requirement("chat", "brood"), Requirement("model", "vectors")))
    assert [(need.feature, need.model) for need in dear(needs)] == [("long-context", "talk"), ("long-context", "brood")]
    assert "long-context" not in {need.feature for need in claimed(PROFILE)}


def test_a_long_prompt_is_read_whole_and_one_beyond_the_window_refused() -> None:
    near = answer(saying("7301"))
    assert judged("long-context", near, REFUSAL) is Outcome.WORKS
    assert judged("long-context", near, near) is Outcome.DIFFERS
    assert judged("long-context", answer(saying("Which number?")), REFUSAL) is Outcome.DIFFERS
    assert judged("long-context", answer({**saying("7301"), "usage": None}), REFUSAL) is Outcome.SKIPPED
    assert judged("long-context", REFUSAL, REFUSAL) is Outcome.REFUSED


def test_every_answer_however_strange_is_judged() -> None:
    strange: tuple[Any, ...] = (None, True, -1, 1e400, "", "x", [], [None], [[]], {}, {"": None}, {"index": "0"})

    def variants(value: Any) -> Iterator[Any]:
        """Yield the value with each of its places holding each of the strange things."""
        yield from strange
        for place in range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ():
            for inner in variants(value[place]):
                new = copy.copy(value)
                new[place] = inner
                yield new

    bodies = [*variants(CHAT), *variants(calling(CALL)), *variants(LOGPROBS), *variants(json.loads(FLOATS.body))]
    streams_of = [stream([piece]) for c in (STREAM[1], json.loads(STREAMED.events()[1])) for piece in variants(c)]
    for probe in PROBES:
        requirement = Requirement(probe.name, "talk", 4, value=probe.values[0] if probe.values else None)
        for response in (*map(answer, bodies), *streams_of):
            outcome, evidence = probe.judge(requirement, [response] * 3)
            assert outcome in Outcome
            assert str(evidence)


def test_html_hints_at_the_path() -> None:
    assert judged("chat", HTML) is Outcome.BROKEN
    assert "/v1" in told("chat", HTML)


def test_a_redirect_elsewhere_is_no_answer() -> None:
    response = Response(307, headers={"location": "https://elsewhere.example/v1"})
    assert judged("chat", response) is Outcome.BROKEN
    assert "elsewhere.example" in told("chat", response)


def test_refusals_limits_and_server_errors_are_told_apart() -> None:
    error = {"error": {"message": "not here", "code": "x"}}
    assert judged("chat", answer(error, 400)) is Outcome.REFUSED
    assert judged("chat", answer(error, 501)) is Outcome.REFUSED
    assert judged("chat", answer(error, 429)) is Outcome.SKIPPED
    assert judged("chat", answer(error, 500)) is Outcome.BROKEN
    assert "x: not here" in told("chat", answer(error, 400))


def test_a_request_that_a_filter_blocked_proves_nothing() -> None:
    blocked = {"error": {"message": "inappropriate content", "code": "data_inspection_failed"}}
    assert judged("chat", answer(blocked, 400)) is Outcome.SKIPPED
    assert "filter" in told("chat", answer(blocked, 400))


def test_a_limit_that_the_sdk_does_not_wait_for_is_told() -> None:
    def limited(seconds: str) -> Response:
        return Response(429, answer({"error": {"message": "slow down"}}).body, {"retry-after": seconds})

    assert judged("chat", limited("300")) is Outcome.SKIPPED
    assert "does not wait" in told("chat", limited("300"))
    assert "does not wait" not in told("chat", limited("20"))
    assert "does not wait" not in told("chat", limited("Sat, 21 Nov 2026 12:00:00 GMT"))


def test_thinking_is_switched_as_the_mapping_says_and_gets_room_where_it_stays_on() -> None:
    (off,) = BY_NAME["chat"].requests(Requirement("chat", "ponder"), TARGET)
    (always,) = BY_NAME["chat"].requests(Requirement("chat", "brood"), TARGET)
    assert off.body is not None
    assert always.body is not None
    assert off.body["think"] is False
    assert off.body["max_tokens"] < 256
    assert "think" not in always.body
    assert always.body["max_tokens"] >= 1024


def test_what_always_thinks_is_never_told_not_to_but_to_think_least() -> None:
    row = dataclasses.replace(PROFILE.mapping[0], model="brood", thinking="off")
    for thinking, sent in ((PROFILE.thinking, {}), ({**PROFILE.thinking, "least": {"effort": 1}}, {"effort": 1})):
        target = dataclasses.replace(TARGET, profile=dataclasses.replace(PROFILE, mapping=(row,), thinking=thinking))
        (request,) = BY_NAME["chat"].requests(Requirement("chat", "brood"), target)
        assert request.body is not None
        assert {k: v for k, v in request.body.items() if k in ("think", "effort")} == sent
        assert request.body["max_tokens"] >= 1024


# --- chat -------------------------------------------------------------------------------------------------------------


def test_chat_works() -> None:
    assert judged("chat", answer(CHAT)) is Outcome.WORKS


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda b: b.update(choices=None), Outcome.BROKEN),
        (lambda b: b.update(choices=[]), Outcome.BROKEN),
        (lambda b: b["choices"][0].update(message=None, delta={"content": "Hello."}), Outcome.BROKEN),
        (lambda b: b["choices"][0].update(finish_reason="sensitive"), Outcome.DIFFERS),
        (lambda b: b["choices"][0].update(finish_reason=None), Outcome.DIFFERS),
        (lambda b: b["choices"][0]["message"].update(content=None), Outcome.DIFFERS),
        (lambda b: b["choices"][0]["message"].update(content="", reasoning_content="Hm."), Outcome.DIFFERS),
        (lambda b: b["choices"][0]["message"].update(content="<think>Hm.</think>Hello."), Outcome.DIFFERS),
        (lambda b: b["choices"][0].pop("index"), Outcome.DIFFERS),
        (lambda b: b.update(object=""), Outcome.DIFFERS),
        (lambda b: b.update(created="now"), Outcome.DIFFERS),
        (lambda b: b.update(usage=None), Outcome.DIFFERS),
        (lambda b: b.update(usage={"prompt_tokens": 3}), Outcome.DIFFERS),
        (lambda b: b["choices"][0].update(finish_reason="length"), Outcome.WORKS),
    ],
)
def test_chat_deviations(change: Change, outcome: Outcome) -> None:
    assert judged("chat", answer(changed(CHAT, change))) is outcome


def test_an_error_inside_a_200_is_seen_and_quoted() -> None:
    inside = answer({"error": {"message": "no money", "code": "1113"}})
    assert judged("chat", inside) is Outcome.BROKEN
    assert "no money" in told("chat", inside)


# --- streams ----------------------------------------------------------------------------------------------------------


def chunk(delta: dict[str, Any] | None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "talk", "choices": choices, **more}


USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
STREAM = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "one"}),
    chunk({"content": " two"}),
    chunk({}, "stop"),
    chunk(None, usage=USAGE),
]


def test_stream_usage_works() -> None:
    assert judged("stream-usage", stream(STREAM)) is Outcome.WORKS
    assert judged("stream-usage", stream(STREAM, end="")) is Outcome.WORKS  # the SDK does not miss [DONE]


def test_stream_without_usage_is_ignored() -> None:
    assert judged("stream-usage", stream(STREAM[:-1])) is Outcome.IGNORED


@pytest.mark.parametrize(
    ("chunks", "says"),
    [
        ([*STREAM[:3], chunk({}, "stop", usage=USAGE)], "has choices"),
        ([*STREAM[:-1], {**STREAM[-1], "choices": None}], "no list"),
        ([*STREAM[:3], STREAM[-1]], "no finish_reason"),
        ([STREAM[0], chunk({"role": "assistant", "content": "one"}), *STREAM[3:]], "role in 2 deltas"),
        ([{**c, "object": "completion.chunk"} for c in STREAM], "drops"),
        ([*STREAM[:2], chunk({"content": " two"}, usage=USAGE), *STREAM[3:]], "counts twice"),
        ([*STREAM[:3], chunk({}, "network_error"), STREAM[-1]], "network_error"),
        ([*STREAM[:3], {**STREAM[3], "choices": [{**STREAM[3]["choices"][0], "usage": USAGE}]}], "inside choices[0]"),
        ([STREAM[0], *STREAM[3:]], "content"),
        (
            [{**c, "choices": [{k: v for k, v in x.items() if k != "index"} for x in c["choices"]]} for c in STREAM],
            "index",
        ),
    ],
)
def test_stream_deviations(chunks: list[Any], says: str) -> None:
    assert judged("stream-usage", stream(chunks)) is Outcome.DIFFERS
    assert says in told("stream-usage", stream(chunks))


@pytest.mark.parametrize(
    "response",
    [
        answer(CHAT),  # one plain object although a stream was asked for
        Response(200, b"\n".join(json.dumps(c).encode() for c in STREAM)),  # one object a line
        Response(200, b"event: ping\n\n" + stream(STREAM).body),  # an event without data
        stream([*STREAM[:2], {"error": {"message": "overloaded"}}]),
        stream([]),
    ],
)
def test_broken_streams(response: Response) -> None:
    assert judged("stream-usage", response) is Outcome.BROKEN


def test_events_are_read_as_the_sdk_reads_them() -> None:
    assert events("data: a\r\n\r\ndata:b\n\n: comment\n\ndata: c\ndata: d\n\n") == ("a", "b", "c\nd")
    assert events("data: lost without its blank line\n") == ()
    assert events("retry: 3000\n\ndata: a\n\n") == ("", "a")
    assert events("id: 1\ndata: a\n\n: ping\n\n") == ("a", "")


# --- tools ------------------------------------------------------------------------------------------------------------

CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}


def calling(call: dict[str, Any], finish: str = "tool_calls") -> dict[str, Any]:
    def change(body: Any) -> None:
        body["choices"][0]["message"].update(content=None, tool_calls=[call])
        body["choices"][0]["finish_reason"] = finish

    return changed(CHAT, change)


@pytest.mark.parametrize(("count", "outcome"), [(50, Outcome.DIFFERS), (9, Outcome.WORKS)])
def test_a_short_text_that_began_late_was_not_held_back(count: int, outcome: Outcome) -> None:
    chunks = [chunk({"content": f"{number} "}) for number in range(count)]
    response = stream([*chunks, chunk({}, "stop")])
    late = dataclasses.replace(response, seconds=1.2, arrivals=((1.15, len(response.body)),))
    assert judged("stream-timing", late) is outcome


@pytest.mark.parametrize(("early", "outcome"), [(12.4, Outcome.WORKS), (13.3, Outcome.DIFFERS)])
def test_a_stream_that_waited_for_its_turn_and_then_flowed_was_not_held_back(early: float, outcome: Outcome) -> None:
    """On a server that is busy with other requests the first word comes late, and the last soon after it."""
    chunks = [chunk({"content": f"{number} "}) for number in range(50)]
    response = stream([*chunks, chunk({}, "stop")])
    size = len(response.body)
    late = dataclasses.replace(response, seconds=13.5, arrivals=((early, size // 3), (13.5, size)))
    assert judged("stream-timing", late) is outcome


def streamed_call(*deltas: dict[str, Any]) -> Response:
    return stream(
        [
            chunk({"role": "assistant", "content": None}),
            *(chunk({"tool_calls": [delta]}) for delta in deltas),
            chunk({}, "tool_calls"),
        ]
    )


STREAMED = streamed_call(
    {"index": 0, "id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"ci'}},
    {"index": 0, "id": "", "function": {"arguments": 'ty": "Paris"}'}},
)


def test_tools_work_whole_and_streamed() -> None:
    assert judged("tools", answer(calling(CALL))) is Outcome.WORKS
    assert judged("tools-stream", STREAMED) is Outcome.WORKS


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (saying("It is sunny."), Outcome.IGNORED),
        (saying("It is", "length"), Outcome.SKIPPED),
        (saying('<tool_call>{"name": "get_weather", "arguments": {}}</tool_call>'), Outcome.DIFFERS),
        (calling(CALL, "stop"), Outcome.DIFFERS),
        (calling({**CALL, "id": ""}), Outcome.DIFFERS),
        (calling({k: v for k, v in CALL.items() if k != "type"}), Outcome.DIFFERS),
        (calling({**CALL, "function": {"name": "get_weather", "arguments": {"city": "Paris"}}}), Outcome.DIFFERS),
        (calling({**CALL, "function": {"name": "get_weather", "arguments": '{"city": 5}'}}), Outcome.DIFFERS),
        (calling({**CALL, "function": {"name": "get_weather", "arguments": '{"ci'}}), Outcome.DIFFERS),
        (calling({**CALL, "function": {"name": "other", "arguments": "{}"}}), Outcome.DIFFERS),
    ],
)
def test_tool_deviations(body: dict[str, Any], outcome: Outcome) -> None:
    assert judged("tools", answer(body)) is outcome


@pytest.mark.parametrize(
    ("response", "says"),
    [
        (streamed_call({"id": "call_1", "type": "function", "function": CALL["function"]}), "no index"),
        (streamed_call({"index": 1, **CALL}), "IndexError"),
        (
            streamed_call(
                {"index": 0, **CALL, "function": {"name": "get_weather", "arguments": '{"city":'}},
                {"index": 0, "function": {"name": "get_weather", "arguments": ' "Paris"}'}},
            ),
            "get_weatherget_weather",
        ),
    ],
)
def test_streamed_tool_deviations(response: Response, says: str) -> None:
    assert judged("tools-stream", response) is Outcome.DIFFERS
    assert says in told("tools-stream", response)


@pytest.mark.parametrize("finish", ["stop", "tool_calls"])
def test_a_forced_tool_is_called(finish: str) -> None:
    call = {**CALL, "function": {"name": "get_time", "arguments": '{"city": "Paris"}'}}
    assert judged("forced-tool", answer(calling(call, finish))) is Outcome.WORKS


def test_a_forced_tool_taken_as_auto_is_ignored() -> None:
    assert judged("forced-tool", answer(calling(CALL))) is Outcome.IGNORED
    assert judged("forced-tool", answer(saying("Sunny."))) is Outcome.IGNORED


# --- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "finish", "outcome"),
    [
        ('{"city": "Paris"}', "stop", Outcome.WORKS),
        ('```json\n{"city": "Paris"}\n```', "stop", Outcome.IGNORED),
        ("The city is Paris.", "stop", Outcome.IGNORED),
        ('["Paris"]', "stop", Outcome.IGNORED),
        ('{"city": "Pa', "length", Outcome.SKIPPED),
        (None, "stop", Outcome.DIFFERS),
    ],
)
def test_json_object(content: str | None, finish: str, outcome: Outcome) -> None:
    assert judged("json-object", answer(saying(content, finish))) is outcome


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        ('{"color": "red", "count": 3}', Outcome.WORKS),
        ('{"color": "blue", "count": 3}', Outcome.IGNORED),
        ('{"color": "red", "count": "many"}', Outcome.IGNORED),
        ('{"color": "red"}', Outcome.IGNORED),
        ('{"color": "red", "count": 3, "note": "sky"}', Outcome.IGNORED),
        ('```json\n{"color": "red", "count": 3}\n```', Outcome.IGNORED),
    ],
)
def test_json_schema_must_be_enforced(content: str, outcome: Outcome) -> None:
    assert judged("json-schema", answer(saying(content))) is outcome


def test_the_prompt_contradicts_the_schema() -> None:
    (request,) = BY_NAME["json-schema"].requests(Requirement("json-schema"), TARGET)
    assert request.body is not None
    schema = request.body["response_format"]["json_schema"]["schema"]
    assert violation({"color": "blue", "count": "many", "note": "sky"}, schema) is not None
    assert '"blue"' in request.body["messages"][0]["content"]


# --- embeddings -------------------------------------------------------------------------------------------------------

VECTORS = [[0.6, 0.8, 0.0, 0.0], [0.0, 0.0, -0.8, 0.6]]


def coded(vector: list[float], kind: str = "f") -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}{kind}", *vector)).decode()


def embedded(values: list[Any], order: list[int] | None = None) -> Response:
    places = order or list(range(len(values)))
    return answer(
        {"object": "list", "data": [{"index": i, "embedding": v} for i, v in zip(places, values, strict=True)]}
    )


FLOATS = embedded(VECTORS)


def test_embeddings_work() -> None:
    assert judged("embeddings", FLOATS, dimensions=4) is Outcome.WORKS
    asked = embedded([coded(v) for v in VECTORS])
    assert judged("embeddings-base64", asked, FLOATS, asked, FLOATS, dimensions=4) is Outcome.WORKS


def test_floats_that_change_by_themselves_prove_nothing_about_base64() -> None:
    asked = embedded([coded(v) for v in VECTORS])
    other = [list(reversed(v)) for v in VECTORS]
    assert judged("embeddings-base64", asked, FLOATS, asked, embedded(other)) is Outcome.SKIPPED
    assert judged("embeddings-base64", asked, FLOATS, embedded([coded(v) for v in other]), FLOATS) is Outcome.SKIPPED


def test_base64_that_varies_a_little_is_compared_by_direction() -> None:
    first, second = (embedded([coded([x + more for x in v]) for v in VECTORS]) for more in (1e-4, 2e-4))
    assert judged("embeddings-base64", first, FLOATS, second, FLOATS) is Outcome.WORKS
    assert judged("embeddings-base64", first, FLOATS, first, FLOATS) is Outcome.DIFFERS


@pytest.mark.parametrize(
    ("response", "dimensions", "outcome"),
    [
        (FLOATS, 8, Outcome.IGNORED),
        (embedded(VECTORS, [1, 0]), None, Outcome.DIFFERS),
        (embedded(VECTORS[:1]), None, Outcome.DIFFERS),
        (embedded([VECTORS[0], VECTORS[1][:2]]), None, Outcome.DIFFERS),
        (embedded([coded(v) for v in VECTORS]), None, Outcome.DIFFERS),
        (embedded([[3.0, 4.0], [0.0, 1.0]]), None, Outcome.DIFFERS),
        (answer({"data": []}), None, Outcome.BROKEN),
        (answer({"data": None}), None, Outcome.BROKEN),
    ],
)
def test_embedding_deviations(response: Response, dimensions: int | None, outcome: Outcome) -> None:
    assert judged("embeddings", response, dimensions=dimensions) is outcome


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (FLOATS, Outcome.IGNORED),
        (embedded([coded(v, "d") for v in VECTORS]), Outcome.DIFFERS),
        (embedded([coded(v) for v in reversed(VECTORS)]), Outcome.DIFFERS),
        (embedded(["no base64!", "at all"]), Outcome.DIFFERS),
        (answer({"error": {"message": "float only"}}, 400), Outcome.REFUSED),
    ],
)
def test_base64_deviations(response: Response, outcome: Outcome) -> None:
    assert judged("embeddings-base64", response, FLOATS, response, FLOATS) is outcome


def test_dimensions_are_asked_for_unless_the_model_has_only_one_size() -> None:
    request, *alone = BY_NAME["embeddings"].requests(Requirement("embeddings", "vectors", 4), TARGET)
    assert request.body is not None
    assert request.body["dimensions"] == 4
    assert [one.body["input"] for one in alone if one.body] == [[text] for text in request.body["input"]]
    row = dataclasses.replace(PROFILE.models["vectors"], dimensions=(4,))
    fixed = dataclasses.replace(TARGET, profile=dataclasses.replace(PROFILE, models={"vectors": row}))
    request, *_ = BY_NAME["embeddings"].requests(Requirement("embeddings", "vectors", 4), fixed)
    assert request.body is not None
    assert "dimensions" not in request.body


def test_a_size_is_asked_for_even_where_there_is_only_one() -> None:
    (request,) = probe_of("embeddings-dimensions").requests(Requirement("embeddings-dimensions", "vectors", 8), TARGET)
    assert request.body is not None
    assert request.body["dimensions"] == 8
    assert probe_of("embeddings-dimensions").requests(Requirement("embeddings-dimensions", "vectors"), TARGET) == ()


def test_a_batch_is_as_large_as_that_of_the_code() -> None:
    (body,) = requested("embeddings-batch", "vectors", 7)
    assert len(set(body["input"])) == 7


# --- parameters -------------------------------------------------------------------------------------------------------

LOGPROBS = changed(
    CHAT,
    lambda b: b["choices"][0].update(
        logprobs={"content": [{"token": "He", "logprob": -0.1, "top_logprobs": [{"token": "He", "logprob": -0.1}]}]}
    ),
)
REFUSAL = answer({"error": {"message": "not here", "code": "x"}}, 400)


def test_any_other_word_is_a_parameter_and_a_word_with_hyphens_is_not() -> None:
    assert probe_of("reasoning_effort").name == "reasoning_effort"
    assert probe_for("no-such-feature") is None


def test_a_parameter_is_sent_as_the_code_has_it_and_then_as_nonsense() -> None:
    value, nonsense, unknown = requested("presence_penalty", "talk", 0.5)
    assert value["presence_penalty"] == 0.5
    assert isinstance(nonsense["presence_penalty"], dict)
    assert "presence_penalty" not in unknown
    assert set(unknown) - set(value) == {"llm_migrate_no_such_parameter"}


@pytest.mark.parametrize(
    ("responses", "outcome", "says"),
    [
        ((answer(CHAT), REFUSAL, answer(CHAT)), Outcome.WORKS, "nonsense in its place refused"),
        ((answer(CHAT), answer(CHAT), REFUSAL), Outcome.WORKS, "do not exist are refused"),
        ((answer(CHAT), answer(CHAT), answer(CHAT)), Outcome.SKIPPED, "proves nothing"),
        ((REFUSAL, REFUSAL, REFUSAL), Outcome.REFUSED, "presence_penalty"),
        ((answer(CHAT), Response(500), answer(CHAT)), Outcome.BROKEN, "500"),
    ],
)
def test_acceptance_proves_nothing_where_nonsense_is_accepted(
    responses: tuple[Response, ...], outcome: Outcome, says: str
) -> None:
    assert judged("presence_penalty", *responses, value=0.5) is outcome
    assert says in told("presence_penalty", *responses)


def test_what_has_no_effect_need_only_be_accepted() -> None:
    assert judged("user", *[answer(CHAT)] * 3, value="x") is Outcome.WORKS
    assert judged("user", REFUSAL, answer(CHAT), answer(CHAT), value="x") is Outcome.REFUSED


def test_the_limit_of_the_code_is_sent_beside_a_small_one() -> None:
    small, own = requested("max_completion_tokens", "talk", 4000)
    assert (small["max_completion_tokens"], own["max_completion_tokens"]) == (8, 4000)
    assert "max_tokens" not in small
    assert len(requested("max_tokens", "talk")) == 1


def limited(words: int, finish: str = "length", **details: Any) -> Response:
    body = saying("word " * words, finish)
    return answer(
        {**body, "usage": {"prompt_tokens": 3, "completion_tokens": words, "total_tokens": 3 + words, **details}}
    )


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (limited(8), Outcome.WORKS),
        (limited(9), Outcome.IGNORED),
        (limited(8, "stop"), Outcome.DIFFERS),
        (limited(30, completion_tokens=5), Outcome.IGNORED),  # usage lies
        (limited(4, completion_tokens=90, completion_tokens_details={"reasoning_tokens": 86}), Outcome.WORKS),
        (answer({**saying("a b c", "length"), "usage": None}), Outcome.WORKS),
    ],
)
def test_a_limit_cuts(response: Response, outcome: Outcome) -> None:
    assert judged("max_tokens", response) is outcome


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        ("one two three four ", Outcome.WORKS),
        ("one two three four five", Outcome.DIFFERS),
        ("one two three four five six", Outcome.IGNORED),
        ("one two three four six", Outcome.SKIPPED),
        ("One Two Three Four Five Six", Outcome.SKIPPED),
        ("I cannot count.", Outcome.SKIPPED),
    ],
)
def test_stop_stops(content: str, outcome: Outcome) -> None:
    assert judged("stop", answer(saying(content))) is outcome


@pytest.mark.parametrize(
    ("first", "stopped", "finish", "outcome"),
    [
        ("I will not do that.", "I will not do that then.", "stop", Outcome.IGNORED),
        ("I will not do that, never.", "I will not do that, ne", "stop", Outcome.DIFFERS),
        ("I will not do that, never.", "I will not do that, n", "stop", Outcome.WORKS),
        ("Never would I do that.", "", "stop", Outcome.WORKS),
        ("Never would I do that.", "N", "tool_calls", Outcome.DIFFERS),
        ("Never would I do that.", "N", "length", Outcome.SKIPPED),
        ("I will not do that.", "I will not", "stop", Outcome.SKIPPED),
    ],
)
def test_a_text_that_comes_not_near_is_stopped_anywhere(
    first: str, stopped: str, finish: str, outcome: Outcome
) -> None:
    assert judged("stop", answer(saying(first)), answer(saying(stopped, finish))) is outcome


def test_only_a_text_that_comes_not_near_is_asked_for_again() -> None:
    follow = probe_of("stop").follow
    assert follow is not None
    need = Requirement("stop", "talk", value=2)
    for content in ("I cannot count.", "one two three four six"):
        (again,) = follow(need, TARGET, [answer(saying(content))])
        assert again.body is not None
        assert len(again.body["stop"]) == 2
    for response in (answer(saying("one two three four ")), REFUSAL):
        assert follow(need, TARGET, [response]) == ()


def test_a_list_of_stops_is_as_long_as_that_of_the_code() -> None:
    ((first,), (many,)) = requested("stop", "talk"), requested("stop", "talk", 4)
    assert len(first["stop"]) == 1
    assert len(set(many["stop"])) == 4


@pytest.mark.parametrize(
    ("texts", "outcome"),
    [("aab", Outcome.WORKS), ("aaa", Outcome.IGNORED), ("abc", Outcome.IGNORED), ("aba", Outcome.IGNORED)],
)
def test_a_seed_repeats_and_another_does_not(texts: str, outcome: Outcome) -> None:
    assert judged("seed", *(answer(saying(one)) for one in texts), value=7) is outcome


@pytest.mark.parametrize(
    ("texts", "outcome"), [("aaa", Outcome.WORKS), ("aba", Outcome.WORKS), ("abc", Outcome.IGNORED)]
)
def test_temperature_0_may_differ_once(texts: str, outcome: Outcome) -> None:
    assert judged("temperature", *(answer(saying(one)) for one in texts), value=0) is outcome


def test_other_temperatures_are_asked_for_once() -> None:
    assert len(requested("temperature", "talk", 0)) == 3
    assert [body["temperature"] for body in requested("temperature", "talk", 1.5)] == [1.5]


# --- pictures, roles, turns -------------------------------------------------------------------------------------------


def test_pictures_are_png_files_of_one_colour() -> None:
    for name, colour in PICTURES.items():
        data = base64.b64decode(picture_url(name).partition(",")[2])
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        start = data.index(b"IDAT") + 4
        rows = zlib.decompress(data[start : start + int.from_bytes(data[start - 8 : start - 4], "big")])
        assert {rows[1:193][place::3] for place in range(3)} == {bytes([one]) * 64 for one in colour}
        assert len(data) < 300


@pytest.mark.parametrize(
    ("contents", "outcome"),
    [
        (("Red.", "It is blue."), Outcome.WORKS),
        (("Red.", "Red."), Outcome.IGNORED),
        (("I see no picture.", "I see no picture."), Outcome.IGNORED),
        (("red, blue", "red, blue"), Outcome.IGNORED),
    ],
)
def test_a_picture_is_seen_or_not(contents: tuple[str, str], outcome: Outcome) -> None:
    assert judged("vision", *(answer(saying(content)) for content in contents)) is outcome


def test_a_picture_goes_to_a_model_that_sees() -> None:
    seeing = dataclasses.replace(PROFILE.models["talk"], vision=True)
    profile = dataclasses.replace(PROFILE, models={**PROFILE.models, "eyes": seeing})
    assert model_for(Requirement("vision"), dataclasses.replace(TARGET, profile=profile)) == "eyes"
    assert model_for(Requirement("vision"), TARGET) == "talk"
    assert model_for(Requirement("vision", "ponder"), TARGET) == "ponder"


@pytest.mark.parametrize("role", ["system", "developer", "assistant", "function"])
def test_a_role_is_sent_and_left_out(role: str) -> None:
    with_it, without = requested("role", "talk", role)
    assert len(with_it["messages"]) == len(without["messages"]) + 1
    assert role in [message["role"] for message in with_it["messages"]]
    assert role not in [message["role"] for message in without["messages"]]


def counted(prompt: int) -> Response:
    return answer({**CHAT, "usage": {"prompt_tokens": prompt, "completion_tokens": 2, "total_tokens": prompt + 2}})


def test_a_role_reaches_the_model_or_does_not() -> None:
    assert judged("role", counted(40), counted(8), value="system") is Outcome.WORKS
    assert judged("role", counted(8), counted(8), value="system") is Outcome.IGNORED
    assert judged("role", answer({**CHAT, "usage": None}), counted(8), value="system") is Outcome.SKIPPED
    assert judged("role", REFUSAL, counted(8), value="developer") is Outcome.REFUSED


def test_the_second_turn_sends_back_what_came() -> None:
    thought = changed(calling(CALL), lambda b: b["choices"][0]["message"].update(reasoning_content="Hm.", other=1))
    for feature, kept in (("tool-loop", True), ("turns-without-thoughts", False)):
        probe = probe_of(feature)
        assert probe.follow is not None
        (request,) = probe.follow(Requirement(feature, "talk"), TARGET, [answer(thought)])
        assert request.body is not None
        _asked, said, result = request.body["messages"]
        assert said["tool_calls"] == [CALL]
        assert ("reasoning_content" in said) is kept
        assert "other" not in said
        assert result["tool_call_id"] == CALL["id"]


def test_a_call_is_made_up_where_none_came_and_none_where_the_first_turn_failed() -> None:
    probe = probe_of("tool-loop")
    assert probe.follow is not None
    (request,) = probe.follow(Requirement("tool-loop", "talk"), TARGET, [answer(CHAT)])
    assert request.body is not None
    assert [message["role"] for message in request.body["messages"]] == ["user", "assistant", "tool"]
    assert probe.follow(Requirement("tool-loop", "talk"), TARGET, [REFUSAL]) == ()


# --- a call's own shape -----------------------------------------------------------------------------------------------


def replayed(**more: Any) -> dict[str, Any]:
    shape = CallShape("chat.completions.create", "talk", **more)
    (request,) = probe_of("request").requests(Requirement("request", "talk", shape=shape), TARGET)
    assert request.body is not None
    return dict(request.body)


def test_a_shape_is_sent_with_all_its_parameters_together() -> None:
    body = replayed(
        parameters=(("seed", 5), ("stop", Form("array", 3)), ("thinking.type", "disabled"), ("user", Form("text", 9))),
        roles=("system", "user"),
        parts=("text", "image_url"),
        tools=3,
        strict=True,
        tool_choice=("function",),
        response_format="json_schema",
        stream=True,
        include_usage=True,
    )
    assert (body["seed"], len(body["stop"]), body["thinking"]) == (5, 3, {"type": "disabled"})
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert [part["type"] for part in body["messages"][1]["content"]] == ["text", "image_url"]
    assert len({tool["function"]["name"] for tool in body["tools"]}) == 3
    assert all(tool["function"]["strict"] for tool in body["tools"])
    assert body["tool_choice"]["function"]["name"] in {tool["function"]["name"] for tool in body["tools"]}
    assert body["response_format"]["type"] == "json_schema"
    assert body["stream_options"] == {"include_usage": True}
    assert body["max_tokens"] <= 256


def test_a_shape_with_a_limit_of_its_own_keeps_it_and_what_is_not_seen_is_left_out() -> None:
    body = replayed(parameters=(("max_completion_tokens", 300), ("top_p", Form("variable"))))
    assert body["max_completion_tokens"] == 300
    assert not {"max_tokens", "top_p"} & set(body)


def test_a_shape_of_turns_with_tools_has_them_in_order() -> None:
    body = replayed(roles=("user", "tool", "system", "assistant"), parts=("null",), tools=1)
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][2]["content"] is None


def test_a_shape_is_judged_whole_or_as_a_stream() -> None:
    def outcome(response: Response, **more: Any) -> Outcome:
        shape = CallShape("chat.completions.create", "talk", **more)
        return probe_of("request").judge(Requirement("request", "talk", shape=shape), [response])[0]

    assert outcome(answer(CHAT)) is Outcome.WORKS
    assert outcome(answer(calling(CALL))) is Outcome.WORKS
    assert outcome(answer(saying(None))) is Outcome.DIFFERS
    assert outcome(stream(STREAM), stream=True) is Outcome.WORKS
    assert outcome(answer(CHAT), stream=True) is Outcome.BROKEN
    assert outcome(REFUSAL) is Outcome.REFUSED


def test_other_shapes_are_not_replayed() -> None:
    shape = CallShape("images.generate")
    assert probe_of("request").requests(Requirement("request", shape=shape), TARGET) == ()
    assert judged("request") is Outcome.SKIPPED


# --- other endpoints --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("api", "method", "path"),
    [
        ("responses", "POST", "/responses"),
        ("completions", "POST", "/completions"),
        ("files", "GET", "/files"),
        ("batches", "GET", "/batches"),
        ("images", "POST", "/images/generations"),
        ("audio.speech", "POST", "/audio/speech"),
        ("moderations", "POST", "/moderations"),
    ],
)
def test_other_endpoints_are_asked_in_the_cheapest_way(api: str, method: str, path: str) -> None:
    (request,) = probe_of("endpoint").requests(Requirement("endpoint", value=api), TARGET)
    assert (request.method, request.path) == (method, path)
    assert most_tokens(request) < 300


@pytest.mark.parametrize(
    ("api", "response", "outcome"),
    [
        ("responses", answer({"output": []}), Outcome.WORKS),
        ("responses", answer({"error": {"message": "no"}}), Outcome.BROKEN),
        ("responses", REFUSAL, Outcome.REFUSED),
        ("responses", answer({"detail": "Not Found"}, 404), Outcome.REFUSED),
        ("responses", HTML, Outcome.BROKEN),
        ("images", REFUSAL, Outcome.WORKS),
        ("images", answer({"data": []}), Outcome.DIFFERS),
        ("images", answer({"detail": "Not Found"}, 404), Outcome.REFUSED),
        ("audio.speech", Response(200, b"ID3" + bytes(500)), Outcome.WORKS),
        ("audio.speech", answer({"message": "x" * 200}), Outcome.BROKEN),
        ("files", answer({"data": []}), Outcome.WORKS),
    ],
)
def test_other_endpoints_are_judged(api: str, response: Response, outcome: Outcome) -> None:
    assert judged("endpoint", response, value=api) is outcome


# --- models, keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({"object": "list", "data": [{"id": "talk"}]}, Outcome.WORKS),
        ({"models": [{"id": "talk"}]}, Outcome.DIFFERS),
        ({"data": None}, Outcome.DIFFERS),
        ([{"id": "talk"}], Outcome.DIFFERS),
        ({"data": [{"name": "talk"}]}, Outcome.DIFFERS),
    ],
)
def test_model_list(body: object, outcome: Outcome) -> None:
    assert judged("models", answer(body)) is outcome


def test_a_mapped_model_is_asked_in_its_own_way() -> None:
    (chat,) = BY_NAME["model"].requests(Requirement("model", "talk"), TARGET)
    (embedding,) = BY_NAME["model"].requests(Requirement("model", "vectors"), TARGET)
    assert (chat.path, embedding.path) == ("/chat/completions", "/embeddings")
    assert judged("model", answer(CHAT)) is Outcome.WORKS
    assert judged("model", FLOATS) is Outcome.WORKS
    assert judged("model", answer({"error": {"message": "gone"}}, 404)) is Outcome.REFUSED


ERROR = {"error": {"message": "no such key", "code": "invalid_api_key"}}


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (answer(ERROR, 401), Outcome.WORKS),
        (answer(ERROR, 403), Outcome.WORKS),
        (answer(ERROR, 400), Outcome.DIFFERS),
        (answer(CHAT), Outcome.DIFFERS),
        (answer({"base_resp": {"status_code": 1004}}), Outcome.DIFFERS),
        (Response(401, b"Unauthorized"), Outcome.DIFFERS),
        (answer(ERROR, 500), Outcome.BROKEN),
    ],
)
def test_bad_key(response: Response, outcome: Outcome) -> None:
    assert judged("bad-key", response) is outcome


def test_the_wrong_key_is_sent_for_bad_key_only() -> None:
    sent = {p.name: [r.key for r in p.requests(Requirement(p.name, "talk"), TARGET)] for p in PROBES}
    assert sent.pop("bad-key") == [WRONG_KEY]
    assert sent.pop("no-key") == [""]
    assert {key for keys in sent.values() for key in keys} == {None}


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (answer(ERROR, 404), Outcome.WORKS),
        (answer(ERROR, 400), Outcome.WORKS),
        (answer(CHAT), Outcome.IGNORED),
        (answer({"error": {"message": "no model"}}), Outcome.DIFFERS),
        (Response(404, b"not found"), Outcome.DIFFERS),
    ],
)
def test_unknown_model(response: Response, outcome: Outcome) -> None:
    assert judged("unknown-model", response) is outcome


# --- targets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://api.gateway.example/v1",
        "ftp://api.gateway.example/v1",
        "api.gateway.example/v1",
        "https://user:secret@api.gateway.example/v1",
        "https://api.gateway.example/v1?key=secret",
        "https://api.gateway.example/v1/chat/completions",
        "https://api.gateway.example:port/v1",
        "",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(LiveError) as caught:
        safe_url(url)
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://x.example/v1/", "http://127.0.0.1:8000/v1", "http://localhost/v1", "http://[::1]:1/v1"]
)
def test_urls_that_are_taken(url: str) -> None:
    assert safe_url(url) == url.rstrip("/")


@pytest.mark.parametrize("key", ["", "sk-a\nb", "sk-a b", "sk-ａ", "sk-\x00"])
def test_keys_that_no_header_can_carry(key: str) -> None:
    with pytest.raises(LiveError):
        dataclasses.replace(TARGET, key=key)


def test_a_target_does_not_show_its_key() -> None:
    assert "sk-good" not in repr(TARGET)


# --- schemas ----------------------------------------------------------------------------------------------------------

SCHEMAS: list[dict[str, Any]] = [
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3, "maximum": 5}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"enum": ["x", "y"]}, "b": {"const": 7}}, "required": ["a", "b"]},
    {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5}, "minItems": 2},
    {"anyOf": [{"type": "string", "minLength": 12}, {"type": "null"}]},
    {"type": ["null", "boolean"]},
    {
        "$defs": {"P": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
        "$ref": "#/$defs/P",
    },
    {
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
                "required": ["next"],
            }
        },
        "$ref": "#/$defs/Node",
    },
    {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {"required": ["a"]}]},
    {"type": "integer", "multipleOf": 7, "minimum": 10},
    {"type": "object"},
    {},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_samples_satisfy_their_schema(schema: dict[str, Any]) -> None:
    value = sample(schema)
    assert violation(value, schema) is None
    assert sample(schema) == value


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ({}, SCHEMAS[0]),
        ({"a": 6}, SCHEMAS[0]),
        ({"a": True}, SCHEMAS[0]),
        ({"a": "z", "b": 7}, SCHEMAS[1]),
        ({"a": "x", "b": 8}, SCHEMAS[1]),
        ([0.1], SCHEMAS[2]),
        ([0.1, 0.5], SCHEMAS[2]),
        (5, SCHEMAS[3]),
        ({"x": "1"}, SCHEMAS[5]),
        ({"next": {"next": 5}}, SCHEMAS[6]),
        ({"a": 1, "b": 2}, {"type": "object", "properties": {"a": {}}, "additionalProperties": False}),
    ],
)
def test_violations_are_seen(value: object, schema: dict[str, Any]) -> None:
    assert violation(value, schema) is not None
