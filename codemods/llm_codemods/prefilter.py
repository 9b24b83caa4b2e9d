"""Look at a Python file's bytes, so that only what can matter is parsed.

Of 40,000 files of installed packages one in eight spells "openai" somewhere, most in comments and texts; one in thirty
imports it or calls its API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from llm_codemods.encodings import UTF_16
from llm_codemods.sought import NOTHING, Sought
from llm_codemods.vocabulary import BESIDES, FRAMEWORKS, MARK, RELAYS


class Relevance(Enum):
    """How much of a file matters."""

    NONE = 0
    NAMES = 1
    """Names of models, variables, keys or hosts stand in strings."""
    MAY_USE = 2
    """They do, and so do words that use something of it where they are code: what the file has to do with, decides."""
    USES = 3
    """Something of the SDK, of its API or of a framework is imported or used."""


_QUOTED = rb"\\?[\"'](?:[\w.-]{1,24}[/:])?(?:ft:)?"
# A word is looked for first, which is ten times as fast as a pattern; patterns then say what stands around it: what
# makes it a use, and what makes it a name. Chains may be broken over lines; in notebooks, a backslash stands before
# quotes.
_WORDS: tuple[tuple[bytes, bytes | None, bytes | None], ...] = (
    (
        b"openai",
        rb"openai(?:(?<![\w.]openai)"
        rb"(?:[\s\\]*\.[\s\\]*(?!com\b)[A-Za-z_]|[ \t]*(?:[\r\n\0,;#)\\]|$)|[ \t]+(?:as|import)\b)"
        rb"|(?:(?<=langfuse\.openai)|(?<=posthog\.ai\.openai)|(?<=ddtrace\.openai)|(?<=portkey_ai\.openai)"
        rb"|(?<=autoevals\.openai)|(?<=(?:_module|mport__|torskip)\([\"']openai))\b)",
        rb"openai\.(?:(?<=api\.openai\.)|(?<=[\"']openai\.)|azure\.com)",
    ),
    (b"completions", None, rb"/completions\\?[\"'?]"),
    (b"embedding", rb"embeddings[\s\\]*\.[\s\\]*create\b", rb"text-embedding-"),
    (b"responses", rb"responses[\s\\]*\.[\s\\]*(?:create|parse|stream)\b", None),
    (b"moderation", rb"moderations[\s\\]*\.[\s\\]*create\b", rb"moderation-(?<=[it]-moderation-)"),
    (b"images", rb"images[\s\\]*\.[\s\\]*(?:generate|edit|create_variation)\b", None),
    (b"audio", rb"audio[\s\\]*\.[\s\\]*(?:speech|transcriptions|translations)\b", None),
    (b"beta", rb"beta[\s\\]*\.[\s\\]*(?:assistants|chat|realtime|responses|threads|vector_stores)\b", None),
    (b"fine_tuning", rb"fine_tuning[\s\\]*\.[\s\\]*(?:alpha|checkpoints|jobs)\b", None),
    (
        b"vector_stores",
        rb"vector_stores[\s\\]*\.[\s\\]*(?:create|delete|file_batches|files|list|retrieve|search|update)\b",
        None,
    ),
    (b"gpt", None, _QUOTED + rb"(?:chat)?gpt(?:-?[345]|-(?:image|audio|realtime|oss)|[\w.-]+-latest)"),
    (b"OPEN", None, rb"OPEN_?AI_[A-Z]"),
    (b"text-", None, rb"text-(?:ada|babbage|chat|curie|davinci|search|similarity)-"),
    (b"-mini", None, _QUOTED + rb"o[134]-mini"),
    (b"o1", None, _QUOTED + rb"o1(?:\\?[\"']|-p)"),
    (b"o3", None, _QUOTED + rb"o3(?:\\?[\"']|-p|-deep)"),
    (b"davinci", None, _QUOTED + rb"(?:code-)?davinci"),
    (b"dall-e", None, rb"dall-e-"),
    (b"whisper-1", None, rb"whisper-1"),
    (b"tts-1", None, rb"tts-1"),
    (b"sk-", None, rb"sk-(?<![\w-]sk-)[A-Za-z0-9]"),
)
_FROM = re.compile(rb"from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]*\bimport\b[ \t]*(?:\(([^)]*)|([^\r\n;#]*))")
_IMPORT = re.compile(rb"import[ \t]+([\w., \t]*)")
_BEFORE_IMPORT = re.compile(rb"[ \t]*\"?")
"""A line of a notebook begins with a quote."""
_COMMENT = re.compile(rb"#[^\n]*")
_SENDS = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+(?:[\w., \t]*,[ \t]*)?"
    rb"(?:aiohttp|curl_cffi|http\.client|httpx2?|niquests|requests|urllib3?|websockets?)\b",
    re.MULTILINE,
)
"""An import of what sends requests."""
_ADDRESS = re.compile(
    rb"api\.openai\.com|\.openai\.azure\.|/completions\\?[\"'?]|" + "|".join(map(re.escape, RELAYS)).encode()
)
_CLASS = re.compile(rb"OpenAI\w*[\s\\]*[(\[\]|]|[\[|:=,(][ \t]*(?:Async)?(?:Azure)?OpenAI\b")
"""A class that is called, or stands for a type; or such words in a text."""
_CLASS_OF_MODULE = re.compile(rb"\.[A-Za-z]*OpenAI\w*[\s\\]*[(\[\]|]")
_COMPLETIONS = re.compile(rb"completions(?<=[.\s\\]completions)\b")
_BROKEN = b" \t\r\n\\"
"""What may stand between the parts of a chain."""
INDENT = 200
"""How much of that may stand there."""
_PACKAGES = "|".join(sorted(FRAMEWORKS | BESIDES)).encode()
_FRAMEWORKS = tuple(
    re.compile(begin + rb"(" + _PACKAGES + rb")\b")
    for begin in (rb"from[ \t]+", rb"import[ \t]+", rb"import_module\([\"']")
)
"""Imports of frameworks. A pattern that begins with a plain word is as fast as looking for that word."""
_INSIDE = re.compile(rb"(?:^[ \t]+(?:from|import)[ \t]+|import_module\([\"'])(?:" + _PACKAGES + rb")\b", re.MULTILINE)
"""An import of a framework inside of something, which may hand it on."""
_MARK = MARK.encode()


@dataclass(frozen=True, slots=True)
class Prefilter:
    """Decides by bytes. A framework that is a package of the tree is no framework there: its own code is read instead.

    Among installed packages (``installed``) that holds inside of the framework only.
    """

    inside: frozenset[str] = frozenset()
    installed: bool = False
    sought: Sought = NOTHING
    """Further names that matter."""

    @classmethod
    def of_tree(cls, names: Iterable[str], *, installed: bool = False, sought: Sought = NOTHING) -> Prefilter:
        """Return the filter for a tree with these files."""
        packages = {name.rpartition("/")[0] for name in names if name.endswith("/__init__.py")}
        first = {f for f in packages if f.rpartition("/")[0] not in packages}
        # a package of packages need not have a file of its own
        named = {part for f in first for part in f.split("/")[-2:]}
        return cls(frozenset(named & (FRAMEWORKS | BESIDES)), installed, sought)

    def relevance(self, path: str, data: bytes) -> Relevance:
        """Return how much of a file with these bytes matters. UTF-16 always does: it must be reported."""
        found = data.startswith(UTF_16) or _MARK in data
        for word, uses, names in _patterns():
            if word in data:
                if uses is not None and uses.search(data) and not self._is_own(path, word):
                    return Relevance.USES
                found = found or (names is not None and names.search(data) is not None)
        if _names_class(data) or _names_completions(data):
            return Relevance.USES
        imported = {name for pattern in _FRAMEWORKS for name in pattern.findall(data) if not self._is_own(path, name)}
        if imported and (_INSIDE.search(data) or any(name in data for one in imported for name in _called_in(one))):
            return Relevance.USES
        found = found or bool(imported) or self.sought.stands_in(data, quoted=True)
        if found and _ADDRESS.search(data) and sends(data):
            return Relevance.USES
        if found and (imported or _CLASS.search(data) or _COMPLETIONS.search(data)):
            return Relevance.MAY_USE
        return Relevance.NAMES if found else Relevance.NONE

    def lines(self, data: bytes) -> tuple[int, ...]:
        """Return the lines, counted from 1 and sorted, on which a name stands."""
        places = {m.end() for word, _, names in _patterns() if names and word in data for m in names.finditer(data)}
        places.update(self.sought.ends(data, quoted=True))
        lines: list[int] = []
        line, counted = 1, 0
        for place in sorted(places):
            line, counted = line + data.count(b"\n", counted, place), place
            lines.append(line)
        return tuple(dict.fromkeys(lines))

    def _is_own(self, path: str, word: bytes) -> bool:
        """Whether a word is the name of a framework to which the file itself belongs."""
        name = word.decode()
        return name in self.inside and (not self.installed or path.partition("/")[0] == name)


def _names_class(data: bytes) -> bool:
    """Whether a class of the SDK may be used: one of such a name is imported, from wherever, or part of a module."""
    if b"OpenAI" not in data or _CLASS.search(data) is None:
        return False
    taken = (name for what in imports_in(data) for name in what.names)
    return _CLASS_OF_MODULE.search(data) is not None or any("OpenAI" in name or name == "*" for name in taken)


def _names_completions(data: bytes) -> bool:
    """Whether that part of a client is named behind a dot; the chain may be broken over lines."""
    found = _COMPLETIONS.finditer(data) if b"completions" in data else ()
    return any(data[max(0, m.start() - INDENT) : m.start()].rstrip(_BROKEN).endswith(b".") for m in found)


@cache
def _called_in(package: bytes) -> tuple[bytes, ...]:
    """Return what is used of a framework, by the last parts of the names."""
    from llm_codemods.frameworks import table

    return tuple(name.encode() for name in table().names_in(package.decode()))


def sends(data: bytes) -> bool:
    """Whether a Python file imports what sends requests."""
    return _SENDS.search(data) is not None


@cache
def _patterns() -> tuple[tuple[bytes, re.Pattern[bytes] | None, re.Pattern[bytes] | None], ...]:
    def compiled(pattern: bytes | None) -> re.Pattern[bytes] | None:
        return None if pattern is None else re.compile(pattern, re.MULTILINE)

    return tuple((word, compiled(uses), compiled(names)) for word, uses, names in _WORDS)


@dataclass(frozen=True, slots=True)
class Import:
    """What an import statement names: ``from module import names``, after ``level`` dots, or ``import module``."""

    module: str
    names: tuple[str, ...]
    level: int


def imports_in(data: bytes) -> Iterator[Import]:
    """Yield what a Python file imports, as far as its lines tell."""
    for found in _FROM.finditer(data):
        if _begins_line(data, found.start()):
            dots, module, several, line = found.groups()
            yield Import(module.decode(), _names(line if several is None else _COMMENT.sub(b"", several)), len(dots))
    for found in _IMPORT.finditer(data):
        if _begins_line(data, found.start()):
            yield from (Import(name, (), 0) for name in _names(found[1]))


def _begins_line(data: bytes, place: int) -> bool:
    return _BEFORE_IMPORT.fullmatch(data, data.rfind(b"\n", 0, place) + 1, place) is not None


def _names(listed: bytes) -> tuple[str, ...]:
    """Return the names in a list of names, each of which may have an alias."""
    words = (name.split(maxsplit=1) for name in listed.replace(b"\\", b" ").split(b","))
    return tuple(some[0].decode(errors="replace") for some in words if some)
