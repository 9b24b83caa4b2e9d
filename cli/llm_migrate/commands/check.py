"""``llm-migrate check``: ask the live endpoint whether it does what the code, or the profile, needs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.commands.options import Embeddings, Map, Region
from llm_migrate.errors import ExitCode, UserError
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.profile import Profile
    from llm_codemods.report import Proof
    from llm_codemods.requirements import Requirement
    from llm_migrate.live.runner import OnProgress
    from llm_migrate.live.wire import Connection

HELP = text("Ask the live endpoint whether it does what this code needs.")

Asked = tuple["Connection", Sequence["Requirement"]]
"""An endpoint, and what it is asked for."""
LOCAL_KEY = "llm-migrate-local-server"
"""What a server on this machine gets when no key is named: a provider's real key has no business there."""


class Format(str, Enum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"


def find_key(profile: Profile, region: str, base_url: str, api_key_env: str | None, environ: Mapping[str, str]) -> str:
    """Return the key for a base URL.

    The provider's key goes to the provider's hosts only, and ``OPENAI_API_KEY`` to OpenAI only; for any other host the
    variable must be named. A server on this machine gets no real key unless one is named.

    Raises:
        UserError: no key is set, or it would have to be sent where it does not belong.
    """
    from llm_migrate.live.wire import is_loopback

    host = urlsplit(base_url).hostname or ""
    own = {urlsplit(row.base_url).hostname for row in profile.regions.values()}
    name = api_key_env or profile.regions[region].key_env
    if api_key_env is None:
        if host not in own and is_loopback(host):
            return LOCAL_KEY
        if host not in own:
            raise UserError(
                text(
                    "will not send the key in {name} to {host}, which is not a host of this provider",
                    name=name,
                    host=host,
                ),
                text("name the variable that holds the key for it: --api-key-env NAME"),
            )
        if name == "OPENAI_API_KEY" and host != "api.openai.com":
            raise UserError(
                text("will not send OPENAI_API_KEY to {host}", host=host),
                text("if that is what you want, say so: --api-key-env OPENAI_API_KEY"),
            )
    key = environ.get(name, "").strip()
    if not key:
        raise UserError(
            text("no API key: the environment variable {name} is not set", name=name),
            text(
                "export {name}=… with a key from the provider's console (region {region}: {url})",
                name=name,
                region=region,
                url=base_url,
            ),
        )
    return key


def connect(
    profile: Profile,
    *,
    region: str | None = None,
    base_url: str | None = None,
    model: str | None = None,
    embedding_model: str | None = None,
    api_key_env: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Connection:
    """Return where to send probes and with which key. ``environ`` None: no key is wanted, nothing will be sent.

    Raises:
        UserError: no such region, no usable URL, or no key.
    """
    from llm_migrate.live.claims import default_model
    from llm_migrate.live.errors import LiveError
    from llm_migrate.live.wire import Connection, region_of, safe_url

    try:
        chosen = region_of(profile, region)
        url = safe_url(base_url or profile.regions[chosen].base_url)
        key = LOCAL_KEY if environ is None else find_key(profile, chosen, url, api_key_env, environ)
        return Connection(
            profile,
            chosen,
            url,
            key,
            model or default_model(profile, "chat"),
            embedding_model or default_model(profile, "embedding"),
        )
    except LiveError as error:
        raise UserError(error.message, error.hint) from None


def prove(
    connection: Connection, requirements: Sequence[Requirement], on_progress: OnProgress | None = None
) -> list[Proof]:
    """Prove the requirements on the endpoint, in their order.

    Raises:
        UserError: the endpoint cannot be reached.
    """
    from llm_migrate.live.errors import LiveError
    from llm_migrate.live.runner import run

    try:
        return run(requirements, connection, on_progress=on_progress)
    except LiveError as error:
        raise UserError(error.message, error.hint) from None


def report_on(*asked: Asked, as_json: bool = False) -> ExitCode:
    """Prove the requirements of each endpoint, write the report, and return how it ended.

    Raises:
        UserError: the endpoint cannot be reached.
    """
    from llm_migrate.render import proofs as render

    documents: list[dict[str, Any]] = []
    ended = ExitCode.DONE
    for connection, requirements in asked:
        host = urlsplit(connection.base_url).netloc
        with console.progress(say("asking {host}", host=host), len(requirements)) as step:
            proofs = prove(connection, requirements, lambda *_, step=step: step(1))
        documents.append(render.as_data(proofs, connection))
        if not as_json:
            console.out(render.as_text(proofs))
        console.err(render.summary(proofs))
        ended = max(ended, failing(proofs))
    if as_json:
        console.out(render.dump(render.joined(documents)))
    return ended


def failing(proofs: Sequence[Proof]) -> ExitCode:
    """Return how a check with these proofs ends."""
    from llm_migrate.live.claims import failed

    return ExitCode.FINDINGS if any(map(failed, proofs)) else ExitCode.DONE


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
    show: Annotated[
        bool, typer.Option("--list", help=say("show what would be sent and the most tokens it can take; send nothing"))
    ] = False,
    format: Annotated[Format, typer.Option(help=say("how the report is written"))] = Format.TEXT,
    run: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help=say("run this (your tests, say) and watch what it really sends instead")),
    ] = None,
    emulator: Annotated[
        bool, typer.Option("--emulator", help=say("with --run: the emulator answers; no key, no network"))
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=say("with --run: keep requests and answers here, contents and all, no keys")),
    ] = None,
) -> int:
    """Ask the live endpoint whether it does what this code needs."""
    from llm_migrate.commands import observe
    from llm_migrate.live.claims import claimed, retarget
    from llm_migrate.settings import settle

    settings = settle(paths or [], to=to, region=region, models=map or [], embeddings=embeddings, base_url=base_url)
    if run is not None and show:
        raise UserError(text("--list sends nothing, --run does"), text("leave one of them out"))
    if settings.profile is None:
        raise UserError(text("no provider to ask"), text("name one: --to qwen (llm-migrate providers lists them)"))
    connection = connect(
        settings.profile,
        region=settings.region,
        base_url=base_url,
        model=model,
        embedding_model=embedding_model,
        api_key_env=api_key_env,
        environ=None if show or emulator else os.environ,
    )
    if run is not None or emulator or record is not None:
        return observe.observe(
            settings, run, connection, emulate=emulator, record=record, as_json=format is Format.JSON
        )
    unknown = ExitCode.DONE
    aside: tuple[Requirement, ...] = ()
    if paths:
        from llm_migrate.analysis import embeddings_in, requirements_in
        from llm_migrate.migration import is_offered, plan
        from llm_migrate.render.listing import skipped_lines

        analysis = settings.analyse()
        for line in skipped_lines(analysis.skipped):
            console.warn(line)
        if analysis.unread:
            unknown = ExitCode.ERROR
        changes = plan(analysis, settings.analyse, is_offered).changes
        if changes:
            console.warn(
                say("{count} files are not moved yet; checked as rewrite would leave them", count=len(changes))
            )
            analysis = settings.analyse(changes)
        needed = requirements_in(analysis)
        aside = embeddings_in(analysis)
    else:
        needed = claimed(settings.profile)
    requirements = retarget(needed, settings.profile, model, embedding_model)
    asked = [(connection, requirements)] if requirements else []
    if aside and settings.embeddings is not None:
        second = connect(
            settings.embeddings,
            base_url=settings.embeddings_url,
            embedding_model=embedding_model,
            environ=None if show else os.environ,
        )
        asked.append((second, retarget(aside, settings.embeddings, None, embedding_model)))
    if not asked:
        console.err(say("nothing in this code needs an endpoint"))
        return unknown
    if show:
        _list(asked, as_json=format is Format.JSON)
        return ExitCode.DONE
    return report_on(*asked, as_json=format is Format.JSON) or unknown


def _list(asked: Sequence[Asked], *, as_json: bool) -> None:
    from llm_migrate.render import proofs as render

    planned = [(connection, render.plan_rows(connection, needs)) for connection, needs in asked]
    if as_json:
        console.out(render.dump(render.joined([render.plan_as_data(rows, one) for one, rows in planned])))
    for connection, rows in planned:
        if not as_json:
            console.out(render.plan_as_text(rows))
        _count(connection, rows)


def _count(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    console.err(
        say(
            "{requests} requests to {url}, at most {tokens} tokens; reasoning may come on top, where it does not count",
            requests=len(rows),
            url=connection.base_url,
            tokens=sum(row["most_tokens"] for row in rows),
        )
    )
