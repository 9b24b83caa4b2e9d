"""Sites in files that are no Python: dotenv and compose files.

Both are searched for OpenAI's variable names as text; what stands around a name decides what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from llm_codemods.edits import Edit, Span
from llm_codemods.operations import Fix, Replace
from llm_codemods.source import Source

NAME = r"(?:AZURE_)?OPENAI_[A-Z0-9_]+|OPEN_AI_[A-Z0-9_]+"
DOTENV_LINE = re.compile(
    rf"^(?P<comment>[ \t]*#[ \t]*)?[ \t]*(?P<export>export[ \t]+)?(?P<name>{NAME})[ \t]*=(?P<value>[^\r\n]*)",
    re.MULTILINE,
)
TOKEN = re.compile(rf"(?<![A-Za-z0-9_])(?:{NAME})(?![A-Za-z0-9_])")
EXAMPLE = re.compile(r"example|sample|template|dist|default", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class DotenvSite:
    """``NAME=value`` in a dotenv file. ``span`` is the whole line without its end."""

    path: str
    span: Span
    name: str
    name_span: Span
    value_span: Span
    value: str
    """Without quotes and comment."""
    example: bool
    """The file is a template without secrets."""
    shared: bool
    """A framework that reads the variable by itself is imported somewhere in the project."""
    defined: frozenset[str]
    """All names that the file defines."""
    newline: str
    """Of the file."""


@dataclass(frozen=True, slots=True, eq=False)
class ComposeSite:
    """A variable's name in a compose file."""

    path: str
    span: Span
    name: str
    shared: bool
    """A framework that reads the variable by itself is imported somewhere in the project."""


def sites(source: Source, *, shared: bool) -> tuple[DotenvSite | ComposeSite, ...]:
    """Return the sites of a dotenv or compose file, told apart by its suffix."""
    if PurePosixPath(source.path).suffix in (".yml", ".yaml"):
        return tuple(
            ComposeSite(source.path, Span(*m.span()), m.group(), shared)
            for m in TOKEN.finditer(source.text)
            if not _in_comment(source.text, m.start())
        )
    defined = frozenset(re.findall(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", source.text, re.MULTILINE))
    example = EXAMPLE.search(PurePosixPath(source.path).name) is not None
    return tuple(
        DotenvSite(
            source.path,
            Span(*m.span()),
            m["name"],
            Span(*m.span("name")),
            Span(*m.span("value")),
            _plain(m["value"]),
            example,
            shared,
            defined,
            source.newline,
        )
        for m in DOTENV_LINE.finditer(source.text)
        if m["comment"] is None
    )


def edits_of(fixes: Sequence[Fix]) -> list[Edit]:
    """Return the edits of fixes in such a file: every change replaces text as it stands."""
    return [
        Edit(change.span.start, change.span.end, operation.code)
        for fix in fixes
        for change in fix.changes
        for operation in change.operations
        if isinstance(operation, Replace)
    ]


def _in_comment(code: str, at: int) -> bool:
    line = code[code.rfind("\n", 0, at) + 1 : at]
    return re.search(r"(^|\s)#", line) is not None


def _plain(value: str) -> str:
    stripped = value.strip()
    if stripped[:1] in ("'", '"') and stripped.count(stripped[0]) > 1:
        return stripped[1 : stripped.index(stripped[0], 1)]
    return re.split(r"\s#", stripped, maxsplit=1)[0].strip()


def is_configuration(path: str) -> bool:
    """Whether a path is one of the files that this module reads, rather than Python."""
    name = PurePosixPath(path).name
    return PurePosixPath(path).suffix in (".yml", ".yaml") or name.startswith(".env") or name.endswith(".env")
