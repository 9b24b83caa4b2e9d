"""Model is given as ``engine``.

Why: before 1.0 the SDK turned ``engine`` and ``deployment_id`` into a part of the URL. Only OpenAI and Azure have such
paths; everybody else wants ``model`` in the request.

Fix: the argument is called ``model``; beside a ``model`` it goes. Where it comes out of a ``**mapping``, that is passed
through a small function, which the module gets once.

Safety: ``fix``; ``review`` where the argument reaches the call from elsewhere and nothing can be put between, and
where the endpoint is decided elsewhere: at Azure, the call needs it.

Source: openai 0.28, ``api_resources``; gotcha G22.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods import adapters, upgrade
from llm_codemods.operations import Change, Fix, Operation, PassThrough, RemoveArgument, RenameArgument
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Given, Points
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
        if site.points is Points.UNKNOWN:
            yield about(site, "parameter", name, message, Verdict.REVIEW)
            continue
        if not given.direct:
            passed = _passed_through(site, given)
            verdict = Verdict.REVIEW if passed is None else Verdict.FIX
            yield about(site, "parameter", name, message, verdict, passed)
            continue
        operation: Operation = RemoveArgument(name) if "model" in site.given else RenameArgument(name, "model")
        fix = Fix(text("call it 'model'"), (Change(site.span, (operation,)),))
        yield about(site, "parameter", name, message, Verdict.FIX, fix)


def _passed_through(site: CallSite, given: Given) -> Fix | None:
    """Return the fix that has a function of the module take the argument out of what the call unpacks, or rename it
    where no model stands beside it."""
    if not site.passes(given):
        return None
    beside = "model" in site.given and site.given["model"].direct
    made, argument = adapters.renamed(given.name, None if beside else "model")
    title = text("have a function {name} make it fit", name=made.name)
    return Fix(title, (Change(site.span, (PassThrough(made.name, argument),)),), definitions=(made,))


RULE = Rule("LM106", "legacy-engine", CallSite, find)
