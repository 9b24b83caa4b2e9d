"""Call gives an entry of ``extra_body`` that means something to its old provider only.

Why: what is no parameter of OpenAI's is sent in ``extra_body``, and every provider has entries of its own there. The
next provider refuses them, or, worse, says nothing and does not do what they ask for.

Fix: a switch of thinking becomes the switch of the target, with the same sense, beside the other entries; where the
target has no switch, or its model does as is asked anyway, it goes. Entries that both providers write alike stay.

Safety: ``fix`` for a switch of thinking; ``manual`` for other entries, such as the sources of data that Azure searches
for an answer, and where ``extra_body`` is not written out in the call.

Source: profile field ``thinking`` of both providers; gotchas G08, G10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llm_codemods import openai_api
from llm_codemods.framework_fix import source_of
from llm_codemods.judgement import model_of
from llm_codemods.operations import Change, ExtendBody, Fix, Operation, SetArgument, ShrinkBody
from llm_codemods.profile import Model, Thinking
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.terms import Entries, Literal, Term
from llm_codemods.text import text

AZURES_OWN = ("data_sources", "dataSources", "enhancements")
"""Have Azure search documents for the answer, or look closer at images."""


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Turn the switch of thinking into the target's; report what else the old provider alone knows."""
    if target is None or target.at_openai or site.points not in (Points.OPENAI, Points.AZURE):
        return
    body = site.given.get("extra_body")
    written = body.display.term if body is not None and body.display is not None else None
    if body is None or not isinstance(written, Entries):
        return
    entries = {str(key.value): value for key, value in written.items if isinstance(key, Literal)}
    way = None if target.origin.is_openai else switched(entries, target)
    if way is not None:
        yield _switch(site, target, way, direct=body.direct and isinstance(body.term, Entries))
    switch = target.origin.data.thinking.get(way or "", {})
    known = target.profile.parameters.get("chat.completions", {})
    others = [name for name in entries if name not in switch and name not in known]
    if target.origin.is_openai:  # what else stands there is for others than OpenAI, the target among them
        others = [name for name in others if name in AZURES_OWN]
    if others:
        message = text(
            "{names} in extra_body means something to {provider}; there it may be refused or ignored",
            names=", ".join(others),
            provider="Azure OpenAI" if target.origin.is_openai else target.origin.data.name,
        )
        yield about(site, "parameter", others[0], message, Verdict.REVIEW)


def switched(entries: Mapping[str, Term], target: Target) -> str | None:
    """Return which way the entries switch thinking, as the old provider does it: ``off`` or ``on``."""
    for way in ("off", "on"):
        switch = target.origin.data.thinking.get(way, {})
        if switch and all(name in entries and says(entries[name], value) for name, value in switch.items()):
            return way
    return None


def says(term: Term, value: object) -> bool:
    """Whether a term is written as plain data of this value."""
    if isinstance(value, dict):
        if not isinstance(term, Entries):
            return False
        inner = {str(key.value): item for key, item in term.items if isinstance(key, Literal)}
        return inner.keys() == value.keys() and all(says(inner[name], item) for name, item in value.items())
    return isinstance(term, Literal) and type(term.value) is type(value) and term.value == value


def _switch(site: CallSite, target: Target, way: str, *, direct: bool) -> Finding:
    old, new = target.origin.data.thinking[way], target.profile.thinking.get(way, {})
    model = target.model(model_of(site, target))
    if _does_anyway(model, way):
        new = {}
    message = text("extra_body switches thinking {way} as {provider} does", way=way, provider=target.origin.data.name)
    if old == new:
        return about(site, "parameter", "thinking", message, Verdict.READY)
    if not direct:
        message = text("{message}: it is written elsewhere, change it there", message=message)
        return about(site, "parameter", "thinking", message, Verdict.REVIEW)
    own = openai_api.parameters(site.endpoint)
    operations: list[Operation] = [ShrinkBody(tuple(name for name in old if name not in new or name in own))]
    extended = tuple((name, source_of(value)) for name, value in new.items() if name not in own)
    operations += [ExtendBody(extended)] if extended else []
    operations += [SetArgument(name, source_of(value)) for name, value in new.items() if name in own]
    fix = Fix(text("switch it as the target does"), (Change(site.span, tuple(operations)),))
    sure = bool(new) or _does_anyway(model, way)
    return about(site, "parameter", "thinking", message, Verdict.FIX if sure else Verdict.REVIEW, fix)


def _does_anyway(model: Model | None, way: str) -> bool:
    """Whether a model does without a switch what is asked for."""
    if model is None or model.thinking is None:
        return False
    anyway = {"off": (Thinking.NONE,), "on": (Thinking.ALWAYS,)}
    return model.thinking in anyway[way]


RULE = Rule("LM309", "provider-parameter", CallSite, find)
