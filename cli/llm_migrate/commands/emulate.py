"""``llm-migrate emulate``: serve a profile on this machine, with faults if asked for."""

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
    provider: Annotated[
        str | None, typer.Argument(metavar="ID|FILE", help=say("Provider, or a profile of your own."))
    ] = None,
    host: Annotated[
        str, typer.Option(help=say("Address to listen on; the default is this machine only."))
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=say("Port to listen on; 0 takes a free one."), min=0, max=65535)] = 0,
    region: Annotated[str | None, typer.Option(help=say("Region whose path to serve."))] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="KIND[:RATE][@ENDPOINT]",
            help=say("Go wrong: 429, stall:0.2@chat, 500:x2 for the first two requests. May be repeated."),
        ),
    ] = None,
    latency: Annotated[str, typer.Option(metavar="TIME", help=say("Wait so long before each answer: 300ms."))] = "0s",
    jitter: Annotated[str, typer.Option(metavar="TIME", help=say("Wait up to so much longer or shorter."))] = "0s",
    seed: Annotated[int, typer.Option(help=say("The same seed gives the same faults to the same requests."))] = 0,
    list_faults: Annotated[bool, typer.Option("--list-faults", help=say("List the kinds of faults."))] = False,
) -> None:
    """Serve until interrupted."""
    if list_faults:
        _list()
        return
    if provider is None:
        raise UserError(
            say("argument {name} is missing", name="ID|FILE"), say("name a provider: llm-migrate emulate qwen")
        )
    from llm_migrate.live.emulator import serve
    from llm_migrate.live.faults import trouble
    from llm_migrate.settings import load_profile

    profile = load_profile(provider)

    def ready(url: str) -> None:
        console.out(url)
        sys.stdout.flush()  # a script that waits for the line reads through a pipe
        console.err(
            say("emulates {id} as its profile describes it; its answers prove nothing about {id}", id=profile.id)
        )
        console.err(say("try: llm-migrate check --to {to} --base-url {url}", to=provider, url=url))
        console.err(say("with a program of yours: llm-migrate check --to {to} --emulator --run COMMAND", to=provider))
        console.err(say("stop with Ctrl-C"))

    asked = trouble(fault or [], latency, jitter, seed)
    serve(profile, host, port, region=region, trouble=asked, on_ready=ready)


def _list() -> None:
    from llm_migrate.live.faults import FAULTS

    width = max(len(fault.name) for fault in FAULTS)
    for fault in FAULTS:
        console.out(f"{fault.name:<{width}}  {say(fault.what)}")
