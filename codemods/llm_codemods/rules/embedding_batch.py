"""More texts may be embedded in one call than the target's model takes.

Why: OpenAI takes 2048 texts a call, others ten or sixteen; a longer list is refused as a whole, and only once there is
that much to embed.

Fix: none: cut the list into pieces where it is made.

Safety: ``review``; a single text, and a list that is written out and short enough, are not reported.

Source: profile field ``models.batch``; gotcha G15.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.request import count
from llm_codemods.rule import Rule, about
from llm_codemods.rules.parameter import model_of
from llm_codemods.sites import CallSite, Given, Points
from llm_codemods.target import Target
from llm_codemods.terms import Items
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Report lists of texts that may be too long."""
    if target is None or site.endpoint != "embeddings.create" or site.points not in (Points.OPENAI, Points.AZURE):
        return
    given, model = site.given.get("input"), target.model(model_of(site, target))
    if given is None or model is None or model.batch is None or length(given) <= model.batch:
        return
    message = text("{limit} texts a call at most: cut longer lists into pieces", limit=model.batch)
    yield about(site, "parameter", "input", message, Verdict.REVIEW, span=given.span if given.direct else None)


def length(given: Given) -> float:
    """Return how many texts an argument holds, as far as it is written out; 1 for a single text."""
    if given.strings or given.text:
        return 1
    written = count(given.term) if isinstance(given.term, Items) else None
    return float("inf") if written is None else written


RULE = Rule("LM305", "embedding-batch", CallSite, find)
