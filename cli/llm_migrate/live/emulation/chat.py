"""Chat: what is asked, what is replied, and how both look on the wire."""

from __future__ import annotations

import ast
import datetime
import json
from collections.abc import Iterator, Mapping
from typing import Any

from llm_codemods.profile import HOME, Action, Model, Profile, Status, Thinking
from llm_migrate.live.emulation.acceptance import (
    HONOURED,
    check_features,
    check_json,
    check_length,
    check_messages,
    check_thoughts,
    check_while_thinking,
    feature,
    find_model,
    functions,
    honoured,
    is_ignored,
    pictures,
    said,
)
from llm_migrate.live.emulation.refusal import refusal
from llm_migrate.live.emulation.reply import (
    ANY_JSON,
    THOUGHT,
    Call,
    Reply,
    Task,
    digest,
    logprobs,
    replies,
    spoken,
    tokens,
)

CREATED = 1_700_000_000
_CHAT = "chat.completions"
_MOST_CHOICES = 128
_PICTURE = 85
"""Tokens that a picture counts."""


def chat(profile: Profile, body: Mapping[str, Any], today: datetime.date | None = None) -> Mapping[str, Any]:
    """Answer a chat request that does not stream.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    asked, told = _replies(profile, body, today)
    return {
        **_head(profile, asked, "chat.completion"),
        "choices": [
            {"index": i, "message": _message(reply, asked), "logprobs": _logprobs(reply, asked), "finish_reason": end}
            for i, reply in enumerate(told)
            for end in [_finish(reply, asked)]
        ],
        "usage": _usage(profile, asked, told),
    }


def chat_stream(profile: Profile, body: Mapping[str, Any], today: datetime.date | None = None) -> Iterator[str]:
    """Return the server-sent events of a streamed chat request; nothing is sent before it is known to be accepted.

    Raises:
        RefusalError: what the provider would answer instead, raised by the call and not by the iterator.
    """
    asked, told = _replies(profile, body, today)
    usage = _usage(profile, asked, told) if _counts_usage(profile, asked) else None
    row = profile.response.get("tool_calls.id")
    empty = row is not None and row.status is Status.LIMITED
    return _events(_head(profile, asked, "chat.completion.chunk"), asked, told, usage, empty=empty)


def streams(profile: Profile, body: Mapping[str, Any], api: str = _CHAT) -> bool:
    """Whether the request asks for a stream and the provider heeds it."""
    row = profile.parameter(api, "stream", str(body.get("model")))
    return body.get("stream") is True and (row is None or row.status in HONOURED)


def _counts_usage(profile: Profile, asked: Mapping[str, Any]) -> bool:
    """Whether the stream ends with a usage chunk: when asked for, or always where asking has no effect."""
    if feature(profile, "stream-usage") in (Status.IGNORED, Status.REJECTED):
        return False
    row = profile.parameter(_CHAT, "stream_options")
    if row is not None and row.status is Status.IGNORED and feature(profile, "stream-usage") is not None:
        return True
    return bool((asked.get("stream_options") or {}).get("include_usage"))


def _replies(
    profile: Profile, body: Mapping[str, Any], today: datetime.date | None
) -> tuple[dict[str, Any], tuple[Reply, ...]]:
    model = find_model(profile, _CHAT, body.get("model"), today)
    asked = honoured(profile, _CHAT, body)
    check_messages(profile, model, asked.get("messages"))
    check_features(profile, model, asked)
    check_json(profile, asked)
    check_length(profile, model, _prompt(asked))
    thought = reasoning(profile, model, asked)
    if thought is not None:
        check_while_thinking(profile, asked)
        check_thoughts(profile, asked["messages"])
    count = asked.get("n", 1)
    if count > _MOST_CHOICES:
        raise refusal(profile, "bad-parameter", parameter="n")
    return asked, replies(profile, _task(profile, asked, thought), count)


def _task(profile: Profile, asked: Mapping[str, Any], thought: str | None) -> Task:
    last = asked["messages"][-1]
    choice, named = _choice(profile, asked)
    schema, fenced = _form(profile, asked)
    sees = feature(profile, "vision") is not Status.IGNORED
    return Task(
        digest=digest(asked),
        role=last["role"],
        words=said(last.get("content")),
        pictures=pictures(last.get("content")) if sees else (),
        functions=_functions(profile, asked),
        choice=choice,
        named=named,
        eager=not is_ignored(profile, "tool_choice", asked.get("tool_choice")),
        parallel=asked.get("parallel_tool_calls", not _added_false_default(profile)),
        careless=feature(profile, "strict-tools") is Status.IGNORED,
        schema=schema,
        fenced=fenced,
        stops=stops(profile, asked),
        limit=asked.get("max_completion_tokens") or asked.get("max_tokens"),
        seed=asked.get("seed"),
        reasoning=thought,
        apart=_thinks_apart(profile, asked),
    )


def stops(profile: Profile, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words at which to stop."""
    given = asked.get("stop")
    words = [given] if isinstance(given, str) else given or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise refusal(profile, "bad-parameter", parameter="stop")
    return tuple(words)


def _functions(profile: Profile, asked: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    if feature(profile, "tools") is Status.IGNORED:
        return ()
    if not asked.get("tools"):
        row = profile.parameter(_CHAT, "functions")
        old = row is not None and row.status is Status.SAME  # what is not known to be there is not made up
        return tuple(f for f in asked.get("functions") or () if old and isinstance(f, Mapping))
    found = functions(asked)
    if not found:
        raise refusal(profile, "bad-parameter", parameter="tools")
    return found


def _added_false_default(profile: Profile) -> bool:
    """Whether several calls in one turn have to be asked for: the profile has it added to what the code sends."""
    row = profile.parameter(_CHAT, "parallel_tool_calls")
    return row is not None and row.action is Action.ADD and row.default == "True"


def _choice(profile: Profile, asked: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the form of ``tool_choice`` and the name in it."""
    legacy = "functions" in asked and "tools" not in asked
    given: Any = asked.get("function_call" if legacy else "tool_choice", "auto")
    if is_ignored(profile, "tool_choice", given):
        return "auto", None
    if isinstance(given, Mapping):
        function = given if legacy else given.get("function")
        return "named", function.get("name") if isinstance(function, Mapping) else None
    if given not in ("auto", "none", "required"):
        raise refusal(profile, "bad-parameter", parameter="tool_choice")
    return given, None


def _form(profile: Profile, asked: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, bool]:
    """Return the schema that is asked for, and whether it is asked for in vain."""
    form = asked.get("response_format")
    kind = form.get("type") if isinstance(form, Mapping) else None
    if not isinstance(form, Mapping) or kind not in ("json_object", "json_schema"):
        return None, False
    if is_ignored(profile, "response_format", form):
        return None, True
    told = form.get("json_schema")
    schema = ANY_JSON if kind == "json_object" else told.get("schema") if isinstance(told, Mapping) else None
    if not isinstance(schema, Mapping):
        raise refusal(profile, "bad-parameter", parameter="response_format")
    return schema, False


# --- thinking ---------------------------------------------------------------------------------------------------------


def reasoning(profile: Profile, model: Model | None, asked: Mapping[str, Any]) -> str | None:
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
    return THOUGHT if thinks else None


def _has(asked: Mapping[str, Any], entries: Mapping[str, Any] | None) -> bool:
    return bool(entries) and all(asked.get(key) == value for key, value in (entries or {}).items())


def _thinks_apart(profile: Profile, asked: Mapping[str, Any]) -> bool:
    """Whether thoughts come beside the answer: where its text differs from OpenAI's, they stand in it unless a row of
    the profile, which has them asked for apart in the body, is heeded."""
    row = profile.response.get("content")
    if row is None or row.status is not Status.LIMITED:
        return True
    rows = profile.parameters.get(_CHAT, {}).values()
    wanted = ((r.to, r.default) for r in rows if r.action is Action.ADD and r.to is not None and r.default is not None)
    return any(asked.get(name) == ast.literal_eval(value) for name, value in wanted)


# --- the shapes on the wire -------------------------------------------------------------------------------------------


def _head(profile: Profile, asked: Mapping[str, Any], kind: str) -> dict[str, Any]:
    head = {"id": f"chatcmpl-{digest(asked)[:24]}", "object": kind, "created": CREATED, "model": asked["model"]}
    return {**head, **({"system_fingerprint": "fp_emulator"} if _has_field(profile, "system_fingerprint") else {})}


def _has_field(profile: Profile, name: str) -> bool:
    row = profile.response.get(name)
    return row.status is Status.SAME if row is not None else profile.id == HOME


def _prompt(asked: Mapping[str, Any]) -> int:
    contents = [message.get("content") for message in asked["messages"]]
    return sum(len(tokens(said(content))) + _PICTURE * len(pictures(content)) for content in contents)


def _usage(profile: Profile, asked: Mapping[str, Any], told: tuple[Reply, ...]) -> dict[str, Any]:
    prompt = _prompt(asked)
    thought = sum(len(tokens(reply.reasoning or "")) for reply in told)
    answer = thought + sum(map(spoken, told))
    usage: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
    details = {
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": thought},
    }
    return {**usage, **{name: inner for name, inner in details.items() if _has_field(profile, name)}}


def _finish(reply: Reply, asked: Mapping[str, Any]) -> str:
    return "function_call" if reply.calls and "tools" not in asked else reply.finish


def _logprobs(reply: Reply, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    if asked.get("logprobs") is not True or not reply.content:
        return None
    return {"content": logprobs(reply.content, asked.get("top_logprobs", 0)), "refusal": None}


def _call(call: Call, arguments: str | None = None) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments if arguments is None else arguments}
    return {"id": call.id, "type": "function", "function": function}


def _message(reply: Reply, asked: Mapping[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.content}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.calls and "tools" in asked:
        message["tool_calls"] = [_call(call) for call in reply.calls]
    elif reply.calls:
        message["function_call"] = {"name": reply.calls[0].name, "arguments": reply.calls[0].arguments}
    return message


def _deltas(reply: Reply, asked: Mapping[str, Any], *, empty: bool) -> Iterator[dict[str, Any]]:
    """Yield what the pieces of a stream add; with ``empty`` ids and names in a call's later pieces, or none."""
    yield {"role": "assistant", "content": None if reply.calls else ""}
    for piece in tokens(reply.reasoning or ""):
        yield {"reasoning_content": piece}
    for piece in tokens(reply.content or ""):
        yield {"content": piece}
    for index, call in enumerate(reply.calls):
        half = len(call.arguments) // 2
        start, end = call.arguments[:half], call.arguments[half:]
        if "tools" not in asked:
            yield {"function_call": {"name": call.name, "arguments": start}}
            yield {"function_call": {"arguments": end}}
            return
        yield {"tool_calls": [{"index": index, **_call(call, start)}]}
        if empty:
            yield {"tool_calls": [{"index": index, "id": "", "function": {"name": "", "arguments": end}}]}
        else:
            yield {"tool_calls": [{"index": index, "function": {"arguments": end}}]}


def _events(
    head: Mapping[str, Any],
    asked: Mapping[str, Any],
    told: tuple[Reply, ...],
    usage: Mapping[str, Any] | None,
    *,
    empty: bool,
) -> Iterator[str]:
    for index, reply in enumerate(told):
        for delta in _deltas(reply, asked, empty=empty):
            choice = {"index": index, "delta": delta, "finish_reason": None}
            if asked.get("logprobs") is True and delta.get("content"):
                choice["logprobs"] = _logprobs(Reply(delta["content"]), asked)
            yield event({**head, "choices": [choice]})
        yield event({**head, "choices": [{"index": index, "delta": {}, "finish_reason": _finish(reply, asked)}]})
    if usage is not None:
        yield event({**head, "choices": [], "usage": usage})
    yield DONE


DONE = "data: [DONE]\n\n"


def event(data: Mapping[str, Any], name: str | None = None) -> str:
    """Return a server-sent event."""
    return f"{f'event: {name}' + chr(10) if name else ''}data: {json.dumps(data, ensure_ascii=False)}\n\n"
