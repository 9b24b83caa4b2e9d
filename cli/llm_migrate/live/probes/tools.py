"""Requests of the probes for tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llm_codemods.profile import Status
from llm_codemods.requirements import Requirement
from llm_migrate.live import prompts
from llm_migrate.live.probes.asking import Follow, chat_request, model_for, thinks
from llm_migrate.live.probes.chat import Messages, called_before
from llm_migrate.live.wire import Connection, Request, Response

FORCED = {"type": "function", "function": {"name": "get_time"}}


def parallel_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask for two calls at once, whole and streamed."""
    model = model_for(requirement, connection) or ""
    more: dict[str, Any] = {"tools": [prompts.WEATHER], "parallel_tool_calls": requirement.value is not False}
    return (
        chat_request(model, connection, prompts.TWO_CITIES, 192, more),
        chat_request(model, connection, prompts.TWO_CITIES, 192, {**more, "stream": True}),
    )


def send_back(*, thoughts: bool) -> Follow:
    """Return the maker of the second turn: the model's own message, with its thoughts or without, and the result.

    Where the model called nothing, a call is made up: the wire can be tested all the same.
    """

    def follow(requirement: Requirement, connection: Connection, responses: Sequence[Response]) -> tuple[Request, ...]:
        model = model_for(requirement, connection) or ""
        row = connection.profile.features.get("null-content")
        null = row is None or row.status is not Status.REJECTED
        made_up = called_before(None if null else "", thoughts=thoughts and thinks(model, connection))
        messages = _turns(responses[0], made_up, thoughts=thoughts, null=null)
        if not messages:
            return ()
        return (chat_request(model, connection, messages, 128, {"tools": [prompts.WEATHER]}),)

    return follow


def _turns(response: Response, made_up: Messages, *, thoughts: bool, null: bool) -> Messages:
    """Return the messages of the second turn, those made up where no call came; none where the first failed."""
    if response.status != 200:
        return []
    try:
        message = response.json()["choices"][0]["message"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return []
    if not isinstance(message, dict):
        return []
    calls = message.get("tool_calls")
    if not isinstance(calls, list) or not calls or not all(isinstance(c, dict) and c.get("id") for c in calls):
        return made_up
    kept = ("role", "content", "tool_calls", *(("reasoning_content", "reasoning") if thoughts else ()))
    return [
        made_up[0],
        {name: message[name] for name in kept if name in message}
        | ({} if null or message.get("content") else {"content": ""}),
        *({"role": "tool", "tool_call_id": call["id"], "content": prompts.TOOL_RESULT} for call in calls),
    ]


def ask_for_none(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask with ``tool_choice`` none for what needs the weather tool, and without it."""
    return ask_for_call(tool_choice="none")(requirement, connection) + ask_for_call()(requirement, connection)


def ask_for_call(**more: Any) -> Callable[[Requirement, Connection], tuple[Request, ...]]:
    """Return the maker of a request that needs the weather tool."""

    def requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
        model = model_for(requirement, connection) or ""
        return (chat_request(model, connection, prompts.WEATHER_QUESTION, 128, {"tools": [prompts.WEATHER], **more}),)

    return requests
