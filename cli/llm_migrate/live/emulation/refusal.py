"""The errors that the provider answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_codemods.profile import ErrorShape, Profile

REFUSED_KEYS = ("sk-wrong", "invalid", "sk-proj-")
"""Keys that start so are refused, and an empty one; every other key is taken. ``sk-proj-`` marks a key of OpenAI."""

_FALLBACK = {"retired-model": "unknown-model"}
"""What a kind of error is taken from where the profile does not have it."""
_OPENAI = {
    "bad-key": (401, "invalid_api_key", "the API key is not valid"),
    "unknown-model": (404, "model_not_found", "there is no model {model}"),
    "bad-parameter": (400, "invalid_parameter_error", "parameter {parameter} is not valid"),
    "context-length": (400, "context_length_exceeded", "the input is longer than the model's context"),
    "content-blocked": (400, "content_filter", "the content was found unsafe"),
    "no-balance": (429, "insufficient_quota", "the balance is used up"),
    "rate-limit": (429, "rate_limit_exceeded", "too many requests"),
    "server": (500, "server_error", "internal error, try again"),
    "overloaded": (503, "overloaded", "the model is loading, try again"),
    "no-endpoint": (404, "not_found", "there is nothing at this address"),
    "no-object": (404, "not_found", "there is no {parameter}"),
    "too-large": (413, "request_too_large", "the request is too large"),
}
"""OpenAI's status, code and a message of our own for each kind."""


class RefusalError(Exception):
    """The provider would answer with an error: HTTP status and JSON body."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        """Keep what goes over the wire."""
        super().__init__(status)
        self.status = status
        self.body = body


def refusal(profile: Profile, kind: str, *, model: str = "", parameter: str = "") -> RefusalError:
    """Return the error of a kind (a key of ``profile.errors``) with its places filled; OpenAI's where none is known."""
    places = {"model": model, "parameter": parameter}
    kind = kind if kind in profile.errors else _FALLBACK.get(kind, kind)
    row: ErrorShape | None = profile.errors.get(kind)
    if row is not None:
        return RefusalError(row.status, _fill(row.body, places))
    status, code, message = _OPENAI[kind]
    type = "invalid_request_error" if status < 500 else "server_error"
    return RefusalError(
        status, {"error": _fill({"message": message, "type": type, "param": None, "code": code}, places)}
    )


def _fill(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {k: _fill(v, places) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fill(v, places) for v in value]
    if isinstance(value, str):
        for name, filling in places.items():
            value = value.replace("{" + name + "}", filling)
    return value


def check_key(profile: Profile, authorization: str | None) -> None:
    """Take any bearer key but an empty one and those of ``REFUSED_KEYS``.

    Raises:
        RefusalError: the profile's ``bad-key`` error.
    """
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip() or key.strip().startswith(REFUSED_KEYS):
        raise refusal(profile, "bad-key")
