"""The replay of a call site: all that it sends together, with texts, tools and pictures of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_codemods.call_shape import CallShape, Form, Sent
from llm_codemods.requirements import Requirement
from llm_migrate.live import prompts
from llm_migrate.live.probes.asking import chat_request, may_think, model_for
from llm_migrate.live.probes.chat import Messages, called_before
from llm_migrate.live.wire import Connection, Request

_TEXT = "llm-migrate"


def replay_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Return the request of a chat call's shape; none for other shapes."""
    shape = requirement.shape
    if shape is None or not shape.is_chat:
        return ()
    model = requirement.model or shape.model or model_for(requirement, connection) or ""
    return (
        chat_request(
            model,
            connection,
            _messages(shape, thoughts=may_think(model, {}, connection)),
            128,
            _entries(shape),
            thinking={},
        ),
    )


def _entries(shape: CallShape) -> dict[str, Any]:
    """Return the body but for model and messages."""
    body = _nested({name: _value(name, sent) for name, sent in shape.parameters})
    if shape.tools is not None:
        body["tools"] = [_tool(number, strict=shape.strict) for number in range(max(1, shape.tools))]
        choice = next(iter(shape.tool_choice), None)
        if choice in ("auto", "none", "required"):
            body["tool_choice"] = choice
        elif choice == "function":
            body["tool_choice"] = {"type": "function", "function": {"name": "get_weather"}}
    if shape.response_format == "json_schema":
        form = {"name": "paint", "strict": True, "schema": prompts.SCHEMA}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    elif shape.response_format is not None:
        body["response_format"] = {"type": shape.response_format}
    if shape.stream:
        body["stream"] = True
    if shape.include_usage:
        body["stream_options"] = {"include_usage": True}
    return body


def _value(name: str, sent: Sent) -> Any:
    """Return the literal that the code sends; for a text or a list of texts, ours; None: to be left out."""
    if not isinstance(sent, Form):
        return sent
    if sent.type == "text":
        return _TEXT
    if sent.type == "array" and (sent.values or name == "stop"):
        return list(sent.values) or [f"{_TEXT}-{number}" for number in range(sent.length or 1)]
    return None


def _nested(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return entries with dots in their names as dictionaries; what is None is left out."""
    body: dict[str, Any] = {}
    for name, value in entries.items():
        if value is None:
            continue
        inner = body
        *above, last = name.split(".")
        for part in above:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                break
        else:
            inner[last] = value
    return body


def _tool(number: int, *, strict: bool) -> dict[str, Any]:
    properties = {"city": {"type": "string", "description": "Name of the city"}}
    more = {"strict": True} if strict else {}
    name, does = (
        ("get_weather", "Get the weather of a city.")
        if not number
        else (
            f"get_fact_{number}",
            f"Get fact number {number} about a city.",
        )
    )
    return prompts.function(name, does, properties, **more)


def _messages(shape: CallShape, *, thoughts: bool) -> Messages:
    """Return messages of the shape's roles in the order that all providers take: instructions first."""
    question = prompts.WEATHER_QUESTION if shape.tools is not None else prompts.HELLO
    if shape.response_format not in (None, "text"):
        question = 'Answer in JSON: an object with "color" set to "red" and "count" set to 2.'
    messages: Messages = [
        {"role": role, "content": prompts.RULE} for role in shape.roles if role in ("system", "developer")
    ]
    if "tool" in shape.roles:
        return [*messages, *called_before(None if "null" in shape.parts else "", thoughts=thoughts)]
    if "assistant" in shape.roles:
        messages += [{"role": "user", "content": prompts.HELLO}, {"role": "assistant", "content": "Hello."}]
    content: Any = question
    kinds = {"text", "image_url"} & set(shape.parts)
    if kinds:
        picture = {"type": "image_url", "image_url": {"url": prompts.picture_url(next(iter(prompts.PICTURES)))}}
        content = [{"type": "text", "text": question}, *([picture] if "image_url" in kinds else [])]
    return [*messages, {"role": "user", "content": content}]
