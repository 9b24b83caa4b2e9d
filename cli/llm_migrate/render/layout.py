"""Columns of text as a terminal shows them: wide characters take two places."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(cell: str) -> int:
    """Return how many columns a terminal gives the text: two for wide characters."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in cell)


def padded(cell: str, columns: int) -> str:
    """Return the text with spaces behind it, so that it takes so many columns."""
    return cell + " " * (columns - width(cell))


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Return each row as a line, the cells of a column below each other."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [gap.join(map(padded, row, widths)).rstrip() for row in rows]


def folded(said: str, indent: str, columns: int) -> list[str]:
    """Return a text in lines of so many columns at most, each indented; what has no blank in it is not broken."""
    lines: list[str] = []
    line = ""
    for word in said.split():
        longer = f"{line} {word}" if line else word
        if line and width(indent + longer) > columns:
            lines.append(indent + line)
            longer = word
        line = longer
    return [*lines, indent + line] if line else lines
