"""Failure that no retry mends is retried.

Why: blocked content is an error at most providers, and the same request is blocked again however often it is sent; with
it in the history of a conversation, every later turn is. A decorator that retries on the class of that error, or on one
that it is derived from, tries to no end, and pays for each time.

Fix: none: retry on ``RateLimitError``, ``APIConnectionError`` and ``InternalServerError`` only, and handle blocked
content by itself.

Safety: ``manual``, where the profile says as what blocked content comes.

Source: profile field ``errors.content-blocked``; gotcha G26.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.error_kinds import class_of
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import RetrySite
from llm_codemods.target import Target
from llm_codemods.text import text

WIDE = ("APIStatusError", "APIError", "OpenAIError")
"""Classes from which those of single statuses are derived."""


def find(site: RetrySite, target: Target | None) -> Iterator[Finding]:
    """Report retries of blocked content."""
    blocked = target.profile.errors.get("content-blocked") if target is not None else None
    if blocked is None or not moves(site.points, site.host, target):
        return
    if site.name == class_of(blocked.status) or site.name in WIDE:
        message = text(
            "{name} is retried, and blocked content comes as {error} there, with status {status}: do not retry that",
            name=site.name,
            error=class_of(blocked.status),
            status=blocked.status,
        )
        yield about(site, "except", f"openai.{site.name}", message, Verdict.MANUAL)


RULE = Rule("LM505", "retried-failure", RetrySite, find)
