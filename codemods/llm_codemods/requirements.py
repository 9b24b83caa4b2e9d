"""What the code needs from the endpoint, derived from its sites."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from llm_codemods.engine import destination
from llm_codemods.request import Request, Scalar, describe
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the user's code: path relative to the root (posix), cell of a notebook (0-based), 1-based line."""

    path: str
    line: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing the code needs, and where.

    ``feature`` names a probe: ``models chat stream-usage tools forced-tool json-object json-schema embeddings
    embeddings-base64 model bad-key unknown-model``; one that is a parameter's own name (``stop``, ``seed``) is that
    parameter, with ``value`` as the code sends it. ``model`` is the *target's* model name, None where any will do.
    ``locations`` is empty when the requirement comes from the profile and not from code.
    """

    feature: str
    model: str | None = None
    dimensions: int | None = None
    locations: tuple[Location, ...] = ()
    value: Scalar = None


ALWAYS = ("models", "bad-key", "unknown-model")
"""What every move stands on, whatever the code does."""


def derive(
    sites: Iterable[CallSite], target: Target, location: Callable[[CallSite], Location]
) -> tuple[Requirement, ...]:
    """Return what the calls need from the target; equal needs are one requirement with all their places.

    Calls through clients that point to other providers need nothing; nor do embeddings that go to another provider than
    the target. ``location`` says where a site stands.
    """
    places: dict[tuple[str, str | None, int | None], list[Location]] = {}
    for site in sites:
        if destination(site, target) is not target:
            continue
        away = site.points is Points.ELSEWHERE and not target.is_home(site.host)
        if not site.called or not site.known or away:
            continue
        for feature, model, dimensions in dict.fromkeys(_needs(site, target)):
            places.setdefault((feature, model, dimensions), []).append(location(site))
    if not places:
        return ()
    always = [Requirement(feature) for feature in ALWAYS]
    return (
        *always,
        *(Requirement(*key, tuple(dict.fromkeys(where))) for key, where in sorted(places.items(), key=_order)),
    )


def _order(item: tuple[tuple[str, str | None, int | None], list[Location]]) -> tuple[str, str, int]:
    (feature, model, dimensions), _ = item
    return feature, model or "", dimensions or 0


def _needs(site: CallSite, target: Target) -> Iterator[tuple[str, str | None, int | None]]:
    named = (target.model_for(n, vision=site.images) or _own(n, site, target) for n in site.models)
    models = [model for model in named if model]
    for model in models:
        yield "model", model, None
    first = models[0] if models else None
    endpoint, request = site.endpoint, describe(site)
    if endpoint == "embeddings.create":
        dimensions = _dimensions(request, target)
        yield ("embeddings" if "encoding_format" in request.parameters else "embeddings-base64"), first, dimensions
    if not endpoint.startswith("chat.completions."):
        return
    yield "chat", first, None
    if request.stream:
        yield "stream-usage", first, None
    if request.tools is not None:
        yield ("forced-tool" if request.forces_tool else "tools"), first, None
    if request.response_format is not None:
        if endpoint.endswith((".parse", ".stream")):
            yield "json-schema", first, None
        elif request.response_format.type in ("json_object", "json_schema"):
            yield request.response_format.type.replace("_", "-"), first, None


def _own(name: str, site: CallSite, target: Target) -> str | None:
    """Return a name that is sent as it is, be it known or not: the code has been moved."""
    return name if target.knows(name) or target.is_home(site.host) else None


def _dimensions(request: Request, target: Target) -> int | None:
    if request.dimensions is not None:
        return request.dimensions
    row = next((r for name in request.models if (r := target.mapping(name)) is not None), None)
    return row.dimensions if row is not None else None
