"""``llm-migrate check --run``: watch what a command really sends to the endpoint, and what comes of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.commands.asking import Format
from llm_migrate.commands.connecting import connect
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.observed import Caller
    from llm_migrate.live.watch import Watched
    from llm_migrate.live.wire import Connection
    from llm_migrate.settings import Settings


def observe(
    settings: Settings,
    command: str | None,
    connection: Connection,
    *,
    emulate: bool = False,
    record: Path | None = None,
    format: Format,
    html: Path | None = None,
) -> ExitCode:
    """Run a command, watch its requests, write the report, and return how it ended.

    ``emulate``: an emulator takes the place of the endpoint, and of that for embeddings, if the settings name one.
    Where the report is for another program than a terminal, the command's standard output goes to standard error.

    Raises:
        UserError: there is no command, it or the relay cannot be started, no report of this format is made, or the
            page or what was seen cannot be written.
    """
    from llm_migrate import workspace
    from llm_migrate.live.watch import watch
    from llm_migrate.render import observed as render
    from llm_migrate.render.html import observed_page

    if command is None:
        raise UserError(text("{name} goes with --run only", name="--record"), text('name a command: --run "pytest -q"'))
    if format not in (Format.TEXT, Format.JSON, Format.HTML):
        raise UserError(text("--run reports as text, json or html"), text("leave --format out, or write --format json"))
    if html is not None:
        workspace.must_be_writable(html)
    connections = [connection]
    if settings.embeddings is not None:
        environ = None if emulate else os.environ
        connections.append(connect(settings.embeddings, base_url=settings.embeddings_url, environ=environ))
    callers = callers_in(settings)
    aside = format is not Format.TEXT
    watched = watch(command, connections, callers, emulate=emulate, record=record, aside=aside)
    match format:
        case Format.TEXT:
            console.out(render.as_text(watched, connection.profile))
        case Format.JSON:
            console.out(render.as_json(watched, connection, emulated=emulate))
        case Format.HTML:
            console.out(observed_page.render(watched, connection, emulated=emulate).rstrip("\n"))
    if html is not None:
        workspace.save(html, observed_page.render(watched, connection, emulated=emulate).encode())
    console.err(render.summary(watched))
    if emulate:
        console.err(say("the emulator answered; that proves nothing about {id}", id=connection.profile.id))
    return ended(watched)


def ended(watched: Watched) -> ExitCode:
    """Return how a watched command counts: that nothing was sent proves nothing, so it is no success."""
    from llm_codemods.proof import Outcome

    if watched.code is None:
        return ExitCode.INTERRUPTED
    fine = all(one.outcome is Outcome.WORKS for one, _ in watched.requests)
    return ExitCode.DONE if fine and watched.requests and not watched.direct and not watched.code else ExitCode.FINDINGS


def callers_in(settings: Settings) -> tuple[Caller, ...]:
    """Return the places in the asked files, as they are, that send requests."""
    from llm_codemods.observed import caller
    from llm_codemods.requirements import Location
    from llm_codemods.source import position
    from llm_migrate.render.listing import skipped_lines

    analysis = settings.analyse()
    for line in skipped_lines(analysis.skipped):
        console.warn(line)
    found: list[Caller] = []
    for path in sorted(analysis.sites.keys() & analysis.asked):
        for site in analysis.sites[path]:
            place = position(analysis.sources[path], site.span.start)
            found += caller(site, Location(path, place.line, place.cell))
    return tuple(found)
