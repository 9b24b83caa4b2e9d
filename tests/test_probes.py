"""Judges on answers written by hand: what OpenAI sends, and what servers have been seen to send instead."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llm_codemods.profile import parse
from llm_codemods.report import Outcome
from llm_codemods.requirements import Requirement
from llm_migrate.live.errors import LiveError
from llm_migrate.live.probes import BY_NAME, PROBES, WRONG_KEY, most_tokens
from llm_migrate.live.schema import sample, violation
from llm_migrate.live.wire import Connection, Response, events, safe_url

PROFILE = parse(Path(__file__).with_name("data").joinpath("gateway.toml").read_text("utf-8"), "gateway.toml")
TARGET = Connection(PROFILE, "cn", "https://api.gateway.example/compatible/v1", "sk-good", "talk", "vectors")

Change = Callable[[Any], None]


def judged(feature: str, *responses: Response, dimensions: int | None = None) -> Outcome:
    outcome, evidence = BY_NAME[feature].judge(Requirement(feature, dimensions=dimensions), responses)
    assert str(evidence)
    return outcome


def told(feature: str, *responses: Response) -> str:
    return str(BY_NAME[feature].judge(Requirement(feature), responses)[1])


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
        outcome, evidence = probe.judge(requirement, [response] * count)
        assert outcome is not Outcome.WORKS, (response, str(evidence))


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_budgets_are_small(probe: Any) -> None:
    model = "vectors" if "embeddings" in probe.name else "talk"
    for request in probe.requests(Requirement(probe.name, model, 4), TARGET):
        assert most_tokens(request) < 1500


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
    assert judged("tools", answer(calling(CALL)), STREAMED) is Outcome.WORKS


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
    assert judged("tools", answer(body), STREAMED) is outcome


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
        (streamed_call(), "no call"),
    ],
)
def test_streamed_tool_deviations(response: Response, says: str) -> None:
    assert judged("tools", answer(calling(CALL)), response) is Outcome.DIFFERS
    assert says in told("tools", answer(calling(CALL)), response)


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
    assert judged("embeddings-base64", asked, FLOATS, FLOATS, dimensions=4) is Outcome.WORKS


def test_floats_that_change_by_themselves_prove_nothing_about_base64() -> None:
    asked = embedded([coded(v) for v in VECTORS])
    other = embedded([list(reversed(v)) for v in VECTORS])
    assert judged("embeddings-base64", asked, FLOATS, other) is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("response", "dimensions", "outcome"),
    [
        (FLOATS, 8, Outcome.IGNORED),
        (embedded(VECTORS, [1, 0]), None, Outcome.DIFFERS),
        (embedded(VECTORS[:1]), None, Outcome.DIFFERS),
        (embedded([VECTORS[0], VECTORS[1][:2]]), None, Outcome.DIFFERS),
        (embedded([coded(v) for v in VECTORS]), None, Outcome.DIFFERS),
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
    assert judged("embeddings-base64", response, FLOATS, FLOATS) is outcome


def test_dimensions_are_asked_for_unless_the_model_has_only_one_size() -> None:
    (request,) = BY_NAME["embeddings"].requests(Requirement("embeddings", "vectors", 4), TARGET)
    assert request.body is not None
    assert request.body["dimensions"] == 4
    row = dataclasses.replace(PROFILE.models["vectors"], dimensions=(4,))
    fixed = dataclasses.replace(TARGET, profile=dataclasses.replace(PROFILE, models={"vectors": row}))
    (request,) = BY_NAME["embeddings"].requests(Requirement("embeddings", "vectors", 4), fixed)
    assert request.body is not None
    assert "dimensions" not in request.body


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
