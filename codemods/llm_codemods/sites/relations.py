"""What the clients and calls of a project say of each other: told once all of them are found.

Each function takes the sites of all files and returns them with what it has to say.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from llm_codemods import keys
from llm_codemods.edits import Place, Span
from llm_codemods.origin import Origin
from llm_codemods.project import Project
from llm_codemods.sites.kinds.clients import CallSite, ClientSite, Taken
from llm_codemods.sites.kinds.points import Points
from llm_codemods.sites.makers import Makers
from llm_codemods.sites.pointing import places_of
from llm_codemods.spelling import api_path
from llm_codemods.target import EMBEDDINGS
from llm_codemods.terms import Attr, Call, Term
from llm_codemods.values import Member

COMPLETIONS = "completions.create"
OF_ONE_MAJOR = re.compile(r"openai\.(?:types|error|openai_object)\b")
"""Modules of the SDK that it has only since 1.0, or had only before."""
Found = ClientSite | CallSite
Sites = Mapping[str, list[Found]]
Embedded = tuple[Term, tuple[tuple[str, Call], ...]]
"""What is called for embeddings, and the calls that make its clients, with their files."""


def with_old_arms_left(project: Project, sites: Sites) -> dict[str, list[Found]]:
    """Leave calls of 0.28 as they are where the same file has them for the current SDK, and asks which it is."""
    return {path: _with_old_arms_left(found) if _asks_major(project, path) else found for path, found in sites.items()}


def _asks_major(project: Project, path: str) -> bool:
    return any(i.tried and OF_ONE_MAJOR.match(i.module) for i in project.facts[path].imports)


def _with_old_arms_left(found: list[Found]) -> list[Found]:
    calls = [site for site in found if isinstance(site, CallSite) and site.known]
    current = {site.endpoint for site in calls if not site.legacy}
    if "chat.completions.create" in current:
        current.add(COMPLETIONS)  # chat takes its place, perhaps in an earlier run
    return [
        replace(site, points=Points.ELSEWHERE, host=None, old=True)
        if isinstance(site, CallSite) and site.known and site.legacy and site.endpoint in current
        else site
        for site in found
    ]


def with_embeddings_apart(
    project: Project, sites: Sites, uses: Mapping[Place, set[str]], embeddings: Mapping[Place, Embedded]
) -> dict[str, list[Found]]:
    """Say what clients are used for, and of the calls for embeddings how they come by theirs.

    Args:
        project: the project.
        sites: of all files.
        uses: where clients are made -> the methods that are called through them, and "" where they are handed on.
        embeddings: the calls for embeddings.
    """
    makers = Makers(project)

    def told(path: str, site: Found, found: list[Found]) -> Found:
        if isinstance(site, ClientSite):
            return replace(site, methods=frozenset(uses.get((path, site.span), ())))
        embedded = embeddings.get((path, site.span))
        return site if embedded is None else _embedding(project, site, found, uses, embedded, makers)

    return {path: [told(path, site, found) for site in found] for path, found in sites.items()}


def _embedding(
    project: Project,
    site: CallSite,
    beside: list[Found],
    uses: Mapping[Place, set[str]],
    embedded: Embedded,
    makers: Makers,
) -> CallSite:
    func, made = embedded
    apart = bool(made) and all(uses[path, call.span] == {EMBEDDINGS} for path, call in made)
    match func:
        case Attr(base=Attr(base=client, name="embeddings"), name="create"):
            movable = [c.span for c in beside if isinstance(c, ClientSite) and c.movable]
            here = [call for path, call in made if path == site.path and call.span in movable]
            maker = makers.of(site.path, client, here[0]) if here and len(made) == 1 else None
            return replace(site, apart=apart, spelled=True, made=maker)
    named = [term for _, term in project.origins(site.path, func)] if site.called else []
    told = bool(named) and all(isinstance(t, Attr) and api_path(t) == EMBEDDINGS for t in named)
    return replace(site, apart=apart or told)


def with_azure_waiting(sites: Sites) -> dict[str, list[Found]]:
    """Leave it open where calls go whose client is Azure's and cannot be moved: they wait until a person has."""
    every = [(path, site) for path, found in sites.items() for site in found]
    stuck = {
        (path, site.span)
        for path, site in every
        if isinstance(site, ClientSite) and site.points is Points.AZURE and not site.movable
    }

    def told(site: Found) -> Found:
        waits = isinstance(site, CallSite) and site.points is Points.AZURE and not stuck.isdisjoint(site.clients)
        return replace(site, points=Points.UNKNOWN) if waits else site

    return {path: [told(site) for site in found] for path, found in sites.items()}


def with_completions_apart(project: Project, sites: Sites) -> dict[str, list[Found]]:
    """Say of calls of the legacy completions where their part of a client is taken out of it by itself."""
    found: list[tuple[CallSite, tuple[Span, ...]]] = []
    for site in _every(sites):
        if isinstance(site, CallSite) and site.known and site.api == COMPLETIONS:
            func = next((c.func for c in project.facts[site.path].calls if c.span == site.span), None)
            if not (isinstance(func, Attr) and isinstance(func.base, Attr) and func.base.name == "completions"):
                found.append((site, _taken(project, site, func)))
    others = {client for site, spans in found if not spans for client in site.clients}
    changed: dict[int, CallSite] = {}
    for site, spans in found:
        if spans and others.isdisjoint(site.clients):
            alike = tuple(each for each, _ in found if not set(each.clients).isdisjoint(site.clients))
            changed[id(site)] = replace(site, taken=Taken(spans, alike))
    return _changed(sites, changed)


def _taken(project: Project, site: CallSite, func: Term | None) -> tuple[Span, ...]:
    """Return where in the file of a call the completions are taken out of its clients, if ``func`` is their method; ()
    where that does not happen to each of them."""
    uses = {id(use.term): use for use in project.facts[site.path].completions}
    if not uses or not isinstance(func, Attr):
        return ()
    found: dict[Span, None] = {}
    clients: set[Place] = set()
    waiting = [(site.path, func.base)]
    seen: set[int] = set()
    while waiting and len(seen) < keys.FAR:
        path, term = waiting.pop()
        if (use := uses.get(id(term))) is not None:
            found[use.span] = None
            clients.update(places_of(v for v in project.values(path, term) if isinstance(v, Member)))
        elif id(term) not in seen:
            seen.add(id(term))
            waiting += project.origins(path, term, partly=True)
    return tuple(found) if clients == set(site.clients) else ()


def with_hosts_sorted(sites: Sites, origin: Origin) -> dict[str, list[Found]]:
    """Say of all sites what the calls say of their hosts: who passes OpenAI's models on, who has others, too."""
    calls = [site for site in _every(sites) if isinstance(site, CallSite) and site.host is not None]
    relays = {call.host for call in calls if call.points is Points.RELAY}
    others: dict[str | None, dict[str, None]] = defaultdict(dict)
    for call in calls:
        others[call.host].update((model, None) for model in call.models if not origin.model.fullmatch(model))
    return {
        path: [
            replace(site, points=Points.RELAY)
            if site.points is Points.ELSEWHERE and site.host in relays
            else replace(site, sells=tuple(others[site.host]))
            if isinstance(site, ClientSite) and site.host in others
            else site
            for site in found
        ]
        for path, found in sites.items()
    }


def with_results_joined(sites: Sites) -> dict[str, list[Found]]:
    """Tell calls whose results go to the same places of each other."""
    changed: dict[int, CallSite] = {}
    for found in sites.values():
        calls = {site.span: site for site in found if isinstance(site, CallSite) and site.result is not None}
        for span, site in calls.items():
            spans = _together(calls, span)
            if len(spans) > 1:
                others = tuple(calls[other] for other in sorted(spans) if other != span and other in calls)
                whole = len(others) == len(spans) - 1
                changed[id(site)] = replace(site, beside=others) if whole else replace(site, result=None)
    return _changed(sites, changed)


def _together(calls: Mapping[Span, CallSite], span: Span) -> set[Span]:
    """Return the spans of all calls whose results go, in the end, where that of one call goes."""
    found: set[Span] = set()
    waiting = [span]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            result = calls[one].result if one in calls else None
            waiting += result.beside if result is not None else ()
    return found


def _every(sites: Sites) -> Iterator[Found]:
    for found in sites.values():
        yield from found


def _changed(sites: Sites, changed: Mapping[int, Found]) -> dict[str, list[Found]]:
    """Return the sites with others in the place of some, which are told by their identity."""
    return {path: [changed.get(id(site), site) for site in found] for path, found in sites.items()}
