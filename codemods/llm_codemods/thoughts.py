"""Whether a model thinks in a call, and what in the call says so."""

from __future__ import annotations

from collections.abc import Mapping

from llm_codemods.judgement import FEATURES, asks_no_effort, model_of, only_tool, words
from llm_codemods.profile import Thinking
from llm_codemods.sites import CallSite, FrameworkSite, Points
from llm_codemods.target import Target
from llm_codemods.terms import Entries, Literal, Term
from llm_codemods.values import Display


def thinks(site: CallSite, target: Target) -> bool:
    """Whether the target's model will think in this call, once rule ``thinking`` has changed it."""
    model = target.model(model_of(site, target))
    if model is None or model.thinking in (None, Thinking.NONE) or model.thinking is Thinking.ALWAYS:
        return model is not None and model.thinking is Thinking.ALWAYS
    if asks_no_effort(site, target):
        return False
    for way in ("off", "on"):
        if _says(site, target.profile.thinking.get(way, {})):
            return way == "on"
    moved = site.points in (Points.OPENAI, Points.AZURE)
    asked = {row.thinking for m in site.models if m not in target.models and (row := target.mapping(m)) is not None}
    if model.thinking is Thinking.OFF:
        return moved and "on" in asked
    return not (moved and ("off" in asked or without_thinking(site, target) is not None))


def _says(site: CallSite, switch: Mapping[str, object]) -> bool:
    """Whether the call has all entries of a switch in its body."""
    body = site.given.get("extra_body")
    written = body.display.term if body is not None and body.display is not None else None
    return bool(switch) and written is not None and _holds(written, switch)


def _holds(term: Term, value: object) -> bool:
    if not isinstance(value, Mapping):
        return isinstance(term, Literal) and term.value == value
    found = {k.value: v for k, v in term.items if isinstance(k, Literal)} if isinstance(term, Entries) else {}
    return all(key in found and _holds(found[key], inner) for key, inner in value.items())


def is_switched(site: CallSite | FrameworkSite, switch: Mapping[str, object]) -> bool:
    """Whether a call or object switches thinking itself, whichever of the bodies that are seen it sends."""
    body = site.given.get("extra_body")
    bodies = [v.term for v in body.values if isinstance(v, Display)] if body is not None else []
    written = [[k.value for k, _ in b.items if isinstance(k, Literal)] for b in bodies if isinstance(b, Entries)]
    return any(name in site.given or (bool(written) and all(name in keys for keys in written)) for name in switch)


def without_thinking(site: CallSite, target: Target) -> str | None:
    """Return the parameter whose value works only while the model does not think."""
    for name, given in site.given.items():
        found = words(site, given)
        if name == "tool_choice" and only_tool(site, target) is not None:
            found = ("function",)  # rule ``parameter`` names it
        for word in found:
            feature = target.profile.features.get(FEATURES.get((name, word), ""))
            if feature is not None and feature.thinking == "off":
                return name
    return None
