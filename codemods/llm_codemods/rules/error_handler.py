"""Exception of the SDK is caught.

Why: the SDK chooses the class from the HTTP status alone, and providers choose other statuses: a blocked prompt, an
unknown model or an empty account may arrive as another class, past the handler that was written for it. Before 1.0 the
classes lived in ``openai.error``, which is gone.

Fix: none: which failures the handler is for, only you know.

Safety: ``ready`` for classes that catch there what they catch at OpenAI, ``manual`` where a failure comes as another
class, and for the classes of 0.28 in code that does not move as a whole: the message names what comes.

Source: profile field ``errors``; gotchas G26, G27, G54.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import openai_api, upgrade
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sdk import Sdk
from llm_codemods.sites import HandlerSite
from llm_codemods.target import Target
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


def find(site: HandlerSite, target: Target | None) -> Iterator[Finding]:
    """Report every handler, and what will go past it."""
    message = text("{name} is caught", name=site.name)
    verdict = Verdict.READY
    stays = target is None or target.sdk is Sdk.KEEP
    after = openai_api.successor(site.name) if site.legacy else site.name
    if site.legacy and not (stays or (after is not None and upgrade.applies(site.points, site.host, target))):
        message = text("openai.error.{name} is caught: it exists only before 1.0 of the SDK", name=site.name)
        message = text("{message}; since then it is openai.{after}", message=message, after=after or "APIError")
        verdict = Verdict.MANUAL
    elif target is not None and (moved := moves(after or site.name, target)):
        for kind, status in moved:
            failure = named(kind)
            message = text(
                "{message}; {failure} comes as {other} there, with status {status}",
                message=message,
                failure=failure,
                other=class_of(status),
                status=status,
            )
        message = text("{message}: catch that as well, or what it is derived from, APIStatusError", message=message)
        verdict = Verdict.MANUAL
    yield about(site, "except", f"openai.{site.name}", message, verdict)


def class_of(status: int) -> str:
    """Return the SDK's exception class for an HTTP status."""
    return "InternalServerError" if status >= 500 else CLASSES.get(status, "APIStatusError")


def moves(name: str, target: Target) -> list[tuple[str, int]]:
    """Return the kinds of failure that this class catches at OpenAI but not at the target, with the status there."""
    there = target.profile.errors
    return [
        (kind, there[kind].status)
        for kind, status in OPENAI.items()
        if kind in there and class_of(status) == name != class_of(there[kind].status)
    ]


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


RULE = Rule("LM501", "error-handler", HandlerSite, find)
