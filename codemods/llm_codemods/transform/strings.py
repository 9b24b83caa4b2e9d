"""String literals: replace their values, or a part of their text; join two."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping

import libcst as cst

from llm_codemods.text import text
from llm_codemods.transform.nodes import RefusedError, code_of, operand


def string_value(node: cst.BaseExpression) -> str | None:
    """Return the value of a string literal."""
    if not isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = node.evaluated_value
    return value if isinstance(value, str) else None


def escaped(value: str, quote: str) -> str:
    """Return ``value`` as it is written between two ``quote``."""
    long = len(quote) == 3
    written = {"\\": "\\\\", "\n": "\n" if long else "\\n"}
    body = "".join(
        written.get(c) or (c if c.isprintable() else c.encode("unicode_escape").decode("ascii")) for c in value
    )
    q = quote[0]
    return re.sub(f"{q}(?={q}{q})|{q}\\Z" if long else q, rf"\\{q}", body)


ESCAPE = re.compile(r"\\(?:N\{[^}]*\}|x..|u.{4}|U.{8}|[0-7]{1,3}|.)|.", re.DOTALL)
"""A character of a literal as it is written."""


def replace_string(node: cst.BaseExpression, value: str) -> cst.BaseExpression:
    """Give a string literal another value; what stays the same is written as it was."""
    if not isinstance(node, cst.SimpleString):
        raise RefusedError(text("it is not a plain string literal"))
    prefix = node.value[: len(node.prefix)]
    if "r" in prefix.lower():
        bodies = [value]
    else:
        old = string_value(node) if "\\" in node.raw_value else None
        kept = [] if old is None else [_partly(node, old, value)]
        bodies = [*kept, escaped(value, node.quote)]
    wanted = value.encode("ascii", "replace") if "b" in prefix.lower() else value
    for new in (prefix + node.quote + body + node.quote for body in bodies):
        if _evaluated(new) == wanted:
            return node.with_changes(value=new)
    raise RefusedError(text("the literal {code} cannot hold '{value}'", code=node.value, value=value))


def _partly(node: cst.SimpleString, old: str, value: str) -> str:
    """Return what stands between the quotes once one run of characters of the value ``old`` has become another."""
    same = _alike(old, value)
    behind = min(_alike(old[::-1], value[::-1]), min(len(old), len(value)) - same)
    head, tail, at = "", "", 0
    for written in ESCAPE.findall(node.raw_value):
        meant = _evaluated(f"{node.quote}{written}{node.quote}") if written[0] == "\\" else written
        if at + len(meant) <= same:
            head += written
        elif at >= len(old) - behind:
            tail += written
        at += len(meant)
    return head + escaped(value[same : len(value) - behind], node.quote) + tail


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with that are the same."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _evaluated(literal: str) -> str | bytes:
    """Return the value of a literal; nothing where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ast.literal_eval(literal)
    except (SyntaxError, ValueError):
        return ""
    return found if isinstance(found, str | bytes) else ""


def replace_text(node: cst.BaseExpression, old: str, new: str) -> cst.BaseExpression:
    """Put ``new`` where ``old`` stands in a string, which may be broken over several parts of it."""
    pieces = list(_pieces(node))
    whole = "".join(written for _, written in pieces)
    if old not in whole and new in whole:
        return node  # another fix has done it
    if whole.count(old) != 1 or re.search(r"[\\\n{}]", new):
        raise RefusedError(text("'{old}' does not stand once in {code}", old=old, code=code_of(node)))
    start, at = whole.index(old), 0
    end = start + len(old)
    bodies: dict[int, str] = {}
    for piece, written in pieces:
        before, after = written[: max(0, start - at)], written[max(0, end - at) :]
        bodies[id(piece)] = before + (new if at <= start < at + len(written) else "") + after
        at += len(written)
    changed = node.visit(_Retelling(bodies))
    assert isinstance(changed, cst.BaseExpression)
    return changed


class _Retelling(cst.CSTTransformer):
    """Gives parts of a string (by ``id``) other texts."""

    def __init__(self, bodies: Mapping[int, str]) -> None:
        super().__init__()
        self.bodies = bodies

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        body = self.bodies.get(id(original_node))
        if body is not None and isinstance(updated_node, cst.SimpleString | cst.FormattedStringText):
            return _with_text(updated_node, body)
        return updated_node


def _pieces(node: cst.CSTNode) -> Iterator[tuple[cst.SimpleString | cst.FormattedStringText | None, str]]:
    """Yield the parts of a string with what is written in them; None for what is between braces."""
    match node:
        case cst.SimpleString():
            yield node, node.raw_value
        case cst.FormattedStringText(value=value):
            yield node, value
        case cst.ConcatenatedString(left=left, right=right):
            yield from _pieces(left)
            yield from _pieces(right)
        case cst.FormattedString(parts=parts):
            for part in parts:
                yield from _pieces(part)
        case cst.FormattedStringExpression():
            yield None, "\0"
        case _:
            raise RefusedError(text("it is not a plain string literal"))


def _with_text(piece: cst.SimpleString | cst.FormattedStringText, body: str) -> cst.CSTNode:
    if isinstance(piece, cst.FormattedStringText):
        return piece.with_changes(value=body)
    body = re.sub(rf"(?<!\\){piece.quote[0]}", rf"\\{piece.quote[0]}", body) if len(piece.quote) == 1 else body
    return piece.with_changes(value=piece.value[: len(piece.prefix)] + piece.quote + body + piece.quote)


def texts_joined(head: cst.BaseExpression, between: str, tail: cst.BaseExpression) -> cst.BaseExpression:
    """Return two texts with a third between them: one literal where both are plain and quoted alike."""
    plain = [n for n in (head, tail) if isinstance(n, cst.SimpleString) and not n.prefix and len(n.quote) == 1]
    if len(plain) == 2 and plain[0].quote == plain[1].quote:
        quote = plain[0].quote
        return cst.SimpleString(plain[0].value[:-1] + escaped(between, quote) + plain[1].value[1:])
    literal = cst.SimpleString('"' + escaped(between, '"') + '"')
    return cst.BinaryOperation(cst.BinaryOperation(operand(head), cst.Add(), literal), cst.Add(), operand(tail))
