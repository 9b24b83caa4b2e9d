"""Argument of a framework's class is accepted and dropped.

Why: some classes take any keyword and forget those they do not know. A ``base_url`` that is called ``api_base`` there
raises nothing: requests, and the new key, go on to OpenAI.

Fix: none yet: give it the name that the class reads.

Safety: ``review``.

Source: the table of frameworks, field ``drops``; gotcha G03.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import FrameworkSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report every argument that is without effect."""
    for name in site.row.drops:
        given = site.given.get(name)
        if given is not None and site.row.endpoint:
            message = text(
                "{name} takes {argument} and drops it: the endpoint is called {other} there",
                name=site.name,
                argument=name,
                other=site.row.endpoint[0],
            )
            verdict = Verdict.REVIEW if target is not None else None
            span = given.span if given.direct else None
            yield about(site, "parameter", name, message, verdict, span=span)


RULE = Rule("LM704", "framework-argument", FrameworkSite, find)
