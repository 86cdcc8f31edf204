"""The owner's file: what dialogue reads of it, and how it complains."""

from datetime import timedelta
from pathlib import Path

import pytest
from chassis.errors import BadConfiguration
from dialogue_service.unit import read_unit_file


def reading(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "unit.toml"
    file.write_text(text)
    return file


def test_zone_and_silence_are_the_owners(tmp_path: Path) -> None:
    text = '[unit]\ntimezone = "America/Manaus"\n[session]\nsilence_h = 0.5\n[prices]\nmonthly_per_subject = 1\n'
    unit = read_unit_file(reading(tmp_path, text))
    assert (unit.zone.key, unit.silence) == ("America/Manaus", timedelta(minutes=30))


def test_what_the_owner_does_not_say_is_as_shipped(tmp_path: Path) -> None:
    unit = read_unit_file(reading(tmp_path, ""))
    assert (unit.zone.key, unit.silence) == ("America/Sao_Paulo", timedelta(hours=2))


def test_the_shipped_file_is_found_and_right() -> None:
    assert read_unit_file(None).silence == timedelta(hours=2)


@pytest.mark.parametrize(
    "text,complaint",
    [
        ("[session]\nsilence_h = 0", "session.silence_h"),
        ('[unit]\ntimezone = "America/Vila_A"', "unit.timezone"),
        ("[session", "unit.toml"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadConfiguration, match=complaint):
        read_unit_file(reading(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="UNIT_FILE"):
        read_unit_file(tmp_path / "nowhere.toml")
