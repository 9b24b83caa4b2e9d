"""Several providers for the same code, as text, as Markdown and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from llm_codemods.fit import Fit, StandIn, Total, cost, total
from llm_codemods.profile import Model
from llm_codemods.report import Verdict
from llm_migrate import console
from llm_migrate.language import say
from llm_migrate.render.data import dump
from llm_migrate.render.layout import fitted, wrapped
from llm_migrate.render.listing import verdict_word

MOST = 6
"""So many missing things are named for a provider; JSON has them all."""
SIGNS = {"USD": "$", "CNY": "¥"}
UNKNOWN = "?"
CHAT, EMBEDDING = "chat", "embedding"
KINDS = {"chat": CHAT, "embeddings": EMBEDDING}
"""Kinds of models for which a volume is a total."""
EVEN = (1_000_000, 1_000_000)
"""Tokens in and out, for the order of prices where nobody says the volume."""
ROUGH_RATE = 7.0
"""Yuan for a dollar, for the order of prices where nobody says the rate."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is to be shown. ``volume``: tokens in and out; ``rate``: yuan for a dollar, None: leave currencies alone."""

    fits: tuple[Fit, ...]
    volume: tuple[float, float] | None = None
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, a sentence on what the columns are, the names of the columns, and the rows."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def ranked(fits: Iterable[Fit], volume: tuple[float, float] | None = None, rate: float | None = None) -> Comparison:
    """Return what is to be shown, the provider first that leaves least to people.

    Of those that leave the same, first the one that needs no second provider, then the one whose models cost less.
    """
    least = (Verdict.MANUAL, Verdict.REVIEW, Verdict.FIX)

    def order(fit: Fit) -> tuple[float | str, ...]:
        second = sum(model.provider != fit.target.profile.id for model in fit.models)
        costs = (_comparable(model.model, volume or EVEN, rate) for model in fit.models)
        return *(fit.uses.get(verdict, 0) for verdict in least), second, sum(costs), fit.target.profile.id

    return Comparison(tuple(sorted(fits, key=order)), volume, rate)


def as_text(found: Comparison, columns: int | None = None) -> str:
    """Return the comparison for a terminal with so many columns; None: its lines may be of any length."""
    blocks: list[str] = []
    for table in _tables(found):
        heading, *rows = fitted([table.columns, *table.rows], None if columns is None else columns - 2)
        lines = [console.style(line, "bold") for line in _wrapped(table.title, columns)]
        lines += _wrapped(table.note, columns) if table.note else []
        lines += ["  " + console.style(line, "dim") for line in heading]
        lines += ["  " + line for row in rows for line in row]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, *("\n".join(_wrapped(line, columns)) for line in _remarks(found))])


def _wrapped(line: str, columns: int | None) -> list[str]:
    return [line] if columns is None else list(wrapped(line, columns, ""))


def as_markdown(found: Comparison) -> str:
    """Return the comparison for a page or a pull request."""
    blocks = []
    for table in _tables(found):
        lines = [f"### {table.title}", "", *([table.note, ""] if table.note else [])]
        lines += [_line(table.columns), _line(["---"] * len(table.columns)), *map(_line, table.rows)]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, *_remarks(found)])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _tables(found: Comparison) -> Iterator[Table]:
    yield Table(
        say("What becomes of the calls"),
        "",
        (say("provider"), *map(verdict_word, Verdict), say("can move")),
        tuple(
            (
                fit.target.profile.id,
                *(str(fit.uses.get(v, 0)) for v in Verdict),
                "-" if fit.movable is None else f"{fit.movable:.0%}",
            )
            for fit in found.fits
        ),
    )
    lacking = [fit for fit in found.fits if fit.missing]
    if lacking:
        yield Table(
            say("What a person must decide"),
            "",
            (say("provider"), say("because of")),
            tuple((fit.target.profile.id, missing(fit)) for fit in lacking),
        )
    if found.volume is not None and found.fits:
        yield from _totals(found, found.volume)
    for models in alike(found):
        yield _models(found, models)


def totals(found: Comparison, kind: str) -> tuple[Total, dict[str, Total]]:
    """Return what the volume costs when it is spread over all models of a kind by the places that ask them: at the old
    provider, and at each other one by its id. Of embeddings only the tokens that go in count."""
    into, out = found.volume or (0, 0)
    out = 0 if kind == EMBEDDING else out
    asked = {m.old: m for fit in found.fits for m in sorted(fit.models, key=lambda m: m.places) if m.kind == kind}
    there = {fit.target.profile.id: {m.old: m.model for m in fit.models} for fit in found.fits}

    def together(models: Mapping[str, Model | None]) -> Total:
        return total([(models.get(old), one.places) for old, one in asked.items()], into, out)

    return together({old: one.known for old, one in asked.items()}), {id: together(m) for id, m in there.items()}


def _totals(found: Comparison, volume: tuple[float, float]) -> Iterator[Table]:
    """Yield what the volume costs altogether; what is embedded is a volume of its own, so it is not added."""
    names = {CHAT: say("chat"), EMBEDDING: say("embeddings")}
    kinds = [kind for kind in names if any(m.kind == kind for fit in found.fits for m in fit.models)]
    sums = {kind: totals(found, kind) for kind in kinds}
    if not kinds:
        return

    def cells(kind: str, fit: Fit) -> tuple[str, str]:
        before, there = sums[kind][0], sums[kind][1][fit.target.profile.id]
        if all(model.name is None for model in fit.models if model.kind == kind):
            return "-", ""
        old, new = (_dollars(one, found.rate) for one in (before, there))
        share = f"{new / old:.0%}" if before.complete and there.complete and old else ""
        return _amounts(there, found.rate), share

    def order(fit: Fit) -> tuple[bool, float]:
        there = sums[kinds[0]][1][fit.target.profile.id]
        return not there.complete, _dollars(there, found.rate)

    home = [cell for kind in kinds for cell in (_amounts(sums[kind][0], found.rate), f"{1:.0%}")]
    yield Table(
        say("What the volume costs together"),
        say(
            "chat: {into} tokens in, {out} out, shared by the places that ask; embeddings: {into} in",
            into=f"{volume[0]:,.0f}",
            out=f"{volume[1]:,.0f}",
        ),
        (say("provider"), *(cell for kind in kinds for cell in (names[kind], say("of today")))),
        (
            (found.fits[0].target.origin.data.id, *home),
            *(
                (fit.target.profile.id, *(cell for kind in kinds for cell in cells(kind, fit)))
                for fit in sorted(found.fits, key=order)
            ),
        ),
    )


def _amounts(sum: Total, rate: float | None) -> str:
    """Return a total in its currencies; where a price is not known, it is at least that."""
    amounts: dict[str, float] = {}
    for currency, amount in sum.amounts.items():
        dollars = rate is not None and currency == "CNY"
        sign = "USD" if dollars else currency
        amounts[sign] = amounts.get(sign, 0) + (amount / (rate or 1) if dollars else amount)
    told = " + ".join(f"{SIGNS.get(name, name + ' ')}{amount:,.2f}" for name, amount in sorted(amounts.items()))
    return told if sum.complete else f"≥ {told}" if told else UNKNOWN


def _dollars(sum: Total, rate: float | None) -> float:
    """Return a total by which providers can be put in order."""
    by_rate = {"CNY": rate or ROUGH_RATE}
    return math.fsum(amount / by_rate.get(currency, 1) for currency, amount in sum.amounts.items())


def alike(found: Comparison) -> list[list[str]]:
    """Return the models that the code asks, those together for which the same stands in everywhere."""
    groups: dict[tuple[str | None, ...], list[str]] = {}
    for old in dict.fromkeys(model.old for fit in found.fits for model in fit.models):
        groups.setdefault(tuple(model.name for _, model in _pairs(found, old)), []).append(old)
    return list(groups.values())


def missing(fit: Fit) -> str:
    """Name what a provider has not, the most frequent first."""
    listed = [f"{name} ×{count}" if count > 1 else name for name, count in fit.missing[:MOST]]
    more = len(fit.missing) - MOST
    return say(", ").join([*listed, *([say("{count} more", count=more)] if more > 0 else [])])


def _pairs(found: Comparison, old: str) -> list[tuple[Fit, StandIn]]:
    """Return every provider with what stands in there for a model."""
    return [(fit, model) for fit in found.fits for model in fit.models if model.old == old]


def _models(found: Comparison, olds: Sequence[str]) -> Table:
    """Return what stands in for models for which the same does everywhere, the cheapest first where it can be told."""
    ordered = cheapest_first(found, olds[0])
    home = ordered[0][0].target.origin.data
    columns = [say("provider"), say("model"), say("tokens in"), say("tokens out"), say("context")]
    columns += [say("for the volume")] if found.volume is not None else []
    return Table(
        named(found, olds),
        say("prices for a million tokens; context in tokens"),
        tuple(columns),
        (
            *(row(home.id, old, home.models.get(old), found) for old in olds),
            *(row(providers(fit, model), model.name, model.model, found) for fit, model in ordered),
        ),
    )


def cheapest_first(found: Comparison, old: str) -> list[tuple[Fit, StandIn]]:
    """Return every provider with what stands in there for a model, the cheapest first where it can be told."""

    def order(pair: tuple[Fit, StandIn]) -> tuple[bool, float, str]:
        fit, model = pair
        return model.name is None, _comparable(model.model, found.volume or EVEN, found.rate), fit.target.profile.id

    return sorted(_pairs(found, old), key=order)


def named(found: Comparison, olds: Iterable[str]) -> str:
    """Name models, each with the number of places that ask it."""
    counted = {old: max(model.places for _, model in _pairs(found, old)) for old in olds}
    return say(", ").join(f"{old} ×{count}" if count > 1 else old for old, count in counted.items())


def providers(fit: Fit, model: StandIn) -> str:
    """Return the id of the provider, and of the second one where that has the model."""
    return " + ".join(dict.fromkeys((fit.target.profile.id, model.provider)))


def _comparable(model: Model | None, volume: tuple[float, float], rate: float | None) -> float:
    """Return a cost by which models can be put in order."""
    price = cost(model, *volume)
    if price is None or model is None:
        return float("inf")
    return price / (rate or ROUGH_RATE) if model.currency == "CNY" else price


def row(provider: str, name: str | None, model: Model | None, found: Comparison) -> tuple[str, ...]:
    """Return what a line says of a model: provider, name, prices in and out, context, and the cost if it is asked."""
    if name is None:
        cells = [provider, say("nothing stands in for it"), "", "", ""]
    else:
        into = None if model is None else model.price_in
        out = None if model is None else model.price_out
        context = UNKNOWN if model is None or model.context is None else f"{model.context:,}"
        cells = [provider, name, _money(into, model, found.rate), _money(out, model, found.rate), context]
    if found.volume is not None:
        cells.append("" if name is None else _money(cost(model, *found.volume), model, found.rate, cents=True))
    return tuple(cells)


def _money(amount: float | None, model: Model | None, rate: float | None, *, cents: bool = False) -> str:
    if amount is None or model is None or model.currency is None:
        return "-" if model is not None and model.kind == "embedding" and model.price_in is not None else UNKNOWN
    sign = SIGNS.get(model.currency, model.currency + " ")
    if rate is not None and model.currency == "CNY":
        amount, sign = amount / rate, SIGNS["USD"]
    return sign + (f"{amount:,.2f}" if cents else f"{amount:,.4g}")


def _remarks(found: Comparison) -> list[str]:
    remarks = [say("Prices and limits are those of the profiles: llm-migrate providers show ID names their sources.")]
    currencies = {m.model.currency for fit in found.fits for m in fit.models if m.model is not None}
    if found.rate is None and {"USD", "CNY"} <= currencies:
        remarks.append(
            say(
                "Some prices are in yuan: --rate CNY puts all in dollars. The order here takes {rate} yuan for one.",
                rate=f"{ROUGH_RATE:g}",
            )
        )
    return remarks


def as_json(found: Comparison) -> str:
    """Return the comparison for programs; prices for a million tokens, in the currency that is named."""
    return dump(as_data(found))


def as_data(found: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON data; ``schema`` grows when its shape changes."""
    asked = {model.kind for fit in found.fits for model in fit.models}
    sums = {word: totals(found, kind) if kind in asked else None for word, kind in KINDS.items()}
    return {
        "schema": 1,
        "command": "compare",
        "volume": None if found.volume is None else {"in": found.volume[0], "out": found.volume[1]},
        "before": None if found.volume is None else {word: each and asdict(each[0]) for word, each in sums.items()},
        "providers": [
            {
                "id": fit.target.profile.id,
                "region": fit.target.region_name,
                "uses": {verdict.value: fit.uses.get(verdict, 0) for verdict in Verdict},
                "movable": fit.movable,
                "missing": dict(fit.missing),
                "models": [_stand_in(model, found) for model in fit.models],
                "total": None
                if found.volume is None
                else {word: each and asdict(each[1][fit.target.profile.id]) for word, each in sums.items()},
            }
            for fit in found.fits
        ],
    }


def _stand_in(model: StandIn, found: Comparison) -> dict[str, Any]:
    return {
        "for": model.old,
        "places": model.places,
        "model": model.name,
        "provider": model.provider,
        **_of_model(model.model, found),
        "before": _of_model(model.known, found),
    }


def _of_model(model: Model | None, found: Comparison) -> dict[str, Any]:
    return {
        "context": None if model is None else model.context,
        "price_in": None if model is None else model.price_in,
        "price_out": None if model is None else model.price_out,
        "currency": None if model is None else model.currency,
        "cost": None if found.volume is None else cost(model, *found.volume),
    }
