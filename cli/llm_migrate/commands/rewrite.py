"""``llm-migrate rewrite``: move the code to a provider."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.commands.options import Exclude, Ignore, Include, Map, NoIgnore, Paths, Region, SdkChoice, Select, To
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.report import Finding
    from llm_migrate.analysis import Analysis
    from llm_migrate.migration import Plan
    from llm_migrate.settings import Settings

HELP = text("Move the code to a provider; undo takes it back.")


class Format(str, Enum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"


def command(
    paths: Paths = None,
    *,
    to: To = None,
    region: Region = None,
    base_url: Annotated[str | None, typer.Option(help=say("endpoint to write instead of the region's"))] = None,
    map: Map = None,
    sdk: SdkChoice = None,
    diff: Annotated[bool, typer.Option("--diff", help=say("show the changes, write nothing"))] = False,
    check: Annotated[bool, typer.Option("--check", help=say("write nothing; exit 1 if files would change"))] = False,
    format: Annotated[Format, typer.Option(help=say("how the report is written"))] = Format.TEXT,
    select: Select = None,
    ignore: Ignore = None,
    include: Include = None,
    exclude: Exclude = None,
    no_ignore: NoIgnore = False,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help=say("also files with uncommitted changes"))
    ] = False,
    no_check: Annotated[bool, typer.Option("--no-check", help=say("do not ask the endpoint afterwards"))] = False,
    hook: Annotated[
        bool, typer.Option("--hook", help=say("the paths say what to change; the whole folder is analysed"))
    ] = False,
) -> int:
    """Rewrite; report to standard output what was changed and what is left."""
    from llm_migrate import workspace
    from llm_migrate.migration import plan, prove
    from llm_migrate.render import listing
    from llm_migrate.settings import settle

    settings = settle(
        paths or [],
        to=to,
        region=region,
        models=map or [],
        sdk=sdk,
        include=include or [],
        exclude=exclude or [],
        select=select or [],
        ignore=ignore or [],
        no_ignore=no_ignore,
        whole_folder=hook,
        base_url=base_url,
    )
    if settings.profile is None:
        raise UserError(text("no provider to move to"), text("name one: --to qwen (llm-migrate providers lists them)"))
    if diff and format is Format.JSON:
        raise UserError(
            text("--diff is a form of its own, beside --format json"),
            text("--check --format json lists what would change"),
        )
    analysis = settings.analyse()
    planned = prove(plan(analysis), settings.analyse)
    # a hook is handed files of all kinds
    skipped = [s for s in (*analysis.skipped, *planned.dropped) if not (hook and s.by_choice)]
    for line in listing.skipped_lines(skipped):
        console.warn(line)
    unknown = ExitCode.ERROR if analysis.unread else ExitCode.DONE
    if diff or check:
        if diff:
            show_diff(analysis, planned)
        elif format is Format.JSON:
            _report_as_json(analysis, planned)
        console.err(say("{count} files would change", count=len(planned.changes)))
        return ExitCode.FINDINGS if planned.changes else unknown
    if not (allow_dirty or hook) and (unsaved := workspace.dirty(settings.root, planned.changes)):
        raise UserError(
            text("uncommitted changes in files to be rewritten: {files}", files=", ".join(unsaved)),
            text("commit or stash them first; --allow-dirty rewrites them all the same"),
        )
    written = workspace.write(settings.root, planned.changes)
    if format is Format.TEXT:
        _report(analysis, planned)
    if written is not None and not hook:
        where = "" if settings.root == Path.cwd() else f" {shlex.quote(str(settings.root))}"
        console.err(
            say(
                "{count} files changed; take it back with: llm-migrate undo{where}",
                count=len(planned.changes),
                where=where,
            )
        )
    proved: tuple[ExitCode, dict[str, Any] | None] = (ExitCode.DONE, None)
    try:
        if not (no_check or hook):
            proved = _prove_live(settings, paths or [], map or [], as_json=format is Format.JSON)
    finally:
        if format is Format.JSON:
            _report_as_json(analysis, planned, proved[1])
    if hook:
        return ExitCode.FINDINGS if planned.changes else unknown
    if remaining(analysis, planned) or planned.dropped or proved[0] is ExitCode.FINDINGS:
        return ExitCode.FINDINGS
    return unknown


def remaining(analysis: Analysis, planned: Plan) -> tuple[Finding, ...]:
    """Return the open findings that no fix has settled."""
    settled = {id(f) for f in planned.applied}
    return tuple(f for f in analysis.findings if f.open and id(f) not in settled)


def show_diff(analysis: Analysis, planned: Plan) -> None:
    """Write the planned changes to standard output as a diff that ``git apply`` takes, keys masked."""
    from llm_codemods.source import encode
    from llm_migrate.render import diff

    before = {path: encode(analysis.sources[path], analysis.sources[path].text) for path in planned.changes}
    full = diff.of_changes(before, planned.changes)
    shown = diff.masked(full)
    console.raw(shown)
    if shown != full:
        console.warn(say("keys are masked in this diff, so git cannot apply it; rewrite without --diff works"))


def _report(analysis: Analysis, planned: Plan) -> None:
    from llm_migrate.render import listing

    left = remaining(analysis, planned)
    for line in listing.lines(analysis, planned.applied):
        console.out(line)
    if left:
        console.out(console.style(say("left for you:"), "bold"))
        for line in listing.lines(analysis, left):
            console.out(line)
    for finding, reason in planned.refused:
        console.warn(say("{place}: not changed: {reason}", place=listing.place(analysis, finding), reason=reason))
    console.err(say("{done} findings settled, {left} left", done=len(planned.applied), left=len(left)))


def _report_as_json(analysis: Analysis, planned: Plan, check: dict[str, Any] | None = None) -> None:
    from llm_migrate.render import document

    done = document.of_rewrite(analysis, planned, remaining(analysis, planned))
    console.out(document.dump(done | {"check": check}))


def _prove_live(
    settings: Settings, paths: Sequence[Path], models: Sequence[str], *, as_json: bool
) -> tuple[ExitCode, dict[str, Any] | None]:
    """Ask the endpoint at once if its key is there, else say how to ask it; return how it ended and the proofs.

    The provider's key goes to the provider only: for any other host the user must name it, as the command does.
    """
    from llm_migrate.analysis import requirements_in
    from llm_migrate.live.wire import is_loopback

    analysis = settings.analyse()
    target = analysis.target
    assert target is not None
    requirements = requirements_in(analysis)
    if not requirements:
        return ExitCode.DONE, None
    host = urlsplit(target.base_url).hostname or ""
    own = {urlsplit(region.base_url).hostname for region in target.profile.regions.values()}
    foreign = host not in own and not is_loopback(host)
    if foreign or not os.environ.get(target.key_env):
        words = ["llm-migrate", "check", *(map(str, paths) if paths else "."), "--to", str(settings.to)]
        words += ["--region", target.region_name]
        words += [] if settings.base_url is None else ["--base-url", settings.base_url]
        words += ["--api-key-env", target.key_env] if foreign else []
        words += [word for model in models for word in ("--map", model)]
        console.err(
            say(
                "now prove it on the endpoint, with its key in {variable}: {command}",
                variable=target.key_env,
                command=shlex.join(words),
            )
        )
        return ExitCode.DONE, None
    from llm_migrate.commands.check import connect, failing, prove, report_on
    from llm_migrate.render import proofs as render

    connection = connect(target.profile, region=target.region_name, base_url=target.base_url, environ=os.environ)
    if not as_json:
        return report_on(connection, requirements), None
    proofs = prove(connection, requirements)
    return failing(proofs), render.as_data(proofs, connection)
