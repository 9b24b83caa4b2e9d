"""``llm-migrate scan``: what uses OpenAI here, and what of it can move."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llm_codemods.report import Finding, Verdict
from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.commands import compare, options
from llm_migrate.commands.options import (
    Embeddings,
    Exclude,
    From,
    Html,
    Ignore,
    Map,
    NoIgnore,
    Paths,
    Region,
    SdkChoice,
    Select,
    To,
    Way,
)
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.analysis import Analysis
    from llm_migrate.settings import Settings

HELP = text("Find every use of OpenAI; with --to, say what can move there.")

STDIN = Path("-")
UNNAMED = Path("stdin.py")
"""What standard input stands for when nobody says."""


class Format(str, Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    HTML = "html"


def command(
    paths: Paths = None,
    *,
    to: To = None,
    from_: From = None,
    region: Region = None,
    map: Map = None,
    style: Way = None,
    sdk: SdkChoice = None,
    embeddings: Embeddings = None,
    format: Annotated[
        Format,
        typer.Option(
            help=say("how findings are written; github: annotations, gitlab: code quality, sarif: code scanning")
        ),
    ] = Format.TEXT,
    write: Annotated[
        list[str] | None,
        typer.Option(metavar="FORMAT=FILE", help=say("write them to a file, too, in a format of its own")),
    ] = None,
    html: Html = None,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    no_ignore: NoIgnore = False,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help=say("leave out the findings that this file holds"))
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help=say("write all findings to this file, as known ones"))
    ] = None,
    stdin_filename: Annotated[
        Path | None, typer.Option(metavar="PATH", help=say("with - for PATHS: the file that standard input stands for"))
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help=say("how many processes to use (default: one for each core)"))
    ] = None,
    all: Annotated[bool, typer.Option("--all", help=say("list what is ready, too"))] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help=say("one line for each finding, and no summary"))
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help=say("say of each finding where to read on, and what was looked at"))
    ] = False,
    hook: Annotated[
        bool, typer.Option("--hook", help=say("the paths say what to report; the whole folder is analysed"))
    ] = False,
) -> int:
    """Scan, write the findings to standard output and a summary to standard error."""
    from llm_migrate import workspace
    from llm_migrate.jobs import cores
    from llm_migrate.render import listing
    from llm_migrate.settings import settle

    files = [_file(word) for word in write or []]
    files += [] if html is None else [(Format.HTML, html)]
    for _, file in files:
        workspace.must_be_writable(file)
    stdin = _standard_input(paths or [], stdin_filename)
    settings = settle(
        [] if stdin else paths or [],
        to=to,
        origin=from_,
        region=region,
        models=map or [],
        style=style,
        sdk=sdk,
        embeddings=embeddings,
        exclude=exclude or [],
        select=select or [],
        ignore=ignore or [],
        no_ignore=no_ignore,
        whole_folder=hook,
        baseline=baseline,
        stdin=stdin,
    )
    began = time.monotonic()
    formats = {format, *(f for f, _ in files)}
    rivals = compare.rivals(settings) if Format.HTML in formats else []
    run = partial(settings.analyse_each, jobs=jobs or cores(), progress=console.progress)
    together = rivals if settings.profile is not None else []  # an inventory stands alone
    analysis, *others = run([settings.target(), *together], requests=Format.JSON in formats)
    others += run(rivals) if rivals and not together else []
    analysis, notes = _known(analysis, settings, write_baseline)
    for other, file in files:
        workspace.save(
            file, "".join(f"{line}\n" for line in _report(analysis, others, settings, other, all=all)).encode()
        )
    for line in _report(analysis, others, settings, format, all=all, quiet=quiet, verbose=verbose):
        console.out(line)
    # a hook is handed files of all kinds
    for line in listing.skipped_lines(s for s in analysis.skipped if not (hook and s.by_choice)):
        console.warn(line)
    for line in options.doubts(settings, map or [], analysis):
        console.warn(line)
    found = any(f.open for f in analysis.findings)
    if not quiet:
        for note in notes:
            console.err(note)
        hidden = len(analysis.suppressed) + len(analysis.known)
        console.err(listing.counts(analysis.findings, len(analysis.unread), hidden))
        if hidden:
            console.err(listing.hidden(analysis))
        if verbose:
            seconds = f"{time.monotonic() - began:.1f}"
            console.err(say("looked at {count:file|files} in {seconds} s", count=analysis.files, seconds=seconds))
        if analysis.unread and not found and not hook:
            console.err(say("next: --exclude PATTERN leaves out what is not to be read"))
        if found and format is Format.TEXT and not hook:
            console.err(_next_step(settings, analysis.findings, [] if stdin else paths or [], map or []))
    if found:
        return ExitCode.FINDINGS
    return ExitCode.ERROR if analysis.unread else ExitCode.DONE


def _standard_input(paths: list[Path], name: Path | None) -> tuple[Path, bytes] | None:
    """Return what ``-`` stands for and its bytes; None where files are asked for.

    Raises:
        UserError: ``-`` beside other paths, a name without it, or one of a file that is not read.
    """
    if STDIN not in paths:
        if name is not None:
            raise UserError(
                text("--stdin-filename names what standard input stands for, which is not read"),
                text("give - as the only path"),
            )
        return None
    if len(paths) > 1:
        raise UserError(
            text("standard input (-) is one file; it cannot be given beside other paths"),
            text("give - as the only path"),
        )
    from llm_migrate.kinds import kind_of

    name = name or UNNAMED
    if name.suffix and kind_of(name) is None:
        raise UserError(
            text("{path}: not a kind of file that is migrated", path=str(name)),
            text("name the file that the input stands for"),
        )
    return name, console.read()


def _known(analysis: Analysis, settings: Settings, write_to: Path | None) -> tuple[Analysis, list[str]]:
    """Take out what a baseline holds, or write one; return also what is to be said of it."""
    if write_to is None and settings.baseline is None:
        return analysis, []
    from llm_migrate import baseline

    if write_to is not None:
        count = baseline.save(write_to, analysis)
        return baseline.hide(analysis, write_to, settings)[0], [
            say("{count:finding|findings} written to {path}", count=count, path=str(write_to))
        ]
    assert settings.baseline is not None
    analysis, gone = baseline.hide(analysis, settings.baseline, settings)
    return analysis, [
        say(
            "{count:entry of the baseline is|entries of the baseline are} gone; "
            "write it again: --write-baseline {path}",
            count=gone,
            path=path,
        )
        for path in [shlex.quote(str(settings.baseline))]
        if gone
    ]


def _report(
    analysis: Analysis,
    others: Sequence[Analysis],
    settings: Settings,
    format: Format,
    *,
    all: bool,
    quiet: bool = False,
    verbose: bool = False,
) -> Iterator[str]:
    """Yield the lines of standard output. What is ready is listed on demand; JSON always has it.

    ``others``: of the same code for other targets, for the page.
    """
    from llm_migrate.render import document, listing
    from llm_migrate.render.data import dump

    shown = [f for f in analysis.findings if all or f.open]
    if format is Format.JSON:
        yield dump(document.of_analysis(analysis))
    elif format is Format.GITHUB:
        from llm_migrate.render import github

        yield from github.lines(analysis, shown)
    elif format is Format.SARIF:
        from llm_migrate.render import sarif

        yield dump(sarif.log(analysis, shown, settings.rules))
    elif format is Format.GITLAB:
        from llm_migrate.render import gitlab

        yield dump(gitlab.report(analysis, shown))
    elif format is Format.MARKDOWN:
        from llm_migrate.render import markdown

        yield from markdown.lines(analysis, shown)
    elif format is Format.HTML:
        from llm_migrate.render.html import code_page

        yield code_page.render(code_page.CodePage(analysis, compare.beside(analysis, others))).rstrip("\n")
    else:
        columns = console.width() if console.is_terminal() else None
        if quiet:
            yield from listing.lines(analysis, shown, fixes=False, columns=columns)
        else:
            yield from listing.with_source(analysis, shown, more=verbose, columns=columns)


def _file(word: str) -> tuple[Format, Path]:
    """Return format and file of ``--write``.

    Raises:
        UserError: it is written in another way, or there is no such format.
    """
    format, equals, file = word.partition("=")
    if not equals or not file or format not in list(Format):
        raise UserError(
            text("--write {word}: no format and file", word=word),
            text("write it as FORMAT=FILE; formats: {names}", names=", ".join(f.value for f in Format)),
        )
    return Format(format), Path(file)


def _next_step(settings: Settings, findings: Sequence[Finding], paths: Sequence[Path], models: Sequence[str]) -> str:
    if settings.to is None:
        return say("next: llm-migrate scan --to PROVIDER says what can move (llm-migrate providers lists them)")
    fixable = [f for f in findings if f.fix is not None]
    if not fixable:
        return say("next: what is left is for a person; llm-migrate explain CODE says of each why, and what to do")
    _, *words = options.words(settings, models)
    words += [] if any(f.verdict is Verdict.FIX for f in fixable) else ["--include", "review"]
    to = shlex.join([*words, *map(str, paths)])
    return say("next: llm-migrate rewrite --to {to} --diff shows the changes", to=to)
