"""The page of a check: what it comes to, what is not as the profile says, every site, and requirements × outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from llm_codemods.check_report import CheckReport, EndpointReport, SiteProof, SiteVerdict
from llm_codemods.proof import Outcome, Proof, Speed, Spread
from llm_migrate.language import say
from llm_migrate.live.statistics import interval
from llm_migrate.render.html import markup
from llm_migrate.render.html.markup import Child, columns, el, outcome_badge, prose, table
from llm_migrate.render.proofs import summary
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


def render(report: CheckReport) -> str:
    """Return the document."""
    where = say(", ").join(one.provider for one in report.endpoints)
    title = say("check of {where}: {conclusion}", where=where, conclusion=concluded(report))
    sections = [
        ("disagreements", say("Not as the profile says"), _disagreements(report)),
        ("sites", say("Sites"), _sites(report)),
        ("requirements", say("Requirements"), _requirements(report)),
        ("speeds", say("Speed"), _speeds([speed for one in report.endpoints for speed in one.speeds])),
    ]
    shown = [(id, head, parts) for id, head, parts in ((i, h, list(p)) for i, h, p in sections) if parts]
    return markup.document(
        title,
        markup.header(
            title,
            summary(report),
            *(line for one in report.endpoints for line in _endpoint(one)),
            sections=[(id, head) for id, head, _ in shown],
        ),
        el(
            "main",
            _counts(report),
            (el("section", el("h2", head), parts, id=id) for id, head, parts in shown),
        ),
        markup.footer(),
        markup.keys(),
    )


def _endpoint(report: EndpointReport) -> Iterator[list[Child]]:
    yield [report.provider, " ", report.region, " ", el("code", report.base_url)]
    for notice in notices(report):
        yield [el("strong", notice)]
    if report.interrupted:
        yield [el("strong", say("interrupted: not all was asked"))]
    if report.spent is not None:
        tokens = report.spent.tokens + report.spent.assumed
        yield [say("{requests:request|requests}, {tokens:token|tokens}", requests=report.spent.requests, tokens=tokens)]


def _counts(report: CheckReport) -> Element | None:
    if report.sites:
        counted = [(v, sum(site.verdict is v for site in report.sites)) for v in reversed(SiteVerdict)]
        rows = [(count, say(SITE_WORDS[v]), v.value) for v, count in counted if count]
    else:
        rows = [(sum(p.outcome is o for p in report.proofs), say(WORDS[o]), o.value) for o in Outcome]
    return el("ul", (el("li", el("b", str(n)), word, class_=hue) for n, word, hue in rows if n), class_="counts")


def _told(proof: Proof) -> list[Child]:
    """Return what one proof showed."""
    model = f", {proof.requirement.model}" if proof.requirement.model is not None else ""
    return [outcome_badge(proof.outcome), " ", el("code", named(proof.requirement) + model), " ", _evidence(proof)]


def _evidence(proof: Proof) -> Element:
    return el("span", prose(say(proof.evidence)))


def _disagreements(report: CheckReport) -> Iterator[Child]:
    rows = [
        el(
            "tr",
            el("th", el("code", row_of(one.row)), scope="row"),
            el("td", say(CLAIMS[one.claim])),
            el("td", (el("p", _told(proof)) for proof in one.proofs), class_="words"),
        )
        for endpoint in report.endpoints
        for one in endpoint.disagreements
    ]
    if rows:
        yield table([say("row of the profile"), say("it says"), say("seen")], rows)
    for endpoint in report.endpoints:
        yield from (el("p", absence(model)) for model in endpoint.unlisted)


# --- sites ------------------------------------------------------------------------------------------------------------


def _sites(report: CheckReport) -> Iterator[Child]:
    if not report.sites:
        return
    yield el("p", coverage(report))
    if report.moved:
        yield el("p", say("the places are those in the code as rewrite would leave it"), class_="soft")
    yield _filters(report)
    order = list(SiteVerdict)
    for site in sorted(report.sites, key=lambda one: (-order.index(one.verdict), one.site.location)):
        yield _site(site)


def _filters(report: CheckReport) -> Element:
    paths = sorted({site.site.location.path for site in report.sites})
    known = [v for v in reversed(SiteVerdict) if any(site.verdict is v for site in report.sites)]
    return markup.filters(
        say("search in sites"),
        markup.select("path", say("all files"), [(path, path) for path in paths]),
        verdicts=[(v.value, say(SITE_WORDS[v]), True) for v in known],
    )


def _site(site: SiteProof) -> Element:
    why = list(dict.fromkeys(reasons(site)))
    besides = list(dict.fromkeys(remarks(site)))
    count = say("what was asked for it: {count}", count=len(site.proofs))
    return el(
        "article",
        el(
            "div",
            el(
                "span",
                f"{SITE_SYMBOLS[site.verdict]} {say(SITE_WORDS[site.verdict])}",
                class_=f"badge {site.verdict.value}",
            ),
            el("strong", el("code", place(site.site.location))),
            el("code", site.site.api),
            class_="head",
        ),
        el("ul", (el("li", prose(line)) for line in why)) if why else None,
        el("details", el("summary", count), (el("p", _told(proof)) for proof in site.proofs)) if site.proofs else None,
        el("ul", (el("li", prose(line), class_="soft") for line in besides)) if besides else None,
        class_=f"entry {site.verdict.value}",
        tabindex="-1",
        data_path=site.site.location.path,
        data_verdict=site.verdict.value,
    )


# --- requirements -----------------------------------------------------------------------------------------------------


def _requirements(report: CheckReport) -> Iterator[Child]:
    for endpoint in report.endpoints:
        if len(report.endpoints) > 1:
            yield el("h3", endpoint.provider)
        outcomes = columns(*(say(WORDS[outcome]) for outcome in Outcome), class_="cell")
        heads: list[Child] = [say("requirement"), say("model"), *outcomes, say("the profile says")]
        ordered = sorted(endpoint.proofs, key=lambda p: (not p.disagrees, not endpoint.fails(p)))
        yield table(heads, (row for proof in ordered for row in _rows(proof)), class_="matrix")


def _rows(proof: Proof) -> Iterator[Element]:
    """Yield the line of a requirement, and below it the evidence and the sites."""
    need = proof.requirement
    yield el(
        "tr",
        el("th", el("code", named(need)), " ", outcome_badge(proof.outcome, narrow=True), scope="row"),
        el("td", need.model or ""),
        (el("td", _cell(proof, outcome), class_=f"cell {outcome.value}") for outcome in Outcome),
        el("td", "" if proof.claim is None else say(CLAIMS[proof.claim]), " ≠" if proof.disagrees else None),
    )
    places = [el("li", el("code", place(one))) for one in need.locations]
    sites = el("details", el("summary", say("sites: {count}", count=len(places))), el("ul", places))
    yield el(
        "tr",
        el("td", el("p", _evidence(proof)), sites if places else None, colspan="9", class_="words"),
        class_="below",
    )


def _cell(proof: Proof, outcome: Outcome) -> str:
    """Return a symbol where the outcome is this one; of several tries, how many showed it, and the certainty."""
    mark = SYMBOLS[outcome] if proof.outcome is outcome else ""
    if len(proof.trials) < 2:
        return mark
    count = sum(trial is outcome for trial in proof.trials)
    if not count and not mark:
        return ""
    told = f"{mark} {count}/{len(proof.trials)}".strip()
    bounds = interval(proof.trials) if outcome is Outcome.WORKS else None
    return told if bounds is None else f"{told} ({bounds[0]:.0%} – {bounds[1]:.0%})"


# --- speed ------------------------------------------------------------------------------------------------------------


def _speeds(speeds: list[Speed]) -> Iterator[Child]:
    if not speeds:
        return
    yield from _plots(say("first token, in ms"), [(speed.model, speed.first) for speed in speeds], 1000, 0)
    rates = [(speed.model, speed.rate) for speed in speeds if speed.rate is not None]
    if rates:
        yield from _plots(say("tokens per second"), rates, 1, 1)
    else:
        yield el("p", say("no stream was long enough to tell tokens per second"), class_="soft")


def _plots(title: str, rows: list[tuple[str, Spread]], factor: float, digits: int) -> Iterator[Element]:
    """Yield a table with a line for each model, all on one scale from 0."""
    top = max(spread.most for _, spread in rows)

    def cell(value: float | None) -> str:
        return "-" if value is None else f"{value * factor:,.{digits}f}"

    heads: list[Child] = [
        title,
        *columns(say("streams"), say("median"), say("p95")),
        say("0 to {most}", most=cell(top)),
    ]
    yield table(
        heads,
        (
            el(
                "tr",
                el("th", model, scope="row"),
                (el("td", shown, class_="number") for shown in (str(one.count), cell(one.median), cell(one.p95))),
                el("td", _plot(one, top, f"{cell(one.least)} – {cell(one.most)}")),
            )
            for model, one in rows
        ),
    )


def _plot(spread: Spread, top: float, said: str) -> Element:
    """Draw where values lie: a line from the least to the most, and the median on it."""

    def at(value: float) -> str:
        return f"{100 * value / top if top else 0:.2f}"

    ends: Iterable[Element] = (
        el("line", x1=at(x), x2=at(x), y1=2, y2=8, class_="range") for x in (spread.least, spread.most)
    )
    median = None
    if spread.median is not None:
        median = el("line", x1=at(spread.median), x2=at(spread.median), y1=1, y2=9, class_="median")
    line = el("line", x1=at(spread.least), x2=at(spread.most), y1=5, y2=5, class_="range")
    drawn = el("svg", line, ends, median, class_="plot", role="img", aria_label=said, preserveAspectRatio="none")
    drawn.set("viewBox", "-1 0 102 10")
    return drawn
