"""Findings for people: one line each, ``path:line:column code verdict message``, and a summary."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path, PurePath

from llm_codemods.analysis import Analysis
from llm_codemods.report import Finding, Skipped, Verdict
from llm_codemods.source import position
from llm_codemods.vocabulary import TESTS
from llm_migrate import console
from llm_migrate.language import say
from llm_migrate.render.excerpt import excerpt
from llm_migrate.render.layout import wrapped

MANY = 5
"""In so many places the same is said once, with the places."""
FEW = 6
"""So many places are named in the middle of a sentence."""
MENTIONS = ("model-name", "model-branch", "test-double", "vector-index", "configuration-model", "document")
"""Rules whose findings, where nothing is offered, merely name what a person looks up in the file."""


def verdict_word(verdict: Verdict | None) -> str:
    """Return a verdict in the user's language; '' in a scan without a target."""
    match verdict:
        case Verdict.READY:
            return say("ready")
        case Verdict.FIX:
            return say("fix")
        case Verdict.REVIEW:
            return say("review")
        case Verdict.MANUAL:
            return say("manual")
    return ""


def place(analysis: Analysis, finding: Finding, base: PurePath | None = None) -> str:
    """Return ``path:line:column``, the path relative to ``base`` (default: the current folder), or absolute outside."""
    at = position(analysis.sources[finding.path], finding.span.start)
    return f"{line_of(analysis, finding.path, finding.span.start, base)}:{at.column}"


def _in_file(analysis: Analysis, finding: Finding) -> str:
    at = position(analysis.sources[finding.path], finding.span.start)
    line = f"{at.line}:{at.column}"
    return line if at.cell is None else say("cell {cell}, {where}", cell=at.cell, where=line)


def line_of(analysis: Analysis, path: str, offset: int, base: PurePath | None = None) -> str:
    """Return ``path:line`` of a place in a file, the path as in ``place``."""
    at = position(analysis.sources[path], offset)
    shown = shown_path(analysis, path, base)
    if at.cell is not None:
        shown = say("{path}:cell {cell}", path=shown, cell=at.cell)
    return f"{shown}:{at.line}"


def shown_path(analysis: Analysis, path: str, base: PurePath | None = None) -> str:
    """Return the path of a file as ``place`` shows it."""
    full = analysis.root / path
    base = base or Path.cwd()
    return str(full.relative_to(base) if full.is_relative_to(base) else full)


def lines(
    analysis: Analysis,
    findings: Iterable[Finding],
    base: PurePath | None = None,
    *,
    fixes: bool = True,
    columns: int | None = None,
) -> Iterator[str]:
    """Yield a line for each finding, and one for what its fix does.

    Args:
        analysis: where the findings come from.
        findings: what to list.
        base: as in ``place``.
        fixes: say what the fixes do.
        columns: wrap after so many columns; None: do not.
    """
    for finding in findings:
        yield from _fitted(_said(analysis, finding, base), columns)
        if fixes:
            yield from _way_out(finding, columns)


def with_source(
    analysis: Analysis, findings: Iterable[Finding], *, more: bool = False, columns: int | None = None
) -> Iterator[str]:
    """Yield the findings with their source, with what is meant underlined, and a free line between files.

    What nothing is offered for is told once of several places in one line, and mentions once of several in one file.

    Args:
        analysis: where the findings come from.
        findings: what to list.
        more: say where to read on.
        columns: as in ``lines``.
    """

    def alike(finding: Finding) -> tuple[object, ...]:
        if finding.fix is not None:
            return (id(finding),)
        at = position(analysis.sources[finding.path], finding.span.start)
        line = None if finding.name in MENTIONS else (at.cell, at.line)
        return finding.path, line, finding.code, finding.verdict, finding.message.template

    last: Finding | None = None
    for _, same in groupby(findings, alike):
        finding, *rest = same
        if last is not None and last.path != finding.path:
            yield ""
        page = console.style(f" ({explanation(finding)})", "dim") if more else ""
        yield from _fitted(_said(analysis, finding) + page, columns)
        if last is None or (last.path, last.span) != (finding.path, finding.span):
            source, mark = excerpt(analysis.sources[finding.path], finding.span, (columns or console.width()) - 4)
            yield f"    {source}"
            yield f"    {console.style(mark, finding.verdict.value if finding.verdict is not None else 'code')}"
        yield from _way_out(finding, columns)
        if rest:
            places = ", ".join(_in_file(analysis, each) for each in rest)
            yield from _fitted(f"    {console.style(say('also at {places}', places=places), 'dim')}", columns)
        last = finding


def left(analysis: Analysis, findings: Sequence[Finding], columns: int | None = None) -> Iterator[str]:
    """Yield what is left for a person, in turn: the findings with their source, and below them, told once with all its
    places, what nothing is offered for and holds in many places.

    Args:
        analysis: where the findings come from.
        findings: what is left.
        columns: as in ``lines``.
    """
    same: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    findings = in_turn(findings)
    for finding in findings:
        if finding.fix is None:
            same[finding.code, finding.verdict, say(finding.message)].append(finding)
    often = [those for those in same.values() if len(those) >= MANY]
    told = {id(finding) for those in often for finding in those}
    yield from with_source(analysis, [f for f in findings if id(f) not in told], more=True, columns=columns)
    if often and len(told) < len(findings):
        yield ""
    for those in sorted(often, key=lambda those: (_turn(those[0]), those[0].code, -len(those))):
        page = console.style(f" ({explanation(those[0])})", "dim")
        yield from _fitted(_judged(those[0]) + page, columns)
        by_file = [", ".join(_in_one(analysis, list(mine))) for _, mine in groupby(those, lambda f: f.path)]
        yield from _fitted(f"    {'  '.join(by_file)}", columns)


def in_turn(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order in which a person takes them up: what runs, then its tests, then documents."""
    return sorted(findings, key=_turn)


def _turn(finding: Finding) -> int:
    return 2 if finding.name == "document" else 1 if TESTS.search(finding.path) else 0


def _in_one(analysis: Analysis, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the places of findings in one file, which is named with the first of them."""
    yield console.style(place(analysis, findings[0]), "path")
    for finding in findings[1:]:
        yield _in_file(analysis, finding)


def few(places: Iterable[str], most: int = FEW) -> str:
    """Return places for a sentence: so many of them, and how many more there are."""
    every = list(dict.fromkeys(places))
    named = ", ".join(every[:most])
    return named if len(every) <= most else say("{places} and {count} more", places=named, count=len(every) - most)


def _said(analysis: Analysis, finding: Finding, base: PurePath | None = None) -> str:
    return f"{console.style(place(analysis, finding, base), 'path')} {_judged(finding)}"


def _judged(finding: Finding) -> str:
    word = verdict_word(finding.verdict)
    shown = f" {console.style(word, finding.verdict.value)}" if finding.verdict is not None else ""
    return f"{console.style(finding.code, 'code')}{shown} {say(finding.message)}"


def _way_out(finding: Finding, columns: int | None) -> Iterable[str]:
    if finding.fix is None:
        return []
    return _fitted(f"    {console.style('→', 'dim')} {say(finding.fix.title)}", columns, "      ")


def _fitted(line: str, columns: int | None, indent: str = "    ") -> Iterable[str]:
    return [line] if columns is None else wrapped(line, columns, indent)


def explanation(finding: Finding) -> str:
    """Return the command that shows the page of a finding's rule."""
    return f"llm-migrate explain {finding.code}"


def skipped_lines(skipped: Iterable[Skipped]) -> Iterator[str]:
    """Yield a warning for every file that was not analysed."""
    for entry in skipped:
        yield say("skipped {path}: {reason}", path=entry.path, reason=entry.reason)


def hidden(analysis: Analysis) -> str:
    """Return how many findings are left out, and why."""
    parts = [
        *([say("{count} by comments", count=len(analysis.suppressed))] if analysis.suppressed else []),
        *([say("{count} by the baseline", count=len(analysis.known))] if analysis.known else []),
    ]
    return say("left out: {parts}", parts=say(", ").join(parts))


def counts(findings: Sequence[Finding], unread: int = 0, hidden: int = 0) -> str:
    """Return how many findings there are, by verdict where they have one.

    ``unread``: how many files are unknown; ``hidden``: how many findings are left out on purpose.
    """
    open_findings = [f for f in findings if f.open]
    files = len({f.path for f in open_findings})
    if not open_findings and unread:
        return say("nothing left to do in what could be read; {count:file|files} could not", count=unread)
    if not findings and not hidden:
        return say("no use of OpenAI found")
    if not open_findings:
        return say("nothing left to do")
    total = say("{count:finding|findings} in {files:file|files}", count=len(open_findings), files=files)
    if any(f.verdict is None for f in open_findings):
        return total  # nobody knows yet where to: the few that have a verdict say nothing of the whole
    by_verdict = Counter(f.verdict for f in open_findings)
    parts = [
        say("{count} {verdict}", count=by_verdict[verdict], verdict=verdict_word(verdict))
        for verdict in (Verdict.FIX, Verdict.REVIEW, Verdict.MANUAL)
        if by_verdict[verdict]
    ]
    ready = sum(not f.open for f in findings)
    if parts and ready:
        parts.append(say("{count} {verdict}", count=ready, verdict=verdict_word(Verdict.READY)))
    return say("{total}: {parts}", total=total, parts=say(", ").join(parts)) if parts else total
