"""Error is told by OpenAI's code or status.

Why: the same failure has another code, and often another status, at other providers; and the same code may mean
something else: ``insufficient_quota`` is OpenAI's word for an empty account, elsewhere it may be a limit of tokens a
minute.

Fix: none: the message says what comes there.

Safety: ``ready`` where the failure looks the same there, else ``review``.

Source: profile field ``errors``; gotchas G26, G27, G54.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.profile import ErrorShape
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.rules.error_handler import OPENAI, named
from llm_codemods.sites import ErrorCodeSite
from llm_codemods.target import Target
from llm_codemods.text import text

CODES = {
    "billing_hard_limit_reached": "no-balance",
    "billing_not_active": "no-balance",
    "content_filter": "content-blocked",
    "content_policy_violation": "content-blocked",
    "context_length_exceeded": "context-length",
    "insufficient_quota": "no-balance",
    "invalid_api_key": "bad-key",
    "model_not_found": "unknown-model",
    "rate_limit_exceeded": "rate-limit",
    "string_above_max_length": "context-length",
}
"""OpenAI's codes, and the kinds of failure that they mean."""


def find(site: ErrorCodeSite, target: Target | None) -> Iterator[Finding]:
    """Report comparisons with codes and statuses."""
    if target is None or target.at_openai:
        return
    there = target.profile.errors
    kinds = _kinds(site.code)
    moved = [kind for kind in kinds if kind in there and not _same(site.code, there[kind])]
    message = text("an error is compared with {code}", code=site.code)
    for kind in moved:
        shape = there[kind]
        code, sort = _part(shape, "code"), _part(shape, "type")
        if code is None and sort is not None:
            message = text(
                "{message}; {failure} comes with status {status}, type {type} and no code there",
                message=message,
                failure=named(kind),
                status=shape.status,
                type=sort,
            )
        else:
            message = text(
                "{message}; {failure} comes with status {status}, code {code} there",
                message=message,
                failure=named(kind),
                status=shape.status,
                code=code or "-",
            )
    if kinds and all(kind in there for kind in kinds):
        yield about(site, "error-code", str(site.code), message, Verdict.REVIEW if moved else Verdict.READY)
    elif not isinstance(site.code, int):
        message = text("{message}: whether that code comes there is not known", message=message)
        yield about(site, "error-code", site.code, message, Verdict.REVIEW)


def _kinds(code: str | int) -> list[str]:
    """Return the kinds of failure that OpenAI means by a code or a status."""
    if isinstance(code, int):
        return [kind for kind, status in OPENAI.items() if status == code]
    if "maximum context length" in code:
        return ["context-length"]
    return [CODES[code]] if code in CODES else []


def _same(code: str | int, there: ErrorShape) -> bool:
    return code == (there.status if isinstance(code, int) else _part(there, "code"))


def _part(shape: ErrorShape, name: str) -> str | None:
    """Return the ``code`` or the ``type`` that stands in the body of an error."""
    error = shape.body.get("error", shape.body)
    value = error.get(name) if isinstance(error, dict) else None
    return str(value) if value is not None else None


RULE = Rule("LM502", "error-code", ErrorCodeSite, find)
