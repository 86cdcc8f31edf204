"""What is told is declared, what is declared is told, and the page of it is the code's."""

import ast
from functools import cache
from pathlib import Path

import pytest
from chassis import asyncapi
from chassis.telemetry import page
from chassis.telemetry.declaring import ATTRIBUTES, INSTRUMENTS, OPERATIONS
from chassis.together import build

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(folder.name for folder in ROOT.glob("services/*/*_service"))
FILES = [
    file
    for pattern in ("libs/chassis/chassis", "services/*/*_service")
    for folder in ROOT.glob(pattern)
    for file in folder.rglob("*.py")
]
DECLARING = {"operation", "counter", "histogram", "gauge"}
UNDECLARED = {
    "create_counter", "create_gauge", "create_histogram", "create_observable_counter", "create_observable_gauge",
    "create_observable_up_down_counter", "create_up_down_counter", "get_meter", "get_tracer", "start_as_current_span",
    "start_span",
}  # fmt: skip
TELLING = {"span", "set_attribute", "set_attributes", "add", "record", "set"}


@cache
def trees() -> list[tuple[Path, ast.Module]]:
    return [(file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8"))) for file in FILES]


def called(node: ast.AST) -> str | None:
    """Return the name of the method or function that is called."""
    if not isinstance(node, ast.Call):
        return None
    return getattr(node.func, "attr", None) or getattr(node.func, "id", None)


def declarations() -> dict[str, str]:
    """Return the variable of each declared span and metric, by the declared name."""
    found = {}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and called(node.value) in DECLARING:
                first = node.value.args[0] if node.value.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[first.value] = node.targets[0].id
    return found


def used() -> set[str]:
    """Return every name that is read somewhere, imported ones included."""
    return {
        node.id
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def test_the_page_is_what_the_code_declares() -> None:
    assert (ROOT / "docs/telemetry.md").read_text(encoding="utf-8") == page.page(PACKAGES), (
        "python -m chassis.telemetry.page docs/telemetry.md $(ls -d services/*/*_service | xargs -n1 basename)"
    )


def test_everything_that_is_declared_is_told() -> None:
    page.page(PACKAGES)
    found, told = declarations(), used()
    assert set(found) == {*OPERATIONS, *INSTRUMENTS}
    assert {name for name, variable in found.items() if variable not in told} == set()


def test_nothing_is_told_that_is_not_declared() -> None:
    around = {
        (str(file), called(node))
        for file, tree in trees()
        for node in ast.walk(tree)
        if called(node) in UNDECLARED and file.name != "declaring.py"
    }
    assert around == set()


def test_attributes_are_told_by_their_declared_names_only() -> None:
    literal = {
        (str(file), key.value)
        for file, tree in trees()
        for node in ast.walk(tree)
        if called(node) in TELLING
        for argument in [*node.args, *(each.value for each in node.keywords)]
        if isinstance(argument, ast.Dict)
        for key in argument.keys
        if isinstance(key, ast.Constant)
    }
    assert literal == set()
    named = {name for each in (*OPERATIONS.values(), *INSTRUMENTS.values()) for name in each.attributes}
    assert named <= set(ATTRIBUTES)


@pytest.mark.parametrize("name", ["messaging.message.id", "receptionist.conversation", "db.query.text"])
def test_a_metric_has_no_attribute_of_which_there_are_ever_more(name: str) -> None:
    page.page(PACKAGES)
    assert {each.name for each in INSTRUMENTS.values() if name in each.attributes} == set()


def test_requests_are_told_by_us_alone_since_the_frameworks_own_words_quote_what_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in asyncapi._NOWHERE.items():
        monkeypatch.setenv(name, value)
    told = build("frontdesk_service").http._telemetry
    assert [told[signal] for signal in ("tracing", "metrics", "logs")] == [False, False, False]
