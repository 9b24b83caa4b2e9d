"""Whole statements: put some before or after others, in their place, and functions above them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from llm_codemods.edits import Edit, Span
from llm_codemods.lines import NEWLINE
from llm_codemods.operations import CopyBeside, Definition, Fix, InsertAfter, InsertBefore, Operation, ReplaceStatement
from llm_codemods.parsed import Module
from llm_codemods.text import Text, text
from llm_codemods.transform.chains import renamed
from llm_codemods.transform.expressions import operated
from llm_codemods.transform.nodes import RefusedError, code_of, parsed, unified


@dataclass
class Statements:
    """Turns what fixes do to whole statements of a module into edits; ``refused`` gets the fixes (by index) that are
    impossible."""

    code: str
    module: Module
    newline: str
    refused: dict[int, Text]

    def inserted(self, fixes: Iterable[Fix]) -> Iterator[Edit]:
        """Yield the edits that put statements before or after others."""
        changes = (change for fix in fixes for change in fix.changes)
        for change in changes:
            for operation in change.operations:
                if isinstance(operation, InsertAfter):
                    indent = self.module.indent(change.span.start) or ""
                    end = self.module.past_imports(change.span) if operation.past_imports else change.span.end
                    at = self.module.line_end(end)
                    blank = self.newline if operation.past_imports else ""
                    lines = (f"{indent}{code}" if code else "" for code in operation.statements)
                    statements = "".join(f"{self.newline}{line}" for line in lines)
                    yield Edit(at, at, blank + statements)
                elif isinstance(operation, InsertBefore):
                    yield Edit(change.span.start, change.span.start, self._lines(operation, change.span.start))

    def _lines(self, operation: InsertBefore, at: int) -> str:
        """Return the lines to put before the statement that begins at an offset."""
        indent = self.module.indent(at) or ""
        level = _level(self.code[:at], indent)
        shaped = (line.replace("\t", level, 1) if line.startswith("\t") else line for line in operation.lines)
        return "".join(f"{line}{self.newline}{indent}" for line in shaped)

    def replaced(self, fixes: Mapping[int, Fix], inserted: set[int]) -> dict[Span, Edit]:
        """Return the edits that put statements in the place of others, by the spans of these.

        ``inserted``: where other statements are put.
        """
        wanted: dict[Span, dict[str, None]] = {}
        for index, fix in fixes.items():
            for change in fix.changes:
                for operation in change.operations:
                    if isinstance(operation, ReplaceStatement):
                        if not self.module.is_alone(change.span):
                            self.refused[index] = text("it is no statement with lines of its own")
                        else:
                            wanted.setdefault(change.span, {}).update(dict.fromkeys(operation.statements))
        kept = _last_of_blocks(self.module, {span for span, statements in wanted.items() if not statements})
        return {
            span: self._replacement(span, tuple(new) or kept.get(span, ()), inserted) for span, new in wanted.items()
        }

    def _replacement(self, span: Span, statements: tuple[str, ...], inserted: set[int]) -> Edit:
        indent = self.module.indent(span.start) or ""
        if statements:
            return Edit(span.start, span.end, f"{self.newline}{indent}".join(statements))
        line_end = self.module.line_end(span.end)
        if self.code[span.end : line_end].strip():  # a comment of the user's stays
            return Edit(span.start, line_end - len(self.code[span.end : line_end].lstrip()), "")
        newline = NEWLINE.match(self.code, line_end) if line_end not in inserted else None
        end = newline.end() if newline else line_end
        return Edit(span.start - len(indent), end, "")

    def beside(self, fixes: Mapping[int, Fix]) -> Iterator[Edit]:
        """Yield the edits that put copies of calls below their statements, each of them once."""
        seen: set[Edit] = set()
        for index, fix in fixes.items():
            for change in fix.changes:
                for operation in change.operations:
                    if isinstance(operation, CopyBeside):
                        try:
                            edit = self._copied(change.span, operation)
                        except RefusedError as refusal:
                            self.refused[index] = refusal.reason
                            continue
                        if edit not in seen:
                            seen.add(edit)
                            yield edit

    def _copied(self, span: Span, operation: CopyBeside) -> Edit:
        statement = self._assignment(span)
        if statement is None:
            raise RefusedError(text("it is not assigned to one name"))
        at = self.module.span(statement)
        indent = self.module.indent(at.start)
        if indent is None or self.module.line_end(at.end) != at.end + len(self._rest(at.end)):
            raise RefusedError(text("other code stands on its line"))
        target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
        place = self.module.span(target)
        left = renamed(parsed(unified(self.code[place.start : place.end])), operation.name)
        right = parsed(unified(self.code[span.start : span.end]))
        for change in operation.operations:
            right = operated(right, change)
        line = self.module.line_end(at.end)
        new = f"\n{indent}{code_of(left)} = {code_of(right)}".replace("\n", self.newline)
        return Edit(line, line, new)

    def _rest(self, offset: int) -> str:
        """Return what stands behind ``offset`` in its line, if it is nothing but a comment; else nothing."""
        behind = self.code[offset : self.module.line_end(offset)]
        return behind if not behind.strip() or behind.lstrip().startswith("#") else ""

    def _assignment(self, span: Span) -> ast.Assign | ast.AnnAssign | None:
        """Return the statement that gives the value at ``span`` to one name or attribute, and nothing else."""
        for node in self.module.near(span):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if self.module.span(node.value) == span:
                    plain = len(targets) == 1 and isinstance(targets[0], ast.Name | ast.Attribute)
                    return node if plain else None
        return None

    def defined(self, fixes: Mapping[int, Fix]) -> Iterator[Edit]:
        """Yield the edits that put functions above the first statement of the module that needs them."""
        needed: dict[Definition, int] = {}
        for index, fix in fixes.items():
            for definition in fix.definitions:
                # what only makes a client needs no function
                _, first = min((any(map(_makes, change.operations)), change.span.start) for change in fix.changes)
                if not self._has(definition):
                    if definition.name in _names(self.module):
                        self.refused[index] = text("the name '{name}' is taken", name=definition.name)
                    else:
                        needed[definition] = min(first, needed.get(definition, first))
        done: set[int] = set()
        for definition, first in needed.items():
            at = self._above(first)
            if at is None:
                continue
            lines = self.code[:at].splitlines()
            is_spaced = at in done or not self.code[:at].strip()
            above = 2 if is_spaced else len(lines) - len("\n".join(lines).rstrip().splitlines())
            done.add(at)
            code = "\n" * max(0, 2 - above) + definition.code.strip("\n") + "\n\n\n"
            yield Edit(at, at, code.replace("\n", self.newline))

    def _has(self, definition: Definition) -> bool:
        """Whether the module has the very function."""
        wanted = ast.dump(ast.parse(definition.code).body[0])
        return any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == definition.name
            and ast.dump(node) == wanted
            for node in self.module.tree.body
        )

    def _above(self, offset: int) -> int | None:
        """Return where the statement of the module begins that ``offset`` lies in, with the comments above it."""
        for node in self.module.tree.body:
            if self.module.span(node).start <= offset <= self.module.span(node).end:
                decorators = getattr(node, "decorator_list", ())
                start = min((self.module.span(d).start for d in decorators), default=self.module.span(node).start)
                line = self.module.lines.line(start)
                starts = self.module.lines.starts
                while line > 1 and self.code[starts[line - 2] : starts[line - 1]].startswith("#"):
                    line -= 1
                return starts[line - 1]
        return None


def _makes(operation: Operation) -> bool:
    """Whether an operation puts statements into a module."""
    return isinstance(operation, InsertAfter | ReplaceStatement)


def _last_of_blocks(module: Module, gone: set[Span]) -> dict[Span, tuple[str, ...]]:
    """Return ``pass`` for one statement of each block of which nothing would be left."""
    kept: dict[Span, tuple[str, ...]] = {}
    lines = {module.lines.line(span.start) for span in gone}
    for node in module.nodes if gone else ():
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if not isinstance(block, list) or not lines.issuperset(statement.lineno for statement in block):
                continue
            spans = [module.span(statement) for statement in block]
            if spans and not isinstance(node, ast.Module) and gone.issuperset(spans):
                kept[spans[0]] = ("pass",)
    return kept


def _level(above: str, indent: str) -> str:
    """Return by how much ``indent`` is more than that of the block around, whose lines stand above."""
    for line in reversed(NEWLINE.split(above)[:-1]):
        outer = line[: len(line) - len(line.lstrip())]
        if line.strip() and len(outer) < len(indent) and indent.startswith(outer):
            return indent[len(outer) :]
    return "    "


def _names(module: Module) -> set[str]:
    """Return every name that a module mentions, or defines."""
    named = {node.id for node in module.nodes if isinstance(node, ast.Name)}
    return named | {
        node.name for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
