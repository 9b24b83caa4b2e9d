"""What can be said of numbers: rates with their uncertainty, speeds of streams. Pure.

Sources: E. B. Wilson, Journal of the American Statistical Association 22 (1927), for the interval of a rate; Hyndman
and Fan, The American Statistician 50 (1996), definition 7, for quantiles.
"""

from __future__ import annotations

import bisect
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_codemods.proof import Outcome, Speed, Spread
from llm_codemods.text import text
from llm_migrate.live.judges.answers import Judgement
from llm_migrate.live.wire import Request, Response

Z95 = 1.959963984540054
"""The normal quantile that leaves 2.5 % on either side."""
RATE_FROM = 5
"""Fewest tries of which a rate is told."""
MEDIAN_FROM, P95_FROM = 3, 20
"""Fewest values of which these are told: of fewer than 20, the 95th percentile is but the largest."""
_LEAST_TOKENS, _LEAST_SECONDS = 8, 0.05
"""A stream that is shorter, or comes at one blow, shows no speed."""


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Return the bounds of Wilson's interval for a rate; without trials it may be anything."""
    if trials == 0:
        return 0.0, 1.0
    rate, square = successes / trials, z * z / trials
    middle = rate + square / 2
    half = z * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials))
    low, high = (middle - half) / (1 + square), (middle + half) / (1 + square)
    return (0.0 if successes == 0 else low), (1.0 if successes == trials else high)


def interval(trials: Sequence[Outcome]) -> tuple[float, float] | None:
    """Return between which rates a probe works, as its tries show; None where they are too few to tell."""
    proving = [outcome for outcome in trials if outcome is not Outcome.SKIPPED]
    if len(proving) < RATE_FROM:
        return None
    low, high = wilson(proving.count(Outcome.WORKS), len(proving))
    return round(low, 4), round(high, 4)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies, interpolated.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def together(judgements: Sequence[Judgement]) -> Judgement:
    """Return what several tries of one probe show together. It works only if every try that proved something did.

    Raises:
        ValueError: there are no judgements.
    """
    if not judgements:
        raise ValueError("no judgements")
    proving = [one for one in judgements if one[0] is not Outcome.SKIPPED]
    if len(judgements) == 1 or not proving:
        return judgements[0]
    failing = [one for one in proving if one[0] is not Outcome.WORKS]
    works, tries = len(proving) - len(failing), len(proving)
    if not failing:
        outcome, said = proving[0]
    else:
        outcome = Counter(found for found, _ in failing).most_common(1)[0][0]
        said = next(evidence for found, evidence in failing if found is outcome)
    if tries < RATE_FROM:
        return outcome, text(
            "in {works} of {tries} tries, too few for a rate: {said}", works=works, tries=tries, said=said
        )
    low, high = wilson(works, tries)
    return outcome, text(
        "in {works} of {tries} tries (95 % interval {low} to {high} %): {said}",
        works=works,
        tries=tries,
        low=math.floor(low * 100),
        high=math.ceil(high * 100),
        said=said,
    )


# --- streams ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Timing:
    """How one stream came: seconds until its first token and until its end, and its tokens (None: no speed shows)."""

    model: str
    first: float
    seconds: float
    tokens: int | None

    @property
    def rate(self) -> float | None:
        """Tokens per second from the first one on, which is not counted."""
        return None if self.tokens is None else (self.tokens - 1) / (self.seconds - self.first)


def spread(values: Sequence[float]) -> Spread:
    """Describe some values.

    Raises:
        ValueError: there are none.
    """
    return Spread(
        len(values),
        quantile(values, 0),
        quantile(values, 1),
        quantile(values, 0.5) if len(values) >= MEDIAN_FROM else None,
        quantile(values, 0.95) if len(values) >= P95_FROM else None,
    )


def speeds(timings: Sequence[Timing]) -> tuple[Speed, ...]:
    """Return the speed of each model, in the order in which they are first seen."""
    found = []
    for model in dict.fromkeys(timing.model for timing in timings):
        own = [timing for timing in timings if timing.model == model]
        rates = [timing.rate for timing in own if timing.rate is not None]
        found.append(Speed(model, spread([timing.first for timing in own]), spread(rates) if rates else None))
    return tuple(found)


def timing(request: Request, response: Response) -> Timing | None:
    """Return how a stream of a chat came; None for any other answer, and for one that was not read to its end."""
    body = request.body or {}
    model = body.get("model")
    if not body.get("stream") or response.status != 200 or response.cut or request.events is not None:
        return None
    pieces = [end for end, chunk in _chunks(response.body) if _speaks(chunk)]
    if not pieces or not response.arrivals or not isinstance(model, str):
        return None
    sizes = [size for _, size in response.arrivals]
    first = response.arrivals[min(bisect.bisect_left(sizes, pieces[0]), len(sizes) - 1)][0]
    usage = _usage(response)
    counted = usage.get("completion_tokens") if usage is not None else None
    # A server that counts none sends about one token an event.
    tokens = counted if counted is not None and _is_count(counted) else len(pieces)
    slow = tokens >= _LEAST_TOKENS and response.seconds - first >= _LEAST_SECONDS
    return Timing(model, first, response.seconds, tokens if slow else None)


def tokens_used(response: Response) -> int | None:
    """Return how many tokens an answer took, as the endpoint counts them; None where it does not say."""
    usage = _usage(response)
    total = usage.get("total_tokens") if usage is not None else None
    return total if _is_count(total) else None


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 10**9


def _usage(response: Response) -> Mapping[str, Any] | None:
    """Return the last usage in an answer, streamed or whole."""
    if response.status >= 300 or b'"usage"' not in response.body:
        return None
    if response.body.lstrip()[:1] == b"{":
        try:
            chunks = [response.json()]
        except ValueError:
            return None
    else:
        chunks = [chunk for _, chunk in _chunks(response.body)]
    found = [chunk["usage"] for chunk in chunks if isinstance(chunk, dict) and isinstance(chunk.get("usage"), dict)]
    return found[-1] if found else None


def _chunks(body: bytes) -> Iterator[tuple[int, object]]:
    """Yield the JSON data of each event of a stream, and where in the body it ends."""
    end = 0
    for line in body.splitlines(keepends=True):
        end += len(line)
        if line.startswith(b"data:"):
            try:
                yield end, json.loads(line[5:])
            except (ValueError, RecursionError):
                continue


def _speaks(chunk: object) -> bool:
    """Whether a chunk brings something of the answer, be it reasoning or part of a call."""
    choices = chunk.get("choices") if isinstance(chunk, dict) else None
    delta = choices[0].get("delta") if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None
    if not isinstance(delta, dict):
        return False
    return any(delta.get(name) for name in ("content", "reasoning_content", "reasoning", "tool_calls"))
