"""Requests of the probes for parameters and for other endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llm_codemods.requirements import Requirement
from llm_migrate.live import prompts
from llm_migrate.live.judges.errors import PRESENCE
from llm_migrate.live.judges.parameters import comes_not_near
from llm_migrate.live.probes.asking import chat_request, limit_name, model_for
from llm_migrate.live.wire import Connection, Request, Response, endpoint_path


def _request(
    requirement: Requirement, connection: Connection, prompt: str, more: Mapping[str, Any], budget: int = 16
) -> Request:
    return chat_request(model_for(requirement, connection) or "", connection, prompt, budget, more)


def _limits(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask for a long text with a small limit; then for a short one with the limit of the code, if it is another."""
    name = requirement.feature
    cut = _request(requirement, connection, prompts.REPEAT, {name: prompts.CAP})
    value = requirement.value
    if type(value) is not int or value == prompts.CAP:
        return (cut,)
    return cut, _request(requirement, connection, "Answer with the single word: hello", {name: value})


def _stop(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Have a line repeated up to a word in it."""
    return (_stopped(requirement, connection, prompts.STOP),)


def stop_anywhere(
    requirement: Requirement, connection: Connection, responses: Sequence[Response]
) -> tuple[Request, ...]:
    """Ask again where the line was not repeated, with a sequence that any text contains."""
    return (_stopped(requirement, connection, prompts.OFTEN),) if comes_not_near(responses[0]) else ()


def _stopped(requirement: Requirement, connection: Connection, stop: str) -> Request:
    """Return a request with a list of as many sequences as the code sends."""
    count = requirement.value if type(requirement.value) is int else 1
    more = [f"unlikely-{number}" for number in range(1, count)]
    return _request(requirement, connection, prompts.REPEAT, {"stop": [stop, *more]}, 64)


def _n(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    count = requirement.value if type(requirement.value) is int else 2
    return (_request(requirement, connection, prompts.INVENT, {"n": count}),)


def _logprobs(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    asked = requirement.value if type(requirement.value) is int else 2
    more = {"logprobs": True, "top_logprobs": asked}
    return (_request(requirement, connection, "Say hello.", more),)


def _seed(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    seed = requirement.value if type(requirement.value) is int else 7
    other = seed - 1 if seed > 0 else seed + 1
    return tuple(
        _request(requirement, connection, prompts.RANDOM, {"seed": one, "temperature": 1})
        for one in (seed, seed, other)
    )


def _temperature(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask three times with temperature 0, where answers should be the same; else once."""
    value = 0 if requirement.value is None else requirement.value
    request = _request(requirement, connection, prompts.INVENT, {"temperature": value})
    return (request,) * (3 if value == 0 else 1)


def parameter_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send the value, nonsense in its place, and nonsense under a name that does not exist."""
    name = requirement.feature
    bodies: tuple[Mapping[str, Any], ...] = (
        {name: requirement.value},
        {name: prompts.NONSENSE},
        {prompts.NO_PARAMETER: prompts.NONSENSE},
    )
    return tuple(_request(requirement, connection, prompts.HELLO, body, 32) for body in bodies)


def bad_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Send no messages, a text in their place, and what is no JSON."""
    model = model_for(requirement, connection) or ""
    right = chat_request(model, connection, prompts.HELLO, 16)
    body = {name: value for name, value in (right.body or {}).items() if name != "messages"}
    return (
        Request(right.method, right.path, body),
        Request(right.method, right.path, {**body, "messages": prompts.HELLO}),
        Request(right.method, right.path, raw=b'{"model": '),
    )


def endpoint_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Make the cheapest call of another endpoint; an empty one where even that would cost much."""
    api = str(requirement.value)
    model = model_for(requirement, connection) or ""
    row = connection.profile.endpoints.get(api)
    path = "/" + (row.path if row is not None and row.path else PATHS.get(api, api.replace(".", "/"))).lstrip("/")
    if api == "chat.completions":
        return (chat_request(model, connection, prompts.HELLO, 32),)
    if api == "embeddings":
        body: Mapping[str, Any] = {"model": connection.embedding_model or "", "input": prompts.TEXTS}
        return (Request("POST", endpoint_path(connection.profile, "embeddings"), body),)
    if api in PRESENCE:
        return (Request("POST", path, {}),)
    if api == "responses":
        return (Request("POST", path, {"model": model, "input": prompts.HELLO, "max_output_tokens": 64}),)
    if api == "completions":
        return (
            Request("POST", path, {"model": model, "prompt": "One, two, three,", limit_name(model, connection): 8}),
        )
    if api == "moderations":
        return (Request("POST", path, {"input": prompts.HELLO}),)
    if api == "audio.speech":
        voice = next((name for name, known in connection.profile.models.items() if known.kind == "speech"), "tts-1")
        return (Request("POST", path, {"model": voice, "input": "Hello.", "voice": "alloy"}),)
    return (Request("GET", path),)


PATHS = {
    "images": "images/generations",
    "audio.speech": "audio/speech",
    "audio.transcriptions": "audio/transcriptions",
    "fine_tuning": "fine_tuning/jobs",
}
"""Where OpenAI has what is not under the name of the endpoint itself."""
EFFECTS = {
    "max_tokens": _limits,
    "max_completion_tokens": _limits,
    "stop": _stop,
    "n": _n,
    "logprobs": _logprobs,
    "top_logprobs": _logprobs,
    "seed": _seed,
    "temperature": _temperature,
}
"""Parameters whose effect can be seen."""
