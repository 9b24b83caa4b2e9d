"""Model is no longer served, or soon will not be.

Why: providers retire models every few months; from that day on each call fails. This holds for every provider that is
known, also for the one that the code has been moved to.

Fix: the name becomes that of the successor which the provider names, where it is written: in code, dotenv and
configuration files. ``rewrite`` without ``--to`` changes nothing else; with ``--to``, models of that provider are
replaced, while those of OpenAI become the models of the target (rule ``model-name``).

Safety: ``fix`` where a call is known to be made with the name, both models are of one kind, and the new one thinks by
default as the old one did, or is told to (rule ``thinking``); otherwise ``review``; ``manual`` where no successor is
named. A model is reported from 90 days before its end. Only the exact names of profiles count, and only where a model
in use is meant: in a call, or in what is called a model. A name that another provider goes on serving counts only in
calls whose provider is known, one that is asked for at a host of your own never.

Source: profile fields ``models.retired`` and ``models.replaced_by``; gotcha G18.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, Operation, Replace, ReplaceString
from llm_codemods.profile import Model, Profile, Thinking, bundled_profile
from llm_codemods.report import Finding, Verdict
from llm_codemods.retirement import Retirement
from llm_codemods.rule import Rule, about
from llm_codemods.sites import RetiredSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text

THINKS = frozenset({Thinking.ON, Thinking.ALWAYS})


def find(site: RetiredSite, target: Target | None) -> Iterator[Finding]:
    """Report every name, with the day and the successor; replace those of the target, or without one all."""
    at_target = [end for end in site.ends if target is not None and _is_targets(end, target)]
    end = (at_target or site.ends)[0]
    if target is not None and target.moves(end.provider):
        return  # it becomes a model of the target's
    profile = bundled_profile(end.provider)
    successor = target.models.get(site.name, end.successor) if target is not None else end.successor
    message = _said(end, profile, successor)
    if successor is None:
        yield about(site, "model-literal", site.name, message, Verdict.MANUAL)
        return
    if target is not None and not at_target:
        yield about(site, "model-literal", site.name, message, Verdict.REVIEW)
        return
    old, new = profile.models.get(site.name), profile.models.get(successor)
    kept = target is not None and site.reaches and _is_kept(old, new, target)
    if old is not None and new is not None and _thinks(new) and not _thinks(old) and not kept:
        message = text("{message}; it thinks by default, the old one may not have", message=message)
    operation: Operation = ReplaceString(successor) if site.python else Replace(successor)
    fix = Fix(text("use {model}", model=successor), (Change(site.span, (operation,)),)) if site.plain else None
    sure = site.reaches and fix is not None and (kept or _are_alike(old, new))
    yield about(site, "model-literal", site.name, message, Verdict.FIX if sure else Verdict.REVIEW, fix)


def _is_targets(end: Retirement, target: Target) -> bool:
    return end.provider == target.profile.id or (target.profile.extends == end.provider)


def _said(end: Retirement, profile: Profile, successor: str | None) -> Text:
    day = end.day.isoformat()
    if successor is None and end.past:
        return text(
            "model {name} ended at {provider} on {day}; no successor is named",
            name=end.name,
            provider=profile.name,
            day=day,
        )
    if successor is None:
        return text(
            "model {name} ends at {provider} on {day}; no successor is named",
            name=end.name,
            provider=profile.name,
            day=day,
        )
    if end.past:
        return text(
            "model {name} ended at {provider} on {day}; {successor} takes its place",
            name=end.name,
            provider=profile.name,
            day=day,
            successor=successor,
        )
    return text(
        "model {name} ends at {provider} on {day}; {successor} takes its place",
        name=end.name,
        provider=profile.name,
        day=day,
        successor=successor,
    )


def _thinks(model: Model) -> bool:
    return model.thinking in THINKS


def _is_kept(old: Model | None, new: Model | None, target: Target) -> bool:
    """Whether the calls go on thinking, or not thinking, as before: rule ``thinking`` switches it in them."""
    if old is None or new is None or old.kind != new.kind or None in (old.thinking, new.thinking):
        return False
    way = {(False, Thinking.ON): "off", (True, Thinking.OFF): "on"}.get((_thinks(old), new.thinking or Thinking.NONE))
    return way in target.profile.thinking


def _are_alike(old: Model | None, new: Model | None) -> bool:
    """Whether two models are known to be of one kind, and both to think by default or both not to."""
    if old is None or new is None or old.kind != new.kind:
        return False
    if old.kind != "chat":
        return old.dimensions[:1] == new.dimensions[:1]
    return None not in (old.thinking, new.thinking) and _thinks(old) == _thinks(new)


RULE = Rule("LM203", "retired-model", RetiredSite, find)
