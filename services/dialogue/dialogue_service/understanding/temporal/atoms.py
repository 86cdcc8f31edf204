"""The smallest pieces of a wish about time, before they are put together."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from dialogue_service.understanding.page import Found
from dialogue_service.understanding.values import DayPeriod, Weekday


@dataclass(frozen=True, slots=True)
class Days:
    """Names of weekdays without dates."""

    names: tuple[Weekday, ...]
    span: bool = False  # "segunda a sexta": a range, not a choice between days


@dataclass(frozen=True, slots=True)
class Dates:
    """Definite days."""

    days: tuple[dt.date, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one day to another, inclusive; either end may be open. `weeks` when it is a week from this one."""

    earliest: dt.date | None
    latest: dt.date | None
    weeks: int | None = None


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour as written. `certain` when it was written in 24-hour form or with its part of the day."""

    hour: int
    minute: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Point:
    """An hour of the day."""

    at: Hour


@dataclass(frozen=True, slots=True)
class Bounds:
    """From one hour to another; either may be open."""

    start: Hour | None
    end: Hour | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day."""

    period: DayPeriod


@dataclass(frozen=True, slots=True)
class Whenever:
    """Any time will do."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """An impossible date, or words with several readings."""

    readings: tuple[Dates, ...] = ()


DayAtom = Days | Dates | Stretch
HourAtom = Point | Bounds | Part
Atom = DayAtom | HourAtom | Whenever | Unclear
Placed = Found[Atom]
Sign = Literal["wanted", "refused", "silent"]
