"""From findings to new bytes: plan the changes of every file, and prove them before anything is written."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Protocol

from llm_codemods import staying, switching, transform
from llm_codemods.analysis import Analysis
from llm_codemods.configuration import files
from llm_codemods.configuration.forms import form_of
from llm_codemods.edits import Edit, OverlapError, Place, Span
from llm_codemods.leaks import leaks, strays
from llm_codemods.moved import Moved
from llm_codemods.operations import Fix
from llm_codemods.report import Finding, FindingKey, Skipped, Verdict
from llm_codemods.sites import MODULE_LEVEL
from llm_codemods.source import Source, SourceError, encode
from llm_codemods.source import rewrite as edited
from llm_codemods.staying import Choose
from llm_codemods.style import Style
from llm_codemods.text import Text, text


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
        settled = {f.key for f in self.plan.applied}
        told = (f for f in self.before.findings if self.before.target is not None or f.verdict is not None)
        found = [f for f in told if f.open and f.key not in settled]
        gone = set(self._gone([f for f in found if f.path in self.plan.changes]))
        return tuple(f for f in found if f.key not in gone)

    def _gone(self, found: Sequence[Finding]) -> Iterator[FindingKey]:
        """Yield the keys of findings that went with the code that other fixes have replaced."""
        there = Counter((f.path, f.code) for f in self.after.findings if f.open)
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in found:
            groups.setdefault((finding.path, finding.code), []).append(finding)
        for kind, findings in groups.items():
            if len(findings) > there[kind] and kind[0] in self._moved:
                old, moved = self.before.sources[kind[0]].text, self._moved[kind[0]]
                lost = [f for f in findings if old[f.span.start : f.span.end] not in moved.became(f.span)]
                lost = [f for f in lost if not self._changed_inside(f)]
                yield from (f.key for f in lost[: len(findings) - there[kind]])

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
    def _moved(self) -> Mapping[str, Moved]:
        """Where the places of each changed file are afterwards."""
        old, new = self.before.sources, self.after.sources
        return {p: Moved(old[p].text, new[p].text) for p in self.plan.changes if p in old and p in new}

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


class Analyse(Protocol):
    """Analyses the project with these bytes in the place of the files' own, and these clients left where they are."""

    def __call__(  # noqa: D102
        self, overlay: Mapping[str, bytes] | None = None, /, *, left: frozenset[Place] = ...
    ) -> Analysis: ...


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
    left = before.kept | before.idle
    analysis = analyse(left=left) if MODULE_LEVEL in left else before  # it is one for files that are read apart
    while (more := left | staying.clients(analysis, choose, before.idle)) != left:
        left = more
        analysis = analyse(left=left)
    chosen = [f for f in analysis.findings if f.fix is not None and choose(f)]
    if left and before.target is not None and before.target.style is Style.ENV:
        chosen = []  # they share the environment: all move, or none
    made = make(analysis, chosen)
    clients = staying.movable(before)
    none = {f.key: reason for f, reason in made.refused if (f.path, f.span) in clients}
    if none:
        return _without(none, before, analyse, choose)
    if before.target is not None and before.target.style is Style.SWITCH:
        made = replace(made, changes={**made.changes, **switching.written(before, made.applied)})
    seen = {f.key for f in (*made.applied, *(f for f, _ in made.refused))}
    others = [f for f in before.findings if f.fix is not None and f.key not in seen]
    lost = {s.path for s in made.dropped}
    bound = tuple((f, _bound(f)) for f in others if choose(f) and f.path not in lost)
    return replace(made, refused=(*made.refused, *bound), held=tuple(f for f in others if not choose(f)))


def _without(refused: Mapping[FindingKey, Text], before: Analysis, analyse: Analyse, choose: Choose) -> Plan:
    """Plan what can be made while the clients of these findings stay where they are."""
    made = plan(before, analyse, lambda finding: finding.key not in refused and choose(finding))
    told = tuple((f, refused[f.key]) for f in made.held if f.key in refused)
    held = tuple(f for f in made.held if f.key not in refused)
    return replace(made, refused=(*told, *made.refused), held=held)


ROUNDS = 2
"""How often what one step sets free is changed in a file."""


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
    current, movable = first, staying.movable(before)
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
    chosen = {f.key for f in made.applied}
    reason = text("its key would still be OpenAI's: it is read where nothing is changed")
    anew = _without({f.key: reason for f in clients}, before, analyse, lambda f: f.key in chosen)
    refused = (*made.refused, *(row for row in anew.refused if row not in made.refused))
    return replace(anew, refused=refused, dropped=(*made.dropped, *anew.dropped), held=made.held)


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
    if form_of(source) is not None:
        return files.edits_of(fixes), ()
    at = source.cells[0].span.start if source.cells else None
    commands = files.commands_of(source)
    in_commands = [f for f in fixes if any(c.span in region for c in f.changes for region in commands)]
    in_python = [f for f in fixes if f not in in_commands]
    made = transform.rewrite(source.text, in_python, python=source.code, imports_at=at)
    return [*made.edits, *files.edits_of(in_commands)], made.refused


def _must_parse(before: Source, after: Source) -> None:
    """Raise SyntaxError if the new text is not what the old one was: Python, YAML, TOML, JSON."""
    if form_of(before) is not None:
        if files.breaks(before, after):
            raise SyntaxError("it could no longer be parsed")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(after.code)
