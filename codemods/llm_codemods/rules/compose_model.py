"""Compose file hands a model of OpenAI to a container.

Why: the value, or the default in ``${MODEL:-gpt-4o}``, wins over the one in the code; it fails on the first call.

Fix: the name becomes the one that the profile, or your ``--map``, puts in its place.

Safety: ``fix``; ``manual`` while something in this project stays with OpenAI or elsewhere, where nothing in it moves,
and where nothing is known to stand in for the model.

Source: profile field ``mapping``; gotcha G63.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.configuration.compose import ComposeModelSite
from llm_codemods.operations import Change, Fix, Replace
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: ComposeModelSite, target: Target | None) -> Iterator[Finding]:
    """Report every model and replace it."""
    message = text("model {name}", name=site.name)
    if target is None or target.at_openai:
        yield about(site, "model-literal", site.name, message, Verdict.READY if target else None)
        return
    model = target.model_for(site.name)
    if model is None or not site.readers.moving or site.readers.staying:
        yield about(site, "model-literal", site.name, message, Verdict.MANUAL)
    else:
        fix = Fix(text("use {model}", model=model), (Change(site.span, (Replace(model),)),))
        yield about(site, "model-literal", site.name, message, Verdict.FIX, fix)


RULE = Rule("LM605", "compose-model", ComposeModelSite, find)
