"""Dotenv files: searched for OpenAI's variable names as text; what stands around a name decides what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from llm_codemods.configuration.sites import Readers
from llm_codemods.edits import Span
from llm_codemods.origin import OPENAI, Origin
from llm_codemods.source import Source

MODEL_NAME = re.compile(r"MODEL|ENGINE|DEPLOYMENT")
"""Variables whose value may name a model."""
EXAMPLE = re.compile(r"example|sample|template|dist|default", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class DotenvSite:
    """``NAME=value`` in a dotenv file: a variable of OpenAI, or one with an OpenAI model. ``span`` is the whole line
    without its end."""

    path: str
    span: Span
    name: str
    name_span: Span
    value_span: Span
    value: str
    """Without quotes and comment; ``value_span`` is its place."""
    export: str
    """``export`` with its space, if that stands before the name."""
    first: bool
    """No line above names a key of OpenAI."""
    example: bool
    """The file is a template without secrets."""
    readers: Readers
    defined: frozenset[str]
    """All names that the file defines."""
    newline: str
    """Of the file."""
    base_url: str = ""
    """What the file sets ``OPENAI_BASE_URL`` to."""


@cache
def _line_of(origin: Origin) -> re.Pattern[str]:
    return re.compile(
        r"^(?P<comment>[ \t]*#[ \t]*)?[ \t]*(?P<export>export[ \t]+)?"
        rf"(?P<name>{origin.variable.pattern})[ \t]*=(?P<value>[^\r\n]*)",
        re.MULTILINE,
    )


@cache
def _model_of(origin: Origin) -> re.Pattern[str]:
    return re.compile(
        rf"^[ \t]*(?:export[ \t]+)?(?!(?:{origin.variable.pattern})[ \t]*=)(?P<name>[A-Z_][A-Z0-9_]*)[ \t]*="
        r"(?P<value>[^\r\n]*)",
        re.MULTILINE,
    )


def sites(source: Source, readers: Readers, origin: Origin = OPENAI) -> Iterator[DotenvSite]:
    """Yield the variables of OpenAI, and those with a model of OpenAI, that a dotenv file sets."""
    defined = frozenset(re.findall(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", source.text, re.MULTILINE))
    example = EXAMPLE.search(PurePosixPath(source.path).name) is not None
    first = True
    url = re.search(
        r"^[ \t]*(?:export[ \t]+)?OPENAI_BASE_URL[ \t]*=[ \t]*[\"']?([^\s\"'#]*)", source.text, re.MULTILINE
    )
    base_url = url[1] if url is not None else ""
    own = [(m, m["export"] or "") for m in _line_of(origin).finditer(source.text) if m["comment"] is None]
    for m, export in own:
        value = _plain(m["value"], m.start("value"))
        name = Span(*m.span("name"))
        yield DotenvSite(
            source.path,
            Span(*m.span()),
            m["name"],
            name,
            value,
            source.text[value.start : value.end],
            export,
            first,
            example,
            readers,
            defined,
            source.newline,
            base_url,
        )
        first = first and not origin.key_variable.fullmatch(m["name"])
    for m in _model_of(origin).finditer(source.text):
        value = _plain(m["value"], m.start("value"))
        written = source.text[value.start : value.end]
        if MODEL_NAME.search(m["name"]) and origin.model.fullmatch(written):
            yield DotenvSite(
                source.path,
                Span(*m.span()),
                m["name"],
                Span(*m.span("name")),
                value,
                written,
                "",
                first=False,
                example=example,
                readers=readers,
                defined=defined,
                newline=source.newline,
            )


def _plain(value: str, at: int) -> Span:
    """Return where a value stands that begins at ``at``, without its quotes and a comment behind it."""
    stripped = value.strip()
    start = at + len(value) - len(value.lstrip())
    if stripped[:1] in ("'", '"') and stripped.count(stripped[0]) > 1:
        return Span(start + 1, start + stripped.index(stripped[0], 1))
    return Span(start, start + len(re.split(r"(?:^|\s)#", stripped, maxsplit=1)[0].rstrip()))
