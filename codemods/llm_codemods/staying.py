"""What stays where it is: its fix is not chosen, a comment keeps it, or it shares something with what stays.

The clients of a call move together, or none does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from typing import Protocol

from llm_codemods import upgrade
from llm_codemods.edits import Place
from llm_codemods.report import Finding
from llm_codemods.routing import target_of
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
from llm_codemods.target import Target
from llm_codemods.vocabulary import MODEL_ARGUMENTS

Choose = Callable[[Finding], bool]
"""Says whether a fix is to be made."""
MODULE_CLIENT = frozenset({"api_key", "api_key_path", "api_base", "base_url"})
"""What decides where the SDK's module sends its requests, and with which key."""


class Analysed(Protocol):
    """Files that were held against a target: their sites, and what the rules say."""

    @property
    def target(self) -> Target | None: ...  # noqa: D102
    @property
    def asked(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def sites(self) -> Mapping[str, tuple[Site, ...]]: ...  # noqa: D102
    @property
    def findings(self) -> tuple[Finding, ...]: ...  # noqa: D102
    @property
    def suppressed(self) -> tuple[Finding, ...]: ...  # noqa: D102
    @property
    def kept(self) -> frozenset[Place]: ...  # noqa: D102


def clients(analysed: Analysed, choose: Choose, idle: frozenset[Place]) -> frozenset[Place]:
    """Return the clients and the objects of frameworks that could move and do not, and those that share a call or a
    model's name with one of them; ``idle``: those that the target has nothing for, which hold no others by a call."""
    offered = _offered((*analysed.findings, *analysed.suppressed))
    # with other arguments it still stays
    chosen = _offered(f for f in analysed.findings if f.kind != "parameter" and choose(f))
    by_code = analysed.target is None or analysed.target.style is not Style.ENV
    calls = _own_calls(analysed)
    apart = {path for path, _ in calls} | {path for path, span in idle if (path, span) == module_level(path)}
    left = analysed.kept | idle | _left(analysed, calls, apart, offered, chosen, all_of_them=by_code)
    left |= _offered(f for f in analysed.findings if f.moves_object and not choose(f))
    groups = _groups(analysed.sites, apart, idle) if left else []
    while any(group & left and not group <= left for group in groups):
        left |= {client for group in groups if group & left for client in group}
    return left


def kept(analysed: Analysed) -> frozenset[Place]:
    """Return the clients, and the objects of frameworks, that a comment keeps where they are."""
    silenced = _offered(analysed.suppressed)
    if not silenced:
        return frozenset()
    objects = _offered(f for f in analysed.suppressed if f.moves_object)
    chosen = _offered(analysed.findings)
    calls = _own_calls(analysed)
    return objects | _left(analysed, calls, {path for path, _ in calls}, silenced, chosen, all_of_them=False)


def idle(analysed: Analysed) -> frozenset[Place]:
    """Return the clients that could move and do not, since the target has nothing of what they are for."""
    found = (s for s in _asked(analysed) if isinstance(s, ClientSite) and s.movable)
    made = frozenset((s.path, s.span) for s in found if _is_idle(s.methods, target_of(s, analysed.target)))
    return made | _idle_module(analysed)


def _idle_module(analysed: Analysed) -> frozenset[Place]:
    """Return the client of the SDK's module in each file, where all that any of them calls through it is missing."""
    calls = [s for those in analysed.sites.values() for s in those if isinstance(s, CallSite) and s.module_level]
    needless = all(not s.legacy and _is_idle((s.endpoint,), target_of(s, analysed.target)) for s in calls)
    return frozenset(map(module_level, analysed.sites)) if calls and needless else frozenset()


def _is_idle(methods: Collection[str], target: Target | None) -> bool:
    return target is not None and not target.at_openai and target.lacks(methods)


def movable(analysed: Analysed) -> frozenset[Place]:
    """Return the clients in the asked files that can move."""
    return frozenset((s.path, s.span) for s in _asked(analysed) if isinstance(s, ClientSite) and s.movable)


def _asked(analysed: Analysed) -> Iterable[Site]:
    return (site for path in analysed.asked for site in analysed.sites.get(path, ()))


def _offered(findings: Iterable[Finding]) -> frozenset[Place]:
    """Return the places of findings that have a fix."""
    return frozenset((f.path, f.span) for f in findings if f.fix is not None)


def _own_calls(analysed: Analysed) -> frozenset[Place]:
    """Return the calls of the SDK's module that move by themselves."""
    calls = (s for s in _asked(analysed) if isinstance(s, CallSite))
    return frozenset((s.path, s.span) for s in calls if upgrade.has_own_client(s, analysed.target))


def _left(
    analysed: Analysed,
    calls: frozenset[Place],
    apart: Container[str],
    offered: frozenset[Place],
    chosen: frozenset[Place],
    *,
    all_of_them: bool,
) -> frozenset[Place]:
    """Return the clients that are not chosen, of those that are offered or of ``all_of_them``; ``calls`` move by
    themselves, ``apart`` are the files whose client of the SDK's module is one of their own."""
    declined = offered - chosen
    every = tuple(_asked(analysed))
    settings = {(s.path, s.span) for s in every if isinstance(s, ImportSite) and s.configure}
    settings |= {(s.path, s.span) for s in every if isinstance(s, SettingSite) and s.name in MODULE_CLIENT}
    left = declined & {(s.path, s.span) for s in every if isinstance(s, UrlSite) and s.requests}
    left |= {_module_client(path, apart) for path, _ in declined & (settings | calls)}
    if not all_of_them:
        return left | (declined & movable(analysed))
    left |= movable(analysed) - chosen
    settled = {_module_client(path, apart) for path, _ in settings & offered}
    for client in {_module_client(path, apart) for path, _ in settings} - settled:
        used = (s for s in every if _module_client(s.path, apart) == client and (s.path, s.span) not in calls)
        if _calls_module(used):
            left |= {client}
    return left


def _module_client(path: str, apart: Container[str]) -> Place:
    """Return what stands for the client of the SDK's module in a file: one of its own for those ``apart``."""
    return module_level(path) if path in apart else MODULE_LEVEL


def _calls_module(every: Iterable[Site]) -> bool:
    """Whether the client of the SDK's module is used, and points to OpenAI."""
    calls = (s for s in every if isinstance(s, CallSite) and MODULE_LEVEL in s.clients)
    return any(s.points in (Points.OPENAI, Points.AZURE) for s in calls)


def _groups(
    found: Mapping[str, Iterable[Site]], apart: Container[str], idle: frozenset[Place]
) -> list[frozenset[Place]]:
    """Return which clients and objects of frameworks can move only together: one call goes through them, or they name
    the same literal.

    ``apart`` as in ``_left``, ``idle`` as in ``clients``.
    """
    calls = [s for those in found.values() for s in those if isinstance(s, CallSite) and s.clients]
    sharing: dict[Place, set[Place]] = {}
    groups: set[frozenset[Place]] = set()
    for call in calls:
        own = _module_client(call.path, apart)
        clients = {own if place == MODULE_LEVEL else place for place in call.clients}
        groups.add(frozenset(clients - idle))
        named = [constant for name in MODEL_ARGUMENTS if name in call.given for constant in call.given[name].constants]
        for constant in named:
            sharing.setdefault((constant.path, constant.literal.span), set()).update(clients)
    for site in (s for those in found.values() for s in those if isinstance(s, FrameworkSite)):
        given = site.argument(site.row.model)
        for constant in given.constants if given is not None and site.points is Points.OPENAI else ():
            sharing.setdefault((constant.path, constant.literal.span), set()).add((site.path, site.span))
    groups |= {frozenset(those) for those in sharing.values()}
    return [group for group in groups if len(group) > 1]
