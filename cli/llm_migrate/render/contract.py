"""What a profile says, for people: the sections of one provider's page, and several side by side.

``columns`` lays them out for a terminal; the pages of the documentation are made of the same sections.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from llm_codemods import openai_api
from llm_codemods.error_kinds import class_of
from llm_codemods.profile import (
    Action,
    Confidence,
    Endpoint,
    Feature,
    Model,
    ModelMapping,
    Parameter,
    Profile,
    Role,
    Row,
    Status,
    Thinking,
)
from llm_codemods.text import Note, Text, text
from llm_migrate.language import say

STATUSES: Mapping[Status, Text] = {
    Status.SAME: text("same"),
    Status.IGNORED: text("ignored"),
    Status.REJECTED: text("refused"),
    Status.RENAMED: text("renamed"),
    Status.LIMITED: text("limited"),
    Status.UNKNOWN: text("unknown"),
}
ACTIONS: Mapping[Action, Text] = {
    Action.KEEP: text("keep"),
    Action.REMOVE: text("remove"),
    Action.RENAME: text("rename"),
    Action.CLAMP: text("bring into range"),
    Action.REPLACE: text("replace value"),
    Action.BODY: text("send in extra_body"),
    Action.ADD: text("add"),
    Action.REPEAT: text("ask several times"),
    Action.TELL: text("tell in the prompt"),
    Action.REVIEW: text("review"),
    Action.MANUAL: text("manual"),
}
CONFIDENCES: Mapping[Confidence, Text] = {
    Confidence.DOCUMENTED: text("documented"),
    Confidence.SOURCE: text("source code"),
    Confidence.REPORTED: text("reported"),
    Confidence.INFERRED: text("inferred"),
    Confidence.OBSERVED: text("observed"),
}
THINKING: Mapping[Thinking, Text] = {
    Thinking.NONE: text("never thinks"),
    Thinking.OFF: text("thinks when asked"),
    Thinking.ON: text("thinks by default"),
    Thinking.ALWAYS: text("always thinks"),
}
KINDS: Mapping[str, Text] = {
    "chat": text("chat"),
    "embedding": text("embedding"),
    "image": text("image"),
    "speech": text("speech"),
    "transcription": text("transcription"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a page: its short cells, what is worth a sentence, and where it comes from."""

    cells: tuple[str, ...]
    notes: tuple[str, ...]
    row: Row
    status: Status | None = None

    @property
    def note(self) -> str:
        """The sentences as one."""
        return say("; ").join(self.notes)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: its title, what the cells of its lines are, and the lines."""

    title: str
    columns: tuple[str, ...]
    lines: Sequence[Line]


# --- one provider -----------------------------------------------------------------------------------------------------


def sections(profile: Profile) -> Iterator[Section]:
    """Yield the sections of a provider's page, empty ones left out."""
    return (section for section in _sections(profile) if section.lines)


def switches(profile: Profile) -> Iterator[str]:
    """Yield what is sent in the request's body to have a model think, or not."""
    for name, body in profile.thinking.items():
        yield say("thinking {switch}: {body}", switch=name, body=json.dumps(body, ensure_ascii=False))


def _sections(profile: Profile) -> Iterator[Section]:
    regions = profile.regions.items()
    yield Section(
        say("Regions"),
        (say("name"), say("base URL"), say("variable of the key")),
        [Line((id, r.base_url, r.key_env), _said(r.name, r.note), r) for id, r in regions],
    )
    kinds = (say("name"), say("kind"))
    yield Section(
        say("Models"),
        (*kinds, say("tokens in"), say("tokens out"), say("price in/out a million")),
        [_model(name, model) for name, model in profile.models.items() if model.retired is None],
    )
    yield Section(
        say("Retired models, and those with a day"),
        (*kinds, say("day"), say("successor")),
        [_retired(name, model) for name, model in profile.models.items() if model.retired is not None],
    )
    yield Section(
        say("What stands in for OpenAI's models"),
        (say("model of OpenAI"), say("model")),
        [_mapping(row) for row in profile.mapping],
    )
    yield Section(
        say("Models of the completions that follow instructions"),
        (say("name"),),
        [Line((", ".join(row.models),), _said(row.note), row) for row in profile.instructed],
    )
    treated = (say("name"), say("status"), say("action"))
    for endpoint, rows in profile.parameters.items():
        title = say("Parameters of {endpoint}", endpoint=endpoint)
        yield Section(title, (*treated, say("values")), [_parameter(name, row) for name, row in rows.items()])
    roles = profile.roles.items()
    yield Section(
        say("Message roles"),
        treated,
        [Line((n, say(STATUSES[r.status]), _action(r.action, r.to)), _said(r.note), r, r.status) for n, r in roles],
    )
    endpoints = profile.endpoints.items()
    yield Section(
        say("Endpoints"),
        (*treated[:2], say("path")),
        [Line((n, say(STATUSES[e.status]), e.path or ""), _said(e.note), e, e.status) for n, e in endpoints],
    )
    features = profile.features.items()
    yield Section(
        say("Features"),
        treated[:2],
        [Line((n, say(STATUSES[f.status])), _said(f.note), f, f.status) for n, f in features],
    )
    answers = profile.response.items()
    yield Section(
        say("Fields of answers"),
        (*treated[:2], say("values")),
        [Line((n, say(STATUSES[a.status]), " | ".join(a.values)), _said(a.note), a, a.status) for n, a in answers],
    )
    errors = profile.errors.items()
    yield Section(
        say("Errors"),
        (say("name"), say("HTTP status"), say("class of the SDK")),
        [Line((n, str(e.status), class_of(e.status)), _said(e.note), e) for n, e in errors],
    )


def _model(name: str, model: Model) -> Line:
    sizes = ", ".join(map(str, model.dimensions))
    context, output = (f"{limit:,}" if limit else "" for limit in (model.context, model.output))
    can = {"vision": model.vision, "tools": model.tools, "json_schema": model.json_schema}
    said = (
        say(THINKING[model.thinking]) if model.thinking else "",
        say("can: {names}", names=", ".join(n for n, it in can.items() if it)) if any(can.values()) else "",
        say("cannot: {names}", names=", ".join(n for n, it in can.items() if it is False))
        if False in can.values()
        else "",
        say("dimensions: {sizes}", sizes=sizes) if sizes else "",
        say("{count:text|texts} a call", count=model.batch) if model.batch else "",
        say("to be replaced by {model}", model=model.replaced_by) if model.replaced_by else "",
    )
    cells = (name, say(KINDS[model.kind]) if model.kind in KINDS else model.kind, context, output, _price(model))
    return Line(cells, (*filter(None, said), *_said(model.note)), model)


def _price(model: Model) -> str:
    if model.price_in is None and model.price_out is None:
        return ""
    prices = [f"{price:g}" if price is not None else "?" for price in (model.price_in, model.price_out)]
    if model.price_out is None and model.kind != "chat":
        prices.pop()
    return f"{'/'.join(prices)} {model.currency}"


def _retired(name: str, model: Model) -> Line:
    kind = say(KINDS[model.kind]) if model.kind in KINDS else model.kind
    after = f"→ {model.replaced_by}" if model.replaced_by else ""
    return Line((name, kind, str(model.retired), after), _said(model.note), model)


def _mapping(row: ModelMapping) -> Line:
    said = (
        say("images: {model}", model=row.vision) if row.vision else "",
        say("dimensions: {sizes}", sizes=row.dimensions) if row.dimensions else "",
        say("thinking: {switch}", switch=row.thinking) if row.thinking else "",
    )
    names = ", ".join(row.openai)
    return Line(
        (names, f"→ {row.model}" if row.model else say("no equivalent")), (*filter(None, said), say(row.reason)), row
    )


def _parameter(name: str, row: Parameter) -> Line:
    only = say("only: {names}", names=", ".join(row.models)) if row.models else ""
    action = _action(row.action, row.to)
    if row.review:
        action = say("{action}, for review", action=action)
    cells = (name, say(STATUSES[row.status]), action, limits(row))
    return Line(cells, (*filter(None, (only,)), *_said(row.note)), row, row.status)


def _action(action: Action, to: str | None) -> str:
    said = say(ACTIONS[action])
    return f"{said} → {to}" if to else said


def limits(row: Parameter) -> str:
    """Return what a row says about values: an interval, the words that are taken, what becomes of others."""
    parts: list[str] = []
    if row.minimum is not None or row.maximum is not None:
        low = "…" if row.minimum is None else f"{row.minimum:.10g}"
        high = "…" if row.maximum is None else f"{row.maximum:.10g}"
        opened = "(" if row.exclusive_minimum or row.minimum is None else "["
        closed = ")" if row.exclusive_maximum or row.maximum is None else "]"
        parts.append(f"{opened}{low}, {high}{closed}")
    if row.values:
        parts.append(" | ".join(row.values))
    parts += [f"{value} → {to}" for value, to in row.replace.items()]
    if row.most is not None:
        parts.append(say("{count} at most", count=row.most))
    if row.default is not None:
        parts.append(f"= {row.default}")
    return "; ".join(parts)


def _said(*notes: Note | None) -> tuple[str, ...]:
    return tuple(say(note) for note in notes if note is not None)


def origin(row: Row) -> str:
    """Return where a row comes from: source, date, confidence."""
    return f"{row.source}, {row.checked}, {say(CONFIDENCES[row.confidence])}"


# --- several, side by side --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """One fact about every provider; ``None``: the profile does not say."""

    name: str
    statuses: tuple[Status | None, ...]
    lacking: tuple[bool, ...] = ()
    """Whether the status is that of the whole endpoint, which the provider does not have."""

    @property
    def differs(self) -> bool:
        """Whether they are not all alike."""
        return len(set(self.statuses)) > 1


def comparison(known: Sequence[Profile]) -> dict[str, list[Compared]]:
    """Return, by endpoint, the parameters of which any of the profiles speaks; then endpoints, features and roles."""
    found: dict[str, list[Compared]] = {}
    for endpoint in dict.fromkeys(name for profile in known for name in profile.parameters):
        names = dict.fromkeys(name for profile in known for name in profile.parameters.get(endpoint, ()))
        found[endpoint] = [_compared(known, endpoint, name) for name in names]
    endpoints = dict.fromkeys(name for profile in known for name in profile.endpoints)
    found["endpoints"] = [Compared(name, tuple(_known(p.endpoint(name)) for p in known)) for name in endpoints]
    features = dict.fromkeys(name for profile in known for name in profile.features)
    found["features"] = [Compared(name, tuple(_known(p.features.get(name)) for p in known)) for name in features]
    # A role without a row is taken as it is.
    roles = dict.fromkeys(name for profile in known for name in profile.roles)
    found["roles"] = [Compared(n, tuple(_known(p.roles.get(n)) or Status.SAME for p in known)) for n in roles]
    return found


def _compared(known: Sequence[Profile], endpoint: str, name: str) -> Compared:
    rows = [_speaks(profile, endpoint, name) for profile in known]
    return Compared(name, tuple(map(_known, rows)), tuple(isinstance(row, Endpoint) for row in rows))


def _speaks(profile: Profile, endpoint: str, name: str) -> Parameter | Endpoint | None:
    """Return the row that speaks for a parameter in any method of an endpoint that the provider has; that of the
    endpoint where it has none of those methods."""
    below = [api for api in _methods(name) if api.startswith(f"{endpoint}.")]
    rows = [profile.row_of(api, name) for api in below] or [profile.row_of(endpoint, name)]
    return next((row for row in rows if isinstance(row, Parameter)), rows[0])


@cache
def _methods(name: str) -> tuple[str, ...]:
    """Return today's paths of the SDK's methods that have a parameter of this name."""
    return tuple(sorted({openai_api.current(m) for m in openai_api.methods() if name in openai_api.parameters(m)}))


def _known(row: Parameter | Endpoint | Feature | Role | None) -> Status | None:
    return None if row is None else row.status


def compared_data(known: Sequence[Profile]) -> dict[str, object]:
    """Return the comparison as plain data."""
    ids = [profile.id for profile in known]
    return {
        title: {
            line.name: {
                "differs": line.differs,
                "status": {id: status and status.value for id, status in zip(ids, line.statuses, strict=True)},
            }
            for line in lines
        }
        for title, lines in comparison(known).items()
    }
