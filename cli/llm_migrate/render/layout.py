"""Columns of text as a terminal shows them: wide characters take two places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def width(cell: str) -> int:
    """Return how many columns a terminal gives the text: two for wide characters, none for what sets a style."""
    if cell.isascii() and "\x1b" not in cell:
        return len(cell)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in STYLE.sub("", cell))


def padded(cell: str, columns: int) -> str:
    """Return the text with spaces behind it, so that it takes so many columns."""
    return cell + " " * (columns - width(cell))


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Return each row as a line, the cells of a column below each other."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [gap.join(map(padded, row, widths)).rstrip() for row in rows]


def wrapped(line: str, columns: int, indent: str) -> Iterator[str]:
    """Yield the line cut into pieces that fit into so many columns, all but the first behind ``indent``.

    It is cut at spaces and beside wide characters, between which Chinese may always be cut; a longer word stays whole,
    so that a path or an address can still be opened.
    """
    room, piece = columns, ""
    for word in _words(line):
        if piece.strip() and width(piece + word.rstrip()) > room:
            yield piece.rstrip()
            piece = indent
        piece += word
    yield piece.rstrip()


def _words(line: str) -> Iterator[str]:
    """Yield the line in pieces that must not be cut, spaces and full stops at the end of what they follow."""
    word = ""
    for char, following in zip(line, [*line[1:], ""], strict=True):
        word += char
        wide = unicodedata.east_asian_width(char) in "WF" or unicodedata.east_asian_width(following or " ") in "WF"
        closes = unicodedata.category(following)[0] == "P" if following else False
        if (char == " " and following != " ") or (wide and not closes and following != " "):
            yield word
            word = ""
    if word:
        yield word
