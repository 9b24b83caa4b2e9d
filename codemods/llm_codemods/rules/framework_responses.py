"""Framework sends its requests to the Responses API.

Why: that API is OpenAI's newer one. Other providers have none, or a part of it that keeps no state; the same request as
a chat completion works everywhere.

Fix: none yet: the message says what switches the framework to chat completions.

Safety: ``review``; ``ready`` where the provider has all of it.

Source: the table of frameworks; profile field ``endpoints``; gotcha G11.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import FrameworkSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report every object that uses the Responses API."""
    if not site.responses or target is None or target.at_openai:
        return
    if site.points is Points.ELSEWHERE and not target.is_home(site.host):
        return
    row = target.profile.endpoint("responses.create")
    if row is not None and row.status is Status.SAME:
        return
    off = site.row.off or site.row.instead
    if off is None:
        message = text("{name} uses the Responses API: take chat completions", name=site.name)
    else:
        message = text("{name} uses the Responses API: take chat completions, with {code}", name=site.name, code=off)
    yield about(site, "parameter", site.row.name, message, Verdict.REVIEW)


RULE = Rule("LM706", "framework-responses", FrameworkSite, find)
