"""Findings as Markdown of bounded length: the summary of a workflow, or a comment on a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from llm_codemods.analysis import Analysis
from llm_codemods.report import Finding, Verdict
from llm_migrate.language import say
from llm_migrate.render.github import with_fix
from llm_migrate.render.listing import counts, place, skipped_lines, verdict_word

MOST = 40
"""So many findings are listed; a comment of GitHub may hold 65,536 characters."""
LONGEST = 300
"""So many characters of a message are shown."""
ORDER = (Verdict.MANUAL, Verdict.REVIEW, Verdict.FIX, None)
SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>|#~"} | {"\n": " ", "\r": " ", "@": "@\u200b"})
"""What Markdown would not show as it is; who is named in source is not told of it."""


def lines(analysis: Analysis, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a heading, how many findings each rule has, and the findings, those first that need a person most."""
    yield f"### llm-migrate: {counts(analysis.findings, len(analysis.unread))}"
    shown = [f for f in findings if f.open]
    if shown:
        yield ""
        yield from _by_rule(shown)
        yield ""
        yield from _listed(analysis, shown)
    unread = [s for s in analysis.skipped if not s.by_choice]
    if unread:
        yield ""
        yield from (f"- {escaped(line)}" for line in skipped_lines(unread[:MOST]))


def _by_rule(findings: Sequence[Finding]) -> Iterator[str]:
    known = [v for v in (Verdict.FIX, Verdict.REVIEW, Verdict.MANUAL) if any(f.verdict is v for f in findings)]
    heads = [verdict_word(v) for v in known] or [say("findings")]
    yield f"| {say('rule')} | " + " | ".join(heads) + " |"
    yield "|---" * (1 + len(heads)) + "|"
    table = Counter((f.code, f.name, f.verdict) for f in findings)
    for code, name in sorted({(f.code, f.name) for f in findings}):
        cells = [table[code, name, v] for v in known] or [table[code, name, None]]
        yield f"| {code} {name} | " + " | ".join(str(cell) if cell else "" for cell in cells) + " |"


def _listed(analysis: Analysis, findings: Sequence[Finding]) -> Iterator[str]:
    ordered = sorted(findings, key=lambda f: ORDER.index(f.verdict))
    yield f"<details><summary>{say('findings')}</summary>"
    yield ""
    for finding in ordered[:MOST]:
        word = f" **{verdict_word(finding.verdict)}**" if finding.verdict is not None else ""
        message = with_fix(finding)
        message = message if len(message) <= LONGEST else message[: LONGEST - 1] + "…"
        yield f"- `{place(analysis, finding).replace('`', '')}` {finding.code}{word} {escaped(message)}"
    if len(ordered) > MOST:
        yield f"- {say('{count} more', count=len(ordered) - MOST)}"
    yield ""
    yield "</details>"


def escaped(text: str) -> str:
    """Return a text as Markdown that shows it as it is."""
    return text.translate(SPECIAL)
