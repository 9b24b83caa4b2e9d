"""A project on disk: its root, what its files hold, and the analysis of it in several processes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from llm_codemods import profile as profiles
from llm_codemods.analysis import Analysis, Watch, analyse_each
from llm_codemods.profile import ProfileError
from llm_codemods.report import Skipped
from llm_codemods.text import Text, text
from llm_codemods.tree import Tree
from llm_migrate.errors import UserError
from llm_migrate.jobs import Workers, uncollected
from llm_migrate.roots import find_root

FEW = 500
"""With fewer files, more processes cost more than they save."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The files below a folder."""

    root: Path

    def read(self, path: str, most: int = -1, /) -> bytes:
        """Return a file's bytes, the first ``most`` of them where that is not negative; OSError if it cannot be."""
        with FileIO(f"{self.root}/{path}") as file:
            return file.read(most) or b""


def run(tree: Tree, skipped: Sequence[Skipped], jobs: int, progress: Watch | None = None) -> tuple[Analysis, ...]:
    """Analyse a project in as many processes, once for all of its targets.

    With more than one process, sites, and sources of files without findings, do not come back. ``skipped``: the files
    asked for that are not in it. ``progress`` shows how far it is, where there are many files.
    """
    many = len(tree.names) > FEW
    watched = {"watch": progress} if many and progress is not None else {}
    with uncollected(), Workers(tree, jobs if many else 1) as workers:
        return analyse_each(tree, workers.map, keep=jobs == 1, skipped=skipped, **watched)


def package_of(root: Path) -> str:
    """Return what the root itself is imported as, where it is a package."""
    above = itertools.takewhile(lambda f: (f / "__init__.py").is_file(), (root, *root.parents))
    return ".".join(reversed([folder.name for folder in above]))


def is_environment(root: Path) -> bool:
    """Whether the packages of an environment lie there."""
    return next(root.glob("*.dist-info"), None) is not None


def _where_it_may_be(path: Path) -> Text:
    try:
        profile = profiles.find(str(path))
    except ProfileError:
        return text("check the spelling")
    return text("a provider is named by an option: --to {name}", name=profile.id)


def root_and_paths(paths: Sequence[Path]) -> tuple[Path, list[Path]]:
    """Return the root of a run, and what to report on below it ([]: everything).

    A single folder is the root itself; without paths it is the current folder; files belong to the project around them.

    Raises:
        UserError: a path does not exist, or may not be looked at.
    """
    for path in paths:
        try:
            missing = not path.exists() and not path.is_symlink()
            _ = (path / ".git").exists()  # a folder may be seen, and yet not looked into
        except OSError as error:
            reason = error.strerror or str(error)
            raise UserError(text("cannot read {path}: {reason}", path=str(path), reason=reason)) from None
        if missing:
            raise UserError(text("no such file or folder: {path}", path=str(path)), _where_it_may_be(path))
    if not paths:
        return Path.cwd(), []
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0].resolve(), []
    return find_root(list(paths)), list(paths)
