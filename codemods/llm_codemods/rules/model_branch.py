"""Name of a model decides what the code does.

Why: ``model.startswith("gpt-4")``, comparisons with names and ``model in SMALL_MODELS`` choose limits, tools or
prompts. The new name takes the other branch, silently.

Fix: none: decide what holds for the new model.

Safety: ``manual``.

Source: profile field ``mapping``; gotcha G43.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import BranchSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: BranchSite, target: Target | None) -> Iterator[Finding]:
    """Report every branch; say what no longer takes it."""
    names = ", ".join(site.names)
    if target is None or target.at_openai:
        message = text("a model's name is compared with {names}", names=names)
        yield about(site, "branch", site.names[0], message, Verdict.READY if target is not None else None)
        return
    models = dict.fromkeys(model for name in site.names if (model := target.model_for(name)) is not None)
    if models and site.whole:
        message = text(
            "a model's name is compared with {names}: {models} is none of these; decide what holds for it",
            names=names,
            models=", ".join(models),
        )
    else:
        message = text("a model's name is searched for {names}, which the new one has not in it", names=names)
    yield about(site, "branch", site.names[0], message, Verdict.MANUAL)


RULE = Rule("LM711", "model-branch", BranchSite, find)
