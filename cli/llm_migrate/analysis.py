"""From paths on disk to findings: discover, then analyse."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from llm_codemods import analysis, retirement
from llm_codemods import profile as profiles
from llm_codemods.analysis import Analysis, Tree, Watch, aimed
from llm_codemods.origin import OPENAI, Origin, origin_of
from llm_codemods.profile import Profile, ProfileError
from llm_codemods.retirement import Retirements
from llm_codemods.rule import Rule
from llm_codemods.rules import RULES
from llm_codemods.sdk import Sdk
from llm_codemods.sites import ClientPlace
from llm_codemods.style import Style
from llm_codemods.target import Target
from llm_codemods.text import Text, text
from llm_codemods.ways import in_style
from llm_migrate.discover import Discovery, discover, find_root, is_project
from llm_migrate.errors import UserError
from llm_migrate.jobs import Workers

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


def analyse(
    root: Path,
    paths: Sequence[Path] = (),
    *,
    profile: Profile | None = None,
    region: str | None = None,
    models: Mapping[str, str] | None = None,
    base_url: str | None = None,
    style: Style = Style.INLINE,
    module: tuple[str, str] = ("llm_provider", "llm_provider.py"),
    sdk: Sdk = Sdk.CURRENT,
    embeddings: Profile | None = None,
    embeddings_url: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    no_ignore: bool = False,
    rules: Sequence[Rule] = RULES,
    overlay: Mapping[str, bytes] | None = None,
    alone: str | None = None,
    left: frozenset[ClientPlace] = frozenset(),
    jobs: int = 1,
    requests: bool = False,
    progress: Watch | None = None,
    today: datetime.date | None = None,
    origin: Profile | None = None,
) -> Analysis:
    """Analyse everything below ``root`` and report on ``paths`` (default: all of it).

    The whole project is read even when few paths are asked for: what a name is may be decided in another file.

    Args:
        root: folder that findings' paths are relative to.
        paths: files or folders to report on.
        profile: the provider to move to; None for an inventory. It and the following, up to ``embeddings_url``, as in
            ``aimed``.
        include: patterns as in .gitignore; only files that match are read.
        exclude: patterns as in .gitignore, of what to leave out.
        no_ignore: read what .gitignore leaves out.
        rules: which rules to run.
        overlay: bytes to take instead of a file's own, by path.
        jobs: how many processes to use; with more than one, sites, and sources of files without findings, do not
            come back.
        requests: say what the calls send.
        progress: shows how far it is, where there are many files.
        left: the clients that stay with OpenAI, and so all that belongs to them.
        today: the day on which models count as ended, or soon to end; None: none does.
        origin: the provider that code is moved from; None: OpenAI.
        alone: instead of ``paths``: report on this path of ``overlay`` only, whether or not there is such a file.

    Raises:
        UserError: a path does not exist. ProfileError: no such region, no base URL.
    """
    source = OPENAI if origin is None else origin_of(origin)
    retired = retirement.NONE if today is None else retirement.retirements(today)
    target = aimed(
        profile,
        region,
        models,
        base_url=base_url,
        style=style,
        module=module,
        sdk=sdk,
        embeddings=embeddings,
        embeddings_url=embeddings_url,
        origin=source,
        retired=retired,
    )
    (found,) = analyse_each(
        root,
        paths,
        (target,),
        include=include,
        exclude=exclude,
        no_ignore=no_ignore,
        rules=rules,
        overlay=overlay,
        alone=alone,
        left=left,
        jobs=jobs,
        requests=requests,
        progress=progress,
        origin=source,
        retired=retired,
    )
    return found


def analyse_each(
    root: Path,
    paths: Sequence[Path],
    targets: Sequence[Target | None],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    no_ignore: bool = False,
    rules: Sequence[Rule] = RULES,
    overlay: Mapping[str, bytes] | None = None,
    alone: str | None = None,
    left: frozenset[ClientPlace] = frozenset(),
    jobs: int = 1,
    requests: bool = False,
    progress: Watch | None = None,
    origin: Origin = OPENAI,
    retired: Retirements = retirement.NONE,
) -> tuple[Analysis, ...]:
    """Analyse as ``analyse`` does, once for all targets (of one style; an inventory, None, stands alone).

    Raises:
        UserError: a path does not exist.
    """
    # What merely lies beside loose files says nothing about them, and may be the whole disk.
    wide = [root] if not (paths or alone) or is_project(root) else paths
    everything = discover(root, wide, include=include, exclude=exclude, no_ignore=no_ignore) if wide else Discovery(())
    chosen = discover(root, paths, include=include, exclude=exclude, no_ignore=no_ignore) if paths else everything
    if alone is not None:
        chosen = Discovery((alone,))
    new = (path for path in overlay or {} if not (root / path).exists())
    names = tuple(dict.fromkeys((*everything.files, *chosen.files, *new)))
    tree = Tree(
        root,
        Folder(root),
        names,
        frozenset(chosen.files),
        tuple(targets),
        tuple(rules) if targets[0] is None else in_style(rules, targets[0].style),
        overlay or {},
        left,
        requests,
        retired,
        origin,
        _package(root),
        next(root.glob("*.dist-info"), None) is not None,
    )
    many = len(names) > FEW
    watched = {"watch": progress} if many and progress is not None else {}
    with Workers(tree, jobs if many else 1) as workers:
        return analysis.analyse_each(tree, workers.map, keep=jobs == 1, skipped=chosen.skipped, **watched)


def _package(root: Path) -> str:
    """Return what the root itself is imported as, where it is a package."""
    above = itertools.takewhile(lambda f: (f / "__init__.py").is_file(), (root, *root.parents))
    return ".".join(reversed([folder.name for folder in above]))


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
        UserError: a path does not exist.
    """
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise UserError(text("no such file or folder: {path}", path=str(path)), _where_it_may_be(path))
    if not paths:
        return Path.cwd(), []
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0].resolve(), []
    return find_root(list(paths)), list(paths)
