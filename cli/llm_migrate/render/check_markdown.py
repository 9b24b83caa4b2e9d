"""The report of a check as Markdown that fits a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from llm_codemods.check_report import CheckReport, SiteProof, SiteVerdict
from llm_codemods.proof import Outcome
from llm_migrate.language import say
from llm_migrate.render.markdown import LONGEST, escaped
from llm_migrate.render.verdicts import (
    CLAIMS,
    SITE_SYMBOLS,
    SITE_WORDS,
    SYMBOLS,
    WORDS,
    absence,
    concluded,
    coverage,
    named,
    notices,
    place,
    reasons,
    remarks,
    row_of,
)

MOST_ROWS = 60
"""Rows of a table; a comment of GitHub may hold 65,536 characters."""


def as_markdown(report: CheckReport) -> str:
    """Return the document: what it comes to, coverage, sites that are not proved, disagreements, the proved sites."""
    title = say("{conclusion}: llm-migrate check", conclusion=concluded(report))
    parts = [f"### {title}", "", *_endpoints(report)]
    if report.sites:
        parts += ["", f"**{coverage(report)}**"]
        open_sites = [site for site in report.sites if site.verdict is not SiteVerdict.PROVED]
        parts += _table(_site_rows(open_sites), say("site"), say("verdict"), say("why"))
    parts += _disagreements(report)
    parts += _failures(report)
    proved = [site for site in report.sites if site.verdict is SiteVerdict.PROVED]
    if proved:
        rows = _table(_site_rows(proved), say("site"), say("verdict"), say("not seen"))
        summary = say("{count:site|sites} proved", count=len(proved))
        parts += ["", f"<details><summary>{summary}</summary>", *rows, "", "</details>"]
    return "\n".join(parts)


def _endpoints(report: CheckReport) -> Iterator[str]:
    for endpoint in report.endpoints:
        yield f"- {escaped(endpoint.provider)}, {code(endpoint.base_url)}"
        yield from (f"  - {escaped(notice)}" for notice in notices(endpoint))
        yield from (f"  - {escaped(absence(model))}" for model in endpoint.unlisted)


def _site_rows(sites: list[SiteProof]) -> Iterator[tuple[str, str, str]]:
    order = list(SiteVerdict)
    for site in sorted(sites, key=lambda one: -order.index(one.verdict)):
        why = remarks(site) if site.verdict is SiteVerdict.PROVED else reasons(site)
        where = f"{code(place(site.site.location))}<br>{code(site.site.api)}"
        word = f"{SITE_SYMBOLS[site.verdict]} {say(SITE_WORDS[site.verdict])}"
        yield where, word, _cell(why)


def _disagreements(report: CheckReport) -> list[str]:
    rows = [
        (
            code(row_of(one.row)),
            escaped(say(CLAIMS[one.claim])),
            _cell(say("{outcome}: {evidence}", outcome=WORDS[p.outcome], evidence=p.evidence) for p in one.proofs),
        )
        for endpoint in report.endpoints
        for one in endpoint.disagreements
    ]
    if not rows:
        return []
    title = say("the endpoint is not as the profile says")
    return ["", f"#### {title}", *_table(iter(rows), say("row of the profile"), say("it says"), say("seen"))]


def _failures(report: CheckReport) -> list[str]:
    """Return the requirements that fail, or were not asked, and that no site needs by itself."""
    rows = [
        (code(named(p.requirement)), f"{SYMBOLS[p.outcome]} {say(WORDS[p.outcome])}", escaped(say(p.evidence)))
        for endpoint in report.endpoints
        for p in endpoint.proofs
        if not p.requirement.locations and (endpoint.fails(p) or p.outcome is Outcome.SKIPPED)
    ]
    return _table(iter(rows), say("requirement"), say("outcome"), say("evidence")) if rows else []


def _table(rows: Iterator[tuple[str, ...]], *heads: str) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return []
    more = len(lines) - MOST_ROWS
    rest = ["", say("and {count} more", count=more)] if more > 0 else []
    return ["", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *lines[:MOST_ROWS], *rest]


def _cell(lines: Iterable[str]) -> str:
    """Return lines as one cell, as far as they fit."""
    shown, room = [], LONGEST
    for line in dict.fromkeys(lines):
        if room <= 0:
            shown.append("…")
            break
        shown.append(escaped(line if len(line) <= room else line[: room - 1] + "…"))
        room -= len(line)
    return "<br>".join(shown)


def code(said: str) -> str:
    """Return a text as code, within one cell of a table."""
    return f"`{said.replace('`', chr(39)).replace('|', chr(92) + '|')}`"
