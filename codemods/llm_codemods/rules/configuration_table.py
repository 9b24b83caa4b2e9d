"""File that is no Python has a table whose keys are names of OpenAI's models.

Why: prices, windows and settings are kept by model. The new name is not in them: the look-up fails, or falls back to
what is said of another model.

Fix: none: what a table says of a model, only a person knows for another one.

Safety: ``manual``; ``ready`` where the new names are there. A table counts where a key above it is about models, prices
or limits, or where it says such things of each, so data in which a model has answered is not reported.

Source: profile field ``mapping``; gotchas G43, G44.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import ModelKeySite
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ModelKeySite, target: Target | None) -> Iterator[Finding]:
    """Report every table; say which names it lacks."""
    verdict = Verdict.READY if target is not None else None
    message = text("table of {count} models, from {name} on", count=len(site.names), name=site.name)
    if target is not None and not target.at_openai:
        models = dict.fromkeys(filter(None, map(target.model_for, site.names)))
        lacking = [model for model in models if model not in site.beside]
        if models and not lacking:
            message = text("table of models, which has {names}", names=", ".join(models))
        else:
            verdict = Verdict.MANUAL
            message = text("table of models: add those of {provider}", provider=target.profile.name)
            if models:
                message = text("table of models: add {names} with its own numbers", names=", ".join(lacking))
    yield about(site, "table", site.name, message, verdict)


RULE = Rule("LM614", "configuration-table", ModelKeySite, find)
