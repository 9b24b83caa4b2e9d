"""Target's model thinks where the old one did not, or the other way round.

Why: a model that reasons before it answers is slower, bills more tokens and may leave nothing for the answer under a
small cap; some features work only while it does not. Where the old model reasoned and the target's does so only when
asked, answers get worse without a word.

Fix: the profile's switch is sent in ``extra_body`` (before 1.0 of the SDK: as an argument); one that the code has, or
may have in what it unpacks, keeps the last word. To a model that always thinks the profile's least effort is sent where
the old one did not think, and a small cap is raised where it is written. An effort of ``none`` that the target does not
take gives way to the switch. The same holds where a model of the target's has ended and its successor thinks otherwise
(rule ``retired-model``).

Safety: ``fix`` where the mapping says how the old model was, where a feature of the call is refused while the model
thinks, and where a cap that stands in the call is raised: nothing would be left for the answer. ``review`` where the
cap is so small that it is part of what is asked (64 tokens or less), or is written elsewhere, where it may count for
more than this, and where the call itself waits for a person; without a fix where ``extra_body`` stands in a dictionary
that is unpacked.

Source: profile fields ``thinking``, ``mapping.thinking``, ``models.thinking`` and ``features.thinking``; gotchas G08,
G09.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from llm_codemods import openai_api
from llm_codemods.conversions import Kind, as_converted, becomes_chat_safely, kind_of
from llm_codemods.framework_fix import source_of
from llm_codemods.judgement import EFFORT, asks_no_effort, model_of, stays_legacy
from llm_codemods.operations import (
    Change,
    DefaultBody,
    ExtendBody,
    Fix,
    Operation,
    RemoveArgument,
    Replace,
    SetArgument,
)
from llm_codemods.profile import Model, Thinking
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.thoughts import is_switched, without_thinking

WAYS = ("off", "on")
SMALL = 4096
"""Caps below may be used up by thinking alone."""
SHAPING = 64
"""Caps up to this are part of what is asked: a word, a number. Above they only bound what it may cost."""
ROOM = 16000
"""What leaves room for both: vendors of models that always think advise no less."""


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Switch thinking as the old model had it, or as the call needs it."""
    if target is not None and site.called and _is_there(site, target):
        yield from _after_its_end(site, target)
        return
    if target is None or not site.called or site.points not in (Points.OPENAI, Points.AZURE) or target.at_openai:
        return
    waits = kind_of(site, target) is Kind.COMPLETION and not becomes_chat_safely(site, target)
    site = as_converted(site, target)
    if not site.endpoint.startswith("chat.completions."):
        return
    for finding in _found(site, target):
        safe = waits and finding.verdict is Verdict.FIX
        yield replace(finding, verdict=Verdict.REVIEW) if safe else finding


def _found(site: CallSite, target: Target) -> Iterator[Finding]:
    """Judge a call of chat that moves to the target."""
    model = target.model(model_of(site, target))
    if asks_no_effort(site, target) and not _always(site, target):
        message = text(
            "'{name}': {value} is not accepted there: thinking is switched off in another way",
            name=EFFORT,
            value="'none'",
        )
        yield _switch(site, target, "off", message, first=(RemoveArgument(EFFORT),))
        return
    if model is None or any(is_switched(site, target.profile.thinking.get(way, {})) for way in ("off", "on")):
        return
    if not target.origin.is_openai and any(is_switched(site, s) for s in target.origin.data.thinking.values()):
        return  # rule ``provider-parameter`` speaks of it
    asked = {target.thought(m) for m in site.models if m not in target.models}
    lacking, least = without_thinking(site, target), target.profile.thinking.get("least", {})
    if model.thinking is Thinking.ON and _always(site, target):
        message = text("one model of this call thinks by default, another always does: switch it where they are chosen")
        yield about(site, "parameter", "thinking", message, Verdict.REVIEW)
    elif model.thinking is Thinking.ON and "off" in asked:
        yield _switch(site, target, "off", text("the target's model thinks by default, the old one did not"))
    elif model.thinking is Thinking.ON and lacking is not None:
        message = text(
            "this '{name}' works there only while the model does not think, which it does by default", name=lacking
        )
        yield _switch(site, target, "off", message)
    elif model.thinking is Thinking.ALWAYS and lacking is not None:
        message = text(
            "this '{name}' works there only while the model does not think, and this one always does", name=lacking
        )
        yield about(site, "parameter", "thinking", message, Verdict.REVIEW)
    elif model.thinking is Thinking.OFF and "on" in asked and EFFORT not in site.given:
        yield _switch(site, target, "on", text("the old model thinks, the target's only when it is asked to"))
    elif model.thinking is Thinking.ALWAYS and "off" in asked and least and not is_switched(site, least):
        yield _switch(site, target, "least", text("the target's model always thinks, the old one did not"))
    if model.thinking is Thinking.ALWAYS and lacking is None and (cap := small_cap(site)) is not None:
        message = text("the target's model always thinks: {cap} tokens may be used up before it answers", cap=cap)
        fix = _raised(site, min(ROOM, model.output or ROOM))
        if fix is None:
            message = text("{message}; set 'max_tokens' to {room} where that is written", message=message, room=ROOM)
        given = site.given["max_tokens"]
        bounds = cap > SHAPING and given.inline and (given.direct or given.alone) and "on" not in asked
        yield about(site, "parameter", "thinking", message, Verdict.FIX if fix and bounds else Verdict.REVIEW, fix)


def _is_there(site: CallSite, target: Target) -> bool:
    """Whether a call goes to the target already."""
    if site.points is Points.OPENAI:
        return target.at_openai
    return site.points is Points.ELSEWHERE and target.is_home(site.host)


def _after_its_end(site: CallSite, target: Target) -> Iterator[Finding]:
    """Keep the thinking of a model of the target's whose successor thinks otherwise by default."""
    known = target.profile.thinking
    if not site.endpoint.startswith("chat.completions.") or any(is_switched(site, known.get(w, {})) for w in WAYS):
        return
    pairs = [(target.model(name), target.model(target.ended.get(name))) for name in site.models]
    habits = {(_thinks(old), new.thinking) for old, new in pairs if old is not None and new is not None}
    if habits == {(False, Thinking.ON)} and "off" in known:
        yield _switch(site, target, "off", text("the model that takes over thinks by default, the old one did not"))
    elif habits == {(True, Thinking.OFF)} and "on" in known:
        yield _switch(site, target, "on", text("the old model thinks, the one that takes over only when asked"))


def _thinks(model: Model) -> bool | None:
    """Whether a model thinks unless it is told not to; None where nobody says."""
    return None if model.thinking is None else model.thinking in (Thinking.ON, Thinking.ALWAYS)


def _always(site: CallSite, target: Target) -> bool:
    """Whether one of the models that the call may name always thinks, and so refuses the switch."""
    rows = (target.model(target.model_for(m, vision=site.images) or m) for m in site.models)
    return any(row is not None and row.thinking is Thinking.ALWAYS for row in rows)


def small_cap(site: CallSite) -> int | None:
    """Return the smallest of the small ``max_tokens``: OpenAI refuses this name for models that think, so the old one
    did not."""
    given = site.given.get("max_tokens")
    values = [c.literal.value for c in given.constants] if given is not None else []
    return min((v for v in values if type(v) is int and v <= SMALL), default=None)


def _raised(site: CallSite, room: int) -> Fix | None:
    """Return the fix that raises small caps where they are written; None where that is not all in this file."""
    found = [c for c in site.given["max_tokens"].constants if type(c.literal.value) is int and c.literal.value <= SMALL]
    if any(constant.path != site.path for constant in found):
        return None
    changes = tuple(Change(constant.literal.span, (Replace(str(room)),)) for constant in found)
    return Fix(text("raise it to {room}", room=room), changes)


def _switch(site: CallSite, target: Target, way: str, message: Text, first: tuple[Operation, ...] = ()) -> Finding:
    entries = target.profile.thinking.get(way, {})
    body = site.given.get("extra_body")
    if body is not None and not body.direct and not stays_legacy(site, target):
        message = text("{message}: switch it in extra_body, which is written elsewhere", message=message)
        return about(site, "parameter", "thinking", message, Verdict.REVIEW)
    operations: tuple[Operation, ...]
    if stays_legacy(site, target):
        operations = tuple(SetArgument(name, source_of(value)) for name, value in entries.items())
    else:
        own = openai_api.parameters(site.endpoint) if target.is_openais else frozenset()
        extended = tuple((name, source_of(value)) for name, value in entries.items() if name not in own)
        operations = tuple(SetArgument(name, source_of(value)) for name, value in entries.items() if name in own)
        behind = body is None and site.defers("extra_body")
        operations += ((DefaultBody if behind else ExtendBody)(extended),) if extended else ()
    fix = Fix(_TITLES[way], (Change(site.span, (*first, *operations)),))
    return about(site, "parameter", "thinking", message, Verdict.FIX, fix)


_TITLES = {
    "off": text("switch thinking off"),
    "on": text("switch thinking on"),
    "least": text("ask it to think least"),
}


RULE = Rule("LM304", "thinking", CallSite, find)
