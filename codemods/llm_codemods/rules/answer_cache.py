"""Answers are kept between runs.

Why: what the cache holds was said by the old model. Where the key is the prompt alone, old answers come back after the
move, and a test of the new model tests nothing.

Fix: none: empty the cache, or give it a new place.

Safety: ``manual``, once a file; caches that are gone with the process are not reported.

Source: gotcha G49.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CacheSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CacheSite, target: Target | None) -> Iterator[Finding]:
    """Report the cache."""
    if target is None or target.at_openai:
        return
    message = text(
        "{name} keeps answers between runs: empty it, or old answers come back as if they were new", name=site.name
    )
    yield about(site, "surroundings", site.name, message, Verdict.MANUAL)


RULE = Rule("LM721", "answer-cache", CacheSite, find)
