"""Business hours, and the days, weeks and months that the owner's numbers are counted by."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from frontdesk_service.domain import UNIT_ZONE, local

PeriodName: TypeAlias = Literal["day", "week", "month"]
DayAsked: TypeAlias = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
"""A day that somebody may ask for; weeks and months around it are still dates."""
DECEMBER = 12


@dataclass(frozen=True)
class BusinessHours:
    """When somebody is at the unit: `weekdays` are 0 = Monday … 6, `periods` local times of such a day."""

    weekdays: frozenset[int]
    periods: tuple[tuple[time, time], ...]
    is_closed: Callable[[date], bool]

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open spans of a day."""
        if day.weekday() in self.weekdays and not self.is_closed(day):
            for begins, ends in self.periods:
                yield datetime.combine(day, begins, UNIT_ZONE), datetime.combine(day, ends, UNIT_ZONE)

    def ago(self, now: datetime, hours: float) -> datetime:
        """Return the moment since which the unit has been open for so many hours."""
        left, day = timedelta(hours=hours), local(now).date()
        for _ in range(366):
            for begins, ends in sorted(self.spans(day), reverse=True):
                open_s = min(ends, now) - begins
                if open_s >= left:
                    return min(ends, now) - left
                left -= max(open_s, timedelta())
            day -= timedelta(days=1)
        return now - timedelta(days=366)


@dataclass(frozen=True)
class Period:
    """One day, week (from Monday) or month of the unit: `begins` inclusive, `ends` exclusive."""

    name: PeriodName
    begins: datetime
    ends: datetime

    @classmethod
    def of(cls, name: PeriodName, day: date) -> "Period":
        """Return the one that a day is in."""
        first = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[name]
        return cls(name, _midnight(first), _midnight(_next(name, first)))

    @property
    def first_day(self) -> date:
        """Its first day."""
        return local(self.begins).date()

    @property
    def last_day(self) -> date:
        """Its last day."""
        return local(self.ends).date() - timedelta(days=1)

    def before(self) -> "Period":
        """Return the one before."""
        return Period.of(self.name, self.first_day - timedelta(days=1))

    def after(self) -> "Period":
        """Return the next one."""
        return Period.of(self.name, local(self.ends).date())

    def back(self, count: int) -> "list[Period]":
        """Return so many, oldest first, this one last."""
        periods = [self]
        while len(periods) < count:
            periods.append(periods[-1].before())
        return periods[::-1]


def _next(name: PeriodName, first: date) -> date:
    if name == "month":
        over = first.month == DECEMBER
        return date(first.year + over, 1 if over else first.month + 1, 1)
    return first + timedelta(days=7 if name == "week" else 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UNIT_ZONE)
