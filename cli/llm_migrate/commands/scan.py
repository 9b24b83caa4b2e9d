"""``llm-migrate scan``: what uses OpenAI here, and what of it can move."""

from __future__ import annotations

import shlex
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import ExitCode
from llm_migrate.language import say

HELP = text("Find every use of OpenAI; with --to, say what can move there.")


class Format(str, Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"


def command(
    paths: Annotated[list[Path] | None, typer.Argument(help=say("files or folders (default: this folder)"))] = None,
    *,
    to: Annotated[str | None, typer.Option(help=say("provider to move to: an id, an alias, or a profile file"))] = None,
    region: Annotated[str | None, typer.Option(help=say("the provider's region"))] = None,
    map: Annotated[list[str] | None, typer.Option(help=say("OLD=NEW: a model of your own choice"))] = None,
    format: Annotated[Format, typer.Option(help=say("how findings are written"))] = Format.TEXT,
    select: Annotated[list[str] | None, typer.Option(help=say("run only this rule (code or name)"))] = None,
    ignore: Annotated[list[str] | None, typer.Option(help=say("leave this rule out (code or name)"))] = None,
    include: Annotated[list[str] | None, typer.Option(help=say("read only files that match this pattern"))] = None,
    exclude: Annotated[list[str] | None, typer.Option(help=say("leave out what matches this pattern"))] = None,
    no_ignore: Annotated[bool, typer.Option("--no-ignore", help=say("read what .gitignore leaves out"))] = False,
    all: Annotated[bool, typer.Option("--all", help=say("list what is ready, too"))] = False,
    hook: Annotated[
        bool, typer.Option("--hook", help=say("the paths say what to report; the whole folder is analysed"))
    ] = False,
) -> int:
    """Scan, write the findings to standard output and a summary to standard error."""
    from llm_migrate.render import document, listing
    from llm_migrate.settings import settle

    settings = settle(
        paths or [],
        to=to,
        region=region,
        models=map or [],
        include=include or [],
        exclude=exclude or [],
        select=select or [],
        ignore=ignore or [],
        no_ignore=no_ignore,
        whole_folder=hook,
    )
    analysis = settings.analyse()
    if format is Format.JSON:
        console.out(document.dump(document.of_analysis(analysis)))
    else:
        shown = [f for f in analysis.findings if all or f.open]
        for line in listing.lines(analysis, shown):
            console.out(line)
    # a hook is handed files of all kinds
    for line in listing.skipped_lines(s for s in analysis.skipped if not (hook and s.by_choice)):
        console.warn(line)
    console.err(listing.counts(analysis.findings, len(analysis.unread)))
    if any(f.open for f in analysis.findings):
        if format is Format.TEXT and not hook:
            console.err(_next_step(settings.to))
        return ExitCode.FINDINGS
    return ExitCode.ERROR if analysis.unread else ExitCode.DONE


def _next_step(to: str | None) -> str:
    if to is None:
        return say("next: llm-migrate scan --to PROVIDER says what can move (llm-migrate providers lists them)")
    return say("next: llm-migrate rewrite --to {to} --diff shows the changes", to=shlex.quote(to))
