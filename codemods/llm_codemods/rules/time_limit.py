"""Client or call waits a short time for a model that thinks.

Why: a model that reasons before it answers may take minutes; a limit that was long enough for the old one now ends
calls that would have succeeded, and the SDK then sends them again.

Fix: the limit becomes ten minutes, which is the SDK's own.

Safety: ``review``. Reported only where the target's model goes on to think in a call that the limit holds for and that
does not stream.

Source: profile fields ``models.thinking`` and ``mapping.thinking``; gotcha G55.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.judgement import model_of
from llm_codemods.operations import Change, Fix, SetArgument
from llm_codemods.profile import Thinking
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, moves
from llm_codemods.sites import CallSite, TimeLimitSite
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.thoughts import is_switched

SHORT = 120
"""Seconds below which answers of a model that thinks may be cut off."""
LONG = 600


def find(site: TimeLimitSite, target: Target | None) -> Iterator[Finding]:
    """Report a short limit where a call that it holds for will think."""
    if target is None or target.at_openai or site.seconds >= SHORT or not moves(site.points, site.host, target):
        return
    model = next((model_of(call, target) for call in site.calls if thinks(call, target)), None)
    if model is not None:
        message = text(
            "{model} thinks before it answers: {seconds} seconds may be too few", model=model, seconds=site.seconds
        )
        fix = Fix(
            text("wait up to {seconds} seconds", seconds=LONG),
            (Change(site.span, (SetArgument("timeout", str(LONG)),)),),
        )
        yield about(site, "parameter", "timeout", message, Verdict.REVIEW, fix)


def thinks(call: CallSite, target: Target) -> bool:
    """Whether a call's model will think there before it answers."""
    model = target.model(model_of(call, target))
    stream = call.given.get("stream")
    streams = stream is not None and any(each.literal.value for each in stream.constants)
    if model is None or streams or not call.endpoint.startswith(("chat.completions.", "responses.")):
        return False
    asked = {row.thinking for name in call.models if (row := target.mapping(name)) is not None}
    switched = is_switched(call, target.profile.thinking.get("off", {}))
    by_default = model.thinking is Thinking.ON and "off" not in asked and not switched
    return model.thinking is Thinking.ALWAYS or by_default or (model.thinking is Thinking.OFF and "on" in asked)


RULE = Rule("LM121", "time-limit", TimeLimitSite, find)
