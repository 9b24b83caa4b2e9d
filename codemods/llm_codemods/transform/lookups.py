"""Look-ups of a key, and attributes in their place."""

from __future__ import annotations

import re

import libcst as cst

from llm_codemods.text import text
from llm_codemods.transform.nodes import RefusedError, bound, code_of, with_parentheses_of
from llm_codemods.transform.strings import string_value


def read_attribute(node: cst.BaseExpression) -> cst.BaseExpression:
    """Read an attribute where a key is looked up, see ``ReadAttribute``."""
    match node:
        case cst.Subscript(value=base, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            return with_parentheses_of(node, cst.Attribute(base, _as_name(key)))
        case cst.Call(func=cst.Attribute(value=base, attr=cst.Name(value="get")), args=[cst.Arg(value=key), *rest]):
            found: cst.BaseExpression = cst.Attribute(base, _as_name(key))
            if rest and not (isinstance(rest[0].value, cst.Name) and rest[0].value.value == "None"):
                found = cst.BooleanOperation(found, cst.Or(), bound(rest[0].value))
            return with_parentheses_of(node, found)
        case cst.Call(func=cst.Name(value="hasattr"), args=[cst.Arg(value=base), cst.Arg(value=key)]):
            return with_parentheses_of(node, _is_there(cst.Attribute(base, _as_name(key)), cst.IsNot()))
        case cst.Comparison(left=key, comparisons=[cst.ComparisonTarget(operator=operator, comparator=base)]):
            test = cst.IsNot() if isinstance(operator, cst.In) else cst.Is()
            return with_parentheses_of(node, _is_there(cst.Attribute(bound(base), _as_name(key)), test))
    raise RefusedError(text("it looks nothing up"))


def _is_there(node: cst.BaseExpression, operator: cst.Is | cst.IsNot) -> cst.Comparison:
    return cst.Comparison(node, [cst.ComparisonTarget(operator, cst.Name("None"))])


def _as_name(key: cst.BaseExpression) -> cst.Name:
    """Return a key as the name of an attribute; the SDK writes what cannot be one with underscores."""
    name = re.sub(r"\W", "_", string_value(key) or "")
    if not name.isidentifier():
        raise RefusedError(text("{code} is no name", code=code_of(key)))
    return cst.Name(name)


def holder_of(value: cst.BaseExpression | None, key: str) -> cst.BaseExpression:
    """Return ``x`` of ``x.key`` and ``x.key or …``."""
    if isinstance(value, cst.BooleanOperation) and isinstance(value.operator, cst.Or):
        value = value.left
    if isinstance(value, cst.Attribute) and value.attr.value == key:
        return value.value
    raise RefusedError(text("'{key}' of the dictionary is not read from an object here", key=key))
