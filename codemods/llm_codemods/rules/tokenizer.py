"""Tokens or costs are counted as OpenAI's models count them.

Why: the tokenizer knows OpenAI's models only, and raises for others; its tables are downloaded from a host that not
every network reaches. Prices of other models are unknown to counters of costs, which then say nothing was spent.

Fix: a tokenizer that is looked up by a model's name is looked up by that of its table: then the target's model, whose
name the program may have, does not raise, and what is counted is an estimate. Otherwise, and where the program catches
that, none: take the numbers of the answer's ``usage``. Where the download fails, ``TIKTOKEN_CACHE_DIR`` names a folder
that has the tables.

Safety: ``review``; ``manual`` without a fix.

Source: the table of frameworks; gotchas G19, G44.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.frameworks import Kind
from llm_codemods.operations import Change, Fix, RenameFunction, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
from llm_codemods.sites import TokenizerSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text

NEWEST = "o200k_base"
OLDER = "cl100k_base"
TABLES = (
    *(("gpt-4o", NEWEST), ("gpt-4.1", NEWEST), ("gpt-4.5", NEWEST)),
    *(("gpt-4", OLDER), ("gpt-3.5", OLDER), ("text-embedding-", OLDER)),
)
"""What models' names begin with, and the table by which they count; those that are newer take the newest."""


def find(site: TokenizerSite, target: Target | None) -> Iterator[Finding]:
    """Report every look-up of a tokenizer and every counter of costs."""
    if target is None or target.at_openai:
        message = text("{name} counts as OpenAI does", name=site.name)
        yield about(site, "tokenizer", site.row.name, message, Verdict.READY if target is not None else None)
        return
    fix = _by_table(site)
    yield about(site, "tokenizer", site.row.name, _advice(site, target), settles(fix, sure=False), fix)


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


def _by_table(site: TokenizerSite) -> Fix | None:
    """Return the fix that looks the tokenizer up by the name of its table."""
    to, given = site.row.by_table, site.argument
    if to is None or given is None or not given.direct:
        return None
    name = next((table for beginning, table in TABLES if (site.models or ("",))[0].startswith(beginning)), NEWEST)
    changes = Change(given.span, (Replace(f'"{name}"'),)), Change(site.span, (RenameFunction(to),))
    return Fix(text("look up {name}, as an estimate", name=name), changes)


RULE = Rule("LM709", "tokenizer", TokenizerSite, find)
