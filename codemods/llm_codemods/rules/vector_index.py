"""Stored vectors belong to the old model.

Why: vectors of different models cannot be compared. Where their sizes differ, the store refuses the new ones; where
they agree, nothing fails and what is found is nonsense.

Fix: none: no rewrite can embed your texts anew. Columns and indexes keep their size where the target's model can give
it (rule ``embedding-dimensions`` asks for it).

Safety: ``manual``, wherever the code names an embedding model of OpenAI: sizes of columns, indexes and collections, and
stores that outlive the program. The move is not done while an old index is in use.

Source: profile field ``models.dimensions``; gotcha G16.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.vectors import VectorSite

VECTORS = "vectors"
"""What the finding speaks of where the model can give the size; where it cannot, that is the size."""


def find(site: VectorSite, target: Target | None) -> Iterator[Finding]:
    """List what must be built anew."""
    if target is None or target.at_openai:
        return
    sizes = {size for model in target.profile.models.values() for size in model.dimensions}
    about_what = VECTORS
    if site.size is None:
        message = text("stored vectors belong to the old model: build them anew")
    elif site.size in sizes:
        message = text(
            "stored vectors belong to the old model: build them anew; {size} numbers can be had", size=site.size
        )
    elif sizes:
        about_what = site.name
        message = text(
            "stored vectors belong to the old model: build them anew; {size} numbers cannot be had there ({known})",
            size=site.size,
            known=", ".join(map(str, sorted(sizes))),
        )
    else:
        message = text("stored vectors belong to the old model: build them anew, with the new model's size")
    yield about(site, "vectors", about_what, message, Verdict.MANUAL)


RULE = Rule("LM310", "vector-index", VectorSite, find)
