"""Where the places of a text are once it has been changed."""

from __future__ import annotations

import re
from bisect import bisect_right
from difflib import SequenceMatcher
from itertools import accumulate

from llm_codemods.edits import Span


class Moved:
    """Where the places of a text are after it was changed: their lines, as far as they can be told."""

    def __init__(self, old: str, new: str) -> None:
        """Compare the lines of the two."""
        self.old = old
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
        self.starts = [0, *accumulate(map(len, before))]
        ends = [0, *accumulate(map(len, after))]
        self.new = [len(new)] * len(self.starts)
        self.blocks = [Span(len(new), len(new))] * len(self.starts)
        """What the lines became that were changed together with each."""
        self.text = new
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after).get_opcodes():
            for i in range(i1, i2):
                self.new[i] = ends[min(j1 + i - i1, max(j1, j2 - 1))]
                first, last = (j1 + i - i1, j1 + i - i1 + 1) if tag == "equal" else (j1, j2)
                self.blocks[i] = Span(ends[first], ends[last])

    def span(self, span: Span) -> Span:
        """Return where a place is now: in a line that was changed, what it says there that lies nearest."""
        line = self._line(span.start)
        start = min(self.new[line] + span.start - self.starts[line], len(self.text))
        said = self.old[span.start : span.end].partition("\n")[0]
        now = self.text[self.new[line] :].partition("\n")[0]
        found = [self.new[line] + match.start() for match in re.finditer(re.escape(said), now)] if said else []
        start = min(found, key=lambda at: abs(at - start), default=start)
        return Span(start, min(start + span.end - span.start, len(self.text)))

    def became(self, span: Span) -> str:
        """Return the lines that those of a place became."""
        first, last = self._line(span.start), self._line(max(span.start, span.end - 1))
        return self.text[self.blocks[first].start : self.blocks[last].end]

    def _line(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1
