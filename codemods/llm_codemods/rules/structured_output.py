"""Answer in a given shape, in a way that the target may refuse.

Why: frameworks ask for structured answers by a strict schema, or by forcing the call of a tool. Both are refused by
some providers, and by models while they think.

Fix: the argument that asks in the way which the target takes best.

Safety: ``fix``; ``review`` where the shape must then be described in the prompt, which this does not do, where no way
is sure, and where the object that is asked may stay where it is; ``manual`` where the framework has no argument for
it, or its own way is the best. Not reported where the target takes it, where the way is chosen in the code, or where
the object points elsewhere.

Source: the table of frameworks, field ``ways``; profile field ``features``; gotchas G09, G10.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.framework_fix import imports_of
from llm_codemods.frameworks import Sends
from llm_codemods.operations import Change, Fix, SetArgument
from llm_codemods.profile import Feature, Status
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about, settles
from llm_codemods.sites import Points, StructuredSite
from llm_codemods.target import Target
from llm_codemods.text import Text, text

SURE = 1
"""Up to this rank a way works, at least while the model does not think."""


def find(site: StructuredSite, target: Target | None) -> Iterator[Finding]:
    """Report what asks for a shape in a way that the target does not take as OpenAI does."""
    if target is None or target.at_openai or _points_elsewhere(site, target):
        return
    for sends in site.row.sends:
        feature = target.profile.features.get(sends.value)
        if feature is not None and feature.status is Status.SAME:
            continue
        best = min(site.row.ways, key=lambda way: max(_rank(target, way), SURE), default=None)  # the first that works
        if best is None:
            yield about(site, "parameter", site.row.name, _message(site, target, sends, feature), Verdict.MANUAL)
        elif best != sends.value:
            stays = any(reach.stays(target) for reach in site.asked)
            sure = _rank(target, best) <= SURE and best not in site.row.undescribed and not stays
            message = _message(site, target, sends, feature)
            if best in site.row.undescribed:
                message = text("{said}; the prompt must then describe the JSON", said=message)
            fix = _fix(site, best)
            yield about(site, "parameter", site.row.name, message, settles(fix, sure=sure), fix)
        elif _rank(target, best) > SURE:
            yield about(site, "parameter", site.row.name, _message(site, target, sends, feature), Verdict.MANUAL)


def _points_elsewhere(site: StructuredSite, target: Target) -> bool:
    places = [reach.points is Points.ELSEWHERE and not target.is_home(reach.host) for reach in site.asked]
    return bool(places) and all(places)


def _rank(target: Target, way: str) -> int:
    """Return how far the target is from taking a way as OpenAI does."""
    feature = target.profile.features.get(way)
    if feature is None or feature.status is Status.UNKNOWN:
        return 3
    if feature.status is Status.LIMITED:
        return 1 if feature.thinking == "off" else 2
    return 0 if feature.status is Status.SAME else 4


def _fix(site: StructuredSite, way: str) -> Fix:
    code = site.row.ways[way]
    name, _, value = code.partition("=")
    return Fix(text("pass {code}", code=code), (Change(site.span, (SetArgument(name, value),)),), imports_of(site.row))


def _message(site: StructuredSite, target: Target, sends: Sends, feature: Feature | None) -> Text:
    note = feature.note if feature is not None else None
    if note is not None:
        said = text(
            "{name} sends {feature}, which {provider} does not take as OpenAI does: {note}",
            name=site.name,
            feature=sends.value,
            provider=target.profile.name,
            note=note,
        )
    else:
        said = text(
            "{name} sends {feature}, which {provider} may refuse",
            name=site.name,
            feature=sends.value,
            provider=target.profile.name,
        )
    return said


RULE = Rule("LM707", "structured-output", StructuredSite, find)
