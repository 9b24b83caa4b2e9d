"""Several providers for the same code, as text, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llm_codemods.fit import Fit, StandIn, cost
from llm_codemods.profile import Model
from llm_codemods.report import Verdict
from llm_migrate import console
from llm_migrate.language import say
from llm_migrate.render.layout import padded, width
from llm_migrate.render.listing import verdict_word

MOST = 6
"""So many missing things are named for a provider; JSON has them all."""
SIGNS = {"USD": "$", "CNY": "¥"}
UNKNOWN = "?"
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


def as_text(found: Comparison) -> str:
    """Return the comparison for a terminal."""
    blocks: list[str] = []
    for table in _tables(found):
        widths = [max(map(width, column)) for column in zip(table.columns, *table.rows, strict=True)]
        heading = "  ".join(map(padded, table.columns, widths)).rstrip()
        lines = [console.style(table.title, "bold")]
        lines += [table.note] if table.note else []
        lines += ["  " + console.style(heading, "dim")]
        lines += ["  " + "  ".join(map(padded, row, widths)).rstrip() for row in table.rows]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, *_remarks(found)])


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
    for models in alike(found):
        yield _models(found, models)


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
    return json.dumps(as_data(found), ensure_ascii=False, indent=2)


def as_data(found: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON data; ``schema`` grows when its shape changes."""
    return {
        "schema": 1,
        "command": "compare",
        "volume": None if found.volume is None else {"in": found.volume[0], "out": found.volume[1]},
        "providers": [
            {
                "id": fit.target.profile.id,
                "region": fit.target.region_name,
                "uses": {verdict.value: fit.uses.get(verdict, 0) for verdict in Verdict},
                "movable": fit.movable,
                "missing": dict(fit.missing),
                "models": [_stand_in(model, found) for model in fit.models],
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
