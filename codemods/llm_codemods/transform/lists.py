"""Lists and comprehensions: join two members, let only some values pass."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from llm_codemods.operations import JoinEntries
from llm_codemods.text import text
from llm_codemods.transform.dictionaries import value_under, with_entry
from llm_codemods.transform.listing import listed, remark, with_remark, without_item
from llm_codemods.transform.nodes import RefusedError, parsed_value
from llm_codemods.transform.strings import texts_joined


def join_entries(node: cst.List, operation: JoinEntries) -> cst.List:
    """Add what stands under a key of one member to that of another, see ``JoinEntries``."""
    elements = list(node.elements)
    first, second = (elements[i].value for i in (operation.first, operation.second))
    if not (isinstance(first, cst.Dict) and isinstance(second, cst.Dict)):
        raise RefusedError(text("the code has another form than expected here"))
    head, tail = value_under(first, operation.key), value_under(second, operation.key)
    if head is None or tail is None:
        raise RefusedError(text("the code has another form than expected here"))
    whole = texts_joined(head, operation.between, tail)
    elements[operation.first] = elements[operation.first].with_changes(value=with_entry(first, operation.key, whole))
    before = listed(elements, node.lbracket.whitespace_after, node.rbracket.whitespace_before)
    listing = without_item(before, operation.second)
    said = remark(before.gaps[operation.second + 1])
    if said is not None:
        gaps = list(listing.gaps)
        gaps[operation.second] = with_remark(gaps[operation.second], said)
        listing = replace(listing, gaps=tuple(gaps))
    return node.with_changes(
        lbracket=cst.LeftSquareBracket(whitespace_after=listing.gaps[0]),
        elements=listing.elements(),
        rbracket=cst.RightSquareBracket(whitespace_before=listing.gaps[-1]),
    )


def filtered(loop: cst.CompFor, name: str, condition: str) -> cst.CompFor:
    """Return the loop of a comprehension that passes only values of ``name`` for which the condition holds."""
    if isinstance(loop.target, cst.Name) and loop.target.value == name:
        return loop.with_changes(ifs=[cst.CompIf(parsed_value(condition)), *loop.ifs])
    if loop.inner_for_in is None:
        raise RefusedError(text("the code has another form than expected here"))
    return loop.with_changes(inner_for_in=filtered(loop.inner_for_in, name, condition))
