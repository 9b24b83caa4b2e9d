"""Tool is to be called strictly by its schema.

Why: ``strict`` of a tool makes OpenAI hold the arguments to the schema. Elsewhere it is ignored, refused, or taken at
another address only.

Fix: ``strict`` is taken out.

Safety: ``review``: the arguments may then differ from the schema, and must be checked.

Source: profile field ``features.strict-tools``; gotcha G61.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.messages import tools
from llm_codemods.operations import Change, Fix, RemoveArgument, ReplaceStatement
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.terms import Entries, Literal
from llm_codemods.text import text

FEATURE = "strict-tools"


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Take ``strict`` out of tools."""
    if target is None or not (site.known and moves(site.points, site.host, target)):
        return
    if target.status(FEATURE) not in (Status.REJECTED, Status.LIMITED, Status.IGNORED):
        return
    for path, function in tools(site):
        if _is_strict(function):
            message = target.noted(FEATURE, text("strict tools are not taken there as they are by OpenAI"))
            if path == site.path:
                change = Change(function.span, (RemoveArgument("strict"),))
                if function.put is not None:
                    change = Change(function.put.statement, (ReplaceStatement(),))
                fix = Fix(text("leave 'strict' out"), (change,))
                yield about(site, "parameter", "tools", message, Verdict.REVIEW, fix, function.span)
            else:
                message = text("{message}: take 'strict' out where the tool is written", message=message)
                yield about(site, "parameter", "tools", message, Verdict.MANUAL)


def _is_strict(function: Entries) -> bool:
    return any(isinstance(value, Literal) and value.value is True for value in function.under("strict"))


RULE = Rule("LM414", "strict-tool", CallSite, find)
