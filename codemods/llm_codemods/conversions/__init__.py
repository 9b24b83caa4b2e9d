"""Calls of one part of the API as calls of another: where a target lacks the one and has the other.

``conversion`` says whether and how; rules ask it what a call becomes, and judge that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from llm_codemods.conversions import completions, functions, parsed, responses, token_count
from llm_codemods.conversions.conversion import Conversion, ObstacleError
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target
from llm_codemods.text import text
from llm_codemods.upgrade import upgraded

__all__ = ["Conversion", "Kind", "ObstacleError", "as_converted", "conversion", "gets_tools", "kind_of"]


class Kind(str, Enum):
    """What of a call the target does not take."""

    RESPONSES = "responses"
    """It is one of the Responses API."""
    COMPLETION = "completion"
    """It is one of the legacy completions."""
    FUNCTIONS = "functions"
    """It has functions, not tools."""
    PARSED = "parsed"
    """The SDK makes a JSON schema of a class."""
    TOKENS = "tokens"
    """It counts the tokens of an input."""

    @property
    def is_endpoint(self) -> bool:
        """Whether it is the endpoint that is not there, or not wholly."""
        return self in (Kind.RESPONSES, Kind.COMPLETION)


TOLD = {
    Kind.RESPONSES: frozenset({"store"}),
    Kind.COMPLETION: completions.LACKING.keys(),
    Kind.FUNCTIONS: frozenset(functions.OLD),
    Kind.PARSED: frozenset({"response_format"}),
    Kind.TOKENS: frozenset(),
}
"""The arguments that stand in the way, which is said of the call: without them it would be another one."""


def kind_of(site: CallSite, target: Target | None) -> Kind | None:
    """Return what a call needs to be converted for at its target; None: nothing. One of 0.28 is taken for what it
    becomes under the current SDK."""
    site = upgraded(site, target)
    if target is None or target.at_openai or not site.known or site.legacy or not site.called:
        return None
    kind = next(_kinds(site, target), None)
    if site.points is Points.UNKNOWN:  # chat goes wherever completions go, an answer wherever tokens are counted
        return kind if kind in (Kind.COMPLETION, Kind.TOKENS) else None
    return kind if site.points in (Points.OPENAI, Points.AZURE) or target.is_home(site.host) else None


def _kinds(site: CallSite, target: Target) -> Iterator[Kind]:
    if site.endpoint in responses.APIS and not responses.takes(site, target):
        yield Kind.RESPONSES
    if completions.is_meant(site, target):
        yield Kind.COMPLETION
    if functions.is_meant(site, target):
        yield Kind.FUNCTIONS
    if parsed.is_meant(site, target):
        yield Kind.PARSED
    if token_count.is_meant(site, target):
        yield Kind.TOKENS


def conversion(site: CallSite, target: Target) -> Conversion:
    """Return what it takes to convert a call that has a ``kind_of``.

    Raises:
        ObstacleError: it cannot be converted, with the reason.
        ValueError: there is nothing to convert.
    """
    kind = kind_of(site, target)
    found = _converted(upgraded(site, target), target, kind)
    for other in site.beside:
        same = kind_of(other, target) is kind
        if not same or shape_of(_converted(upgraded(other, target), target, kind)) != shape_of(found):
            raise ObstacleError(text("its result meets other values under one name"))
    return found


def shape_of(found: Conversion) -> tuple[str, bool]:
    """Return what decides how the result of a converted call is read: its method, and whether it streams."""
    stream = found.site.given.get("stream")
    return found.site.api, stream is not None and any(c.literal.value is True for c in stream.constants)


def _converted(site: CallSite, target: Target, kind: Kind | None) -> Conversion:
    if kind is Kind.RESPONSES:
        return responses.convert(site, target)
    if kind is Kind.COMPLETION:
        return completions.convert(site, target)
    if kind is Kind.FUNCTIONS:
        return functions.convert(site, target)
    if kind is Kind.PARSED:
        return parsed.convert(site, target)
    if kind is Kind.TOKENS:
        return token_count.convert(site)
    raise ValueError(site.api)


def as_converted(site: CallSite, target: Target | None) -> CallSite:
    """Return what a call will be once it is converted; itself where it is not, without what stood in the way."""
    kind = kind_of(site, target)
    if target is None or kind is None:
        return site
    try:
        return conversion(site, target).site
    except ObstacleError:
        return replace(site, given={name: given for name, given in site.given.items() if name not in TOLD[kind]})


def gets_tools(call: CallSite | None, target: Target) -> bool:
    """Whether the functions of a call become tools, and with them all that has to do with the function it names."""
    return call is not None and "tools" not in call.given and "tools" in as_converted(call, target).given


def is_safe(found: Conversion, site: CallSite) -> bool:
    """Whether the call becomes chat with nothing for a person to look at."""
    return not found.doubts and (site.upgrade is None or site.upgrade.sure)


def becomes_chat_safely(site: CallSite, target: Target) -> bool:
    """Whether a call of the legacy completions becomes one of chat without a person."""
    try:
        return is_safe(conversion(site, target), site)
    except ObstacleError:
        return False
