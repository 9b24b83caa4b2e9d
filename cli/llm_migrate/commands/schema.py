"""``llm-migrate schema``: the JSON Schemas of what the program prints and reads."""

from __future__ import annotations

from typing import Annotated

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import UserError
from llm_migrate.language import say

HELP = text("Print a JSON Schema: of what a command prints, of a profile, of the settings.")


def beginning(incomplete: str) -> list[str]:
    """Return the names that begin so."""
    from llm_migrate.schemas import names

    return [name for name in names() if name.startswith(incomplete)]


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help=say("which one; without it, all are listed"), autocompletion=beginning),
    ] = None,
) -> None:
    """Write the schema, or the list of all, to standard output.

    Raises:
        UserError: there is none of this name.
    """
    from llm_migrate.schemas import load, names, source

    known = names()
    if name is None:
        width = max(map(len, known))
        for each in known:
            console.out(f"{console.style(f'{each:<{width}}', 'bold')}  {load(each)['title']}")
    elif name in known:
        console.out(source(name).rstrip())
    else:
        from llm_codemods.profile import nearest

        close = nearest(name, known)
        raise UserError(
            text("there is no schema '{name}'", name=name),
            text("did you mean '{name}'?", name=close) if close else text("llm-migrate schema lists them"),
        )
