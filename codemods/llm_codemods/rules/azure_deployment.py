"""Model is an Azure deployment.

Why: at Azure ``model`` names a deployment; which model that is stands nowhere in the code.

Fix: with ``--map DEPLOYMENT=MODEL`` the name is replaced.

Safety: ``review`` with the map, ``manual`` without.

Source: gotcha G29.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, ReplaceString
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import MODEL, MODEL_ARGUMENTS, CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Ask what each deployment stands for."""
    if target is None or site.points is not Points.AZURE:
        return
    for name in MODEL_ARGUMENTS:
        given = site.given.get(name)
        for constant in given.constants if given is not None else ():
            deployment = constant.literal.value
            if not isinstance(deployment, str) or MODEL.fullmatch(deployment) or target.knows(deployment):
                continue
            model = target.models.get(deployment)
            if model is None or constant.path != site.path or not constant.literal.plain:
                message = text("deployment {name}: say what it becomes with --map {name}=MODEL", name=deployment)
                yield about(site, "parameter", deployment, message, Verdict.MANUAL)
            else:
                change = Change(constant.literal.span, (ReplaceString(model),))
                message = text("deployment {name} becomes {model}", name=deployment, model=model)
                fix = Fix(text("use {model}", model=model), (change,))
                yield about(site, "parameter", deployment, message, Verdict.REVIEW, fix)


RULE = Rule("LM202", "azure-deployment", CallSite, find)
