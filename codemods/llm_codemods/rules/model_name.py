"""Model of OpenAI is named.

Why: no provider serves OpenAI's models; a name that stays is a failure on the first call.

Fix: the name becomes the one that the profile, or your ``--map``, puts in its place, where it is written: a literal, a
constant, a default. A default counts only where nobody names a model: it changes whoever else may name one.

Safety: ``fix`` where the name reaches a call, also one that goes to the target already, an object of a framework that
moves, or a request made by hand that moves; ``review`` where only its place says that it is a model in use, a person
must look at the object's move, a client that stays asks for it, too, or one of Azure's alone, which does not move by
itself; ``manual`` where it goes to an object or a request that would not move with it, or to a client and to an object
that want it written differently, and where nothing is known to stand in for it. A member of an enumeration that would
get the name of another one waits for a person: the two would be one. An entry of a list that would have one name twice
changes like the others, and it is said. Lists of names and names that are put together are reported and left alone,
tables and comparisons have rules of their own; a name for a client that points elsewhere is ``ready``.

Source: profile field ``mapping``; gotchas G06, G18, G43.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.framework_fix import follows, move, moved, successor
from llm_codemods.operations import Change, Fix, ReplaceString
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
from llm_codemods.sites import Flow, FrameworkSite, ModelSite, Points
from llm_codemods.target import Target
from llm_codemods.text import Text, text


def find(site: ModelSite, target: Target | None) -> Iterator[Finding]:
    """Report every name of an OpenAI model and replace those in use."""
    name = site.framed.name if site.framed is not None else _bare(site.name, target)
    home = target is not None and _is_at(site, name, target)
    if site.flow is Flow.ELSEWHERE and not home:
        message = text("model {name} goes to a client that does not point to OpenAI", name=site.name)
        yield about(site, "model-literal", site.name, message, Verdict.READY)
        return
    if site.flow is Flow.TOLD and target is not None:
        return  # The table, comparison or look-up that it is part of is reported as a whole.
    if target is None or target.at_openai:
        verdict = Verdict.READY if target else None
        yield about(site, "model-literal", site.name, text("model {name}", name=site.name), verdict)
        return
    if site.role == "formatted":
        message = text("the name of a model is put together here and begins with {name}", name=site.name)
        yield about(site, "model-literal", site.name, message, Verdict.REVIEW)
        return
    model = target.model_for(name, vision=site.vision)
    goes = all(group.goes(target) for group in site.groups)
    if model is not None and site.flow is Flow.BY_HAND and not goes:
        message = text(
            "model {name} is asked for by a request made by hand; once that is moved it becomes {model}",
            name=site.name,
            model=model,
        )
        yield about(site, "model-literal", site.name, message, Verdict.MANUAL)
        return
    if model is None and site.flow is Flow.MENTIONED:
        message = text("model {name} is mentioned here", name=site.name)
        yield about(site, "model-literal", site.name, message, Verdict.REVIEW)
        return
    if model is None:
        yield about(site, "model-literal", site.name, _without(site, target), Verdict.MANUAL)
        return
    message = text("model {name} becomes {model}", name=site.name, model=model)
    if site.flow is Flow.MENTIONED or not site.plain:
        message = text("model {name} is mentioned here; in calls it becomes {model}", name=site.name, model=model)
        if site.flow in (Flow.REACHES, Flow.BY_HAND) and name == site.name:
            message = text(
                "model {name} is not written as one string here; it becomes {model}", name=site.name, model=model
            )
        yield about(site, "model-literal", site.name, message, Verdict.REVIEW)
        return
    framed = site.framed
    if framed is not None and framed.prefix and any(reach.made is None for reach in site.reaches):
        message = text(
            "model {name} becomes {model} for a client and {other} for a framework's object: give each a name of its"
            " own",
            name=site.name,
            model=model,
            other=f"{framed.prefix}{model}",
        )
        yield about(site, "model-literal", site.name, message, Verdict.MANUAL)
        return
    if framed is not None and all(_goes(o, target) and o.prefix == framed.prefix for o in framed.objects):
        model = f"{framed.prefix}{model}"
        message = text("model {name} becomes {model}", name=site.name, model=model)
    elif framed is not None or site.flow is Flow.FRAMEWORK:
        message = text(
            "model {name} goes to a framework's object; once that is moved it is {model}", name=site.name, model=model
        )
        yield about(site, "model-literal", site.name, message, Verdict.MANUAL)
        return
    fix = Fix(text("use {model}", model=model), (Change(site.span, (ReplaceString(model),)),))
    sure = goes and (home or site.flow in (Flow.REACHES, Flow.FRAMEWORK, Flow.BY_HAND))
    if framed is not None:
        sure = sure and all(o.points is Points.ELSEWHERE or moved(o, target)[1] for o in framed.objects)
    staying = sum(reach.stays(target) for reach in site.reaches)
    if 0 < staying < len(site.reaches):
        message = text(
            "model {name} becomes {model}, also for a client that does not move: give that one a name of its own",
            name=site.name,
            model=model,
        )
        sure = False
    elif staying and all(reach.points is Points.AZURE for reach in site.reaches):
        message = text(
            "model {name} becomes {model}, for a client of Azure's that does not move by itself: move that first",
            name=site.name,
            model=model,
        )
        sure = False
    if (other := _merged(site, target, model)) is not None:
        listed = site.role == "item"
        message = (_twice_in_a_list if listed else _one_member)(site.name, model, other)
        sure = sure and listed  # a list of which only one name has changed would fail at the others
    yield about(site, "model-literal", site.name, message, settles(fix, sure=sure), fix)


def _one_member(name: str, model: str, other: str) -> Text:
    return text(
        "model {name} becomes {model}, as does {other}: two members of an enumeration would be one; look at what"
        " tells them apart, or choose another with --map {name}=MODEL",
        name=name,
        model=model,
        other=other,
    )


def _twice_in_a_list(name: str, model: str, other: str) -> Text:
    return text(
        "model {name} becomes {model}, as does {other}: the list would have it twice; take one out, or choose another"
        " with --map {name}=MODEL",
        name=name,
        model=model,
        other=other,
    )


def _merged(site: ModelSite, target: Target, model: str) -> str | None:
    """Return the member of the same enumeration or list that has the new name, or had it before this one; None: there
    is none."""
    first = site.members.index(site.name) if site.name in site.members else 0
    same = [name for name in site.members[:first] if target.model_for(name) == model]
    return next(iter((*same, *(name for name in site.members if name == model))), None)


def _bare(name: str, target: Target | None) -> str:
    """Return the name of a model without the provider before it: ``gpt-4o`` for ``openai:gpt-4o``."""
    found = target.origin.prefixed.fullmatch(name) if target is not None else None
    return found["bare"] if found is not None else name


def _goes(site: FrameworkSite, target: Target) -> bool:
    """Whether an object is moved, or there already, and takes the target's models."""
    if site.points is Points.ELSEWHERE:
        return target.is_home(site.host) and successor(site.row) is site.row
    return move(site, target) is not None or follows(site, target)


def _is_at(site: ModelSite, name: str, target: Target) -> bool:
    """Whether the target itself is asked for the model, which it does not have."""
    return any(map(target.is_home, site.hosts)) and not target.knows(name)


def _without(site: ModelSite, target: Target) -> Text:
    row = target.mapping(_bare(site.name, target))
    if row is None:
        return text("model {name}: nothing is known to stand in for it; choose with --map {name}=MODEL", name=site.name)
    return text("model {name} has no equivalent: {reason}", name=site.name, reason=row.reason)


RULE = Rule("LM201", "model-name", ModelSite, find)
