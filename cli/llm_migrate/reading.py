"""Read files into facts: those that matter by their bytes, and those that what matters leads to."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from llm_codemods import facts
from llm_codemods.facts import Facts
from llm_codemods.libraries import sdk_name
from llm_codemods.report import Skipped
from llm_codemods.source import Source, SourceError, decode
from llm_codemods.spelling import uses_sdk
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import is_openais
from llm_migrate.prefilter import Prefilter, Relevance, sends


class Reader:
    """Reads files below ``root`` into facts; keeps what could not be read, with the reason.

    ``overlay`` has bytes to take instead of a file's own.
    """

    def __init__(self, root: Path, overlay: Mapping[str, bytes], prefilter: Prefilter) -> None:
        """Start with nothing read."""
        self.root = root
        self.overlay = overlay
        self.prefilter = prefilter
        self.sources: dict[str, Source] = {}
        self.facts: dict[str, Facts] = {}
        self.skipped: list[Skipped] = []

    def read(self, names: Iterable[str]) -> None:
        """Read Python files and notebooks."""
        for name in names:
            data = self.bytes_of(name)
            if data is not None:
                self._take(name, data, whole=self.prefilter.relevance(data) is Relevance.USES)

    def widen(self, names: Sequence[str]) -> None:
        """Read also, of these files, what may say more.

        Modules that users of the SDK import, for what they pass on may be defined there; importers of the modules in
        which the SDK is used, for they may pass something in; and what sends requests and imports a module in which a
        URL of OpenAI's has a name.
        """
        users = [path for path, one in self.facts.items() if uses_sdk(one)]
        imports = [i for path in users for i in self.facts[path].imports if sdk_name(i.module) is None]
        wanted = frozenset(name for i in imports for name in (i.module.rpartition(".")[2], *i.names))
        importing = _importing(path for path in users if path in self.sources)
        addressed = _importing(path for path, one in self.facts.items() if _has_address(one))
        for name in names:
            if name.endswith(".py") and name not in self.facts:
                data = self.bytes_of(name)
                if data is not None and (
                    _module_name(name) in wanted
                    or (importing and importing.search(data))
                    or (addressed and addressed.search(data) and sends(data))
                ):
                    self._take(name, data, whole=True)

    def bytes_of(self, name: str) -> bytes | None:
        """Return a file's bytes; None, and the reason in ``skipped``, if it cannot be read."""
        if name in self.overlay:
            return self.overlay[name]
        try:
            return (self.root / name).read_bytes()
        except OSError as error:
            self._skip(name, text("cannot be read: {reason}", reason=error.strerror or str(error)))
            return None

    def _take(self, name: str, data: bytes, *, whole: bool) -> None:
        try:
            source = decode(name, data)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes in the user's code are not our business
                whole = whole or bool(source.cells) or b"\r" in data.replace(b"\r\n", b"")
                self.facts[name] = facts.read(source, None if whole else self.prefilter.lines(data))
            self.sources[name] = source
        except SourceError as error:
            self._skip(name, error.message)
        except SyntaxError as error:
            reason = text("line {line}: {reason}", line=error.lineno or 0, reason=error.msg or "")
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


def _importing(paths: Iterable[str]) -> re.Pattern[bytes] | None:
    """Return a pattern for files that import one of these modules."""
    stems = {stem.encode() for path in paths if (stem := _module_name(path)).isidentifier()}
    if not stems:
        return None
    names = b"|".join(sorted(map(re.escape, stems)))
    return re.compile(rb"^[ \t]*(?:from|import)\b[^\n]*\b(?:" + names + rb")\b", re.MULTILINE)


def _module_name(path: str) -> str:
    place = PurePosixPath(path)
    return place.parent.name if place.stem == "__init__" else place.stem
