"""From findings to new bytes: plan the changes of every file, and prove them before anything is written."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from llm_codemods import configuration, transform
from llm_codemods.edits import Edit, OverlapError
from llm_codemods.operations import Fix
from llm_codemods.report import Finding, Skipped
from llm_codemods.sites import ClientSite, FrameworkSite, KeyUse
from llm_codemods.source import Source, SourceError, encode, python
from llm_codemods.source import rewrite as edited
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import KEY_VARIABLE, host_of
from llm_migrate.analysis import Analysis


@dataclass(frozen=True)
class Plan:
    """New bytes by path, the findings they settle, those whose fix was refused, and files given up with the reason."""

    changes: Mapping[str, bytes]
    applied: tuple[Finding, ...]
    refused: tuple[tuple[Finding, Text], ...] = ()
    dropped: tuple[Skipped, ...] = ()


def plan(analysis: Analysis) -> Plan:
    """Make the fixes of all findings, in memory."""
    changes: dict[str, bytes] = {}
    applied: list[Finding] = []
    refused: list[tuple[Finding, Text]] = []
    dropped: list[Skipped] = []
    held = _held_back(analysis)
    refused += [(f, text("a client that a comment leaves where it is may need it")) for f in held]
    for path, findings in _by_path(f for f in analysis.findings if f not in held).items():
        source = analysis.sources[path]
        fixes = {id(f.fix): f for f in findings}
        try:
            edits, reasons = _edits(source, [f.fix for f in findings if f.fix is not None])
            after = edited(source, edits)
            _must_parse(source, after)
            data = encode(after, after.text)
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


def prove(first: Plan, analyse: Callable[[Mapping[str, bytes]], Analysis]) -> Plan:
    """Analyse the planned bytes as if they were written and give up every file that does not stand.

    A file is given up when a second run would change it again, or when a client in it would send OpenAI's key to the
    new host. What is given up may hold names that others rely on, so the rest is proved anew.

    Args:
        first: what is planned.
        analyse: analyses the project with these bytes in the place of the files' own.
    """
    current = first
    while True:
        after = analyse(current.changes)
        again = plan(after).changes.keys() & current.changes.keys()
        leaking = {path for path, client in leaks(after) if path in current.changes}
        bad = [
            Skipped(path, text("left as it is, this is a bug in llm-migrate: a second run would change it again"))
            for path in sorted(again - leaking)
        ]
        bad += [
            Skipped(path, text("left as it is: a client in it would send OpenAI's key to the new host"))
            for path in sorted(leaking)
        ]
        if not bad:
            return current
        lost = {s.path for s in bad}
        current = Plan(
            {p: data for p, data in current.changes.items() if p not in lost},
            tuple(f for f in current.applied if f.path not in lost),
            current.refused,
            (*current.dropped, *bad),
        )


def leaks(analysis: Analysis) -> list[tuple[str, ClientSite | FrameworkSite]]:
    """Return the clients and objects that point to the target's host while their key can be OpenAI's (gotcha G01)."""
    if analysis.target is None or analysis.target.at_openai:
        return []
    host = host_of(analysis.target.base_url)
    return [
        (path, site)
        for path, sites in analysis.sites.items()
        for site in sites
        if isinstance(site, ClientSite | FrameworkSite) and site.host == host and host and _may_leak(site)
    ]


def _may_leak(site: ClientSite | FrameworkSite) -> bool:
    """Whether the key of what points to the target can be OpenAI's."""
    if isinstance(site, ClientSite):
        key = site.given.get("api_key")
        empty = site.key in (KeyUse.NONE, KeyUse.EMPTY) and not (site.opaque or site.derived)
    else:
        key = site.argument(site.row.key)
        empty = key is None and bool(site.row.key and site.row.reads_key) and not (site.opaque or site.carried)
    return empty or (key is not None and any(KEY_VARIABLE.fullmatch(e.name) for e in key.environments))


def _held_back(analysis: Analysis) -> list[Finding]:
    """Return the findings whose fix would hand the provider's key to a client that a comment keeps at OpenAI."""
    if not any(f.fix is not None and f.code.startswith("LM1") for f in analysis.suppressed):
        return []
    return [f for f in analysis.findings if f.fix is not None and f.code.startswith("LM6")]


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    table: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None:
            table.setdefault(finding.path, []).append(finding)
    return table


def _edits(source: Source, fixes: Sequence[Fix]) -> tuple[list[Edit], Sequence[tuple[Fix, Text]]]:
    if configuration.form_of(source) is not None:
        return configuration.edits_of(fixes), ()
    at = source.cells[0].span.start if source.cells else None
    commands = configuration.commands_of(source)
    in_commands = [f for f in fixes if any(c.span in region for c in f.changes for region in commands)]
    in_python = [f for f in fixes if f not in in_commands]
    made = transform.rewrite(source.text, in_python, python=python(source), imports_at=at)
    return [*made.edits, *configuration.edits_of(in_commands)], made.refused


def _must_parse(before: Source, after: Source) -> None:
    """Raise SyntaxError if the new text is not what the old one was: Python, YAML, TOML, JSON."""
    if configuration.form_of(before) is not None:
        if configuration.breaks(before, after):
            raise SyntaxError("it could no longer be parsed")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(python(after))
