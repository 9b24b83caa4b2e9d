"""Expressions as syntax trees: parsed from their code, written as code, put in parentheses."""

from __future__ import annotations

import libcst as cst

from llm_codemods.lines import NEWLINE
from llm_codemods.text import Text, text


class RefusedError(Exception):
    """A change cannot be made; ``reason`` is for the user."""

    def __init__(self, reason: Text) -> None:
        """Keep the reason, a sentence that says what is in the way."""
        super().__init__(str(reason))
        self.reason = reason


TIGHT = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.BaseString,
    cst.BaseNumber,
    cst.List,
    cst.Set,
    cst.Dict,
    cst.BaseComp,
    cst.Ellipsis,
)
"""Expressions that bind at least as tightly as what can stand around them."""

LOOSE = (
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.UnaryOperation,
    cst.IfExp,
    cst.Lambda,
    cst.Await,
)
"""Expressions with an operator, which may need parentheses."""


def parsed(code: str) -> cst.BaseExpression:
    """Parse an expression as it stands between its neighbours: perhaps broken over lines inside their brackets.

    Raises:
        RefusedError: it is no expression.
    """
    try:
        return cst.parse_expression(code)
    except (cst.ParserSyntaxError, RecursionError):
        pass
    try:
        node = cst.parse_expression(f"({code})")
        if not node.lpar:
            raise RefusedError(text("it is not an expression"))
        return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])
    except (cst.ParserSyntaxError, RecursionError):
        raise RefusedError(text("it is not an expression")) from None


def parsed_value(code: str) -> cst.BaseExpression:
    """Parse the value of an argument or entry.

    Raises:
        RefusedError: it is none.
    """
    try:
        call = cst.parse_expression(f"_(_={unified(code)})")
    except cst.ParserSyntaxError:
        call = None
    if isinstance(call, cst.Call) and len(call.args) == 1 and isinstance(call.func, cst.Name):
        return call.args[0].value
    raise RefusedError(text("'{code}' is not a value", code=code))


def code_of(node: cst.CSTNode) -> str:
    """Return a node as it is written."""
    return cst.Module([]).code_for_node(node)


def unified(code: str) -> str:
    """Return code with line feeds for all its newlines."""
    return NEWLINE.sub("\n", code)


def in_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression with parentheses around it, whether it needs them or not."""
    return node.with_changes(lpar=[cst.LeftParen(), *node.lpar], rpar=[*node.rpar, cst.RightParen()])


def bound(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression as it may stand before a dot or beside an operator."""
    return node if isinstance(node, TIGHT) or node.lpar else in_parentheses(node)


def with_parentheses_of(node: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    """Return ``new`` with the parentheses of the expression that it replaces."""
    return new.with_changes(lpar=[*node.lpar, *new.lpar], rpar=[*new.rpar, *node.rpar])


def wrapped(node: cst.BaseExpression, before: str, after: str) -> cst.BaseExpression:
    """Put code around an expression, unless it is there already."""
    code = code_of(node)
    bare = code[1:-1] if len(node.lpar) == 1 else code
    return node if bare.startswith(before) and bare.endswith(after) else parsed_value(before + code + after)


def operand(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression as it may stand beside ``+``."""
    return node if isinstance(node, (*TIGHT, cst.BinaryOperation)) or node.lpar else in_parentheses(node)
