"""Ways in which a server can be wrong: small pure changes of what a right one takes notice of, or answers.

Each row names the requirement whose probe must notice, and the outcome that is true of such a server.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement

JSON, EVENTS, HTML = "application/json", "text/event-stream", "text/html; charset=utf-8"
BROKEN, DIFFERS, IGNORED = Outcome.BROKEN, Outcome.DIFFERS, Outcome.IGNORED
REFUSED, SKIPPED, WORKS = Outcome.REFUSED, Outcome.SKIPPED, Outcome.WORKS


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers; ``sent`` is the body it was asked with, ``number`` counts its answers from 0."""

    sent: Mapping[str, Any]
    number: int
    status: int
    type: str
    body: bytes
    pause: float = 0.0
    """Seconds before the body."""

    @property
    def is_stream(self) -> bool:
        return self.type.startswith(EVENTS)


Change = Callable[[Answer], Answer]
Heed = Callable[[dict[str, Any]], dict[str, Any]]


def as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Mutation:
    """One way to be wrong."""

    name: str
    needs: Requirement
    outcome: Outcome
    answers: Change = as_it_is
    heeds: Heed = as_it_is
    """What the server takes notice of in the body it is asked with."""
    says: str = ""
    """Stands in the evidence."""


# --- ways to change ---------------------------------------------------------------------------------------------------


def body(change: Callable[[Any], object]) -> Change:
    """Change the JSON of a whole success in place."""

    def answers(answer: Answer) -> Answer:
        if answer.status != 200 or answer.type != JSON:
            return answer
        value = json.loads(answer.body)
        change(value)
        return replace(answer, body=json.dumps(value).encode())

    return answers


def choice(change: Callable[[Any], object]) -> Change:
    return body(lambda b: [change(one) for one in b.get("choices", ())])


def message(**entries: Any) -> Change:
    return choice(lambda c: c["message"].update(entries))


def call(change: Callable[[Any], object]) -> Change:
    """Change each tool call of whole answers."""
    return choice(lambda c: [change(one) for one in c["message"].get("tool_calls", ())])


def instead(status: int, type: str, content: bytes) -> Change:
    return lambda answer: replace(answer, status=status, type=type, body=content)


def error(status: int, content: Any) -> Change:
    return instead(status, JSON, json.dumps(content).encode())


def where(condition: Callable[[Answer], bool], change: Change) -> Change:
    return lambda answer: change(answer) if condition(answer) else answer


def all_of(*changes: Change) -> Change:
    def answers(answer: Answer) -> Answer:
        for change in changes:
            answer = change(answer)
        return answer

    return answers


def failed(answer: Answer) -> bool:
    return answer.status >= 400


def events_of(answer: Answer) -> list[Any]:
    lines = answer.body.decode().split("\n\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]


def written(chunks: list[Any], end: str = "data: [DONE]\n\n") -> bytes:
    return ("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end).encode()


def chunks(change: Callable[[list[Any]], list[Any]], end: str = "data: [DONE]\n\n") -> Change:
    """Change the chunks of a stream."""
    return where(lambda a: a.is_stream, lambda a: replace(a, body=written(change(events_of(a)), end)))


def each_chunk(change: Callable[[Any], object]) -> Change:
    def all_of_them(found: list[Any]) -> list[Any]:
        for chunk in found:
            change(chunk)
        return found

    return chunks(all_of_them)


def each_choice(change: Callable[[Any], object]) -> Change:
    return each_chunk(lambda chunk: [change(one) for one in chunk["choices"]])


def each_piece(change: Callable[[Any], object]) -> Change:
    """Change each piece of a streamed tool call."""
    return each_choice(lambda c: [change(piece) for piece in c["delta"].get("tool_calls", ())])


def raw(change: Callable[[bytes], bytes]) -> Change:
    return where(lambda a: a.is_stream, lambda a: replace(a, body=change(a.body)))


def without(*names: str) -> Heed:
    """Take no notice of these parameters."""
    return lambda sent: {name: value for name, value in sent.items() if name not in names}


def saying(content: str) -> Change:
    return message(content=content)


def vectors(change: Callable[[list[Any]], list[Any]]) -> Change:
    """Change the list of embeddings, decoded, in the encoding in which they came."""

    def answers(value: Any) -> None:
        rows = value["data"]
        coded = isinstance(rows[0]["embedding"], str)
        found = [decoded(row["embedding"]) for row in rows]
        for row, vector in zip(rows, change(found), strict=True):
            row["embedding"] = encoded(vector) if coded else vector

    return body(answers)


def decoded(value: Any) -> list[float]:
    if isinstance(value, list):
        return value
    data = base64.b64decode(value)
    return list(struct.unpack(f"<{len(data) // 4}f", data))


def encoded(vector: list[float], kind: str = "f") -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}{kind}", *vector)).decode()


def each_coded(change: Callable[[list[float]], Any]) -> Change:
    """Change what base64 answers hold."""

    def answers(value: Any) -> None:
        for row in value["data"]:
            if isinstance(row["embedding"], str):
                row["embedding"] = change(decoded(row["embedding"]))

    return body(answers)


# --- single ways that need more than a line ---------------------------------------------------------------------------


def _usage_within(found: list[Any]) -> list[Any]:
    """Move usage into the last choice, where one provider has it."""
    usage = found.pop()["usage"]
    found[-1]["choices"][0]["usage"] = usage
    return found


def _usage_on_the_last(found: list[Any]) -> list[Any]:
    usage = found.pop()["usage"]
    found[-1]["usage"] = usage
    return found


def _two_under_one(found: list[Any]) -> list[Any]:
    for chunk in found:
        for one in chunk["choices"]:
            for piece in one["delta"].get("tool_calls", ()):
                piece["index"] = 0
    return found


def _undelta(one: Any) -> None:
    one["message"] = one.pop("delta")


def _called_in_words(one: Any) -> None:
    made = one["message"].pop("tool_calls", None)
    if made:
        function = made[0]["function"]
        text = f'<tool_call>{{"name": "{function["name"]}", "arguments": {function["arguments"]}}}</tool_call>'
        one["message"]["content"] = text


def _as_object(function: Any) -> None:
    function["arguments"] = {"city": "Paris"}


def _merged(found: list[Any]) -> list[Any]:
    """Put the whole text into one delta."""
    words = "".join(one["delta"].get("content") or "" for chunk in found for one in chunk["choices"])
    texts = [c for c in found if c["choices"] and c["choices"][0]["delta"].get("content")]
    texts[0]["choices"][0]["delta"]["content"] = words
    return [chunk for chunk in found if chunk not in texts[1:]]


def _blind(sent: dict[str, Any]) -> dict[str, Any]:
    """Take no notice of pictures."""
    messages = []
    for one in sent.get("messages", ()):
        parts = one.get("content")
        if isinstance(parts, list):
            one = {**one, "content": [part for part in parts if part.get("type") != "image_url"]}
        messages.append(one)
    return {**sent, "messages": messages}


def _without_role(role: str) -> Heed:
    def heeds(sent: dict[str, Any]) -> dict[str, Any]:
        return {**sent, "messages": [one for one in sent["messages"] if one["role"] != role]}

    return heeds


def _systems(keep: Callable[[list[Any]], list[Any]]) -> Heed:
    """Take notice of some of the system messages."""

    def heeds(sent: dict[str, Any]) -> dict[str, Any]:
        system = [one for one in sent["messages"] if one["role"] == "system"]
        return {**sent, "messages": [*keep(system), *(one for one in sent["messages"] if one not in system)]}

    return heeds


def _last_part(sent: dict[str, Any]) -> dict[str, Any]:
    messages = [
        {**one, "content": one["content"][-1:]} if isinstance(one["content"], list) else one for one in sent["messages"]
    ]
    return {**sent, "messages": messages}


def _first_message(sent: dict[str, Any]) -> dict[str, Any]:
    return {**sent, "messages": sent["messages"][:1], "tool_choice": "none"} if len(sent["messages"]) > 1 else sent


def _auto(sent: dict[str, Any]) -> dict[str, Any]:
    return {**sent, "tool_choice": "auto"} if "tool_choice" in sent else sent


def _ended_early(sent: Any) -> None:
    sent["choices"][0].update(finish_reason="stop", message={"role": "assistant", "content": "No."})
    sent["usage"] = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}


def _random(answer: Answer) -> Answer:
    return saying(f"word {answer.number}")(answer)


def _known_model(model: str) -> Heed:
    return lambda sent: {**sent, "model": model}


def _any_key(answer: Answer) -> Answer:
    if answer.status != 401:
        return answer
    return replace(answer, status=200, type=JSON, body=json.dumps(COMPLETION).encode())


COMPLETION: Mapping[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "made-up",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}
ERROR = {"error": {"message": "something is wrong", "type": "invalid_request_error", "param": None, "code": "x"}}
PAGE = b"<!doctype html><title>Sign in</title>"


def _logprobs(change: Callable[[Any], object]) -> Change:
    return choice(lambda c: [change(entry) for entry in c["logprobs"]["content"]])


# --- the table --------------------------------------------------------------------------------------------------------


def whole(chat: Requirement) -> Iterator[Mutation]:
    def row(name: str, outcome: Outcome, answers: Change, says: str = "") -> Mutation:
        return Mutation(f"chat-{name}", chat, outcome, answers, says=says)

    yield row("choices-null", BROKEN, body(lambda b: b.update(choices=None)), "None")
    yield row("choices-empty", BROKEN, body(lambda b: b.update(choices=[])), "choices")
    yield row("choices-object", BROKEN, body(lambda b: b.update(choices={"0": b["choices"][0]})), "choices")
    yield row("delta-for-message", BROKEN, choice(lambda c: c.update(delta=c.pop("message"))), "no message")
    yield row("no-finish-reason", DIFFERS, choice(lambda c: c.pop("finish_reason")), "finish_reason")
    yield row("unknown-finish-reason", DIFFERS, choice(lambda c: c.update(finish_reason="sensitive")), "sensitive")
    yield row("no-index", DIFFERS, choice(lambda c: c.pop("index")), "index")
    yield row("no-role", DIFFERS, choice(lambda c: c["message"].pop("role")), "role")
    yield row("object-wrong", DIFFERS, body(lambda b: b.update(object="text_completion")), "object")
    yield row("created-in-milliseconds", DIFFERS, body(lambda b: b.update(created=1_700_000_000_000)), "created")
    yield row("created-text", DIFFERS, body(lambda b: b.update(created="2026-11-21")), "created")
    yield row("no-id", DIFFERS, body(lambda b: b.pop("id")), "id")
    yield row("no-model", DIFFERS, body(lambda b: b.pop("model")), "model")
    yield row("content-null", DIFFERS, message(content=None), "content")
    yield row("content-empty", DIFFERS, message(content=""), "empty")
    yield row("content-parts", DIFFERS, message(content=[{"type": "text", "text": "Hello."}]), "content")
    yield row("thoughts-in-content", DIFFERS, saying("<think>Hm.</think>Hello."), "reasoning")
    yield row("no-usage", DIFFERS, body(lambda b: b.pop("usage")), "usage")
    yield row("error-at-200", BROKEN, error(200, ERROR), "something is wrong")
    yield row("own-error-at-200", BROKEN, error(200, {"base_resp": {"status_code": 1004}}), "None")
    yield row("page-at-200", BROKEN, instead(200, HTML, PAGE), "web page")
    yield row("empty-204", BROKEN, instead(204, JSON, b""), "nothing")
    yield row("empty-200", BROKEN, instead(200, JSON, b""), "nothing")
    yield row("events-for-json", BROKEN, instead(200, EVENTS, written([COMPLETION])), "no JSON")
    yield row("bare-list", BROKEN, instead(200, JSON, b'["Hello."]'), "no JSON object")
    yield row("bad-utf-8", BROKEN, instead(200, JSON, b'{"choices": "\xff\xfe"}'), "no JSON")
    yield row("rate-limit", SKIPPED, error(429, ERROR), "rate")
    yield row("server-error", BROKEN, error(500, ERROR), "server error")


def usage(need: Requirement) -> Iterator[Mutation]:
    def counted(name: str, says: str, **entries: Any) -> Mutation:
        return Mutation(f"usage-{name}", need, DIFFERS, body(lambda b: b["usage"].update(entries)), says=says)

    yield counted("zero", "0", prompt_tokens=0, completion_tokens=0, total_tokens=0)
    yield counted("not-a-sum", "add up", total_tokens=1)
    yield counted("fractions", "whole", prompt_tokens=3.5)
    yield counted("text", "whole", total_tokens="12")
    yield counted("constant", "longer prompt", prompt_tokens=10, completion_tokens=5, total_tokens=15)


def streams(plain: Requirement, counted: Requirement, timed: Requirement) -> Iterator[Mutation]:
    def row(name: str, outcome: Outcome, answers: Change, says: str = "") -> Mutation:
        return Mutation(f"stream-{name}", plain, outcome, answers, says=says)

    lines = where(
        lambda a: a.is_stream,
        lambda a: replace(
            a, type="application/x-ndjson", body=b"\n".join(json.dumps(c).encode() for c in events_of(a))
        ),
    )
    yield row("lines-of-json", BROKEN, lines, "no event")
    yield row("plain-json", BROKEN, error(200, COMPLETION), "no event")
    yield row("page", BROKEN, instead(200, HTML, PAGE), "web page")
    yield row("empty", BROKEN, instead(200, EVENTS, b""), "no event")
    yield row("no-done", DIFFERS, chunks(as_it_is, end=""), "[DONE]")
    yield row("last-blank-line-missing", DIFFERS, chunks(as_it_is, end="data: [DONE]\n"), "[DONE]")
    yield row("no-blank-lines", BROKEN, raw(lambda b: b.replace(b"\n\n", b"\n") + b"\n"), "JSONDecodeError")
    yield row("ping-without-data", BROKEN, raw(lambda b: b"event: ping\n\n" + b), "JSONDecodeError")
    empty = b"event: ping\ndata: {}\n\n"
    yield row("ping-with-empty-data", DIFFERS, raw(lambda b: empty + b), "TypeError")
    yield row("retry-alone", BROKEN, raw(lambda b: b"retry: 3000\n\n" + b), "JSONDecodeError")
    yield row(
        "comment-after-id",
        BROKEN,
        raw(lambda b: b"id: 1\n" + b.replace(b"\n\n", b"\n\n: ping\n\n", 1)),
        "JSONDecodeError",
    )
    yield row("broken-json", BROKEN, raw(lambda b: b.replace(b'"choices"', b'"choices', 1)), "JSONDecodeError")
    yield row("choices-null", DIFFERS, chunks(lambda f: [*f[:2], {**f[2], "choices": None}, *f[3:]]), "TypeError")
    yield row("delta-null", DIFFERS, each_choice(lambda c: c.update(delta=None)), "without delta")
    yield row("role-in-every-delta", DIFFERS, each_choice(lambda c: c["delta"].update(role="assistant")), "role")
    yield row("object-wrong", DIFFERS, each_chunk(lambda c: c.update(object="chat.completion")), "drops")
    yield row("created-in-milliseconds", DIFFERS, each_chunk(lambda c: c.update(created=1_700_000_000_000)), "created")
    yield row("message-for-delta", DIFFERS, each_choice(_undelta), "instead of delta")
    yield row(
        "message-under-delta", DIFFERS, each_choice(lambda c: c.update(delta={"message": c["delta"]})), "under delta"
    )
    yield row("no-index", DIFFERS, each_choice(lambda c: c.pop("index")), "index")
    yield row("no-finish-reason", DIFFERS, each_choice(lambda c: c.update(finish_reason=None)), "no finish_reason")
    yield row(
        "unknown-finish-reason",
        DIFFERS,
        each_choice(lambda c: c["finish_reason"] and c.update(finish_reason="network_error")),
        "network_error",
    )
    yield row("finish-reason-everywhere", DIFFERS, each_choice(lambda c: c.update(finish_reason="stop")), "carry")
    yield row("truncated", DIFFERS, raw(lambda b: b[: len(b) // 2]), "no finish_reason")
    yield row("error-in-the-middle", BROKEN, chunks(lambda f: [*f[:3], ERROR]), "mid-stream")
    yield row(
        "thoughts-in-content",
        DIFFERS,
        each_choice(
            lambda c: c["delta"].get("content") and c["delta"].update(content=f"<think>{c['delta']['content']}")
        ),
        "reasoning",
    )
    yield row("no-text", DIFFERS, each_choice(lambda c: c["delta"].pop("content", None)), "content")

    def usage_row(name: str, outcome: Outcome, answers: Change, says: str) -> Mutation:
        return Mutation(f"stream-usage-{name}", counted, outcome, answers, says=says)

    yield usage_row("missing", IGNORED, chunks(lambda f: f[:-1]), "no chunk carries usage")
    yield usage_row("inside-choices", DIFFERS, chunks(_usage_within), "inside choices[0]")
    yield usage_row("on-the-last-choice", DIFFERS, chunks(_usage_on_the_last), "has choices")
    yield usage_row("everywhere", DIFFERS, chunks(lambda f: [{**c, "usage": f[-1]["usage"]} for c in f]), "twice")
    yield usage_row(
        "with-a-choice",
        DIFFERS,
        chunks(lambda f: [*f[:-1], {**f[-1], "choices": [{"index": 0, "delta": {}}]}]),
        "has choices",
    )
    yield usage_row("choices-null", DIFFERS, chunks(lambda f: [*f[:-1], {**f[-1], "choices": None}]), "TypeError")
    yield usage_row("lost-behind", DIFFERS, chunks(lambda f: [*f, {**f[-1], "usage": None}]), "without usage follows")
    yield usage_row(
        "not-a-sum",
        DIFFERS,
        chunks(lambda f: [*f[:-1], {**f[-1], "usage": {**f[-1]["usage"], "total_tokens": 1}}]),
        "add up",
    )
    longer = chunks(lambda f: [f[0], *[f[1]] * 30, *f[1:]])  # a short text is no sign of anything
    yield Mutation("stream-held-back", timed, DIFFERS, lambda a: replace(longer(a), pause=1.1), says="held back")
    yield Mutation("stream-in-one-delta", timed, DIFFERS, chunks(_merged), says="one delta")


def tools(need: Callable[..., Requirement]) -> Iterator[Mutation]:
    def row(name: str, outcome: Outcome, answers: Change, says: str = "", feature: str = "tools") -> Mutation:
        return Mutation(f"{feature}-{name}", need(feature), outcome, answers, says=says)

    def heeding(name: str, feature: str, outcome: Outcome, heeds: Heed, says: str = "", value: Any = None) -> Mutation:
        return Mutation(f"{feature}-{name}", need(feature, value=value), outcome, heeds=heeds, says=says)

    yield heeding("ignored", "tools", IGNORED, without("tools", "tool_choice"), "prose")
    yield row("finish-stop", DIFFERS, choice(lambda c: c.update(finish_reason="stop")), "although a tool is called")
    yield row("arguments-object", DIFFERS, call(lambda c: _as_object(c["function"])), "TypeError")
    yield row("arguments-broken", DIFFERS, call(lambda c: c["function"].update(arguments='{"city": ')), "no JSON")
    yield row("arguments-unfit", DIFFERS, call(lambda c: c["function"].update(arguments='{"town": 1}')), "schema")
    yield row("no-id", DIFFERS, call(lambda c: c.update(id="")), "no id")
    yield row("no-type", DIFFERS, call(lambda c: c.pop("type")), "no type")
    yield row("unknown-function", DIFFERS, call(lambda c: c["function"].update(name="search")), "not offered")
    yield row("in-words", DIFFERS, choice(_called_in_words), "into content")

    def piece(name: str, answers: Change, says: str, outcome: Outcome = DIFFERS) -> Mutation:
        return row(name, outcome, answers, says, "tools-stream")

    yield piece("no-index", each_piece(lambda p: p.pop("index")), "TypeError")
    yield piece("index-from-1", each_piece(lambda p: p.update(index=p["index"] + 1)), "IndexError")
    yield piece("id-repeated", each_piece(lambda p: p.update(id="call_1")), "doubles")
    yield piece("name-repeated", each_piece(lambda p: p["function"].update(name="get_weather")), "not offered")
    yield piece("arguments-object", each_piece(lambda p: _as_object(p["function"])), "object")
    yield piece("arguments-broken", each_piece(lambda p: p["function"].update(arguments="{")), "no JSON")
    yield piece("no-type", each_piece(lambda p: p.pop("type", None)), "no type")
    yield piece("no-id", each_piece(lambda p: p.pop("id", None)), "no id")
    yield piece("no-call", each_choice(lambda c: c["delta"].pop("tool_calls", None)), "prose", IGNORED)
    yield piece(
        "finish-stop", each_choice(lambda c: c["finish_reason"] and c.update(finish_reason="stop")), "although a tool"
    )
    two = need("parallel-tools", value=True)
    yield Mutation("parallel-tools-one-index", two, DIFFERS, chunks(_two_under_one), says="share index")
    yield Mutation("parallel-tools-one-id", two, DIFFERS, call(lambda c: c.update(id="call_1")), says="same id")
    yield Mutation("parallel-tools-never", two, SKIPPED, heeds=lambda s: {**s, "parallel_tool_calls": False})
    one = need("parallel-tools", value=False)
    yield Mutation(
        "parallel-tools-always", one, IGNORED, heeds=lambda s: {**s, "parallel_tool_calls": True}, says="at once"
    )
    yield heeding("taken-as-auto", "forced-tool", IGNORED, _auto, "get_weather is called")
    yield heeding("taken-as-none", "required-tool", IGNORED, lambda s: {**s, "tool_choice": "none"}, "prose")
    yield heeding("taken-as-auto", "no-tool", IGNORED, _auto, "is called")
    yield row("in-words", DIFFERS, saying('<tool_call>{"name": "x"}</tool_call>'), "into content", "no-tool")
    prose = all_of(message(content="It rains.", tool_calls=None), choice(lambda c: c.update(finish_reason="stop")))
    yield row("never-called", SKIPPED, prose, "without tool_choice none either", "no-tool")
    yield row("never-called", SKIPPED, prose, "no trace", "tool-loop")
    yield heeding("result-lost", "tool-loop", IGNORED, _first_message, "has not grown")
    yield row("answer-empty", DIFFERS, where(lambda a: a.number == 1, message(content="")), "empty", "tool-loop")
    yield row("refused", REFUSED, where(lambda a: a.number == 1, error(400, ERROR)), "400", "tool-loop")
    yield row(
        "not-enforced",
        IGNORED,
        call(lambda c: c["function"].update(arguments='{"color": "blue", "coats": "a dozen"}')),
        "not enforced",
        "strict-tools",
    )


def formats(need: Callable[..., Requirement]) -> Iterator[Mutation]:
    fenced = choice(lambda c: c["message"].update(content=f"```json\n{c['message']['content']}\n```"))
    for feature in ("json-object", "json-schema"):
        yield Mutation(f"{feature}-ignored", need(feature), IGNORED, heeds=without("response_format"), says="no JSON")
        yield Mutation(f"{feature}-fenced", need(feature), IGNORED, fenced, says="fence")
        yield Mutation(f"{feature}-refused", need(feature), REFUSED, error(400, ERROR), says="400")
    yield Mutation("json-object-list", need("json-object"), IGNORED, saying('["Paris"]'), says="no object")
    for name, content in (
        ("enum", '{"color": "blue", "count": 1}'),
        ("type", '{"color": "red", "count": "many"}'),
        ("renamed", '{"colour": "red", "count": 1}'),
        ("more", '{"color": "red", "count": 1, "note": "sky"}'),
    ):
        yield Mutation(f"json-schema-{name}", need("json-schema"), IGNORED, saying(content), says="not enforced")


def effects(need: Callable[..., Requirement]) -> Iterator[Mutation]:
    def ignoring(name: str, says: str = "", value: Any = None, parameter: str | None = None) -> Mutation:
        return Mutation(
            f"{name}-ignored", need(name, value=value), IGNORED, heeds=without(parameter or name), says=says
        )

    yield ignoring("max_tokens", "8 tokens")
    yield ignoring("max_completion_tokens", "8 tokens")
    yield ignoring("stop", "goes on")
    yield ignoring("n", "1 came")
    yield ignoring("logprobs", "no logprobs")
    yield ignoring("top_logprobs", "alternatives")
    yield ignoring("seed", "no effect")
    cut = choice(lambda c: c.update(finish_reason="stop"))
    yield Mutation("max_tokens-unsaid", need("max_tokens"), DIFFERS, cut, says="nobody sees")
    yield Mutation("max_tokens-ended", need("max_tokens"), SKIPPED, body(_ended_early), says="ends by itself after 2")
    yield Mutation(
        "max_tokens-refused",
        need("max_tokens", value=4000),
        REFUSED,
        where(lambda a: a.sent.get("max_tokens") == 4000, error(400, ERROR)),
        says="4000 is refused",
    )
    included = choice(lambda c: c["message"].update(content=f"{c['message']['content']}five"))
    yield Mutation("stop-included", need("stop"), DIFFERS, included, says="part of the text")
    for name, outcome, said, says in (
        ("ignored", IGNORED, "I cannot repeat.", "goes on"),
        ("included", DIFFERS, "I cannot re", "part of the text"),
        ("far-away", SKIPPED, "No.", "never comes near"),
    ):
        yield Mutation(f"stop-anywhere-{name}", need("stop"), outcome, message(content=said), says=says)
    yield Mutation(
        "stop-unsaid", need("stop"), DIFFERS, choice(lambda c: c.update(finish_reason="length")), says="length"
    )
    yield Mutation("n-numbered-0", need("n"), DIFFERS, choice(lambda c: c.update(index=0)), says="numbered")
    yield Mutation("seed-random", need("seed"), IGNORED, _random, says="different texts")
    yield Mutation("temperature-ignored", need("temperature", value=0), IGNORED, _random, says="another")
    yield Mutation(
        "logprobs-positive", need("logprobs"), DIFFERS, _logprobs(lambda e: e.update(logprob=0.3)), says="0.3"
    )
    yield Mutation("logprobs-nameless", need("logprobs"), DIFFERS, _logprobs(lambda e: e.pop("token")), says="no token")
    swallowing = without("top_p", "llm_migrate_no_such_parameter")
    yield Mutation("top_p-swallowed", need("top_p", value=0.5), SKIPPED, heeds=swallowing, says="proves nothing")
    yield Mutation("top_p-refused", need("top_p", value=0.5), REFUSED, error(400, ERROR), says="top_p = 0.5")
    yield Mutation("vision-blind", need("vision"), IGNORED, heeds=_blind, says="not seen")
    yield Mutation("vision-guessing", need("vision"), IGNORED, saying("It is red."), says="a blue one")
    yield Mutation("vision-all-colours", need("vision"), IGNORED, saying("red or blue"), says="not seen")
    yield Mutation("role-lost", need("role", value="system"), IGNORED, heeds=_without_role("system"), says="reach")
    yield Mutation("role-refused", need("role", value="developer"), REFUSED, error(400, ERROR), says="400")
    yield Mutation("content-parts-lost", need("content-parts"), IGNORED, heeds=_last_part, says="reach")
    only_last, none = _systems(lambda found: found[-1:]), _systems(lambda found: [])
    yield Mutation("several-system-messages-lost", need("several-system-messages"), IGNORED, heeds=only_last)
    yield Mutation("late-system-message-lost", need("late-system-message"), IGNORED, heeds=none)
    yield Mutation("model-error-at-200", need("model"), BROKEN, error(200, ERROR), says="something is wrong")
    yield Mutation("model-retired", need("model"), REFUSED, error(404, ERROR), says="404")
    needed = where(lambda a: a.number == 1, error(400, ERROR))
    yield Mutation("thoughts-wanted-back", need("turns-without-thoughts"), REFUSED, needed, says="400")
    yield Mutation("null-content-refused", need("null-content"), REFUSED, error(400, ERROR), says="400")
    yield Mutation(
        "cancel-busy", need("cancel"), REFUSED, where(lambda a: a.number == 1, error(409, ERROR)), says="409"
    )
    yield Mutation("unknown-parameter-fatal", need("unknown-parameter"), BROKEN, error(500, ERROR), says="server error")


def thoughts(off: Requirement, on: Requirement) -> Iterator[Mutation]:
    yield Mutation("thinking-off-ignored", off, IGNORED, message(reasoning_content="Hm."), says="thinks")
    yield Mutation("thinking-off-in-content", off, IGNORED, saying("<think>Hm.</think>9"), says="thinks")

    def into_content(one: Any) -> None:
        said = one["message"]
        said["content"] = f"<think>{said.pop('reasoning_content', 'Hm.')}</think>{said['content']}"

    yield Mutation("thinking-in-content", on, DIFFERS, choice(into_content), says="stands in content")
    unseen = choice(lambda c: c["message"].pop("reasoning_content"))
    yield Mutation("thinking-unseen", on, DIFFERS, unseen, says="not shown")
    never = all_of(unseen, body(lambda b: b["usage"].pop("completion_tokens_details")))
    yield Mutation("thinking-never", on, IGNORED, never, says="not think")


def embeddings(need: Callable[..., Requirement]) -> Iterator[Mutation]:
    def row(name: str, outcome: Outcome, answers: Change, says: str = "", feature: str = "embeddings") -> Mutation:
        return Mutation(f"{feature}-{name}", need(feature), outcome, answers, says=says)

    yield row("swapped", DIFFERS, vectors(lambda v: v[::-1]), "another order")
    yield row("numbered-backwards", DIFFERS, body(lambda b: b["data"].reverse()), "order of index")
    yield row("numbered-0", DIFFERS, body(lambda b: [r.update(index=0) for r in b["data"]]), "order of index")
    other = vectors(lambda v: [[-x for x in v[0][:64]] + v[0][64:]] if len(v) == 1 else v)
    yield row("another-each-time", DIFFERS, other, "different vectors")
    yield row("not-normalised", DIFFERS, vectors(lambda v: [[3 * x for x in one] for one in v]), "not normalised")
    yield row("all-the-same", DIFFERS, vectors(lambda v: [v[0]] * len(v)), "same vector")
    yield row("too-short", IGNORED, vectors(lambda v: [one[:8] for one in v]), "dimensions wanted")
    yield row("not-finite", DIFFERS, vectors(lambda v: [[float("nan"), *one[1:]] for one in v]), "finite")
    yield row("empty", BROKEN, body(lambda b: b.update(data=[])), "ValueError")
    yield row("null", BROKEN, body(lambda b: b.update(data=None)), "None")
    yield row("one-missing", DIFFERS, body(lambda b: b["data"].pop()), "for")
    yield row("no-embedding", BROKEN, body(lambda b: [r.pop("embedding") for r in b["data"]]), "no embedding")

    def coded(name: str, outcome: Outcome, answers: Change, says: str) -> Mutation:
        return row(name, outcome, answers, says, "embeddings-base64")

    yield coded("doubles", DIFFERS, each_coded(lambda v: encoded(v, "d")), "64-bit")
    yield coded("floats", IGNORED, each_coded(as_it_is), "list of numbers")
    yield coded("off-by-a-little", DIFFERS, each_coded(lambda v: encoded([x + 1e-3 for x in v])), "different vectors")
    yield coded(
        "big-endian", DIFFERS, each_coded(lambda v: base64.b64encode(struct.pack(f">{len(v)}f", *v)).decode()), ""
    )
    yield coded("no-base64", DIFFERS, each_coded(lambda v: "no base64!"), "no base64")
    yield coded(
        "refused", REFUSED, where(lambda a: a.sent.get("encoding_format") == "base64", error(400, ERROR)), "400"
    )
    yield Mutation(
        "embeddings-dimensions-ignored",
        need("embeddings-dimensions"),
        IGNORED,
        heeds=without("dimensions"),
        says="wanted",
    )
    yield Mutation(
        "embeddings-dimensions-cut-only",
        need("embeddings-dimensions"),
        DIFFERS,
        vectors(lambda v: [[x / 2 for x in one] for one in v]),
        says="not normalised",
    )
    yield Mutation(
        "embeddings-batch-cut",
        need("embeddings-batch", value=5),
        DIFFERS,
        body(lambda b: b.update(data=b["data"][:3])),
        says="3",
    )


def listings(need: Callable[..., Requirement]) -> Iterator[Mutation]:
    listed = need("models")
    yield Mutation("models-key", listed, DIFFERS, body(lambda b: b.update(models=b.pop("data", []))), says="empty list")
    yield Mutation("models-bare-list", listed, DIFFERS, instead(200, JSON, b'[{"id": "x"}]'), says="AttributeError")
    yield Mutation("models-null", listed, DIFFERS, body(lambda b: b.update(data=None)), says="empty list")
    yield Mutation(
        "models-nameless", listed, DIFFERS, body(lambda b: [r.pop("id") for r in b.get("data", ())]), says="id"
    )
    yield Mutation("models-page", listed, BROKEN, instead(200, HTML, PAGE), says="web page")
    yield Mutation("models-absent", listed, REFUSED, error(404, ERROR), says="404")


def errors(need: Callable[..., Requirement], model: str) -> Iterator[Mutation]:
    def key(name: str, outcome: Outcome, answers: Change, says: str, feature: str = "bad-key") -> Mutation:
        return Mutation(f"{feature}-{name}", need(feature), outcome, answers, says=says)

    yield key("accepted", DIFFERS, _any_key, "is accepted")
    yield key("accepted", DIFFERS, _any_key, "is accepted", "no-key")
    yield key("400", DIFFERS, where(failed, error(400, ERROR)), "no AuthenticationError")
    yield key("200", DIFFERS, where(failed, error(200, ERROR)), "does not see")
    yield key("error-text", DIFFERS, where(failed, error(401, {"error": "bad key"})), "string")
    yield key("no-json", DIFFERS, where(failed, instead(401, "text/plain", b"Unauthorized")), "no JSON")
    yield key("page", BROKEN, where(failed, instead(401, HTML, PAGE)), "web page")
    unknown = need("unknown-model")
    yield Mutation("unknown-model-served", unknown, IGNORED, heeds=_known_model(model), says="is served as")
    yield Mutation("unknown-model-200", unknown, DIFFERS, where(failed, error(200, ERROR)), says="something is wrong")
    plain = where(failed, instead(404, "text/plain", b"not found"))
    yield Mutation("unknown-model-text", unknown, DIFFERS, plain, says="no JSON")

    def bad(name: str, outcome: Outcome, answers: Change, says: str) -> Mutation:
        return Mutation(f"bad-request-{name}", need("bad-request"), outcome, where(failed, answers), says=says)

    yield bad("accepted", IGNORED, error(200, COMPLETION), "accepted")
    yield bad("501", DIFFERS, error(501, ERROR), "InternalServerError")
    yield bad("404", DIFFERS, error(404, ERROR), "NotFoundError")
    yield bad("detail", DIFFERS, error(422, {"detail": [{"loc": ["body"], "msg": "field required"}]}), "detail")
    yield bad("error-text", DIFFERS, error(400, {"error": "bad request"}), "string")
    yield bad("no-json", DIFFERS, instead(400, "text/plain", b"Bad Request"), "no JSON")
    yield bad("empty", DIFFERS, instead(400, JSON, b""), "no JSON")
    moved = need("endpoint", value="responses")
    yield Mutation("endpoint-absent", moved, REFUSED, error(404, {"detail": "Not Found"}), says="no responses")
    yield Mutation("endpoint-wrong-method", moved, REFUSED, error(405, {"detail": "Method Not Allowed"}), says="405")
    yield Mutation("endpoint-other-shape", moved, BROKEN, error(200, {"answer": "hello"}), says="output")


def mutations(
    need: Callable[..., Requirement], thinking_off: Requirement, thinking: Requirement, model: str
) -> tuple[Mutation, ...]:
    """Return all of them; ``need`` makes a requirement of a feature, with the model that the right server has."""
    return (
        *whole(need("chat")),
        *usage(need("usage")),
        *streams(need("stream"), need("stream-usage"), need("stream-timing")),
        *tools(need),
        *formats(need),
        *effects(need),
        *thoughts(thinking_off, thinking),
        *embeddings(need),
        *listings(need),
        *errors(need, model),
    )
