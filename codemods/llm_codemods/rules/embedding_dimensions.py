"""Vectors change with the model.

Why: vectors of different models cannot be compared, even where their sizes agree. Every stored vector, column and index
must be built anew.

Fix: where the target's model can give the size that the old one had, it is asked for, so that columns keep their width.

Safety: ``review``, always: no rewrite can rebuild an index.

Source: profile fields ``mapping.dimensions`` and ``models.dimensions``; gotchas G16, G17.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, SetArgument
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text


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
    mapped = next((m for m in site.models if target.model_for(m) is not None), None)
    row = target.mapping(mapped) if mapped is not None else None
    model = target.model(target.model_for(mapped)) if mapped is not None else None
    given = site.given.get("dimensions")
    wanted = next((c.literal.value for c in given.constants if type(c.literal.value) is int), None) if given else None
    if wanted is not None and model is not None and model.dimensions and wanted not in model.dimensions:
        sizes = ", ".join(map(str, model.dimensions))
        message = text(
            "vectors of {wanted} numbers cannot be had: {sizes}; rebuild every index", wanted=wanted, sizes=sizes
        )
        yield about(site, "parameter", "dimensions", message, Verdict.MANUAL)
    elif given is None and row is not None and row.dimensions is not None and not site.opaque:
        size = str(row.dimensions)
        fix = Fix(
            text("set '{name}' to {value}", name="dimensions", value=size),
            (Change(site.span, (SetArgument("dimensions", size),)),),
        )
        message = text("vectors change with the model: rebuild every index; {size} numbers are asked for", size=size)
        yield about(site, "parameter", "dimensions", message, Verdict.REVIEW, fix)
    else:
        message = text("vectors change with the model: rebuild every index")
        yield about(site, "parameter", "dimensions", message, Verdict.REVIEW)


RULE = Rule("LM303", "embedding-dimensions", CallSite, find)
