from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from chassis import clock
from chassis.clock import MovableClock


@pytest.fixture(autouse=True)
def looking_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "LOOK_EVERY_S", 0.0)


def test_without_a_file_it_is_the_machines_clock() -> None:
    assert abs(MovableClock(None)() - datetime.now(UTC)) < timedelta(seconds=1)


def test_it_is_ahead_by_what_the_file_says_and_follows_it(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("3600\n")
    moved = MovableClock(file)
    assert abs(moved() - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=1)
    file.write_text("-7200.5\n")
    assert moved.offset_s() == -7200.5


@pytest.mark.parametrize("text", ["", "soon", "1e"])
def test_a_file_that_is_being_written_changes_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clock"
    file.write_text("60")
    moved = MovableClock(file)
    assert moved.offset_s() == 60
    file.write_text(text)
    assert moved.offset_s() == 60
    file.unlink()
    assert moved.offset_s() == 60
