"""Our part of JSON Schema, held against ``jsonschema``: it may miss what is wrong, never finds wrong what is right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_migrate.live.schema import sample, violation

jsonschema = pytest.importorskip("jsonschema", reason="comes with check-jsonschema")

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, 1.0, "", "a", "red", "blue"]))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
KINDS = ["object", "array", "string", "integer", "number", "boolean", "null"]
PLAIN = st.one_of(
    st.just({}),
    st.builds(lambda kind: {"type": kind}, st.sampled_from(KINDS)),
    st.builds(lambda kinds: {"type": kinds}, st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True)),
    st.builds(lambda values: {"enum": values}, st.lists(SCALARS, min_size=1, max_size=3)),
    st.builds(lambda value: {"const": value}, SCALARS),
    st.builds(lambda low, high: {"type": "number", "minimum": low, "maximum": high}, *[st.integers(-3, 3)] * 2),
    st.builds(lambda low: {"type": "integer", "exclusiveMinimum": low}, st.integers(-3, 3)),
    st.just({"type": "string", "pattern": "^a"}),
    st.just({"$ref": "#/$defs/one"}),
)


def joined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3)},
        optional={
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": st.booleans(),
            "patternProperties": st.just({"^c": True}),
        },
    )
    lists = st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "minItems": st.integers(0, 2),
        },
    )
    several = st.lists(inner, min_size=1, max_size=2)
    words = st.sampled_from(["anyOf", "oneOf", "allOf"])
    return objects | lists | st.builds(lambda word, those: {word: those}, words, several)


SCHEMAS = st.recursive(PLAIN, joined, max_leaves=5)


def is_right(value: Any, schema: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


@settings(max_examples=600, deadline=None)
@given(SCHEMAS, PLAIN.filter(lambda schema: "$ref" not in schema), VALUES)
def test_nothing_is_found_wrong_that_is_right(schema: dict[str, Any], one: dict[str, Any], value: Any) -> None:
    whole = {**schema, "$defs": {"one": one}}
    if is_right(value, whole):
        assert violation(value, whole) is None


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", 1]),
        ({"type": "object", "patternProperties": {"^x-": {}}, "additionalProperties": False}, {"x-a": 1}),
        ({"type": "integer"}, 1.0),
        ({"type": ["string", "null"]}, None),
        ({"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
          "$ref": "#/$defs/node"}, {"next": {"next": {}}}),
    ],
)  # fmt: skip
def test_what_is_right(schema: dict[str, Any], value: Any) -> None:
    assert is_right(value, schema)
    assert violation(value, schema) is None


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object", "required": ["a"]}, {}),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": "one"}),
        ({"type": "object", "properties": {}, "additionalProperties": False}, {"a": 1}),
        ({"enum": ["red", "green"]}, "blue"),
        ({"type": "integer", "maximum": 2}, 3),
        ({"type": "integer"}, True),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["a"]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1),
        ({"$defs": {"one": {"const": 1}}, "type": "array", "items": {"$ref": "#/$defs/one"}}, [1, 2]),
    ],
)
def test_what_is_wrong(schema: dict[str, Any], value: Any) -> None:
    assert not is_right(value, schema)
    assert violation(value, schema) is not None
    assert is_right(sample(schema), schema)
