"""Model is an Azure deployment.

Why: at Azure ``model`` names a deployment; which model that is stands nowhere in the code.

Fix: with ``--map DEPLOYMENT=MODEL`` the name is replaced, where it is written. Without, a deployment that chats gets
what stands in for ``gpt-4o``.

Safety: ``review``, as you alone know what the deployment is; ``manual`` for others than chat without the map. A name
that comes from a variable is reported.

Source: gotcha G29; profile field ``mapping``.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, ReplaceString
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import DeploymentSite
from llm_codemods.target import Target
from llm_codemods.text import text

USUAL = "gpt-4o"
"""What a deployment for chat is taken for where nobody says more."""


def find(site: DeploymentSite, target: Target | None) -> Iterator[Finding]:
    """Ask what each deployment stands for."""
    if target is None or target.knows(site.name):
        return
    if site.variable:
        message = text("the variable {name} names a deployment: let it name one of the target's models", name=site.name)
        yield about(site, "parameter", site.name, message, Verdict.MANUAL)
        return
    model = target.models.get(site.name)
    message = text("deployment {name} becomes {model}", name=site.name, model=model)
    if model is None:
        given = shlex.quote(f"{site.name}=MODEL")  # a placeholder such as <name> means something to a shell
        model = target.model_for(USUAL, vision=site.images) if site.chats and site.plain else None
        if model is None:
            message = text("deployment {name}: say what it becomes with --map {given}", name=site.name, given=given)
            yield about(site, "parameter", site.name, message, Verdict.MANUAL)
            return
        message = text(
            "deployment {name} is taken for {usual} and becomes {model}; if it is another, say so with --map {given}",
            name=site.name,
            usual=USUAL,
            model=model,
            given=given,
        )
    if not site.plain:
        yield about(site, "parameter", site.name, message, Verdict.REVIEW)
        return
    fix = Fix(text("use {model}", model=model), (Change(site.span, (ReplaceString(model),)),))
    yield about(site, "parameter", site.name, message, Verdict.REVIEW, fix)


RULE = Rule("LM202", "azure-deployment", DeploymentSite, find)
