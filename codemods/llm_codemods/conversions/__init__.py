"""Calls of one part of the API as calls of another: where a target lacks the one and has the other.

``conversion`` says whether and how; rules ask it what a call becomes, and judge that.
"""

from __future__ import annotations

from llm_codemods.conversions import responses
from llm_codemods.conversions.conversion import Conversion, ObstacleError
from llm_codemods.sites import CallSite, Points
from llm_codemods.target import Target

__all__ = ["Conversion", "ObstacleError", "as_converted", "conversion", "is_lacking"]


def is_lacking(site: CallSite, target: Target | None) -> bool:
    """Whether a call moves to a target that does not take it as it is, but may take it in another form."""
    if target is None or target.at_openai or not site.known or site.legacy or not site.called:
        return False
    if site.points not in (Points.OPENAI, Points.AZURE):
        return False
    return site.endpoint in responses.APIS and not responses.takes(site, target)


def conversion(site: CallSite, target: Target) -> Conversion:
    """Return what it takes to convert a call that ``is_lacking``.

    Raises:
        ObstacleError: it cannot be converted, with the reason.
    """
    return responses.convert(site, target)


def as_converted(site: CallSite, target: Target | None) -> CallSite:
    """Return what a call will be once it is converted; itself where it is not."""
    if target is None or not is_lacking(site, target):
        return site
    try:
        return conversion(site, target).site
    except ObstacleError:
        return site
