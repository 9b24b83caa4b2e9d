"""The clients of a project before and after a rewrite: where they point, with which key, and which models they ask."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from llm_codemods.analysis import Analysis
from llm_codemods.edits import Place
from llm_codemods.framework_fix import successor
from llm_codemods.masking import masked
from llm_codemods.migration import Migration
from llm_codemods.operations import CopyBeside
from llm_codemods.sites import (
    MODULE_LEVEL,
    CallSite,
    ClientSite,
    Flow,
    FrameworkSite,
    KeyUse,
    ModelSite,
    Points,
    SettingSite,
    Site,
)
from llm_codemods.style import Style
from llm_codemods.target import Target
from llm_codemods.vocabulary import ENDPOINT, KEY_VARIABLE
from llm_migrate.language import say
from llm_migrate.render.layout import fitted
from llm_migrate.render.listing import line_of

OPENAI = "OpenAI"
KEYS = {Points.AZURE: "AZURE_OPENAI_API_KEY"}
"""The variable that the SDK reads by itself, where it is not OpenAI's."""

READ = re.compile(r"""env\w*(?:\.get)?\s*[\[(]\s*["'](\w+)["']""")
"""An environment variable is read."""


@dataclass(frozen=True, slots=True)
class State:
    """Where one client points; what is not known is said in words."""

    provider: str
    endpoint: str
    key: str
    models: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Provider, endpoint, key and models."""
        return self.provider, masked(self.endpoint), self.key, ", ".join(self.models) or "-"


@dataclass(frozen=True, slots=True)
class Move:
    """A client: where it is made, as ``path:line``, and what it was and will be. ``after`` None: it is gone."""

    place: str
    kind: str
    before: State
    after: State | None


def headings() -> tuple[str, str, str, str]:
    """Return what the cells of a state are."""
    return say("provider"), say("endpoint"), say("key"), say("models")


def of_migration(migration: Migration, base: PurePath | None = None) -> tuple[Move, ...]:
    """Return every client of the files asked for, in the order of their places; ``base`` as for findings.

    A fix does not change the order of a kind of clients in a file, so they are told by their number; a second client
    that a fix puts beside one stands behind it.
    """
    target = migration.before.target
    moved = target is not None and target.style is Style.ENV and bool(migration.plan.applied)
    after = {key: _at(target, s) if moved and target else s for key, _, _, _, s in _states(migration.after, base)}
    states = tuple(_states(migration.before, base))
    if target is not None and target.style is Style.SWITCH:
        places = {(f.path, f.span.start) for f in migration.plan.applied if f.kind == "client"}
        return tuple(
            Move(place, kind, state, _switched(target, state) if (key[0], at) in places else state)
            for key, kind, place, at, state in states
        )
    return tuple(_pairs(states, after, _doubled(migration)))


def _pairs(
    states: Sequence[_Placed], after: Mapping[_Key, State], doubled: Container[tuple[str, int]]
) -> Iterator[Move]:
    """Yield what becomes of each client; of one that is ``doubled``, what the second one is, too."""
    old = {key for key, *_ in states}
    fresh: dict[str, dict[str, None]] = defaultdict(dict)
    for key, state in after.items():
        fresh[key[0]].update(dict.fromkeys(() if key in old else state.models))
    added: dict[tuple[str, str], int] = defaultdict(int)
    for (path, sort, number), kind, place, at, state in states:
        now = after.get((path, sort, number + added[path, sort]))
        if now is not None and not sort and not now.models:  # its calls go through a client that is new
            now = replace(now, models=tuple(fresh[path]))
        yield Move(place, kind, state, now)
        if (path, at) in doubled:
            added[path, sort] += 1
            yield Move(place, kind, state, after.get((path, sort, number + added[path, sort])))


def _doubled(migration: Migration) -> frozenset[tuple[str, int]]:
    """Return where clients are made that get another one beside them."""
    return frozenset(
        (finding.path, change.span.start)
        for finding in migration.plan.applied
        if finding.fix is not None
        for change in finding.fix.changes
        if any(isinstance(operation, CopyBeside) for operation in change.operations)
    )


def outside(migration: Migration, moves: Iterable[Move]) -> tuple[tuple[str, str], ...]:
    """Return the models that moved clients still ask for and that files beside those asked for name: file, model."""
    analysis, target = migration.before, migration.before.target
    if target is None:
        return ()
    asked = {m for move in moves if move.after not in (None, move.before) for m in _models_after(move)}
    named = ((path, s) for path in sorted(analysis.sites.keys() - analysis.asked) for s in analysis.sites[path])
    found = ((path, s.name) for path, s in named if isinstance(s, ModelSite) and s.flow is Flow.REACHES)
    return tuple(
        dict.fromkeys(row for row in found if row[1] in asked and target.model_for(row[1]) not in (None, row[1]))
    )


def _models_after(move: Move) -> tuple[str, ...]:
    return move.after.models if move.after is not None else ()


def as_lines(moves: Iterable[Move], columns: int | None = None) -> Iterator[str]:
    """Yield a block for all clients that make the same move: their places, then what was and what will be.

    ``columns``: of the terminal; None: lines may be of any length.
    """
    groups: dict[tuple[State, State | None], list[Move]] = defaultdict(list)
    for move in moves:
        groups[move.before, move.after].append(move)
    for (before, after), those in groups.items():
        yield ", ".join(f"{move.place} {move.kind}" for move in those)
        new = before.cells if after is None else after.cells
        rows = [
            (f"    {name}", old, "" if now == old else f"→ {now}")
            for name, old, now in zip(headings(), before.cells, new, strict=True)
        ]
        yield from (line for row in fitted(rows, columns, " " * 8) for line in row)


def _at(target: Target, state: State) -> State:
    """Return where a client points once the environment has the target's endpoint and key."""
    if state.provider != OPENAI or not state.key.startswith(OPENAI.upper()):
        return state
    return replace(state, provider=say(target.profile.name), endpoint=target.base_url)


def _switched(target: Target, state: State) -> State:
    """Return where a client points that the switching module makes, while that chooses the target."""
    models = tuple(target.model_for(m) or m for m in state.models)
    return State(say(target.profile.name), target.base_url, target.key_env, models)


_Key = tuple[str, str, int]
"""File, sort and number of a client. A sort is a kind and what takes its place elsewhere; '' is the SDK's module."""
_Placed = tuple[_Key, str, str, int, State]
"""A client: key, kind, place, and where that begins."""


def _states(analysis: Analysis, base: PurePath | None) -> Iterator[_Placed]:
    """Yield every client."""
    named = _models(analysis.sites)
    for path in sorted(analysis.asked & analysis.sites.keys()):
        counted: dict[str, int] = defaultdict(int)
        settings = [s for s in analysis.sites[path] if isinstance(s, SettingSite) and s.name in ("api_key", "base_url")]
        others = [s for s in analysis.sites[path] if not isinstance(s, SettingSite)]
        for site in (*settings[:1], *others):
            state = _state(analysis, site, named)
            if state is not None:
                sort, kind = _sort_and_kind(site)
                counted[sort] += 1
                yield (
                    (path, sort, counted[sort]),
                    kind,
                    line_of(analysis, path, site.span.start, base),
                    site.span.start,
                    state,
                )


def _sort_and_kind(site: Site) -> tuple[str, str]:
    if isinstance(site, ClientSite):
        kind = site.kind.replace("Azure", "") + (".with_options" if site.derived else "")
        return kind, kind
    if isinstance(site, FrameworkSite):
        return successor(site.row).called, site.name
    return "", OPENAI.lower()


def _models(found: Mapping[str, Iterable[Site]]) -> dict[Place, dict[str, None]]:
    """Return which models the calls through each client name."""
    named: dict[Place, dict[str, None]] = defaultdict(dict)
    for call in (s for those in found.values() for s in those if isinstance(s, CallSite)):
        for client in call.clients:
            named[client].update(dict.fromkeys(call.models))
    return named


def _state(analysis: Analysis, site: Site, named: Mapping[Place, dict[str, None]]) -> State | None:
    if isinstance(site, ClientSite) and not site.derived:
        key = _key_of(site)
        return State(*_where(analysis, site.points, site.host), key, tuple(named.get((site.path, site.span), ())))
    if isinstance(site, FrameworkSite) and site.called and not site.indirect and site.row.endpoint:
        given = site.argument(site.row.key)
        variables = [e.name for e in given.environments] if given is not None else []
        unread = say("from elsewhere") if given is not None or site.opaque else "OPENAI_API_KEY"
        return State(*_where(analysis, site.points, site.host), ", ".join(variables) or unread, site.models)
    if isinstance(site, SettingSite):
        calls = [s for s in analysis.sites[site.path] if isinstance(s, CallSite) and s.module_level]
        points = Points.ELSEWHERE if site.elsewhere else Points.UNKNOWN if site.unknown else Points.OPENAI
        read = READ.search(analysis.sources[site.path].text, site.value.start, site.value.end)
        key = read[1] if read is not None and site.name == "api_key" else say("from elsewhere")
        models = tuple(dict.fromkeys(m for s in calls for m in s.models)) or tuple(named.get(MODULE_LEVEL, ()))
        return State(*_where(analysis, points, site.host), key, models)
    return None


def _where(analysis: Analysis, points: Points, host: str | None) -> tuple[str, str]:
    """Return provider and endpoint."""
    target = analysis.target
    for one in (target, target.embeddings) if target is not None else ():
        if one is not None and one.is_home(host):
            return say(one.profile.name), one.base_url
    if points is Points.AZURE:
        return "Azure OpenAI", host or say("of the deployment")
    if points is Points.OPENAI and host is None:
        return OPENAI, ENDPOINT
    return host or say("from elsewhere"), host or say("from elsewhere")


def _key_of(site: ClientSite) -> str:
    given = site.given.get("api_key")
    if given is None:
        return say("from elsewhere") if site.opaque else KEYS.get(site.points, "OPENAI_API_KEY")
    variables = dict.fromkeys(e.name for e in given.environments)
    own = [name for name in variables if KEY_VARIABLE.fullmatch(name)]
    if variables:
        return ", ".join(own or variables)
    return say("in the code") if site.key in (KeyUse.HERE, KeyUse.KEPT) else say("from elsewhere")
