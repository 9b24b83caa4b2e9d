"""Findings as a SARIF 2.1.0 log, for code scanning and for editors that read it.

What a comment or a baseline leaves out is not in the log: the consumers that matter show suppressed results as open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from llm_codemods import baseline, pages
from llm_codemods.analysis import Analysis
from llm_codemods.report import Finding, Skipped, Verdict
from llm_codemods.rule import Rule
from llm_codemods.source import position, stored_line
from llm_migrate.language import chosen, say
from llm_migrate.render.github import with_fix
from llm_migrate.render.page import heading
from llm_migrate.version import version

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "SRCROOT"
LEVELS: dict[Verdict | None, str] = {
    Verdict.READY: "note",
    Verdict.FIX: "warning",
    Verdict.REVIEW: "warning",
    Verdict.MANUAL: "error",
    None: "warning",
}
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}


def log(analysis: Analysis, findings: Sequence[Finding], rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the log as JSON data. ``rules`` are those that ran."""
    # Paths count from the current folder where they can: that is a checkout's top where logs are made.
    base = Path.cwd() if analysis.root.is_relative_to(Path.cwd()) else analysis.root
    index = {rule.code: number for number, rule in enumerate(rules)}
    seen: Counter[tuple[str, str]] = Counter()
    results = []
    for finding in findings:
        mark = baseline.fingerprint(analysis.sources[finding.path], finding)
        seen[finding.path, mark] += 1
        results.append(
            {
                "ruleId": finding.code,
                "ruleIndex": index[finding.code],
                "level": LEVELS[finding.verdict],
                "message": {"text": with_fix(finding)},
                "locations": [_location(analysis, finding, base)],
                "partialFingerprints": {"llmMigrate/v1": f"{mark}:{seen[finding.path, mark]}"},
                "properties": {"api": finding.api, "kind": finding.kind}
                | ({"verdict": finding.verdict.value} if finding.verdict is not None else {}),
            }
        )
    driver = {
        "name": "llm-migrate",
        "version": version(),
        "language": LANGUAGES[chosen()],
        "rules": [_rule(rule) for rule in rules],
    }
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "language": LANGUAGES[chosen()],
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {BASE: {"uri": base.as_uri().rstrip("/") + "/"}},
                "invocations": [
                    {
                        "executionSuccessful": not analysis.unread,
                        "toolExecutionNotifications": [_notification(analysis, s, base) for s in analysis.skipped],
                    }
                ],
                "results": results,
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    page = pages.of_rule(rule)
    plain = [heading(name) + say(paragraph) for name, paragraph in page.sections]
    marked = [heading(name, "**") + say(paragraph).replace("``", "`") for name, paragraph in page.sections]
    why = next((say(paragraph) for name, paragraph in page.sections if name == "why"), say(page.title))
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": say(page.title)},
        "fullDescription": {"text": (why[:1].upper() + why[1:]).replace("``", "`")},
        "help": {"text": "\n\n".join(plain).replace("``", "`"), "markdown": "\n\n".join(marked)},
        "defaultConfiguration": {"level": "warning"},
    }


def _location(analysis: Analysis, finding: Finding, base: PurePath) -> dict[str, Any]:
    source = analysis.sources[finding.path]
    start, end = position(source, finding.span.start), position(source, finding.span.end)
    artifact = {"artifactLocation": _artifact(analysis.root / finding.path, base)}
    if start.cell is None:
        region = {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        }
        return {"physicalLocation": artifact | {"region": region}}
    # The file of a notebook is JSON: its line can be told, a column would be one of the escaped text.
    cell = say("cell {cell}, line {line}", cell=start.cell, line=start.line)
    return {
        "physicalLocation": artifact | {"region": {"startLine": stored_line(source, finding.span.start)}},
        "logicalLocations": [{"name": cell, "kind": "element"}],
        "message": {"text": cell},
    }


def _notification(analysis: Analysis, skipped: Skipped, base: PurePath) -> dict[str, Any]:
    return {
        "level": "note" if skipped.by_choice else "error",
        "message": {"text": say("skipped {path}: {reason}", path=skipped.path, reason=skipped.reason)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(analysis.root / skipped.path, base)}}],
    }


def _artifact(file: PurePath, base: PurePath) -> dict[str, str]:
    return {"uri": quote(file.relative_to(base).as_posix()), "uriBaseId": BASE}
