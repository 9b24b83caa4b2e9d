"""The ``**mapping`` that a call unpacks and others fill: give it defaults, pass it through a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from llm_codemods import adapters
from llm_codemods.text import text
from llm_codemods.transform.bodies import display
from llm_codemods.transform.calls import keyword_position
from llm_codemods.transform.dictionaries import elements_of, entries_of, key_like, with_entries, with_entry
from llm_codemods.transform.listing import Listing, with_item
from llm_codemods.transform.nodes import RefusedError, bound, code_of, parsed_value
from llm_codemods.transform.strings import string_value


def default_argument(listing: Listing[cst.Arg], name: str, value: cst.BaseExpression) -> Listing[cst.Arg]:
    """Give keyword ``name`` the value where the mapping does not have it."""
    if keyword_position(listing, name) is not None:
        raise RefusedError(text("the call already has an argument '{name}'", name=name))

    def added(old: cst.BaseExpression) -> cst.BaseExpression | None:
        if isinstance(old, cst.Dict):  # what stands first loses
            return with_entries(old, with_item(entries_of(old), 0, cst.DictElement(key_like(old, name), value)))
        if isinstance(old, cst.Call) and isinstance(old.func, cst.Name) and old.func.value in adapters.MAPPINGS:
            return None
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        first = cst.DictElement(cst.SimpleString(f'"{name}"'), value, comma=comma)
        return cst.Dict([first, cst.StarredDictElement(bound(old))])

    place = _mapping(listing)
    return listing.changed(place, value=_inside(listing.items[place].value, added) or listing.items[place].value)


def default_body(listing: Listing[cst.Arg], entries: Sequence[tuple[str, str]]) -> Listing[cst.Arg]:
    """Give the body its entries in the dictionary before the mapping; it may stand there already."""

    def added(node: cst.BaseExpression) -> cst.BaseExpression | None:
        first = next(iter(elements_of(node)), None)
        if not isinstance(node, cst.Dict) or not isinstance(first, cst.DictElement):
            return None
        body = first.value
        if string_value(first.key) != "extra_body" or not isinstance(body, cst.Dict):
            return None
        for key, code in entries:
            body = with_entry(body, key, parsed_value(code))
        return node.with_changes(elements=(first.with_changes(value=body), *node.elements[1:]))

    place = _mapping(listing)
    changed = _inside(listing.items[place].value, added)
    if changed is not None:
        return listing.changed(place, value=changed)
    return default_argument(listing, "extra_body", parsed_value(f"{{{display(entries)}}}"))


def pass_through(listing: Listing[cst.Arg], function: str, argument: str) -> Listing[cst.Arg]:
    """Pass the mapping through a function, with an argument (code) behind it, if any."""

    def added(node: cst.BaseExpression) -> cst.BaseExpression | None:
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name) or node.func.value != function:
            return None
        given = [code_of(arg.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for arg in node.args]
        return node if argument in ("", *given) else parsed_value(f"{function}({', '.join([*given, argument])})")

    place = _mapping(listing)
    old = listing.items[place].value
    plain = old.with_changes(lpar=old.lpar[1:], rpar=old.rpar[1:])
    behind = f", {argument}" if argument else ""
    return listing.changed(place, value=_inside(old, added) or parsed_value(f"{function}({code_of(plain)}{behind})"))


def _mapping(listing: Listing[cst.Arg]) -> int:
    """Return the place of the one ``**mapping`` of a call."""
    places = [i for i, arg in enumerate(listing.items) if arg.star == "**"]
    if len(places) != 1:
        raise RefusedError(text("the call does not unpack one mapping"))
    return places[0]


def _inside(
    node: cst.BaseExpression, change: Callable[[cst.BaseExpression], cst.BaseExpression | None]
) -> cst.BaseExpression | None:
    """Return a mapping with what it, or what functions of ``adapters`` are given in it, becomes; None: all stays."""
    changed = change(node)
    if changed is None and isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
        inner = _inside(node.args[0].value, change) if node.func.value in adapters.MAPPINGS and node.args else None
        if inner is not None:
            return node.with_changes(args=(node.args[0].with_changes(value=inner), *node.args[1:]))
    return changed
