"""Embeddings: unit vectors made from a hash of each text."""

from __future__ import annotations

import base64
import datetime
import hashlib
import math
import struct
from collections.abc import Mapping
from typing import Any

from llm_codemods.profile import Model, Profile, Status
from llm_migrate.live.emulation.acceptance import check_features, feature, find_model, honoured
from llm_migrate.live.emulation.refusal import refusal
from llm_migrate.live.emulation.reply import tokens

_SIZE = 1024


def embeddings(profile: Profile, body: Mapping[str, Any], today: datetime.date | None = None) -> Mapping[str, Any]:
    """Answer an embeddings request.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    model = find_model(profile, "embeddings", body.get("model"), today)
    asked = honoured(profile, "embeddings", body)
    if feature(profile, "embeddings-dimensions") is Status.IGNORED:
        asked.pop("dimensions", None)
    _check(profile, model, asked)
    texts = _inputs(profile, model, asked.get("input"))
    sizes = model.dimensions if model is not None else ()
    size = asked.get("dimensions", sizes[0] if sizes else _SIZE)
    if sizes and size not in sizes:
        raise refusal(profile, "bad-parameter", parameter="dimensions")
    coded = asked.get("encoding_format") == "base64" and feature(profile, "embeddings-base64") is not Status.IGNORED
    vectors = [_vector(f"{asked['model']} {given}", size) for given in texts]
    words = sum(len(given) if isinstance(given, list) else len(tokens(str(given))) for given in texts)
    return {
        "object": "list",
        "model": asked["model"],
        "data": [
            {"object": "embedding", "index": i, "embedding": _base64(vector) if coded else vector}
            for i, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": words, "total_tokens": words},
    }


def _check(profile: Profile, model: Model | None, asked: Mapping[str, Any]) -> None:
    """Refuse what is refused; to ask for the one size that a model has is no asking."""
    own = model is not None and model.dimensions == (asked.get("dimensions"),)
    check_features(profile, model, {k: v for k, v in asked.items() if not (k == "dimensions" and own)})
    if asked.get("encoding_format", "float") not in ("float", "base64"):
        raise refusal(profile, "bad-parameter", parameter="encoding_format")


def _inputs(profile: Profile, model: Model | None, given: Any) -> list[Any]:
    """Return the texts, or lists of token numbers where the profile does not limit ``input``."""
    row = profile.parameter("embeddings", "input")
    if isinstance(given, str) and given:
        return [given]
    if not isinstance(given, list) or not given:
        raise refusal(profile, "bad-parameter", parameter="input")
    items = [given] if all(type(item) is int for item in given) else given
    if not all(isinstance(item, str) and item for item in items):
        numbers = all(isinstance(item, list) and item and all(type(n) is int for n in item) for item in items)
        if not numbers or (row is not None and row.status is not Status.SAME):
            raise refusal(profile, "bad-parameter", parameter="input")
    if model is not None and model.batch is not None and len(items) > model.batch:
        raise refusal(profile, "bad-parameter", parameter="input")
    return items


def _vector(seed: str, size: int) -> list[float]:
    """Return a unit vector whose numbers are exact in 32 bits, so that both encodings say the same."""
    noise = hashlib.shake_256(seed.encode()).digest(2 * size)
    numbers = [value / 32768 or 1 / 32768 for value in struct.unpack(f"<{size}h", noise)]
    length = math.sqrt(sum(x * x for x in numbers))
    return list(struct.unpack(f"<{size}f", struct.pack(f"<{size}f", *(x / length for x in numbers))))


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
