"""Text edits: replace ``text[start:end]``, nothing else is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from llm_codemods.frozen import ordered


class OverlapError(ValueError):
    """Two edits want the same characters."""


@ordered
class Span:
    """Half-open range of characters ``[start, end)`` in a source's text."""

    start: int
    end: int

    def __contains__(self, other: Span) -> bool:
        """Whether ``other`` lies within this span (a span contains itself)."""
        return self.start <= other.start and other.end <= self.end

    def part(self, start: int, end: int) -> Span:
        """Return the span of a part, which is told by offsets from this one's start."""
        return Span(self.start + start, self.start + end)


Place = tuple[str, Span]
"""Where something stands in a project: file and span."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put ``replacement`` where ``text[start:end]`` stands. ``start == end`` inserts."""

    start: int
    end: int
    replacement: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with all edits made; equal edits count once.

    Raises:
        OverlapError: two different edits overlap, or insert at the same place.
    """
    parts: list[str] = []
    done = 0
    last: Edit | None = None
    for edit in sorted(set(edits)):
        if edit.start < done or (last is not None and edit.start == last.start):
            raise OverlapError(f"edits overlap at {edit.start}")
        parts += (text[done : edit.start], edit.replacement)
        done, last = edit.end, edit
    parts.append(text[done:])
    return "".join(parts)


def merge(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Join edits that begin at the same place, insertions first, in the order given."""
    groups: dict[int, list[Edit]] = defaultdict(list)
    for edit in edits:
        groups[edit.start].append(edit)
    merged: list[Edit] = []
    for start, group in sorted(groups.items()):
        group.sort(key=lambda e: e.end)
        merged.append(Edit(start, group[-1].end, "".join(e.replacement for e in group)))
    return tuple(merged)
