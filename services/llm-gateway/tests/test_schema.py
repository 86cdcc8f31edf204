"""Whether an answer has the shape that was asked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llm_gateway_service.schema import is_strict, problem, shape_of

NAME = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
STUDENT = {
    "type": "object",
    "properties": {
        "age": {"type": ["integer", "null"], "minimum": 2, "maximum": 99},
        "grade": {"enum": ["ef1", "ef2", None]},
        "subjects": {"type": "array", "items": {"enum": ["matematica", "ingles"]}, "maxItems": 2},
    },
    "required": ["age"],
}
FAMILY = {
    "type": "object",
    "properties": {"students": {"type": "array", "items": {"$ref": "#/$defs/student"}}},
    "$defs": {"student": STUDENT},
}
ANY_OF = {"anyOf": [{"type": "null"}, NAME]}


@pytest.mark.parametrize(
    "value, schema",
    [
        ({"name": "Ana"}, NAME),
        ({"age": 8, "grade": "ef2", "subjects": ["ingles"]}, STUDENT),
        ({"age": None, "other": 1}, STUDENT),
        ({"students": [{"age": 2}, {"age": 99}]}, FAMILY),
        (None, ANY_OF),
        ({"name": "Ana"}, ANY_OF),
        (1, {"type": "number"}),
        (1.5, {"type": "number", "exclusiveMinimum": 1}),
        ("14:30", {"type": "string", "pattern": r"^\d\d:\d\d$"}),
        (["a"], {"type": "array", "minItems": 1}),
        ("x", {"const": "x"}),
        ({"a": 1}, {"additionalProperties": {"type": "integer"}}),
        ({}, {}),
        ("x", {"oneOf": [{"type": "string"}, {"type": "integer"}]}),
    ],
)
def test_a_value_of_the_shape_fits(value: Any, schema: dict[str, Any]) -> None:
    assert problem(value, schema) is None


@pytest.mark.parametrize(
    "value, schema",
    [
        ({}, NAME),
        ({"name": 1}, NAME),
        ({"name": "Ana", "age": 8}, NAME),
        ([], NAME),
        ({"age": 1}, STUDENT),
        ({"age": 150}, STUDENT),
        ({"age": True}, STUDENT),
        ({"age": 8, "grade": "ef9"}, STUDENT),
        ({"age": 8, "subjects": ["xadrez"]}, STUDENT),
        ({"age": 8, "subjects": ["ingles"] * 3}, STUDENT),
        ({"students": [{"age": 1}]}, FAMILY),
        (3, ANY_OF),
        ("14h30", {"type": "string", "pattern": r"^\d\d:\d\d$"}),
        ("", {"type": "string", "minLength": 1}),
        (1, {"const": True}),
        ({"a": "b"}, {"additionalProperties": {"type": "integer"}}),
        ({"a": "b"}, {"properties": {"a": False}}),
        ("x", {"oneOf": [{"type": "string"}, {"minLength": 1}]}),
        ("x", {"allOf": [{"type": "string"}, {"minLength": 2}]}),
    ],
)
def test_a_value_of_another_shape_does_not(value: Any, schema: dict[str, Any]) -> None:
    assert problem(value, schema)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value_is_judged_without_an_error(value: Any) -> None:
    assert problem(value, {}) is None
    for schema in (NAME, STUDENT, FAMILY, ANY_OF):
        assert problem(value, schema) != ""


def test_a_problem_says_where_it_is_and_what() -> None:
    assert problem({"students": [{"age": 1}]}, FAMILY) == "$.students[0].age: 1 is less than the minimum of 2"


def test_providers_are_told_the_shape_and_not_what_only_the_true_values_have() -> None:
    mail = {"type": "string", "pattern": "@", "maxLength": 80, "description": "e-mail"}
    schema = {"type": "object", "properties": {"pattern": mail}, "$defs": {"format": mail}}
    told = {"type": "string", "description": "e-mail"}
    assert shape_of(schema) == {"type": "object", "properties": {"pattern": told}, "$defs": {"format": told}}


@pytest.mark.parametrize(
    "schema, strict",
    [
        (NAME, True),
        (STUDENT, False),
        (FAMILY, False),
        ({**NAME, "required": []}, False),
        ({**NAME, "additionalProperties": True}, False),
        ({"type": "object", "properties": {}, "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": STUDENT}, "required": ["a"], "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": ANY_OF}, "required": ["a"], "additionalProperties": False}, True),
    ],
)
def test_openai_is_asked_strictly_only_where_it_can_be(schema: dict[str, Any], strict: bool) -> None:
    assert is_strict(schema) is strict
