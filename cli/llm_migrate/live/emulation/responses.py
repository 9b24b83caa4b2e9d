"""The responses endpoint: the same replies as chat, in its own shape."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_codemods.profile import Model, Profile, Thinking
from llm_migrate.live.emulation.acceptance import check_length, check_pictures, find_model, honoured, pictures, said
from llm_migrate.live.emulation.chat import CREATED, event, reasoning
from llm_migrate.live.emulation.refusal import refusal
from llm_migrate.live.emulation.reply import ANY_JSON, THOUGHT, Reply, Task, digest, replies, spoken, tokens

_API = "responses.create"
_ECHOED = ("instructions", "max_output_tokens", "metadata", "previous_response_id", "temperature", "top_p", "user")


@dataclass(frozen=True, slots=True)
class Kept:
    """A response that the provider keeps, and all items that led to it."""

    response: Mapping[str, Any]
    items: tuple[Any, ...]


def respond(
    profile: Profile,
    body: Mapping[str, Any],
    kept: Mapping[str, Kept] | None = None,
    today: datetime.date | None = None,
) -> Kept:
    """Answer a request. ``kept`` are the responses that ``previous_response_id`` may name.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    model = find_model(profile, _API, body.get("model"), today)
    asked = honoured(profile, _API, body)
    items = _items(profile, asked)
    before = _before(profile, asked, kept or {})
    everything = (*before, *items)
    _check(profile, model, everything)
    prompt = len(tokens(str(asked.get("instructions") or ""))) + sum(len(tokens(_words(item))) for item in everything)
    check_length(profile, model, prompt)
    task = _task(profile, model, asked, everything)
    (told,) = replies(profile, task)
    return Kept(_response(asked, told, task, prompt), (*everything, *_output(told, task)))


def stream(response: Mapping[str, Any]) -> Iterator[str]:
    """Return the server-sent events of a response."""
    for number, (kind, data) in enumerate(_steps(response)):
        yield event({"type": kind, "sequence_number": number, **data}, kind)


def _items(profile: Profile, asked: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    given = asked.get("input")
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    if not isinstance(items, list) or not items or not all(isinstance(item, Mapping) for item in items):
        raise refusal(profile, "bad-parameter", parameter="input")
    for item in items:
        if "role" not in item and "type" not in item:
            raise refusal(profile, "bad-parameter", parameter="input")
    return tuple(items)


def _before(profile: Profile, asked: Mapping[str, Any], kept: Mapping[str, Kept]) -> tuple[Any, ...]:
    name = asked.get("previous_response_id")
    if name is None:
        return ()
    if not isinstance(name, str) or name not in kept:
        raise refusal(profile, "bad-parameter", parameter="previous_response_id")
    return kept[name].items


def _check(profile: Profile, model: Model | None, items: Sequence[Mapping[str, Any]]) -> None:
    """Refuse pictures that are not taken, and outputs of calls that nobody made."""
    called = [item.get("call_id") for item in items if item.get("type") == "function_call"]
    for item in items:
        check_pictures(profile, model, pictures(item.get("content")), "input (input_image)")
        if item.get("type") == "function_call_output" and item.get("call_id") not in called:
            raise refusal(profile, "bad-parameter", parameter="input (function_call_output without its call)")


def _words(item: Mapping[str, Any]) -> str:
    return said(item.get("output") if item.get("type") == "function_call_output" else item.get("content"))


def _task(profile: Profile, model: Model | None, asked: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> Task:
    last = items[-1]
    offered = asked.get("tools") or ()
    choice, named = _choice(profile, asked.get("tool_choice", "auto"))
    return Task(
        digest=digest({**asked, "input": items}),
        role="tool" if last.get("type") == "function_call_output" else str(last.get("role", "user")),
        words=_words(last),
        pictures=pictures(last.get("content")),
        functions=tuple(t for t in offered if isinstance(t, Mapping) and t.get("type") == "function"),
        choice=choice,
        named=named,
        parallel=asked.get("parallel_tool_calls", True),
        schema=_schema(profile, asked),
        limit=asked.get("max_output_tokens"),
        seed=None,
        reasoning=_reasoning(profile, model, asked),
    )


def _choice(profile: Profile, given: Any) -> tuple[str, str | None]:
    if isinstance(given, Mapping):
        if given.get("type") == "function":
            return "named", given.get("name")
        return str(given.get("mode", "auto")), None
    if given not in ("auto", "none", "required"):
        raise refusal(profile, "bad-parameter", parameter="tool_choice")
    return given, None


def _schema(profile: Profile, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    form = (asked.get("text") or {}).get("format") or {}
    if not isinstance(form, Mapping):
        raise refusal(profile, "bad-parameter", parameter="text.format")
    if form.get("type") == "json_object":
        return ANY_JSON
    if form.get("type") != "json_schema":
        return None
    schema = form.get("schema")
    if not isinstance(schema, Mapping):
        raise refusal(profile, "bad-parameter", parameter="text.format")
    return schema


def _reasoning(profile: Profile, model: Model | None, asked: Mapping[str, Any]) -> str | None:
    """Thoughts are switched as in chat, or by ``reasoning.effort``."""
    effort = (asked.get("reasoning") or {}).get("effort")
    if effort is not None and model is not None and model.thinking in (Thinking.OFF, Thinking.ON):
        return None if effort == "none" else THOUGHT
    return reasoning(profile, model, asked)


# --- the shapes on the wire -------------------------------------------------------------------------------------------


def _output(told: Reply, task: Task) -> tuple[dict[str, Any], ...]:
    status = "incomplete" if told.finish == "length" else "completed"
    items: list[dict[str, Any]] = []
    if told.reasoning:
        summary = {"type": "summary_text", "text": told.reasoning}
        items.append({"id": f"rs_{task.digest[:24]}", "type": "reasoning", "summary": [summary]})
    for call in told.calls:
        made = {"id": f"fc_{call.id.removeprefix('call_')}", "type": "function_call", "status": "completed"}
        items.append({**made, "call_id": call.id, "name": call.name, "arguments": call.arguments})
    if told.content is not None:
        part = {"type": "output_text", "text": told.content, "annotations": [], "logprobs": []}
        made = {"id": f"msg_{task.digest[:24]}", "type": "message", "status": status}
        items.append({**made, "role": "assistant", "content": [part]})
    return tuple(items)


def _response(asked: Mapping[str, Any], told: Reply, task: Task, prompt: int) -> dict[str, Any]:
    thought = len(tokens(told.reasoning or ""))
    answer = thought + spoken(told)
    cut = told.finish == "length"
    return {
        "id": f"resp_{task.digest[:24]}",
        "object": "response",
        "created_at": CREATED,
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "error": None,
        "model": asked["model"],
        "output": list(_output(told, task)),
        "parallel_tool_calls": task.parallel,
        "tool_choice": asked.get("tool_choice", "auto"),
        "tools": asked.get("tools") or [],
        "text": asked.get("text") or {"format": {"type": "text"}},
        "store": asked.get("store", True),
        **{name: asked.get(name) for name in _ECHOED},
        "usage": {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": answer,
            "output_tokens_details": {"reasoning_tokens": thought},
            "total_tokens": prompt + answer,
        },
    }


def _steps(response: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    empty = {**response, "status": "in_progress", "incomplete_details": None, "output": [], "usage": None}
    yield "response.created", {"response": empty}
    yield "response.in_progress", {"response": empty}
    for index, item in enumerate(response["output"]):
        yield from _item_steps(item, {"output_index": index, "item_id": item["id"]})
    yield f"response.{response['status']}", {"response": response}


def _item_steps(item: Mapping[str, Any], place: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    index = {"output_index": place["output_index"]}
    if item["type"] == "function_call":
        yield "response.output_item.added", {**index, "item": {**item, "arguments": "", "status": "in_progress"}}
        half = len(item["arguments"]) // 2
        for piece in (item["arguments"][:half], item["arguments"][half:]):
            yield "response.function_call_arguments.delta", {**place, "delta": piece}
        done = {**place, "name": item["name"], "arguments": item["arguments"]}
        yield "response.function_call_arguments.done", done
    elif item["type"] == "reasoning":
        part, inner = item["summary"][0], {**place, "summary_index": 0}
        yield "response.output_item.added", {**index, "item": {**item, "summary": []}}
        yield "response.reasoning_summary_part.added", {**inner, "part": {**part, "text": ""}}
        for piece in tokens(part["text"]):
            yield "response.reasoning_summary_text.delta", {**inner, "delta": piece}
        yield "response.reasoning_summary_text.done", {**inner, "text": part["text"]}
        yield "response.reasoning_summary_part.done", {**inner, "part": part}
    else:
        part, inner = item["content"][0], {**place, "content_index": 0}
        yield "response.output_item.added", {**index, "item": {**item, "content": [], "status": "in_progress"}}
        yield "response.content_part.added", {**inner, "part": {**part, "text": ""}}
        for piece in tokens(part["text"]):
            yield "response.output_text.delta", {**inner, "delta": piece, "logprobs": []}
        yield "response.output_text.done", {**inner, "text": part["text"], "logprobs": []}
        yield "response.content_part.done", {**inner, "part": part}
    yield "response.output_item.done", {**index, "item": item}
