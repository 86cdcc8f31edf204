"""Reads what the front desk needs of the owner's `unit.toml`: prices, hours, closed days, the AI's budget.

The rest of the file is not looked at. A mistake is a `BadConfiguration` that names the file, the key and the reason.
"""

import tomllib
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Literal

import holidays
from chassis.errors import BadConfiguration
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from frontdesk_service.hours import BusinessHours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAME = "unit.toml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Unit(_Part):
    name: str
    address: str = ""
    contact_phone: str = ""


class _Prices(_Part):
    monthly_per_subject: Decimal = Field(gt=0)
    enrolment_per_student: Decimal = Field(ge=0)


class _Hours(_Part):
    weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(min_length=1)
    periods: tuple[tuple[time, time], ...] = Field(min_length=1)


class _ClosedDay(_Part):
    date: date


class _Holidays(_Part):
    state: str = "RS"
    closed: tuple[_ClosedDay, ...] = ()


class _Budget(_Part):
    warning_brl: Decimal = Decimal("4.00")
    critical_brl: Decimal = Decimal("4.50")
    limit_brl: Decimal = Decimal("5.00")


class UnitFile(_Part):
    """The keys that the front desk needs; money in BRL."""

    unit: _Unit
    prices: _Prices
    hours: _Hours
    holidays: _Holidays = _Holidays()
    ai_budget: _Budget = _Budget()

    def business_hours(self) -> BusinessHours:
        """When somebody is at the unit."""
        public = holidays.country_holidays("BR", subdiv=self.holidays.state)
        listed = frozenset(day.date for day in self.holidays.closed)
        return BusinessHours(
            weekdays=frozenset(WEEKDAYS.index(name) for name in self.hours.weekdays),
            periods=self.hours.periods,
            is_closed=lambda day: day in listed or day in public,
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
        key = ".".join(str(part) for part in first["loc"])
        raise BadConfiguration(f"{file}: {key}: {first['msg']}") from error


def _places() -> list[Path]:
    return [Path(NAME), *(folder / NAME for folder in Path(__file__).resolve().parents)]
