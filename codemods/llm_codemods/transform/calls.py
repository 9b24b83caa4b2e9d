"""The arguments of a call: set, rename and remove keywords, name positional arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from llm_codemods.text import Text, text
from llm_codemods.transform.dictionaries import elements_of
from llm_codemods.transform.listing import NOTHING, Gap, Listing, with_item, without_item
from llm_codemods.transform.nodes import RefusedError, code_of, in_parentheses
from llm_codemods.transform.strings import string_value


def arguments(node: cst.BaseExpression) -> tuple[cst.Call, Listing[cst.Arg]]:
    """Return a call and its arguments.

    Raises:
        RefusedError: the expression is not a call.
    """
    if not isinstance(node, cst.Call):
        raise RefusedError(text("it is not a call"))
    gaps: list[Gap] = [node.whitespace_before_args]
    trailing = False
    for arg in node.args:
        trailing = isinstance(arg.comma, cst.Comma)
        gaps.append(arg.comma.whitespace_after if isinstance(arg.comma, cst.Comma) else arg.whitespace_after_arg)
    # a generator that is the only argument needs no parentheses, until there is another
    args = tuple(
        arg.with_changes(value=in_parentheses(arg.value))
        if isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar
        else arg
        for arg in node.args
    )
    return node, Listing(args, tuple(gaps), trailing)


def with_arguments(call: cst.Call, listing: Listing[cst.Arg]) -> cst.Call:
    """Return the call with other arguments.

    Raises:
        RefusedError: an ``*iterable`` would stand behind a ``**mapping``.
    """
    args = [arg.with_changes(whitespace_after_arg=NOTHING) for arg in listing.punctuated()]
    if args and not listing.trailing_comma:
        args[-1] = args[-1].with_changes(whitespace_after_arg=listing.gaps[-1])
    try:
        return call.with_changes(whitespace_before_args=listing.gaps[0], args=args)
    except cst.CSTValidationError:
        raise RefusedError(text("some arguments are unpacked")) from None


def keyword_position(listing: Listing[cst.Arg], name: str) -> int | None:
    """Return where the keyword ``name`` stands; None where it does not."""
    return next((i for i, arg in enumerate(listing.items) if arg.keyword and arg.keyword.value == name), None)


def required_position(listing: Listing[cst.Arg], name: str) -> int:
    """Return where the keyword ``name`` stands.

    Raises:
        RefusedError: it does not stand in the call.
    """
    position = keyword_position(listing, name)
    if position is None:
        raise RefusedError(why_hidden(listing, name) or text("the call has no argument '{name}'", name=name))
    return position


def why_hidden(listing: Listing[cst.Arg], name: str) -> Text | None:
    """Say why keyword ``name`` may come out of a ``**mapping``, or None when it cannot."""
    for arg in listing.items:
        if arg.star != "**":
            continue
        keys = [string_value(e.key) if isinstance(e, cst.DictElement) else None for e in elements_of(arg.value)]
        if name in keys or not isinstance(arg.value, cst.Dict) or None in keys:
            return text("'{name}' may come from **{mapping}", name=name, mapping=code_of(arg.value))
    return None


def set_argument(listing: Listing[cst.Arg], name: str, value: cst.BaseExpression) -> Listing[cst.Arg]:
    """Give keyword ``name`` the value; one that is missing comes before the first ``**mapping``.

    Raises:
        RefusedError: a ``**mapping`` may give it, too.
    """
    position = keyword_position(listing, name)
    if position is not None:
        return listing.changed(position, value=value)
    hidden = why_hidden(listing, name)
    written_out = any(arg.star == "**" and isinstance(arg.value, cst.Dict) for arg in listing.items)
    if hidden is not None and (written_out or not any(arg.keyword for arg in listing.items)):
        raise RefusedError(hidden)
    index = next((i for i, arg in enumerate(listing.items) if arg.star == "**"), len(listing.items))
    equal = cst.AssignEqual(whitespace_before=NOTHING, whitespace_after=NOTHING)
    return with_item(listing, index, cst.Arg(value, keyword=cst.Name(name), equal=equal))


def fall_back(listing: Listing[cst.Arg], name: str, value: cst.BaseExpression) -> Listing[cst.Arg]:
    """Give keyword ``name`` the value where its own is empty: ``old or value``."""
    position = required_position(listing, name)
    old = listing.items[position].value
    return set_argument(listing, name, cst.BooleanOperation(_side(old), cst.Or(), _side(value)))


def _side(value: cst.BaseExpression) -> cst.BaseExpression:
    """Return a value as it can stand beside ``or``."""
    return in_parentheses(value) if isinstance(value, (cst.IfExp, cst.Lambda)) and not value.lpar else value


def join_arguments(listing: Listing[cst.Arg], name: str, to: str) -> Listing[cst.Arg]:
    """Take keyword ``name`` out; its value holds where that of ``to`` is empty."""
    value = listing.items[required_position(listing, name)].value
    return remove_argument(fall_back(listing, to, value), name)


def remove_argument(listing: Listing[cst.Arg], name: str) -> Listing[cst.Arg]:
    """Take keyword ``name`` out, if it is there.

    Raises:
        RefusedError: it may come out of a ``**mapping``.
    """
    position = keyword_position(listing, name)
    if position is not None:
        return without_item(listing, position)
    hidden = why_hidden(listing, name)
    if hidden is not None:
        raise RefusedError(hidden)
    return listing


def rename_argument(listing: Listing[cst.Arg], name: str, to: str) -> Listing[cst.Arg]:
    """Call keyword ``name`` by another name.

    Raises:
        RefusedError: it is not there, or the other one is, too.
    """
    position = required_position(listing, name)
    if name != to and keyword_position(listing, to) is not None:
        raise RefusedError(text("the call already has an argument '{name}'", name=to))
    return listing.changed(position, keyword=cst.Name(to))


def name_positional(listing: Listing[cst.Arg], names: Sequence[str]) -> Listing[cst.Arg]:
    """Give the positional arguments names."""
    items = list(listing.items)
    equal = cst.AssignEqual(whitespace_before=NOTHING, whitespace_after=NOTHING)
    for i, item in enumerate(items):
        if item.star:
            raise RefusedError(text("some arguments are unpacked"))
        if item.keyword is None:
            if i >= len(names):
                raise RefusedError(text("there are more positional arguments than are known"))
            items[i] = item.with_changes(keyword=cst.Name(names[i]), equal=equal)
    return replace(listing, items=tuple(items))
