"""Vectors change with the model.

Why: vectors of different models cannot be compared, even where their sizes agree. Every stored vector, column and index
must be built anew.

Fix: where the target's model can give the size that the old one had, or the one that the code asks for, it is asked
for, so that columns keep their width; else the nearest.

Safety: ``fix`` where the old size is asked for that the code took for granted, ``review`` for another one. No rewrite
can rebuild an index: after each, a line of its own says what must be.

Source: profile fields ``mapping.dimensions`` and ``models.dimensions``; gotchas G16, G17.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.judgement import is_left_out, model_of, row_for
from llm_codemods.operations import Change, Fix, SetArgument
from llm_codemods.profile import Action
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import Text, text


def find(site: CallSite, target: Target | None) -> Iterator[Finding]:
    """Say loudly that stored vectors must be rebuilt; keep their size where that is possible."""
    if (
        target is None
        or site.endpoint != "embeddings.create"
        or not site.called
        or site.points not in (Points.OPENAI, Points.AZURE)
        or target.at_openai
    ):
        return
    message, size = judge(site, target)
    if size is None:
        yield about(site, "parameter", "dimensions", message, Verdict.REVIEW)
        return
    title = text("set '{name}' to {value}", name="dimensions", value=size)
    fix = Fix(title, (Change(site.span, (SetArgument("dimensions", str(size)),)),))
    verdict = Verdict.REVIEW if "dimensions" in site.given else Verdict.FIX
    yield about(site, "parameter", "dimensions", message, verdict, fix)


def judge(site: CallSite, target: Target) -> tuple[Text, int | None]:
    """Return what to say, and the size to ask for; None where the call stays as it is."""
    model = target.model(model_of(site, target))
    sizes = model.dimensions if model is not None else ()
    given = site.given.get("dimensions")
    if given is not None and not is_left_out(given):
        wanted = next((c.literal.value for c in given.constants if type(c.literal.value) is int), None)
        if wanted is None or not sizes or wanted in sizes:
            return text("vectors change with the model: rebuild every index"), None
        row = row_for(site, target, "dimensions")
        known = ", ".join(map(str, sorted(sizes)))
        if given.inline and given.direct and (row is None or row.action is not Action.REMOVE):
            near = min(sizes, key=lambda size: (abs(size - wanted), size))
            return text(
                "vectors change with the model, and {wanted} numbers cannot be had ({known}): rebuild every index",
                wanted=wanted,
                known=known,
            ), near
        return text(
            "vectors change with the model, which gives {known} numbers, not {wanted}: rebuild every index",
            wanted=wanted,
            known=known,
        ), None
    mapped = next((found for m in site.models if m not in target.models and (found := target.mapping(m))), None)
    size = mapped.dimensions if mapped is not None else None
    if size is not None and not site.opaque and given is None:
        return text("vectors change with the model: rebuild every index; {size} numbers are asked for", size=size), size
    if sizes:
        return text("vectors change with the model: rebuild every index, with {size} numbers", size=sizes[0]), None
    return text("vectors change with the model: rebuild every index"), None


RULE = Rule("LM303", "embedding-dimensions", CallSite, find)
