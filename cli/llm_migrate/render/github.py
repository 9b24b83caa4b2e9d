"""Findings as workflow commands, which a run of GitHub Actions shows beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llm_codemods.analysis import Analysis
from llm_codemods.report import Finding, Verdict
from llm_codemods.source import position, stored_line
from llm_migrate.language import say
from llm_migrate.render.listing import shown_path

LEVELS: dict[Verdict | None, str] = {
    Verdict.READY: "notice",
    Verdict.FIX: "warning",
    Verdict.REVIEW: "warning",
    Verdict.MANUAL: "error",
    None: "warning",
}


def lines(analysis: Analysis, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a command for each finding. In a notebook it stands at the line of the JSON and names the cell."""
    for finding in findings:
        source = analysis.sources[finding.path]
        start, end = position(source, finding.span.start), position(source, finding.span.end)
        place = {"file": shown_path(analysis, finding.path), "line": str(stored_line(source, finding.span.start))}
        message = with_fix(finding)
        if start.cell is None:
            place |= {"col": str(start.column), "endLine": str(end.line)}
            if start.line == end.line:  # GitHub takes columns of one line only
                place["endColumn"] = str(end.column)
        else:
            message = say("cell {cell}, line {line}: {message}", cell=start.cell, line=start.line, message=message)
        place["title"] = f"{finding.code} {finding.name}"
        properties = ",".join(f"{name}={_property(value)}" for name, value in place.items())
        yield f"::{LEVELS[finding.verdict]} {properties}::{_data(message)}"


def with_fix(finding: Finding) -> str:
    """Return the message of a finding, and what its fix would do."""
    message = say(finding.message)
    return message if finding.fix is None else f"{message} → {say(finding.fix.title)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
