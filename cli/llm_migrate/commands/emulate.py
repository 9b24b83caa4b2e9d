"""``llm-migrate emulate``: serve a profile on this machine."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import UserError
from llm_migrate.language import say

HELP = text("Serve a provider's profile on this machine: its paths, answers and refusals, with no real key.")


def command(
    provider: Annotated[str, typer.Argument(metavar="ID|FILE", help=say("Provider, or a profile of your own."))],
    host: Annotated[
        str, typer.Option(help=say("Address to listen on; the default is this machine only."))
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=say("Port to listen on; 0 takes a free one."), min=0, max=65535)] = 0,
    region: Annotated[str | None, typer.Option(help=say("Region whose path to serve."))] = None,
) -> None:
    """Serve until interrupted."""
    from llm_migrate.live.emulator import serve
    from llm_migrate.live.errors import LiveError
    from llm_migrate.settings import load_profile

    profile = load_profile(provider)

    def ready(url: str) -> None:
        console.out(url)
        sys.stdout.flush()  # a script that waits for the line reads through a pipe
        console.err(
            say("emulates {id} as its profile describes it; its answers prove nothing about {id}", id=profile.id)
        )
        console.err(say("try: llm-migrate check --to {to} --base-url {url}", to=provider, url=url))
        console.err(say("stop with Ctrl-C"))

    try:
        serve(profile, host, port, region=region, on_ready=ready)
    except LiveError as error:
        raise UserError(error.message, error.hint) from None
