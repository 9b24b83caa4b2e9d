"""Where the lines of a text start, and where in it a position of ``ast`` is."""

from __future__ import annotations

import re
from bisect import bisect_right

NEWLINE = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python's tokenizer; form feeds and Unicode separators do not."""
_LINE_FEED = re.compile(r"\n")
"""The same in a text without carriage returns: much faster."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f][^\r\n]*")
"""What is not ASCII, to the end of its line."""


class Lines:
    """Where the lines of a text start; translates ``ast`` positions into offsets."""

    __slots__ = ("_columns", "_end", "_text", "starts")

    def __init__(self, text: str) -> None:
        """Find the line starts of ``text`` once."""
        self._text = text
        self._end = len(text)
        newline = NEWLINE if "\r" in text else _LINE_FEED
        self.starts = [0, *map(re.Match.end, newline.finditer(text))]
        wide = () if text.isascii() else _NOT_ASCII.finditer(text)
        self._columns: dict[int, list[int]] = {self.line(found.start()): [] for found in wide}
        """Of each line that is not all ASCII: the character column for each byte column, once it was asked for."""

    def offset(self, lineno: int, col: int) -> int:
        """Return the offset of 1-based ``lineno`` and ``col`` in UTF-8 bytes, as ``ast`` gives them.

        A position beyond the text (old interpreters misplace nodes inside f-strings) gives the nearest offset.
        """
        if lineno > len(self.starts):
            return self._end
        offset = self.starts[lineno - 1] + (self._column(lineno, col) if lineno in self._columns else col)
        return offset if offset < self._end else self._end

    def line(self, offset: int) -> int:
        """Return the 1-based number of the line in which ``offset`` stands."""
        return bisect_right(self.starts, offset)

    def _column(self, lineno: int, col: int) -> int:
        """Return the character column for a byte column of a line that is not all ASCII."""
        columns = self._columns[lineno]
        if not columns:
            line = self._text[self.starts[lineno - 1] : self.starts[lineno] if lineno < len(self.starts) else self._end]
            columns += (i for i, character in enumerate(line) for _ in character.encode("utf-8", "surrogatepass"))
            columns.append(len(line))
        return columns[min(col, len(columns) - 1)]
