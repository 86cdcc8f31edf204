"""The owner's file: what calendar reads of it, and how it complains."""

from datetime import date
from pathlib import Path

import calendar_service
import pytest
from calendar_service.unit import read_unit_file
from chassis.errors import BadConfiguration

GOOD = """
[hours]
weekdays = ["mon", "fri"]
periods = [["09:00", "12:00"], ["14:00", "17:00"]]
"""


def reading(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "unit.toml"
    file.write_text(text)
    return file


def test_holidays_are_the_nations_the_states_and_the_owners(unit_file: Path) -> None:
    opening = read_unit_file(unit_file).opening()
    closed = [date(2026, 12, 25), date(2027, 9, 20), date(2026, 12, 4)]
    assert [opening.slots_of(day) for day in closed] == [(), (), ()]
    assert date(2027, 9, 20).weekday() == 0
    assert opening.slots_of(date(2026, 12, 3))


def test_another_state_has_other_holidays(tmp_path: Path) -> None:
    opening = read_unit_file(reading(tmp_path, f'{GOOD}[holidays]\nstate = "SP"')).opening()
    assert opening.slots_of(date(2027, 9, 20))


def test_the_owners_lengths_and_days_are_used(tmp_path: Path) -> None:
    opening = read_unit_file(reading(tmp_path, f"{GOOD}[visits]\nminutes = 45")).opening()
    assert [f"{slot.start:%H:%M}" for slot in opening.slots_of(date(2026, 11, 23))] == [
        *("09:00", "09:45", "10:30", "11:15"),
        *("14:00", "14:45", "15:30", "16:15"),
    ]
    assert opening.slots_of(date(2026, 11, 24)) == ()


def test_the_owners_windows_take_their_slots_away(tmp_path: Path) -> None:
    window = '{ start = 2026-11-23T09:45:00, end = 2026-11-23T14:30:00-03:00, name = "obra" }'
    with pytest.raises(BadConfiguration, match=r"holidays\.blocked: Value error, every window must end after"):
        read_unit_file(reading(tmp_path, f"{GOOD}[holidays]\nblocked = [{window}]"))
    window = window.replace("-03:00", "")
    opening = read_unit_file(reading(tmp_path, f"{GOOD}[holidays]\nblocked = [{window}]")).opening()
    assert [f"{slot.start:%H:%M}" for slot in opening.slots_of(date(2026, 11, 23))] == [
        *("09:00", "14:30", "15:00", "15:30", "16:00", "16:30")
    ]
    assert len(opening.slots_of(date(2026, 11, 27))) == 12


def test_the_shipped_file_is_found_and_is_the_units() -> None:
    root = next(folder for folder in Path(calendar_service.__file__).parents if (folder / "unit.toml").is_file())
    shipped = read_unit_file(root / "unit.toml")
    assert read_unit_file(None) == shipped
    assert len(shipped.opening().slots_of(date(2026, 11, 24))) == 12


@pytest.mark.parametrize(
    "text,complaint",
    [
        ("[visits]\nminutes = 30", "hours: Field required"),
        (GOOD.replace("mon", "segunda"), "hours.weekdays[0]: Input should be 'mon'"),
        (GOOD.replace("12:00", "8:00"), 'hours.periods[0][1]: Value error, a time looks like "09:00"'),
        (GOOD.replace("12:00", "08:00"), "hours.periods: Value error, every period must end after it begins"),
        (GOOD.replace("14:00", "11:00"), "hours.periods: Value error, every period must end after it begins"),
        (f"{GOOD}[visits]\nminutes = 0", "visits.minutes: Input should be greater than or equal to 5"),
        (f'{GOOD}[unit]\ntimezone = "Brasilia"', "unit.timezone: Value error, no such time zone"),
        (f'{GOOD}[holidays]\nstate = "XX"', "holidays.state: Value error, no such Brazilian state"),
        (f'{GOOD}[holidays]\nclosed = [{{ date = "natal" }}]', "holidays.closed[0].date: Input should be a valid date"),
        ("[hours", "Expected ']'"),
    ],
)
def test_a_mistake_is_named_with_file_key_and_reason(tmp_path: Path, text: str, complaint: str) -> None:
    file = reading(tmp_path, text)
    with pytest.raises(BadConfiguration) as raised:
        read_unit_file(file)
    assert str(raised.value).startswith(f"{file}: {complaint}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"UNIT_FILE: .*no\.toml cannot be read: No such file"):
        read_unit_file(tmp_path / "no.toml")
