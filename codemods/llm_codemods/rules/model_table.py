"""Table has names of OpenAI's models as its keys.

Why: windows, prices and capabilities are kept in dictionaries by model. The new name is not in them: the look-up fails,
or falls back to a number that is wrong.

Fix: none: add the new names with their own numbers; prices are in another currency.

Safety: ``manual``.

Source: profile fields ``mapping`` and ``models``; gotchas G43, G44.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import TableSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: TableSite, target: Target | None) -> Iterator[Finding]:
    """Report every table; say which names it lacks."""
    if target is None or target.at_openai:
        message = text("table of {count} models, from {name} on", count=len(site.names), name=site.names[0])
        yield about(site, "table", site.names[0], message, Verdict.READY if target is not None else None)
        return
    models = dict.fromkeys(model for name in site.names if (model := target.model_for(name)) is not None)
    if models:
        message = text("table of models: add {names} with its own numbers", names=", ".join(models))
    else:
        message = text("table of models: add those of {provider}", provider=target.profile.name)
    yield about(site, "table", site.names[0], message, Verdict.MANUAL)


RULE = Rule("LM710", "model-table", TableSite, find)
