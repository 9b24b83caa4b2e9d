"""Piece of a tool call is known by its id or name being there.

Why: OpenAI sends the id and the name of a tool call in its first piece only, and leaves them out of the others. Some
providers send empty texts instead: ``piece.id is not None`` then takes every piece for a new call.

Fix: ``if piece.id:`` for ``if piece.id is not None:``, ``if not piece.id:`` for ``if piece.id is None:``.

Safety: ``fix``: OpenAI sends no empty id or name, so that the code does the same there as before. Only where the
profile says that they may be empty; else nothing is said.

Source: profile fields ``response."tool_calls.id"`` and ``response."tool_calls.name"``; gotcha G58.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import AskTruth, Change, Fix
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Replace comparisons with None."""
    if target is None or site.comparison is None or "delta" not in site.at or "tool_calls" not in site.at:
        return
    row = target.profile.response.get(f"tool_calls.{site.at[-1]}")
    if row is not None and row.status is Status.LIMITED and moves(site.points, site.host, target):
        message = text("'{name}' of a piece of a tool call may be an empty text there, not None", name=site.at[-1])
        fix = Fix(text("ask whether it is empty"), (Change(site.comparison, (AskTruth(),)),))
        yield about(site, "response", site.api, message, Verdict.FIX, fix)


RULE = Rule("LM408", "tool-call-piece", ResponseSite, find)
