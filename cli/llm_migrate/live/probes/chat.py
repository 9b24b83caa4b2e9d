"""Requests of the probes for whole answers and streams: roles, content, thoughts, pictures, models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from llm_codemods.requirements import Requirement
from llm_migrate.live import prompts
from llm_migrate.live.probes.asking import chat_request, is_embedding, model_for, thinks
from llm_migrate.live.wire import Connection, Request, Response, endpoint_path

WRONG_KEY = "sk-wrong-llm-migrate-check"
Messages = list[dict[str, Any]]


def list_requests(_: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask for the list of models."""
    return (Request("GET", endpoint_path(connection.profile, "models")),)


def listed_model(_: Requirement, connection: Connection, responses: Sequence[Response]) -> tuple[Request, ...]:
    """Ask for the first model of the list alone."""
    try:
        name = responses[0].json()["data"][0]["id"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return ()
    plain = isinstance(name, str) and name and name.isascii() and not set(name) & set(" ?#%\\")
    return (Request("GET", f"{endpoint_path(connection.profile, 'models')}/{name}"),) if plain else ()


def model_request(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask a model in its own way."""
    model = model_for(requirement, connection) or ""
    if is_embedding(model, connection):
        body = {"model": model, "input": prompts.TEXTS[:1], "encoding_format": "float"}
        return (Request("POST", endpoint_path(connection.profile, "embeddings"), body),)
    return (chat_request(model, connection, "Say hello.", 16),)


def with_key(key: str) -> Any:
    """Return the maker of a small request with another key; an empty one: with none."""

    def requests(_: Requirement, connection: Connection) -> tuple[Request, ...]:
        if connection.chat_model is None:
            return (Request("GET", endpoint_path(connection.profile, "models"), key=key),)
        return (chat_request(connection.chat_model, connection, "Say hello.", 16, key=key),)

    return requests


def unknown_model_request(_: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask a model that does not exist."""
    return (chat_request(prompts.NO_MODEL, connection, "Say hello.", 16),)


def usage_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask with a short prompt and with a longer one."""
    model = model_for(requirement, connection) or ""
    return (
        chat_request(model, connection, prompts.HELLO, 32),
        chat_request(model, connection, f"{prompts.RULE} {prompts.HELLO}", 32),
    )


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def called_before(content: str | None, *, thoughts: bool) -> Messages:
    """Return messages up to a call that a model made, with ``content`` and perhaps thoughts beside it."""
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}
    thought = {"reasoning_content": "The tool knows the weather."} if thoughts else {}
    return [
        _user(prompts.WEATHER_QUESTION),
        {"role": "assistant", "content": content, **thought, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": prompts.TOOL_RESULT},
    ]


def role_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send a message of the role, and the same without it."""
    model, role = model_for(requirement, connection) or "", str(requirement.value or "system")
    if role in ("tool", "user"):
        called = called_before("", thoughts=thinks(model, connection))
        messages = called if role == "tool" else [_user(prompts.HELLO)]
        more: dict[str, Any] = {"tools": [prompts.WEATHER]} if role == "tool" else {}
        return (chat_request(model, connection, messages, 64, more),)
    said = {"role": role, "content": prompts.RULE}
    with_it: Messages = [said, _user(prompts.HELLO)]
    without: Messages = [_user(prompts.HELLO)]
    if role == "function":
        said["name"] = "get_weather"
    if role in ("assistant", "function"):
        first = _user(prompts.WEATHER_QUESTION)
        with_it, without = [first, *with_it], [first, *without]
    return tuple(chat_request(model, connection, messages, 32) for messages in (with_it, without))


def parts_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send the same text as a list of parts and as one string."""
    model = model_for(requirement, connection) or ""
    texts = (prompts.RULE, prompts.HELLO)
    parts = [{"role": "user", "content": [{"type": "text", "text": one} for one in texts]}]
    return (
        chat_request(model, connection, parts, 32),
        chat_request(model, connection, "\n".join(texts), 32),
    )


def null_content_request(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send a turn that called a tool and said nothing."""
    model = model_for(requirement, connection) or ""
    called = called_before(None, thoughts=thinks(model, connection))
    return (chat_request(model, connection, called, 64, {"tools": [prompts.WEATHER]}),)


def saying(*messages: Mapping[str, Any]) -> Any:
    """Return the maker of one request with these messages."""

    def requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
        return (chat_request(model_for(requirement, connection) or "", connection, messages, 32),)

    return requests


def vision_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask for the colour of each picture."""
    model = model_for(requirement, connection) or ""
    question = {"type": "text", "text": "Which colour is this picture? Answer with one word."}
    return tuple(
        chat_request(
            model,
            connection,
            [
                {
                    "role": "user",
                    "content": [question, {"type": "image_url", "image_url": {"url": prompts.picture_url(name)}}],
                }
            ],
            16,
        )
        for name in prompts.PICTURES
    )


def thinking(way: str) -> Any:
    """Return the maker of a request that switches thinking ``off`` or ``on`` as the profile says."""

    def requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
        model = model_for(requirement, connection) or ""
        entries = connection.profile.thinking.get(way, {})
        question = "A farmer has 17 sheep, and all but 9 run away. How many are left? Answer with the number."
        return (chat_request(model, connection, question, 64 if way == "off" else 1024, thinking=entries),)

    return requests


def cancel_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Hang up on a long stream."""
    model = model_for(requirement, connection) or ""
    return (replace(chat_request(model, connection, prompts.REPEAT, 128, {"stream": True}), events=2),)


def after_cancel(requirement: Requirement, connection: Connection, _: Sequence[Response]) -> tuple[Request, ...]:
    """Ask something when the line is free again."""
    return (chat_request(model_for(requirement, connection) or "", connection, prompts.HELLO, 32),)


def long_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Fill nine tenths of the window, then overfill it; nothing where the window is not known."""
    model = model_for(requirement, connection) or ""
    row = connection.profile.models.get(model)
    if row is None or row.context is None:
        return ()
    # A common short word is one token to every known tokenizer.
    return tuple(
        chat_request(
            model,
            connection,
            f"Remember the number 7301.{' the' * int(part * row.context)}\nWhich number was it? Answer with it.",
            16,
        )
        for part in (0.9, 1.1)
    )
