"""Arguments and options that several commands share.

Help stands here in English; ``group`` says it in the user's language when a command is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llm_codemods.sdk import Sdk
from llm_codemods.style import Style
from llm_codemods.text import text
from llm_migrate.language import say

if TYPE_CHECKING:
    from llm_codemods.analysis import Analysis
    from llm_migrate.settings import Settings


def providers(incomplete: str) -> list[str]:
    """Return the ids of providers that a word may become."""
    from llm_codemods import profile as profiles

    return [id for id in profiles.bundled() if id.startswith(incomplete)]


def rules(incomplete: str) -> list[str]:
    """Return the codes and names of rules that a word may become."""
    from llm_codemods.rules import RULES

    return [word for rule in RULES for word in (rule.code, rule.name) if word.startswith(incomplete)]


Paths = Annotated[
    list[Path] | None,
    typer.Argument(readable=False, help=str(text("files or folders (default: this folder)"))),  # we say what cannot be
]
To = Annotated[
    str | None,
    typer.Option(help=str(text("provider to move to: an id, an alias, or a profile file")), autocompletion=providers),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        help=str(text("provider whose code is moved (default: openai): an id, an alias, or a profile file")),
        autocompletion=providers,
    ),
]
Region = Annotated[str | None, typer.Option(help=str(text("the provider's region")))]
Embeddings = Annotated[
    str | None,
    typer.Option(
        metavar="ID", help=str(text("provider for embeddings, where the other has none")), autocompletion=providers
    ),
]
Map = Annotated[list[str] | None, typer.Option(help=str(text("OLD=NEW: a model of your own choice")))]
Way = Annotated[
    Style | None, typer.Option("--style", help=str(text("how the code comes to its endpoint, key and models")))
]
SdkChoice = Annotated[
    Sdk | None,
    typer.Option(help=str(text("code for openai before 1.0: move it to the current SDK (default), or keep it there"))),
]
Select = Annotated[
    list[str] | None,
    typer.Option(help=str(text("run only these rules (codes or names, with commas)")), autocompletion=rules),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(help=str(text("leave these rules out (codes or names, with commas)")), autocompletion=rules),
]
Exclude = Annotated[list[str] | None, typer.Option(help=str(text("leave out what matches this pattern")))]
NoIgnore = Annotated[bool, typer.Option("--no-ignore", help=str(text("read what .gitignore leaves out")))]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help=str(text("write the report as one HTML page into this file, too"))),
]


def words(settings: Settings, models: Sequence[str], *, checks: bool = False) -> list[str]:
    """Return the options that have another command move to the same target, ``--to`` first; ``models`` are the values
    of ``--map``. ``check`` (``checks``) does not know how code is rewritten."""
    found = [] if settings.to is None else ["--to", settings.to]
    if not checks:
        found += [] if settings.before is None else ["--from", settings.before]
        found += [] if settings.sdk is Sdk.CURRENT else ["--sdk", settings.sdk.value]
    found += [] if settings.region is None else ["--region", settings.region]
    found += [] if checks or settings.style is Style.INLINE else ["--style", settings.style.value]
    found += [] if settings.base_url is None else ["--base-url", settings.base_url]
    found += [] if settings.embeddings_to is None else ["--embeddings", settings.embeddings_to]
    return [*found, *(word for model in models for word in ("--map", model))]


def doubts(settings: Settings, models: Sequence[str], analysis: Analysis) -> Iterator[str]:
    """Yield what looks mistyped in pairs of ``--map``: a model that the code does not name, one that nobody knows."""
    from difflib import get_close_matches

    from llm_migrate.settings import pairs

    profiles = [one for one in (settings.profile, settings.embeddings) if one is not None]
    known = [name for one in profiles for name in one.models]
    for old, new in pairs(models).items():
        if not any(old in source.text for source in analysis.sources.values()):
            yield say("--map {pair}: nothing here names {name}", pair=f"{old}={new}", name=old)
        close = [] if new in known else get_close_matches(new, known, 1, 0.85)
        if close:
            yield say(
                "--map {pair}: {name} is no model that is known; did you mean '{close}'?",
                pair=f"{old}={new}",
                name=new,
                close=close[0],
            )
