"""Judges of embeddings: encoding, order, size, length."""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Sequence
from itertools import starmap
from typing import Any

from llm_codemods.proof import Outcome
from llm_codemods.requirements import Requirement
from llm_codemods.text import text
from llm_migrate.live.judges.answers import Conclusion, Judgement, judging, result_of
from llm_migrate.live.wire import Response

Vector = Sequence[float]
NEAR = 1e-5
"""How far apart the two encodings of one number may be."""
UNIT = 0.01
"""How far from 1 the length of a normalised vector may be."""


def rows_of(response: Response, count: int) -> list[Any]:
    """Return the raw embeddings of ``count`` texts, in their order."""
    body = result_of(response)
    data = body.get("data")
    if not isinstance(data, list) or not data:
        raise Conclusion(Outcome.BROKEN, text("no data: the SDK raises ValueError"))
    if not all(isinstance(row, dict) and "embedding" in row for row in data):
        raise Conclusion(Outcome.BROKEN, text("entries of data have no embedding"))
    if len(data) != count:
        raise Conclusion(
            Outcome.DIFFERS, text("{count:embedding|embeddings} for {texts:text|texts}", count=len(data), texts=count)
        )
    if [row.get("index") for row in data] != list(range(len(data))):
        raise Conclusion(
            Outcome.DIFFERS, text("data is not in the order of index: callers that zip it mix up their texts")
        )
    return [row["embedding"] for row in data]


def _is_vector(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(x) in (int, float) for x in value)


def vectors_of(response: Response, count: int) -> list[Vector]:
    """Return the vectors of numbers."""
    rows = rows_of(response, count)
    if not all(map(_is_vector, rows)):
        raise Conclusion(Outcome.DIFFERS, text("float was asked for, but embedding is no list of numbers"))
    if not all(math.isfinite(x) for row in rows for x in row):
        raise Conclusion(Outcome.DIFFERS, text("embedding has numbers that are not finite"))
    if len({len(row) for row in rows}) > 1:
        raise Conclusion(Outcome.DIFFERS, text("vectors of different sizes"))
    return rows


def _check_size(vectors: Sequence[Vector], wanted: int | None) -> None:
    size = len(vectors[0])
    if wanted is not None and size != wanted:
        raise Conclusion(Outcome.IGNORED, text("{wanted} dimensions wanted, {size} came", wanted=wanted, size=size))


def _check_length(vectors: Sequence[Vector]) -> None:
    for vector in vectors:
        length = math.hypot(*vector)
        if abs(length - 1) > UNIT:
            raise Conclusion(
                Outcome.DIFFERS,
                text(
                    "vectors are not normalised (length {length}): their dot product is not the cosine",
                    length=round(length, 3),
                ),
            )


def cosine(left: Vector, right: Vector) -> float:
    """Return the cosine of two vectors; 0 where they have different sizes or no length."""
    if len(left) != len(right):
        return 0.0
    lengths = math.hypot(*left) * math.hypot(*right)
    return sum(x * y for x, y in zip(left, right, strict=True)) / lengths if lengths else 0.0


def _alike(one: Sequence[Vector], other: Sequence[Vector]) -> bool:
    return all(cosine(left, right) >= 0.999 for left, right in zip(one, other, strict=True))


def _near(one: Sequence[Vector], other: Sequence[Vector]) -> bool:
    return all(
        len(left) == len(right) and all(abs(x - y) <= NEAR for x, y in zip(left, right, strict=True))
        for left, right in zip(one, other, strict=True)
    )


@judging
def judge_embeddings(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """Two vectors of floats, of the size that was wanted, normalised, each that of its own text asked alone."""
    vectors = vectors_of(responses[0], 2)
    _check_size(vectors, requirement.dimensions)
    if cosine(*vectors) > 0.99999:
        return Outcome.DIFFERS, text("two different texts get the same vector")
    if len(responses) == 3:
        alone = [vectors_of(response, 1)[0] for response in responses[1:]]
        swapped = [cosine(vectors[0], alone[1]), cosine(vectors[1], alone[0])]
        own = [cosine(vectors[0], alone[0]), cosine(vectors[1], alone[1])]
        if sum(swapped) > sum(own):
            return Outcome.DIFFERS, text("vectors come in another order than their texts")
        if min(own) < 0.99:
            return Outcome.DIFFERS, text("the same text gets different vectors")
    _check_length(vectors)
    return Outcome.WORKS, text("{size} dimensions, normalised, in order", size=len(vectors[0]))


@judging
def judge_dimensions(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """Vectors of the size that was asked for, normalised again after the cut."""
    vectors = vectors_of(responses[0], 2)
    _check_size(vectors, requirement.dimensions)
    _check_length(vectors)
    return Outcome.WORKS, text("{size} dimensions, normalised", size=len(vectors[0]))


@judging
def judge_batch(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """One vector for each of many texts, in the order of index, all different."""
    count = requirement.value if type(requirement.value) is int else 2
    vectors = vectors_of(responses[0], count)
    if len({tuple(vector) for vector in vectors}) < count:
        return Outcome.DIFFERS, text("different texts get the same vector")
    return Outcome.WORKS, text("{count:text|texts} at once", count=count)


@judging
def judge_embeddings_base64(requirement: Requirement, responses: Sequence[Response]) -> Judgement:
    """What the SDK sends when the code says nothing: base64 of float32, equal to the list of floats.

    Both are asked for twice: a server that gives other vectors to the same texts, under load for instance, proves
    nothing about base64; one that varies a little is compared by direction.
    """
    coded = rows_of(responses[0], 2)
    try:
        plain = vectors_of(responses[1], 2)
    except Conclusion as known:
        outcome, why = known.judgement
        return (Outcome.SKIPPED if outcome is Outcome.REFUSED else outcome), text(
            "not proven, there is no float answer to compare: {why}", why=why
        )
    if all(map(_is_vector, coded)):
        return Outcome.IGNORED, text("base64 was asked for, a list of numbers came; the Python SDK takes both")
    coded_again = rows_of(responses[2], 2) if responses[2].status == 200 else coded
    plain_again = vectors_of(responses[3], 2) if responses[3].status == 200 else plain
    try:
        found = [_floats(value) for value in coded]
        found_again = found if coded_again == coded else [_floats(value) for value in coded_again]
    except (TypeError, ValueError, struct.error):
        return Outcome.DIFFERS, text("embedding is no base64 of 32-bit floats")
    unequal = [pair for pair in ((found, found_again), (plain, plain_again)) if pair[0] is not pair[1]]
    if not all(starmap(_alike, unequal)):
        return Outcome.SKIPPED, text("not proven: the same texts gave different vectors when asked twice")
    if any(len(left) == 2 * len(right) for left, right in zip(found, plain, strict=True)):
        return Outcome.DIFFERS, text("base64 of 64-bit floats: the SDK reads garbage of double length")
    same = _near if all(starmap(_near, unequal)) else _alike
    if not same(found, plain):
        return Outcome.DIFFERS, text("base64 and float give different vectors")
    _check_size(found, requirement.dimensions)
    return Outcome.WORKS, text("{size} dimensions", size=len(found[0]))


def _floats(value: Any) -> tuple[float, ...]:
    raw = base64.b64decode(value, validate=True)
    found = struct.unpack(f"<{len(raw) // 4}f", raw)
    if not found:
        raise ValueError("empty")
    return found
