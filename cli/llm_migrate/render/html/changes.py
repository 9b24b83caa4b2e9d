"""Changes of text to be looked at: what a fix does to the lines around it, and what a run does to a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from xml.etree.ElementTree import Element

from llm_codemods.edits import Edit, apply
from llm_codemods.source import Source, position
from llm_migrate.language import say
from llm_migrate.render import diff
from llm_migrate.render.html.markup import el

AROUND = 2
"""Lines that are shown before and after a change."""
CLASSES = {"+": "more", "-": "less", "@": "at"}


def of_edits(source: Source, edits: Iterable[Edit]) -> Element:
    """Return what edits do to a file, a part for those that are near each other."""
    return _lines(line for near in _near(source, sorted(edits)) for line in _part(source, near))


def of_file(path: str, before: bytes | None, after: bytes) -> tuple[Element, int, int]:
    """Return what becomes of a file, with the numbers of lines that come and go. ``before`` None: it is new."""
    old = None if before is None else diff.masked(before)
    lines = [line.decode("utf-8", "replace").rstrip("\r\n") for line in diff.unified(path, old, diff.masked(after))]
    body = lines[next((i for i, line in enumerate(lines) if line.startswith("@@")), len(lines)) :]
    more, less = (sum(line.startswith(sign) for line in body) for sign in "+-")
    return _lines(body), more, less


def _near(source: Source, edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Yield groups of edits whose surroundings touch."""
    group: list[Edit] = []
    for edit in edits:
        if group and source.lines.line(edit.start) > source.lines.line(group[-1].end) + 2 * AROUND:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _part(source: Source, edits: Sequence[Edit]) -> Iterator[str]:
    """Yield the place and the lines of one part, each with its sign."""
    starts = source.lines.starts
    first = max(source.lines.line(edits[0].start) - 1 - AROUND, 0)
    last = source.lines.line(max(edit.end for edit in edits)) + AROUND
    begin = starts[first]
    old = source.text[begin : starts[last] if last < len(starts) else len(source.text)]
    new = apply(old, [Edit(e.start - begin, e.end - begin, e.replacement) for e in edits])
    at = position(source, begin)
    where = say("line {line}", line=at.line)
    yield "@@ " + (where if at.cell is None else say("cell {cell}, {where}", cell=at.cell, where=where))
    before, after = old.splitlines(), new.splitlines()
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (f" {line}" for line in before[i1:i2])
        else:
            yield from (f"-{line}" for line in before[i1:i2])
            yield from (f"+{line}" for line in after[j1:j2])


def _lines(lines: Iterable[str]) -> Element:
    return el("pre", (el("span", line, class_=CLASSES.get(line[:1])) for line in lines), class_="diff", tabindex="0")
