"""Whether an answer has the shape that was asked for.

The part of JSON Schema (draft 2020-12) that providers' structured outputs know: types, enums, objects, arrays, bounds,
`anyOf` and local references. A keyword that is not known here forbids nothing.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "exclusiveMaximum": lambda value, bound: value < bound,
    "minLength": lambda value, bound: len(value) >= bound,
    "maxLength": lambda value, bound: len(value) <= bound,
    "pattern": lambda value, bound: re.search(bound, value) is not None,
    "minItems": lambda value, bound: len(value) >= bound,
    "maxItems": lambda value, bound: len(value) <= bound,
}
_BOUNDED: dict[str, tuple[str, ...]] = {
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "string": ("minLength", "maxLength", "pattern"),
    "array": ("minItems", "maxItems"),
}


def fits(value: Any, schema: Schema) -> bool:
    """Whether a value is what a schema asks for."""
    return _fits(value, schema, schema)


def is_strict(schema: Any) -> bool:
    """Whether OpenAI takes a schema as `strict`: every object closed, and every property of it required."""
    if isinstance(schema, list):
        return all(is_strict(each) for each in schema)
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties", {})
    if "object" in _names(schema.get("type")) or properties:
        is_closed = schema.get("additionalProperties") is False
        if not is_closed or set(schema.get("required", ())) != set(properties):
            return False
    nested = [value for key, value in schema.items() if key not in {"properties", "$defs", "enum", "const"}]
    nested += [*properties.values(), *schema.get("$defs", {}).values()]
    return all(is_strict(each) for each in nested)


def _fits(value: Any, schema: Any, root: Schema) -> bool:
    if not isinstance(schema, Mapping):
        return schema is not False
    if "$ref" in schema:
        return _fits(value, _resolve(schema["$ref"], root), root)
    types = _names(schema.get("type"))
    return (
        (not types or any(_TYPES.get(name, lambda _: True)(value) for name in types))
        and ("enum" not in schema or any(_same(value, each) for each in schema["enum"]))
        and ("const" not in schema or _same(value, schema["const"]))
        and all(_fits(value, each, root) for each in schema.get("allOf", ()))
        and ("anyOf" not in schema or any(_fits(value, each, root) for each in schema["anyOf"]))
        and ("oneOf" not in schema or sum(_fits(value, each, root) for each in schema["oneOf"]) == 1)
        and _within_bounds(value, schema)
        and (not isinstance(value, dict) or _object_fits(value, schema, root))
        and (not isinstance(value, list) or all(_fits(each, schema.get("items", True), root) for each in value))
    )


def _object_fits(value: dict[str, Any], schema: Schema, root: Schema) -> bool:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    return all(name in value for name in schema.get("required", ())) and all(
        _fits(each, properties.get(name, others), root) for name, each in value.items()
    )


def _within_bounds(value: Any, schema: Schema) -> bool:
    return all(
        _BOUNDS[keyword](value, schema[keyword])
        for name, keywords in _BOUNDED.items()
        if _TYPES[name](value)
        for keyword in keywords
        if keyword in schema
    )


def _resolve(reference: str, root: Schema) -> Any:
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(part, True) if part and isinstance(found, Mapping) else found
    return found


def _names(kind: Any) -> tuple[str, ...]:
    return () if kind is None else (kind,) if isinstance(kind, str) else tuple(kind)


def _same(value: Any, other: Any) -> bool:
    """JSON's equality: `true` is not 1."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)
