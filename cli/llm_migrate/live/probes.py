"""What a check asks and how it judges the answers.

A probe is a pure pair: ``requests`` makes one or two requests for a requirement, ``judge`` says what the answers show
(see ``judges``). Budgets are small and fixed, and no text of the user's code is ever sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_codemods.profile import Action, Status, Thinking
from llm_codemods.requirements import Requirement
from llm_migrate.live.judges import (
    NO_MODEL,
    SCHEMA,
    TEXTS,
    TIME,
    WEATHER,
    Judgement,
    judge_bad_key,
    judge_chat,
    judge_embeddings,
    judge_embeddings_base64,
    judge_forced_tool,
    judge_json_object,
    judge_json_schema,
    judge_model,
    judge_models,
    judge_stream_usage,
    judge_tools,
    judge_unknown_model,
)
from llm_migrate.live.wire import Connection, Request, Response, endpoint_path

EMBEDDING_FEATURES = ("embeddings", "embeddings-base64")
WRONG_KEY = "sk-wrong-llm-migrate-check"
_THINKING_BUDGET = 1024
"""Most tokens where the model may reason first: a small budget would be gone before the answer begins."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A test of one feature. ``judge`` gets one response for each request, in their order.

    ``requests`` are sent at once; ``follow`` makes those that depend on the answers, which are sent after them, once.
    """

    name: str
    requests: Callable[[Requirement, Connection], tuple[Request, ...]]
    judge: Callable[[Requirement, Sequence[Response]], Judgement]
    follow: Callable[[Requirement, Connection, Sequence[Response]], tuple[Request, ...]] | None = None
    samples: bool = False
    """One answer proves little: sent as often as the user asks."""


def model_for(requirement: Requirement, connection: Connection) -> str | None:
    """Return the model to ask, or None where none is known."""
    if requirement.model is not None:
        return requirement.model
    return connection.embedding_model if requirement.feature in EMBEDDING_FEATURES else connection.chat_model


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


# --- requests ---------------------------------------------------------------------------------------------------------


def _chat_request(
    model: str, connection: Connection, prompt: str, budget: int, key: str | None = None, **more: Any
) -> Request:
    entries = thinking_entries(model, connection)
    row = connection.profile.models.get(model)
    may_think = row is not None and (
        row.thinking is Thinking.ALWAYS
        or (row.thinking is Thinking.ON and entries != connection.profile.thinking.get("off"))
        or (row.thinking is Thinking.OFF and bool(entries) and entries == connection.profile.thinking.get("on"))
    )
    limit = connection.profile.parameter("chat.completions", "max_tokens", model)
    name = "max_tokens"
    if limit is not None and limit.status in (Status.RENAMED, Status.REJECTED):
        name = limit.to or "max_completion_tokens"
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        name: max(budget, _THINKING_BUDGET) if may_think else budget,
        **more,
        **entries,
    }
    return Request("POST", endpoint_path(connection.profile, "chat.completions"), body, key)


def _asks(prompt: str, budget: int, **more: Any) -> Callable[[Requirement, Connection], tuple[Request, ...]]:
    def requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
        return (_chat_request(model_for(requirement, connection) or "", connection, prompt, budget, **more),)

    return requests


def _tool_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask for the same call twice, whole and streamed: the deltas are where servers fail."""
    model, prompt = model_for(requirement, connection) or "", "What is the weather in Paris? Use the tool."
    plain = _chat_request(model, connection, prompt, 128, tools=[WEATHER])
    return plain, _chat_request(model, connection, prompt, 128, tools=[WEATHER], stream=True)


def _embedding_request(requirement: Requirement, connection: Connection, encoding: str) -> Request:
    model = model_for(requirement, connection) or ""
    body: dict[str, Any] = {"model": model, "input": TEXTS, "encoding_format": encoding}
    row = connection.profile.models.get(model)
    parameter = connection.profile.parameter("embeddings", "dimensions", model)
    fixed = row is not None and row.dimensions == (requirement.dimensions,)
    removed = parameter is not None and parameter.action is Action.REMOVE
    if requirement.dimensions is not None and not fixed and not removed:
        body["dimensions"] = requirement.dimensions
    return Request("POST", endpoint_path(connection.profile, "embeddings"), body)


def _float_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    return (_embedding_request(requirement, connection, "float"),)


def _base64_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    plain = _embedding_request(requirement, connection, "float")
    return _embedding_request(requirement, connection, "base64"), plain, plain


def _list_request(_: Requirement, connection: Connection) -> tuple[Request, ...]:
    return (Request("GET", endpoint_path(connection.profile, "models")),)


def _model_request(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    model = model_for(requirement, connection) or ""
    if is_embedding(model, connection):
        body = {"model": model, "input": TEXTS[:1], "encoding_format": "float"}
        return (Request("POST", endpoint_path(connection.profile, "embeddings"), body),)
    return (_chat_request(model, connection, "Say hello.", 16),)


def _bad_key_request(_: Requirement, connection: Connection) -> tuple[Request, ...]:
    if connection.chat_model is None:
        return (Request("GET", endpoint_path(connection.profile, "models"), key=WRONG_KEY),)
    return (_chat_request(connection.chat_model, connection, "Say hello.", 16, WRONG_KEY),)


def _unknown_model_request(_: Requirement, connection: Connection) -> tuple[Request, ...]:
    return (_chat_request(NO_MODEL, connection, "Say hello.", 16),)


PROBES: tuple[Probe, ...] = (
    Probe("chat", _asks("Say hello in one short sentence.", 64), judge_chat),
    Probe(
        "stream-usage",
        _asks("Count from one to ten.", 64, stream=True, stream_options={"include_usage": True}),
        judge_stream_usage,
    ),
    Probe("tools", _tool_requests, judge_tools, samples=True),
    Probe(
        "forced-tool",
        _asks(
            "What is the weather in Paris?",
            128,
            tools=[WEATHER, TIME],
            tool_choice={"type": "function", "function": {"name": "get_time"}},
        ),
        judge_forced_tool,
        samples=True,
    ),
    Probe(
        "json-object",
        _asks(
            'Answer in JSON: an object with the key "city" and the value "Paris".',
            64,
            response_format={"type": "json_object"},
        ),
        judge_json_object,
    ),
    Probe(
        "json-schema",
        _asks(
            'Answer in JSON: an object with "color" set to "blue", "count" set to "many" and "note" set to "sky".',
            128,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "paint", "strict": True, "schema": SCHEMA},
            },
        ),
        judge_json_schema,
        samples=True,
    ),
    Probe("embeddings", _float_requests, judge_embeddings),
    Probe("embeddings-base64", _base64_requests, judge_embeddings_base64),
    Probe("models", _list_request, judge_models),
    Probe("model", _model_request, judge_model),
    Probe("bad-key", _bad_key_request, judge_bad_key),
    Probe("unknown-model", _unknown_model_request, judge_unknown_model),
)
BY_NAME: Mapping[str, Probe] = {probe.name: probe for probe in PROBES}
# Not here, with the reason: context overflow (costs a whole window), rate limits (would need a flood), vision and audio
# (no requirement names them yet), seed and sampling (a model may answer the same by chance).


def most_tokens(request: Request) -> int:
    """Return an upper bound of the tokens one request can cost; a token is at least one byte of the prompt."""
    body = request.body or {}
    spoken = json.dumps([body.get("messages"), body.get("tools"), body.get("response_format"), body.get("input")])
    answer = body.get("max_tokens") or body.get("max_completion_tokens") or 0
    return (len(spoken) if body else 0) + int(answer)
