"""The week as the front desk shows it: its own visits, and what the calendar has beside them, day by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from contracts.calendar import BusyTime, Timetable
from contracts.dialogue import Slot, Student

from frontdesk_service.domain import UNIT_ZONE, local

A_WEEK = 7
SUNDAY = 6


@dataclass(frozen=True)
class Appointment:
    """A visit as the read model knows it; `path` names the family's conversation, `outcome` whether they came."""

    id: UUID
    slot: Slot
    outcome: str | None
    reminded: bool
    conversation: str
    path: str
    name: str | None
    phone: str | None
    students: tuple[str, ...]
    children: tuple[Student, ...] = ()

    def awaits_outcome(self, now: datetime) -> bool:
        """Whether it has begun and nobody has said yet if they came."""
        return self.outcome is None and self.slot.start <= now

    def is_ahead(self, now: datetime) -> bool:
        """Whether it can still be moved or cancelled."""
        return self.outcome is None and self.slot.start > now


@dataclass(frozen=True)
class Row:
    """A part of a day. A visit without `visit` is one that only the calendar knows yet."""

    slot: Slot
    kind: Literal["visit", "block", "google", "free"]
    visit: Appointment | None = None
    id: UUID | None = None
    title: str | None = None
    all_day: bool = False


@dataclass(frozen=True)
class Day:
    """One day of the unit; `closed` when the calendar says that there are no visits on it."""

    date: date
    closed: bool
    rows: tuple[Row, ...]

    @property
    def visits(self) -> int:
        """How many visits there are."""
        return sum(row.kind == "visit" for row in self.rows)

    def awaits_outcome(self, now: datetime) -> bool:
        """Whether nobody has said yet of some visit if they came."""
        return any(row.visit and row.visit.awaits_outcome(now) for row in self.rows)


def monday_of(day: date) -> date:
    """Return the first day of its week."""
    return day - timedelta(days=day.weekday())


def midnight(day: date) -> datetime:
    """When a day begins at the unit."""
    return datetime.combine(day, time.min, UNIT_ZONE)


def days_of(first: date, appointments: Sequence[Appointment], book: Timetable | None) -> list[Day]:
    """Lay out a week; a Sunday only when there is something on it. `book` is `None` while the calendar is away."""
    rows = [*_own(appointments), *_others(appointments, book or Timetable())]
    closed = book.closed if book else ()
    days = [first + timedelta(days=ahead) for ahead in range(A_WEEK)]
    laid = [Day(day, day in closed, tuple(_rows_on(day, rows))) for day in days]
    return [day for day in laid if day.date.weekday() != SUNDAY or day.rows]


def _own(appointments: Iterable[Appointment]) -> list[Row]:
    return [Row(each.slot, "visit", visit=each, id=each.id) for each in appointments]


def _others(appointments: Iterable[Appointment], book: Timetable) -> list[Row]:
    known = {each.id for each in appointments}
    busy = [_busy(each) for each in book.busy if each.id not in known]
    return [*busy, *(Row(slot, "free") for slot in book.free)]


def _busy(time_: BusyTime) -> Row:
    return Row(time_.slot, time_.kind, id=time_.id, title=time_.title)


def _rows_on(day: date, rows: Iterable[Row]) -> list[Row]:
    begins, ends = midnight(day), midnight(day + timedelta(days=1))
    on_it = [row for row in rows if row.slot.start < ends and row.slot.end > begins]
    return sorted((_within(row, begins, ends) for row in on_it), key=lambda row: (row.slot.start, row.kind))


def _within(row: Row, begins: datetime, ends: datetime) -> Row:
    slot = Slot(start=max(local(row.slot.start), begins), end=min(local(row.slot.end), ends))
    return Row(slot, row.kind, row.visit, row.id, row.title, all_day=(slot.start, slot.end) == (begins, ends))
