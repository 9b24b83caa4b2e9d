"""Framework asks for a model of OpenAI that is named nowhere.

Why: where no model is given, a framework takes its own default, which is OpenAI's: the first call fails with the name
of a model that no search of the code finds.

Fix: the model is named, together with endpoint and key (rule ``framework-client``).

Safety: as sure as the object's move, of which it is a part; ``manual`` where that is left to a person; ``ready`` for
objects that point elsewhere. Those of Azure have deployments instead of models.

Source: the table of frameworks; profile field ``mapping``; gotcha G06.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.framework_fix import move, moved
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
from llm_codemods.sites import FrameworkSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report every object and function that leaves the choice of its model to the framework."""
    default = site.row.default
    if default is None or site.named or site.opaque or site.row.azure:
        return
    message = text("{name} is given no model and asks for {model}", name=site.name, model=default)
    away = target is not None and site.points is Points.ELSEWHERE and not target.is_home(site.host)
    if target is None or target.at_openai or away:
        verdict = None if target is None else Verdict.READY
        yield about(site, "framework-call", site.row.name, message, verdict)
        return
    model = target.model_for(default)
    if model is not None and site.row.model:
        message = text(
            "{name} is given no model and asks for {model}: pass {code}",
            name=site.name,
            model=default,
            code=f'{site.row.model[0]}="{model}"',
        )
    fix = move(site, target)
    sure = fix is not None and moved(site, target)[1]
    yield about(site, "framework-call", site.row.name, message, settles(fix, sure=sure), fix)


RULE = Rule("LM702", "framework-default-model", FrameworkSite, find)
