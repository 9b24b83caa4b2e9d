"""Arguments and options that several commands share.

Help stands here in English; ``group`` says it in the user's language when a command is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llm_codemods.sdk import Sdk
from llm_codemods.style import Style
from llm_codemods.text import text


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
    list[str] | None, typer.Option(help=str(text("run only this rule (code or name)")), autocompletion=rules)
]
Ignore = Annotated[
    list[str] | None, typer.Option(help=str(text("leave this rule out (code or name)")), autocompletion=rules)
]
Exclude = Annotated[list[str] | None, typer.Option(help=str(text("leave out what matches this pattern")))]
NoIgnore = Annotated[bool, typer.Option("--no-ignore", help=str(text("read what .gitignore leaves out")))]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help=str(text("write the report as one HTML page into this file, too"))),
]
