"""``llm-migrate explain``: what a rule looks for, why, and what its fix does."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import UserError
from llm_migrate.language import say

_GOTCHA = re.compile(r"[Gg]\d{0,2}")
"""The number of something that breaks, or its beginning."""

HELP = text("Say what a rule looks for, why, and what its fix does; without a rule, list them all.")


def command(
    rule: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE|NAME|GOTCHA", help=say("a rule, a gotcha such as G19, or the beginning of codes to list")
        ),
    ] = None,
    *,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help=say("how the page is written"))] = "text",
) -> None:
    """Write a rule's page, or the list of rules, to standard output."""
    from llm_codemods.profile import nearest
    from llm_codemods.rules import RULES
    from llm_migrate.render import page

    if rule is not None and _GOTCHA.fullmatch(rule):
        _explain_gotchas(rule.upper(), format=format)
        return
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


def _explain_gotchas(word: str, *, format: str) -> None:
    """Write what one number stands for, and the rules for it; or the list of what begins so."""
    from llm_codemods import gotchas
    from llm_codemods.profile import nearest
    from llm_codemods.rules import RULES
    from llm_migrate.render import page

    known = gotchas.catalogue()
    found = [gotcha for gotcha in known if gotcha.id.startswith(word)]
    if not found:
        close = nearest(word, [gotcha.id for gotcha in known])
        raise UserError(
            text("no gotcha has the number '{name}'", name=word),
            text("did you mean '{name}'?", name=close) if close else text("llm-migrate explain G lists them"),
        )
    if format == "json":
        console.out(page.gotchas_as_json(found, RULES))
    elif len(found) == 1 and found[0].id == word:
        console.out(page.of_gotcha(found[0], gotchas.covering(found[0], RULES)))
    else:
        console.out(page.gotchas_as_list(found))
