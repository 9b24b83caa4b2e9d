"""Write into the user's files, and take it back.

A run first notes in its journal what the files were, then replaces them one by one, each atomically. The journal lies
in ``.llm-migrate/runs/<number>/``: ``journal.json`` and the bytes the files had. Those may hold secrets: only the owner
can read them, and the folder keeps itself out of git.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import NewType

from llm_codemods.text import Text, text
from llm_migrate import git
from llm_migrate.errors import UserError

RunId = NewType("RunId", int)

FOLDER = ".llm-migrate"
_JOURNAL = "journal.json"
_FORMAT = 1
_ARGUMENTS = 200
"""Most file names on one command line of git."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a run did to one file. ``before`` None: the file is new."""

    path: str
    mode: int
    before: str | None
    """SHA-256 of the bytes; the bytes themselves lie beside the journal under the entry's number."""
    after: str


@dataclass(frozen=True, slots=True)
class UndoResult:
    """The run looked at, the files brought back, and those changed since. With conflicts nothing was written."""

    run: RunId
    restored: tuple[str, ...]
    conflicts: tuple[str, ...] = ()


def dirty(root: Path, files: Iterable[str]) -> tuple[str, ...]:
    """Return those of ``files`` (relative to the root, posix) with uncommitted changes; untracked counts as changed.

    Each file is asked of the repository it lies in, whatever its top folder; files in no repository, and all files
    where git is not installed, are clean. Files that git ignores are clean: nothing could be committed.

    Raises:
        UserError: git refuses to answer.
    """
    tops: dict[Path, Path | None] = {}
    by_top: dict[Path, dict[str, list[str]]] = {}
    for file in files:
        real = (root / file).resolve()
        top = _repository(real.parent, tops)
        if top is not None:
            by_top.setdefault(top, {}).setdefault(real.relative_to(top).as_posix(), []).append(file)
    changed: list[str] = []
    for top, names in by_top.items():
        for name in _uncommitted(top, list(names)):
            changed += names.get(name, [])
    return tuple(sorted(changed))


def _repository(folder: Path, known: dict[Path, Path | None]) -> Path | None:
    """Return the top folder of the git repository that ``folder`` lies in; ``known`` remembers answers."""
    if folder not in known:
        if (folder / ".git").exists():
            known[folder] = folder
        else:
            known[folder] = None if folder == folder.parent else _repository(folder.parent, known)
    return known[folder]


def _uncommitted(top: Path, names: list[str]) -> list[str]:
    """Return the names, relative to ``top``, that ``git status`` lists."""
    command = [*git.COMMAND, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--"]
    listed: list[str] = []
    for i in range(0, len(names), _ARGUMENTS):
        try:
            answer = subprocess.run(  # noqa: S603 (a fixed command; names follow "--")
                [*command, *names[i : i + _ARGUMENTS]], cwd=top, env=git.environment(), capture_output=True, check=False
            )
        except FileNotFoundError:
            return []
        if answer.returncode != 0:
            reason = (os.fsdecode(answer.stderr).strip().splitlines() or ["?"])[0]
            raise UserError(
                text("git cannot tell whether files have uncommitted changes: {reason}", reason=reason),
                text("--allow-dirty goes on without that knowledge"),
            )
        listed += [os.fsdecode(line[3:]) for line in answer.stdout.split(b"\0") if line]
    return listed


def write(root: Path, changes: Mapping[str, bytes], aim: str = "") -> RunId | None:
    """Store new bytes of files (relative to the root, posix) and return the run by which ``undo`` knows them.

    ``aim`` says where the run moves the code to, for ``last``.

    All files are written or none. Mode bits stay; a link to a file inside the root stays a link. A path that does not
    exist is created, in a folder that does. None: every file had these bytes already, nothing was written.

    Raises:
        UserError: a path leads out of the root, two paths are one file but differ, or a file cannot be written.
    """
    targets = _targets(root, changes)
    try:
        old = {file: _bytes(file) for file in targets}
        new = {file: data for file, data in targets.items() if old[file] != data}
        if not new:
            return None
        runs = _runs_folder(root)
        run = RunId(max((n for n, _ in _numbered(root.resolve())), default=0) + 1)
        folder = runs / str(run)
        entries = [_entry(root, file, old[file], data) for file, data in new.items()]
        _store_journal(folder, entries, [old[file] for file in new], aim)
    except OSError as error:
        raise _failure(error, text("no file was changed")) from None
    done: list[int] = []
    try:
        for i, (file, data) in enumerate(new.items()):
            done.append(i)
            _replace(file, data, entries[i].mode)
    except BaseException as error:  # an interruption too must not leave half a migration
        files = list(new)
        for i in done:
            _put_back(files[i], old[files[i]], entries[i].mode)
        shutil.rmtree(folder, ignore_errors=True)
        _tidy(root)
        if isinstance(error, OSError):
            raise _failure(error, text("the files written before it were put back"), files[done[-1]]) from None
        raise
    return run


def last(root: Path, aim: str) -> dict[str, bytes]:
    """Return the bytes that files had before the last run and those right before it, as long as they had the same aim
    and nobody has changed a file since.

    A run ends the row where a file of it changed or was made, and where its journal cannot be read.
    """
    base = root.resolve()
    first: dict[str, bytes] = {}
    for _, folder in sorted(_numbered(base), reverse=True):
        try:
            entries = _load_journal(folder)
            journal = json.loads((folder / _JOURNAL).read_bytes())
            files = list(_targets(base, {entry.path: b"" for entry in entries}))
            originals = {e.path: (folder / str(i)).read_bytes() for i, e in enumerate(entries) if e.before is not None}
            left = [first[e.path] if e.path in first else f.read_bytes() for e, f in zip(entries, files, strict=True)]
        except (OSError, ValueError, UserError):
            break
        whole = all(e.before == _sha256(originals.get(e.path, b"")) for e in entries)
        same = all(_sha256(data) == e.after for e, data in zip(entries, left, strict=True))
        if not (whole and same and journal.get("aim") == aim):
            break
        first |= originals
    return first


def undo(root: Path, *, force: bool = False) -> UndoResult:
    """Bring back every byte and mode that the last run changed, and forget that run.

    Files deleted since come back; files the run created go. If a file was changed since, it is a conflict and nothing
    at all is written, unless ``force``.

    Raises:
        UserError: there is no run, its journal is damaged, or a file cannot be written.
    """
    base = root.resolve()
    last = max(_numbered(base), default=None)
    if last is None:
        raise UserError(
            text("there is nothing to undo in {root}", root=str(root)),
            text("only 'llm-migrate rewrite' leaves something to undo, in the root it was run for"),
        )
    run, folder = RunId(last[0]), last[1]
    entries = _load_journal(folder)
    files = list(_targets(base, {entry.path: b"" for entry in entries}))
    if len(files) != len(entries):
        raise _damaged(folder)
    try:
        originals = [None if e.before is None else (folder / str(i)).read_bytes() for i, e in enumerate(entries)]
        found = [_bytes(file) for file in files]
    except OSError as error:
        raise _failure(error, text("no file was changed")) from None
    if any(data is not None and _sha256(data) != e.before for e, data in zip(entries, originals, strict=True)):
        raise _damaged(folder)
    conflicts = tuple(
        e.path
        for e, data in zip(entries, found, strict=True)
        if data is not None and _sha256(data) not in (e.before, e.after)
    )
    if conflicts and not force:
        return UndoResult(run, (), conflicts)
    restored: list[str] = []
    for entry, file, data, now in zip(entries, files, originals, found, strict=True):
        if data == now:
            continue
        try:
            if data is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                _replace(file, data, entry.mode)
        except OSError as error:
            hint = text("'llm-migrate undo' can be run again; it goes on where it stopped")
            raise _failure(error, hint, file) from None
        restored.append(entry.path)
    shutil.rmtree(folder, ignore_errors=True)
    _tidy(base)
    return UndoResult(run, tuple(restored))


# Files


def _targets(root: Path, changes: Mapping[str, bytes]) -> dict[Path, bytes]:
    """Return the real file behind each path, with its new bytes; refuse what lies outside the root."""
    base = root.resolve()
    targets: dict[Path, bytes] = {}
    for path, data in changes.items():
        file = (base / path).resolve()
        if not file.is_relative_to(base) or file == base or PurePosixPath(path).is_absolute():
            raise UserError(text("{path} leads out of the project; it is not written", path=path))
        if any(part.lower() in (".git", FOLDER) for part in file.relative_to(base).parts):
            # a journal that came with a stranger's project must not plant a git hook
            raise UserError(text("{path} is no file of the project itself; it is not written", path=path))
        if targets.setdefault(file, data) != data:
            raise UserError(text("{path} is a link to a file that is to be changed differently", path=path))
    return targets


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _replace(file: Path, data: bytes, mode: int) -> None:
    """Put ``data`` in the place of the file in one step."""
    handle, name = tempfile.mkstemp(prefix=".llm-migrate-", dir=file.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        with contextlib.suppress(OSError, AttributeError):  # only root may give a file away; Windows has no owners
            old = file.stat()
            os.chown(new, old.st_uid, old.st_gid)
        new.chmod(mode)
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _put_back(file: Path, data: bytes | None, mode: int) -> None:
    """Undo one write after a failure; what cannot be undone must not hide the failure itself."""
    with contextlib.suppress(OSError):
        if data is None:
            file.unlink(missing_ok=True)
        elif _bytes(file) != data:
            _replace(file, data, mode)


def _failure(error: OSError, hint: Text, file: Path | None = None) -> UserError:
    """Return what to tell the user; ``file`` is the one meant where the error names one beside it."""
    place = str(file or error.filename2 or error.filename or "?")
    return UserError(text("cannot write {path}: {reason}", path=place, reason=error.strerror or str(error)), hint)


# The journal


def _entry(root: Path, file: Path, old: bytes | None, new: bytes) -> Entry:
    mode = stat.S_IMODE(file.stat().st_mode) if old is not None else 0o644
    path = file.relative_to(root.resolve()).as_posix()
    return Entry(path, mode, None if old is None else _sha256(old), _sha256(new))


def save(file: Path, data: bytes) -> None:
    """Write a report to where the user wants it, in one step; a device or a pipe just gets it.

    Raises:
        UserError: it cannot be written.
    """
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(data)
        else:
            real = file.resolve()
            mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else 0o666 & ~_umask()
            _replace(real, data, mode)
    except OSError as error:
        raise _failure(error, text("check that the folder may be written"), file) from None


def must_be_writable(file: Path) -> None:
    """Raise UserError if a report cannot stand there: it is refused before any work is done for it."""
    folder = file.absolute().parent
    if file.is_dir():
        raise UserError(text("{path} is a folder", path=str(file)), text("name a file in it"))
    if not folder.is_dir():
        raise UserError(text("no such folder: {path}", path=str(file.parent)), text("check the spelling"))
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise UserError(text("{path} may not be written", path=str(file)), text("name another file"))


def _umask() -> int:
    os.umask(now := os.umask(0))
    return now


def keep(root: Path, name: str, data: bytes) -> None:
    """Store a file of our own in ``.llm-migrate``, where only the owner can read it.

    Raises:
        UserError: it cannot be written.
    """
    try:
        _replace(_own_folder(root) / name, data, 0o600)
    except OSError as error:
        raise _failure(error, text("check that the folder may be written")) from None


def discard(root: Path, name: str) -> None:
    """Remove a file that ``keep`` stored, if it is there."""
    with contextlib.suppress(OSError):
        (root.resolve() / FOLDER / name).unlink()
        _tidy(root)


def _own_folder(root: Path) -> Path:
    folder = root.resolve() / FOLDER
    if folder.resolve() != folder:
        raise UserError(text("{path} is a link; it must be a folder", path=FOLDER))
    folder.mkdir(mode=0o700, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_bytes(b"*\n")
    return folder


def _runs_folder(root: Path) -> Path:
    runs = _own_folder(root) / "runs"
    if runs.resolve() != runs:
        raise UserError(text("{path} is a link; it must be a folder", path=f"{FOLDER}/runs"))
    runs.mkdir(mode=0o700, exist_ok=True)
    return runs


def _numbered(base: Path) -> list[tuple[int, Path]]:
    """Return number and folder of each run; one without a journal was interrupted before it wrote anything."""
    runs = base / FOLDER / "runs"
    try:
        folders = list(runs.iterdir()) if runs.resolve() == runs else []
    except OSError:
        return []
    return [(int(f.name), f) for f in folders if f.name.isdecimal() and (f / _JOURNAL).is_file()]


def _store_journal(folder: Path, entries: list[Entry], originals: list[bytes | None], aim: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for i, data in enumerate(originals):
        if data is not None:
            _replace(folder / str(i), data, 0o600)
    journal = {"format": _FORMAT, "aim": aim, "files": [asdict(entry) for entry in entries]}
    _replace(folder / _JOURNAL, json.dumps(journal, indent=1).encode(), 0o600)  # last: now the run exists


def _load_journal(folder: Path) -> list[Entry]:
    try:
        journal = json.loads((folder / _JOURNAL).read_bytes())
        entries = [Entry(**row) for row in journal["files"]]
    except (OSError, ValueError, TypeError, KeyError):
        raise _damaged(folder) from None
    for e in entries:
        texts = isinstance(e.path, str) and isinstance(e.after, str) and isinstance(e.before, str | None)
        if not (texts and "\0" not in e.path and isinstance(e.mode, int) and 0 <= e.mode <= 0o7777):
            raise _damaged(folder)
    return entries


def _damaged(folder: Path) -> UserError:
    return UserError(
        text("the journal {path} is damaged; nothing was changed", path=f"{FOLDER}/runs/{folder.name}"),
        text("the bytes that the files had lie in that folder, numbered"),
    )


def _tidy(root: Path) -> None:
    """Remove the journal's folder when no run is left in it."""
    folder = root.resolve() / FOLDER
    with contextlib.suppress(OSError):
        (folder / "runs").rmdir()
    with contextlib.suppress(OSError):
        if [f.name for f in folder.iterdir()] == [".gitignore"]:
            shutil.rmtree(folder)
