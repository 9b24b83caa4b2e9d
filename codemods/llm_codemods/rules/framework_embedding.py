"""Embeddings of a framework send what other providers refuse.

Why: some classes cut texts into tokens of OpenAI's first and send their numbers, which others take for malformed input;
and they send more texts at once than the target's model takes, which is refused as a whole. Vectors of another model
have another size unless it is asked for, and mean something else in any case.

Fix: the arguments that say so are given; the size of the old vectors is asked for where the target's model has it.

Safety: ``fix`` for texts and their number; ``review`` for the size: an index with old vectors must be rebuilt all the
same; ``manual`` where the object does not move by itself. Not reported where the arguments are given already and fit.
Without splitting by tokens, texts that are longer than the model takes are refused: split them before.

Source: the table of frameworks; profile fields ``models.batch`` and ``mapping.dimensions``; gotchas G14, G15, G16.
"""

from __future__ import annotations

from collections.abc import Iterator

from llm_codemods.framework_fix import asked_for, beside, stand_in, successor
from llm_codemods.operations import Change, Fix, SetArgument
from llm_codemods.report import Finding
from llm_codemods.rule import Rule, about, moves, settles
from llm_codemods.sites import FrameworkSite
from llm_codemods.target import Target
from llm_codemods.text import text

Wanted = tuple[str, str]
"""An argument and its value, as Python source."""


def find(site: FrameworkSite, target: Target | None) -> Iterator[Finding]:
    """Report embeddings that must be told how to send their texts."""
    if target is None or not moves(site.points, site.host, target) or site.opaque:
        return
    wanted = [*_texts(site), *_batch(site, target)]
    if wanted:
        message = text("{name}: pass {code}", name=site.name, code=_code(wanted))
        fix = _fix(site, target, wanted)
        yield about(site, "parameter", site.row.name, message, settles(fix), fix)
    sized = list(_size(site, target))
    if sized:
        message = text(
            "{name}: vectors change with the model: rebuild every index; {code}", name=site.name, code=_code(sized)
        )
        fix = _fix(site, target, sized)
        yield about(site, "parameter", "dimensions", message, settles(fix, sure=False), fix)


def _code(wanted: list[Wanted]) -> str:
    return ", ".join(f"{name}={value}" for name, value in wanted)


def _fix(site: FrameworkSite, target: Target, wanted: list[Wanted]) -> Fix | None:
    shared = beside(site, target)
    direct = all(site.given[name].direct for name, _ in wanted if name in site.given)
    if shared is None or not site.called or site.handed or not direct:
        return None
    operations = tuple(SetArgument(name, value) for name, value in wanted)
    return Fix(text("pass {code}", code=_code(wanted)), (Change(site.span, operations),), shared)


def _texts(site: FrameworkSite) -> Iterator[Wanted]:
    """Yield the argument that keeps texts from being sent as numbers of tokens."""
    name = successor(site.row).token_numbers
    if name is not None and not (
        name in site.given and any(c.literal.value is False for c in site.given[name].constants)
    ):
        yield name, "False"


def _batch(site: FrameworkSite, target: Target) -> Iterator[Wanted]:
    """Yield the argument for how many texts go at once, where more would than the target's model takes."""
    other = successor(site.row)
    name, most = other.batch_argument, other.batch
    known = target.model(stand_in(site, target))
    if name is None or most is None or known is None or known.batch is None:
        return
    given = site.given.get(name)
    numbers = [c.literal.value for c in given.constants] if given is not None else [most]
    if not numbers or any(isinstance(n, int) and n > known.batch for n in numbers):
        yield name, str(known.batch)


def _size(site: FrameworkSite, target: Target) -> Iterator[Wanted]:
    """Yield the argument for the size of vectors, where another than the model's own must be asked for."""
    name, asked = successor(site.row).dimensions, asked_for(site)
    row = target.mapping(asked) if asked is not None and asked not in target.models else None
    size = row.dimensions if row is not None else None
    if name is not None and size is not None and name not in site.given:
        yield name, str(size)


RULE = Rule("LM705", "framework-embedding", FrameworkSite, find)
