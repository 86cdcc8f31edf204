"""`assistant replay` on the running system: what holds in one process holds on the whole line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from assistant.testing_system import MONDAY, System

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

FOLDER = Path(__file__).parent / "scenarios"
SOME = (
    "price-two-subjects",
    "burst-of-three",
    "book-exact-time-read-back",
    "visit-rescheduled",
    "reminder-confirmed",
    "voice-note",
    "handoff-person",
    "staff-takes-over",
    "handoff-no-slots",
    "handoff-failure",
)


@pytest.fixture
def movable(steady: System) -> Iterator[System]:
    """The system whose clock the scenarios move; the other tests find it where it was."""
    yield steady
    steady.assistant("clock", MONDAY)


def test_scenarios_pass_on_the_running_system(movable: System) -> None:
    files = [str(FOLDER / f"{name}.yaml") for name in SOME]
    done = movable.assistant("replay", *files, "--json", check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each for each in results if not each["passed"]] == []
    assert len(results) == len(SOME)
    assert done.returncode == 0
    assert all({"at", "author", "text"} == set(line) for each in results for line in each["transcript"])


def test_a_scenario_that_fails_says_what_and_exits_1(movable: System, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "name: a wrong price\nnow: '2026-11-23T10:12:00-03:00'\nturns:\n"
        "  - parent: quanto custa?\n    expect: {reply: {says: ['R\\$ 1,00']}}\n"
    )
    done = movable.assistant("replay", str(file), "--json", check=False)
    (result,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert result["failures"] == ["turn 1: does not say /R\\$ 1,00/"]


def test_a_file_that_is_no_scenario_is_refused_before_anything_is_played(steady: System, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("name: x\nnow: '2026-11-23T10:12:00-03:00'\nturns:\n  - mother: oi\n")
    done = steady.assistant("replay", str(file), check=False)
    assert done.returncode == 1
    assert "broken.yaml:4: turns[0].mother: unknown key" in done.stderr
