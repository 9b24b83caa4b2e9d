"""What stays where it is since something that belongs to it does: the clients of a call move together, or none does."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping

from llm_codemods import upgrade
from llm_codemods.analysis import Analysis
from llm_codemods.edits import Place
from llm_codemods.report import Finding
from llm_codemods.sites import (
    MODULE_LEVEL,
    CallSite,
    ClientSite,
    FrameworkSite,
    ImportSite,
    Points,
    SettingSite,
    Site,
    UrlSite,
    module_level,
)
from llm_codemods.style import Style
from llm_codemods.vocabulary import MODEL_ARGUMENTS

Choose = Callable[[Finding], bool]
"""Says whether a fix is to be made."""
MODULE_CLIENT = frozenset({"api_key", "api_key_path", "api_base", "base_url"})
"""What decides where the SDK's module sends its requests, and with which key."""


def clients(analysis: Analysis, choose: Choose) -> frozenset[Place]:
    """Return the clients and the objects of frameworks that could move and do not, and those that share a call or a
    model's name with one of them."""
    made = (f for f in analysis.findings if f.fix is not None and choose(f))
    chosen = {(f.path, f.span) for f in made if f.kind != "parameter"}  # with other arguments it still stays
    offered = {(f.path, f.span) for f in (*analysis.findings, *analysis.suppressed) if f.fix is not None}
    declined = offered - chosen
    every = [site for path in analysis.asked for site in analysis.sites.get(path, ())]
    settings = {(s.path, s.span) for s in every if isinstance(s, ImportSite) and s.configure}
    settings |= {(s.path, s.span) for s in every if isinstance(s, SettingSite) and s.name in MODULE_CLIENT}
    calls = {(s.path, s.span) for s in every if isinstance(s, CallSite) and upgrade.has_own_client(s, analysis.target)}
    apart = {path for path, _ in calls}
    left = declined & {(s.path, s.span) for s in every if isinstance(s, UrlSite) and s.requests}
    left |= {_module_client(path, apart) for path, _ in declined & (settings | calls)}
    left |= {(f.path, f.span) for f in analysis.findings if f.moves_object and f.fix is not None and not choose(f)}
    if analysis.target is not None and analysis.target.style is Style.ENV:
        left |= declined & movable(analysis)
    else:
        left |= movable(analysis) - chosen
        settled = {_module_client(path, apart) for path, _ in settings & offered}
        for client in {_module_client(path, apart) for path, _ in settings} - settled:
            used = (s for s in every if _module_client(s.path, apart) == client and (s.path, s.span) not in calls)
            if _calls_module(used):
                left.add(client)
    groups = _groups(analysis.sites, apart) if left else []
    while any(group & left and not group <= left for group in groups):
        left |= {client for group in groups if group & left for client in group}
    return frozenset(left)


def movable(analysis: Analysis) -> frozenset[Place]:
    """Return the clients in the asked files that can move."""
    every = (site for path in analysis.asked for site in analysis.sites.get(path, ()))
    return frozenset((s.path, s.span) for s in every if isinstance(s, ClientSite) and s.movable)


def _module_client(path: str, apart: Container[str]) -> Place:
    """Return what stands for the client of the SDK's module in a file: its own, if its calls move by themselves."""
    return module_level(path) if path in apart else MODULE_LEVEL


def _calls_module(every: Iterable[Site]) -> bool:
    """Whether the client of the SDK's module is used, and points to OpenAI."""
    calls = (s for s in every if isinstance(s, CallSite) and MODULE_LEVEL in s.clients)
    return any(s.points in (Points.OPENAI, Points.AZURE) for s in calls)


def _groups(found: Mapping[str, Iterable[Site]], apart: Container[str]) -> list[frozenset[Place]]:
    """Return which clients and objects of frameworks can move only together: one call goes through them, or they name
    the same literal.

    ``apart``: the files whose calls of the SDK's module move by themselves.
    """
    calls = [s for those in found.values() for s in those if isinstance(s, CallSite) and s.clients]
    sharing: dict[Place, set[Place]] = {}
    groups: set[frozenset[Place]] = set()
    for call in calls:
        own = _module_client(call.path, apart)
        clients = {own if place == MODULE_LEVEL else place for place in call.clients}
        groups.add(frozenset(clients))
        named = [constant for name in MODEL_ARGUMENTS if name in call.given for constant in call.given[name].constants]
        for constant in named:
            sharing.setdefault((constant.path, constant.literal.span), set()).update(clients)
    for site in (s for those in found.values() for s in those if isinstance(s, FrameworkSite)):
        given = site.argument(site.row.model)
        for constant in given.constants if given is not None and site.points is Points.OPENAI else ():
            sharing.setdefault((constant.path, constant.literal.span), set()).add((site.path, site.span))
    groups |= {frozenset(those) for those in sharing.values()}
    return [group for group in groups if len(group) > 1]
