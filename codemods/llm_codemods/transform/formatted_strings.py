"""What is to be done inside of f-strings, where places mislead: expressions are known by their trees."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from llm_codemods.edits import Span
from llm_codemods.operations import Fix, Operation, ReadAttribute
from llm_codemods.parsed import Module
from llm_codemods.text import text
from llm_codemods.transform.expressions import operated
from llm_codemods.transform.nodes import RefusedError, code_of


def is_late(operation: Operation) -> bool:
    """Whether an operation is made after those that other fixes want of the same expression: what was a look-up in a
    dictionary is an attribute for all of them."""
    return not isinstance(operation, ReadAttribute)


@dataclass(frozen=True, slots=True)
class Inside:
    """Operations on expressions inside an f-string, which are known by their syntax tree: places there mislead."""

    wanted: tuple[tuple[str, Operation], ...]


def inside_strings(module: Module, fixes: Mapping[int, Fix]) -> dict[Span, list[tuple[int, str, Operation]]]:
    """Return what is to be done inside of f-strings, by the spans of these: index of the fix, tree, operation."""
    found: dict[Span, list[tuple[int, str, Operation]]] = {}
    wanted: dict[Span, list[tuple[int, Operation]]] = {}
    for index, fix in fixes.items():
        for change in fix.changes:
            wanted.setdefault(change.span, []).extend((index, operation) for operation in change.operations)
    spans = {node: whole for span in wanted for node, whole in module.strings(span).items()}
    for node, whole in spans.items():
        if not isinstance(node, ast.JoinedStr) or any(whole in other and whole != other for other in spans.values()):
            continue
        every = list(ast.walk(node))
        words = {id(part) for one in every if isinstance(one, ast.JoinedStr) for part in one.values}
        for inner in every:
            if id(inner) in words:
                continue  # the text between the braces
            if isinstance(inner, ast.Attribute | ast.Call | ast.Compare | ast.Constant | ast.Subscript | ast.Name):
                place = module.span(inner)
                if place in wanted and place in whole:
                    found.setdefault(whole, []).extend((i, ast.dump(inner), o) for i, o in wanted[place])
    return found


class _StringRewriter(cst.CSTTransformer):
    """Carries out the operations of ``Inside``."""

    def __init__(self, wanted: Mapping[str, Sequence[Operation]]) -> None:
        super().__init__()
        self.wanted = wanted
        self.depth = 0
        self.done: set[str] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.depth += isinstance(node, cst.FormattedStringExpression)
        return True

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        self.depth -= isinstance(original_node, cst.FormattedStringExpression)
        if not self.depth or not isinstance(original_node, cst.BaseExpression):
            return updated_node
        try:
            tree = ast.dump(ast.parse(f"({code_of(original_node)})", mode="eval").body)
        except (SyntaxError, ValueError):
            return updated_node
        for operation in self.wanted.get(tree, ()):
            self.done.add(tree)
            assert isinstance(updated_node, cst.BaseExpression)
            updated_node = operated(updated_node, operation)
        return updated_node


def in_string(node: cst.BaseExpression, inside: Inside) -> cst.BaseExpression:
    """Return an f-string after the operations on expressions inside of it.

    Raises:
        RefusedError: one of these expressions is not found, or an operation does not fit.
    """
    wanted: dict[str, list[Operation]] = {}
    for tree, operation in inside.wanted:
        if operation not in wanted.setdefault(tree, []):
            wanted[tree].append(operation)
    wanted = {tree: sorted(operations, key=is_late) for tree, operations in wanted.items()}
    rewriter = _StringRewriter(wanted)
    new = node.visit(rewriter)
    if rewriter.done != wanted.keys() or not isinstance(new, cst.BaseExpression):
        raise RefusedError(text("it stands inside an f-string"))
    return new
