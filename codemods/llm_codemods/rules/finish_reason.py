"""Code branches on why an answer ended.

Why: ``finish_reason`` has other values elsewhere. Where blocked content is an error, ``content_filter`` never comes,
and the branch for it is dead; where further values exist, a branch on OpenAI's values alone misses them.

Fix: none: what the branch is for, only you know.

Safety: ``manual`` where a value never comes there, or where others come as well; the message says what comes instead of
``content_filter``. Nothing is said where the provider sends what OpenAI sends, nor of ``function_call`` where the
functions of the call become tools.

Source: profile field ``response.finish_reason``; gotchas G26, G48.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.conversions import gets_tools
from llm_codemods.error_kinds import class_of
from llm_codemods.profile import ResponseField, Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text

OPENAI = ("stop", "length", "tool_calls", "content_filter", "function_call")
ENDS = frozenset({"stop", "length", "content_filter"})
"""A branch on one of these tells good ends from bad ones."""


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Hold the values that the code knows against those that come."""
    if target is None or site.at[-1:] != ("finish_reason",) or not moves(site.points, site.host, target):
        return
    settled = {"function_call"} if gets_tools(site.call, target) else set()
    asked = [str(value) for value in site.against if value in OPENAI and value not in settled]
    row = target.profile.response.get("finish_reason")
    message = _unknown(asked) if row is None or row.status is Status.UNKNOWN else _judge(asked, row)
    if message is not None:
        if row is not None and row.note is not None:
            message = text("{message} ({note})", message=message, note=row.note)
        blocked = target.profile.errors.get("content-blocked")
        if blocked is not None and "content_filter" in asked:
            message = text(
                "{message}; blocked content raises {error} there, with status {status}: catch it, and do not retry",
                message=message,
                error=class_of(blocked.status),
                status=blocked.status,
            )
        yield about(site, "response", site.api, message, Verdict.MANUAL)


def _unknown(asked: list[str]) -> Text | None:
    if "content_filter" in asked:
        return text("whether finish_reason says 'content_filter' there is not known")
    return None


def _judge(asked: list[str], row: ResponseField) -> Text | None:
    never = [value for value in asked if row.values and value not in row.values]
    more = [value for value in row.values if value not in OPENAI]
    if never:
        return text("finish_reason is never {values} there", values=", ".join(never))
    if more and ENDS.intersection(asked):
        return text("finish_reason may also be {values} there", values=", ".join(more))
    return None


RULE = Rule("LM404", "finish-reason", ResponseSite, find)
