"""Turn of the assistant goes back without its thoughts.

Why: a loop that lets the model call tools sends the assistant's turns back. While models think, several providers want
the thoughts, ``reasoning_content``, back with the turn, and some answer without them by an error 400. A dictionary made
of ``content`` and ``tool_calls`` loses them.

Fix: the message as it came is appended, in the place of the dictionary; the SDK sends all that is in it. Or switch
thinking off, which the rule ``thinking`` does where the old model did not think.

Safety: ``review``, because other code may take the messages for dictionaries. ``manual`` where the message is put
together from pieces of a stream or from variables. Nothing is said where the target's model does not think, or where
the provider does not ask for the thoughts.

Source: profile fields ``features.turns-without-thoughts``, ``models.thinking`` and ``thinking``; gotcha G21.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, WholeObject
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import TurnSite
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.thoughts import thinks

FEATURE = "turns-without-thoughts"


def find(site: TurnSite, target: Target | None) -> Iterator[Finding]:
    """Report turns that are rebuilt without their thoughts."""
    call = site.call
    if (
        target is None
        or target.status(FEATURE) not in (Status.REJECTED, Status.LIMITED)
        or not moves(call.points, call.host, target)
    ):
        return
    if not thinks(call, target):
        return
    message = target.noted(FEATURE, text("a turn that calls tools goes back without its thoughts"))
    if site.whole:
        fix = Fix(text("append the message as it came"), (Change(site.span, (WholeObject("content"),)),))
        yield about(site, "response", call.api, message, Verdict.REVIEW, fix)
    else:
        message = text("{message}: keep reasoning_content beside the content, or switch thinking off", message=message)
        yield about(site, "response", call.api, message, Verdict.MANUAL)


RULE = Rule("LM412", "lost-thoughts", TurnSite, find)
