"""A provider's page, and several providers side by side, laid out for a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Cell

from llm_codemods.profile import Profile, Status
from llm_migrate import console
from llm_migrate.language import say
from llm_migrate.render.contract import STATUSES, Compared, Line, Section, comparison, origin, sections, switches

WIDE = 120
"""From so many columns on a row is one line; below, notes and sources stand beneath it."""
NARROWEST = 40

STYLES: Mapping[Status, str] = {
    Status.SAME: "green",
    Status.LIMITED: "yellow",
    Status.RENAMED: "yellow",
    Status.IGNORED: "yellow",
    Status.REJECTED: "red",
    Status.UNKNOWN: "dim",
}


def page(profile: Profile, width: int) -> str:
    """Return everything that a profile says, for a terminal of so many columns."""
    return _rendered(_page(profile, max(width, NARROWEST)), width)


def _page(profile: Profile, width: int) -> Iterator[RenderableType]:
    head = say(profile.name)
    if profile.aliases:
        head = say("{name}; also: {names}", name=head, names=say(", ").join(profile.aliases))
    yield Cell.assemble((profile.id, "bold"), "  ", head)
    if profile.partial:
        yield Cell(say("This profile is partial: it says what is known."))
    for switch in switches(profile):
        yield Cell(switch, overflow="fold")
    for section in sections(profile):
        yield Cell("")
        yield Cell(section.title, "bold")
        yield from _wide(section) if width >= WIDE else _narrow(section)
    yield Cell("")
    yield Cell(say("Sources"), "bold")
    for key, source in profile.sources.items():
        where = ", ".join(filter(None, (source.title, source.url, source.date)))
        yield Padding(Cell(f"{key}: {where}", overflow="fold"), (0, 0, 0, 2))


def _wide(section: Section) -> Iterator[RenderableType]:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(width=1)
    for index, name in enumerate(section.columns):
        # Names of a mapping's models, and lists of values, may be long, an address must stay whole.
        table.add_column(Cell(name), overflow="fold", max_width=36 if index in (0, 3) else 64)
    table.add_column(Cell(say("notes")), overflow="fold", ratio=1)
    table.add_column(Cell(say("source")), overflow="fold", max_width=42, style="dim")
    for line in section.lines:
        table.add_row("", *_cells(line), Cell(line.note, overflow="fold"), origin(line.row))
    yield table


def _narrow(section: Section) -> Iterator[RenderableType]:
    yield Padding(Cell(" · ".join(section.columns), "dim", overflow="fold"), (0, 0, 0, 2))
    for line in section.lines:
        first = Cell(" · ").join(cell for cell in _cells(line) if cell)
        first.overflow = "fold"
        yield Padding(first, (0, 0, 0, 2))
        if line.note:
            yield Padding(Cell(line.note, overflow="fold"), (0, 0, 0, 4))
        yield Padding(Cell(origin(line.row), "dim", overflow="fold"), (0, 0, 0, 4))


def _cells(line: Line) -> list[Cell]:
    styles = ["bold", "" if line.status is None else STYLES[line.status]]
    styles += [""] * (len(line.cells) - len(styles))
    return [Cell(cell, style, overflow="fold") for cell, style in zip(line.cells, styles, strict=False)]


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
