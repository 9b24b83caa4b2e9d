"""The regions of a text that fixes change: which cannot be changed, which lie within others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from llm_codemods.edits import Span
from llm_codemods.operations import (
    CallMethod,
    Change,
    CopyBeside,
    Fix,
    InsertAfter,
    InsertBefore,
    Operation,
    ReadAttribute,
    RenameFunction,
    ReplaceStatement,
    ReplaceString,
    ReplaceTail,
    Switch,
)
from llm_codemods.parsed import Module
from llm_codemods.text import Text, text
from llm_codemods.transform.formatted_strings import Inside, is_late

SPECIAL = frozenset("\"'\\{}")
"""What means something else inside an f-string."""


def misplaced(fixes: Sequence[Fix], code: str, module: Module | None) -> dict[int, Text]:
    """Return the fixes (by index) whose spans cannot be changed, or cross those of earlier fixes."""
    refused: dict[int, Text] = {}
    taken: set[Span] = set()
    for index, fix in enumerate(fixes):
        spans: set[Span] = set()
        for change in fix.changes:
            span = change.span
            if not 0 <= span.start < span.end <= len(code):
                refused[index] = text("there is no expression at this place")
            elif module is not None and _is_quoted(module, span) and not _fits_in_string(fix, span):
                refused[index] = text("it stands inside an f-string")
            elif any(_cross(span, other) for other in taken | spans):
                refused[index] = text("it overlaps another change")
            spans.add(span)
        if index not in refused:
            taken |= spans
    return refused


def _cross(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end and a not in b and b not in a


def _is_quoted(module: Module, span: Span) -> bool:
    """Whether it stands inside a formatted string: quotes in them, and their nodes' places, differ between versions of
    Python."""
    return any(whole != span for whole in module.strings(span).values())


def _fits_in_string(fix: Fix, span: Span) -> bool:
    """Whether what is to be done at ``span`` can be done inside an f-string: it needs no quotes."""
    return all(
        isinstance(o, CallMethod | ReadAttribute | RenameFunction)
        or (isinstance(o, ReplaceTail) and not set(o.new) & SPECIAL)
        or (isinstance(o, ReplaceString) and not set(o.value) & SPECIAL)
        for change in fix.changes
        if change.span == span
        for o in change.operations
    )


@dataclass(frozen=True, slots=True)
class Region:
    """A span to change, the operations on it with the index of their fix, and the regions within it."""

    span: Span
    operations: tuple[tuple[int, Operation | Inside], ...]
    switched: tuple[tuple[int, Operation], ...]
    switch: Switch | None
    inner: list[Region] = field(default_factory=list)


def regions(fixes: Mapping[int, Fix], strings: Mapping[Span, Sequence[tuple[int, str, Operation]]]) -> list[Region]:
    """Return the outermost regions, in the order of the text; ``strings`` says what is done inside of f-strings."""
    changes: dict[Span, list[tuple[int, Change]]] = {}
    for index, fix in fixes.items():
        for change in fix.changes:
            if any(change.span in whole and change.span != whole for whole in strings):
                continue
            apart = InsertAfter | InsertBefore | ReplaceStatement | CopyBeside
            if not any(isinstance(operation, apart) for operation in change.operations):
                changes.setdefault(change.span, []).append((index, change))
    outermost: list[Region] = []
    around: list[Region] = []
    for span in sorted(changes.keys() | strings.keys(), key=lambda s: (s.start, -s.end)):
        within = strings.get(span, ())
        inside = Inside(tuple((tree, operation) for _, tree, operation in within))
        first = [(i, inside) for i in dict.fromkeys(index for index, _, _ in within)]
        here = changes.get(span, [])
        plain = sorted(
            ((i, o) for i, c in here if c.switch is None for o in c.operations), key=lambda row: is_late(row[1])
        )
        switched = tuple((i, o) for i, change in here if change.switch is not None for o in change.operations)
        switch = next((change.switch for _, change in here if change.switch is not None), None)
        region = Region(span, (*first, *plain), switched, switch)
        while around and span not in around[-1].span:
            around.pop()
        (around[-1].inner if around else outermost).append(region)
        around.append(region)
    return outermost
