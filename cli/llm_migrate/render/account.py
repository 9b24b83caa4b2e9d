"""What a rewrite did and what it left, as a Markdown document for the people who go on from there."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from llm_codemods.analysis import Analysis
from llm_codemods.configuration.prefilter import REPORT
from llm_codemods.migration import Migration
from llm_codemods.report import Finding
from llm_codemods.source import position
from llm_migrate.language import say
from llm_migrate.render import listing, moves


def as_markdown(migration: Migration, base: Path, again: Sequence[str]) -> str:
    """Return the document.

    Args:
        migration: what was done.
        base: the folder of the document, from which its links lead.
        again: the command that was run.
    """
    target = migration.before.target
    assert target is not None
    title = say("Migration to {provider}", provider=target.profile.name)
    return "\n".join([REPORT, f"# {title}", "", *_sections(migration, base, again)])


def _sections(migration: Migration, base: Path, again: Sequence[str]) -> Iterator[str]:
    before, planned = migration.before, migration.plan
    there, left = migration.left()
    reasons = {(f.path, f.code, f.api, str(f.message)): reason for f, reason in planned.refused}
    yield say(
        "{changed:file|files} changed, {done:finding|findings} settled, {left} left for a person.",
        changed=len(planned.changes),
        done=len(planned.applied),
        left=len(left),
    )
    target = before.target
    if target is not None and not target.at_openai:
        yield ""
        yield say(
            "What these programs send now goes to {provider}: look whether its terms, its logging and the law of its "
            "place allow that for your data, and whether a service for the public has to be registered.",
            provider=target.profile.name,
        )
    clients = moves.of_migration(migration, before.root)
    if clients:
        heads = (say("client"), *moves.headings())
        yield from _section(say("Clients, before and after"), _table(heads, map(_client, clients)))
    if left:
        told = [(f, reasons.get((f.path, f.code, f.api, str(f.message)))) for f in listing.in_turn(left)]
        rows = (_open(there, f, base, "" if reason is None else say(reason)) for f, reason in told)
        yield from _section(
            say("Left for a person"), _table((say("place"), say("verdict"), say("reason"), say("read on")), rows)
        )
        if planned.held and again:
            command = _code(shlex.join([*again, "--include", "review"]))
            yield ""
            yield say("Where a change is offered, this makes it: {command}", command=command)
    if planned.applied:
        rows = (_done(before, f, base) for f in planned.applied)
        yield from _section(say("Done"), _table((say("place"), say("finding"), say("change")), rows))
    gaps = [(_code(s.path), _plain(say(s.reason))) for s in (*before.skipped, *planned.dropped)]
    if gaps:
        yield from _section(say("Not read, or not changed"), _table((say("file"), say("reason")), gaps))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", *lines)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _client(move: moves.Move) -> tuple[str, ...]:
    new = move.before.cells if move.after is None else move.after.cells
    steps = (
        _plain(old) if old == now else f"{_plain(old)} → {_plain(now)}"
        for old, now in zip(move.before.cells, new, strict=True)
    )
    return (f"{_code(move.place)} {move.kind}", *steps)


def _open(analysis: Analysis, finding: Finding, base: Path, reason: str) -> tuple[str, ...]:
    said = _plain(say(finding.message))
    if finding.fix is not None:
        said += f" → {_plain(say(finding.fix.title))}"
    if reason:
        said += f" ({_plain(reason)})"
    return (
        _link(analysis, finding, base),
        listing.verdict_word(finding.verdict),
        said,
        _code(listing.explanation(finding)),
    )


def _done(analysis: Analysis, finding: Finding, base: Path) -> tuple[str, ...]:
    title = _plain(say(finding.fix.title)) if finding.fix is not None else ""
    return _link(analysis, finding, base), f"{finding.code} {_plain(say(finding.message))}", title


def _link(analysis: Analysis, finding: Finding, base: Path) -> str:
    """Return a link to the line of a finding, in a notebook to the file."""
    at = position(analysis.sources[finding.path], finding.span.start)
    file = quote(Path(os.path.relpath(analysis.root / finding.path, base)).as_posix())
    line = "" if at.cell is not None else f"#L{at.line}"
    name = listing.line_of(analysis, finding.path, finding.span.start, analysis.root)
    return f"[{_plain(name)}]({file}{line})"


def _plain(said: str) -> str:
    """Return a text that Markdown shows as it is, on one line of a table."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(said.split()))


def _code(said: str) -> str:
    """Return a text in the letters of code."""
    return f"`{said}`".replace("|", "\\|")
