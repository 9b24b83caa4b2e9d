"""Find the files of the kinds that can matter: walk like ripgrep, obey .gitignore, stay inside the root."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from llm_codemods.kinds import Kind, kind_by_name
from llm_codemods.report import Skipped
from llm_codemods.text import text
from llm_migrate import git
from llm_migrate.errors import UserError
from llm_migrate.kinds import kind_of, kind_of_script

if TYPE_CHECKING:
    from subprocess import Popen

    from pathspec import GitIgnoreSpec

EVEN_IF_IGNORED = frozenset({Kind.DOTENV})
"""Taken though .gitignore names them: a dotenv file is kept out of git for its secrets, not because it is foreign."""
OF_SECRETS = "OAI_CONFIG_LIST"
"""So is what begins with this: endpoint, key and model of each agent."""

DEFAULT_EXCLUDED = frozenset(
    {
        ".eggs", ".git", ".hg", ".llm-migrate", ".mypy_cache", ".nox", ".ruff_cache", ".tox", ".venv",
        "__pycache__", "build", "dist", "node_modules", "site-packages", "venv",
    }
)  # fmt: skip
"""Folders not entered unless named as a path, or let in by a pattern such as ``!build/`` in ``exclude``."""


@dataclass(frozen=True, slots=True)
class _IgnoreFile:
    """Patterns of an ignore file, the last first, and where a path relative to its folder begins."""

    begin: int
    patterns: tuple[tuple[re.Pattern[str], bool], ...]
    any: re.Pattern[str]
    """Matches where one of the patterns does; most paths match none."""


_Ignores = tuple[_IgnoreFile, ...]
"""The ignore files that apply, the outermost first."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files found, relative to the root, posix, sorted; and what could not be looked at."""

    files: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()


def discover(
    root: Path,
    paths: Iterable[Path] = (),
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    no_ignore: bool = False,
) -> Discovery:
    """Return the files of a known kind under ``paths`` (default: ``root``).

    ``include`` and ``exclude`` are patterns as in .gitignore, relative to the root: with ``include`` only files that
    match are taken; ``exclude`` leaves files and folders out. Named files are taken whatever patterns and .gitignore
    say, named folders are entered. Of what .gitignore names, the files that git tracks are taken. Links to folders are
    never followed, nor links to files outside the root.

    Raises:
        UserError: a path does not exist or lies outside the root, or a pattern is malformed.
    """
    base = Path(os.path.realpath(root))
    walk = _Walk(base, _patterns(include), _patterns(exclude), no_ignore)
    for path in list(paths) or [base]:
        walk.start(path)
    return Discovery(tuple(sorted(walk.files)), tuple(sorted(walk.skipped.values(), key=lambda s: s.path)))


def _patterns(lines: Sequence[str]) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines) if lines else None
    except (ValueError, re.error) as error:
        raise UserError(
            text("a pattern in include or exclude is malformed: {reason}", reason=str(error)),
            text("patterns are written as in .gitignore"),
        ) from None


class _Walk:
    """The state of one discovery. Paths are absolute strings with ``/``; a folder's path has no final slash."""

    def __init__(
        self, root: Path, include: GitIgnoreSpec | None, exclude: GitIgnoreSpec | None, no_ignore: bool
    ) -> None:
        self.root = root
        self.prefix = root.as_posix().rstrip("/") + "/"
        self.include = include
        self.exclude = exclude
        self.no_ignore = no_ignore
        self.files: set[str] = set()
        self.skipped: dict[str, Skipped] = {}
        self.asked: dict[str, Popen[bytes]] = {}
        """Folder -> git, which is looking for the files in it that are tracked though ignored."""

    def start(self, path: Path) -> None:
        """Take a named file, walk a named folder."""
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would follow a link to a file)
        try:
            folder = absolute.is_dir()
            place = absolute.resolve() if folder else absolute.parent.resolve() / absolute.name
            found = place.exists()
        except (OSError, RuntimeError):  # no permission, a loop of links
            found = False
        if not found:
            raise UserError(text("no such file or folder: {path}", path=str(path)))
        if not place.is_relative_to(self.root):
            raise UserError(text("{path} lies outside the project {root}", path=str(path), root=str(self.root)))
        if folder:
            within = next((p for p in (place, *place.parents) if (p / ".git").exists()), place)
            if within != place and not self.no_ignore:
                self.ask(place.as_posix().rstrip("/"))
            self.folder(place.as_posix().rstrip("/"), () if self.no_ignore else _inherited(place, self.root))
        else:
            self.named_file(place)

    def named_file(self, place: Path) -> None:
        relative = place.as_posix()[len(self.prefix) :]
        if not place.is_file():
            self.skip(relative, Skipped(relative, text("not a regular file"), by_choice=True))
        elif self.leaves(place.as_posix()):
            self.skip(relative, Skipped(relative, text("a link to a file outside the project"), by_choice=True))
        elif kind_of(place) is None:
            self.skip(relative, Skipped(relative, text("not a kind of file that is migrated"), by_choice=True))
        else:
            self.take(relative)

    def take(self, relative: str) -> None:
        try:
            relative.encode()
        except UnicodeEncodeError:  # it could not be printed, nor stored in a report
            shown = os.fsencode(relative).decode("utf-8", "replace")
            self.skip(relative, Skipped(shown, text("the file's name is not valid UTF-8")))
        else:
            self.files.add(relative)

    def skip(self, relative: str, skipped: Skipped) -> None:
        self.skipped[relative] = skipped

    def leaves(self, path: str) -> bool:
        return not Path(os.path.realpath(path)).is_relative_to(self.root)

    def folder(self, top: str, ignores: _Ignores) -> None:
        """Walk everything below the folder ``top``; a stack, so depth does not matter."""
        waiting = [(top, ignores)]
        while waiting:
            folder, ignores = waiting.pop()
            try:
                with os.scandir(folder or "/") as entries:
                    found = list(entries)
            except OSError as error:
                relative = folder[len(self.prefix) :] or "."
                reason = text("the folder cannot be read: {reason}", reason=error.strerror or str(error))
                self.skip(relative, Skipped(relative, reason))
                continue
            if not self.no_ignore:
                names = {entry.name for entry in found}
                if ".git" in names:
                    self.ask(folder)
                ignores = _extended(folder, ignores, names)
            for entry in found:
                path = f"{folder}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if not self.left_out(path + "/", entry.name, ignores):
                        waiting.append((path, ignores))
                else:
                    self.file(path, entry, ignores)

        for folder, asked in self.asked.items():
            for name in filter(None, asked.communicate()[0].split(b"\0")):
                self.tracked(folder, os.fsdecode(name))
        self.asked.clear()

    def ask(self, folder: str) -> None:
        """Have git look, meanwhile, for what it tracks below a folder though it would ignore it."""
        import subprocess

        command = [*git.COMMAND, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard"]
        with contextlib.suppress(OSError):  # it is not installed
            self.asked[folder] = subprocess.Popen(  # noqa: S603 (a fixed command)
                command, cwd=folder or "/", env=git.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )

    def tracked(self, folder: str, name: str) -> None:
        """Take a file that git tracks: what its patterns say of it then means nothing to git."""
        within = PurePosixPath(name)
        above = [(f"{folder}/{part.as_posix()}/", part.name) for part in within.parents if part.name]
        if not any(self.left_out(path, name, ()) for path, name in above):
            self.file(f"{folder}/{name}", Path(folder or "/") / name, ())

    def file(self, path: str, entry: os.DirEntry[str] | Path, ignores: _Ignores) -> None:
        kind = kind_by_name(path)
        if kind is None and "." in entry.name[1:]:
            return
        relative = path[len(self.prefix) :]
        if self.include is not None and not self.include.match_file(relative):
            return
        secret = kind in EVEN_IF_IGNORED or (kind is not None and entry.name.startswith(OF_SECRETS))
        if self.left_out(path, "", () if secret else ignores):
            return
        if entry.is_symlink():
            if not os.path.isfile(path):  # noqa: PTH113 (never raises) a broken link, as editors make; a folder; a loop
                return
            if self.leaves(path):
                if kind is not None:
                    self.skip(relative, Skipped(relative, text("a link to a file outside the project"), by_choice=True))
                return
        elif not entry.is_file():
            return
        if kind is not None or kind_of_script(path) is not None:
            self.take(relative)

    def left_out(self, path: str, folder_name: str, ignores: _Ignores) -> bool:
        """Whether patterns leave out a file, or a folder (its path ends with ``/``)."""
        excluded = None if self.exclude is None else self.exclude.check_file(path[len(self.prefix) :]).include
        if excluded is None:
            excluded = folder_name in DEFAULT_EXCLUDED
        return excluded or _ignored(path, ignores)


# .gitignore


def _ignored(path: str, ignores: _Ignores) -> bool:
    """Whether git ignores ``path`` (a folder's ends with ``/``), given that it does not ignore its folder.

    The innermost file that says anything decides; in it, the last pattern.
    """
    for file in reversed(ignores):
        relative = path[file.begin :]
        if file.any.search(relative):
            for pattern, ignored in file.patterns:
                if _speaks_of(pattern, relative):
                    return ignored
    return False


def _speaks_of(pattern: re.Pattern[str], path: str) -> bool:
    """Whether a pattern matches ``path`` itself, and not only a folder above it.

    GitIgnoreSpec takes what is below a matching folder for matched too, and marks the folder's slash by a group. That
    would let ``!*/`` in an inner file bring back files that an outer one ignores.
    """
    if not path.endswith("/"):
        match = pattern.search(path)
        return match is not None and match.lastindex is None
    match = pattern.search(path[:-1])
    if match is not None and match.lastindex is None:
        return True
    return any(match.lastindex and match.end(1) == len(path) for match in pattern.finditer(path))


def _extended(folder: str, ignores: _Ignores, names: Iterable[str]) -> _Ignores:
    """Return what applies inside ``folder``: a repository begins anew, a .gitignore adds to what there is."""
    if ".git" in names:
        ignores = _read_ignore(folder, _git_folder(Path(folder or "/")) / "info" / "exclude")
    if ".gitignore" in names:
        ignores += _read_ignore(folder, Path(folder or "/") / ".gitignore")
    return ignores


def _inherited(start: Path, root: Path) -> _Ignores:
    """Return the ignore files above ``start`` that apply in it; none if they ignore ``start``, for it was named."""
    top = next((p for p in (start, *start.parents) if (p / ".git").exists()), root)
    ignores: _Ignores = ()
    for folder in reversed([p for p in start.parents if p.is_relative_to(top)]):
        ignores = _extended(
            folder.as_posix().rstrip("/"), ignores, [n for n in (".git", ".gitignore") if (folder / n).exists()]
        )
        below = folder / start.relative_to(folder).parts[0]
        if _ignored(below.as_posix() + "/", ignores):
            return ()
    return ignores


def _git_folder(top: Path) -> Path:
    """Return the folder that holds info/exclude; in a worktree or submodule .git is a file that points to it."""
    place = top / ".git"
    try:
        if place.is_file():
            place = top / place.read_text("utf-8").removeprefix("gitdir:").strip()
        common = place / "commondir"
        return place / common.read_text("utf-8").strip() if common.is_file() else place
    except (OSError, ValueError):
        return place


def _read_ignore(folder: str, file: Path) -> _Ignores:
    """Read an ignore file whose patterns count from ``folder``; what cannot be read counts as absent, as in git."""
    from pathspec import GitIgnoreSpec

    try:
        # git does not follow a .gitignore that is a link, and skips a byte-order mark
        data = b"" if file.is_symlink() else file.read_bytes()
    except OSError:
        return ()
    patterns: list[tuple[re.Pattern[str], bool]] = []
    with warnings.catch_warnings():
        # pathspec takes over [[:digit:]] as it is, and the expression warns of it
        warnings.simplefilter("ignore", FutureWarning)
        for line in os.fsdecode(data.removeprefix(codecs.BOM_UTF8)).split("\n"):
            # a range such as [z-a] is an error of the expression, which is no ValueError
            with contextlib.suppress(ValueError, re.error):
                for pattern in GitIgnoreSpec.from_lines([line.removesuffix("\r")]).patterns:
                    if pattern.include is not None and pattern.regex is not None:
                        patterns.insert(0, (pattern.regex, pattern.include))
        if not patterns:
            return ()
        anything = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern.pattern) for pattern, _ in patterns))
    return (_IgnoreFile(len(folder) + 1, tuple(patterns), anything),)
