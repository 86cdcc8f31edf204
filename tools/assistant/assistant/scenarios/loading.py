"""Reads scenario files; what is wrong in one is said with file, line, key and reason."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from assistant.scenarios.model import Scenario


class ScenarioError(Exception):
    """A file cannot be used; the message has a line `file:line: key: reason` for each mistake."""


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: `sim`, `no`, `14:30` and `2026-11-24` are texts."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9]\d*)$"), list("-0123456789"))


def load(paths: Iterable[Path]) -> list[Scenario]:
    """Read every scenario of these files; a file may hold several, a folder stands for its `*.yaml`.

    Raises `ScenarioError` with every mistake in all of them.
    """
    scenarios: list[Scenario] = []
    wrong: list[str] = []
    for path in paths:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            wrong.append(f"{path}: holds no scenario")
        for file in files:
            try:
                scenarios += _read(file)
            except ScenarioError as error:
                wrong.append(str(error))
    wrong += _repeated(scenarios)
    if wrong:
        raise ScenarioError("\n".join(wrong))
    return scenarios


def _read(path: Path) -> list[Scenario]:
    try:
        text = path.read_text(encoding="utf-8")
        nodes = [node for node in yaml.compose_all(text, Loader=_Loader) if node is not None]
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: is not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScenarioError(f"{path}:{line}: not YAML: {error.problem}") from error
    if not nodes:
        raise ScenarioError(f"{path}: holds no scenario")
    wrong: list[str] = []
    scenarios = [found for node in nodes if (found := _scenario(path, node, wrong))]
    if wrong:
        raise ScenarioError("\n".join(wrong))
    return scenarios


def _scenario(path: Path, node: yaml.Node, wrong: list[str]) -> Scenario | None:
    loader = _Loader("")
    try:
        value = loader.construct_document(node)
        return Scenario.model_validate(value)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else node.start_mark.line + 1
        wrong.append(f"{path}:{line}: not YAML: {error.problem}")
    except ValidationError as error:
        wrong += [_complaint(path, node, dict(each)) for each in error.errors(include_url=False)]
    finally:
        loader.dispose()
    return None


def _complaint(path: Path, node: yaml.Node, error: dict[str, Any]) -> str:
    line, key = _place(node, error["loc"])
    reason = "unknown key" if error["type"] == "extra_forbidden" else str(error["msg"]).removeprefix("Value error, ")
    return f"{path}:{line}: {key or '(file)'}: {reason}"


def _place(node: yaml.Node, location: tuple[int | str, ...]) -> tuple[int, str]:
    """Follow a location as far as the file has it; parts that name a kind of value, not a key, are passed over."""
    line, key = node.start_mark.line + 1, ""
    for part in location:
        inner = _inner(node, part)
        if inner is not None:
            mark, node = inner
            line = mark.line + 1
            key += f"[{part}]" if isinstance(part, int) else f".{part}"
        elif isinstance(node, yaml.MappingNode) and isinstance(part, str) and part.isidentifier() and part.islower():
            key += f".{part}"
    return line, key.removeprefix(".")


def _inner(node: yaml.Node, part: int | str) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((name.start_mark, value) for name, value in node.value if name.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark, node.value[part]
    return None


def _repeated(scenarios: list[Scenario]) -> Iterator[str]:
    names = [scenario.name for scenario in scenarios]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"two scenarios are called {name!r}"
