"""Chains of names, attributes, subscripts and calls: rename what is called, replace the client or the last steps."""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst

from llm_codemods.text import text
from llm_codemods.transform.nodes import RefusedError, code_of, parsed


def rename_function(node: cst.BaseExpression, name: str) -> cst.BaseExpression:
    """Give what ``node`` calls, or is, another last name."""
    return node.with_changes(func=renamed(node.func, name)) if isinstance(node, cst.Call) else renamed(node, name)


def renamed(node: cst.BaseExpression, name: str) -> cst.BaseExpression:
    """Give a name, or an attribute, another last name."""
    if isinstance(node, cst.Name):
        return node.with_changes(value=name)
    if isinstance(node, cst.Attribute):
        return node.with_changes(attr=cst.Name(name))
    raise RefusedError(text("what is called here has no name"))


def with_client(
    node: cst.BaseExpression, path: str, change: Callable[[cst.BaseExpression], cst.BaseExpression]
) -> cst.BaseExpression:
    """Change what the method ``path`` belongs to, which ``node`` calls or names."""
    outer = node.func if isinstance(node, cst.Call) else node
    inner, passed = outer, list[cst.Attribute]()
    for name in reversed(path.split(".")):
        if not isinstance(inner, cst.Attribute) or inner.attr.value != name:
            raise RefusedError(text("its client does not stand before it"))
        passed.append(inner)
        inner = inner.value
    new = change(inner)
    for attribute in reversed(passed):
        new = attribute.with_changes(value=new)
    return node.with_changes(func=new) if isinstance(node, cst.Call) else new


def replace_tail(node: cst.BaseExpression, old: str, new: str) -> cst.BaseExpression:
    """Replace the steps at the end of a chain of attributes, subscripts and calls; before ``or`` and ``is``, too."""
    if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or):
        return node.with_changes(left=replace_tail(node.left, old, new))
    if isinstance(node, cst.Comparison) and isinstance(node.comparisons[0].operator, cst.Is | cst.IsNot):
        return node.with_changes(left=replace_tail(node.left, old, new))
    written = re.sub(r"\s+", "", code_of(node))
    if new and written.endswith(new):
        return node
    if not written.endswith(old):
        raise RefusedError(text("'{old}' does not stand here", old=old))
    value: cst.BaseExpression = node
    step = parsed("_" + old)
    while not isinstance(step, cst.Name):
        if isinstance(step, cst.Call) and isinstance(value, cst.Call):
            step, value = step.func, value.func
        elif type(step) is type(value) and isinstance(value, (cst.Attribute, cst.Subscript)):
            assert isinstance(step, (cst.Attribute, cst.Subscript))
            step, value = step.value, value.value
        else:
            raise RefusedError(text("'{old}' does not stand here", old=old))
    return _on(value, parsed("_" + new)).with_changes(lpar=node.lpar, rpar=node.rpar)


def _on(value: cst.BaseExpression, steps: cst.BaseExpression) -> cst.BaseExpression:
    """Put ``value`` in the place of the name that a chain begins with."""
    if isinstance(steps, (cst.Attribute, cst.Subscript)):
        return steps.with_changes(value=_on(value, steps.value))
    if isinstance(steps, cst.Call):
        return steps.with_changes(func=_on(value, steps.func))
    return value
