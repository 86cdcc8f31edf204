"""Google Calendar's own description of itself, as the client library ships it: which calls there are, and their shapes.

Format of the document: https://developers.google.com/discovery/v1/reference/apis
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Method:
    """One call: `id` is `calendar.events.insert` and the like, `path` the values of its path's parameters."""

    id: str
    path: dict[str, str]
    parameters: dict[str, dict[str, Any]]
    request: str | None
    response: str | None


@cache
def document() -> dict[str, Any]:
    """Read the document, without importing the library."""
    spec = find_spec("googleapiclient")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("google-api-python-client is not installed")
    file = Path(spec.submodule_search_locations[0]) / "discovery_cache/documents/calendar.v3.json"
    read: dict[str, Any] = json.loads(file.read_text())
    return read


@cache
def _methods() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    found = []
    for resource in document()["resources"].values():
        for method in resource.get("methods", {}).values():
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(method["path"]))
            found.append((method["httpMethod"], re.compile(pattern), method))
    return found


def method_of(verb: str, path: str) -> Method | None:
    """Find the call that a request makes; `path` is what follows `/calendar/v3/`."""
    for http_method, pattern, method in _methods():
        if http_method == verb and (match := pattern.fullmatch(path)):
            values = {name: unquote(value) for name, value in match.groupdict().items()}
            request = method.get("request", {}).get("$ref")
            response = method.get("response", {}).get("$ref")
            parameters = {**document()["parameters"], **method.get("parameters", {})}
            return Method(method["id"], values, parameters, request, response)
    return None


def query_problems(method: Method, query: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield the reason and the name of every query parameter that is unknown, missing or of the wrong kind."""
    for name, values in query.items():
        about = method.parameters.get(name)
        if about is None or about["location"] != "query" or (len(values) > 1 and not about.get("repeated")):
            yield "invalidParameter", name
        elif not all(_is(value, about) for value in map(_typed(about["type"]), values)):
            yield "invalid", name
    for name, about in method.parameters.items():
        if about.get("required") and about["location"] == "query" and name not in query:
            yield "required", name


def body_problems(schema: str, body: Any, method: str | None = None, where: str = "") -> Iterator[str]:
    """Yield the path of every value that is not as a schema says; with `method`, of those that it needs, too."""
    yield from _problems({"$ref": schema}, body, where)
    if method and isinstance(body, dict):
        for name, about in document()["schemas"][schema]["properties"].items():
            if method in about.get("annotations", {}).get("required", []) and name not in body:
                yield name


def _problems(about: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if "$ref" in about:
        about = document()["schemas"][about["$ref"]]
    if about["type"] == "object":
        yield from _object_problems(about, value, where)
    elif about["type"] == "array":
        if not isinstance(value, list):
            yield where
        else:
            for index, each in enumerate(value):
                yield from _problems(about["items"], each, f"{where}[{index}]")
    elif not _is(value, about):
        yield where


def _object_problems(about: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield where or "body"
        return
    for name, each in value.items():
        place = f"{where}.{name}".removeprefix(".")
        inside = about.get("properties", {}).get(name) or about.get("additionalProperties")
        if inside is None:
            yield place
        else:
            yield from _problems(inside, each, place)


def _typed(kind: str) -> Any:
    """Read a query's text as what it should be; text that is not stays text, and is refused."""

    def read(text: str) -> Any:
        if kind == "boolean":
            return {"true": True, "false": False}.get(text, text)
        return int(text) if kind == "integer" and re.fullmatch(r"-?\d+", text) else text

    return read


def _is(value: Any, about: dict[str, Any]) -> bool:
    """Whether a plain value is of a schema's type, one of its choices, above its minimum, and written as it says."""
    kinds: dict[str, type | tuple[type, ...]] = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
    kind = about["type"]
    if kind == "any":
        return True
    if not isinstance(value, kinds[kind]) or isinstance(value, bool) != (kind == "boolean"):
        return False
    if "enum" in about and value not in about["enum"]:
        return False
    least = about.get("minimum")
    return (least is None or float(str(value)) >= float(least)) and _formatted(value, about.get("format"))


def _formatted(value: Any, form: str | None) -> bool:
    try:
        if form == "date-time":
            return datetime.fromisoformat(value).tzinfo is not None or "T" in value
        if form == "date":
            return bool(date.fromisoformat(value))
    except ValueError:
        return False
    return True
