"""JSON that a command sends: its entries as arguments, and changes of them that leave every other character alone."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from llm_codemods.configuration import grammar
from llm_codemods.configuration.sites import Word
from llm_codemods.edits import Span
from llm_codemods.operations import Change, Operation, RemoveArgument, RenameArgument, Replace, SetArgument
from llm_codemods.sites.kinds.given import Given
from llm_codemods.terms import Entries, Items, Literal, Term
from llm_codemods.values import Constant, Display, Values

if TYPE_CHECKING:
    from tree_sitter import Node


def given(path: str, body: Word) -> dict[str, Given] | None:
    """Return the entries of an object by name; None where the text is none."""
    try:
        parsed = json.loads(body.text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict):
        return None
    return {name: _given(path, name, value, body.span) for name, value in parsed.items()}


def _given(path: str, name: str, value: object, span: Span) -> Given:
    term = _term(value, span)
    values: Values = (Constant(path, term),) if isinstance(term, Literal) else ()
    if isinstance(term, Entries | Items):
        values = (Display(path, term),)
    return Given(name, span, path, direct=True, inline=isinstance(term, Literal), values=values, term=term)


def _term(value: object, span: Span) -> Term:
    if isinstance(value, dict):
        return Entries(tuple((Literal(name, span), _term(inner, span)) for name, inner in value.items()), span)
    if isinstance(value, list):
        return Items(tuple(_term(inner, span) for inner in value), span)
    return Literal(value if value is None or isinstance(value, str | int | float) else None, span)


def changes(body: Word, operations: Sequence[Operation]) -> list[Change] | None:
    """Return what carries out operations on the entries of an object; None where one cannot be."""
    try:
        found = [change for operation in operations for change in _changed(body, operation)]
    except (LookupError, ValueError, SyntaxError):
        return None
    spans = sorted(change.span for change in found)
    apart = all(a.end <= b.start and a != b for a, b in pairwise(spans))
    return found if apart else None


def _changed(body: Word, operation: Operation) -> Iterator[Change]:
    pairs = _pairs(body.text)
    names = [json.loads(_text(body, pair.named_children[0])) for pair in pairs]
    match operation:
        case SetArgument(name=name, code=code):
            value = json.dumps(ast.literal_eval(code), ensure_ascii=False)
            if "'" in value:
                raise ValueError(value)
            if name in names:
                yield _at(body, pairs[names.index(name)].named_children[1], value)
            else:
                end = pairs[-1].end_byte
                yield Change(body.span.part(end - 1, end), (Replace(f'{body.text[end - 1]}, "{name}": {value}'),))
        case RenameArgument(name=name, to=to):
            yield _at(body, pairs[names.index(name)].named_children[0], json.dumps(to))
        case RemoveArgument(name=name):
            i = names.index(name)
            if len(pairs) == 1:
                raise ValueError(name)
            last = i == len(pairs) - 1
            start = pairs[i - 1].end_byte if last else pairs[i].start_byte
            end = pairs[i].end_byte if last else pairs[i + 1].start_byte
            yield Change(body.span.part(start, end), (Replace(""),))
        case _:
            raise ValueError(operation)


def _pairs(text: str) -> list[Node]:
    """Return the entries of the object that a text is."""
    (whole,) = grammar.parse("json", text).named_children
    return [node for node in whole.named_children if node.type == "pair"]


def _text(body: Word, node: Node) -> str:
    return body.text[node.start_byte : node.end_byte]


def _at(body: Word, node: Node, code: str) -> Change:
    return Change(body.span.part(node.start_byte, node.end_byte), (Replace(code),))
