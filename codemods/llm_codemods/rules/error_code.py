"""Error is told by OpenAI's code or status.

Why: the same failure has another code, and often another status, at other providers; and the same code may mean
something else: ``insufficient_quota`` is OpenAI's word for an empty account, elsewhere it may be a limit of tokens a
minute.

Fix: the code that comes there, where no other failure comes with the same.

Safety: ``ready`` where the failure looks the same there; ``review`` where the code is replaced: look whether the
handler around catches the class that comes there. Else ``manual``: the message says what comes, and what to ask for.

Source: profile field ``errors``; gotchas G26, G27, G54.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llm_codemods.error_kinds import OPENAI, named
from llm_codemods.operations import Change, Fix, ReplaceString
from llm_codemods.profile import ErrorShape
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
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
        fix = _fix(site, moved, there) if moved else None
        if moved and fix is None:
            message = text("{message}: ask for that", message=message)
        verdict = Verdict.READY if not moved else Verdict.MANUAL if fix is None else Verdict.REVIEW
        yield about(site, "error-code", str(site.code), message, verdict, fix)
    elif isinstance(site.code, str) and site.code not in [_part(shape, "code") for shape in there.values()]:
        message = text(
            "{message}: whether that code comes there is not known; ask for the status as well", message=message
        )
        yield about(site, "error-code", site.code, message, Verdict.MANUAL)


def _fix(site: ErrorCodeSite, moved: list[str], there: Mapping[str, ErrorShape]) -> Fix | None:
    """Return the fix that puts the code there in the place of OpenAI's; None where none tells the failure apart."""
    if not isinstance(site.code, str) or not site.plain or len(moved) != 1 or site.code not in CODES:
        return None
    code = _part(there[moved[0]], "code")
    if code is None or any(_part(shape, "code") == code for kind, shape in there.items() if kind != moved[0]):
        return None
    return Fix(text("compare with '{code}'", code=code), (Change(site.literal, (ReplaceString(code),)),))


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
