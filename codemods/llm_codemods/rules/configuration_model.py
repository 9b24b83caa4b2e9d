"""File that is no Python names a model of OpenAI.

Why: a model in a settings file wins over the one in the code, and no provider serves OpenAI's models.

Fix: none: the file is reported, with the model that takes the place.

Safety: ``review``; ``manual`` where nothing is known to stand in for the model. A model counts where its key, or one
above it, is about models, or where it has a provider's prefix (``openai/gpt-4o``), so a ``model:`` of something else is
never reported. A table of models, or rows of data, are reported once.

Source: profile field ``mapping``; gotchas G06, G43.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.sites import ModelEntrySite
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ModelEntrySite, target: Target | None) -> Iterator[Finding]:
    """Report every model, and say what takes its place."""
    message = text("model {name}", name=site.name)
    if site.times > 1:
        message = text("model {name}, the first of {count} in a table", name=site.name, count=site.times)
    if target is None or target.at_openai or target.knows(site.name):
        yield about(site, "model-literal", site.name, message, Verdict.READY if target else None)
        return
    model = target.model_for(site.name)
    if model is None and site.times == 1:
        message = text(
            "model {name}: nothing is known to stand in for it; choose with --map {name}=MODEL", name=site.name
        )
        yield about(site, "model-literal", site.name, message, Verdict.MANUAL)
    elif site.times > 1:
        yield about(site, "model-literal", site.name, message, Verdict.REVIEW)
    else:
        message = text("model {name}: {model} takes its place", name=site.name, model=model)
        yield about(site, "model-literal", site.name, message, Verdict.REVIEW)


RULE = Rule("LM607", "configuration-model", ModelEntrySite, find)
