"""The part of JSON Schema that tool arguments and structured output use: make an instance, check an instance.

Why not ``jsonschema``: it makes no instances, which take most of this; it says in English only what is wrong; and it
would be the one dependency for that, five packages of 2 MB that take as long to load as httpx. The tests hold this
against it: what it finds right is never found wrong here. Keywords that are not known here are satisfied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_codemods.text import Text, text

_DEEP = 6
"""From this depth on the sampler takes the way that ends: null, or nothing optional."""

_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
}

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def sample(schema: Any) -> Any:
    """Return a minimal value that satisfies the schema. Same schema, same value; ``pattern`` is not understood."""
    return _sample(schema, schema, 0)


def violation(value: Any, schema: Any) -> Text | None:
    """Return what is wrong with the value, or None if it satisfies the schema."""
    return _violation(value, schema, schema, "$", 0)


def _resolve(schema: Any, root: Any) -> Any:
    """Follow ``$ref`` (within the document) and fold ``allOf`` in; anything that is no object means: any value."""
    for _ in range(20):
        if not isinstance(schema, Mapping) or not isinstance(schema.get("$ref"), str):
            break
        place: Any = root
        for part in schema["$ref"].removeprefix("#").strip("/").split("/"):
            place = (
                place.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(place, Mapping) and part else place
            )
        schema = place
    if not isinstance(schema, Mapping):
        return {}
    merged = {k: v for k, v in schema.items() if k != "allOf"}
    for part in schema.get("allOf", ()):
        inner = _resolve(part, root)
        merged = {
            **inner,
            **merged,
            **(
                {"properties": {**inner["properties"], **merged.get("properties", {})}} if "properties" in inner else {}
            ),
            **({"required": [*inner["required"], *merged.get("required", ())]} if "required" in inner else {}),
        }
    return merged


def _branches(schema: Mapping[str, Any]) -> list[Any]:
    return list(schema.get("anyOf") or schema.get("oneOf") or ())


def _type(schema: Mapping[str, Any]) -> str | None:
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return next((k for k in kinds if k != "null"), "null")
    if kinds is None and "properties" in schema:
        return "object"
    return kinds if isinstance(kinds, str) else None


def _sample(schema: Any, root: Any, depth: int) -> Any:
    schema = _resolve(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if branches := _branches(schema):
        ending = [b for b in branches if _type(_resolve(b, root)) in ("null", "string", "integer", "number", "boolean")]
        return _sample(ending[0] if depth >= _DEEP and ending else branches[0], root, depth + 1)
    kind = _type(schema)
    if kind == "object":
        properties = schema.get("properties", {})
        names = [n for n in schema.get("required", ()) if n in properties or depth < _DEEP]
        return {n: _sample(properties.get(n, {}), root, depth + 1) for n in names}
    if kind == "array":
        first = [_sample(s, root, depth + 1) for s in schema.get("prefixItems", ())]
        missing = max(0, int(schema.get("minItems", 0)) - len(first))
        return first + [_sample(schema.get("items", {}), root, depth + 1)] * missing
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    word = _FORMATS.get(str(schema.get("format")), "emulated")
    return word.ljust(int(schema.get("minLength", 0)), ".")[: int(schema.get("maxLength", max(len(word), 1 << 16)))]


def _number(schema: Mapping[str, Any], *, whole: bool) -> int | float:
    step = schema.get("multipleOf") or 1
    low = schema.get("minimum", -float("inf"))
    above = schema.get("exclusiveMinimum", -float("inf"))
    high = schema.get("maximum", float("inf"))
    below = schema.get("exclusiveMaximum", float("inf"))
    start = max(low, above)
    candidates: list[int | float] = [0, step]
    if start > -float("inf"):
        nearby = (start // step) * step
        candidates += [start, nearby, nearby + step, nearby + 2 * step]
    if min(high, below) < float("inf"):
        top = (min(high, below) // step) * step
        candidates += [min(high, below), top, top - step]
    if not whole and start > -float("inf") and min(high, below) < float("inf"):
        candidates.append((start + min(high, below)) / 2)
    for number in candidates:
        if low <= number <= high and above < number < below and (not whole or number == int(number)):
            return int(number) if whole else number
    return 0


def _violation(value: Any, schema: Any, root: Any, where: str, depth: int) -> Text | None:
    schema = _resolve(schema, root)
    if depth > 50:
        return None
    if "const" in schema and value != schema["const"]:
        return text("{where} is not {wanted}", where=where, wanted=repr(schema["const"]))
    if schema.get("enum") and value not in schema["enum"]:
        return text("{where} is not one of {wanted}", where=where, wanted=", ".join(map(repr, schema["enum"])))
    if branches := _branches(schema):
        return (
            None
            if any(_violation(value, b, root, where, depth + 1) is None for b in branches)
            else text("{where} fits no alternative of the schema", where=where)
        )
    kinds = schema.get("type")
    names = kinds if isinstance(kinds, list) else [kinds] if kinds else []
    if names and not any(_is(value, name) for name in names):
        return text("{where} is not of type {wanted}", where=where, wanted="/".join(map(str, names)))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _out_of_range(value, schema, where)
    if isinstance(value, dict):
        return _object_violation(value, schema, root, where, depth)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            return text("{where} has too few items", where=where)
        first = schema.get("prefixItems", ())
        for i, item in enumerate(value):
            inner = first[i] if i < len(first) else schema.get("items", {})
            if wrong := _violation(item, inner, root, f"{where}[{i}]", depth + 1):
                return wrong
    return None


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, (object,)))


def _out_of_range(value: float, schema: Mapping[str, Any], where: str) -> Text | None:
    inside = schema.get("minimum", value) <= value <= schema.get("maximum", value) and schema.get(
        "exclusiveMinimum", -float("inf")
    ) < value < schema.get("exclusiveMaximum", float("inf"))
    return None if inside else text("{where} is out of range", where=where)


def _object_violation(
    value: dict[str, Any], schema: Mapping[str, Any], root: Any, where: str, depth: int
) -> Text | None:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return text("{where} is missing", where=f"{where}.{name}")
    for name, inner in value.items():
        if name in properties:
            if wrong := _violation(inner, properties[name], root, f"{where}.{name}", depth + 1):
                return wrong
        elif schema.get("additionalProperties") is False and "patternProperties" not in schema:
            return text("{where} is not in the schema", where=f"{where}.{name}")
    return None
