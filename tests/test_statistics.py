"""Rates, quantiles and speeds, against values that others have published or that a pencil gives."""

from __future__ import annotations

import dataclasses
import json
import math
import statistics
from typing import Any

import pytest

from llm_codemods.proof import Outcome, Speed, Spread
from llm_codemods.text import text
from llm_migrate.live.judges import Judgement
from llm_migrate.live.statistics import (
    Timing,
    interval,
    quantile,
    speeds,
    spread,
    timing,
    together,
    tokens_used,
    wilson,
)
from llm_migrate.live.wire import Request, Response
from llm_migrate.render.layout import width
from llm_migrate.render.speeds import as_data, lines, plot

# --- rates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, the score method without correction.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # By hand, where the rate is one half: 0.5 ± z / (2 √(n + z²)).
        (5, 10, 0.5 - 1.959964 / (2 * math.sqrt(13.841459)), 0.5 + 1.959964 / (2 * math.sqrt(13.841459))),
    ],
)
def test_wilsons_interval(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)
    other = wilson(trials - successes, trials)
    assert (1 - other[1], 1 - other[0]) == pytest.approx((low, high), abs=5e-5)


def test_wilsons_interval_at_the_ends() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 1)[0] == 0.0
    assert wilson(7, 7)[1] == 1.0
    # n successes of n leave n / (n + z²) as the lower bound.
    assert wilson(7, 7)[0] == pytest.approx(7 / (7 + 1.959964**2))


def judged(works: int, **others: int) -> list[Judgement]:
    outcomes = [*[Outcome.WORKS] * works, *(Outcome(name) for name, count in others.items() for _ in range(count))]
    return [(outcome, text("it {outcome}", outcome=outcome.value)) for outcome in outcomes]


@pytest.mark.parametrize(
    ("judgements", "outcome", "says"),
    [
        (judged(1), Outcome.WORKS, "it works"),
        (judged(0, skipped=1), Outcome.SKIPPED, "it skipped"),
        (judged(0, skipped=3), Outcome.SKIPPED, "it skipped"),
        (judged(3), Outcome.WORKS, "in 3 of 3 tries, too few for a rate: it works"),
        (judged(3, skipped=4), Outcome.WORKS, "in 3 of 3 tries, too few for a rate: it works"),
        (judged(2, differs=1), Outcome.DIFFERS, "in 2 of 3 tries, too few for a rate: it differs"),
        (judged(20), Outcome.WORKS, "in 20 of 20 tries (95 % interval 83 to 100 %): it works"),
        (judged(0, refused=5), Outcome.REFUSED, "in 0 of 5 tries (95 % interval 0 to 44 %): it refused"),
        (judged(5, differs=2, broken=3), Outcome.BROKEN, "in 5 of 10 tries (95 % interval 23 to 77 %): it broken"),
    ],
)
def test_tries_together(judgements: list[Judgement], outcome: Outcome, says: str) -> None:
    found, evidence = together(judgements)
    assert (found, str(evidence)) == (outcome, says)


def test_the_interval_of_tries() -> None:
    assert interval([Outcome.WORKS] * 4) is None
    assert interval([Outcome.WORKS] * 4 + [Outcome.SKIPPED] * 9) is None
    assert interval([Outcome.WORKS] * 5 + [Outcome.BROKEN] * 5 + [Outcome.SKIPPED]) == (0.2366, 0.7634)


def test_no_tries_show_nothing() -> None:
    with pytest.raises(ValueError, match="no judgements"):
        together([])


# --- quantiles --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 3, 4, 19, 20, 21, 100])
def test_quantiles_are_those_of_the_standard_library(count: int) -> None:
    values = [((i * 37) % 101) / 7 for i in range(count)]
    for cut, found in enumerate(statistics.quantiles(values, n=20, method="inclusive"), 1):
        assert quantile(values, cut / 20) == pytest.approx(found)
    assert (quantile(values, 0), quantile(values, 1)) == (min(values), max(values))


def test_quantiles_of_little() -> None:
    assert quantile([3.0], 0.95) == 3.0
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)


def test_too_few_values_have_no_median_and_no_95th_percentile() -> None:
    assert spread([1.0, 2.0]) == Spread(2, 1.0, 2.0, None, None)
    assert spread([3.0, 1.0, 2.0]) == Spread(3, 1.0, 3.0, 2.0, None)
    assert spread([float(i) for i in range(19)]).p95 is None
    assert spread([float(i) for i in range(21)]).p95 == 19.0


# --- streams ----------------------------------------------------------------------------------------------------------

STREAMED = Request("POST", "/chat/completions", {"model": "talk", "stream": True})


def event(usage: dict[str, int] | None = None, **delta: Any) -> bytes:
    chunk: dict[str, Any] = {"choices": [{"index": 0, "delta": delta}] if usage is None else [], "usage": usage}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def streamed(*events: tuple[float, bytes], **more: Any) -> Response:
    """Return the answer of a server that sends each event at a time."""
    body, arrivals = b"", []
    for when, data in events:
        body += data
        arrivals.append((when, len(body)))
    return Response(200, body, first=arrivals[0][0], seconds=arrivals[-1][0], arrivals=tuple(arrivals), **more)


WORDS = [(0.5 + i / 10, event(content="word ")) for i in range(11)]
ROLE = (0.2, event(role="assistant", content=""))


def test_the_first_token_is_the_first_that_says_something() -> None:
    counted = (1.5, event({"completion_tokens": 41, "total_tokens": 50}))
    found = timing(STREAMED, streamed((0.1, b": keep-alive\n\n"), ROLE, *WORDS, counted))
    assert found == Timing("talk", 0.5, 1.5, 41)
    assert found is not None
    assert found.rate == pytest.approx(40.0)


@pytest.mark.parametrize("delta", [{"reasoning_content": "hm"}, {"tool_calls": [{"index": 0}]}])
def test_reasoning_and_calls_are_tokens_too(delta: dict[str, Any]) -> None:
    found = timing(STREAMED, streamed(ROLE, (0.3, event(**delta)), *WORDS))
    assert found is not None
    assert found.first == 0.3


def test_without_a_count_events_are_counted() -> None:
    found = timing(STREAMED, streamed(ROLE, *WORDS))
    assert found is not None
    assert found.tokens == 11


@pytest.mark.parametrize(
    "response",
    [
        streamed(ROLE, *WORDS[:5]),
        streamed(ROLE, *[(0.5, data) for _, data in WORDS]),
        streamed((0.5, b"".join(data for _, data in WORDS))),
    ],
)
def test_a_short_stream_and_one_that_comes_at_once_show_no_speed(response: Response) -> None:
    found = timing(STREAMED, response)
    assert found is not None
    assert found.tokens is None
    assert found.rate is None


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        (Request("POST", "/chat/completions", {"model": "talk"}), streamed(*WORDS)),
        (Request("GET", "/models"), streamed(*WORDS)),
        (STREAMED, streamed(*WORDS, cut=True)),
        (STREAMED, streamed(ROLE)),
        (STREAMED, Response(500, b"data: {}\n\n")),
        (STREAMED, Response(200, b"data: " + b"[" * 100_000 + b"\n\n", arrivals=((0.1, 100_008),))),
        (STREAMED, Response(200, b'data: {"choices": [null]}\n\ndata: {"choices": [{"delta": 3}]}\n\n')),
    ],
)
def test_what_is_no_whole_stream_of_words_has_no_times(request_: Request, response: Response) -> None:
    assert timing(request_, response) is None


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        (b'{"usage": {"total_tokens": 12}}', 12),
        (b'\n\n{"usage": {"total_tokens": 12}}', 12),
        (event({"total_tokens": 3}) + event({"total_tokens": 9}) + b"data: [DONE]\n\n", 9),
        (b'{"usage": null}', None),
        (b'{"usage": {"total_tokens": null}}', None),
        (b'{"usage": {"total_tokens": -1}}', None),
        (b'{"usage": {"total_tokens": 1e9}}', None),
        (b'{"usage": {"total_tokens": ' + b"9" * 400 + b"}}", None),
        (b'{"usage": ' + b"[" * 100_000, None),
        (b'data: "usage"\n\n', None),
        (b"", None),
    ],
)
def test_tokens_are_as_the_endpoint_counts_them(body: bytes, tokens: int | None) -> None:
    assert tokens_used(Response(200, body)) == tokens


# --- how it reads -----------------------------------------------------------------------------------------------------

FAST = [Timing("talk", 0.2 + i / 100, 2.2 + i / 100, 101) for i in range(21)]
SLOW = [Timing("ponder", 0.4, 0.5, None), Timing("ponder", 0.8, 0.9, None)]


def test_speeds_of_each_model() -> None:
    fast, slow = speeds([*SLOW[:1], *FAST, *SLOW[1:]])[::-1]
    assert (fast.model, slow.model) == ("talk", "ponder")
    assert dataclasses.astuple(fast.first) == pytest.approx((21, 0.2, 0.4, 0.3, 0.39))
    assert fast.rate is not None
    assert fast.rate.median == pytest.approx(50.0)
    assert slow == Speed("ponder", Spread(2, 0.4, 0.8, None, None), None)
    assert speeds([]) == ()


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        (Spread(3, 2.0, 8.0, 4.0, None), "  ├─●───┤"),
        (Spread(2, 0.0, 8.0, None, None), "├───────┤"),
        (Spread(1, 8.0, 8.0, None, None), "        │"),
        (Spread(9, 4.0, 4.0, 4.0, None), "    ●"),
    ],
)
def test_a_plot_is_drawn_to_scale(values: Spread, drawn: str) -> None:
    assert plot(values, 8.0, 9) == drawn


def test_a_plot_of_nothing_but_zeros() -> None:
    assert plot(Spread(3, 0.0, 0.0, 0.0, None), 0.0, 9) == "●"


def test_speeds_read_well_in_80_columns() -> None:
    found = lines(speeds([*FAST, *SLOW]), 80)
    assert max(map(width, found)) <= 80
    head, talk, ponder, _, second, rates, *notes = found
    assert head.split() == ["first", "token,", "in", "ms", "streams", "median", "p95", "0", "to", "800"]
    assert talk.split()[:4] == ["talk", "21", "300", "390"]
    assert ponder.split()[:4] == ["ponder", "2", "-", "-"]
    assert "●" in talk
    assert talk.index("├") < ponder.index("├")
    assert second.startswith("tokens per second")
    assert rates.split()[:4] == ["talk", "21", "50.0", "50.0"]
    assert [note[:8] for note in notes] == ["a median", "a 95th p"]


def test_speeds_say_when_there_is_nothing_to_tell() -> None:
    assert lines([]) == []
    assert "no stream was long enough to tell tokens per second" in lines(speeds(SLOW))
    assert not any("told of" in line for line in lines(speeds(FAST)))


def test_speeds_for_machines() -> None:
    talk, ponder = as_data(speeds([*FAST, *SLOW]))
    assert talk["first_token"] == {"streams": 21, "least": 0.2, "median": 0.3, "p95": 0.39, "most": 0.4}
    assert ponder["tokens_per_second"] is None
    assert ponder["first_token"]["median"] is None
