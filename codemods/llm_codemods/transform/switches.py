"""A call that keeps both sides: its arguments for OpenAI and those for the provider, chosen when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import libcst as cst

from llm_codemods.operations import Switch
from llm_codemods.transform.calls import arguments, with_arguments
from llm_codemods.transform.listing import with_item
from llm_codemods.transform.nodes import code_of, parsed_value


def with_both(before: cst.BaseExpression, after: cst.BaseExpression, switch: Switch) -> cst.BaseExpression:
    """Return the call with the arguments that changed in both forms, each for its own provider.

    Raises:
        RefusedError: an ``*iterable`` stands behind one of them.
    """
    if not isinstance(before, cst.Call) or not isinstance(after, cst.Call):
        return after
    old = {a.keyword.value: code_of(a.value) for a in before.args if a.keyword is not None}
    new = {a.keyword.value: code_of(a.value) for a in after.args if a.keyword is not None}
    call, listing = arguments(before)
    items: list[cst.Arg] = []
    for item in listing.items:
        name = item.keyword.value if item.keyword is not None else None
        if name is None or new.get(name) == old[name]:
            items.append(item)
        elif name in new:
            chosen = f"{switch.module}.choose(openai={old[name]}, {switch.provider}={new[name]})"
            items.append(item.with_changes(value=parsed_value(chosen)))
        else:
            items.append(_only(item, switch.module, "openai", {name: old[name]}))
    added = {name: code for name, code in new.items() if name not in old}
    listing = replace(listing, items=tuple(items))
    if added:
        listing = with_item(listing, len(items), _only(cst.Arg(cst.Name("_")), switch.module, switch.provider, added))
    return with_arguments(call, listing)


def _only(item: cst.Arg, module: str, provider: str, values: Mapping[str, str]) -> cst.Arg:
    """Return ``**module.only("provider", name=value)`` in the place of an argument."""
    given = ", ".join(f"{name}={code}" for name, code in values.items())
    return item.with_changes(
        keyword=None,
        star="**",
        equal=cst.MaybeSentinel.DEFAULT,
        value=parsed_value(f'{module}.only("{provider}", {given})'),
    )
