"""Findings as a Code Quality report, which GitLab shows beside the lines of a merge request.

The format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from llm_codemods import baseline
from llm_codemods.analysis import Analysis
from llm_codemods.report import Finding, Verdict
from llm_codemods.source import stored_line
from llm_migrate.render.github import with_fix
from llm_migrate.render.listing import shown_path

SEVERITIES: dict[Verdict | None, str] = {
    Verdict.READY: "info",
    Verdict.FIX: "minor",
    Verdict.REVIEW: "minor",
    Verdict.MANUAL: "major",
    None: "minor",
}


def report(analysis: Analysis, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return the report as JSON data; a finding keeps its fingerprint when lines move."""
    seen: Counter[tuple[str, str]] = Counter()
    rows = []
    for finding in findings:
        source = analysis.sources[finding.path]
        mark = baseline.fingerprint(source, finding)
        seen[finding.path, mark] += 1
        known = f"{finding.path}:{mark}:{seen[finding.path, mark]}"
        rows.append(
            {
                "description": with_fix(finding),
                "check_name": f"{finding.code} {finding.name}",
                "fingerprint": hashlib.sha256(known.encode()).hexdigest(),
                "severity": SEVERITIES[finding.verdict],
                "location": {
                    "path": shown_path(analysis, finding.path),
                    "lines": {"begin": stored_line(source, finding.span.start)},
                },
            }
        )
    return rows
