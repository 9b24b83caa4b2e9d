"""Dictionaries that are written out: set, rename and remove their entries."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from llm_codemods.operations import (
    ExtendBody,
    MoveToBody,
    Operation,
    RemoveArgument,
    RemoveEntry,
    RenameArgument,
    RenameEntry,
    SetArgument,
    SetEntry,
    WrapEntry,
)
from llm_codemods.text import text
from llm_codemods.transform.listing import NOTHING, Listing, listed, with_item, without_item
from llm_codemods.transform.nodes import RefusedError, code_of, parsed_value, wrapped
from llm_codemods.transform.strings import escaped, replace_string, string_value


def change_keyword(node: cst.Dict, operation: Operation) -> cst.Dict:
    """Do to the entries of a dictionary, which a call unpacks, what is done to keywords of the call.

    Raises:
        RefusedError: the operation does not fit, or a ``**mapping`` behind the entry may win over it.
    """
    match operation:
        case SetArgument(name=name, code=code):
            return with_entry(node, name, parsed_value(code))
        case ExtendBody(entries=entries):
            body = value_under(node, "extra_body")
            if body is not None and not isinstance(body, cst.Dict):
                raise RefusedError(text("extra_body is not written out here: {code}", code=code_of(body)))
            for key, code in entries:
                body = with_entry(body or cst.Dict([]), key, parsed_value(code))
            return node if body is None else with_entry(node, "extra_body", body)
        case RemoveArgument(name=name):
            at = entry_position(node, name, sure=False)  # what is unpacked behind it is seen by itself
            return node if at is None else without_entry(node, at)
        case RenameArgument(name=name, to=to):
            at = entry_position(node, name)
            if at is None:  # another call that unpacks the same dictionary has had it renamed
                return node
            if entry_position(node, to) is not None:
                raise RefusedError(text("the dictionary already has an entry '{name}'", name=to))
            return with_entries(node, entries_of(node).changed(at, key=key_like(node, to)))
        case MoveToBody(name=name, to=to):
            value = value_under(node, name)
            if value is None:
                return node
            rest = change_keyword(node, RemoveArgument(name))
            return change_keyword(rest, ExtendBody(((to, code_of(value)),)))
    raise RefusedError(text("it is not a call"))


def change_entry(
    node: cst.BaseExpression, operation: RemoveEntry | RenameEntry | SetEntry | WrapEntry
) -> cst.BaseExpression:
    """Change the entries of a dictionary that stand under the operation's key; where there is none, nothing.

    So, unlike with ``change_keyword``, two fixes may want the same one after the other: a key that the first has
    renamed is not set anew by the second.

    Raises:
        RefusedError: it is no dictionary that is written out, or the operation does not fit.
    """
    if not isinstance(node, cst.Dict):
        raise RefusedError(text("it is no dictionary that is written out"))
    if isinstance(operation, RemoveEntry):
        position = next((i for i, e in enumerate(node.elements) if is_under(e, operation.key)), None)
        return node if position is None else without_entry(node, position)
    elements = list(node.elements)
    for i, element in enumerate(elements):
        if not isinstance(element, cst.DictElement) or not is_under(element, operation.key):
            continue
        match operation:
            case RenameEntry(to=to):
                elements[i] = element.with_changes(key=replace_string(element.key, to))
            case SetEntry(code=code):
                elements[i] = element.with_changes(value=parsed_value(code))
            case WrapEntry(before=before, after=after):
                elements[i] = element.with_changes(value=wrapped(element.value, before, after))
    return node.with_changes(elements=elements)


def with_entry(node: cst.Dict, key: str, value: cst.BaseExpression) -> cst.Dict:
    """Return the dictionary with ``key`` set to ``value``."""
    elements = list(node.elements)
    keys = [string_value(e.key) if isinstance(e, cst.DictElement) else None for e in elements]
    for i, element in enumerate(elements):
        # what follows a `**mapping` wins over it, what stands before may lose
        if keys[i] == key and not any(isinstance(e, cst.StarredDictElement) for e in elements[i:]):
            elements[i] = element.with_changes(value=value)
            return node.with_changes(elements=elements)
    listing = entries_of(node)
    return with_entries(node, with_item(listing, len(elements), cst.DictElement(key_like(node, key), value)))


def without_entry(node: cst.Dict, position: int) -> cst.Dict:
    """Return the dictionary without the entry at ``position``."""
    return with_entries(node, without_item(entries_of(node), position))


def value_under(node: cst.Dict, name: str) -> cst.BaseExpression | None:
    """Return what stands under the key ``name``, which nothing may win over; None where there is none.

    Raises:
        RefusedError: as in ``entry_position``.
    """
    at = entry_position(node, name)
    return None if at is None else node.elements[at].value


def entry_position(node: cst.Dict, name: str, *, sure: bool = True) -> int | None:
    """Return where the entry ``name`` stands; ``sure``: nothing may win over it.

    Raises:
        RefusedError: it stands there twice, or something may win over it.
    """
    keys = [string_value(e.key) if isinstance(e, cst.DictElement) else None for e in node.elements]
    if name not in keys:
        return None
    at = len(keys) - 1 - keys[::-1].index(name)
    if keys.count(name) > 1 or (sure and any(isinstance(e, cst.StarredDictElement) for e in node.elements[at:])):
        raise RefusedError(text("what '{name}' is in the dictionary is not sure", name=name))
    return at


def elements_of(node: cst.BaseExpression) -> Sequence[cst.BaseDictElement]:
    """Return the entries of a dictionary, with what it unpacks; none of anything else."""
    return node.elements if isinstance(node, cst.Dict) else ()


def is_under(element: cst.BaseDictElement, key: str) -> bool:
    """Whether an entry has this key."""
    return isinstance(element, cst.DictElement) and string_value(element.key) == key


def key_like(node: cst.Dict, key: str) -> cst.SimpleString:
    """Return a key, quoted as the others of the dictionary are."""
    single = next((e.key.quote == "'" for e in node.elements if _is_plain(e)), False)  # type: ignore[attr-defined]
    return cst.SimpleString(repr(key) if single else '"' + escaped(key, '"') + '"')


def _is_plain(element: cst.BaseDictElement) -> bool:
    return isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString)


def entries_of(node: cst.Dict) -> Listing[cst.BaseDictElement]:
    """Return the entries of a dictionary with what stands around them."""
    return listed(node.elements, node.lbrace.whitespace_after, node.rbrace.whitespace_before)


def with_entries(node: cst.Dict, listing: Listing[cst.BaseDictElement]) -> cst.Dict:
    """Return the dictionary with other entries."""
    return node.with_changes(
        lbrace=cst.LeftCurlyBrace(whitespace_after=listing.gaps[0] if listing.items else NOTHING),
        elements=listing.elements(),
        rbrace=cst.RightCurlyBrace(whitespace_before=listing.gaps[-1]),
    )
