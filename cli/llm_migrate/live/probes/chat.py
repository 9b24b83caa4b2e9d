"""Requests of the probes for whole answers and streams: roles, content, thoughts, pictures, models."""

from __future__ import annotations

from collections.abc import Sequence
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


def _with_and_without(
    requirement: Requirement, connection: Connection, with_it: Messages, without: Messages, **more: Any
) -> tuple[Request, ...]:
    model = model_for(requirement, connection) or ""
    return tuple(chat_request(model, connection, messages, 64, more) for messages in (with_it, without))


def role_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send a message of the role, and the same without it."""
    model, role = model_for(requirement, connection) or "", str(requirement.value or "system")
    if role == "tool":
        return _called(requirement, connection, called_before("", thoughts=thinks(model, connection)))
    said = {"role": role, "content": prompts.RULE, **({"name": "get_weather"} if role == "function" else {})}
    # Some want a user's turn first; instructions come before it nevertheless.
    before = [_user(prompts.WEATHER_QUESTION)] if role in ("assistant", "function") else []
    return _with_and_without(
        requirement, connection, [*before, said, _user(prompts.HELLO)], [*before, _user(prompts.HELLO)]
    )


def _called(requirement: Requirement, connection: Connection, messages: Messages) -> tuple[Request, ...]:
    return _with_and_without(requirement, connection, messages, messages[:1], tools=[prompts.WEATHER])


def null_content_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send a turn that called a tool and said nothing, and the same conversation before it."""
    model = model_for(requirement, connection) or ""
    return _called(requirement, connection, called_before(None, thoughts=thinks(model, connection)))


def parts_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send a text in two parts, and one part of it."""
    parts = [{"type": "text", "text": one} for one in (prompts.RULE, prompts.HELLO)]
    with_it, without = ([{"role": "user", "content": content}] for content in (parts, parts[1:]))
    return _with_and_without(requirement, connection, with_it, without)


def several_system_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send two messages with instructions, and one of them."""
    first, second = ({"role": "system", "content": one} for one in (prompts.RULE, "Be brief."))
    user = _user(prompts.HELLO)
    return _with_and_without(requirement, connection, [second, first, user], [second, user])


def late_system_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send instructions behind a user's turn, and the same without them."""
    said, user = {"role": "system", "content": prompts.RULE}, _user(prompts.HELLO)
    return _with_and_without(requirement, connection, [user, said, user], [user, user])


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
