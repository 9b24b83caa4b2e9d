"""The argument ``extra_body`` of a call, which the SDK sends with the request as it is: its entries."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from llm_codemods.text import text
from llm_codemods.transform.calls import keyword_position, required_position, set_argument
from llm_codemods.transform.dictionaries import (
    entries_of,
    entry_position,
    is_under,
    key_like,
    with_entries,
    with_entry,
    without_entry,
)
from llm_codemods.transform.listing import Listing, with_item, without_item
from llm_codemods.transform.nodes import RefusedError, code_of, in_parentheses, parsed_value


def extend_body(listing: Listing[cst.Arg], entries: Sequence[tuple[str, str]]) -> Listing[cst.Arg]:
    """Put entries (key and code) into the body; one that is written elsewhere keeps the last word."""
    position = keyword_position(listing, "extra_body")
    body = cst.Dict([]) if position is None else listing.items[position].value
    if isinstance(body, cst.Name) and body.value == "None":
        body = cst.Dict([])
    if not isinstance(body, cst.Dict):
        plain = body if body.lpar or not isinstance(body, (cst.IfExp, cst.Lambda)) else in_parentheses(body)
        return set_argument(
            listing, "extra_body", parsed_value(f"{{{display(entries)}, **({code_of(plain)} or {{}})}}")
        )
    for key, code in entries:
        body = body if _yields(body, key, code) else _with_entry(body, key, parsed_value(code))
    return set_argument(listing, "extra_body", body)


def _with_entry(body: cst.Dict, key: str, value: cst.BaseExpression) -> cst.Dict:
    """Return the body with an entry, before one that is written elsewhere and keeps the last word."""
    if not _is_elsewhere(body) or any(is_under(element, key) for element in body.elements):
        return with_entry(body, key, value)
    entry = cst.DictElement(key_like(body, key), value)
    return with_entries(body, with_item(entries_of(body), len(body.elements) - 1, entry))


def _yields(body: cst.Dict, key: str, code: str) -> bool:
    """Whether a dictionary has the entry already, before one that is written elsewhere and keeps the last word."""
    return _is_elsewhere(body) and any(is_under(e, key) and code_of(e.value) == code for e in body.elements)


def _is_elsewhere(body: cst.Dict) -> bool:
    """Whether a dictionary ends with a body that is written elsewhere: ``**(body or {})``."""
    last = body.elements[-1].value if body.elements else None
    return isinstance(last, cst.BooleanOperation) and isinstance(last.operator, cst.Or)


def shrink_body(listing: Listing[cst.Arg], names: Sequence[str]) -> Listing[cst.Arg]:
    """Take entries out of the body, and the body itself where none is left.

    Raises:
        RefusedError: the body is not written out in the call.
    """
    position = keyword_position(listing, "extra_body")
    body = None if position is None else listing.items[position].value
    if position is None or not isinstance(body, cst.Dict):
        raise RefusedError(text("extra_body is not written out here: {code}", code=code_of(body) if body else ""))
    for name in names:
        at = entry_position(body, name)
        body = body if at is None else without_entry(body, at)
    return set_argument(listing, "extra_body", body) if body.elements else without_item(listing, position)


def move_to_body(listing: Listing[cst.Arg], name: str, to: str) -> Listing[cst.Arg]:
    """Put the value of keyword ``name`` into the body under ``to``."""
    position = required_position(listing, name)
    code = code_of(listing.items[position].value)
    return extend_body(without_item(listing, position), [(to, code)])


def display(entries: Sequence[tuple[str, str]]) -> str:
    """Return the code of entries (key and code) as they stand between braces."""
    return ", ".join(f'"{key}": {code}' for key, code in entries)
