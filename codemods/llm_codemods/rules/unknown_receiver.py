"""Receiver of the call is not known.

Why: the call ends in a path that only OpenAI's SDK has, but what it is called on could not be followed. Another
vendor's client may have the same path.

Fix: the models that are written for the call become those that stand in for them; its parameters are judged as those of
other calls. The receiver is left alone: annotate it (``client: OpenAI``) and run again.

Safety: ``review``, parameters too: nobody rewrites blindly. ``manual`` where no model is seen, or the target does not
have the whole endpoint. ``ready`` where the call asks for a model of the target's already. A receiver that is a
parameter which nobody is seen to give a value, in a file that imports the SDK and no other vendor's with these paths,
is taken for a client of the SDK: ``ready``, or ``fix`` where models are written.

Source: the SDK's own method table; gotcha G53.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, ReplaceString
from llm_codemods.profile import Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite
from llm_codemods.target import Target
from llm_codemods.text import text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Report calls whose receiver could not be followed."""
    if site.known:
        return
    kind = "call" if site.called else "ref"
    message = text("{api}: looks like OpenAI's API, but its receiver could not be followed", api=site.api)
    if target is None:
        yield about(site, kind, site.api, message)
        return
    given = site.given.get("model")
    names = given.strings if given is not None else ()
    row = target.profile.endpoint(site.endpoint)
    if target.at_openai or row is None or row.status is not Status.SAME:
        yield about(site, kind, site.api, message, Verdict.REVIEW)
    elif changes := tuple(_changes(site, target)):
        fix = Fix(text("ask for the models of {provider}", provider=target.profile.name), changes)
        named = {change.span for change in changes}
        rest = [c for c in given.constants if c.literal.span not in named or c.path != site.path] if given else []
        sure = site.supposed and all(target.knows(str(c.literal.value)) for c in rest)
        if sure:
            message = text("{api}: its receiver is given by nobody here; taken for a client of the SDK", api=site.api)
        message = text("{message}; its models can be replaced", message=message)
        yield about(site, kind, site.api, message, Verdict.FIX if sure else Verdict.REVIEW, fix)
    elif names and all(map(target.knows, names)):
        message = text("{message}; it asks for {model} already", message=message, model=names[0])
        yield about(site, kind, site.api, message, Verdict.READY)
    elif site.supposed:
        message = text("{api}: its receiver is given by nobody here; taken for a client of the SDK", api=site.api)
        yield about(site, kind, site.api, message, Verdict.READY)
    else:
        yield about(site, kind, site.api, message, Verdict.REVIEW)


def _changes(site: CallSite, target: Target) -> Iterator[Change]:
    """Yield what it takes to name other models where those of the call are written, in its file."""
    for constant in site.given["model"].constants if "model" in site.given else ():
        name, literal = constant.literal.value, constant.literal
        model = target.model_for(name, vision=site.images) if isinstance(name, str) else None
        if model is not None and model != name and literal.plain and constant.path == site.path:
            yield Change(literal.span, (ReplaceString(model),))


RULE = Rule("LM901", "unknown-receiver", CallSite, find)
