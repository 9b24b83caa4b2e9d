"""``llm-migrate rewrite``: move the code to a provider."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from llm_codemods.style import Style
from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.commands import options
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
    from llm_codemods.edits import Place
    from llm_codemods.migration import Analyse, Migration
    from llm_migrate.settings import Settings

HELP = text("Move the code to a provider; undo takes it back.")


class Format(str, Enum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"


class More(str, Enum):
    """What is rewritten beside what is safe."""

    REVIEW = "review"


def command(
    paths: Paths = None,
    *,
    to: To = None,
    from_: From = None,
    region: Region = None,
    base_url: Annotated[str | None, typer.Option(help=say("endpoint to write instead of the region's"))] = None,
    map: Map = None,
    style: Way = None,
    sdk: SdkChoice = None,
    embeddings: Embeddings = None,
    diff: Annotated[bool, typer.Option("--diff", help=say("show the changes, write nothing"))] = False,
    check: Annotated[bool, typer.Option("--check", help=say("write nothing; exit 1 if files would change"))] = False,
    format: Annotated[Format, typer.Option(help=say("how the report is written"))] = Format.TEXT,
    select: Select = None,
    ignore: Ignore = None,
    include: Annotated[
        list[More] | None, typer.Option(help=say("also make the changes that need a person's look"))
    ] = None,
    exclude: Exclude = None,
    no_ignore: NoIgnore = False,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help=say("also files with uncommitted changes"))
    ] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", "-i", help=say("ask about every change, those that need a look, too"))
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help=say("write what was done and what is left as Markdown into this file"))
    ] = None,
    html: Html = None,
    no_check: Annotated[bool, typer.Option("--no-check", help=say("do not ask the endpoint afterwards"))] = False,
    hook: Annotated[
        bool, typer.Option("--hook", help=say("the paths say what to change; the whole folder is analysed"))
    ] = False,
) -> int:
    """Rewrite; report to standard output what was changed and what is left."""
    from llm_codemods.fit import USES
    from llm_codemods.migration import is_offered, is_safe, migrate
    from llm_migrate import workspace
    from llm_migrate.interview import interview
    from llm_migrate.render import listing
    from llm_migrate.settings import settle, with_module

    settings = settle(
        paths or [],
        to=to,
        origin=from_,
        region=region,
        models=map or [],
        sdk=sdk,
        embeddings=embeddings,
        exclude=exclude or [],
        select=select or [],
        ignore=ignore or [],
        no_ignore=no_ignore,
        whole_folder=hook,
        base_url=base_url,
        style=style,
    )
    if diff and format is Format.JSON:
        raise UserError(
            text("--diff is a form of its own, beside --format json"),
            text("--check --format json lists what would change"),
        )
    if interactive and not console.can_ask():
        raise UserError(
            text("--interactive needs a terminal to ask on"),
            text("without one, --select and --ignore choose by rule, --include review takes all"),
        )
    if report is not None:
        _may_be_written(report, dry=diff or check)
    if html is not None:
        workspace.must_be_writable(html)
    if settings.profile is None and not any(f.fix is not None for f in settings.analyse().findings):
        raise UserError(
            text("no provider to move to, and no model to replace that has ended"),
            text("name one: --to qwen (llm-migrate providers lists them)"),
        )
    if settings.profile is None and any(f.verdict is None and f.kind in USES for f in settings.analyse().findings):
        console.warn(say("no provider is named: only models that end are replaced; --to ID moves the code"))
    aim = aimed(settings)
    earlier = workspace.last(settings.root, aim) if include and not interactive else {}
    if earlier:
        console.err(
            say("goes on from the last rewrite: its {count:file is|files are} unchanged since", count=len(earlier))
        )
    now = {path: (settings.root / path).read_bytes() for path in earlier}
    settings = with_module(settings, settings.analyse()) if settings.style is Style.SWITCH else settings
    analyse = going_on(settings, earlier)
    choose = is_offered if include else is_safe
    migration = interview(analyse(), analyse) if interactive else migrate(analyse, choose)
    migration = migration.from_here(now)
    page = b"" if html is None else _page(settings, migration, now, earlier)
    analysis, planned = migration.before, migration.plan
    # a hook is handed files of all kinds
    skipped = [s for s in (*analysis.skipped, *planned.dropped) if not (hook and s.by_choice)]
    for line in listing.skipped_lines(skipped):
        console.warn(line)
    for line in options.doubts(settings, map or [], analysis):
        console.warn(line)
    unknown = ExitCode.ERROR if analysis.unread else ExitCode.DONE
    again = [] if interactive else _words("rewrite", settings, paths or [], map or [])
    if again:
        chosen = {"--select": select, "--ignore": ignore, "--exclude": exclude}
        again += [word for option, values in chosen.items() for value in values or () for word in (option, value)]
        again += ["--no-ignore"] if no_ignore else []
    if diff or check:
        if diff:
            show_diff(migration, now)
        elif format is Format.JSON:
            _report_as_json(migration)
        if html is not None:
            workspace.save(html, page)
        console.err(say("{count:file|files} would change", count=len(planned.changes)))
        _tell_of_held(migration, again)
        return ExitCode.FINDINGS if planned.changes else unknown
    if not (allow_dirty or hook) and (unsaved := workspace.dirty(settings.root, planned.changes.keys() - earlier)):
        raise UserError(
            text("uncommitted changes in files to be rewritten: {files}", files=", ".join(unsaved)),
            text("commit or stash them first; --allow-dirty rewrites them all the same"),
        )
    written = workspace.write(settings.root, planned.changes, aim)
    if html is not None:
        workspace.save(html, page)
    if report is not None:
        _write_report(report, migration, again)
    if format is Format.TEXT:
        _report(migration)
        _tell_of_held(migration, again)
    if planned.changes and settings.style is Style.ENV:
        _tell_of_environment(migration)
    if written is not None and not hook:
        where = "" if settings.root == Path.cwd() else f" {shlex.quote(str(settings.root))}"
        console.err(
            say(
                "{count:file|files} changed; take it back with: llm-migrate undo{where}",
                count=len(planned.changes),
                where=where,
            )
        )
    proved: tuple[ExitCode, dict[str, Any] | None] = (ExitCode.DONE, None)
    try:
        if not (no_check or hook) and (planned.changes or earlier or not migration.remaining):
            proved = _prove_live(settings, paths or [], map or [], as_json=format is Format.JSON)
    finally:
        if format is Format.JSON:
            _report_as_json(migration, proved[1])
    if hook and planned.changes:
        console.err(say("{count:file|files} changed: add them and commit again", count=len(planned.changes)))
    if hook:
        return ExitCode.FINDINGS if planned.changes else unknown
    if migration.remaining or planned.dropped or proved[0] is ExitCode.FINDINGS:
        return ExitCode.FINDINGS
    return unknown


def aimed(settings: Settings) -> str:
    """Return what a run of these settings aims at, so that a later one can go on from it."""
    from llm_codemods.target import aim

    if settings.profile is None:
        return "models"
    place = aim(settings.profile, settings.region, base_url=settings.base_url).base_url
    return f"{settings.style.value} {place}"


def going_on(settings: Settings, earlier: Mapping[str, bytes]) -> Analyse:
    """Return how to analyse the project as it was before an earlier run, when files had these bytes."""

    def analyse(overlay: Mapping[str, bytes] | None = None, /, *, left: frozenset[Place] = frozenset()) -> Analysis:
        return settings.analyse({**earlier, **(overlay or {})}, left=left)

    return analyse


def show_diff(migration: Migration, now: Mapping[str, bytes] | None = None) -> None:
    """Write the planned changes to standard output as a diff that ``git apply`` takes, keys masked.

    ``now``: the bytes of files that are not as they were analysed.
    """
    from llm_codemods.source import encode
    from llm_migrate.render import diff

    sources, changes = migration.before.sources, migration.plan.changes
    old = {path: encode(sources[path]) for path in changes if path in sources} | {**(now or {})}
    shown = diff.of_changes(old, changes)
    console.raw(diff.colored(shown))
    if shown != diff.of_changes(old, changes, secrets=True):
        console.warn(say("keys are masked in this diff, so git cannot apply it; rewrite without --diff works"))


def _report(migration: Migration) -> None:
    from llm_migrate.render import listing, moves

    analysis, planned = migration.before, migration.plan
    there, left = migration.left()
    columns = console.width() if console.is_terminal() else None
    for line in listing.lines(analysis, planned.applied, columns=columns):
        console.out(line)
    clients = moves.of_migration(migration) if planned.changes else ()
    if clients:
        console.out("\n" + console.style(say("clients, before and after:"), "bold"))
        for line in moves.as_lines(clients, columns):
            console.out(line)
    if named := moves.outside(migration, clients):
        console.warn(
            say(
                "clients that move ask for models which other files name: {places}; rewrite these, too",
                places=", ".join(f"{path} ({model})" for path, model in named),
            )
        )
    if left:
        console.out("\n" + console.style(say("left for you:"), "bold"))
        for line in listing.left(there, left, columns):
            console.out(line)
    _tell_of_vectors(migration)
    _tell_of_packages(migration)
    refused: dict[str, list[str]] = {}
    for finding, reason in planned.refused:
        refused.setdefault(say(reason), []).append(listing.place(analysis, finding))
    for why, places in refused.items():
        console.warn(say("{place}: not changed: {reason}", place=listing.few(places), reason=why))
    if not (analysis.findings or analysis.skipped):
        console.err(say("no use of OpenAI found"))
        return
    console.err(say("{done:finding|findings} settled, {left} left", done=len(planned.applied), left=len(left)))


def _page(settings: Settings, migration: Migration, now: Mapping[str, bytes], earlier: Mapping[str, bytes]) -> bytes:
    """Return the page of what is planned; the providers are compared by the files as they were before."""
    from llm_migrate.commands.compare import beside, rivals
    from llm_migrate.jobs import cores
    from llm_migrate.render.html.code_page import CodePage, render

    others = settings.analyse_each(rivals(settings), earlier, cores(), progress=console.progress)
    return render(CodePage(migration.before, beside(migration.before, others), migration, now)).encode()


def _may_be_written(file: Path, *, dry: bool) -> None:
    """Raise UserError if the report must not be written: nothing is, or another file stands there."""
    from llm_codemods.configuration.prefilter import REPORT

    if dry:
        raise UserError(text("--report tells of a rewrite that was made"), text("leave out --diff and --check"))
    if not file.absolute().parent.is_dir():
        raise UserError(text("no such folder: {path}", path=str(file.parent)), text("check the spelling"))
    try:
        ours = not file.exists() or file.read_text("utf-8").startswith(REPORT)
    except (OSError, UnicodeDecodeError):
        ours = False
    if not ours:
        raise UserError(text("{path} is not a report of llm-migrate", path=str(file)), text("name another file"))


def _write_report(file: Path, migration: Migration, again: Sequence[str]) -> None:
    from llm_migrate.render import account

    try:
        file.write_text(account.as_markdown(migration, file.absolute().parent, again), "utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        console.warn(say("the report {path} cannot be written: {reason}", path=str(file), reason=reason))
    else:
        console.err(say("what was done and what is left stands in {path}", path=str(file)))


SENDERS = ("trace-upload", "framework-hidden-dependency", "raw-http")
"""Rules about what sends the key in OpenAI's variable to OpenAI by itself."""


def _tell_of_environment(migration: Migration) -> None:
    """Say what the environment must hold, and who would carry the new key to OpenAI."""
    from llm_migrate.render import listing

    target = migration.before.target
    assert target is not None
    console.warn(
        say(
            "{variable} is to hold the key of {provider} from now on, and {endpoint} its address {url}: set both "
            "wherever this code runs",
            variable=target.key_env,
            provider=target.profile.name,
            endpoint="OPENAI_BASE_URL",
            url=target.base_url,
        )
    )
    there, left = migration.left()
    places = [listing.place(there, f) for f in left if f.name in SENDERS]
    if places:
        console.warn(say("what stands here would send that key to OpenAI: {places}", places=", ".join(places)))


VECTORS = ("vector-index", "embedding-dimensions")
"""Rules about vectors that change with the model."""


def _tell_of_vectors(migration: Migration) -> None:
    """Say loudly that what has been embedded must be embedded anew."""
    from llm_migrate.render import listing

    there, found = migration.afterwards(f for f in migration.before.findings if f.open and f.name in VECTORS)
    places = [listing.place(there, f) for f in found]
    if places and migration.plan.changes:
        console.warn(
            say(
                "vectors of the old model cannot be compared with those of the new one: rebuild every index before "
                "this code uses it: {places}",
                places=listing.few(places),
            )
        )


def _tell_of_packages(migration: Migration) -> None:
    """Say what must be installed that the code did not need before, where nothing asks for it yet."""
    before, after = (_needed(one, migration.plan.changes) for one in (migration.before, migration.after))
    asked = {f.api for f in migration.plan.applied if f.name == "missing-package"}
    if new := sorted({package for module, package in after.items() if package and module not in before} - asked):
        console.warn(
            say(
                "the code now needs what it did not need before; install it, and name it where the project names its "
                "packages: {packages}",
                packages=", ".join(new),
            )
        )


def _needed(analysis: Analysis, paths: Iterable[str]) -> dict[str, str | None]:
    """Return the modules of the frameworks' classes in these files, each with what is to be installed for it."""
    from llm_codemods.sites import FrameworkSite

    every = (site for path in paths for site in analysis.sites.get(path, ()) if isinstance(site, FrameworkSite))
    return {site.dotted.rpartition(".")[0]: site.row.requires for site in every}


def _tell_of_held(migration: Migration, command: Sequence[str]) -> None:
    """Say how to make the changes that nobody chose; no command: a person did not want them."""
    if migration.plan.held and command:
        console.err(
            say(
                "{count:more change needs|more changes need} a person's look: {command}",
                count=len(migration.plan.held),
                command=shlex.join([*command, "--include", "review"]),
            )
        )


def _report_as_json(migration: Migration, check: dict[str, Any] | None = None) -> None:
    from llm_migrate.render import document
    from llm_migrate.render.data import dump

    console.out(dump(document.of_rewrite(migration) | {"check": check}))


def _words(command: str, settings: Settings, paths: Sequence[Path], models: Sequence[str]) -> list[str]:
    """Return another command on the same paths, to the same target."""
    where = map(str, paths) if paths else "."
    return ["llm-migrate", command, *where, *options.words(settings, models, checks=command == "check")]


def _prove_live(
    settings: Settings, paths: Sequence[Path], models: Sequence[str], *, as_json: bool
) -> tuple[ExitCode, dict[str, Any] | None]:
    """Ask the endpoint at once if its key is there, else say how to ask it; return how it ended and the proofs.

    The provider's key goes to the provider only: for any other host the user must name it, as the command does.
    """
    from llm_codemods.analysis import embeddings_in, needs_in
    from llm_migrate.live.wire import is_loopback

    analysis = settings.analyse()
    target = analysis.target
    if target is None:
        return ExitCode.DONE, None
    needs, aside = needs_in(analysis), embeddings_in(analysis)
    if not (needs or aside):
        return ExitCode.DONE, None
    variables = [target.region.key_env] if needs else []
    variables += [target.embeddings.key_env] if aside and target.embeddings is not None else []
    host = urlsplit(target.base_url).hostname or ""
    own = {urlsplit(region.base_url).hostname for region in target.profile.regions.values()}
    foreign = host not in own and not is_loopback(host)
    if foreign or not all(map(os.environ.get, variables)):
        words = _words("check", replace(settings, region=target.region_name), paths, models)
        words += ["--api-key-env", target.region.key_env] if foreign else []
        console.err(
            say(
                "now prove it on the endpoint, with its key in {variable}: {command}",
                variable=say(", ").join(variables),
                command=shlex.join(words),
            )
        )
        return ExitCode.DONE, None
    from llm_migrate.commands.check import Asked, ended, examine, show
    from llm_migrate.commands.connecting import connect
    from llm_migrate.render import proofs as render

    asked: list[Asked] = []
    if needs:
        one = connect(target.profile, region=target.region_name, base_url=target.base_url, environ=os.environ)
        asked.append((one, needs))
    if aside and settings.embeddings is not None:
        asked.append((connect(settings.embeddings, base_url=settings.embeddings_url, environ=os.environ), aside))
    report = examine(*asked)
    if not as_json:
        return show(report), None
    return ended(report), render.as_data(report)
