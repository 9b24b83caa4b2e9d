"""``llm-migrate undo``: take back the last rewrite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llm_codemods.text import text
from llm_migrate import console
from llm_migrate.errors import UserError
from llm_migrate.language import say

HELP = text("Take back the last rewrite, byte for byte.")


def command(
    path: Annotated[Path | None, typer.Argument(help=say("folder in which rewrite ran (default: this one)"))] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help=say("also files that were changed since"))] = False,
) -> None:
    """Undo the last run below a folder."""
    from llm_migrate import workspace

    if path is not None and not path.is_dir():
        raise UserError(text("no such folder: {path}", path=str(path)), text("check the spelling"))
    result = workspace.undo(path or Path.cwd(), force=force)
    if result.conflicts:
        raise UserError(
            text("changed since the rewrite, nothing was taken back: {files}", files=", ".join(result.conflicts)),
            text("--force takes them back all the same"),
        )
    for file in result.restored:
        console.out(file)
    console.err(say("{count:file|files} restored", count=len(result.restored)))
