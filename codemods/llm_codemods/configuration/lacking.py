"""Packages that moved code needs, in files that ask for their framework and not for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from llm_codemods.configuration import dependencies, entries, shell
from llm_codemods.configuration.entries import Entry
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import Addition, LackingSite, Readers, Word, serves
from llm_codemods.edits import Span
from llm_codemods.source import Source

_HEAD = re.compile(r"""[ \t]*(?:-[ \t]+)?["']?""")
"""What may stand on a line before what is required."""
_END = re.compile(r"""["']?[ \t]*,?[ \t]*(?:#.*)?$""", re.MULTILINE)
"""And what behind it."""


def sites(source: Source, form: Form, readers: Readers, parts: Sequence[Span] = ()) -> Iterator[LackingSite]:
    """Yield the packages that a file lacks: each behind the last that it has of the framework. ``parts``: where
    commands stand in a notebook."""
    here = [one for one in sorted(readers.packages) if serves(source.path, one.path)]
    for package, wanted in dict.fromkeys((one.package, one.family) for one in here):
        if re.search(_spelled(package) + r"(?![\w.-]*\w)", source.text, re.IGNORECASE):
            continue
        family = re.compile(rf"(?<![\w./@:$,\[-]){_spelled(wanted)}(?![a-z])[\w.-]*", re.IGNORECASE)
        found = list(_required(source, form, family, parts))
        if found:
            word, addition = found[-1]
            name = family.match(word.text)
            assert name is not None
            span = Span(word.span.start, word.span.start + name.end())
            sure = any(one.sure for one in here if one.package == package)
            yield LackingSite(source.path, span, name[0], package, sure, addition)


def _spelled(name: str) -> str:
    """Return the pattern of a package's name in all its spellings."""
    return "[-_.]".join(map(re.escape, name.split("-")))


def _required(
    source: Source, form: Form, family: re.Pattern[str], parts: Sequence[Span]
) -> Iterator[tuple[Word, Addition | None]]:
    """Yield what is required of a framework, and what to write where for one package more; None: it is a person's."""
    code = source.text
    if form is Form.REQUIREMENTS:
        hashed = "--hash" in code
        for line in re.finditer(rf"^[ \t]*(?={family.pattern})[^\r\n]*", code, re.MULTILINE | re.IGNORECASE):
            written = line[0].lstrip()
            word = Word(written, Span(line.end() - len(written), line.end()))
            yield word, None if hashed or written.endswith("\\") else Addition(line.end(), source.newline)
    elif form in (Form.TOML, Form.YAML):
        asked = [e for e in entries.entries(form, code, family) if dependencies.is_list(e.keys)]
        lists = [(e.keys if e.key is None else e.keys[:-1]) for e in asked]
        for entry, keys in zip(asked, lists, strict=True):
            if keys == lists[0]:  # the other lists are of extras
                yield from _of_entry(source, entry, family)
    elif form in (Form.SHELL, Form.DOCKERFILE, Form.MAKEFILE, Form.NOTEBOOK):
        kind = Form.SHELL if form is Form.NOTEBOOK else form
        commands = (list(shell.installed(source.path, code, kind, family, part)) for part in parts)
        for word in next(filter(None, commands), ()):
            yield word, Addition(word.span.end + len(word.quote), " ")


def _of_entry(source: Source, entry: Entry, family: re.Pattern[str]) -> Iterator[tuple[Word, Addition | None]]:
    code, key, value = source.text, entry.key, entry.value
    if key is not None and dependencies.is_table(entry.keys[:-1]) and family.fullmatch(key.text):
        filled = _line(code, key.span.start, value.span.end if value is not None else key.span.end)
        put = Addition(filled[1], f"{source.newline}{filled[0]}", ' = "*"') if filled is not None else None
        yield key, put
    elif value is not None and family.match(value.text):
        start, end = value.span.start - len(value.quote), value.span.end + len(value.quote)
        filled = _line(code, value.span.start, value.span.end)
        comma = "," if code.startswith(",", end) else ""
        if filled is not None and (comma or "-" in filled[0]):
            yield value, Addition(filled[1], f"{source.newline}{filled[0]}", f"{value.quote}{comma}")
        elif key is None:
            before = code[code.rfind("\n", 0, start) + 1 : start]
            gap = " " if before.strip() else f"{source.newline}{before}"
            yield value, Addition(end, f",{gap}{value.quote}", value.quote)


def _line(code: str, start: int, end: int) -> tuple[str, int] | None:
    """Return what stands on a line before a place, and where the line ends; None where more stands on it."""
    begin = code.rfind("\n", 0, start) + 1
    tail = _END.match(code, end)
    return (
        (code[begin:start], end + len(tail[0].rstrip("\r"))) if tail and _HEAD.fullmatch(code, begin, start) else None
    )
