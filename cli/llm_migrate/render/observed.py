"""What was seen of a watched command, as text and as JSON; ``html.observed_page`` shows the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from llm_codemods.profile import Profile
from llm_codemods.proof import Outcome
from llm_codemods.requirements import Location
from llm_migrate.language import say
from llm_migrate.live.watch import Watched
from llm_migrate.live.wire import Connection
from llm_migrate.live.witness import Observation
from llm_migrate.render import proofs, verdicts
from llm_migrate.render.data import dump, location
from llm_migrate.render.layout import padded, width


def as_text(watched: Watched, profile: Profile) -> str:
    """Return the ways past the relay, then one paragraph a request, failures first, then the places not seen."""
    lines = [f"✗ {times(say('direct'), count)}  {one.host}  {say(one.why)}" for one, count in watched.direct]
    ordered = worst_first(watched)
    cells = [
        (
            times(say(verdicts.WORDS[one.outcome]), count),
            called(one),
            one.model or "",
            str(one.status or ""),
        )
        for one, count in ordered
    ]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    for (one, _), row in zip(ordered, cells, strict=True):
        words = "  ".join(map(padded, row, widths))
        lines.append(f"{verdicts.SYMBOLS[one.outcome]} {words}  {say(one.evidence)}".rstrip())
        if one.shape:
            lines.append("    " + say("sent: {shape}", shape=" ".join(one.shape)))
        if len(one.sites) == 1:
            lines.append("    " + verdicts.place(one.sites[0]))
        elif one.sites:
            lines.append("    " + say("from one of: {places}", places=say(", ").join(map(verdicts.place, one.sites))))
    for old, new in unmoved(watched, profile):
        lines.append(say("the code still asks for {old}; rewrite would ask for {new}", old=old, new=new))
    _, _, unseen = places(watched)
    if unseen:
        lines += [say("not seen at work:"), *(f"    {verdicts.place(place)}" for place in unseen)]
    return "\n".join(lines)


def worst_first(watched: Watched) -> list[tuple[Observation, int]]:
    """Return the requests with how often each was sent, those that work last."""
    return sorted(watched.requests, key=lambda row: (row[0].outcome is Outcome.WORKS, row[0].path))


def called(one: Observation) -> str:
    """Return the SDK's method that sends such a request, else verb and path."""
    return one.method or f"{one.verb} {one.path}"


def summary(watched: Watched) -> str:
    """Return counts in one line, and how the command ended in another."""
    counts: Counter[Outcome] = Counter()
    for one, count in watched.requests:
        counts[one.outcome] += count
    parts = [say("{count} {word}", count=counts[o], word=verdicts.WORDS[o]) for o in Outcome if counts[o]]
    line = say("{count:request|requests}: {parts}", count=counts.total(), parts=say(", ").join(parts))
    if not parts:
        line = say("no request came through the relay, so nothing is proved")
    seen, perhaps, unseen = places(watched)
    total = len(seen) + len(perhaps) + len(unseen)
    if total:
        line = say("{line}; {seen} of {total} call sites seen at work", line=line, seen=len(seen), total=total)
    if perhaps:
        line = say("{line}, {count} more perhaps", line=line, count=len(perhaps))
    if watched.direct:
        tries = sum(count for _, count in watched.direct)
        line = say("{line}; {count:connection|connections} past the provider refused", line=line, count=tries)
    return f"{line}\n{ended(watched.code)}"


def ended(code: int | None) -> str:
    """Say how the command ended."""
    if code is None:
        return say("the command was interrupted")
    if code < 0:
        return say("the command was ended by signal {number}", number=-code)
    return say("the command ended with {code}", code=code)


def as_json(watched: Watched, connection: Connection, *, emulated: bool) -> str:
    """Return the report for machines."""
    seen, perhaps, unseen = places(watched)
    outcomes = Counter(dict.fromkeys(Outcome, 0))
    for one, count in watched.requests:
        outcomes[one.outcome] += count
    return dump(
        {
            "schema": proofs.SCHEMA,
            "command": "check",
            "observed": True,
            "provider": connection.profile.id,
            "region": connection.region,
            "base_url": connection.base_url,
            "emulated": emulated,
            "exit_code": watched.code,
            "requests": [{**_as_data(one), "count": count} for one, count in watched.requests],
            "direct": [{"host": one.host, "why": say(one.why), "count": count} for one, count in watched.direct],
            "unseen": [location(place) for place in unseen],
            "summary": {
                "requests": sum(outcomes.values()),
                **{outcome.value: count for outcome, count in outcomes.items()},
                "direct": sum(count for _, count in watched.direct),
                "sites": len(seen) + len(perhaps) + len(unseen),
                "sites_seen": len(seen),
                "sites_perhaps_seen": len(perhaps),
            },
        }
    )


def _as_data(one: Observation) -> dict[str, Any]:
    return {
        "api": one.method,
        "method": one.verb,
        "path": one.path,
        "model": one.model,
        "shape": list(one.shape),
        "status": one.status,
        "outcome": one.outcome.value,
        "evidence": say(one.evidence),
        "sites": [location(place) for place in one.sites],
    }


def places(watched: Watched) -> tuple[list[Location], list[Location], list[Location]]:
    """Return the places in the code that were seen at work, those that may have been, and the others."""
    sure = {one.sites[0] for one, _ in watched.requests if len(one.sites) == 1}
    possible = {place for one, _ in watched.requests for place in one.sites}
    places = list(dict.fromkeys(caller.location for caller in watched.callers))
    return (
        [place for place in places if place in sure],
        [place for place in places if place in possible - sure],
        [place for place in places if place not in possible],
    )


def unmoved(watched: Watched, profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield models that were asked for and that the provider has not, with what the profile has for them."""
    for model in dict.fromkeys(one.model for one, _ in watched.requests if one.model is not None):
        row = profile.map_model(model) if model not in profile.models else None
        if row is not None and row.model is not None and row.model != model:
            yield model, row.model


def times(word: str, count: int) -> str:
    """Return a word, with how often it is so where that is more than once."""
    return say("{word} {count}×", word=word, count=count) if count > 1 else word
