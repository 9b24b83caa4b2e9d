"""Findings that a project lives with for now: what a baseline file says, and which findings it holds.

An entry stays true when lines move, and holds no source text: path, code, what was found, a hash of the lines, and how
often. Long words with a digit in them are left out of the hash, so that a key in a line neither stands in the file nor
makes an entry the owner's of that key alone.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from llm_codemods.report import Finding
from llm_codemods.source import Source
from llm_codemods.text import TextError, text

SCHEMA = 1
_OPAQUE = re.compile(r"(?=[A-Za-z_+/-]*[0-9])[A-Za-z0-9_+/-]{16,}")
_KEYS = {"path": str, "code": str, "api": str, "hash": str, "count": int}


class BaselineError(TextError):
    """A text is no baseline. ``message`` says why."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A finding as a baseline knows it. ``path`` counts from the folder of the baseline's file."""

    path: str
    code: str
    api: str
    hash: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each finding is known, and the id of the provider that was named when it was written."""

    entries: Mapping[Entry, int]
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Divided:
    """Findings told apart by a baseline, and the entries that none of them is."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: Mapping[Entry, int]


def fingerprint(source: Source, finding: Finding) -> str:
    """Return what stays the same when the lines of a finding move: a hash of its code, its object and its lines."""
    first = source.lines.line(finding.span.start)
    last = source.lines.line(max(finding.span.start, finding.span.end - 1))
    end = source.lines.starts[last] if last < len(source.lines.starts) else len(source.text)
    lines = source.text[source.lines.starts[first - 1] : end]
    words = _OPAQUE.sub("*", " ".join(lines.split()))
    return hashlib.sha256("\0".join((finding.code, finding.api, words)).encode("utf-8", "replace")).hexdigest()[:16]


def of_findings(
    findings: Iterable[Finding], sources: Mapping[str, Source], prefix: str = "", target: str | None = None
) -> Baseline:
    """Return a baseline of the open findings. ``prefix`` leads from the baseline's folder to the root."""
    entries = Counter(_entry(f, sources, prefix) for f in findings if f.open)
    return Baseline(entries, target)


def divide(baseline: Baseline, findings: Iterable[Finding], sources: Mapping[str, Source], prefix: str = "") -> Divided:
    """Tell the findings that a baseline holds from new ones; of equal ones the first are known.

    A finding that is not open is never known, since it is nobody's debt, but its entry is not gone either.
    """
    left = Counter(baseline.entries)
    new: list[Finding] = []
    known: list[Finding] = []
    for finding in sorted(findings, key=lambda f: not f.open):
        entry = _entry(finding, sources, prefix)
        held = left[entry] > 0
        left[entry] -= held
        (known if held and finding.open else new).append(finding)
    order = {id(f): i for i, f in enumerate(findings)}
    return Divided(tuple(sorted(new, key=lambda f: order[id(f)])), tuple(known), +left)


def dump(baseline: Baseline) -> str:
    """Return the text of a baseline's file: JSON, sorted, an entry a line."""
    rows = [
        json.dumps(
            {"path": e.path, "code": e.code, "api": e.api, "hash": e.hash, "count": baseline.entries[e]},
            ensure_ascii=False,
        )
        for e in sorted(baseline.entries)
    ]
    head = f'{{\n"schema": {SCHEMA},\n"target": {json.dumps(baseline.target)},\n"findings": ['
    return head + ",".join("\n  " + row for row in rows) + ("\n" if rows else "") + "]\n}\n"


def parse(content: str) -> Baseline:
    """Read the text of a baseline's file.

    Raises:
        BaselineError: no JSON, or not what ``dump`` writes.
    """
    try:
        document: Any = json.loads(content)
    except json.JSONDecodeError as error:
        raise BaselineError(
            text("not valid JSON: line {line}, column {column}", line=error.lineno, column=error.colno)
        ) from None
    except (ValueError, RecursionError):
        raise BaselineError(text("its JSON is nested too deeply or holds a number too long to read")) from None
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise BaselineError(text("it has no list of findings"))
    if document.get("schema") != SCHEMA:
        raise BaselineError(
            text("its schema is {found}, this version reads {known}", found=document.get("schema"), known=SCHEMA)
        )
    target = document.get("target")
    entries: Counter[Entry] = Counter()
    for number, row in enumerate(document["findings"], 1):
        if not isinstance(row, dict) or not all(type(row.get(key)) is kind for key, kind in _KEYS.items()):
            raise BaselineError(text("finding {number} is not as this program writes it", number=number))
        entries[Entry(row["path"], row["code"], row["api"], row["hash"])] += row["count"]
    return Baseline(entries, target if isinstance(target, str) else None)


def _entry(finding: Finding, sources: Mapping[str, Source], prefix: str) -> Entry:
    path = posixpath.normpath(posixpath.join(prefix, finding.path))
    return Entry(path, finding.code, finding.api, fingerprint(sources[finding.path], finding))
