"""Answer is read as JSON.

Why: where the model's thoughts stand in the text of its answer, that text is no JSON any more.

Fix: where the profile knows a switch that has the thoughts sent apart, the rule ``parameter-default`` puts it into the
call, and nothing is left to do here. Elsewhere what stands up to ``</think>`` is cut off before the text is read.

Safety: ``review``, where the profile says that ``content`` differs and knows no switch, or where the call that gives
the answer is not seen; else nothing is said.

Source: profile field ``response.content``; gotcha G38.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.judgement import row_for
from llm_codemods.operations import Change, Fix, KeepBehind
from llm_codemods.profile import Action, Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import CallSite, Points, ResponseSite
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.thoughts import is_switched


def find(site: ResponseSite, target: Target | None) -> Iterator[Finding]:
    """Cut thoughts off answers that are read as JSON."""
    if target is None or not site.parsed or site.text is None or not moves(site.points, site.host, target):
        return
    row = target.profile.response.get("content")
    if row is None or row.status is not Status.LIMITED or row.note is None or _is_switched(site.call, target):
        return
    message = text("the answer is read as JSON: {note}", note=row.note)
    fix = Fix(text("cut off the thoughts"), (Change(site.text, (KeepBehind("</think>"),)),))
    yield about(site, "response", site.api, message, Verdict.REVIEW, fix)


def _is_switched(call: CallSite | None, target: Target) -> bool:
    """Whether the call asks, or is made to ask, for the thoughts apart."""
    if call is None:
        return False
    rows = (row_for(call, target, name) for name in target.profile.parameters.get("chat.completions", {}))
    switches = [row.to for row in rows if row is not None and row.action is Action.ADD and row.to is not None]
    if any(is_switched(call, {switch: None}) for switch in switches):
        return True
    body = call.given.get("extra_body")
    seen = not call.opaque and (body is None or (body.direct and body.display is not None))
    return seen and bool(switches) and call.points in (Points.OPENAI, Points.AZURE)


RULE = Rule("LM407", "parsed-content", ResponseSite, find)
