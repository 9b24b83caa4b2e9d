"""Tokens or costs are counted as OpenAI's models count them.

Why: the tokenizer knows OpenAI's models only, and raises for others; its tables are downloaded from a host that not
every network reaches. Prices of other models are unknown to counters of costs, which then say nothing was spent.

Fix: none: take the numbers of the answer's ``usage``, or an estimate, where the exact number does not matter.

Safety: ``review``.

Source: the table of frameworks; gotchas G19, G44.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.frameworks import Kind
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import TokenizerSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text


def find(site: TokenizerSite, target: Target | None) -> Iterator[Finding]:
    """Report every look-up of a tokenizer and every counter of costs."""
    if target is None or target.at_openai:
        message = text("{name} counts as OpenAI does", name=site.name)
        yield about(site, "tokenizer", site.row.name, message, Verdict.READY if target is not None else None)
        return
    yield about(site, "tokenizer", site.row.name, _advice(site, target), Verdict.REVIEW)


def _advice(site: TokenizerSite, target: Target) -> Text:
    if site.row.kind is Kind.COST:
        return text(
            "{name} knows the prices of OpenAI's models only: count from the usage of the answers", name=site.name
        )
    names = [model for name in site.models if (model := target.model_for(name)) is not None]
    if names:
        return text(
            "{name} knows no {model}: take the usage of the answers, or fall back to an estimate",
            name=site.name,
            model=names[0],
        )
    return text(
        "{name} counts tokens as OpenAI does, by tables that it downloads: take the usage of the answers",
        name=site.name,
    )


RULE = Rule("LM709", "tokenizer", TokenizerSite, find)
