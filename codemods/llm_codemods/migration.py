"""From findings to new bytes: plan the changes of every file, and prove them before anything is written."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property, partial
from itertools import accumulate
from typing import Protocol

from llm_codemods import configuration, switching, transform
from llm_codemods.analysis import Analysis, is_switch
from llm_codemods.edits import Edit, OverlapError, Span
from llm_codemods.operations import Fix
from llm_codemods.origin import Origin
from llm_codemods.report import Finding, Skipped, Verdict
from llm_codemods.sites import (
    MODULE_LEVEL,
    ClientPlace,
    ClientSite,
    EnvironmentSite,
    FrameworkSite,
    KeyUse,
    Points,
    RequestSite,
)
from llm_codemods.source import Source, SourceError, encode
from llm_codemods.source import rewrite as edited
from llm_codemods.staying import movable_clients, staying
from llm_codemods.style import Style
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import KEY_VARIABLE, host_of


@dataclass(frozen=True)
class Plan:
    """New bytes by path, the findings they settle, those whose fix was refused, and files given up with the reason.

    ``held`` are the findings whose fix nobody chose.
    """

    changes: Mapping[str, bytes]
    applied: tuple[Finding, ...]
    refused: tuple[tuple[Finding, Text], ...] = ()
    dropped: tuple[Skipped, ...] = ()
    held: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Migration:
    """The project as it is, what is to change, and the project as it will be."""

    before: Analysis
    plan: Plan
    after: Analysis

    @cached_property
    def remaining(self) -> tuple[Finding, ...]:
        """The open findings that no fix settles; without a target those alone that ask for something to be done."""
        settled = set(map(place_of, self.plan.applied))
        told = (f for f in self.before.findings if self.before.target is not None or f.verdict is not None)
        found = [f for f in told if f.open and place_of(f) not in settled]
        gone = set(self._gone([f for f in found if f.path in self.plan.changes]))
        return tuple(f for f in found if place_of(f) not in gone)

    def _gone(self, found: Sequence[Finding]) -> Iterator[Place]:
        """Yield the places of findings that went with the code that other fixes have replaced."""
        there = Counter((f.path, f.code) for f in self.after.findings if f.open)
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in found:
            groups.setdefault((finding.path, finding.code), []).append(finding)
        for kind, findings in groups.items():
            if len(findings) > there[kind] and kind[0] in self._moved:
                old, moved = self.before.sources[kind[0]].text, self._moved[kind[0]]
                lost = [f for f in findings if old[f.span.start : f.span.end] not in moved.became(f.span)]
                lost = [f for f in lost if not self._changed_inside(f)]
                yield from map(place_of, lost[: len(findings) - there[kind]])

    def _changed_inside(self, finding: Finding) -> bool:
        """Whether no more than parts of what a finding speaks of have changed: a name in a call, not the call."""
        spans = [
            s for s in self._changes.get(finding.path, ()) if s.start < finding.span.end and finding.span.start < s.end
        ]
        return bool(spans) and all(span in finding.span and span != finding.span for span in spans)

    @cached_property
    def _changes(self) -> Mapping[str, Sequence[Span]]:
        """Where the fixes that were made have changed each file."""
        changes: dict[str, list[Span]] = {}
        for finding in self.plan.applied:
            for change in finding.fix.changes if finding.fix is not None else ():
                changes.setdefault(finding.path, []).append(change.span)
        return changes

    @cached_property
    def _moved(self) -> Mapping[str, _Moved]:
        """Where the places of each changed file are afterwards."""
        old, new = self.before.sources, self.after.sources
        return {p: _Moved(old[p].text, new[p].text) for p in self.plan.changes if p in old and p in new}

    def left(self) -> tuple[Analysis, tuple[Finding, ...]]:
        """Return what remains where it will stand, and an analysis with the sources as they will be."""
        return self.afterwards(self.remaining)

    def afterwards(self, findings: Iterable[Finding]) -> tuple[Analysis, tuple[Finding, ...]]:
        """Return findings where they will stand, and an analysis with the sources as they will be."""
        changed = {path: self.after.sources[path] for path in self._moved}
        places = self._moved
        moved = (replace(f, span=places[f.path].span(f.span)) if f.path in places else f for f in findings)
        return replace(self.before, sources={**self.before.sources, **changed}), tuple(moved)

    def from_here(self, now: Mapping[str, bytes]) -> Migration:
        """Return the same with the changes alone that are still to be made in files with these bytes."""
        changes = {path: data for path, data in self.plan.changes.items() if now.get(path) != data}
        return replace(self, plan=replace(self.plan, changes=changes))


class _Moved:
    """Where the places of a text are after it was changed: their lines, as far as they can be told."""

    def __init__(self, old: str, new: str) -> None:
        """Compare the lines of the two."""
        self.old = old
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
        self.starts = [0, *accumulate(map(len, before))]
        ends = [0, *accumulate(map(len, after))]
        self.new = [len(new)] * len(self.starts)
        self.blocks = [Span(len(new), len(new))] * len(self.starts)
        """What the lines became that were changed together with each."""
        self.text = new
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after).get_opcodes():
            for i in range(i1, i2):
                self.new[i] = ends[min(j1 + i - i1, max(j1, j2 - 1))]
                first, last = (j1 + i - i1, j1 + i - i1 + 1) if tag == "equal" else (j1, j2)
                self.blocks[i] = Span(ends[first], ends[last])

    def span(self, span: Span) -> Span:
        """Return where a place is now: in a line that was changed, what it says there that lies nearest."""
        line = self._line(span.start)
        start = min(self.new[line] + span.start - self.starts[line], len(self.text))
        said = self.old[span.start : span.end].partition("\n")[0]
        now = self.text[self.new[line] :].partition("\n")[0]
        found = [self.new[line] + match.start() for match in re.finditer(re.escape(said), now)] if said else []
        start = min(found, key=lambda at: abs(at - start), default=start)
        return Span(start, min(start + span.end - span.start, len(self.text)))

    def became(self, span: Span) -> str:
        """Return the lines that those of a place became."""
        first, last = self._line(span.start), self._line(max(span.start, span.end - 1))
        return self.text[self.blocks[first].start : self.blocks[last].end]

    def _line(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1


class Analyse(Protocol):
    """Analyses the project with these bytes in the place of the files' own, and these clients left where they are."""

    def __call__(  # noqa: D102
        self, overlay: Mapping[str, bytes] | None = None, /, *, left: frozenset[ClientPlace] = ...
    ) -> Analysis: ...


Choose = Callable[[Finding], bool]
"""Says whether a fix is to be made."""


def is_safe(finding: Finding) -> bool:
    """Whether a fix may be made without a person's look."""
    return finding.verdict is Verdict.FIX


def is_offered(finding: Finding) -> bool:
    """Whether there is a fix at all."""
    return finding.fix is not None


def migrate(
    analyse: Analyse, choose: Choose = is_safe, *, before: Analysis | None = None, again: Choose | None = None
) -> Migration:
    """Plan the chosen fixes, and prove the planned bytes before anything is written.

    Args:
        analyse: analyses the project.
        choose: which fixes to make.
        before: the project as it is, where that is known already.
        again: which fixes a second run would make, if not the same.
    """
    before = analyse() if before is None else before
    return prove(before, plan(before, analyse, choose), analyse, again or choose)


def plan(before: Analysis, analyse: Analyse, choose: Choose = is_safe) -> Plan:
    """Make the chosen fixes, in memory.

    What belongs to a client that does not move does not move either: the project is analysed anew with these clients
    left where they are, until no more of them turn up. So is what belongs to a client whose fix turns out to be none.

    Args:
        before: the project as it is.
        analyse: analyses the same project.
        choose: which fixes to make.
    """
    left = before.kept
    analysis = analyse(left=left) if MODULE_LEVEL in left else before  # it is one for files that are read apart
    while (more := left | staying(analysis, choose)) != left:
        left = more
        analysis = analyse(left=left)
    chosen = [f for f in analysis.findings if f.fix is not None and choose(f)]
    kept = _keys_of_objects_left(analysis, chosen)
    chosen = [f for f in chosen if (f.path, f.span) not in kept]
    if left and before.target is not None and before.target.style is Style.ENV:
        chosen = []  # they share the environment: all move, or none
    made = make(analysis, chosen)
    clients = movable_clients(before)
    none = {place_of(f): reason for f, reason in made.refused if (f.path, f.span) in clients}
    if none:
        return _without(none, before, analyse, choose)
    if before.target is not None and before.target.style is Style.SWITCH:
        made = replace(made, changes={**made.changes, **switching.written(before, made.applied)})
    seen = {*map(place_of, made.applied), *(place_of(f) for f, _ in made.refused)}
    others = [f for f in before.findings if f.fix is not None and place_of(f) not in seen]
    lost = {s.path for s in made.dropped}
    bound = tuple((f, _bound(f)) for f in others if choose(f) and f.path not in lost)
    return replace(made, refused=(*made.refused, *bound), held=tuple(f for f in others if not choose(f)))


def _without(refused: Mapping[Place, Text], before: Analysis, analyse: Analyse, choose: Choose) -> Plan:
    """Plan what can be made while the clients of these findings stay where they are."""
    made = plan(before, analyse, lambda finding: place_of(finding) not in refused and choose(finding))
    told = tuple((f, refused[place_of(f)]) for f in made.held if place_of(f) in refused)
    held = tuple(f for f in made.held if place_of(f) not in refused)
    return replace(made, refused=(*told, *made.refused), held=held)


def _keys_of_objects_left(analysis: Analysis, chosen: Iterable[Finding]) -> frozenset[tuple[str, Span]]:
    """Return the reads of keys for objects of frameworks that could move and do not."""
    offered = {(f.path, f.span) for f in analysis.findings if f.moves_object and f.fix is not None}
    left = offered - {(f.path, f.span) for f in chosen if f.moves_object}
    every = (site for path in analysis.asked for site in analysis.sites.get(path, ())) if left else ()
    return frozenset(
        (s.path, s.span) for s in every if isinstance(s, EnvironmentSite) and any(r.made in left for r in s.reaches)
    )


ROUNDS = 2
"""How often what one step sets free is changed in a file."""

Place = tuple[str, str, Span, str]


def place_of(finding: Finding) -> Place:
    """Return what tells a finding from others, whatever is known of it."""
    return finding.path, finding.code, finding.span, finding.api


def _bound(finding: Finding) -> Text:
    if finding.is_shared:
        return text("a client that is left where it is may need it")
    return text("it belongs to a client that is left where it is")


def make(analysis: Analysis, chosen: Sequence[Finding]) -> Plan:
    """Make the fixes of these findings."""
    changes: dict[str, bytes] = {}
    applied: list[Finding] = []
    refused: list[tuple[Finding, Text]] = []
    dropped: list[Skipped] = []
    for path, findings in _by_path(chosen).items():
        source = analysis.sources[path]
        fixes = {id(f.fix): f for f in findings}
        try:
            edits, reasons = _edits(source, [f.fix for f in findings if f.fix is not None])
            after = edited(source, edits)
            _must_parse(source, after)
            data = encode(after)
        except (transform.TransformError, OverlapError, SyntaxError) as error:
            dropped.append(
                Skipped(path, text("left as it is, this is a bug in llm-migrate: {reason}", reason=str(error)))
            )
            continue
        except SourceError as error:
            dropped.append(Skipped(path, error.message))
            continue
        refused += [(fixes[id(fix)], reason) for fix, reason in reasons]
        gone = {id(fix) for fix, _ in reasons}
        applied += [f for f in findings if id(f.fix) not in gone]
        if after.text != source.text:
            changes[path] = data
    return Plan(changes, tuple(applied), tuple(refused), tuple(dropped))


def prove(before: Analysis, first: Plan, analyse: Analyse, choose: Choose = is_safe) -> Migration:
    """Analyse the planned bytes as if they were written and give up every file that does not stand.

    A file is given up when a second run would change it again, or when a client in it would send OpenAI's key to the
    new host. What is given up may hold names that others rely on, so the rest is proved anew. Of a client that would,
    since its key is read in a file that nobody asked to change, all stays that belongs to it. What a second run would
    change, since nothing stands in its way any more, is changed at once, as long as that comes to an end.

    Args:
        before: the project as it is.
        first: what is planned.
        analyse: analyses the project.
        choose: which fixes a second run would make.
    """
    current, movable = first, movable_clients(before)
    rounds: Counter[str] = Counter()
    while True:
        after = analyse(current.changes)
        leaking = {path for path, _ in leaks(after)}
        clients = [f for f in current.applied if f.path in leaking and (f.path, f.span) in movable]
        if clients:
            current = _without_clients(clients, before, current, analyse)
            continue
        second = plan(after, partial(analyse, current.changes), choose)
        given_up = {s.path for s in current.dropped} | {f.path for f, _ in current.refused}
        free = {path for path in second.changes if rounds[path] < ROUNDS} - given_up
        again = second.changes.keys() & (current.changes.keys() - free)
        if fallen := tuple(_fallen(after, current, again)):
            current = _without_files(fallen, current)
        elif free:
            rounds.update(free)
            current = _with_more(current, second, free)
        else:
            return Migration(before, current, after)


def _fallen(after: Analysis, made: Plan, again: Set[str]) -> Iterator[Skipped]:
    """Yield the changed files that do not stand; ``again``: those that a second run would change."""
    leaking = {path for path, _ in leaks(after)} & made.changes.keys()
    stray = strays(after)
    for path in sorted(again - leaking - stray):
        yield Skipped(path, text("left as it is, this is a bug in llm-migrate: a second run would change it again"))
    for path in sorted((stray & made.changes.keys()) - leaking):
        yield Skipped(path, text("left as it is: a request in it would send a key to the wrong host"))
    for path in sorted(leaking):
        yield Skipped(path, text("left as it is: a client in it would send OpenAI's key to the new host"))


def _without_files(fallen: Sequence[Skipped], made: Plan) -> Plan:
    """Return a plan that leaves these files as they are."""
    lost = {s.path for s in fallen}
    return replace(
        made,
        changes={path: data for path, data in made.changes.items() if path not in lost},
        applied=tuple(f for f in made.applied if f.path not in lost),
        dropped=(*made.dropped, *fallen),
    )


def _with_more(made: Plan, second: Plan, free: Set[str]) -> Plan:
    """Return a plan that also changes these files as a second one does."""
    fresh = free - made.changes.keys()  # of the others, the findings are about what the first step wrote
    return replace(
        made,
        changes={**made.changes, **{path: second.changes[path] for path in sorted(free)}},
        applied=(*made.applied, *(f for f in second.applied if f.path in fresh)),
    )


def _without_clients(clients: Iterable[Finding], before: Analysis, made: Plan, analyse: Analyse) -> Plan:
    """Plan the same anew without the clients of these findings, and without what belongs to them."""
    chosen = frozenset(map(place_of, made.applied))
    reason = text("its key would still be OpenAI's: it is read where nothing is changed")
    anew = _without({place_of(f): reason for f in clients}, before, analyse, lambda f: place_of(f) in chosen)
    refused = (*made.refused, *(row for row in anew.refused if row not in made.refused))
    return replace(anew, refused=refused, dropped=(*made.dropped, *anew.dropped), held=made.held)


def leaks(analysis: Analysis) -> list[tuple[str, ClientSite | FrameworkSite]]:
    """Return the clients and objects that point to a target's host while their key can be OpenAI's (gotcha G01)."""
    if analysis.target is None or analysis.target.is_openais or analysis.target.style is Style.ENV:
        return []  # where it is meant so, OpenAI's variable holds the target's key
    second = analysis.target.embeddings
    hosts = {host_of(target.base_url) for target in (analysis.target, second) if target is not None}
    return [
        (path, site)
        for path, sites in analysis.sites.items()
        if not is_switch(analysis.sources[path])
        for site in sites
        if isinstance(site, ClientSite | FrameworkSite)
        and site.host
        and site.host in hosts
        and _may_leak(site, analysis.target.origin)
    ]


def strays(analysis: Analysis) -> set[str]:
    """Return the files with requests by hand that send OpenAI's key to the target, or the target's to OpenAI."""
    target = analysis.target
    if target is None or target.at_openai or target.style is Style.ENV:
        return set()
    requests = [s for sites in analysis.sites.values() for s in sites if isinstance(s, RequestSite)]
    return {
        request.path
        for request in requests
        if (target.is_home(request.host) and any(map(KEY_VARIABLE.fullmatch, request.key_variables)))
        or (request.points is Points.OPENAI and target.key_env in request.key_variables)
    }


def _may_leak(site: ClientSite | FrameworkSite, origin: Origin) -> bool:
    """Whether the key of what points to the target can be OpenAI's, or that of the provider that it is moved from."""

    def is_old(name: str) -> bool:
        return KEY_VARIABLE.fullmatch(name) is not None or origin.key_variable.fullmatch(name) is not None

    if isinstance(site, ClientSite):
        key = site.given.get("api_key")
        empty = site.key in (KeyUse.NONE, KeyUse.EMPTY) and not (site.opaque or site.derived)
    else:
        key = site.argument(site.row.key)
        empty = key is None and bool(site.row.key and site.row.reads_key) and not (site.opaque or site.carried)
    return empty or (key is not None and any(is_old(e.name) for e in key.environments))


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    table: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None:
            table.setdefault(finding.path, []).append(finding)
    return table


def edits_of(analysis: Analysis, finding: Finding) -> tuple[Edit, ...]:
    """Return what the fix of one finding alone changes in its file; nothing where it cannot be made."""
    if finding.fix is None:
        return ()
    try:
        return tuple(_edits(analysis.sources[finding.path], [finding.fix])[0])
    except (transform.TransformError, OverlapError, SyntaxError):
        return ()  # whoever rewrites is told


def _edits(source: Source, fixes: Sequence[Fix]) -> tuple[list[Edit], Sequence[tuple[Fix, Text]]]:
    if configuration.form_of(source) is not None:
        return configuration.edits_of(fixes), ()
    at = source.cells[0].span.start if source.cells else None
    commands = configuration.commands_of(source)
    in_commands = [f for f in fixes if any(c.span in region for c in f.changes for region in commands)]
    in_python = [f for f in fixes if f not in in_commands]
    made = transform.rewrite(source.text, in_python, python=source.code, imports_at=at)
    return [*made.edits, *configuration.edits_of(in_commands)], made.refused


def _must_parse(before: Source, after: Source) -> None:
    """Raise SyntaxError if the new text is not what the old one was: Python, YAML, TOML, JSON."""
    if configuration.form_of(before) is not None:
        if configuration.breaks(before, after):
            raise SyntaxError("it could no longer be parsed")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(after.code)
