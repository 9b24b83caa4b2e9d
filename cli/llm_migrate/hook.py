"""Tell by bytes alone that a hook has nothing to report, before anything of the analysis is loaded.

A file that names nothing of OpenAI's, takes nothing from a file that does, and reads no response is left alone. What is
not seen so is a function of such a file that is handed a client by others and calls it under a name of its own.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

from llm_codemods import vectors
from llm_codemods.configuration import prefilter
from llm_codemods.kinds import Kind
from llm_codemods.prefilter import Import, Prefilter, Relevance, imports_in
from llm_codemods.providers import bundled
from llm_codemods.retirement import retirements
from llm_codemods.sought import Sought
from llm_migrate import config, dates
from llm_migrate.kinds import kind_of

COMMANDS = ("scan", "rewrite")
MOST = 200
"""With more packages to look into, the analysis decides."""
_RESPONSE = re.compile(rb"choices|finish_reason|to_dict_recursive|system_fingerprint|tool_calls|output_text")


def has_nothing(args: Sequence[str]) -> bool:
    """Whether a hook, run in the current folder with these arguments of the command line, has nothing to report.

    Only what hooks are run with by default is understood here: ``--to`` and files.

    Raises:
        UserError: the project's settings cannot be read.
    """
    command, *words = args
    to: str | None = None
    if "--to" in words[:-1]:
        at = words.index("--to")
        to = words[at + 1]
        del words[at : at + 2]
    paths = [Path(word) for word in words if word != "--hook"]
    if command not in COMMANDS or any(word.startswith("-") for word in words if word != "--hook"):
        return False
    root = Path.cwd()
    configured = config.of_folder(root)[1]
    if configured.from_ or configured.region or configured.select or configured.ignore or configured.baseline:
        return False  # the analysis also says what is wrong with these
    name = to or configured.to
    known = command == "scan" if name is None else name in bundled()
    return known and is_silent(root, paths, tuple(configured.models))


def is_silent(root: Path, paths: Sequence[Path], models: Sequence[str] = ()) -> bool:
    """Whether the analysis of the project at ``root`` would report nothing in these files of it.

    Args:
        root: an absolute path; what is imported from outside of it is no part of the project.
        paths: the files, absolute or relative to the current folder.
        models: names that the user has given to models, such as Azure's deployments.
    """
    names = [name.encode() for name in models]
    return bool(paths) and all(_is_silent(root, Path(os.path.abspath(path)), names) for path in paths)  # noqa: PTH100


def _is_silent(root: Path, path: Path, models: Sequence[bytes]) -> bool:
    if path.is_symlink() or not path.is_file() or not path.is_relative_to(root):
        return False
    kind = kind_of(path)
    data = _bytes(path)
    if kind is None or data is None or vectors.may_keep(data) or any(name in data for name in models):
        return False
    if kind is not Kind.PYTHON and prefilter.matters(data, _sought()):
        return False  # a notebook may have commands of a shell in it
    if kind is not Kind.PYTHON and kind is not Kind.NOTEBOOK:
        return True
    return not _matters(data) and _RESPONSE.search(data) is None and not _takes(root, path, data)


def _matters(data: bytes) -> bool:
    return Prefilter(sought=_sought()).relevance("", data) is not Relevance.NONE


def _sought() -> Sought:
    return _ended(dates.today())


@cache
def _ended(day: datetime.date) -> Sought:
    return retirements(day).sought


def _takes(root: Path, path: Path, data: bytes) -> bool:
    """Whether a Python file imports something from a file that matters, be it passed on by an ``__init__.py``."""
    seen = {path}
    waiting = [(path, data)]
    while waiting:
        path, data = waiting.pop()
        for what in imports_in(data):
            for file in _files(root, path.parent, what):
                if file in seen:
                    continue
                seen.add(file)
                found = _bytes(file)
                if found is None or _matters(found) or len(seen) > MOST:
                    return True
                if file.name == "__init__.py":
                    waiting.append((file, found))
    return False


def _files(root: Path, folder: Path, what: Import) -> Iterator[Path]:
    """Yield the files below ``root`` that an import in this folder may mean: the module, and modules in it."""
    first, *inner = what.module.split(".")
    bases: Sequence[Path] = _roots(root, folder)
    if what.level:
        above = folder.parents[what.level - 2] if what.level > 1 else folder
        bases, inner = [above], [first, *inner] if first else []
    for base in bases:
        if what.level or not _names(base).isdisjoint((first, f"{first}.py")):
            module = base.joinpath(*([] if what.level else [first]), *inner)
            for one in (module, *(module / name for name in what.names)):
                yield from (file for file in (one.with_name(f"{one.name}.py"), one / "__init__.py") if file.is_file())


@lru_cache(maxsize=64)
def _roots(root: Path, folder: Path) -> list[Path]:
    """Return the folders from which a module may be imported: around the file, and the first below the root."""
    around = [place for place in (folder, *folder.parents) if place.is_relative_to(root)]
    beside = [root / name for name in sorted(_names(root)) if "." not in name]
    return list(dict.fromkeys(place for one in (*around, *beside) for place in (one, one / "src") if place.is_dir()))


@lru_cache(maxsize=256)
def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 (names are enough)
    except OSError:
        return frozenset()


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
