"""How fast models stream, as lines with a small plot and as JSON data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llm_codemods.proof import Speed, Spread
from llm_migrate.language import say
from llm_migrate.live.statistics import MEDIAN_FROM, P95_FROM
from llm_migrate.render.layout import aligned, width

_NARROWEST, _WIDEST = 12, 40
"""Columns of a plot."""
_NOTHING = "-"


def lines(speeds: Sequence[Speed], columns: int = 80) -> list[str]:
    """Return a table of first tokens and one of tokens per second; no lines where nothing was streamed.

    The plots of a table have one scale, from nothing to its largest value: ``├──●──┤`` goes from the least to the
    most, with the median between them where there are enough values to tell.
    """
    if not speeds:
        return []
    first = [(speed.model, speed.first) for speed in speeds]
    rates = [(speed.model, speed.rate) for speed in speeds if speed.rate is not None]
    found = _table(say("first token, in ms"), first, lambda seconds: f"{seconds * 1000:,.0f}", columns)
    if rates:
        found += ["", *_table(say("tokens per second"), rates, lambda rate: f"{rate:,.1f}", columns)]
    else:
        found.append(say("no stream was long enough to tell tokens per second"))
    spreads = [spread for _, spread in (*first, *rates)]
    if any(spread.median is None for spread in spreads):
        found.append(say("a median is told of {count} streams or more", count=MEDIAN_FROM))
    if any(spread.p95 is None for spread in spreads):
        found.append(say("a 95th percentile is told of {count} streams or more (--samples)", count=P95_FROM))
    return found


def _table(title: str, rows: Sequence[tuple[str, Spread]], shown: Callable[[float], str], columns: int) -> list[str]:
    def cell(value: float | None) -> str:
        return _NOTHING if value is None else shown(value)

    top = max(spread.most for _, spread in rows)
    head = (title, say("streams"), say("median"), say("p95"), say("0 to {most}", most=shown(top)))
    cells = [(model, str(one.count), cell(one.median), cell(one.p95)) for model, one in rows]
    taken = sum(max(map(width, column)) + 2 for column in zip(head[:4], *cells, strict=True))
    size = max(_NARROWEST, min(_WIDEST, columns - taken))
    plots = [plot(one, top, size) for _, one in rows]
    return aligned([head, *((*row, drawn) for row, drawn in zip(cells, plots, strict=True))])


def plot(spread: Spread, top: float, size: int) -> str:
    """Draw where values lie between 0 and ``top``, in so many columns."""
    low, high = _column(spread.least, top, size), _column(spread.most, top, size)
    drawn = [" "] * low + ["─"] * (high - low + 1)
    drawn[low], drawn[high] = ("├", "┤") if low < high else ("│", "│")
    if spread.median is not None:
        drawn[_column(spread.median, top, size)] = "●"
    return "".join(drawn)


def _column(value: float, top: float, size: int) -> int:
    return round(value / top * (size - 1)) if top > 0 else 0


def section(speeds: Sequence[Speed], columns: int = 80) -> list[str]:
    """Return the lines after an empty one, to stand below others."""
    return ["", *found] if (found := lines(speeds, columns)) else []


def as_data(speeds: Sequence[Speed]) -> list[dict[str, Any]]:
    """Return speeds as JSON data: seconds, and tokens per second; null where there are too few values to tell."""
    return [
        {
            "model": speed.model,
            "first_token": _spread(speed.first),
            "tokens_per_second": None if speed.rate is None else _spread(speed.rate),
        }
        for speed in speeds
    ]


def _spread(spread: Spread) -> dict[str, Any]:
    def short(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    return {
        "streams": spread.count,
        "least": short(spread.least),
        "median": short(spread.median),
        "p95": short(spread.p95),
        "most": short(spread.most),
    }
