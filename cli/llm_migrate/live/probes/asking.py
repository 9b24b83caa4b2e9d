"""How probes ask: which model, with which limit, how thinking is switched."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from llm_codemods.profile import Model, Status, Thinking
from llm_codemods.requirements import Requirement
from llm_migrate.live.judges import Judgement
from llm_migrate.live.wire import Connection, Request, Response, endpoint_path

Requests = Callable[[Requirement, Connection], tuple[Request, ...]]
Follow = Callable[[Requirement, Connection, Sequence[Response]], tuple[Request, ...]]
CHAT, EMBEDDING, NO_MODEL_NEEDED = "chat", "embedding", "none"
ABLE: Mapping[str, Callable[[Model], bool]] = {
    "vision": lambda model: model.vision is True,
    "thinking-off": lambda model: model.thinking is Thinking.ON,
    "thinking": lambda model: model.thinking in (Thinking.ON, Thinking.OFF),
}
"""Features that only some models have, and which."""
_THINKING_BUDGET = 1024
"""Most tokens where the model may reason first: a small budget would be gone before the answer begins."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A test of one feature or parameter. ``judge`` gets one response for each request, in their order."""

    name: str
    requests: Requests
    judge: Callable[[Requirement, Sequence[Response]], Judgement]
    asks: str = CHAT
    """Kind of the model it needs: ``chat``, ``embedding``, or ``none``."""
    follow: Follow | None = None
    """Makes further requests from the first answers; empty: no more. They are sent once, and judged with the first."""
    samples: bool = False
    """Depends on what the model makes of it, so that one answer proves little."""
    values: tuple[Any, ...] = (None,)
    """Values to ask for when only a profile is tested; empty: asked for code that needs it, or on request."""
    thorough: bool = False
    """Too dear for every day."""


def model_for(requirement: Requirement, connection: Connection) -> str | None:
    """Return the model to ask, or None where none is known."""
    if requirement.model is not None:
        return requirement.model
    if requirement.feature.startswith("embeddings"):
        return connection.embedding_model
    return _able(requirement.feature, connection) or connection.chat_model


def _able(feature: str, connection: Connection) -> str | None:
    """Return a model that can do what only some can, as the profile says: the usual one, one it maps to, any."""
    can = ABLE.get(feature)
    models = connection.profile.models
    if can is None or connection.chat_model not in models:
        return None
    mapped = (name for row in connection.profile.mapping for name in (row.vision, row.model))
    today = datetime.date.today()
    served = (n for n, row in models.items() if row.kind == "chat" and (row.retired is None or row.retired > today))
    named = (name for name in (connection.chat_model, *mapped, *served) if name is not None and name in models)
    return next((name for name in named if can(models[name])), None)


def is_embedding(model: str | None, connection: Connection) -> bool:
    """Whether the model makes embeddings, as far as the profile or the connection knows."""
    row = connection.profile.models.get(model or "")
    return row.kind == "embedding" if row else model is not None and model == connection.embedding_model


def thinking_entries(model: str, connection: Connection) -> Mapping[str, Any]:
    """Return the entries of the body that switch thinking, as the first mapping row that asks for it does; where the
    model always thinks, those that ask it to think least."""
    known = connection.profile.models.get(model)
    always = known is not None and known.thinking is Thinking.ALWAYS
    for row in connection.profile.mapping:
        if model in (row.model, row.vision) and row.thinking is not None:
            return connection.profile.thinking.get("least" if always else row.thinking, {})
    return {}


def may_think(model: str, entries: Mapping[str, Any], connection: Connection) -> bool:
    """Whether the model may reason first when its body has these entries."""
    row = connection.profile.models.get(model)
    switch = connection.profile.thinking
    return row is not None and (
        row.thinking is Thinking.ALWAYS
        or (row.thinking is Thinking.ON and entries != switch.get("off"))
        or (row.thinking is Thinking.OFF and bool(entries) and entries == switch.get("on"))
    )


def thinks(model: str, connection: Connection) -> bool:
    """Whether the model may reason first when it is asked as ``chat_request`` does."""
    return may_think(model, thinking_entries(model, connection), connection)


def limit_name(model: str, connection: Connection) -> str:
    """Return the parameter that bounds the tokens of an answer."""
    row = connection.profile.parameter("chat.completions", "max_tokens", model)
    if row is not None and row.status in (Status.RENAMED, Status.REJECTED):
        return row.to or "max_completion_tokens"
    return "max_tokens"


def chat_request(
    model: str,
    connection: Connection,
    prompt: str | Sequence[Mapping[str, Any]],
    budget: int,
    more: Mapping[str, Any] = MappingProxyType({}),
    *,
    key: str | None = None,
    thinking: Mapping[str, Any] | None = None,
) -> Request:
    """Return a chat request.

    ``prompt`` is a user's text or whole messages, ``budget`` the most tokens unless ``more`` has a limit of its own or
    the model may think. ``thinking`` replaces the entries that switch thinking as the mapping says.
    """
    entries = thinking_entries(model, connection) if thinking is None else thinking
    name = limit_name(model, connection)
    limited = "max_tokens" in more or "max_completion_tokens" in more
    tokens = max(budget, _THINKING_BUDGET) if may_think(model, entries, connection) else budget
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt),
        **({} if limited else {name: tokens}),
        **more,
        **{name: value for name, value in entries.items() if name not in more},
    }
    return Request("POST", endpoint_path(connection.profile, "chat.completions"), body, key)


def asks(prompt: str, budget: int, **more: Any) -> Requests:
    """Return the maker of one chat request."""

    def requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
        return (chat_request(model_for(requirement, connection) or "", connection, prompt, budget, more),)

    return requests


def most_tokens(request: Request) -> int:
    """Return an upper bound of the tokens one request can cost; a token is at least one byte of the prompt.

    A picture of ours counts as at most 1,500.
    """
    body = request.body or {}
    spoken = json.dumps([body.get("messages"), body.get("tools"), body.get("response_format"), body.get("input")])
    pictures = spoken.count("data:image/png")
    answer = body.get("max_tokens") or body.get("max_completion_tokens") or body.get("max_output_tokens") or 0
    choices = body.get("n") if type(body.get("n")) is int else 1
    length = 0 if not body else len(spoken) if not pictures else 1500 * pictures
    return length + int(answer) * max(1, choices or 1)
