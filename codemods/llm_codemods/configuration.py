"""Sites in files that are no Python: dotenv and compose files.

Both are searched for OpenAI's variable names as text; what stands around a name decides what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from llm_codemods.edits import Edit, Span
from llm_codemods.operations import Fix, Replace
from llm_codemods.source import Source
from llm_codemods.vocabulary import KEY_VARIABLE, MODEL

NAME = r"(?:AZURE_)?OPENAI_[A-Z0-9_]+|OPEN_AI_[A-Z0-9_]+"
DOTENV_LINE = re.compile(
    rf"^(?P<comment>[ \t]*#[ \t]*)?[ \t]*(?P<export>export[ \t]+)?(?P<name>{NAME})[ \t]*=(?P<value>[^\r\n]*)",
    re.MULTILINE,
)
MODEL_NAME = re.compile(r"MODEL|ENGINE|DEPLOYMENT")
"""Variables whose value may name a model."""
DOTENV_MODEL = re.compile(
    rf"^[ \t]*(?:export[ \t]+)?(?!{NAME}[ \t]*=)(?P<name>[A-Z_][A-Z0-9_]*)[ \t]*=(?P<value>[^\r\n]*)", re.MULTILINE
)
COMPOSE_LINE = re.compile(
    r"(?P<indent>[ \t]*(?:-[ \t]+)?)(?P<quote>[\"']?)(?P<name>[A-Z_][A-Z0-9_]*)"
    r"(?:(?P<equal>=)|(?P=quote)[ \t]*:(?:[ \t]+|$)|[\"']?[ \t]*$)(?P<value>.*)"
)
"""An entry of an environment: ``NAME: value``, ``- NAME=value`` (perhaps in quotes), ``- NAME``."""
TOKEN = re.compile(rf"(?<![A-Za-z0-9_])(?:{NAME})(?![A-Za-z0-9_])")
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
    shared: bool
    """Something in the project needs the variable whatever becomes of the clients."""
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
    """Something in the project needs the variable whatever becomes of the clients."""
    entry: str | None = None
    """The name of the environment's entry in which it stands, be it as this name or in the value."""
    value: Span | None = None
    """Of the value of the entry that it names, where that is not a reference to one of OpenAI's keys."""
    beside: frozenset[str] = frozenset()
    """The other entries of the same environment; of OpenAI's keys only those above."""


@dataclass(frozen=True, slots=True, eq=False)
class ComposeModelSite:
    """A model of OpenAI is the value of a variable in a compose file, or its default: ``${MODEL:-gpt-4o}``."""

    path: str
    span: Span
    name: str
    shared: bool


def sites(source: Source, *, shared: bool) -> tuple[DotenvSite | ComposeSite | ComposeModelSite, ...]:
    """Return the sites of a dotenv or compose file, told apart by its suffix."""
    if PurePosixPath(source.path).suffix in (".yml", ".yaml"):
        return (*_compose(source, shared=shared), *_compose_models(source, shared=shared))
    return tuple(_dotenv(source, shared=shared))


def _dotenv(source: Source, *, shared: bool) -> Iterator[DotenvSite]:
    defined = frozenset(re.findall(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", source.text, re.MULTILINE))
    example = EXAMPLE.search(PurePosixPath(source.path).name) is not None
    first = True
    own = [(m, m["export"] or "") for m in DOTENV_LINE.finditer(source.text) if m["comment"] is None]
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
            shared,
            defined,
            source.newline,
        )
        first = first and not KEY_VARIABLE.fullmatch(m["name"])
    for m in DOTENV_MODEL.finditer(source.text):
        value = _plain(m["value"], m.start("value"))
        written = source.text[value.start : value.end]
        if MODEL_NAME.search(m["name"]) and MODEL.fullmatch(written):
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
                shared=shared,
                defined=defined,
                newline=source.newline,
            )


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


def _compose(source: Source, *, shared: bool) -> Iterator[ComposeSite]:
    entries = list(_entries(source.text))
    for m in TOKEN.finditer(source.text):
        if _in_comment(source.text, m.start()):
            continue
        span = Span(*m.span())
        around = next((e for e in entries if e[0].at <= span.start and span.end <= max(e[0].end, e[0].value.end)), None)
        if around is None:
            yield ComposeSite(source.path, span, m.group(), shared)
            continue
        entry, above, beside = around
        written = source.text[entry.value.start : entry.value.end]
        own = not written or any(KEY_VARIABLE.fullmatch(name) for name in TOKEN.findall(written))
        others = frozenset(n for n in beside if not KEY_VARIABLE.fullmatch(n)) | above
        value = None if own or span.start != entry.at else entry.value
        yield ComposeSite(source.path, span, m.group(), shared, entry.name, value, others)


def _compose_models(source: Source, *, shared: bool) -> Iterator[ComposeModelSite]:
    for entry, _, _ in _entries(source.text):
        value = source.text[entry.value.start : entry.value.end]
        found = re.fullmatch(r"""(?P<before>["']?(?:\$\{\w+:?-)?)(?P<model>[\w.:-]+?)\}?["']?""", value)
        if MODEL_NAME.search(entry.name) and found is not None and MODEL.fullmatch(found["model"]):
            start = entry.value.start + found.start("model")
            yield ComposeModelSite(source.path, Span(start, start + len(found["model"])), found["model"], shared)


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


def _plain(value: str, at: int) -> Span:
    """Return where a value stands that begins at ``at``, without its quotes and a comment behind it."""
    stripped = value.strip()
    start = at + len(value) - len(value.lstrip())
    if stripped[:1] in ("'", '"') and stripped.count(stripped[0]) > 1:
        return Span(start + 1, start + stripped.index(stripped[0], 1))
    return Span(start, start + len(re.split(r"(?:^|\s)#", stripped, maxsplit=1)[0].rstrip()))


def is_configuration(path: str) -> bool:
    """Whether a path is one of the files that this module reads, rather than Python."""
    name = PurePosixPath(path).name
    return PurePosixPath(path).suffix in (".yml", ".yaml") or name.startswith(".env") or name.endswith(".env")
