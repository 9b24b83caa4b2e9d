"""What the code cells of a notebook hand to a shell or to IPython, and what their saved outputs show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from llm_codemods.configuration import lacking, shell, tokens
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import (
    Block,
    DependencySite,
    KeyEntrySite,
    Line,
    ModelEntrySite,
    Readers,
    Role,
    VariableEntrySite,
    Word,
    upgraded,
)
from llm_codemods.edits import Span
from llm_codemods.sites.kinds import Site
from llm_codemods.source import Source, outputs
from llm_codemods.vocabulary import VARIABLE

_SETS = re.compile(
    r"(?:%?(?:set_)?env[ \t]+(?P<name>[A-Za-z_]\w*)(?:[ \t]*=[ \t]*|[ \t]+)(?P<value>[^\r\n]*?)"
    r"|![ \t]*export[ \t]+(?P<exported>[A-Za-z_]\w*)=(?P<given>[^\s;&|]*))[ \t]*"
)
_COMMAND = re.compile(r"!{1,2}|%%(?:bash|sh|script[^\r\n]*|!)\s|%?(?=(?:pip|conda|uv)\b)|%(?=(?:sx|system)\b)")
"""What stands before a command of the shell."""


def sites(source: Source, readers: Readers) -> Iterator[Site]:
    """Yield the variables, models and packages in the commands of a notebook, and a site for keys in outputs."""
    commands = tuple(regions(source))
    found = [site for region in commands for site in _in_region(source, region)]
    yield from upgraded([site for site in found if isinstance(site, DependencySite)], readers)
    for site in found:
        if isinstance(site, VariableEntrySite | ModelEntrySite):
            yield replace(site, block=Block(readers=readers))
        elif not isinstance(site, DependencySite):
            yield site
    yield from lacking.sites(source, Form.NOTEBOOK, readers, commands)
    for cell, shown in outputs(source):
        if next(tokens.keys_in(shown), None) is not None:
            yield KeyEntrySite(source.path, Span(cell.span.start, cell.span.start), Form.JSON, in_output=True)


def regions(source: Source) -> Iterator[Span]:
    """Yield the lines, as far as they follow each other, that are no Python: commands, and cells of magics."""
    code, text = source.code, source.text
    for cell in source.cells:
        start = at = cell.span.start
        magic = _COMMAND.match(text, cell.span.start)
        if magic is not None and magic[0].startswith(("%%", "!!")):
            yield cell.span
            continue
        open_at: int | None = None
        for line in text[cell.span.start : cell.span.end].splitlines(keepends=True):
            start, at = at, at + len(line)
            masked = code[start:at] != text[start:at] or (open_at is not None and not line.strip())
            begins = masked and (open_at is None or _is_begin(code, start))
            if open_at is not None and (begins or not masked):
                yield Span(open_at, start)
                open_at = None
            if begins:
                open_at = start
        if open_at is not None:
            yield Span(open_at, at)


def _is_begin(code: str, start: int) -> bool:
    """Whether a masked line begins a command of its own; the further lines of one are comments."""
    return code[start:].lstrip(" \t")[:1] == "0"


def _in_region(source: Source, region: Span) -> Iterator[Site]:
    text = source.text[region.start : region.end]
    indent = len(text) - len(text.lstrip())
    sets = _SETS.fullmatch(text.strip())
    start = region.start + indent
    if sets is not None:
        name, given = ("name", "value") if sets["name"] else ("exported", "given")
        if VARIABLE.fullmatch(sets[name]):
            value = Word(sets[given], Span(start + sets.start(given), start + sets.end(given)))
            span = Span(start + sets.start(name), start + sets.end(name))
            site = VariableEntrySite(source.path, span, sets[name], Form.NOTEBOOK, (), Role.SET, value)
            stripped = text.strip()
            line = Line(Span(start, start + len(stripped)), stripped, source.newline, "#")
            yield replace(site, again=tuple(_named(value)), line=line)
        return
    before = _COMMAND.match(text, indent)
    if before is not None:
        start = region.start + before.end()
        for found in shell.sites(source.path, source.text, Form.SHELL, start=start, end=region.end):
            if isinstance(found, VariableEntrySite | ModelEntrySite | DependencySite):
                yield found


def _named(value: Word) -> Iterator[Word]:
    for found in tokens.VARIABLE.finditer(value.text):
        yield Word(found[0], value.span.part(*found.span()))
