"""How a provider answers, as its profile says: request bodies in, answers out, nothing of a server in it.

It refuses what the profile says the provider refuses, drops what it ignores, and is deterministic. It says nothing of
the provider that the profile does not say: it is no evidence.
"""

from __future__ import annotations

import ast
import base64
import datetime
import hashlib
import json
import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_codemods.profile import Action, ErrorShape, Model, Parameter, Profile, Status, Thinking
from llm_migrate.live.claims import is_retired
from llm_migrate.live.schema import sample

REFUSED_KEYS = ("sk-wrong", "invalid", "sk-proj-")
"""Keys that start so are refused, and an empty one; every other key is taken. ``sk-proj-`` marks a key of OpenAI."""

_CREATED = 1_700_000_000
_SIZE = 1024
_HONOURED = (Status.SAME, Status.LIMITED, Status.UNKNOWN)


class RefusalError(Exception):
    """The provider would answer with an error: HTTP status and JSON body."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        """Keep what goes over the wire."""
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Reply:
    """One choice of a chat completion before it takes its shape on the wire."""

    content: str | None
    reasoning: str | None = None
    calls: tuple[tuple[str, str, str], ...] = ()
    """Id, name and arguments of each tool call."""
    finish: str = "stop"


def refusal(profile: Profile, kind: str, *, model: str = "", parameter: str = "") -> RefusalError:
    """Return the error of a kind (a key of ``profile.errors``) with its places filled; OpenAI's where none is known."""
    for name in (kind, _FALLBACK.get(kind, "bad-parameter")):
        if name in profile.errors:
            row: ErrorShape = profile.errors[name]
            return RefusalError(row.status, _fill(row.body, {"model": model, "parameter": parameter}))
    status, code, message = _OPENAI.get(kind, _OPENAI["bad-parameter"])
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return RefusalError(status, {"error": _fill(error, {"model": model, "parameter": parameter})})


_FALLBACK = {
    "retired-model": "unknown-model",
    "unknown-model": "unknown-model",
    "bad-key": "bad-key",
    "no-endpoint": "no-endpoint",
}
_OPENAI = {
    "bad-key": (401, "invalid_api_key", "the API key is not valid"),
    "unknown-model": (404, "model_not_found", "there is no model {model}"),
    "retired-model": (404, "model_not_found", "there is no model {model}"),
    "bad-parameter": (400, "invalid_parameter_error", "parameter {parameter} is not valid"),
    "no-endpoint": (404, "not_found", "there is nothing at this address"),
}


def _fill(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {k: _fill(v, places) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fill(v, places) for v in value]
    if isinstance(value, str):
        for name, filling in places.items():
            value = value.replace("{" + name + "}", filling)
    return value


def check_key(profile: Profile, authorization: str | None) -> None:
    """Take any bearer key but an empty one and those of ``REFUSED_KEYS``.

    Raises:
        RefusalError: the profile's ``bad-key`` error.
    """
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip() or key.strip().startswith(REFUSED_KEYS):
        raise refusal(profile, "bad-key")


# --- what is refused --------------------------------------------------------------------------------------------------


def _feature(profile: Profile, name: str) -> Status | None:
    row = profile.features.get(name)
    return None if row is None else row.status


def _model(profile: Profile, body: Mapping[str, Any], kind: str, today: datetime.date | None) -> Model | None:
    """Return the model's row; None where the profile lists no models or serves unknown ones."""
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise refusal(profile, "bad-parameter", parameter="model")
    row = profile.models.get(name)
    if row is None:
        if not profile.models or _feature(profile, "unknown-model") is Status.IGNORED:
            return None
        raise refusal(profile, "unknown-model", model=name)
    if is_retired(profile, name, today):
        raise refusal(profile, "retired-model", model=name)
    if row.kind != kind:
        raise refusal(profile, "unknown-model", model=name)
    return row


def _spellings(name: str, value: Any) -> set[str]:
    """Return what a row's ``values`` may call this value: objects go by their type."""
    if name == "tool_choice" and isinstance(value, Mapping):
        return {"named", "function", str(value.get("type"))}
    if isinstance(value, Mapping):
        return {str(value.get("type"))}
    return {str(value), str(value).lower()}


def _is_refused(row: Parameter, name: str, value: Any) -> bool:
    listed = bool(row.values) and (
        all(str(v) in row.values for v in value)
        if isinstance(value, list)
        else bool(_spellings(name, value) & set(row.values))
    )
    if row.status is Status.REJECTED:
        return not listed
    if row.status is not Status.LIMITED:
        return False
    if row.values and not listed:
        return True
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return (row.minimum is not None and (value < row.minimum or (row.exclusive_minimum and value == row.minimum))) or (
        row.maximum is not None and (value > row.maximum or (row.exclusive_maximum and value == row.maximum))
    )


def _honoured(profile: Profile, endpoint: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body without what has no effect.

    Raises:
        RefusalError: a parameter, or its value, is one the provider refuses.
    """
    kept: dict[str, Any] = {}
    for name, value in body.items():
        if value is None:
            continue
        row = profile.parameter(endpoint, name, str(body.get("model")))
        if row is not None and _is_refused(row, name, value) and not _is_decided(profile, name, value):
            raise refusal(profile, "bad-parameter", parameter=name)
        if row is None or row.status in (*_HONOURED, Status.REJECTED):
            kept[name] = value
    return kept


def _feature_of(name: str, value: Any) -> str | None:
    """Return the feature that a parameter's value asks for."""
    if name == "tool_choice" and isinstance(value, Mapping):
        return "forced-tool"
    if name == "tool_choice" and value == "required":
        return "required-tool"
    if name == "response_format" and isinstance(value, Mapping):
        return {"json_object": "json-object", "json_schema": "json-schema"}.get(str(value.get("type")))
    return {"tools": "tools", "encoding_format": "embeddings-base64" if value == "base64" else None}.get(name)


def _is_decided(profile: Profile, name: str, value: Any) -> bool:
    """Whether a feature's row speaks of this value, so that the parameter's list of literal strings does not."""
    feature = _feature_of(name, value)
    stated = None if feature is None else _feature(profile, feature)
    holds = isinstance(value, Mapping) and stated in (Status.SAME, Status.LIMITED)
    return holds or stated is Status.IGNORED


def _is_ignored(profile: Profile, name: str, value: Any) -> bool:
    feature = _feature_of(name, value)
    return feature is not None and _feature(profile, feature) is Status.IGNORED


def _check_features(profile: Profile, model: Model | None, body: dict[str, Any]) -> None:
    for name, value in body.items():
        feature = _feature_of(name, value)
        if feature is None:
            continue
        stated = _feature(profile, feature)
        lacks = model is not None and (
            (feature == "json-schema" and model.json_schema is False) or (name == "tools" and model.tools is False)
        )
        if stated is Status.REJECTED or (lacks and stated is not Status.IGNORED):
            raise refusal(profile, "bad-parameter", parameter=name)


def _check_messages(profile: Profile, model: Model | None, messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise refusal(profile, "bad-parameter", parameter="messages")
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise refusal(profile, "bad-parameter", parameter="messages")
        row = profile.roles.get(message["role"])
        if row is not None and row.status is Status.REJECTED:
            raise refusal(profile, "bad-parameter", parameter=f"messages.role ({message['role']})")
        parts = message.get("content")
        images = isinstance(parts, list) and any(isinstance(p, dict) and p.get("type") == "image_url" for p in parts)
        if images and model is not None and model.vision is False:
            raise refusal(profile, "bad-parameter", parameter="messages.content (image_url)")
    _check_shapes(profile, messages)


def _check_shapes(profile: Profile, messages: Sequence[Mapping[str, Any]]) -> None:
    """Refuse shapes of messages that the profile says are refused."""
    roles = [message["role"] for message in messages]
    if _feature(profile, "several-system-messages") is Status.REJECTED and roles.count("system") > 1:
        raise refusal(profile, "bad-parameter", parameter="messages.role (several times system)")
    if _feature(profile, "late-system-message") is Status.REJECTED and "system" in roles[roles.count("system") :]:
        raise refusal(profile, "bad-parameter", parameter="messages.role (system behind others)")
    for message in messages:
        content = message.get("content", "")
        if content is None and _feature(profile, "null-content") is Status.REJECTED:
            raise refusal(profile, "bad-parameter", parameter="messages.content (null)")
        empty = content == "" and "content" in message and "tool_calls" not in message
        if empty and _feature(profile, "empty-content") is Status.REJECTED:
            raise refusal(profile, "bad-parameter", parameter="messages.content (empty)")


def _check_json(profile: Profile, asked: Mapping[str, Any]) -> None:
    """Refuse to answer in JSON where the messages do not speak of it and the profile says that they must."""
    wanted = _feature_of("response_format", asked.get("response_format")) == "json-object"
    needed = wanted and _feature(profile, "json-without-word") is Status.REJECTED
    if needed and "json" not in " ".join(map(_said, asked["messages"])).lower():
        raise refusal(profile, "bad-parameter", parameter="messages (they must contain the word 'json')")


def _check_thoughts(profile: Profile, messages: Sequence[Mapping[str, Any]]) -> None:
    """Refuse turns that called tools and come back without their thoughts, where the profile says that it is so."""
    row = profile.features.get("turns-without-thoughts")
    needed = row is not None and row.thinking == "off"
    if needed and any(m.get("tool_calls") and not m.get("reasoning_content") for m in messages):
        raise refusal(profile, "bad-parameter", parameter="messages (reasoning_content must be passed back)")


# --- chat -------------------------------------------------------------------------------------------------------------


def chat(profile: Profile, body: Mapping[str, Any], today: datetime.date | None = None) -> Mapping[str, Any]:
    """Answer a chat request that does not stream.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    asked, replies = _replies(profile, body, today)
    return {
        **_head(asked, "chat.completion"),
        "choices": [
            {"index": i, "message": _message(reply), "logprobs": None, "finish_reason": reply.finish}
            for i, reply in enumerate(replies)
        ],
        "usage": _usage(profile, asked, replies),
    }


def chat_stream(profile: Profile, body: Mapping[str, Any], today: datetime.date | None = None) -> Iterator[str]:
    """Return the server-sent events of a streamed chat request; nothing is sent before it is known to be accepted.

    Raises:
        RefusalError: what the provider would answer instead, raised by the call and not by the iterator.
    """
    asked, replies = _replies(profile, body, today)
    usage = _usage(profile, asked, replies) if _counts_usage(profile, asked) else None
    row = profile.response.get("tool_calls.id")
    empty = row is not None and row.status is Status.LIMITED
    return _events(_head(asked, "chat.completion.chunk"), replies, usage, empty=empty)


def streams(profile: Profile, body: Mapping[str, Any]) -> bool:
    """Whether the request asks for a stream and the provider heeds it."""
    row = profile.parameter("chat.completions", "stream", str(body.get("model")))
    return body.get("stream") is True and (row is None or row.status in _HONOURED)


def _counts_usage(profile: Profile, asked: Mapping[str, Any]) -> bool:
    """Whether the stream ends with a usage chunk: when asked for, or always where asking has no effect."""
    if _feature(profile, "stream-usage") in (Status.IGNORED, Status.REJECTED):
        return False
    row = profile.parameter("chat.completions", "stream_options")
    if row is not None and row.status is Status.IGNORED and _feature(profile, "stream-usage") is not None:
        return True
    return bool((asked.get("stream_options") or {}).get("include_usage"))


def _replies(
    profile: Profile, body: Mapping[str, Any], today: datetime.date | None
) -> tuple[dict[str, Any], tuple[Reply, ...]]:
    model = _model(profile, body, "chat", today)
    asked = _honoured(profile, "chat.completions", body)
    _check_messages(profile, model, asked.get("messages"))
    _check_features(profile, model, asked)
    _check_json(profile, asked)
    reasoning = _reasoning(profile, model, asked)
    if reasoning is not None:
        _check_while_thinking(profile, asked)
        _check_thoughts(profile, asked["messages"])
    count = asked.get("n", 1)
    if type(count) is not int or not 1 <= count <= 128:
        raise refusal(profile, "bad-parameter", parameter="n")
    reply = _cut(_reply(profile, asked, reasoning), asked)
    return asked, (reply,) * count


def _reasoning(profile: Profile, model: Model | None, asked: Mapping[str, Any]) -> str | None:
    """Return the reasoning of a model that thinks in this request.

    Raises:
        RefusalError: a model that always thinks is told not to.
    """
    if model is None or model.thinking in (None, Thinking.NONE):
        return None
    off, on = (_has(asked, profile.thinking.get(way)) for way in ("off", "on"))
    if model.thinking is Thinking.ALWAYS and off:
        raise refusal(profile, "bad-parameter", parameter=next(iter(profile.thinking["off"])))
    thinks = model.thinking is Thinking.ALWAYS or on or (model.thinking is Thinking.ON and not off)
    return "This is the emulator; it only pretends to think." if thinks else None


def _check_while_thinking(profile: Profile, asked: Mapping[str, Any]) -> None:
    """Refuse what works only while the model does not think."""
    for name, value in asked.items():
        row = profile.features.get(_feature_of(name, value) or "")
        if row is not None and row.thinking == "off":
            raise refusal(profile, "bad-parameter", parameter=name)


def _has(asked: Mapping[str, Any], entries: Mapping[str, Any] | None) -> bool:
    return bool(entries) and all(asked.get(key) == value for key, value in (entries or {}).items())


def _said(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _reply(profile: Profile, asked: Mapping[str, Any], reasoning: str | None) -> Reply:
    last = asked["messages"][-1]
    tool = _tool(profile, asked, last)
    if tool is not None:
        arguments = json.dumps(sample(tool.get("parameters") or {"type": "object"}), ensure_ascii=False)
        return Reply(
            None, reasoning, ((f"call_{_digest(asked)[:12]}", str(tool.get("name")), arguments),), "tool_calls"
        )
    content = _content(profile, asked, last)
    if reasoning is not None and not _thinks_apart(profile, asked):
        return Reply(f"<think>{reasoning}</think>\n{content}")
    return Reply(content, reasoning)


def _thinks_apart(profile: Profile, asked: Mapping[str, Any]) -> bool:
    """Whether thoughts come beside the answer: where its text differs from OpenAI's, they stand in it unless a row of
    the profile, which has them asked for apart in the body, is heeded."""
    row = profile.response.get("content")
    if row is None or row.status is not Status.LIMITED:
        return True
    rows = profile.parameters.get("chat.completions", {}).values()
    wanted = ((r.to, r.default) for r in rows if r.action is Action.ADD and r.to is not None and r.default is not None)
    return any(asked.get(name) == ast.literal_eval(value) for name, value in wanted)


def _tool(profile: Profile, asked: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the function to call: the one that is forced, else the one whose name the user's words come nearest."""
    tools = asked.get("tools")
    choice: Any = asked.get("tool_choice", "auto")
    if not isinstance(tools, list) or not tools or _feature(profile, "tools") is Status.IGNORED:
        return None
    functions: list[dict[str, Any]] = [
        tool["function"] for tool in tools if isinstance(tool, dict) and isinstance(tool.get("function"), dict)
    ]
    if not functions:
        raise refusal(profile, "bad-parameter", parameter="tools")
    if _is_ignored(profile, "tool_choice", choice):
        choice = "auto"
    if isinstance(choice, Mapping):
        wanted = (choice.get("function") or {}).get("name")
        named = next((f for f in functions if f.get("name") == wanted), None)
        if named is None:
            raise refusal(profile, "bad-parameter", parameter="tool_choice")
        return named
    if choice == "none" or (choice != "required" and last.get("role") != "user"):
        return None
    words = set(re.findall(r"\w+", _said(last).lower()))
    return max(functions, key=lambda f: len(words & set(str(f.get("name", "")).lower().split("_"))))


def _content(profile: Profile, asked: Mapping[str, Any], last: Mapping[str, Any]) -> str:
    form = asked.get("response_format")
    kind = form.get("type") if isinstance(form, Mapping) else None
    if isinstance(form, Mapping) and kind in ("json_object", "json_schema"):
        if _is_ignored(profile, "response_format", form):
            return '```json\n{"emulator": "takes no notice of response_format"}\n```'
        if kind == "json_object":
            return json.dumps({"answer": "hello from the emulator"})
        schema = (form.get("json_schema") or {}).get("schema")
        if not isinstance(schema, Mapping):
            raise refusal(profile, "bad-parameter", parameter="response_format")
        return json.dumps(sample(schema), ensure_ascii=False)
    if last.get("role") == "tool":
        return f"Hello from the emulator of {profile.id}. The tool says: {_said(last)}"
    return f"Hello from the emulator of {profile.id}. You said: {_said(last)}"


def _cut(reply: Reply, asked: Mapping[str, Any]) -> Reply:
    """Honour ``stop`` and the token limit as far as they were kept."""
    content = reply.content
    if content is None:
        return reply
    stops = [asked["stop"]] if isinstance(asked.get("stop"), str) else asked.get("stop") or []
    ends = [content.index(stop) for stop in stops if isinstance(stop, str) and stop and stop in content]
    content = content[: min(ends)] if ends else content
    limit = asked.get("max_tokens") or asked.get("max_completion_tokens")
    pieces = _tokens(content)
    if type(limit) is int and 0 < limit < len(pieces):
        return Reply("".join(pieces[:limit]), reply.reasoning, (), "length")
    return Reply(content, reply.reasoning)


def _tokens(content: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", content)


def _digest(asked: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _head(asked: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{_digest(asked)[:24]}", "object": kind, "created": _CREATED, "model": asked["model"]}


def _usage(profile: Profile, asked: Mapping[str, Any], replies: tuple[Reply, ...]) -> dict[str, Any]:
    prompt = sum(len(_tokens(_said(message))) for message in asked["messages"])
    thought = sum(len(_tokens(reply.reasoning or "")) for reply in replies)
    said = sum(
        len(_tokens(f"{reply.content or ''} {' '.join(' '.join(call) for call in reply.calls)}")) for reply in replies
    )
    answer = thought + said
    usage: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
    details = {
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": thought},
    }
    for name, inner in details.items():
        row = profile.response.get(name)
        if row is not None and row.status is Status.SAME:
            usage[name] = inner
    return usage


def _call(call: tuple[str, str, str]) -> dict[str, Any]:
    return {"id": call[0], "type": "function", "function": {"name": call[1], "arguments": call[2]}}


def _message(reply: Reply) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": reply.content,
        **({"reasoning_content": reply.reasoning} if reply.reasoning else {}),
        **({"tool_calls": [_call(call) for call in reply.calls]} if reply.calls else {}),
    }


def _deltas(reply: Reply, *, empty: bool) -> Iterator[dict[str, Any]]:
    """Yield what the pieces of a stream add; with ``empty`` ids and names in a call's later pieces, or none."""
    yield {"role": "assistant", "content": None if reply.calls else ""}
    for piece in _tokens(reply.reasoning or ""):
        yield {"reasoning_content": piece}
    for piece in _tokens(reply.content or ""):
        yield {"content": piece}
    for index, (identity, name, arguments) in enumerate(reply.calls):
        half = len(arguments) // 2
        start = {"index": index, **_call((identity, name, arguments[:half]))}
        yield {"tool_calls": [start]}
        rest: dict[str, Any] = {"index": index, "function": {"arguments": arguments[half:]}}
        if empty:
            rest = {"index": index, "id": "", "function": {"name": "", "arguments": arguments[half:]}}
        yield {"tool_calls": [rest]}


def _events(
    head: Mapping[str, Any], replies: tuple[Reply, ...], usage: Mapping[str, Any] | None, *, empty: bool
) -> Iterator[str]:
    for index, reply in enumerate(replies):
        for delta in _deltas(reply, empty=empty):
            yield _event({**head, "choices": [{"index": index, "delta": delta, "finish_reason": None}]})
        yield _event({**head, "choices": [{"index": index, "delta": {}, "finish_reason": reply.finish}]})
    if usage is not None:
        yield _event({**head, "choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _event(chunk: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


# --- embeddings and models --------------------------------------------------------------------------------------------


def embeddings(profile: Profile, body: Mapping[str, Any], today: datetime.date | None = None) -> Mapping[str, Any]:
    """Answer an embeddings request with unit vectors made from a hash of each text.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    model = _model(profile, body, "embedding", today)
    asked = _honoured(profile, "embeddings", body)
    _check_features(profile, model, asked)
    texts = _inputs(profile, model, asked.get("input"))
    sizes = model.dimensions if model is not None else ()
    size = asked.get("dimensions", sizes[0] if sizes else _SIZE)
    if type(size) is not int or size < 1 or (sizes and size not in sizes):
        raise refusal(profile, "bad-parameter", parameter="dimensions")
    coded = asked.get("encoding_format") == "base64" and _feature(profile, "embeddings-base64") is not Status.IGNORED
    vectors = [_vector(f"{asked['model']} {given}", size) for given in texts]
    words = sum(len(_tokens(str(given))) for given in texts)
    return {
        "object": "list",
        "model": asked["model"],
        "data": [
            {"object": "embedding", "index": i, "embedding": _base64(vector) if coded else vector}
            for i, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": words, "total_tokens": words},
    }


def _inputs(profile: Profile, model: Model | None, given: Any) -> list[Any]:
    """Return the texts, or lists of token numbers where the profile does not limit ``input``."""
    row = profile.parameter("embeddings", "input")
    if isinstance(given, str) and given:
        return [given]
    if not isinstance(given, list) or not given:
        raise refusal(profile, "bad-parameter", parameter="input")
    items = [given] if all(type(item) is int for item in given) else given
    if not all(isinstance(item, str) and item for item in items) and row is not None and row.status is not Status.SAME:
        raise refusal(profile, "bad-parameter", parameter="input")
    if model is not None and model.batch is not None and len(items) > model.batch:
        raise refusal(profile, "bad-parameter", parameter="input")
    return items


def _vector(seed: str, size: int) -> list[float]:
    """Return a unit vector whose numbers are exact in 32 bits, so that both encodings say the same."""
    noise = hashlib.shake_256(seed.encode()).digest(2 * size)
    numbers = [value / 32768 or 1 / 32768 for value in struct.unpack(f"<{size}h", noise)]
    length = math.sqrt(sum(x * x for x in numbers))
    return list(struct.unpack(f"<{size}f", struct.pack(f"<{size}f", *(x / length for x in numbers))))


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def models(profile: Profile, today: datetime.date | None = None) -> Mapping[str, Any]:
    """Answer the list of models: all that are not retired."""
    return {
        "object": "list",
        "data": [_listed(profile, n) for n in profile.models if not is_retired(profile, n, today)],
    }


def model(profile: Profile, name: str, today: datetime.date | None = None) -> Mapping[str, Any]:
    """Answer the look-up of one model.

    Raises:
        RefusalError: not listed, or retired.
    """
    if name not in profile.models or is_retired(profile, name, today):
        raise refusal(profile, "unknown-model", model=name)
    return _listed(profile, name)


def _listed(profile: Profile, name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": profile.id}
