"""Read files into facts: those that matter by their bytes, and those that what matters leads to."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import PurePosixPath
from typing import Protocol

from llm_codemods import walk
from llm_codemods.facts import Facts
from llm_codemods.libraries import sdk_name
from llm_codemods.modules import Modules
from llm_codemods.parse_error import fault
from llm_codemods.prefilter import Import, Prefilter, Relevance, imports_in, sends
from llm_codemods.report import Skipped
from llm_codemods.source import Source, SourceError, decode
from llm_codemods.spelling import uses_sdk
from llm_codemods.terms import Imported, last_name
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import TESTS, is_openais


def _anything(_data: bytes) -> bool:
    return True


class Files(Protocol):
    """The files of a project, by their paths relative to its root, posix."""

    def read(self, path: str, most: int = -1, /) -> bytes:
        """Return a file's bytes, the first ``most`` of them where that is not negative.

        Raises:
            OSError: there is no such file, or it cannot be read.
        """


class Reader:
    """Reads files into facts; keeps what could not be read, with the reason.

    ``overlay`` has bytes to take instead of a file's own.
    """

    def __init__(self, files: Files, overlay: Mapping[str, bytes], prefilter: Prefilter) -> None:
        """Start with nothing read."""
        self.files = files
        self.overlay = overlay
        self.prefilter = prefilter
        self.sources: dict[str, Source] = {}
        self.facts: dict[str, Facts] = {}
        self.skipped: list[Skipped] = []
        self._in_part: set[str] = set()
        """Files that may use something of the SDK, and of which only what stands around names has been read."""
        self._imports: dict[str, list[tuple[str, Import]]] | None = None

    def read(self, files: Iterable[tuple[str, Relevance]]) -> None:
        """Read Python files and notebooks, as far as they matter by their bytes."""
        for name, relevance in files:
            data = self.bytes_of(name)
            if data is not None:
                self._take(name, data, whole=relevance is Relevance.USES)
                if relevance is Relevance.MAY_USE:
                    self._in_part.add(name)

    def widen(self, modules: Modules) -> None:
        """Read also, of these files, what may say more.

        What users of the SDK import, wherever it is defined, and what gives their tests fixtures. Who imports something
        of theirs, for he may pass something in; from them or from who passes it on: an ``__init__.py``, the module of a
        subclass. And what sends requests, if it imports a module in which a URL of OpenAI's has a name, or is imported
        by one.
        """
        users = [path for path, one in self.facts.items() if uses_sdk(one)]
        addressed = [path for path, one in self.facts.items() if _has_address(one)]
        users += self._read_fixtures(modules, users)
        offered: dict[str, frozenset[str] | None] = dict.fromkeys(users)
        fresh = frozenset(users)
        while fresh:
            fresh = self._read_importers(modules, fresh, offered)
        self._read_importers(modules, frozenset(addressed), dict.fromkeys(addressed), only=sends)
        for paths, only in ((users, _anything), (addressed, sends)):
            for path in paths:
                for i in self.facts[path].imports:
                    if i.level or sdk_name(i.module) is None:
                        self._follow(modules, path, Import(i.module, i.names, i.level), only)

    def _read_fixtures(self, modules: Modules, users: Sequence[str]) -> list[str]:
        """Read, for the tests among these files, what gives them their fixtures; return what that is."""
        tests = (PurePosixPath(path) for path in users if TESTS.search(path))
        above = dict.fromkeys(str(folder / "conftest.py") for path in tests for folder in path.parents)
        found = [name for name in above if name in modules and not self._is_read(name)]
        for name in found:
            if (data := self.bytes_of(name)) is not None:
                self._take_whole(name, data)
        return [name for name in found if name in self.facts]

    def _read_importers(
        self,
        modules: Modules,
        fresh: Set[str],
        offered: dict[str, frozenset[str] | None],
        only: Callable[[bytes], bool] = _anything,
    ) -> frozenset[str]:
        """Read who imports what these files offer (None: whatever they define); return who passes it on."""
        stems = {stem for path in fresh if (stem := _module_name(path)).isidentifier()}
        rows = self._imported(modules) if stems else {}
        got: dict[str, set[str]] = defaultdict(set)
        for stem in ("", *stems):
            for name, what in rows.get(stem, ()):
                if name not in offered:
                    got[name].update(_taken(modules, name, what, offered, fresh))
        passing: set[str] = set()
        for name in sorted(name for name, words in got.items() if words):
            data = self.bytes_of(name)
            if data is not None and only(data):
                self._take_whole(name, data)
                if name in self.facts and (more := _passed_on(self.facts[name], got[name])):
                    offered[name] = more
                    passing.add(name)
        return frozenset(passing)

    def _imported(self, modules: Modules) -> Mapping[str, Sequence[tuple[str, Import]]]:
        """Return all imports with their files, by the last word of the module and by each name."""
        if self._imports is None:
            self._imports = defaultdict(list)
            for name in modules:
                for what in imports_in(self.bytes_of(name) or b""):
                    for word in {what.module.rpartition(".")[2], *what.names}:
                        self._imports[word].append((name, what))
        return self._imports

    def _follow(self, modules: Modules, path: str, what: Import, only: Callable[[bytes], bool]) -> None:
        """Read what an import in the file ``path`` means, and where that comes from."""
        for file in _files(modules, path, what):
            if not self._is_read(file) and (data := self.bytes_of(file)) is not None and only(data):
                self._take_whole(file, data)
                for name in what.names if file in self.facts else ():
                    own = self.facts[file].scopes[0]
                    for term in [b.value for b in own.names.get(name, ())] if name in own.names else own.stars:
                        if isinstance(term, Imported):
                            more = Import(term.module, (term.name or name,), term.level)
                            self._follow(modules, file, more, only)

    def bytes_of(self, name: str, most: int = -1) -> bytes | None:
        """Return a file's bytes (the first ``most``); None, and the reason in ``skipped``, if it cannot be read."""
        if name in self.overlay:
            return self.overlay[name]
        try:
            return self.files.read(name, most)
        except OSError as error:
            self._skip(name, text("cannot be read: {reason}", reason=error.strerror or str(error)))
            return None

    def _take_whole(self, name: str, data: bytes) -> None:
        """Read all of a file, if that has not been done."""
        if not self._is_read(name):
            self._in_part.discard(name)
            self._take(name, data, whole=True)

    def _is_read(self, name: str) -> bool:
        return name in self.facts and name not in self._in_part

    def _take(self, name: str, data: bytes, *, whole: bool) -> None:
        try:
            source = decode(name, data)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes in the user's code are not our business
                whole = whole or bool(source.cells) or b"\r" in data.replace(b"\r\n", b"")
                self.facts[name] = walk.read(
                    source, None if whole else self.prefilter.lines(data), self.prefilter.sought
                )
            self.sources[name] = source
        except SourceError as error:
            self._skip(name, error.message)
        except SyntaxError as error:
            reason = text("line {line}: {reason}", line=error.lineno or 0, reason=fault(error))
            self._skip(name, text("not valid Python: {reason}", reason=reason))
        except (RecursionError, MemoryError, ValueError):
            self._skip(name, text("nested too deeply to be read"))
        else:
            for cell in source.broken:
                reason = text("cell {cell} is not valid Python: {reason}", cell=cell.index, reason=cell.reason)
                self._skip(name, reason)

    def _skip(self, name: str, reason: Text) -> None:
        self.skipped.append(Skipped(name, reason))


def _has_address(one: Facts) -> bool:
    """Whether a URL of OpenAI's is given a name."""
    return any(text.role in ("assign", "environment") and is_openais(str(text.literal.value)) for text in one.texts)


def _files(modules: Modules, path: str, what: Import) -> Iterator[str]:
    """Yield the files that an import in the file ``path`` may mean: the module, and those of modules in it."""
    inner = (f"{what.module}.{name}" if what.module else name for name in what.names)
    for one in (what.module, *inner):
        file = modules.find(path, one, what.level) or (modules.beside(path, one) if not what.level else None)
        if file is not None:
            yield file


def _taken(
    modules: Modules, path: str, what: Import, offered: Mapping[str, frozenset[str] | None], fresh: Set[str]
) -> Iterator[str]:
    """Yield the names under which an import takes something that is offered in one of the ``fresh`` files."""
    for file in _files(modules, path, what):
        if file in fresh and file != path:
            names = offered[file]
            if names is None or "*" in what.names:
                yield from what.names or (what.module,)
            else:
                yield from names.intersection(what.names)


def _passed_on(facts: Facts, got: Set[str]) -> frozenset[str]:
    """Return the names under which a file that imports these names offers them, or subclasses of them, to others."""
    subclasses = {cls.name for cls in facts.classes if any(last_name(base) in got for base in cls.bases)}
    return frozenset(subclasses.union(got) if facts.path.endswith("__init__.py") else subclasses)


def _module_name(path: str) -> str:
    place = PurePosixPath(path)
    return place.parent.name if place.stem == "__init__" else place.stem
