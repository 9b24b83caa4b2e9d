"""Table has names of OpenAI's models as its keys.

Why: windows, prices and capabilities are kept in dictionaries by model. The new name is not in them: the look-up fails,
or falls back to a number that is wrong.

Fix: where the numbers are windows, longest answers or sizes of vectors that the profile knows, the new names are added
with theirs; other numbers and switches are taken over from the old name, where all that it stands in for agree. The old
names stay.

Safety: ``review``; ``manual`` for prices, which are in another currency, and for entries that are no plain numbers.
``ready`` where the new names are there.

Source: profile fields ``mapping`` and ``models``; gotchas G43, G44.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.operations import Change, Fix, SetArgument
from llm_codemods.profile import Model
from llm_codemods.report import Finding, Verdict
from llm_codemods.rule import Rule, about
from llm_codemods.sites import TableSite
from llm_codemods.target import Target
from llm_codemods.text import text

PRICES = re.compile(
    r"pric|cost|usd|dollar|charge|budget|quota|minute|(?<![a-z])(cent|fee|rate|rpm|tpm)s?(?![a-z])", re.IGNORECASE
)
"""Names of tables of prices, and of how much may be asked in what time."""
OUTPUT = re.compile(r"output|completion|response|answer", re.IGNORECASE)
WINDOW = re.compile(r"context|window|input|limit|length|token", re.IGNORECASE)
SIZE = re.compile(r"dim|size", re.IGNORECASE)
LEAST = 256
"""Smaller numbers may be anything, prices among it."""


def find(site: TableSite, target: Target | None) -> Iterator[Finding]:
    """Report every table; say which names it lacks, and add them where their numbers are known."""
    if target is None or target.at_openai:
        message = text("table of {count} models, from {name} on", count=len(site.names), name=site.names[0])
        yield about(site, "table", site.names[0], message, Verdict.READY if target is not None else None)
        return
    pairs = [(name, model) for name in site.names if (model := target.model_for(name)) is not None]
    lacking = [model for model in dict.fromkeys(model for _, model in pairs) if model not in site.entries]
    if pairs and not lacking:
        message = text("table of models, which has {names}", names=", ".join(dict.fromkeys(m for _, m in pairs)))
        yield about(site, "table", site.names[0], message, Verdict.READY)
        return
    if not pairs:
        message = text("table of models: add those of {provider}", provider=target.profile.name)
        yield about(site, "table", site.names[0], message, Verdict.MANUAL)
        return
    added = {model: _number(site, target, model, [old for old, new in pairs if new == model]) for model in lacking}
    fix = None
    if None not in added.values():
        operations = tuple(SetArgument(model, repr(number)) for model, number in added.items())
        fix = Fix(text("add {names}", names=", ".join(lacking)), (Change(site.table, operations),))
        said = ", ".join(f"{model}: {number}" for model, number in added.items())
        message = text("table of models without {added}; look whether these are meant", added=said)
    else:
        message = text("table of models: add {names} with its own numbers", names=", ".join(lacking))
    yield about(site, "table", site.names[0], message, Verdict.MANUAL if fix is None else Verdict.REVIEW, fix)


def _number(site: TableSite, target: Target, model: str, names: list[str]) -> int | bool | None:
    """Return what to put under a new name that stands in for these; None where that is not known."""
    old = [site.entries.get(name) for name in names]
    if PRICES.search(site.of) or not all(isinstance(number, bool) or _is_size(number) for number in old):
        return None
    known = target.model(model)
    if known is not None and not isinstance(old[0], bool):
        own = _of_profile(site.of, known)
        asked = {row.dimensions for name in names if (row := target.mapping(name)) is not None}
        if own is not None and known.kind != "embedding":
            return own
        if known.kind == "embedding" and SIZE.search(site.of):
            return own if asked == {None} else next(iter(asked)) if len(asked) == 1 else None
    agreed = old[0] if len(set(old)) == 1 else None
    return agreed if isinstance(agreed, int) else None


def _is_size(number: object) -> bool:
    return type(number) is int and number >= LEAST


def _of_profile(name: str, model: Model) -> int | None:
    """Return what a table of this name holds of a model, as far as the profile says."""
    if OUTPUT.search(name):
        return model.output
    if WINDOW.search(name):
        return model.context
    if SIZE.search(name) and model.dimensions:
        return model.dimensions[0]
    return None


RULE = Rule("LM710", "model-table", TableSite, find)
