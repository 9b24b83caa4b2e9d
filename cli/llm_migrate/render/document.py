"""Findings for programs: one JSON document."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from llm_codemods.analysis import Analysis
from llm_codemods.report import Finding, Verdict
from llm_codemods.request import to_data
from llm_codemods.source import position
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.migration import Migration

SCHEMA = 1


def of_finding(analysis: Analysis, finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON data; lines and columns count from 1, in a notebook within the cell."""
    source = analysis.sources[finding.path]
    start, end = position(source, finding.span.start), position(source, finding.span.end)
    data: dict[str, Any] = {"code": finding.code, "name": finding.name, "path": finding.path}
    if start.cell is not None:
        data["cell"] = start.cell
    request = analysis.requests.get((finding.path, finding.span)) if finding.kind in ("call", "raw-http") else None
    return data | {
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "kind": finding.kind,
        "api": finding.api,
        "verdict": finding.verdict.value if finding.verdict is not None and analysis.target is not None else None,
        "message": say(finding.message),
        "fix": say(finding.fix.title) if finding.fix is not None else None,
        **({"request": to_data(request)} if request is not None else {}),
    }


def of_analysis(analysis: Analysis) -> dict[str, Any]:
    """Return everything that a scan found as JSON data."""
    verdicts = Counter(f.verdict for f in analysis.findings)
    target = analysis.target
    return {
        "schema": SCHEMA,
        "target": target.profile.id if target is not None else None,
        "findings": [of_finding(analysis, f) for f in analysis.findings],
        "skipped": [{"path": s.path, "reason": say(s.reason)} for s in analysis.skipped],
        "summary": {
            "files": analysis.files,
            "findings": len(analysis.findings),
            "open": sum(f.open for f in analysis.findings),
            "suppressed": len(analysis.suppressed),
            "known": len(analysis.known),
            **({v.value: verdicts[v] for v in Verdict} if target is not None else {}),
        },
    }


def of_rewrite(migration: Migration) -> dict[str, Any]:
    """Return what a rewrite did, and what is left, as JSON data."""
    from llm_migrate.render import moves

    analysis, planned, left = migration.before, migration.plan, migration.remaining
    skipped = (*analysis.skipped, *planned.dropped)
    return {
        "schema": SCHEMA,
        "target": analysis.target.profile.id if analysis.target is not None else None,
        "changed": sorted(planned.changes),
        "clients": [asdict(move) for move in moves.of_migration(migration)],
        "applied": [of_finding(analysis, f) for f in planned.applied],
        "remaining": [of_finding(analysis, f) for f in left],
        "held": [of_finding(analysis, f) for f in planned.held],
        "refused": [of_finding(analysis, f) | {"reason": say(reason)} for f, reason in planned.refused],
        "skipped": [{"path": s.path, "reason": say(s.reason)} for s in skipped],
        "summary": {
            "changed": len(planned.changes),
            "applied": len(planned.applied),
            "remaining": len(left),
            "suppressed": len(analysis.suppressed),
        },
    }
