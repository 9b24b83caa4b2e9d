"""Requests of the probes for embeddings."""

from __future__ import annotations

from typing import Any

from llm_codemods.profile import Action
from llm_codemods.requirements import Requirement
from llm_migrate.live.probes.asking import model_for
from llm_migrate.live.prompts import TEXTS
from llm_migrate.live.wire import Connection, Request, endpoint_path


def _request(
    requirement: Requirement, connection: Connection, texts: list[str], encoding: str = "float", **more: Any
) -> Request:
    body = {"model": model_for(requirement, connection) or "", "input": texts, "encoding_format": encoding, **more}
    return Request("POST", endpoint_path(connection.profile, "embeddings"), body)


def _size(requirement: Requirement, connection: Connection) -> dict[str, Any]:
    """Return ``dimensions`` unless the model has one size only or the parameter must not be sent."""
    model = model_for(requirement, connection) or ""
    row = connection.profile.models.get(model)
    parameter = connection.profile.parameter("embeddings", "dimensions", model)
    fixed = row is not None and row.dimensions == (requirement.dimensions,)
    removed = parameter is not None and parameter.action is Action.REMOVE
    asked = requirement.dimensions is not None and not fixed and not removed
    return {"dimensions": requirement.dimensions} if asked else {}


def float_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask for two texts at once, then for each alone."""
    size = _size(requirement, connection)
    return tuple(_request(requirement, connection, texts, **size) for texts in (TEXTS, TEXTS[:1], TEXTS[1:]))


def base64_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask as the SDK does when the code says nothing, and for floats; each twice."""
    size = _size(requirement, connection)
    return tuple(_request(requirement, connection, TEXTS, encoding, **size) for encoding in ("base64", "float") * 2)


def dimensions_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask for a size, be it the model's only one or not."""
    more: dict[str, Any] = {} if requirement.dimensions is None else {"dimensions": requirement.dimensions}
    return (_request(requirement, connection, TEXTS, **more),) if more else ()


def batch_requests(requirement: Requirement, connection: Connection) -> tuple[Request, ...]:
    """Ask for as many texts as the code sends at once."""
    count = requirement.value if type(requirement.value) is int else 2
    texts = [f"Sentence number {number}." for number in range(1, count + 1)]
    return (_request(requirement, connection, texts, **_size(requirement, connection)),)
