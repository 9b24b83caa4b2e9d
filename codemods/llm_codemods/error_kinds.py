"""Kinds of failure: what they are called, the status and the SDK's exception that tell of each."""

from __future__ import annotations

from llm_codemods.text import Text, text

CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
"""The SDK's class for each status; from 500 on it is ``InternalServerError``, for any other ``APIStatusError``."""
OPENAI = {
    "bad-key": 401,
    "unknown-model": 404,
    "bad-parameter": 400,
    "context-length": 400,
    "content-blocked": 400,
    "no-balance": 429,
    "rate-limit": 429,
    "server": 500,
}
"""Kinds of failure, by their key in ``profile.errors``, and OpenAI's status for each."""


def class_of(status: int) -> str:
    """Return the SDK's exception class for an HTTP status."""
    return "InternalServerError" if status >= 500 else CLASSES.get(status, "APIStatusError")


def named(kind: str) -> Text:
    """Return a kind of failure in words."""
    match kind:
        case "bad-key":
            return text("a wrong key")
        case "unknown-model":
            return text("an unknown model")
        case "context-length":
            return text("a text that is too long")
        case "content-blocked":
            return text("blocked content")
        case "no-balance":
            return text("an empty account")
        case "rate-limit":
            return text("too many requests")
        case "server":
            return text("a failure of the server")
    return text("a bad request")
