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
from llm_migrate.live.wire import Request, Response, Target, endpoint_path

EMBEDDING_FEATURES = ("embeddings", "embeddings-base64")
WRONG_KEY = "sk-wrong-llm-migrate-check"
_THINKING_BUDGET = 1024
"""Most tokens where the model may reason first: a small budget would be gone before the answer begins."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A test of one feature. ``judge`` gets one response for each request, in their order."""

    name: str
    requests: Callable[[Requirement, Target], tuple[Request, ...]]
    judge: Callable[[Requirement, Sequence[Response]], Judgement]


def model_for(requirement: Requirement, target: Target) -> str | None:
    """Return the model to ask, or None where none is known."""
    if requirement.model is not None:
        return requirement.model
    return target.embedding_model if requirement.feature in EMBEDDING_FEATURES else target.chat_model


def is_embedding(model: str | None, target: Target) -> bool:
    """Whether the model makes embeddings, as far as the profile or the target knows."""
    row = target.profile.models.get(model or "")
    return row.kind == "embedding" if row else model is not None and model == target.embedding_model


def thinking_entries(model: str, target: Target) -> Mapping[str, Any]:
    """Return the entries of the body that switch thinking, as the first mapping row that asks for it does."""
    for row in target.profile.mapping:
        if model in (row.model, row.vision) and row.thinking is not None:
            return target.profile.thinking.get(row.thinking, {})
    return {}


# --- requests ---------------------------------------------------------------------------------------------------------


def _chat_request(model: str, target: Target, prompt: str, budget: int, key: str | None = None, **more: Any) -> Request:
    entries = thinking_entries(model, target)
    row = target.profile.models.get(model)
    may_think = row is not None and (
        row.thinking is Thinking.ALWAYS
        or (row.thinking is Thinking.ON and entries != target.profile.thinking.get("off"))
        or (row.thinking is Thinking.OFF and bool(entries) and entries == target.profile.thinking.get("on"))
    )
    limit = target.profile.parameter("chat.completions", "max_tokens", model)
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
    return Request("POST", endpoint_path(target.profile, "chat.completions"), body, key)


def _asks(prompt: str, budget: int, **more: Any) -> Callable[[Requirement, Target], tuple[Request, ...]]:
    def requests(requirement: Requirement, target: Target) -> tuple[Request, ...]:
        return (_chat_request(model_for(requirement, target) or "", target, prompt, budget, **more),)

    return requests


def _tool_requests(requirement: Requirement, target: Target) -> tuple[Request, ...]:
    """Ask for the same call twice, whole and streamed: the deltas are where servers fail."""
    model, prompt = model_for(requirement, target) or "", "What is the weather in Paris? Use the tool."
    plain = _chat_request(model, target, prompt, 128, tools=[WEATHER])
    return plain, _chat_request(model, target, prompt, 128, tools=[WEATHER], stream=True)


def _embedding_request(requirement: Requirement, target: Target, encoding: str) -> Request:
    model = model_for(requirement, target) or ""
    body: dict[str, Any] = {"model": model, "input": TEXTS, "encoding_format": encoding}
    row = target.profile.models.get(model)
    parameter = target.profile.parameter("embeddings", "dimensions", model)
    fixed = row is not None and row.dimensions == (requirement.dimensions,)
    removed = parameter is not None and parameter.action is Action.REMOVE
    if requirement.dimensions is not None and not fixed and not removed:
        body["dimensions"] = requirement.dimensions
    return Request("POST", endpoint_path(target.profile, "embeddings"), body)


def _float_requests(requirement: Requirement, target: Target) -> tuple[Request, ...]:
    return (_embedding_request(requirement, target, "float"),)


def _base64_requests(requirement: Requirement, target: Target) -> tuple[Request, ...]:
    return _embedding_request(requirement, target, "base64"), _embedding_request(requirement, target, "float")


def _list_request(_: Requirement, target: Target) -> tuple[Request, ...]:
    return (Request("GET", endpoint_path(target.profile, "models")),)


def _model_request(requirement: Requirement, target: Target) -> tuple[Request, ...]:
    model = model_for(requirement, target) or ""
    if is_embedding(model, target):
        body = {"model": model, "input": TEXTS[:1], "encoding_format": "float"}
        return (Request("POST", endpoint_path(target.profile, "embeddings"), body),)
    return (_chat_request(model, target, "Say hello.", 16),)


def _bad_key_request(_: Requirement, target: Target) -> tuple[Request, ...]:
    if target.chat_model is None:
        return (Request("GET", endpoint_path(target.profile, "models"), key=WRONG_KEY),)
    return (_chat_request(target.chat_model, target, "Say hello.", 16, WRONG_KEY),)


def _unknown_model_request(_: Requirement, target: Target) -> tuple[Request, ...]:
    return (_chat_request(NO_MODEL, target, "Say hello.", 16),)


PROBES: tuple[Probe, ...] = (
    Probe("chat", _asks("Say hello in one short sentence.", 64), judge_chat),
    Probe(
        "stream-usage",
        _asks("Count from one to ten.", 64, stream=True, stream_options={"include_usage": True}),
        judge_stream_usage,
    ),
    Probe("tools", _tool_requests, judge_tools),
    Probe(
        "forced-tool",
        _asks(
            "What is the weather in Paris?",
            128,
            tools=[WEATHER, TIME],
            tool_choice={"type": "function", "function": {"name": "get_time"}},
        ),
        judge_forced_tool,
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
