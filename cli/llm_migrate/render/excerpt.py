"""The line of source that a finding speaks of, with what is meant underlined."""

from __future__ import annotations

from llm_codemods.edits import Span
from llm_codemods.masking import masked
from llm_codemods.source import Source
from llm_migrate.render.layout import width

CUT = "…"
NEAR = 200
"""So many characters before a line may say that what stands in it is a secret."""
LEAST = 20
"""Of a line something is shown, however narrow the terminal is."""


def excerpt(source: Source, span: Span, columns: int) -> tuple[str, str]:
    """Return the line in which a span begins, without what indents it, and a line that underlines the span.

    Of a longer line the part around the span is shown; keys are masked, and what a terminal would not show as one
    character is a space.
    """
    text = source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.start)
    end = len(text) if end < 0 else end
    line = masked(text[max(0, start - NEAR) : end])[min(start, NEAR) :]
    line = "".join(c if c.isprintable() else " " for c in line)
    first, last = span.start - start, max(min(span.end - start, len(line.rstrip())), span.start - start + 1)
    begin = min(len(line) - len(line.lstrip()), first)
    columns = max(columns, LEAST)
    if width(line[begin:].rstrip()) > columns:
        begin = max(begin, first - columns // 4)
        begin = min(first, len(line) - len(line[begin:].lstrip()))
    head = CUT if line[:begin].strip() else ""
    shown = head + line[begin:].rstrip()
    cut = _fitting(shown, columns)
    under = shown[first - begin + len(head) : min(last - begin + len(head), cut)]
    mark = " " * width(shown[: first - begin + len(head)]) + "^" * max(width(under), 1)
    return (shown if cut >= len(shown) else shown[:cut] + CUT), mark


def _fitting(line: str, columns: int) -> int:
    """Return how many characters of a line fit."""
    if width(line) <= columns:
        return len(line)
    count = min(len(line), columns)
    while width(line[:count]) >= columns:
        count -= 1
    return count
