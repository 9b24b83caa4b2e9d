"""All the edits that fixes need in one text: those of expressions, composed where they lie in each other."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from llm_codemods import imports
from llm_codemods.edits import Edit, Span, merge
from llm_codemods.operations import (
    AskTruth,
    CallMethod,
    CopyBeside,
    Filter,
    Fix,
    GuardAttribute,
    JoinEntries,
    KeepBehind,
    Operation,
    ReadAttribute,
    Replace,
    ReplaceStatement,
    WholeObject,
    Wrap,
)
from llm_codemods.parsed import Module
from llm_codemods.text import Text, text
from llm_codemods.transform.expressions import operated
from llm_codemods.transform.formatted_strings import Inside, in_string, inside_strings
from llm_codemods.transform.lookups import read_attribute
from llm_codemods.transform.nodes import LOOSE, TIGHT, RefusedError, code_of, in_parentheses, parsed, unified
from llm_codemods.transform.regions import Region, regions
from llm_codemods.transform.statements import Statements
from llm_codemods.transform.switches import with_both

_ONCE = (AskTruth, CallMethod, Filter, GuardAttribute, JoinEntries, KeepBehind, ReadAttribute, WholeObject)
"""What is done once to an expression, however many fixes want it."""


@dataclass
class Rewriter:
    """Turns fixes into edits; ``refused`` holds the fixes (by index) that the last call found impossible."""

    code: str
    module: Module | None
    newline: str
    imports_at: int | None
    refused: dict[int, Text] = field(default_factory=dict)

    def edits(self, fixes: Mapping[int, Fix]) -> list[Edit]:
        """Return the edits that make ``fixes`` (by index), as far as that can be done, in no certain order."""
        self.refused = {}
        made: list[Edit] = []
        replaced: Mapping[Span, Edit] = {}
        strings: Mapping[Span, Sequence[tuple[int, str, Operation]]] = {}
        if self.module is None:
            self.refused.update(_needing_tree(fixes))
        else:
            planned = imports.plan(self.module, fixes, self.newline, self.imports_at)
            self.refused.update(planned.refused)
            statements = Statements(self.code, self.module, self.newline, self.refused)
            inserted = [*statements.inserted(fixes.values()), *statements.beside(fixes), *statements.defined(fixes)]
            replaced = statements.replaced(fixes, {edit.start for edit in inserted})
            made += [*planned.edits, *inserted, *replaced.values()]
            strings = inside_strings(self.module, fixes)
        for region in regions(fixes, strings):
            if any(region.span in span for span in replaced):
                continue
            old = self.code[region.span.start : region.span.end]
            new = self._written(region).replace("\n", newline_of(old, self.newline))
            if new != old:
                made.append(Edit(region.span.start, region.span.end, new))
        made = list(dict.fromkeys(made))  # fixes may have a change in common
        return list(merge(made))  # an import may be put right before a change

    def _written(self, region: Region) -> str:
        """Return the new code of ``region``, its newlines line feeds."""
        parts: list[str] = []
        at = region.span.start
        for inner in region.inner:
            parts += (self.code[at : inner.span.start], self._written(inner))
            at = inner.span.end
        parts.append(self.code[at : region.span.end])
        old = unified("".join(parts))
        try:
            node = parsed(old)
        except RefusedError as refusal:
            self.refused.update((index, refusal.reason) for index, _ in (*region.operations, *region.switched))
            return old
        node = self._all_operated(node, region.operations, region.span)
        if region.switch is not None and not isinstance(node, cst.Call):
            reason = text("it is not written in the call, so both sides cannot be kept")
            self.refused.update((index, reason) for index, _ in region.switched)
        elif region.switch is not None:
            try:
                node = with_both(node, self._all_operated(node, region.switched, region.span), region.switch)
            except RefusedError as refusal:
                self.refused.update((index, refusal.reason) for index, _ in region.switched)
        return self._spaced(code_of(node), region.span)

    def _all_operated(
        self, node: cst.BaseExpression, operations: Sequence[tuple[int, Operation | Inside]], span: Span
    ) -> cst.BaseExpression:
        done: Inside | None = None
        once: set[Operation] = set()
        for index, operation in operations:
            if operation is done or operation in once:
                continue  # all that is done inside of an f-string is done at once
            if isinstance(operation, _ONCE):
                once.add(operation)  # two looks may have it in common
            done = operation if isinstance(operation, Inside) else None
            try:
                node = self._operated(node, operation, span)
            except RefusedError as refusal:
                self.refused[index] = refusal.reason
                if done is not None:
                    self.refused.update((i, refusal.reason) for i, other in operations if other is done)
        return node

    def _operated(self, node: cst.BaseExpression, operation: Operation | Inside, span: Span) -> cst.BaseExpression:
        if isinstance(operation, Inside):
            return in_string(node, operation)
        if isinstance(operation, ReadAttribute):
            new = read_attribute(node)
        elif isinstance(operation, Replace):
            new = parsed(unified(operation.code))
        else:
            new = operated(node, operation)
            if not isinstance(operation, Wrap):
                return new
        safe = isinstance(new, TIGHT) or new.lpar
        free = isinstance(new, LOOSE) and self._stands_free(span, new)
        return new if safe or free else in_parentheses(new)

    def _stands_free(self, span: Span, new: cst.BaseExpression) -> bool:
        """Whether an expression with an operator may stand at ``span`` without parentheses."""
        compares = isinstance(new, cst.Comparison)
        if self.module is None:
            return False
        line = self.module.lines.line(span.start)
        for node in self.module.near(span):
            match node:
                case ast.keyword(value=child) | ast.Assign(value=child) | ast.Expr(value=child):
                    children: Sequence[ast.expr | None] = [child]
                case ast.AnnAssign(value=child) | ast.Return(value=child) | ast.If(test=child) | ast.While(test=child):
                    children = [child]
                case ast.Call(args=children) | ast.List(elts=children) | ast.Tuple(elts=children):
                    pass
                case ast.comprehension(ifs=ifs, iter=child) if isinstance(new, cst.BooleanOperation) or compares:
                    children = [*ifs, child]
                case ast.BoolOp(values=children) if compares:
                    pass
                case ast.For(iter=child) | ast.AsyncFor(iter=child):
                    children = [child]
                case ast.Dict(keys=keys, values=values):
                    children = [value for key, value in zip(keys, values, strict=True) if key]
                case _:
                    continue
            if any(c is not None and c.lineno == line and self.module.span(c) == span for c in children):
                return True
        return False

    def _spaced(self, new: str, span: Span) -> str:
        """Keep a space where a word would run into the word before or after it: ``else"x"``."""
        old = self.code[span.start : span.end]
        if _in_word(self.code[span.start - 1 : span.start]) and _in_word(new[:1]) and not _in_word(old[:1]):
            new = " " + new
        if _in_word(self.code[span.end : span.end + 1]) and _in_word(new[-1:]) and not _in_word(old[-1:]):
            new += " "
        return new


def _needing_tree(fixes: Mapping[int, Fix]) -> dict[int, Text]:
    """Return the fixes that cannot be made in a file that does not parse."""
    refused: dict[int, Text] = {}
    for index, fix in fixes.items():
        operations = [operation for change in fix.changes for operation in change.operations]
        if any(isinstance(operation, ReplaceStatement) for operation in operations):
            refused[index] = text("it is no statement with lines of its own")
        elif fix.definitions:
            refused[index] = text("the file does not parse, so its functions are unknown")
        elif any(isinstance(operation, CopyBeside) for operation in operations):
            refused[index] = text("it is not assigned to one name")
        elif fix.imports:
            refused[index] = text("the file does not parse, so its imports are unknown")
    return refused


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def newline_of(code: str, otherwise: str = "\n") -> str:
    """Return the newline that ``code`` has most."""
    both = code.count("\r\n")
    counted = {"\n": code.count("\n") - both, "\r\n": both, "\r": code.count("\r") - both}
    most = max(counted.values())
    return next(newline for newline, count in counted.items() if count == most) if most else otherwise
