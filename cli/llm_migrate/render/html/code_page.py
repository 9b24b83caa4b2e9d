"""The page of a scan or a rewrite: where OpenAI is used, which provider fits, prices, findings, diffs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import Element

from llm_codemods import pages
from llm_codemods.analysis import Analysis
from llm_codemods.fit import Fit, StandIn
from llm_codemods.masking import masked
from llm_codemods.migration import Migration, edits_of
from llm_codemods.profile import Model
from llm_codemods.report import Finding, Verdict
from llm_codemods.rules import RULES
from llm_codemods.source import Source, encode, position
from llm_codemods.text import Text, text
from llm_migrate.language import say
from llm_migrate.render import comparison, moves
from llm_migrate.render.comparison import SIGNS, Comparison
from llm_migrate.render.excerpt import excerpt
from llm_migrate.render.html import changes, markup
from llm_migrate.render.html.markup import Child, columns, el, prose, table
from llm_migrate.render.html.treemap import Tile, layout
from llm_migrate.render.layout import width
from llm_migrate.render.listing import counts, verdict_word
from llm_migrate.render.page import heading, plain

WORST = (Verdict.MANUAL, Verdict.REVIEW, Verdict.FIX, Verdict.READY)
COLUMNS = 150
"""So much of a line of source is shown."""
WIDE, HIGH = 1150.0, 416.0
"""The size in pixels for which the map is laid out; it is as wide as the page."""
STATES: Mapping[str, Text] = {
    "done": text("rewritten"),
    "held": text("offered, not made"),
    "refused": text("not changed"),
    "left": text("left for you"),
}


@dataclass(frozen=True)
class CodePage:
    """What is to be shown: findings, how providers fit, and what a rewrite does, if there is one."""

    analysis: Analysis
    fits: Comparison
    migration: Migration | None = None
    now: Mapping[str, bytes] = field(default_factory=dict)
    """The bytes of files that are not as they were analysed."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, file by file."""
        return tuple(sorted(self.analysis.findings, key=lambda f: (f.path, f.span, f.code)))

    @property
    def states(self) -> dict[tuple[object, ...], tuple[str, str]]:
        """What a rewrite makes of findings: a name of ``STATES``, and a reason."""
        if self.migration is None:
            return {}
        plan = self.migration.plan
        return {
            **{f.key: ("left", "") for f in self.migration.remaining},
            **{f.key: ("held", "") for f in plan.held},
            **{f.key: ("refused", say(reason)) for f, reason in plan.refused},
            **{f.key: ("done", "") for f in plan.applied},
        }


def render(page: CodePage) -> str:
    """Return the document."""
    name = Path(page.analysis.root).resolve().name
    target = page.analysis.target
    if target is None:
        title = say("{name}: where OpenAI is used", name=name)
    else:
        title = say(
            "{name}: from {origin} to {provider}",
            name=name,
            origin=target.origin.data.name,
            provider=target.profile.name,
        )
    paths = {path: f"file-{number}" for number, path in enumerate(_paths(page), 1)}
    tiles = list(layout(Counter(f.path for f in page.findings), WIDE, HIGH))
    sections = [
        ("where", say("Where OpenAI is used"), _map(page, tiles, paths)),
        ("providers", say("Which provider fits"), _providers(page)),
        ("cost", say("What it would cost"), _costs(page)),
        ("clients", say("Clients, before and after"), _clients(page)),
        ("findings", say("Findings"), _findings(page, tiles, paths)),
        ("skipped", say("Not read, or not changed"), _skipped(page)),
        ("rules", say("Rules"), _rules(page)),
    ]
    shown = [(id, head, parts) for id, head, parts in ((i, h, list(p)) for i, h, p in sections) if parts]
    summary = counts(page.findings, len(page.analysis.unread), len(page.analysis.suppressed) + len(page.analysis.known))
    return markup.document(
        title,
        markup.header(title, _sentence(summary), sections=[(id, head) for id, head, _ in shown]),
        el(
            "main",
            _counts(page),
            (el("section", el("h2", head), parts, id=id) for id, head, parts in shown),
        ),
        markup.footer(),
        markup.keys(),
        style=_places(tiles),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _paths(page: CodePage) -> list[str]:
    """Return the files with findings or changes."""
    changed = page.migration.plan.changes.keys() if page.migration is not None else ()
    return sorted({f.path for f in page.findings} | set(changed))


def _class(verdict: Verdict | None) -> str:
    return "none" if verdict is None else verdict.value


def _badge(verdict: Verdict | None) -> Element:
    return el("span", verdict_word(verdict) or say("use"), class_=f"badge {_class(verdict)}")


def _counts(page: CodePage) -> Element | None:
    by_verdict = Counter(f.verdict for f in page.findings)
    rows = [(str(by_verdict[v]), verdict_word(v), _class(v)) for v in WORST if by_verdict[v]]
    if page.analysis.target is None:
        rows = [(str(len(page.findings)), say("findings"), "none")]
    if page.migration is not None:
        rows.append((str(len(page.migration.plan.changes)), say("files to change"), "fix"))
    return el("ul", (el("li", el("b", count), word, class_=hue) for count, word, hue in rows), class_="counts")


# --- the map ----------------------------------------------------------------------------------------------------------


def _map(page: CodePage, tiles: Sequence[Tile], paths: Mapping[str, str]) -> Iterator[Child]:
    if not tiles:
        yield el("p", say("no use of OpenAI found"))
        return
    note = say("Area: number of findings. Colour: the worst verdict. A rectangle leads to the findings in it.")
    yield el("p", note, class_="soft")
    yield el("div", (_tile(page, number, tile, paths) for number, tile in enumerate(tiles)), class_="map")


def _tile(page: CodePage, number: int, tile: Tile, paths: Mapping[str, str]) -> Element:
    folder = tile.path.endswith("/")
    found = [f for f in page.findings if (f.path.startswith(tile.path) if folder else f.path == tile.path)]
    by_verdict = Counter(f.verdict for f in found)
    words = say(", ").join(f"{by_verdict[v]} {verdict_word(v)}" for v in WORST if by_verdict[v])
    count = say("findings: {count}", count=len(found))
    said = f"{tile.path}\n{count}" + (f" ({words})" if words and page.analysis.target is not None else "")
    kind = "folder" if tile.open else "closed" if folder else None
    return el(
        "a",
        tile.name,
        href="#findings" if folder else f"#{paths[tile.path]}",
        id=f"t{number}",
        title=said,
        aria_label=said.replace("\n", ", "),
        data_show=tile.path,
        class_=" ".join(filter(None, (kind, _worst(page, found)))),
    )


def _worst(page: CodePage, found: Iterable[Finding]) -> str:
    if page.analysis.target is None:
        return "none"
    return _class(min((f.verdict for f in found if f.verdict is not None), key=WORST.index, default=None))


def _places(tiles: Sequence[Tile]) -> str:
    """Return the style that puts the rectangles where they belong."""
    return "".join(
        f"#t{number}{{left:{tile.box.x / WIDE:.3%};top:{tile.box.y / HIGH:.3%};"
        f"width:{tile.box.width / WIDE:.3%};height:{tile.box.height / HIGH:.3%}}}\n"
        for number, tile in enumerate(tiles)
    )


# --- providers --------------------------------------------------------------------------------------------------------


def _providers(page: CodePage) -> Iterator[Child]:
    fits = page.fits.fits
    if not any(fit.uses for fit in fits):
        return
    note = say("What becomes of the calls at each provider; the one first that leaves least to people.")
    yield el("p", note, class_="soft")
    numbers = columns(*map(verdict_word, Verdict), say("can move"), say("for your volume"))
    chosen = page.analysis.target.profile.id if page.analysis.target is not None else None
    heads: list[Child] = [say("provider"), "", *numbers, say("a person must decide because of")]
    yield table(heads, (_fit(fit, chosen) for fit in fits))


def _fit(fit: Fit, chosen: str | None) -> Element:
    id = str(fit.target.profile.id)
    cells = [el("td", str(fit.uses.get(v, 0)), class_="number") for v in Verdict]
    return el(
        "tr",
        el("th", id, scope="row"),
        el("td", _share(fit)),
        cells,
        el("td", "-" if fit.movable is None else f"{fit.movable:.0%}", class_="number"),
        el("td", class_="number", data_total=id),
        el("td", comparison.missing(fit), class_="words"),
        class_="chosen" if id == chosen else None,
    )


def _share(fit: Fit) -> Element:
    """Return the verdicts as a bar."""
    total, at, parts = sum(fit.uses.values()) or 1, 0.0, []
    for verdict in Verdict:
        size = 100 * fit.uses.get(verdict, 0) / total
        if size:
            name = el("title", f"{verdict_word(verdict)}: {fit.uses[verdict]}")
            parts.append(el("rect", name, x=f"{at:.2f}", y=0, width=f"{size:.2f}", height=10, class_=verdict.value))
        at += size
    bar = el("svg", parts, class_="share", role="img", aria_label=_said(fit), preserveAspectRatio="none")
    bar.set("viewBox", "0 0 100 10")
    return bar


def _said(fit: Fit) -> str:
    return say(", ").join(f"{verdict_word(v)} {fit.uses.get(v, 0)}" for v in Verdict)


# --- cost -------------------------------------------------------------------------------------------------------------


def _costs(page: CodePage) -> Iterator[Child]:
    groups = comparison.alike(page.fits)
    if not groups:
        return
    note = say(
        "Type how many million tokens go in and come out, in a month for instance. Prices are those of the profiles, "
        "for a million tokens; context is in tokens."
    )
    yield el("p", note, class_="soft")
    rate = el("input", type="number", min="0", step="any", id="rate")
    yield el(
        "p", el("label", say("yuan for one US dollar (empty: leave currencies alone)"), " ", rate), class_="volume"
    )
    for number, olds in enumerate(groups, 1):
        yield el("h3", comparison.named(page.fits, olds))
        yield el(
            "p",
            (
                el("label", word, " ", el("input", type="number", min="0", step="any"))
                for word in (say("million tokens in"), say("million tokens out"))
            ),
            class_="volume",
            data_group=number,
        )
        numbers = columns(say("tokens in"), say("tokens out"), say("context"), say("for your volume"))
        heads: list[Child] = [say("provider"), say("model"), *numbers]
        yield table(heads, _prices(page.fits, olds, number))


def _prices(found: Comparison, olds: Sequence[str], group: int) -> Iterator[Element]:
    pairs = comparison.cheapest_first(found, olds[0])
    home = pairs[0][0].target.origin.data
    for old in olds:
        model = home.models.get(old)
        yield _price(comparison.row(home.id, old, model, found), model, group, None)
    for fit, stand_in in pairs:
        yield _stand_in(found, fit, stand_in, group)


def _stand_in(found: Comparison, fit: Fit, model: StandIn, group: int) -> Element:
    cells = comparison.row(comparison.providers(fit, model), model.name, model.model, found)
    return _price(cells, model.model, group, str(fit.target.profile.id))


def _price(cells: Sequence[str], model: Model | None, group: int, provider: str | None) -> Element:
    first, name, *numbers = cells
    free = model is not None and model.kind == "embedding" and model.price_in is not None
    out = None if model is None else model.price_out
    return el(
        "tr",
        el("th", first, scope="row"),
        el("td", name),
        (el("td", cell, class_="number") for cell in numbers[:3]),
        el("td", class_="number cost"),
        class_="home" if provider is None else None,
        data_group=group,
        data_provider=provider,
        data_into=None if model is None or model.price_in is None else f"{model.price_in:g}",
        data_out=f"{out:g}" if out is not None else "0" if free else None,
        data_sign=SIGNS.get(model.currency or "", f"{model.currency} ") if model is not None else None,
    )


# --- findings ---------------------------------------------------------------------------------------------------------


def _clients(page: CodePage) -> Iterator[Child]:
    if page.migration is None or not page.migration.plan.changes:
        return
    every = moves.of_migration(page.migration, page.analysis.root)
    if not every:
        return
    rows = []
    for move in every:
        after = move.before.cells if move.after is None else move.after.cells
        cells = [
            el("td", old if now == old else [el("del", old), el("br"), el("ins", now)])
            for old, now in zip(move.before.cells, after, strict=True)
        ]
        rows.append(el("tr", el("th", el("code", move.place), " ", move.kind, scope="row"), cells))
    yield table([say("client"), *moves.headings()], rows)


def _findings(page: CodePage, tiles: Sequence[Tile], paths: Mapping[str, str]) -> Iterator[Child]:
    if not paths:
        return
    yield _filters(page, tiles)
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in page.findings:
        by_file[finding.path].append(finding)
    states = page.states
    sources = {path: _without_secrets(source) for path, source in page.analysis.sources.items() if path in by_file}
    for path, id in paths.items():
        yield el(
            "section",
            el("h3", el("code", path)),
            _file_change(page, path),
            (_finding(page, f, sources[path], states.get(f.key)) for f in by_file[path]),
            id=id,
            class_="group",
        )


def _without_secrets(source: Source) -> Source:
    """Return a source masked as a whole: what says that a value is a secret may stand above what is shown."""
    return replace(source, text=masked(source.text))


def _filters(page: CodePage, tiles: Sequence[Tile]) -> Element:
    codes = sorted({(f.code, f.name) for f in page.findings})
    names = sorted({tile.path for tile in tiles} | {f.path for f in page.findings})
    known = [v for v in WORST if any(f.verdict is v for f in page.findings)] if page.analysis.target is not None else []
    states = {state for state, _ in page.states.values()}
    made = [(state, say(word)) for state, word in STATES.items() if state in states]
    return markup.filters(
        say("search in findings"),
        markup.select("rule", say("all rules"), [(code, f"{code} {name}") for code, name in codes]),
        markup.select("path", say("all files"), [(name, name) for name in names]),
        markup.select("state", say("changed or not"), made) if made else None,
        verdicts=[(v.value, verdict_word(v), v is not Verdict.READY) for v in known],
    )


def _file_change(page: CodePage, path: str) -> Element | None:
    """Return what the rewrite makes of a file; an entry of its own, to be stepped to."""
    plan = page.migration.plan if page.migration is not None else None
    if plan is None or path not in plan.changes:
        return None
    source = page.analysis.sources.get(path)
    before = page.now.get(path, encode(source) if source is not None else None)
    shown, more, less = changes.of_file(path, before, plan.changes[path])
    head = say("the whole change of this file: +{more} −{less} lines", more=more, less=less)
    return el(
        "article",
        el("details", el("summary", head), shown),
        class_="entry fix",
        tabindex="-1",
        data_path=path,
        data_state="done",
        data_verdict="fix",
    )


def _finding(page: CodePage, finding: Finding, source: Source, state: tuple[str, str] | None) -> Element:
    at = position(source, finding.span.start)
    where = say("line {line}, column {column}", line=at.line, column=at.column)
    where = where if at.cell is None else say("cell {cell}, {where}", cell=at.cell, where=where)
    verdict = finding.verdict if page.analysis.target is not None else None
    made, reason = state or ("", "")
    return el(
        "article",
        el(
            "div",
            _badge(verdict),
            el("strong", finding.code),
            el("span", finding.name),
            el("span", where, class_="soft"),
            el("span", say(STATES[made]), class_="badge none") if made else None,
            class_="head",
        ),
        el("p", prose(say(finding.message))),
        el("p", say("not changed: {reason}", reason=reason)) if reason else None,
        el("pre", _excerpt(source, finding), tabindex="0"),
        _fix(page.analysis, finding, source),
        el(
            "details",
            el("summary", say("why, and how safe it is")),
            el("p", el("a", finding.code, href=f"#{finding.code}")),
            data_rule=finding.code,
        ),
        class_=f"entry {_class(verdict)}",
        tabindex="-1",
        data_rule=finding.code,
        data_path=finding.path,
        data_verdict=_class(verdict),
        data_state=made or None,
    )


def _excerpt(source: Source, finding: Finding) -> list[Child]:
    """Return the line of a finding, with what is meant marked."""
    line, underline = excerpt(source, finding.span, COLUMNS)
    start, end = len(underline) - len(underline.lstrip()), len(underline)
    before = _fitting(line, start)
    meant = _fitting(line, end)
    return [line[:before], el("mark", line[before:meant]), line[meant:]]


def _fitting(line: str, columns: int) -> int:
    """Return how many characters of a line take so many columns of a terminal."""
    return next((size for size in range(len(line) + 1) if width(line[:size]) >= columns), len(line))


def _fix(analysis: Analysis, finding: Finding, source: Source) -> Element | None:
    if finding.fix is None:
        return None
    edits = edits_of(analysis, finding)
    title = prose(say(finding.fix.title))
    if not edits:
        return el("p", "→ ", title)
    return el("details", el("summary", "→ ", title), changes.of_edits(source, edits))


# --- the rest ---------------------------------------------------------------------------------------------------------


def _skipped(page: CodePage) -> Iterator[Child]:
    dropped = page.migration.plan.dropped if page.migration is not None else ()
    gaps = [*page.analysis.skipped, *dropped]
    if gaps:
        rows = (el("tr", el("th", el("code", s.path), scope="row"), el("td", say(s.reason))) for s in gaps)
        yield table([say("file"), say("reason")], rows)


def _rules(page: CodePage) -> Iterator[Child]:
    """Yield the pages of the rules that found something."""
    found = {f.code for f in page.findings}
    for rule in sorted((r for r in RULES if r.code in found), key=lambda r: r.code):
        told = pages.of_rule(rule)
        body: list[Element] = []
        last = None
        for section, paragraph in told.sections:
            head = el("b", heading(section)) if section != last else None
            body.append(el("p", head, prose(plain(paragraph))))
            last = section
        title: list[Child] = [el("strong", rule.code), f" {rule.name}: ", prose(plain(told.title))]
        yield el("details", el("summary", title), el("div", body, class_="rule"), id=rule.code)
