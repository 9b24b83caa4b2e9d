"""The report of a check as text and as JSON, and what a check would send.

Texts read the same without colour: each line has a symbol and a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from llm_codemods.check_report import CheckReport, EndpointReport, SiteProof, SiteVerdict
from llm_codemods.proof import Outcome, Proof
from llm_codemods.requirements import Location, Needs, Requirement
from llm_migrate.language import say
from llm_migrate.live.probes import most_tokens
from llm_migrate.live.runner import plan
from llm_migrate.live.statistics import interval
from llm_migrate.live.wire import Connection
from llm_migrate.render import speeds
from llm_migrate.render.data import dump, location
from llm_migrate.render.layout import fitted, padded, width, wrapped
from llm_migrate.render.listing import few
from llm_migrate.render.verdicts import (
    CLAIMS,
    SITE_SYMBOLS,
    SITE_WORDS,
    SYMBOLS,
    WORDS,
    absence,
    concluded,
    coverage,
    headline,
    named,
    notices,
    place,
    reason,
    reasons,
    remarks,
    row_of,
    told,
    told_together,
)

SCHEMA = 2
"""Grows when the shape of the JSON report changes."""
COLUMNS = 80
MOST_REASONS = 6
"""Reasons of a site that are told without being asked for."""
MOST_PLACES = 3
"""Places of a requirement that are named in a line."""


def as_text(report: CheckReport, *, verbose: bool = False) -> str:
    """Return the report: what it comes to, disagreements with the profile, sites that are not proved, the coverage.

    Where no code was asked about, every proof has its line; ``verbose`` gives them always, and all sites.
    """
    lines = [headline(report)]
    for endpoint in report.endpoints:
        lines += (f"  {notice}" for notice in notices(endpoint))
        lines += _contradictions(endpoint)
    if any(not endpoint.sites for endpoint in report.endpoints) or verbose:
        lines += _proofs(report, verbose=verbose)
    else:
        lines += _general(report)
    lines += _sites(report.sites, verbose=verbose)
    for endpoint in report.endpoints:
        lines += speeds.section(endpoint.speeds, COLUMNS)
    if report.sites:
        lines += ["", coverage(report)]
        if report.moved:
            lines += _folded(say("the places are those in the code as rewrite would leave it"), "")
    return "\n".join(lines)


def _contradictions(endpoint: EndpointReport) -> Iterator[str]:
    """Yield what is not as the profile says, row by row."""
    if endpoint.disagreements:
        count = len(endpoint.disagreements)
        yield ""
        yield say("the endpoint is not as the profile says, rows: {count}", count=count)
    for one in endpoint.disagreements:
        yield "  " + say("≠ {row}: the profile says {claim}", row=row_of(one.row), claim=CLAIMS[one.claim])
        yield from (line for proof in one.proofs for line in _folded(told(proof), "      "))
    if endpoint.unlisted:
        yield ""
    for model in endpoint.unlisted:
        yield from _folded(absence(model), "  ")


def _proofs(report: CheckReport, *, verbose: bool) -> Iterator[str]:
    """Yield one line a proof, failures first; those that were skipped for the same reason share one, if not
    ``verbose``."""
    fails = {id(proof): endpoint.fails(proof) for endpoint in report.endpoints for proof in endpoint.proofs}
    skipped = [] if verbose else [proof for proof in report.proofs if proof.outcome is Outcome.SKIPPED]
    told = [proof for proof in report.proofs if proof not in skipped]
    ordered = sorted(told, key=lambda proof: (not proof.disagrees, not fails[id(proof)]))
    words = {outcome: say(word) for outcome, word in WORDS.items()}
    cells = [(words[p.outcome], named(p.requirement), p.requirement.model or "") for p in ordered]
    widths = [min(max(map(width, column), default=0), 28) for column in zip(*cells, strict=True)]
    yield ""
    for proof, row in zip(ordered, cells, strict=True):
        head = f"{SYMBOLS[proof.outcome]} {'  '.join(map(padded, row, widths))}"
        line = f"{head}  {say(proof.evidence)}"
        folds = [line] if width(line) <= COLUMNS else [head.rstrip(), *_folded(say(proof.evidence), "      ")]
        yield from folds
        if proof.requirement.locations:
            yield f"      {few(map(place, proof.requirement.locations), MOST_PLACES)}"
    yield from _marked(SYMBOLS[Outcome.SKIPPED], told_together(skipped))


def _marked(symbol: str, texts: Iterable[str]) -> Iterator[str]:
    """Yield each text after a symbol, the lines that follow it indented."""
    for one in texts:
        first, *rest = _folded(one, "      ") or [""]
        yield f"{symbol} {first.strip()}"
        yield from rest


def _general(report: CheckReport) -> Iterator[str]:
    """Yield what fails, or was not asked, that no site needs by itself."""
    found = [
        proof
        for endpoint in report.endpoints
        for proof in endpoint.proofs
        if not proof.requirement.locations and (endpoint.fails(proof) or proof.outcome is Outcome.SKIPPED)
    ]
    if found:
        yield ""
    for outcome in dict.fromkeys(proof.outcome for proof in found):
        yield from _marked(SYMBOLS[outcome], told_together(proof for proof in found if proof.outcome is outcome))


def _sites(sites: Sequence[SiteProof], *, verbose: bool) -> Iterator[str]:
    """Yield the sites that are not proved, worst first, with the reasons; then the others, if they are wanted."""
    order = list(SiteVerdict)
    shown = [site for site in sites if verbose or site.verdict is not SiteVerdict.PROVED]
    if shown:
        yield ""
    idle = {} if verbose else _not_asked(shown)
    for site in sorted(shown, key=lambda one: -order.index(one.verdict)):
        if any(site in those for those in idle.values()):
            continue
        word = say(SITE_WORDS[site.verdict])
        head = f"{SITE_SYMBOLS[site.verdict]} {word}  {place(site.site.location)}"
        line = f"{head}  {site.site.api}"
        yield from [line] if width(line) <= COLUMNS else [head, f"      {site.site.api}"]
        said = list(dict.fromkeys(reasons(site)))
        more = 0 if verbose else len(said) - MOST_REASONS
        for line in said[:MOST_REASONS] if more > 0 else said:
            yield from _folded(line, "      ")
        if more > 0:
            yield "      " + say("and {count:more reason|more reasons} (-v)", count=more)
        if verbose:
            for line in dict.fromkeys(remarks(site)):
                yield from _folded(line, "      ")
    for why, those in idle.items():
        head = f"{SITE_SYMBOLS[SiteVerdict.UNPROVEN]} {say(SITE_WORDS[SiteVerdict.UNPROVEN])}"
        line = f"{head}  {why}"
        yield from [line] if width(line) <= COLUMNS else [head, *_folded(why, "      ")]
        yield from (f"      {place(site.site.location)}  {site.site.api}" for site in those)


def _not_asked(sites: Sequence[SiteProof]) -> dict[str, list[SiteProof]]:
    """Return the sites that are not proved since they were not asked about, by the reason where several share it."""
    found: dict[str, list[SiteProof]] = {}
    for site in sites:
        failing = [proof for proof in (*site.proofs, *site.doubts) if proof.outcome is not Outcome.WORKS]
        why = {say(proof.evidence) for proof in failing}
        if len(why) == 1 and not site.hindrances and all(proof.outcome is Outcome.SKIPPED for proof in failing):
            found.setdefault(why.pop(), []).append(site)
    return {why: those for why, those in found.items() if len(those) > 1}


def _folded(said: str, indent: str) -> list[str]:
    """Return a text in lines that fit, each indented."""
    return list(wrapped(indent + said, COLUMNS, indent))


def summary(report: CheckReport) -> str:
    """Return counts in one line."""
    counts = Counter(proof.outcome for proof in report.proofs)
    parts = [say("{count} {word}", count=counts[o], word=WORDS[o]) for o in Outcome if counts[o]]
    disagreements = sum(proof.disagrees for proof in report.proofs)
    line = say("{count:probe|probes}: {parts}", count=len(report.proofs), parts=say(", ").join(parts))
    if disagreements:
        line = say("{line}; in {count} the endpoint is not as the profile says", line=line, count=disagreements)
    return say("{conclusion}; {line}", conclusion=concluded(report), line=line)


# --- for machines -----------------------------------------------------------------------------------------------------


def as_json(report: CheckReport) -> str:
    """Return the report for machines."""
    return dump(as_data(report))


def as_data(report: CheckReport) -> dict[str, Any]:
    """Return the report as JSON data. That of a second endpoint, for embeddings, stands below ``embeddings``."""
    first, *second = [_endpoint(one) for one in report.endpoints]
    return {
        "schema": SCHEMA,
        "command": "check",
        "conclusion": report.conclusion.value,
        "coverage": {
            "sites": len(report.sites),
            **{verdict.value: sum(site.verdict is verdict for site in report.sites) for verdict in SiteVerdict},
        },
        "moved_files": report.moved,
        **first,
        **({"embeddings": second[0]} if second else {}),
    }


def _endpoint(report: EndpointReport) -> dict[str, Any]:
    counts = Counter(proof.outcome.value for proof in report.proofs)
    numbers = {proof.requirement.key: number for number, proof in enumerate(report.proofs)}
    return {
        "provider": report.provider,
        "region": report.region,
        "base_url": report.base_url,
        "emulated": report.emulated,
        "interrupted": report.interrupted,
        "spent": None if report.spent is None else asdict(report.spent),
        "speeds": speeds.as_data(report.speeds),
        "proofs": [_proof(proof, fails=report.fails(proof)) for proof in report.proofs],
        "sites": [_site(site, numbers) for site in report.sites],
        "disagreements": [
            {
                "row": list(one.row),
                "claim": one.claim.value,
                "proofs": [numbers[proof.requirement.key] for proof in one.proofs],
            }
            for one in report.disagreements
        ],
        "unlisted": [
            {"model": one.model, "served": one.served, "successors": list(one.successors)} for one in report.unlisted
        ],
        "summary": {
            "total": len(report.proofs),
            **{outcome.value: counts[outcome.value] for outcome in Outcome},
            "failed": sum(map(report.fails, report.proofs)),
            "disagreements": sum(proof.disagrees for proof in report.proofs),
        },
    }


def _proof(proof: Proof, *, fails: bool) -> dict[str, Any]:
    need = proof.requirement
    return {
        "feature": need.feature,
        "value": need.value,
        "name": named(need),
        "model": need.model,
        "dimensions": need.dimensions,
        "shape": None if need.shape is None else asdict(need.shape),
        "outcome": proof.outcome.value,
        "fails": fails,
        "claim": proof.claim.value if proof.claim is not None else None,
        "row": list(proof.row),
        "disagrees": proof.disagrees,
        "evidence": say(proof.evidence),
        "seconds": proof.seconds,
        "trials": [outcome.value for outcome in proof.trials],
        "interval": interval(proof.trials),
        "locations": [location(one) for one in need.locations],
    }


def _site(site: SiteProof, numbers: Mapping[Requirement, int]) -> dict[str, Any]:
    hindrances = site.hindrances
    return {
        **location(site.site.location),
        "kind": site.site.kind,
        "api": site.site.api,
        "verdict": site.verdict.value,
        "proofs": [numbers[need] for need in site.site.needs if need in numbers],
        "may_need": [numbers[need] for need in site.site.may_need if need in numbers],
        "unseen": [
            {
                "name": one.name or None,
                "why": one.why.value,
                "detail": one.detail or None,
                "hinders": one in hindrances,
                "message": say(reason(one)),
            }
            for one in site.site.unseen
        ],
        "shapes": [asdict(shape) for shape in site.site.shapes],
    }


# --- before anything is sent ------------------------------------------------------------------------------------------


def plan_rows(connection: Connection, needs: Needs, samples: int = 1) -> list[dict[str, Any]]:
    """Return what a check would send: one row a request, with the most tokens it can cost and who needs it."""
    users: dict[Requirement, list[Location]] = {}
    for site in needs.sites:
        for need in (*site.needs, *site.may_need):
            users.setdefault(need, []).append(site.location)
    return [
        {
            "feature": requirement.feature,
            "name": named(requirement),
            "model": (request.body or {}).get("model"),
            "method": request.method,
            "path": request.path,
            "most_tokens": most_tokens(request),
            "sites": [location(one) for one in sorted(set(users.get(requirement.key, ())))],
        }
        for requirement in needs.requirements
        for request in plan(requirement, connection, samples)
    ]


def plan_as_text(rows: Sequence[dict[str, Any]], columns: int | None = None, *, verbose: bool = False) -> str:
    """Return the rows of ``plan_rows``, those of one requirement together; ``verbose``: with the sites.

    ``columns``: of the terminal; None: lines may be of any length.
    """
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row["name"], row["model"] or ""), []).append(row)
    cells = [
        (
            name,
            model,
            say("requests: {count}", count=len(those)),
            say("at most {count:token|tokens}", count=sum(row["most_tokens"] for row in those)),
            say("sites: {count}", count=len(those[0]["sites"])) if those[0]["sites"] else "",
        )
        for (name, model), those in grouped.items()
    ]
    lines: list[str] = []
    for rows_of_it, those in zip(fitted(cells, columns, "    ") if cells else (), grouped.values(), strict=True):
        lines += rows_of_it
        if verbose:
            lines += (f"    {place(Location(**one))}" for one in those[0]["sites"])
    return "\n".join(lines)


def plan_as_data(rows: Iterable[dict[str, Any]], connection: Connection) -> dict[str, Any]:
    """Return the rows of ``plan_rows`` for machines."""
    listed = list(rows)
    total = sum(row["most_tokens"] for row in listed)
    return {
        "schema": SCHEMA,
        "command": "check",
        "provider": connection.profile.id,
        "region": connection.region,
        "base_url": connection.base_url,
        "requests": listed,
        "summary": {"requests": len(listed), "most_tokens": total},
    }


def joined(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the plans for the provider and for that of its embeddings as one."""
    first, *second = documents
    return {**first, "embeddings": second[0]} if second else first
