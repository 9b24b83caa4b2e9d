"""``llm-migrate check``: ask the live endpoint whether it does what the code, or the profile, needs."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.commands import observe
from llm_migrate.commands.asking import AS_USUAL, Conduct, Format, MaxRequests, MaxTokens, Resume, Samples, ask
from llm_migrate.commands.connecting import connect
from llm_migrate.commands.options import Embeddings, Html, Map, Region
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.check_report import CheckReport
    from llm_codemods.requirements import Needs
    from llm_migrate.live.wire import Connection
    from llm_migrate.settings import Settings

HELP = text("Ask the live endpoint whether it does what this code needs.")

Asked = tuple["Connection", "Needs"]
"""An endpoint, and what it is asked for."""


def examine(*asked: Asked, moved: int = 0, conduct: Conduct = AS_USUAL) -> CheckReport:
    """Ask each endpoint for what is needed of it, with a progress bar, and return what was found.

    Raises:
        UserError: an endpoint cannot be reached.
    """
    from llm_codemods.check_report import CheckReport, EndpointReport, build
    from llm_migrate.live.claims import attributed

    runs = ask([(connection, needs.requirements) for connection, needs in asked], conduct)
    found: list[EndpointReport] = []
    for connection, needs in asked:
        profile = connection.profile
        run = runs[len(found)] if len(found) < len(runs) else None  # None: interrupted before its turn
        proofs = [attributed(proof, profile) for proof in run.proofs] if run is not None else []
        report = build(profile, connection.region, connection.base_url, needs, proofs)
        if run is not None:
            report = replace(report, spent=run.spent, speeds=run.speeds, interrupted=run.interrupted)
        found.append(report)
    return CheckReport(tuple(found), moved)


def show(report: CheckReport, format: Format = Format.TEXT, *, verbose: bool = False) -> ExitCode:
    """Write a report and return how it ended."""
    from llm_migrate.render import proofs as render

    match format:
        case Format.TEXT:
            console.out(render.as_text(report, verbose=verbose))
        case Format.JSON:
            console.out(render.as_json(report))
        case Format.JUNIT:
            from llm_migrate.render.junit import as_junit

            console.out(as_junit(report))
        case Format.MARKDOWN:
            from llm_migrate.render.check_markdown import as_markdown

            console.out(as_markdown(report))
        case Format.HTML:
            from llm_migrate.render.html import proof_page

            console.out(proof_page.render(report).rstrip("\n"))
    console.err(render.summary(report))
    return ended(report)


def ended(report: CheckReport) -> ExitCode:
    """Return how a check with this report ends: whatever is not proved leaves something to do."""
    from llm_codemods.check_report import Conclusion

    if any(endpoint.interrupted for endpoint in report.endpoints):
        return ExitCode.INTERRUPTED
    return ExitCode.DONE if report.conclusion is Conclusion.PROVED else ExitCode.FINDINGS


def learn(file: Path, to: str, asked: Asked, report: CheckReport) -> None:
    """Write what was seen of the first endpoint as a profile that builds on the one that was checked.

    Raises:
        UserError: an emulator was asked, the file is there and not of our making, or it cannot be written.
    """
    from llm_migrate import dates, workspace
    from llm_migrate.live import learned

    connection, _ = asked
    proofs = report.endpoints[0].proofs
    learned.refuse_emulated(proofs)
    before = learned.earlier(file)
    same = to.endswith(".toml") and Path(to).resolve() == file.resolve()
    base = connection.profile.extends or connection.profile.id
    if to.endswith(".toml") and not same:
        base = Path(os.path.relpath(to, file.parent)).as_posix()
    rows = learned.news(connection.profile, proofs)
    written = learned.overlay(
        connection.profile, base, proofs, connection.base_url, dates.today(), before if same else ""
    )
    workspace.save(file, written.encode())
    console.err(say("wrote {count:row|rows} to {path}; use it with --to {path}", count=len(rows), path=str(file)))


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help=say("code whose calls to test; without it, all that the profile claims is tested")),
    ] = None,
    *,
    to: Annotated[str | None, typer.Option(help=say("provider to ask: an id, an alias, or a profile file"))] = None,
    region: Region = None,
    base_url: Annotated[str | None, typer.Option(help=say("ask a gateway or another server instead"))] = None,
    model: Annotated[str | None, typer.Option(help=say("chat model to ask instead of the profile's"))] = None,
    embedding_model: Annotated[
        str | None, typer.Option(help=say("embedding model to ask instead of the profile's"))
    ] = None,
    api_key_env: Annotated[
        str | None, typer.Option(metavar="NAME", help=say("environment variable that holds the key"))
    ] = None,
    map: Map = None,
    embeddings: Embeddings = None,
    show_plan: Annotated[
        bool, typer.Option("--list", help=say("show what would be sent and the most tokens it can take; send nothing"))
    ] = False,
    samples: Samples = 1,
    thorough: Annotated[
        bool, typer.Option(help=say("also fill the whole window of each model, which costs as many tokens"))
    ] = False,
    max_requests: MaxRequests = None,
    max_tokens: MaxTokens = None,
    resume: Resume = False,
    format: Annotated[Format, typer.Option(help=say("how the report is written"))] = Format.TEXT,
    html: Html = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=say("tell of every proof and every site"))] = False,
    learn_file: Annotated[
        Path | None,
        typer.Option("--learn", metavar="FILE", help=say("write what was seen as a profile for --to")),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help=say("run this (your tests, say) and watch what it really sends instead")),
    ] = None,
    emulator: Annotated[bool, typer.Option("--emulator", help=say("the emulator answers; no key, no network"))] = False,
    record: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=say("with --run: keep requests and answers here, contents and all, no keys")),
    ] = None,
) -> int:
    """Ask the live endpoint whether it does what this code needs."""
    from llm_codemods.requirements import Needs
    from llm_migrate import workspace
    from llm_migrate.live.claims import claimed, dear, retargeted
    from llm_migrate.settings import settle

    settings = settle(paths or [], to=to, region=region, models=map or [], embeddings=embeddings, base_url=base_url)
    if run is not None and show_plan:
        raise UserError(text("--list sends nothing, --run does"), text("leave one of them out"))
    if html is not None and show_plan:
        raise UserError(
            text("--html is the report of probes, which --list does not send"), text("leave one of them out")
        )
    if settings.profile is None:
        raise UserError(text("no provider to ask"), text("name one: --to qwen (llm-migrate providers lists them)"))
    connection = connect(
        settings.profile,
        region=settings.region,
        base_url=base_url,
        model=model,
        embedding_model=embedding_model,
        api_key_env=api_key_env,
        environ=None if show_plan or emulator else os.environ,
    )
    if run is not None or record is not None:
        return observe.observe(settings, run, connection, emulate=emulator, record=record, format=format, html=html)
    if emulator and base_url is not None:
        raise UserError(text("--emulator and --base-url name two servers"), text("leave one of them out"))
    if learn_file is not None:
        from llm_migrate.live import learned

        learned.earlier(learn_file)  # refused before anything is spent
    if html is not None:
        workspace.must_be_writable(html)
    code = _code(settings) if paths else Code(Needs(claimed(settings.profile)))
    needed = code.needs
    if thorough:
        needed = replace(needed, requirements=(*needed.requirements, *dear(needed)))
    asked: list[Asked] = []
    if needed:
        asked.append((connection, retargeted(needed, settings.profile, model, embedding_model)))
    if code.aside and settings.embeddings is not None:
        second = connect(
            settings.embeddings,
            base_url=settings.embeddings_url,
            embedding_model=embedding_model,
            environ=None if show_plan or emulator else os.environ,
        )
        asked.append((second, retargeted(code.aside, settings.embeddings, None, embedding_model)))
    if not asked:
        if code.elsewhere:
            return max(code.ended, _elsewhere(settings, paths or [], code.elsewhere))
        console.err(say("nothing in this code needs an endpoint"))
        return code.ended
    if show_plan:
        _list(asked, samples, as_json=format is Format.JSON, verbose=verbose)
        return ExitCode.DONE
    conduct = Conduct(samples, max_requests, max_tokens, settings.root, resume)
    with contextlib.ExitStack() as stack:
        if emulator:
            asked = [(stack.enter_context(_emulated(one)), needs) for one, needs in asked]
        report = examine(*asked, moved=code.moved, conduct=conduct)
    if html is not None:
        from llm_migrate.render.html import proof_page

        workspace.save(html, proof_page.render(report).encode())
    shown = show(report, format, verbose=verbose)
    if learn_file is not None and asked[0][0].profile is settings.profile:
        learn(learn_file, settings.to or settings.profile.id, asked[0], report)
    return max(code.ended, shown)


@dataclass(frozen=True, slots=True)
class Code:
    """What code needs of an endpoint, and ``aside`` of that for embeddings."""

    needs: Needs
    aside: Needs | None = None
    moved: int = 0
    """How many files were taken as rewrite would leave them."""
    elsewhere: tuple[str, ...] = ()
    """The hosts of others that it asks."""
    ended: ExitCode = ExitCode.DONE
    """ERROR: something could not be read."""


def _code(settings: Settings) -> Code:
    """Return what the code of the settings needs once it has moved."""
    from llm_codemods.analysis import embeddings_in, hosts_of, needs_in
    from llm_codemods.migration import is_offered, plan
    from llm_migrate.render.listing import skipped_lines

    analysis = settings.analyse()
    for line in skipped_lines(analysis.skipped):
        console.warn(line)
    ended = ExitCode.ERROR if analysis.unread else ExitCode.DONE
    changes = plan(analysis, settings.analyse, is_offered).changes
    if changes:
        console.warn(
            say("{count:file is|files are} not moved yet; checked as rewrite would leave them", count=len(changes))
        )
        analysis = settings.analyse(changes)
    return Code(needs_in(analysis), embeddings_in(analysis), len(changes), hosts_of(analysis), ended)


def _elsewhere(settings: Settings, paths: Sequence[Path], hosts: Sequence[str]) -> ExitCode:
    """Say of code that asks others alone whom it asks, and how to go on: nothing is proved by that."""
    from llm_codemods import profile as profiles

    assert settings.profile is not None
    console.err(
        say(
            "nothing in this code asks {provider}, so nothing is proved: it asks {hosts}",
            provider=settings.profile.name,
            hosts=say(", ").join(hosts),
        )
    )
    where = shlex.join(map(str, paths))
    for name in dict.fromkeys(map(profiles.origin, hosts)):
        if name not in (None, profiles.HOME):
            console.err(
                say(
                    "next: llm-migrate check {where} --to {other} asks there; "
                    "llm-migrate rewrite {where} --from {other} --to {to} --diff shows what moves it",
                    where=where,
                    other=name,
                    to=shlex.quote(settings.to or settings.profile.id),
                )
            )
    return ExitCode.FINDINGS


@contextlib.contextmanager
def _emulated(connection: Connection) -> Iterator[Connection]:
    """Serve the profile on this machine, and yield the connection to that.

    Raises:
        UserError: the extra ``emulator`` is not installed, or the server does not start.
    """
    from llm_migrate.live.emulator import running

    with running(connection.profile, region=connection.region) as url:
        yield replace(connection, base_url=url)


def _list(asked: Sequence[Asked], samples: int, *, as_json: bool, verbose: bool) -> None:
    from llm_migrate.render import proofs as render
    from llm_migrate.render.data import dump

    planned = [(connection, render.plan_rows(connection, needs, samples)) for connection, needs in asked]
    if as_json:
        console.out(dump(render.joined([render.plan_as_data(rows, one) for one, rows in planned])))
    for connection, rows in planned:
        if not as_json:
            columns = console.width() if console.is_terminal() else None
            console.out(render.plan_as_text(rows, columns, verbose=verbose))
        _count(connection, rows)


def _count(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    console.err(
        say(
            "{requests:request|requests} to {url}, at most {tokens:token|tokens}; reasoning may come on top, "
            "where it does not count",
            requests=len(rows),
            url=connection.base_url,
            tokens=sum(row["most_tokens"] for row in rows),
        )
    )
