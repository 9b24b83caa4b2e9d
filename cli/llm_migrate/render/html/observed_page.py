"""The page of a watched command: what it sent, what came of it, what passed the provider by, what was not at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from llm_codemods.proof import Outcome
from llm_migrate.language import say
from llm_migrate.live.watch import Watched
from llm_migrate.live.wire import Connection
from llm_migrate.live.witness import Observation
from llm_migrate.render import observed
from llm_migrate.render.html import markup
from llm_migrate.render.html.markup import Child, columns, el, outcome_badge, prose, table
from llm_migrate.render.verdicts import WORDS, place

WORST = (Outcome.BROKEN, Outcome.REFUSED, Outcome.DIFFERS, Outcome.IGNORED, Outcome.SKIPPED, Outcome.WORKS)


def render(watched: Watched, connection: Connection, *, emulated: bool) -> str:
    """Return the document."""
    profile = connection.profile
    title = say("what a command sent to {provider}", provider=profile.id)
    sections = [
        ("direct", say("Past the provider"), _direct(watched)),
        ("requests", say("Requests"), _requests(watched)),
        ("models", say("Models"), _models(watched, connection)),
        ("unseen", say("Not seen at work"), _unseen(watched)),
    ]
    shown = [(id, head, parts) for id, head, parts in ((i, h, list(p)) for i, h, p in sections) if parts]
    warning = say("an emulator answered: this proves nothing about {provider}", provider=profile.id)
    return markup.document(
        title,
        markup.header(
            title,
            *observed.summary(watched).splitlines(),
            [profile.id, " ", connection.region, " ", el("code", connection.base_url)],
            *([el("strong", warning)] if emulated else ()),
            sections=[(id, head) for id, head, _ in shown],
        ),
        el("main", _counts(watched), (el("section", el("h2", head), parts, id=id) for id, head, parts in shown)),
        markup.footer(),
        markup.keys(),
    )


def _counts(watched: Watched) -> Element:
    counts: Counter[Outcome] = Counter()
    for one, count in watched.requests:
        counts[one.outcome] += count
    rows = [(counts[outcome], say(WORDS[outcome]), outcome.value) for outcome in WORST]
    rows.append((sum(count for _, count in watched.direct), say("direct"), "refused"))
    return el("ul", (el("li", el("b", str(n)), word, class_=hue) for n, word, hue in rows if n), class_="counts")


def _direct(watched: Watched) -> Iterator[Child]:
    if watched.direct:
        rows = (
            el(
                "tr",
                el("th", el("code", one.host), scope="row"),
                el("td", str(count), class_="number"),
                el("td", say(one.why), class_="words"),
            )
            for one, count in watched.direct
        )
        yield table([say("host"), *columns(say("connections")), say("reason")], rows)


def _requests(watched: Watched) -> Iterator[Child]:
    if not watched.requests:
        return
    names = sorted({observed.called(one) for one, _ in watched.requests})
    known = [outcome for outcome in WORST if any(one.outcome is outcome for one, _ in watched.requests)]
    yield markup.filters(
        say("search in requests"),
        markup.select("api", say("all endpoints"), [(name, name) for name in names]),
        verdicts=[(outcome.value, say(WORDS[outcome]), True) for outcome in known],
    )
    for one, count in observed.worst_first(watched):
        yield _request(one, count)


def _request(one: Observation, count: int) -> Element:
    places = [el("li", el("code", place(where))) for where in one.sites]
    sites = None
    if len(places) == 1:
        sites = el("p", el("code", place(one.sites[0])))
    elif places:
        sites = el("details", el("summary", say("from one of {count} places", count=len(places))), el("ul", places))
    return el(
        "article",
        el(
            "div",
            outcome_badge(one.outcome),
            el("strong", el("code", observed.times(observed.called(one), count))),
            el("code", one.model) if one.model is not None else None,
            el("span", str(one.status), class_="soft") if one.status is not None else None,
            class_="head",
        ),
        el("p", prose(say(one.evidence))),
        el("p", el("code", " ".join(one.shape)), class_="soft") if one.shape else None,
        sites,
        class_=f"entry {one.outcome.value}",
        tabindex="-1",
        data_api=observed.called(one),
        data_verdict=one.outcome.value,
    )


def _models(watched: Watched, connection: Connection) -> Iterator[Child]:
    for old, new in observed.unmoved(watched, connection.profile):
        said = say("the code still asks for {old}; rewrite would ask for {new}", old=old, new=new)
        yield el("p", said)


def _unseen(watched: Watched) -> Iterator[Child]:
    _, _, unseen = observed.places(watched)
    if unseen:
        yield el("p", say("these calls in the code sent nothing, so nothing is known of them"), class_="soft")
        yield el("ul", (el("li", el("code", place(one))) for one in unseen))
