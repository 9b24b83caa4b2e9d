"""Compose files: searched for OpenAI's variable names as text, entry by entry of an environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from llm_codemods.configuration.dotenv import MODEL_NAME
from llm_codemods.configuration.sites import Line, Readers
from llm_codemods.edits import Span
from llm_codemods.origin import OPENAI, Origin
from llm_codemods.source import Source

COMPOSE_LINE = re.compile(
    r"(?P<indent>[ \t]*(?:-[ \t]+)?)(?P<quote>[\"']?)(?P<name>[A-Z_][A-Z0-9_]*)"
    r"(?:(?P<equal>=)|(?P=quote)[ \t]*:(?:[ \t]+|$)|[\"']?[ \t]*$)(?P<value>.*)"
)
"""An entry of an environment: ``NAME: value``, ``- NAME=value`` (perhaps in quotes), ``- NAME``."""


@dataclass(frozen=True, slots=True, eq=False)
class ComposeSite:
    """A variable's name in a compose file."""

    path: str
    span: Span
    name: str
    readers: Readers
    entry: str | None = None
    """The name of the environment's entry in which it stands, be it as this name or in the value."""
    value: Span | None = None
    """Of the value of the entry that it names, where that is not a reference to one of OpenAI's keys."""
    beside: frozenset[str] = frozenset()
    """The other entries of the same environment; of OpenAI's keys only those above."""
    line: Line | None = None
    """The line of the entry that it names."""


@dataclass(frozen=True, slots=True, eq=False)
class ComposeModelSite:
    """A model of OpenAI is the value of a variable in a compose file, or its default: ``${MODEL:-gpt-4o}``."""

    path: str
    span: Span
    name: str
    readers: Readers


@cache
def _token(origin: Origin) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{origin.variable.pattern})(?![A-Za-z0-9_])")


def sites(source: Source, readers: Readers, origin: Origin = OPENAI) -> Iterator[ComposeSite | ComposeModelSite]:
    """Yield the variables of OpenAI, and the models in values, that a compose file names."""
    yield from _compose(source, readers, origin)
    yield from _compose_models(source, readers, origin)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a compose file's environment; offsets count from the start of the file."""

    name: str
    at: int
    value: Span

    @property
    def end(self) -> int:
        """Where the name ends."""
        return self.at + len(self.name)


def _compose(source: Source, readers: Readers, origin: Origin) -> Iterator[ComposeSite]:
    entries = list(_entries(source.text))
    for m in _token(origin).finditer(source.text):
        if _in_comment(source.text, m.start()):
            continue
        span = Span(*m.span())
        around = next((e for e in entries if e[0].at <= span.start and span.end <= max(e[0].end, e[0].value.end)), None)
        if around is None:
            yield ComposeSite(source.path, span, m.group(), readers)
            continue
        entry, above, beside = around
        written = source.text[entry.value.start : entry.value.end]
        own = not written or any(origin.key_variable.fullmatch(name) for name in _token(origin).findall(written))
        others = frozenset(n for n in beside if not origin.key_variable.fullmatch(n)) | above
        value = None if own or span.start != entry.at else entry.value
        line = _line(source, span) if span.start == entry.at else None
        yield ComposeSite(source.path, span, m.group(), readers, entry.name, value, others, line)


def _line(source: Source, span: Span) -> Line:
    start = source.text.rfind("\n", 0, span.start) + 1
    found = re.compile(r"[^\r\n]*").match(source.text, start)
    assert found is not None
    return Line(Span(start, found.end()), found[0], source.newline, "#")


def _compose_models(source: Source, readers: Readers, origin: Origin) -> Iterator[ComposeModelSite]:
    for entry, _, _ in _entries(source.text):
        value = source.text[entry.value.start : entry.value.end]
        found = re.fullmatch(r"""(?P<before>["']?(?:\$\{\w+:?-)?)(?P<model>[\w.:-]+?)\}?["']?""", value)
        if MODEL_NAME.search(entry.name) and found is not None and origin.model.fullmatch(found["model"]):
            start = entry.value.start + found.start("model")
            yield ComposeModelSite(source.path, Span(start, start + len(found["model"])), found["model"], readers)


def _entries(code: str) -> Iterator[tuple[_Entry, frozenset[str], frozenset[str]]]:
    """Yield every entry with the names above it and all names in the same run of lines with the same indentation."""
    run: list[_Entry] = []
    indent: str | None = None
    at = 0
    for line in (*code.splitlines(keepends=True), ""):
        content = line.rstrip("\r\n")
        found = COMPOSE_LINE.fullmatch(content)
        if content.strip() and not content.lstrip().startswith("#") and (found is None or found["indent"] != indent):
            yield from _with_names(run)
            run, indent = [], found["indent"] if found else None
        if found is not None:
            start = at + found.start("value")
            run.append(_Entry(found["name"], at + found.start("name"), _value(found["value"], start, found["quote"])))
        at += len(line)
    yield from _with_names(run)


def _with_names(run: Sequence[_Entry]) -> Iterator[tuple[_Entry, frozenset[str], frozenset[str]]]:
    every = frozenset(entry.name for entry in run)
    for i, entry in enumerate(run):
        yield entry, frozenset(e.name for e in run[:i]), every


def _value(written: str, start: int, quote: str) -> Span:
    """Return where a value stands, without what follows it: a comment, a closing quote around the entry."""
    value = re.split(r"(?:^|\s)#", written, maxsplit=1)[0].rstrip()
    if quote and value.endswith(quote) and not value.startswith(quote):
        value = value[:-1]
    return Span(start, start + len(value))


def _in_comment(code: str, at: int) -> bool:
    line = code[code.rfind("\n", 0, at) + 1 : at]
    return re.search(r"(^|\s)#", line) is not None
