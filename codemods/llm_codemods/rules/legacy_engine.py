"""Model is given as ``engine``.

Why: before 1.0 the SDK turned ``engine`` and ``deployment_id`` into a part of the URL. Only OpenAI and Azure have such
paths; everybody else wants ``model`` in the request.

Fix: the argument is called ``model``; beside a ``model`` it goes.

Safety: ``fix``; ``review`` where the argument reaches the call from elsewhere.

Source: openai 0.28, ``api_resources``; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import upgrade
from llm_codemods.operations import Change, Fix, Operation, RemoveArgument, RenameArgument
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Rename ``engine`` of calls to the 0.28 API."""
    if target is None or not site.legacy or site.points is Points.ELSEWHERE or target.at_openai:
        return
    for name in ("engine", "deployment_id"):
        given = site.given.get(name)
        if given is None:
            continue
        message = text("'{name}' names a path that only OpenAI and Azure have", name=name)
        moved = site.upgrade.keys if site.upgrade and upgrade.applies(site.points, site.host, target) else ()
        if any(key == name for _, key, _ in moved):
            continue  # goes with the call
        if not given.direct:
            yield about(site, "parameter", name, message, Verdict.REVIEW)
            continue
        operation: Operation = RemoveArgument(name) if "model" in site.given else RenameArgument(name, "model")
        fix = Fix(text("call it 'model'"), (Change(site.span, (operation,)),))
        yield about(site, "parameter", name, message, Verdict.FIX, fix)


RULE = Rule("LM106", "legacy-engine", CallSite, find)
