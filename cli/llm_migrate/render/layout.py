"""Columns of text as a terminal shows them: wide characters take two places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

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


LEAST = 24
"""So wide a last column must be that its text is wrapped within it."""


def fitted(rows: Sequence[Sequence[str]], columns: int | None, indent: str = "      ") -> list[list[str]]:
    """Return the lines of each row, aligned as far as so many columns allow; None: each row is one line.

    Text in the last column is wrapped there if that leaves it some room; else what does not fit stands in lines below,
    behind ``indent``.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    if columns is None or sum(widths) + 2 * (len(widths) - 1) <= columns:
        return [[line] for line in aligned(rows)]
    first = sum(widths[:-1]) + 2 * (len(widths) - 1)
    if columns - first >= LEAST:
        return [
            ["  ".join((*map(padded, row[:-1], widths), line)).rstrip(), *(" " * first + more for more in others)]
            for row in rows
            for line, *others in [wrapped(row[-1], columns - first, "")]
        ]
    count, room = 1, columns - widths[0]
    while count < len(widths) and room - widths[count] - 2 >= 0:
        room -= widths[count] + 2
        count += 1
    if count == len(widths):
        return [[line] for line in aligned(rows)]
    heads = aligned([row[:count] for row in rows])
    below = fitted([row[count:] for row in rows], max(columns - len(indent), LEAST), "")
    return [[head, *(indent + line for line in lines)] for head, lines in zip(heads, below, strict=True)]


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
    for char, following in zip_longest(line, line[1:], fillvalue=""):
        word += char
        wide = unicodedata.east_asian_width(char) in "WF" or unicodedata.east_asian_width(following or " ") in "WF"
        closes = unicodedata.category(following)[0] == "P" if following else False
        if (char == " " and following != " ") or (wide and not closes and following != " "):
            yield word
            word = ""
    if word:
        yield word
