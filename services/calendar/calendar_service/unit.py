"""Reads what calendar needs of the owner's `unit.toml`: hours, visits, holidays, zone, retention.

The rest of the file is not looked at. A mistake is a `BadConfiguration` that names the file, the key and the reason.
"""

import tomllib
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import holidays
from chassis.errors import BadConfiguration
from contracts.dialogue import Slot
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from calendar_service.slots import Opening

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAME = "unit.toml"


def _clock_time(value: Any) -> Any:
    if isinstance(value, str) and len(value) == len("HH:MM"):
        return value
    raise ValueError('a time looks like "09:00"')


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("no such time zone")
    return value


def _known_state(value: str) -> str:
    if value not in holidays.list_supported_countries()["BR"]:
        raise ValueError("no such Brazilian state")
    return value


def _in_order(periods: tuple[tuple[time, time], ...]) -> tuple[tuple[time, time], ...]:
    moments = [moment for period in periods for moment in period]
    if any(earlier >= later for earlier, later in pairwise(moments)):
        raise ValueError("every period must end after it begins, and before the next one")
    return periods


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Unit(_Part):
    timezone: Annotated[str, AfterValidator(_known_zone)] = "America/Sao_Paulo"


class _Hours(_Part):
    weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(min_length=1)
    periods: Annotated[tuple[tuple[ClockTime, ClockTime], ...], AfterValidator(_in_order)] = Field(min_length=1)


class _Visits(_Part):
    minutes: int = Field(default=30, ge=5, le=240)
    notice_h: float = Field(default=2, ge=0, le=168)
    horizon_days: int = Field(default=14, ge=1, le=90)


class _ClosedDay(_Part):
    date: date
    name: str = ""


class _Window(_Part):
    start: datetime
    end: datetime
    name: str = ""

    def within(self, zone: ZoneInfo) -> Slot:
        """Return the window; a time without an offset is the unit's own."""
        start, end = (at if at.tzinfo else at.replace(tzinfo=zone) for at in (self.start, self.end))
        return Slot(start=start.astimezone(zone), end=end.astimezone(zone))


def _forwards(windows: tuple[_Window, ...]) -> tuple[_Window, ...]:
    if any(bool(window.start.tzinfo) != bool(window.end.tzinfo) or window.start >= window.end for window in windows):
        raise ValueError("every window must end after it begins")
    return windows


class _Holidays(_Part):
    state: Annotated[str, AfterValidator(_known_state)] = "RS"
    closed: tuple[_ClosedDay, ...] = ()
    blocked: Annotated[tuple[_Window, ...], AfterValidator(_forwards)] = ()


class _Retention(_Part):
    booked_days: int = Field(default=30, ge=1)


class UnitFile(_Part):
    """The keys that calendar needs."""

    unit: _Unit = _Unit()
    hours: _Hours
    visits: _Visits = _Visits()
    holidays: _Holidays = _Holidays()
    retention: _Retention = _Retention()

    def opening(self) -> Opening:
        """When visits can be."""
        public = holidays.country_holidays("BR", subdiv=self.holidays.state)
        listed = frozenset(day.date for day in self.holidays.closed)
        zone = ZoneInfo(self.unit.timezone)
        return Opening(
            zone=zone,
            weekdays=frozenset(WEEKDAYS.index(name) for name in self.hours.weekdays),
            periods=self.hours.periods,
            length=timedelta(minutes=self.visits.minutes),
            notice=timedelta(hours=self.visits.notice_h),
            horizon_days=self.visits.horizon_days,
            is_closed=lambda day: day in listed or day in public,
            blocked=tuple(window.within(zone) for window in self.holidays.blocked),
        )


def read_unit_file(given: Path | None) -> UnitFile:
    """Read the given file, else `unit.toml` here, else the project's. Raises `BadConfiguration`."""
    file = given or next((place for place in _places() if place.is_file()), Path(NAME))
    try:
        return UnitFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadConfiguration(f"UNIT_FILE: {file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadConfiguration(f"{file}: {_key(first['loc'])}: {first['msg']}") from error


def _places() -> list[Path]:
    return [Path(NAME), *(folder / NAME for folder in Path(__file__).resolve().parents)]


def _key(location: tuple[int | str, ...]) -> str:
    """`hours.periods[1][0]`, as the owner would look for it."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")
