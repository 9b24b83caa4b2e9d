"""Sites in files that are no Python: a module a form of file.

A form that is keys and values gives *entries*, which ``meaning`` judges. Nothing here is loaded but what a file needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llm_codemods.configuration import compose, dotenv
from llm_codemods.configuration.forms import Form, form_by_name, form_of
from llm_codemods.configuration.sites import (
    RECORDED,
    DependencySite,
    EndpointEntrySite,
    ModelEntrySite,
    OptionEntrySite,
    RequestSite,
    VariableEntrySite,
)
from llm_codemods.edits import Edit
from llm_codemods.operations import Fix, Replace
from llm_codemods.source import UTF_16, Source, SourceError, decode
from llm_codemods.text import Text, text

if TYPE_CHECKING:
    from llm_codemods.rule import Place

__all__ = ["edits_of", "is_configuration", "left_out", "matters", "read", "sites"]

REPEATED = 20
"""More places than this with the same keys above them are rows of data, or a table: the first stands for all."""
SHELL_KEYS = frozenset(
    {
        *("after_script", "args", "before_script", "cmd", "cmds", "command", "commands", "entrypoint", "install"),
        *("run", "script", "scripts"),
    }
)
"""Keys whose values are commands."""
LARGEST = 2_000_000
LONGEST = 500
"""Characters a line, on average, of a script that a program made."""
_REWRITTEN = (Form.DOTENV, Form.COMPOSE)
_MATTERS = re.compile(
    rb"openai|o[pP][eE][nN]_?[aA][iI]|O[pP][eE][nN]_?[aA][iI]|gpt-[0-9i]|text-embedding-|(?:text|code)-davinci|dall-e"
    rb"|whisper-1|tts-1|tiktoken|s(?<![\w-]s)k-[A-Za-z0-9]|o[134](?<!\w..)(?:-(?:mini|pro|preview)|[\"'\s,]|$)"
)
"""Every branch begins with a plain letter: three times as fast."""
RowSite = VariableEntrySite | ModelEntrySite | EndpointEntrySite | OptionEntrySite


def is_configuration(path: str) -> bool:
    """Whether a path is one of the files that this package reads, rather than Python."""
    return form_by_name(path) is not None


def matters(data: bytes) -> bool:
    """Whether a file with these bytes could hold a site: it names OpenAI, one of its models, or a key."""
    if data.startswith(UTF_16):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    return _MATTERS.search(data, 0, LARGEST) is not None


def left_out(path: str, data: bytes) -> Text | None:
    """Return why a file that could matter is not looked at, though nothing is wrong with it; None if it is."""
    form = form_by_name(path)
    if form in _REWRITTEN:
        return None
    if len(data) > LARGEST:
        return text("larger than {size} MB: taken for data", size=LARGEST // 1_000_000)
    if b"\0" in data and not data.startswith(UTF_16):
        return text("not a text file: it holds null bytes")
    if form is Form.JAVASCRIPT and len(data) > 20_000 and data.count(b"\n") * LONGEST < len(data):
        return text("a script with such long lines is taken for the product of a build")
    return None


def read(path: str, data: bytes) -> Source:
    """Read a file that is no Python. One that is never rewritten need not be UTF-8: what we look for is ASCII.

    Raises:
        SourceError: a dotenv or compose file that is not UTF-8.
    """
    try:
        return decode(path, data)
    except SourceError:
        if form_by_name(path) in _REWRITTEN:
            raise
    encoding = "utf-16" if data.startswith(UTF_16) else "latin-1"
    return Source(path, data.decode(encoding, "replace"), encoding)


def sites(source: Source, *, shared: bool) -> tuple[Place, ...]:
    """Return the sites of a file that is no Python, in the order of their places.

    ``shared``: something in the project needs OpenAI's variables whatever becomes of the clients.
    """
    form = form_of(source)
    if form is None:
        return ()
    return tuple(sorted(_together(_sites(source, form, shared=shared)), key=lambda site: site.span))


def _sites(source: Source, form: Form, *, shared: bool) -> Iterator[Place]:
    path, code = source.path, source.text
    if form is Form.DOTENV:
        known: list[Place] = list(dotenv.sites(source, shared=shared))
        yield from known
        yield from _beside(known, _lines(path, code, form))
    elif form is Form.COMPOSE:
        known = list(compose.sites(source, shared=shared))
        yield from known
        yield from _beside(known, _tree(path, code, form))
    elif form is Form.INI:
        yield from _lines(path, code, form)
    elif form in (Form.REQUIREMENTS, Form.LOCK):
        from llm_codemods.configuration import dependencies

        found = dependencies.in_lock if form is Form.LOCK else dependencies.in_requirements
        yield from found(path, code)
    elif form in (Form.YAML, Form.TOML, Form.JSON):
        yield from _tree(path, code, form)
    elif form in (Form.SHELL, Form.DOCKERFILE, Form.MAKEFILE, Form.PROCFILE):
        from llm_codemods.configuration import shell

        yield from shell.sites(path, code, form)
    elif form is Form.DOCUMENT:
        from llm_codemods.configuration import documents

        yield from documents.sites(path, code)
    elif form is Form.JAVASCRIPT:
        from llm_codemods.configuration import javascript

        yield from javascript.sites(path, code)


def _lines(path: str, code: str, form: Form) -> Iterator[Place]:
    from llm_codemods.configuration import lines, meaning

    for entry in lines.entries(code):
        yield from meaning.sites_of(entry, path, form)


def _tree(path: str, code: str, form: Form) -> Iterator[Place]:
    from llm_codemods.configuration import entries, javascript, meaning, shell

    package = PurePosixPath(path).name == "package.json"
    for entry in entries.entries(Form.YAML if form is Form.COMPOSE else form, code):
        if package:
            yield from javascript.required(path, entry)
        elif entry.keys[:1] == (RECORDED,):
            first = next((s for s in meaning.sites_of(entry, path, form) if isinstance(s, EndpointEntrySite)), None)
            if first is not None:
                yield first
                return
        elif form is Form.YAML and entry.value is not None and entry.own in SHELL_KEYS:
            span = entry.value.span
            yield from shell.sites(path, code, Form.SHELL, start=span.start, end=span.end)
        else:
            yield from meaning.sites_of(entry, path, form)


def _beside(known: Iterable[Place], more: Iterable[Place]) -> Iterator[Place]:
    """Yield of ``more`` what ``known`` lacks: no variables, and nothing in the same place."""
    taken = [site.span for site in known]
    for site in more:
        other = isinstance(site, ModelEntrySite | EndpointEntrySite | OptionEntrySite | RequestSite | DependencySite)
        if other and not any(span.start < site.span.end and site.span.start < span.end for span in taken):
            yield site


def _together(found: Iterable[Place]) -> Iterator[Place]:
    """Let one site stand for the rows of data or of a table; models of one table may differ."""
    rows: dict[tuple[object, ...], list[RowSite]] = {}
    for site in found:
        if isinstance(site, RowSite) and site.keys:
            name = "" if isinstance(site, ModelEntrySite) else _name(site)
            rows.setdefault((type(site), site.keys, name), []).append(site)
        else:
            yield site
    for group in rows.values():
        yield from group if len(group) <= REPEATED else (replace(group[0], times=len(group)),)


def _name(site: RowSite) -> str:
    return site.url if isinstance(site, EndpointEntrySite) else site.name


def edits_of(fixes: Sequence[Fix]) -> list[Edit]:
    """Return the edits of fixes in such a file: every change replaces text as it stands."""
    return [
        Edit(change.span.start, change.span.end, operation.code)
        for fix in fixes
        for change in fix.changes
        for operation in change.operations
        if isinstance(operation, Replace)
    ]
