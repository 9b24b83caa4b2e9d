"""Which folder is the root of a project."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from llm_codemods.text import text
from llm_migrate.errors import UserError


def find_root(paths: Sequence[Path]) -> Path:
    """Return the project's root: the nearest folder above all ``paths`` with a .git or a pyproject.toml.

    Without either it is the folder that holds them all; without paths the current directory is taken. Absolute, links
    resolved.

    Raises:
        UserError: the paths lie on different drives.
    """
    # a file that is a link belongs to the project in which the link lies
    folders = [os.path.realpath(path if path.is_dir() else path.absolute().parent) for path in paths or [Path()]]
    try:
        common = Path(os.path.commonpath(folders))
    except ValueError:
        raise UserError(text("the paths have no folder in common")) from None
    return next((folder for folder in (common, *common.parents) if is_project(folder)), common)


def is_project(folder: Path) -> bool:
    """Whether a folder is a project's root: it has a .git or a pyproject.toml."""
    return (folder / ".git").exists() or (folder / "pyproject.toml").is_file()
