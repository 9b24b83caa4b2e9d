"""Which clients stay where they are: their fix is not chosen, a comment keeps them, or they share with such a one."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING

from llm_codemods import upgrade
from llm_codemods.edits import Span
from llm_codemods.report import Finding
from llm_codemods.sites import (
    MODULE_LEVEL,
    CallSite,
    ClientPlace,
    ClientSite,
    ImportSite,
    Points,
    SettingSite,
    Site,
    UrlSite,
    module_level,
)
from llm_codemods.style import Style
from llm_codemods.vocabulary import MODEL_ARGUMENTS

if TYPE_CHECKING:
    from llm_codemods.analysis import Analysis

MODULE_CLIENT = frozenset({"api_key", "api_key_path", "api_base", "base_url"})
"""What decides where the SDK's module sends its requests, and with which key."""


def staying(analysis: Analysis, choose: Callable[[Finding], bool]) -> frozenset[ClientPlace]:
    """Return the clients that could move and do not, and those that share a call or a model's name with one of them."""
    offered = _offered((*analysis.findings, *analysis.suppressed))
    chosen = _offered(filter(choose, analysis.findings))
    apart = _apart(analysis)
    by_code = analysis.target is None or analysis.target.style is not Style.ENV
    left = set(analysis.kept | _left(analysis, offered, chosen, apart, all_of_them=by_code))
    groups = _groups(analysis.sites, apart) if left else []
    while any(group & left and not group <= left for group in groups):
        left |= {client for group in groups if group & left for client in group}
    return frozenset(left)


def kept(analysis: Analysis) -> frozenset[ClientPlace]:
    """Return the clients, and the objects of frameworks, that a comment keeps where they are."""
    silenced = _offered(analysis.suppressed)
    if not silenced:
        return frozenset()
    objects = _offered(f for f in analysis.suppressed if f.moves_object)
    return objects | _left(analysis, silenced, _offered(analysis.findings), _apart(analysis), all_of_them=False)


def movable_clients(analysis: Analysis) -> frozenset[ClientPlace]:
    """Return the clients in the asked files that can move."""
    every = (site for path in analysis.asked for site in analysis.sites.get(path, ()))
    return frozenset((s.path, s.span) for s in every if isinstance(s, ClientSite) and s.movable)


def _offered(findings: Iterable[Finding]) -> frozenset[ClientPlace]:
    """Return the places of findings that have a fix."""
    return frozenset((f.path, f.span) for f in findings if f.fix is not None)


def _apart(analysis: Analysis) -> frozenset[str]:
    """Return the asked files whose calls of the SDK's module move by themselves."""
    every = (site for path in analysis.asked for site in analysis.sites.get(path, ()))
    return frozenset(s.path for s in every if isinstance(s, CallSite) and upgrade.has_own_client(s, analysis.target))


def _left(
    analysis: Analysis,
    offered: frozenset[ClientPlace],
    chosen: frozenset[ClientPlace],
    apart: frozenset[str],
    *,
    all_of_them: bool,
) -> frozenset[ClientPlace]:
    """Return the clients that are not chosen, of those that are offered or of ``all_of_them``."""
    every = [site for path in analysis.asked for site in analysis.sites.get(path, ())]
    movable = movable_clients(analysis)
    left = set((movable if all_of_them else movable & offered) - chosen)
    left |= {(s.path, s.span) for s in every if isinstance(s, UrlSite) and s.requests} & offered - chosen
    settings = {(s.path, s.span) for s in every if isinstance(s, ImportSite) and s.configure}
    settings |= {(s.path, s.span) for s in every if isinstance(s, SettingSite) and s.name in MODULE_CLIENT}
    calls = {(s.path, s.span) for s in every if isinstance(s, CallSite) and upgrade.has_own_client(s, analysis.target)}
    left |= {module_level(path) for path, _ in {p for p in (settings | calls) & offered - chosen if p[0] in apart}}
    for path in (None, *apart):  # None: the files whose calls do not move by themselves
        own = {place for place in settings if (place[0] if place[0] in apart else None) == path}
        others = [s for s in every if (s.path if s.path in apart else None) == path and (s.path, s.span) not in calls]
        if path is None and own & offered - chosen:
            left.add(MODULE_LEVEL)
        if all_of_them and own and not own & offered and _calls_module(others):
            left.add(MODULE_LEVEL if path is None else module_level(path))
    return frozenset(left)


def _calls_module(every: Iterable[Site]) -> bool:
    """Whether the client of the SDK's module is used, and points to OpenAI."""
    calls = (s for s in every if isinstance(s, CallSite) and MODULE_LEVEL in s.clients)
    return any(s.points in (Points.OPENAI, Points.AZURE) for s in calls)


def _groups(found: Mapping[str, Iterable[Site]], apart: Container[str]) -> list[frozenset[ClientPlace]]:
    """Return which clients can move only together: one call goes through them, or their calls name the same literal.

    ``apart``: the files whose calls of the SDK's module move by themselves.
    """
    calls = [s for those in found.values() for s in those if isinstance(s, CallSite) and s.clients]
    sharing: dict[tuple[str, Span], set[ClientPlace]] = {}
    groups: set[frozenset[ClientPlace]] = set()
    for call in calls:
        own = module_level(call.path) if call.path in apart else MODULE_LEVEL
        clients = {own if place == MODULE_LEVEL else place for place in call.clients}
        groups.add(frozenset(clients))
        for name in MODEL_ARGUMENTS:
            for constant in call.given[name].constants if name in call.given else ():
                sharing.setdefault((constant.path, constant.literal.span), set()).update(clients)
    groups |= {frozenset(those) for those in sharing.values()}
    return [group for group in groups if len(group) > 1]
