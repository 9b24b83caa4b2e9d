"""How the answers to the probes are judged.

Judges look at the wire as the OpenAI SDK consumes it, never at the model's wit: an answer passes when the SDK would
hand the caller what OpenAI's would, and a feature counts only when its *effect* is seen: a 200 proves nothing.
All are pure: requirement and responses in, outcome and evidence out.
"""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from llm_codemods.report import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.schema import violation
from llm_migrate.live.wire import Response

Judgement = tuple[Outcome, Text]

NO_MODEL = "llm-migrate-no-such-model"
_FINISH = ("stop", "length", "tool_calls", "content_filter", "function_call")

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Name of the city"}},
            "required": ["city"],
        },
    },
}
TIME = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Get the local time of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Name of the city"}},
            "required": ["city"],
        },
    },
}
# The prompt below asks for a color and a count that this schema forbids.
SCHEMA = {
    "type": "object",
    "properties": {
        "color": {"type": "string", "enum": ["red", "green"]},
        "count": {"type": "integer"},
    },
    "required": ["color", "count"],
    "additionalProperties": False,
}
TEXTS = ["The cat sleeps.", "Prices rose by three percent."]


# --- what every judge looks at first ----------------------------------------------------------------------------------


def _also(texts: Sequence[Text]) -> Text:
    """Join statements into one."""
    whole = texts[0]
    for more in texts[1:]:
        whole = text("{first}; {second}", first=whole, second=more)
    return whole


def _clip(value: object, size: int = 160) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return line if len(line) <= size else line[: size - 1] + "…"


def error_of(response: Response) -> tuple[str, str]:
    """Return code and message of an error body as the SDK finds them: in ``error``, else at the top level."""
    try:
        body = response.json()
    except ValueError:
        return "", _clip(response.body.decode("utf-8", "replace"))
    inner = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(inner, dict):
        return "", _clip(inner)
    code, message = inner.get("code") or inner.get("type") or "", inner.get("message") or inner.get("detail") or ""
    return _clip(code, 60), _clip(message or json.dumps(inner, ensure_ascii=False))


def _said(response: Response) -> Text:
    code, message = error_of(response)
    if code:
        return text("{status} {code}: {message}", status=response.status, code=code, message=message)
    return text("{status}: {message}", status=response.status, message=message)


def _unusable(response: Response) -> Judgement | None:
    """Judge what comes before any JSON of interest; None when there is a body to look into."""
    if response.cut:
        return Outcome.BROKEN, text(
            "the answer is longer than {size} bytes; not read to its end", size=len(response.body)
        )
    if 300 <= response.status < 400:
        where = _clip(response.headers.get("location", "?"))
        return Outcome.BROKEN, text("redirects to {where}; not followed, the key was not sent there", where=where)
    if response.is_html:
        return Outcome.BROKEN, text(
            "{status} with a web page instead of JSON; the base URL may lack its path (such as /v1)",
            status=response.status,
        )
    return None


def _refusal(response: Response) -> Judgement | None:
    """Judge an answer that is no success; None for a 2xx that can be looked into."""
    if unusable := _unusable(response):
        return unusable
    if 200 <= response.status < 300:
        return None
    if response.status == 429:
        return Outcome.SKIPPED, text("not proven, the endpoint limits the rate: {said}", said=_said(response))
    if response.status >= 500 and response.status != 501:
        return Outcome.BROKEN, text("server error {said}", said=_said(response))
    return Outcome.REFUSED, _said(response)


def _body(response: Response) -> dict[str, Any] | Judgement:
    """Return the JSON object of a success, or what is wrong instead."""
    if refusal := _refusal(response):
        return refusal
    try:
        body = response.json()
    except ValueError:
        return Outcome.BROKEN, text(
            "{status}, but no JSON: {start}",
            status=response.status,
            start=_clip(response.body[:80].decode("utf-8", "replace")),
        )
    if not isinstance(body, dict):
        return Outcome.BROKEN, text("{status}, but the body is no JSON object", status=response.status)
    if body.get("error") or (body.get("choices") is None and body.get("data") is None):
        code, message = error_of(response)
        return Outcome.BROKEN, text(
            "{status} with no result in it ({code} {message}); the SDK raises nothing and the caller gets None",
            status=response.status,
            code=code,
            message=message,
        )
    return body


def _message(response: Response) -> tuple[dict[str, Any], str | None, list[Text]] | Judgement:
    """Return message, finish_reason and deviations of a chat completion, or why there is none."""
    body = _body(response)
    if isinstance(body, tuple):
        return body
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return Outcome.BROKEN, text("{status}, but choices is not a list with something in it", status=response.status)
    message = choices[0].get("message")
    if not isinstance(message, dict):
        return Outcome.BROKEN, text("choices[0] has no message; the SDK hands None to the caller")
    wrong = [
        text("{field} is {found}", field=field, found=_clip(repr(found), 60))
        for field, found, right in (
            ("id", body.get("id"), isinstance(body.get("id"), str)),
            ("object", body.get("object"), body.get("object") == "chat.completion"),
            ("created", body.get("created"), type(body.get("created")) is int),
            ("model", body.get("model"), isinstance(body.get("model"), str)),
            ("choices[0].index", choices[0].get("index"), choices[0].get("index") == 0),
            ("message.role", message.get("role"), message.get("role") == "assistant"),
            ("finish_reason", choices[0].get("finish_reason"), choices[0].get("finish_reason") in _FINISH),
        )
        if not right
    ]
    return message, choices[0].get("finish_reason"), wrong


def _counts(usage: object) -> bool:
    return isinstance(usage, dict) and all(
        type(usage.get(key)) is int for key in ("prompt_tokens", "completion_tokens", "total_tokens")
    )


def _verdict(wrong: Sequence[Text], right: Text) -> Judgement:
    return (Outcome.DIFFERS, _also(wrong)) if wrong else (Outcome.WORKS, right)


# --- judges -----------------------------------------------------------------------------------------------------------


def judge_chat(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """One plain answer with text, a known finish_reason and token counts."""
    found = _message(responses[0])
    if len(found) == 2:
        return found
    message, finish, wrong = found
    content = message.get("content")
    if not isinstance(content, str):
        wrong.append(text("content is {found}", found=_clip(repr(content), 60)))
    elif not content:
        wrong.append(
            text("content is empty: reasoning took all tokens")
            if finish == "length" or message.get("reasoning_content")
            else text("content is empty")
        )
    elif "<think>" in content:
        wrong.append(text("the reasoning stands in content"))
    usage = responses[0].json().get("usage")
    if not _counts(usage):
        wrong.append(text("usage has no whole token counts"))
    return _verdict(wrong, text("answers with finish_reason {finish}", finish=finish))


def judge_model(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Whether a model is served at all, by chat or by embeddings."""
    body = _body(responses[0])
    if isinstance(body, tuple):
        return body
    if isinstance(body.get("choices"), list) or isinstance(body.get("data"), list):
        return Outcome.WORKS, text("served as {model}", model=_clip(body.get("model"), 80))
    return Outcome.BROKEN, text("{status}, but neither choices nor data is a list", status=responses[0].status)


def judge_models(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """``models.list()`` reads ``data`` only: another key means an empty list, a bare list AttributeError."""
    if refusal := _refusal(responses[0]):
        return refusal
    try:
        body = responses[0].json()
    except ValueError:
        return Outcome.BROKEN, text("{status}, but no JSON", status=responses[0].status)
    if isinstance(body, list):
        return Outcome.DIFFERS, text("a bare list: the SDK raises AttributeError")
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or not data:
        return Outcome.DIFFERS, text("no data: the SDK takes it for an empty list")
    if not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in data):
        return Outcome.DIFFERS, text("entries of data lack an id")
    return Outcome.WORKS, text("lists {count} models", count=len(data))


def _chunks(response: Response) -> list[dict[str, Any]] | Judgement:
    """Return the chunks of a stream as the SDK would yield them, or why it would not."""
    if refusal := _refusal(response):
        return refusal
    chunks: list[dict[str, Any]] = []
    for data in response.events():
        if data.startswith("[DONE]"):
            break
        try:
            chunk = json.loads(data)
        except ValueError:
            return Outcome.BROKEN, text(
                "an event whose data is {data}: the SDK raises JSONDecodeError", data=_clip(repr(data), 60)
            )
        if not isinstance(chunk, dict):
            return Outcome.BROKEN, text("an event that is no JSON object: {data}", data=_clip(data, 60))
        if chunk.get("error"):
            return Outcome.BROKEN, text("an error in mid-stream: {data}", data=_clip(data))
        chunks.append(chunk)
    if not chunks:
        return Outcome.BROKEN, text(
            "a stream was asked for, but there is no event: the SDK yields nothing and raises nothing ({start})",
            start=_clip(response.body[:60].decode("utf-8", "replace")),
        )
    return chunks


def _stream_deviations(chunks: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Return what the SDK's stream helpers or the usual loop would fall over."""
    wrong: list[Text] = []
    finishes, roles = 0, 0
    for chunk in chunks:
        if not isinstance(chunk.get("choices"), list):
            wrong.append(text("a chunk whose choices is no list: loops over it raise TypeError"))
            break
        for choice in chunk["choices"]:
            delta = choice.get("delta") if isinstance(choice, dict) else None
            if not isinstance(delta, dict):
                wrong.append(text("a choice without delta"))
                return wrong
            finishes += choice.get("finish_reason") is not None
            roles += bool(delta.get("role"))
            if choice.get("finish_reason") not in (None, *_FINISH):
                wrong.append(text("finish_reason is {found}", found=_clip(repr(choice["finish_reason"]), 60)))
            if type(choice.get("index")) is not int:
                wrong.append(text("a choice without index"))
                return wrong
    if any(chunk.get("object") != "chat.completion.chunk" for chunk in chunks):
        wrong.append(text("object is not chat.completion.chunk: .stream() drops such chunks"))
    if finishes == 0:
        wrong.append(text("no finish_reason: a stream cut short looks the same"))
    if roles > 1:
        wrong.append(text("role in {count} deltas: .stream() joins them to one word", count=roles))
    return wrong


def judge_stream_usage(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A stream of text, then one chunk with empty choices and the usage."""
    chunks = _chunks(responses[0])
    if isinstance(chunks, tuple):
        return chunks
    wrong = _stream_deviations(chunks)
    choices = [c for chunk in chunks for c in chunk.get("choices") or () if isinstance(c, dict)]
    words = "".join(str((c.get("delta") or {}).get("content") or "") for c in choices)
    if not words:
        wrong.append(text("no delta has content"))
    counted = [chunk for chunk in chunks if chunk.get("usage")]
    if not counted:
        if any(c.get("usage") for c in choices):
            wrong.append(text("usage stands inside choices[0], where the SDK does not look"))
        elif not wrong:
            return Outcome.IGNORED, text("no chunk carries usage, although include_usage was asked for")
        else:
            wrong.append(text("no chunk carries usage"))
    else:
        if not _counts(counted[-1]["usage"]):
            wrong.append(text("usage has no whole token counts"))
        if len(counted) > 1:
            wrong.append(text("{count} chunks carry usage: adding them up counts twice", count=len(counted)))
        if counted[-1].get("choices"):
            wrong.append(text("the chunk with usage has choices: code that waits for an empty list misses it"))
    return _verdict(wrong, text("{count} chunks, the last one with usage", count=len(chunks)))


def _call_deviations(call: object, tools: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Return what is wrong with one whole tool call."""
    if not isinstance(call, dict) or not isinstance(call.get("function"), dict):
        return [text("a tool call without function")]
    wrong: list[Text] = []
    function = call["function"]
    offered = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}
    if not isinstance(call.get("id"), str) or not call["id"]:
        wrong.append(text("the tool call has no id to answer to"))
    if call.get("type") != "function":
        wrong.append(text("the tool call has no type: .parse() drops it silently"))
    if function.get("name") not in offered:
        wrong.append(text("calls {name}, which was not offered", name=_clip(repr(function.get("name")), 60)))
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        return [*wrong, text("arguments is an object, not a JSON string: json.loads raises TypeError")]
    try:
        value = json.loads(arguments)
    except ValueError:
        return [*wrong, text("arguments is no JSON: {found}", found=_clip(arguments, 60))]
    if function.get("name") in offered and (broken := violation(value, offered[function["name"]])):
        wrong.append(text("arguments do not fit the schema: {broken}", broken=broken))
    return wrong


def _called(response: Response) -> tuple[list[Any], str | None, list[Text]] | Judgement:
    """Return tool calls, finish_reason and deviations, or the judgement where there is no call."""
    found = _message(response)
    if len(found) == 2:
        return found
    message, finish, wrong = found
    calls = message.get("tool_calls")
    if isinstance(calls, list) and calls:
        return calls, finish, wrong
    content = str(message.get("content") or "")
    if "tool_call>" in content or '"arguments"' in content:
        return Outcome.DIFFERS, text("the call is written into content: {content}", content=_clip(content, 80))
    if finish == "length":
        return Outcome.SKIPPED, text("not proven, the token limit came before a call")
    return Outcome.IGNORED, text("prose instead of a call: {content}", content=_clip(content, 80))


def _join_deltas(chunks: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Text]]:
    """Put streamed tool calls together as the SDK does: by index, strings concatenated."""
    calls: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for choice in chunk.get("choices") or ():
            for delta in choice["delta"].get("tool_calls") or ():
                index = delta.get("index") if isinstance(delta, dict) else None
                if type(index) is not int:
                    return [], [text("streamed tool calls have no index: .stream() raises TypeError")]
                call = calls.setdefault(index, {"id": "", "type": None, "function": {"name": "", "arguments": ""}})
                call["id"] += str(delta.get("id") or "")
                call["type"] = delta.get("type") or call["type"]
                function = delta.get("function") or {}
                call["function"]["name"] += str(function.get("name") or "")
                arguments = function.get("arguments") or ""
                if not isinstance(arguments, str):
                    return [], [text("streamed arguments are an object, not pieces of a JSON string")]
                call["function"]["arguments"] += arguments
    if calls and min(calls) != 0:
        return [], [text("streamed tool calls start at index {index}: .stream() raises IndexError", index=min(calls))]
    return [calls[index] for index in sorted(calls)], []


def judge_tools(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A call to the offered tool, first whole, then streamed."""
    found = _called(responses[0])
    if len(found) == 2:
        return found
    calls, finish, wrong = found
    wrong = [*wrong, *_call_deviations(calls[0], [WEATHER])]
    if finish != "tool_calls":
        wrong.append(text("finish_reason is {found} although a tool is called", found=_clip(repr(finish), 60)))
    if wrong or len(responses) == 1:
        return _verdict(wrong, text("calls {name}", name="get_weather"))
    chunks = _chunks(responses[1])
    if isinstance(chunks, tuple):
        outcome, why = chunks
        return outcome, text("whole it works, streamed not: {why}", why=why)
    wrong = _stream_deviations(chunks)
    if not wrong:
        streamed, wrong = _join_deltas(chunks)
        if not wrong:
            if not streamed:
                return Outcome.DIFFERS, text("whole it works, the stream has no call")
            wrong = _call_deviations(streamed[0], [WEATHER])
    return _verdict(
        [text("streamed: {why}", why=_also(wrong))] if wrong else (),
        text("calls {name}, whole and streamed", name="get_weather"),
    )


def judge_forced_tool(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A call to the tool that was named, although the prompt is about the other one.

    OpenAI ends a forced call with finish_reason ``stop``, others with ``tool_calls``; both are taken.
    """
    found = _called(responses[0])
    if len(found) == 2:
        return found
    calls, _finish, wrong = found
    wrong = [*wrong, *_call_deviations(calls[0], [WEATHER, TIME])]
    if not wrong and calls[0]["function"]["name"] != "get_time":
        return Outcome.IGNORED, text(
            "tool_choice names get_time, but {name} is called", name=calls[0]["function"]["name"]
        )
    return _verdict(wrong, text("calls the tool that tool_choice names"))


def _json_content(response: Response) -> tuple[Any, list[Text], str | None] | Judgement:
    """Return the JSON object in content, or the judgement where content is none."""
    found = _message(response)
    if len(found) == 2:
        return found
    message, finish, wrong = found
    content = message.get("content")
    if not isinstance(content, str) or not content:
        return Outcome.DIFFERS, text("content is {found}", found=_clip(repr(content), 60))
    try:
        return json.loads(content), wrong, finish
    except ValueError:
        pass
    if finish == "length":
        return Outcome.SKIPPED, text("not proven, the token limit came before the end of the JSON")
    if content.lstrip().startswith("```"):
        return Outcome.IGNORED, text("JSON in a Markdown fence: json.loads and .parse() fail")
    return Outcome.IGNORED, text("no JSON in content: {content}", content=_clip(content, 80))


def judge_json_object(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Content that is one bare JSON object."""
    found = _json_content(responses[0])
    if len(found) == 2:
        return found
    value, wrong, _finish = found
    if not isinstance(value, dict):
        return Outcome.IGNORED, text("content is JSON, but no object: {content}", content=_clip(value, 80))
    return _verdict(wrong, text("content is a JSON object"))


def judge_json_schema(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """Content that satisfies the schema although the prompt asks for what the schema forbids."""
    found = _json_content(responses[0])
    if len(found) == 2:
        return found
    value, wrong, _finish = found
    if broken := violation(value, SCHEMA):
        return Outcome.IGNORED, text("the schema is not enforced: {broken}", broken=broken)
    return _verdict(wrong, text("the schema is enforced against the prompt"))


def _vectors(response: Response) -> list[Any] | Judgement:
    """Return the raw embeddings in the order of the texts, or what is wrong."""
    body = _body(response)
    if isinstance(body, tuple):
        return body
    data = body.get("data")
    if not isinstance(data, list) or not data:
        return Outcome.BROKEN, text("no data: the SDK raises ValueError")
    if not all(isinstance(row, dict) and "embedding" in row for row in data):
        return Outcome.BROKEN, text("entries of data have no embedding")
    if len(data) != len(TEXTS):
        return Outcome.DIFFERS, text("{count} embeddings for {texts} texts", count=len(data), texts=len(TEXTS))
    if [row.get("index") for row in data] != list(range(len(data))):
        return Outcome.DIFFERS, text("data is not in the order of index: callers that zip it mix up their texts")
    return [row["embedding"] for row in data]


def _is_vector(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(x) in (int, float) for x in value)


def _sizes(vectors: Sequence[Sequence[float]], wanted: int | None) -> Judgement:
    sizes = {len(v) for v in vectors}
    if len(sizes) > 1:
        return Outcome.DIFFERS, text("vectors of different sizes")
    size = sizes.pop()
    if wanted is not None and size != wanted:
        return Outcome.IGNORED, text("{wanted} dimensions wanted, {size} came", wanted=wanted, size=size)
    return Outcome.WORKS, text("{size} dimensions", size=size)


def judge_embeddings(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """Two vectors of floats, in order, of the size that was wanted."""
    vectors = _vectors(responses[0])
    if isinstance(vectors, tuple):
        return vectors
    if not all(map(_is_vector, vectors)):
        return Outcome.DIFFERS, text("float was asked for, but embedding is no list of numbers")
    return _sizes(vectors, requirement.dimensions)


def judge_embeddings_base64(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """What the SDK sends when the code says nothing: base64 of float32, equal to the list of floats.

    The floats are asked for twice: a server that gives other vectors to the same texts, under load for instance, proves
    nothing about base64.
    """
    coded, plain, again = map(_vectors, responses)
    if isinstance(coded, tuple):
        return coded
    if isinstance(plain, tuple):
        outcome, why = plain
        return (Outcome.SKIPPED if outcome is Outcome.REFUSED else outcome), text(
            "not proven, there is no float answer to compare: {why}", why=why
        )
    if all(map(_is_vector, coded)):
        return Outcome.IGNORED, text("base64 was asked for, a list of numbers came; the Python SDK takes both")
    try:
        decoded = [_floats(value) for value in coded]
    except (TypeError, ValueError, struct.error):
        return Outcome.DIFFERS, text("embedding is no base64 of 32-bit floats")
    if not all(map(_is_vector, plain)):
        return Outcome.DIFFERS, text("float was asked for, but embedding is no list of numbers")
    if isinstance(again, list) and not _alike(plain, again):
        return Outcome.SKIPPED, text("not proven: the same texts gave different vectors when asked twice")
    for left, right in zip(decoded, plain, strict=True):
        if len(left) == 2 * len(right):
            return Outcome.DIFFERS, text("base64 of 64-bit floats: the SDK reads garbage of double length")
    if not _alike(decoded, plain):
        return Outcome.DIFFERS, text("base64 and float give different vectors")
    return _sizes(decoded, requirement.dimensions)


def _alike(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> bool:
    return all(
        len(left) == len(right) and all(map(math.isfinite, left)) and _cosine(left, right) >= 0.999
        for left, right in zip(one, other, strict=True)
    )


def _floats(value: Any) -> tuple[float, ...]:
    raw = base64.b64decode(value, validate=True)
    return struct.unpack(f"<{len(raw) // 4}f", raw)


def _cosine(left: Sequence[float], right: Sequence[float]) -> float:
    lengths = math.sqrt(sum(x * x for x in left)) * math.sqrt(sum(x * x for x in right))
    return sum(x * y for x, y in zip(left, right, strict=True)) / lengths if lengths else 0.0


def judge_bad_key(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A wrong key must end in AuthenticationError or PermissionDeniedError, with a JSON body that says why."""
    response = responses[0]
    if unusable := _unusable(response):
        return unusable
    if response.status < 300:
        try:
            body = response.json()
        except ValueError:
            body = None
        if isinstance(body, dict) and body.get("choices") is None and body.get("data") is None:
            return Outcome.DIFFERS, text(
                "a wrong key gives {status} and an error the SDK does not see", status=response.status
            )
        return Outcome.DIFFERS, text("any key is accepted")
    if response.status == 429 or response.status >= 500:
        refusal = _refusal(response)
        return refusal or (Outcome.BROKEN, _said(response))
    if response.status not in (401, 403):
        return Outcome.DIFFERS, text("a wrong key is no AuthenticationError: {said}", said=_said(response))
    if not _has_message(response):
        return Outcome.DIFFERS, text("{status}, but no JSON error with a message", status=response.status)
    return Outcome.WORKS, _said(response)


def judge_unknown_model(_: Requirement, responses: Sequence[Response]) -> Judgement:
    """A model that does not exist must be refused, or a misspelt name costs money unnoticed."""
    response = responses[0]
    if unusable := _unusable(response):
        return unusable
    if response.status < 300:
        found = _body(response)
        if isinstance(found, tuple):
            return Outcome.DIFFERS, found[1]
        return Outcome.IGNORED, text(
            "{asked} is served as {model}", asked=NO_MODEL, model=_clip(found.get("model"), 80)
        )
    if response.status == 429 or response.status >= 500:
        refusal = _refusal(response)
        return refusal or (Outcome.BROKEN, _said(response))
    if not _has_message(response):
        return Outcome.DIFFERS, text("{status}, but no JSON error with a message", status=response.status)
    return Outcome.WORKS, _said(response)


def _has_message(response: Response) -> bool:
    try:
        body = response.json()
    except ValueError:
        return False
    inner = body.get("error", body) if isinstance(body, dict) else None
    return bool(inner.get("message")) if isinstance(inner, dict) else bool(inner)
