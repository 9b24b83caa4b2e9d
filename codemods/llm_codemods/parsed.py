"""A parsed module, and where its nodes stand."""

from __future__ import annotations

import ast
import warnings
from functools import cached_property
from itertools import takewhile

from llm_codemods.edits import Span
from llm_codemods.lines import NEWLINE, Lines

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Scope = ast.Module | ast.ClassDef | Function | Comprehension
Located = ast.expr | ast.stmt | ast.alias

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPE = (*FUNCTION, *COMPREHENSION, ast.ClassDef)
_BLOCK = (ast.stmt, ast.ExceptHandler, ast.match_case)
_FORMATTED = ("JoinedStr", "TemplateStr")
"""Of f-strings, and of the t-strings of Python 3.14."""


class Module:
    """A parsed module and where its nodes stand."""

    def __init__(self, code: str) -> None:
        """Parse ``code``.

        Raises:
            SyntaxError: it is not Python for the running interpreter; ValueError: it holds NUL bytes;
            RecursionError, MemoryError: it is nested too deeply.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in the user's strings
            self.tree = ast.parse(code)
        self.code = code
        self.lines = Lines(code)
        self._near: dict[tuple[int, int], tuple[ast.AST, ...]] = {}

    def span(self, node: Located) -> Span:
        """Return where ``node`` stands."""
        offset = self.lines.offset
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset
        return Span(offset(node.lineno, node.col_offset), offset(end_line, end_column or node.col_offset))

    def line_end(self, offset: int) -> int:
        """Return where the line of ``offset`` ends, before its newline."""
        found = NEWLINE.search(self.code, offset)
        return found.start() if found else len(self.code)

    def indent(self, offset: int) -> str | None:
        """Return the white space before ``offset`` in its line, None when something else stands there."""
        prefix = self.code[self.lines.starts[self.lines.line(offset) - 1] : offset]
        return prefix if not prefix.strip() else None

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes but those that say nothing more than their type: ``ast.walk`` takes three times as long."""
        found: list[ast.AST] = [self.tree]
        for node in found:  # grows meanwhile
            for value in vars(node).values():
                if isinstance(value, list):
                    found += (inner for inner in value if isinstance(inner, ast.AST))
                elif isinstance(value, ast.AST) and value._fields:
                    found.append(value)
        return tuple(found)

    def near(self, span: Span) -> tuple[ast.AST, ...]:
        """Return the nodes that stand in the lines of ``span``, or around them; the outer before the inner."""
        first, last = self.lines.line(span.start), self.lines.line(span.end)
        if (first, last) not in self._near:
            found: list[ast.AST] = [self.tree]
            for node in found:  # grows meanwhile
                found += (inner for inner in ast.iter_child_nodes(node) if _is_on(inner, first, last))
            self._near[first, last] = tuple(found)
        return self._near[first, last]

    def is_alone(self, span: Span) -> bool:
        """Whether the statement at ``span`` has its lines for itself."""
        after = self.code[span.end : self.line_end(span.end)].strip()
        return self.indent(span.start) is not None and (not after or after.startswith("#"))

    def past_imports(self, span: Span) -> int:
        """Return where the last of the import statements ends that follow the one at ``span`` in its block."""
        for node in self.near(span):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                spans = [self.span(statement) for statement in block] if isinstance(block, list) else []
                if span in spans and isinstance(block, list):
                    rest = block[spans.index(span) :]
                    run = takewhile(lambda s: isinstance(s, (ast.Import, ast.ImportFrom)), rest)
                    return max((self.span(statement).end for statement in run), default=span.end)
        return span.end

    @cached_property
    def imports(self) -> tuple[Span, ...]:
        """Where import statements stand."""
        found: list[ast.AST] = [self.tree]
        for node in found:  # grows meanwhile
            for value in vars(node).values():
                if isinstance(value, list):  # statements, and what has statements in it
                    found += (inner for inner in value if isinstance(inner, _BLOCK))
        return tuple(self.span(node) for node in found if isinstance(node, (ast.Import, ast.ImportFrom)))

    def strings(self, span: Span) -> dict[ast.expr, Span]:
        """Return the formatted strings around ``span``, with where they stand."""
        named = (n for n in self.near(span) if isinstance(n, ast.expr) and type(n).__name__ in _FORMATTED)
        return {node: whole for node in named if span in (whole := self.span(node))}

    def enclosing(self, span: Span) -> tuple[Scope, ...]:
        """Return the scopes around ``span``, the module first."""
        scopes = ((self._inside(node), node) for node in self.near(span) if isinstance(node, _SCOPE))
        around = sorted((s for s in scopes if span in s[0]), key=lambda s: (s[0].start, -s[0].end))
        return (self.tree, *(scope for _, scope in around))

    def _inside(self, node: ast.ClassDef | Function | Comprehension) -> Span:
        # decorators, defaults and annotations run outside
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return Span(self.span(node.body[0]).start, self.span(node).end)
        return self.span(node.body if isinstance(node, ast.Lambda) else node)


def _is_on(node: ast.AST, first: int, last: int) -> bool:
    """Whether a node stands in one of these lines; what says nothing of its place may hold what does."""
    end = getattr(node, "end_lineno", None)
    if end is None:
        return bool(node._fields)
    start = min((node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))))  # type: ignore[attr-defined]
    return bool(start <= last and first <= end)
