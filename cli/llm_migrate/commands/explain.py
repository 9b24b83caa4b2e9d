"""``llm-migrate explain``: what a rule looks for, why, and what its fix does."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import UserError
from llm_migrate.language import say

HELP = text("Say what a rule looks for, why, and what its fix does; without a rule, list them all.")


def command(
    rule: Annotated[
        str | None, typer.Argument(metavar="CODE|NAME", help=say("a rule, or the beginning of codes to list"))
    ] = None,
    *,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help=say("how the page is written"))] = "text",
) -> None:
    """Write a rule's page, or the list of rules, to standard output."""
    from llm_codemods.profile import nearest
    from llm_codemods.rules import RULES
    from llm_migrate.render import page

    known = sorted(RULES, key=lambda r: r.code)
    found = [r for r in known if rule is None or r.is_called(rule)]
    if not found:
        close = nearest(rule or "", [word for r in known for word in (r.code, r.name)])
        raise UserError(
            text("no rule is called '{name}'", name=rule),
            text("did you mean '{name}'?", name=close) if close else text("llm-migrate explain lists them"),
        )
    if format == "json":
        console.out(page.as_json(found))
    else:
        console.out(page.as_text(found[0]) if len(found) == 1 and rule is not None else page.as_list(found))
