"""What a profile says, for people: one provider's page, and several side by side."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Cell

from llm_codemods import openai_api
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
from llm_codemods.rules.error_handler import class_of
from llm_codemods.text import Note, Text, text
from llm_migrate import console
from llm_migrate.language import say

WIDE = 120
"""From so many columns on a row is one line; below, notes and sources stand beneath it."""
NARROWEST = 40

STATUSES: Mapping[Status, Text] = {
    Status.SAME: text("same"),
    Status.IGNORED: text("ignored"),
    Status.REJECTED: text("refused"),
    Status.RENAMED: text("renamed"),
    Status.LIMITED: text("limited"),
    Status.UNKNOWN: text("unknown"),
}
STYLES: Mapping[Status, str] = {
    Status.SAME: "green",
    Status.LIMITED: "yellow",
    Status.RENAMED: "yellow",
    Status.IGNORED: "yellow",
    Status.REJECTED: "red",
    Status.UNKNOWN: "dim",
}
ACTIONS: Mapping[Action, Text] = {
    Action.KEEP: text("keep"),
    Action.REMOVE: text("remove"),
    Action.RENAME: text("rename"),
    Action.CLAMP: text("bring into range"),
    Action.REPLACE: text("replace value"),
    Action.BODY: text("send in extra_body"),
    Action.ADD: text("add"),
    Action.REVIEW: text("review"),
    Action.MANUAL: text("manual"),
}
CONFIDENCES: Mapping[Confidence, Text] = {
    Confidence.DOCUMENTED: text("documented"),
    Confidence.SOURCE: text("source code"),
    Confidence.REPORTED: text("reported"),
    Confidence.INFERRED: text("inferred"),
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


# --- one provider -----------------------------------------------------------------------------------------------------


def page(profile: Profile, width: int) -> str:
    """Return everything that a profile says, for a terminal of so many columns."""
    return _rendered(_page(profile, max(width, NARROWEST)), width)


def _page(profile: Profile, width: int) -> Iterator[RenderableType]:
    head = say(profile.name)
    if profile.aliases:
        head = say("{name}; also: {names}", name=head, names=", ".join(profile.aliases))
    yield Cell.assemble((profile.id, "bold"), "  ", head)
    if profile.partial:
        yield Cell(say("This profile is partial: it says what is known."))
    for title, lines in _sections(profile):
        if lines:
            yield Cell("")
            yield Cell(title, "bold")
            yield from _wide(lines) if width >= WIDE else _narrow(lines)
    yield Cell("")
    yield Cell(say("Sources"), "bold")
    for key, source in profile.sources.items():
        where = ", ".join(filter(None, (source.title, source.url, source.date)))
        yield Padding(Cell(f"{key}: {where}", overflow="fold"), (0, 0, 0, 2))


def _sections(profile: Profile) -> Iterator[tuple[str, list[Line]]]:
    regions = profile.regions.items()
    yield (
        say("Regions"),
        [Line((id, r.base_url, r.key_env), _said(r.name, r.note), r) for id, r in regions],
    )
    living = {name: model for name, model in profile.models.items() if model.retired is None}
    yield say("Models"), [_model(name, model) for name, model in living.items()]
    gone = {name: model for name, model in profile.models.items() if model.retired is not None}
    yield say("Retired models, and those with a day"), [_retired(name, model) for name, model in gone.items()]
    yield say("What stands in for OpenAI's models"), [_mapping(row) for row in profile.mapping]
    for endpoint, rows in profile.parameters.items():
        yield say("Parameters of {endpoint}", endpoint=endpoint), [_parameter(n, row) for n, row in rows.items()]
    roles = profile.roles.items()
    yield (
        say("Message roles"),
        [Line((n, say(STATUSES[r.status]), _action(r.action, r.to)), _said(r.note), r, r.status) for n, r in roles],
    )
    yield (
        say("Endpoints"),
        [
            Line((n, say(STATUSES[r.status]), r.path or ""), _said(r.note), r, r.status)
            for n, r in profile.endpoints.items()
        ],
    )
    yield (
        say("Features"),
        [Line((n, say(STATUSES[r.status])), _said(r.note), r, r.status) for n, r in profile.features.items()],
    )
    yield (
        say("Fields of answers"),
        [
            Line((n, say(STATUSES[f.status]), " | ".join(f.values)), _said(f.note), f, f.status)
            for n, f in profile.response.items()
        ],
    )
    errors = profile.errors.items()
    yield say("Errors"), [Line((n, str(e.status), class_of(e.status)), _said(e.note), e) for n, e in errors]


def _model(name: str, model: Model) -> Line:
    sizes = ", ".join(map(str, model.dimensions))
    context = say("{input} in", input=f"{model.context:,}") if model.context else ""
    output = say("{output} out", output=f"{model.output:,}") if model.output else ""
    can = {"vision": model.vision, "tools": model.tools, "json_schema": model.json_schema}
    said = (
        say(THINKING[model.thinking]) if model.thinking else "",
        say("can: {names}", names=", ".join(n for n, it in can.items() if it)) if any(can.values()) else "",
        say("cannot: {names}", names=", ".join(n for n, it in can.items() if it is False))
        if False in can.values()
        else "",
        say("dimensions: {sizes}", sizes=sizes) if sizes else "",
        say("{count} texts a call", count=model.batch) if model.batch else "",
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
    cells = (name, say(STATUSES[row.status]), _action(row.action, row.to), limits(row))
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


def _wide(lines: Sequence[Line]) -> Iterator[RenderableType]:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(width=1)
    for index in range(len(lines[0].cells)):
        # Names of a mapping's models, and lists of values, may be long; a price or a status never is.
        table.add_column(overflow="fold", max_width=36 if index in (0, 3) else 44)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(overflow="fold", max_width=42, style="dim")
    for line in lines:
        table.add_row("", *_cells(line), Cell("; ".join(line.notes), overflow="fold"), origin(line.row))
    yield table


def _narrow(lines: Sequence[Line]) -> Iterator[RenderableType]:
    for line in lines:
        first = Cell("  ").join(cell for cell in _cells(line) if cell)
        first.overflow = "fold"
        yield Padding(first, (0, 0, 0, 2))
        if line.notes:
            yield Padding(Cell("; ".join(line.notes), overflow="fold"), (0, 0, 0, 4))
        yield Padding(Cell(origin(line.row), "dim", overflow="fold"), (0, 0, 0, 4))


def _cells(line: Line) -> list[Cell]:
    styles = ["bold", "" if line.status is None else STYLES[line.status]]
    styles += [""] * (len(line.cells) - len(styles))
    return [Cell(cell, style, overflow="fold") for cell, style in zip(line.cells, styles, strict=False)]


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


def side_by_side(known: Sequence[Profile], width: int) -> str:
    """Return the comparison as tables of at most so many columns; ``≠`` marks where the providers differ."""
    return _rendered(_side_by_side(known, max(width, NARROWEST)), width)


def _side_by_side(known: Sequence[Profile], width: int) -> Iterator[RenderableType]:
    found = comparison(known)
    titles = {
        "endpoints": say("Endpoints"),
        "features": say("Features"),
        "roles": say("Message roles"),
    }
    longest = max(len(line.name) for lines in found.values() for line in lines)
    column = max(Cell(word).cell_len for word in (*map(say, STATUSES.values()), *(p.id for p in known))) + 2
    together = max(1, (width - min(longest, width // 2) - 4) // column)
    for title, lines in found.items():
        for first in range(0, len(known), together):
            shown = range(first, min(first + together, len(known)))
            table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
            table.add_column("", width=1)
            table.add_column(titles.get(title, title), min_width=min(longest, width // 2), overflow="fold")
            for index in shown:
                table.add_column(known[index].id, min_width=column - 2)
            for line in lines:
                cells = [_status(line, index) for index in shown]
                table.add_row(Cell("≠", "yellow") if line.differs else "", Cell(line.name), *cells)
            yield table
            yield Cell("")
    differing = sum(line.differs for lines in found.values() for line in lines)
    total = sum(map(len, found.values()))
    yield Cell(
        say("≠ {count} of {total} rows differ; – the provider has no such endpoint", count=differing, total=total)
    )


def _status(line: Compared, index: int) -> Cell:
    status = line.statuses[index]
    if status is None:
        return Cell("?", "dim")
    if line.lacking and line.lacking[index]:
        return Cell("–", "dim")
    return Cell(say(STATUSES[status]), STYLES[status])


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


def _rendered(parts: Iterable[RenderableType], width: int) -> str:
    """Return the parts as text: no markup is read, lines end where their text ends."""
    written = io.StringIO()
    colored = console.colored()
    terminal = Console(
        file=written,
        width=max(width, NARROWEST),
        markup=False,
        highlight=False,
        emoji=False,
        force_terminal=colored,
        color_system="standard" if colored else None,
        no_color=not colored,
    )
    for part in parts:
        terminal.print(part)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())
