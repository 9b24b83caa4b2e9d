"""Answer is read as JSON.

Why: where the model's thoughts stand in the text of its answer, that text is no JSON any more.

Fix: none yet: ask the provider to send the thoughts apart, or cut them off before reading.

Safety: ``review``, where the profile says that ``content`` differs; else nothing is said.

Source: profile field ``response.content``; gotcha G38.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Report answers that are read as JSON."""
    if target is None or not site.parsed or not moves(site.points, site.host, target):
        return
    row = target.profile.response.get("content")
    if row is not None and row.status is Status.LIMITED and row.note is not None:
        message = text("the answer is read as JSON: {note}", note=row.note)
        yield about(site, "response", site.api, message, Verdict.REVIEW)


RULE = Rule("LM407", "parsed-content", ResponseSite, find)
