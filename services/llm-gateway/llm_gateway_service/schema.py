"""Whether an answer has the shape that was asked for, and what providers are told of the shape."""

import json
from functools import lru_cache
from typing import Any

BOUNDS = frozenset({"pattern", "format", "minLength", "maxLength"})
"""What only holds for the true values: a placeholder in their place has none of it."""


def problem(value: Any, schema: dict[str, Any]) -> str | None:
    """Say what is wrong with a value, `None` when it is what the schema (draft 2020-12) asks for."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value))
    return None if error is None else f"{error.json_path}: {error.message}"


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(schema))


def shape_of(schema: Any) -> Any:
    """Return a schema without the bounds that are checked here alone."""
    if isinstance(schema, list):
        return [shape_of(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    named = {"properties", "$defs"} & schema.keys()
    return {
        key: {name: shape_of(each) for name, each in value.items()} if key in named else shape_of(value)
        for key, value in schema.items()
        if key not in BOUNDS
    }


def is_strict(schema: Any) -> bool:
    """Whether providers can keep to a schema strictly: every object closed, and every property of it required."""
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


def _names(kind: Any) -> tuple[str, ...]:
    return () if kind is None else (kind,) if isinstance(kind, str) else tuple(kind)
