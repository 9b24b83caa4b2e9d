"""Arguments of other APIs as those of Chat Completions: ``messages``, and what stands inside of dictionaries."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from llm_codemods.operations import JoinEntries, TakeEntry, ToMessages
from llm_codemods.text import text
from llm_codemods.transform.calls import keyword_position, set_argument
from llm_codemods.transform.dictionaries import elements_of, is_under
from llm_codemods.transform.listing import Listing, listed, with_item, without_item
from llm_codemods.transform.lists import join_entries
from llm_codemods.transform.nodes import RefusedError, bound, code_of, parsed_value


def take_entry(listing: Listing[cst.Arg], operation: TakeEntry) -> Listing[cst.Arg]:
    """Give a keyword what stands inside of a dictionary, see ``TakeEntry``."""
    position = _position(listing, operation.name)
    value = listing.items[position].value
    for key in operation.keys:
        found = [e.value for e in elements_of(value) if is_under(e, key)]
        if len(found) != 1:
            raise RefusedError(text("'{name}' is not written out here", name=operation.name))
        value = found[0]
    if operation.to == operation.name:
        return listing.changed(position, value=value)
    return set_argument(listing, operation.to, value)


def to_messages(listing: Listing[cst.Arg], operation: ToMessages) -> Listing[cst.Arg]:
    """Turn a keyword into ``messages``, see ``ToMessages``."""
    position = _position(listing, operation.name)
    said = operation.system
    if operation.instructions is not None:
        place = _position(listing, operation.instructions)
        said = code_of(listing.items[place].value)
        listing = without_item(listing, place)
        position = _position(listing, operation.name)
    value = listing.items[position].value
    gap = listing.gaps[position]
    indent = gap.last_line.value if isinstance(gap, cst.ParenthesizedWhitespace) else None
    before, behind = _said("system", said), _said("user", operation.user)
    if not operation.is_list:
        value = _list([*before, *_said("user", code_of(value)), *behind], indent)
    elif isinstance(value, cst.List) and value.elements:
        value = _with_messages(value, before, behind)
        value = join_entries(value, JoinEntries(0, 1, "content", "\n\n")) if operation.joined else value
    elif before or behind:
        value = _list([*before, f"*{code_of(bound(value))}", *behind], indent)
    return listing.changed(position, value=value, keyword=cst.Name("messages"))


def _position(listing: Listing[cst.Arg], name: str) -> int:
    position = keyword_position(listing, name)
    if position is None:
        raise RefusedError(text("the call has no argument '{name}'", name=name))
    return position


def _said(role: str, content: str | None) -> list[str]:
    """Return the source of the message with this content, if any."""
    return [] if content is None else [f'{{"role": "{role}", "content": {content}}}']


def _list(items: Sequence[str], indent: str | None) -> cst.BaseExpression:
    """Return a list of several items: on lines of their own where the argument has one."""
    if indent is None or (len(items) == 1 and "\n" not in items[0]):
        return parsed_value(f"[{', '.join(items)}]")
    lines = "".join(f"\n{indent}    {item}," for item in items)
    return parsed_value(f"[{lines}\n{indent}]")


def _with_messages(value: cst.List, before: Sequence[str], behind: Sequence[str]) -> cst.List:
    """Put messages before and behind those of a list."""
    listing = listed(value.elements, value.lbracket.whitespace_after, value.rbracket.whitespace_before)
    for code in reversed(before):
        listing = with_item(listing, 0, cst.Element(parsed_value(code)))
    for code in behind:
        listing = with_item(listing, len(listing.items), cst.Element(parsed_value(code)))
    return value.with_changes(
        lbracket=cst.LeftSquareBracket(whitespace_after=listing.gaps[0]),
        elements=listing.elements(),
        rbracket=cst.RightSquareBracket(whitespace_before=listing.gaps[-1]),
    )
