"""A calendar for the front desk's tests: it answers for a week, and does what the front desk's facts say."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from chassis.testing import Probe
from contracts import Event
from contracts.calendar import BookingConfirmed, BusyTime, Timetable, Visit, VisitCancelled, VisitRescheduled, Week
from contracts.dialogue import Slot
from contracts.frontdesk import TimeBlocked, TimeUnblocked, VisitBookedByStaff, VisitCancelledByStaff, VisitMovedByStaff

HALF_HOUR = timedelta(minutes=30)
HOURS = (9.0, 9.5, 10.0, 10.5, 11.0, 11.5, 14.0, 14.5, 15.0, 15.5, 16.0, 16.5)
SATURDAY = 5


def half_hour(start: datetime) -> Slot:
    """Return the time of a visit."""
    return Slot(start=start, end=start + HALF_HOUR)


class Calendar:
    """Half hours on working days; `busy` may be added to by the test, `told` is what it says to the front desk."""

    def __init__(self, probe: Probe, zone: Any) -> None:
        self.probe = probe
        self.zone = zone
        self.busy: dict[UUID, BusyTime] = {}
        self.visits: dict[UUID, Visit] = {}
        self.read = 0
        self.told: list[Event[Any]] = []
        probe.answer(Week, self.week)

    def week(self, question: Week) -> Timetable:
        """Answer."""
        self._catch_up()
        days = [question.first + timedelta(days=ahead) for ahead in range(question.days)]
        open_days = [day for day in days if day.weekday() < SATURDAY]
        starts = [
            datetime(day.year, day.month, day.day, tzinfo=self.zone) + timedelta(hours=hour)
            for day in open_days
            for hour in HOURS
        ]
        busy = tuple(self.busy.values())
        free = (half_hour(start) for start in starts if start > question.now)
        return Timetable(
            free=tuple(slot for slot in free if not any(_overlap(slot, each.slot) for each in busy)),
            busy=busy,
            closed=tuple(day for day in days if day not in open_days),
        )

    def book(self, visit: Visit) -> None:
        """Put a visit into the book."""
        self.visits[visit.id] = visit
        self.busy[visit.id] = BusyTime(slot=visit.slot, kind="visit", id=visit.id)

    def _catch_up(self) -> None:
        events, self.read = self.probe.published[self.read :], len(self.probe.published)
        for event in events:
            if (fact := self._work(event)) is not None:
                self.told.append(event.causes(fact, now=event.time))

    def _work(self, event: Event[Any]) -> BookingConfirmed | VisitRescheduled | VisitCancelled | None:
        match event.data:
            case TimeBlocked() as block:
                named = BusyTime(slot=block.slot, kind="block", id=block.block_id, title=block.name or None)
                self.busy[block.block_id] = named
            case TimeUnblocked() as gone:
                self.busy.pop(gone.block_id, None)
            case VisitBookedByStaff() as asked:
                visit = Visit(
                    id=uuid5(event.id, "visit"),
                    slot=asked.slot,
                    status="booked",
                    contact=asked.contact,
                    lead=asked.lead,
                )
                self.book(visit)
                return BookingConfirmed(visit=visit)
            case VisitMovedByStaff() as moved:
                before = self.visits[moved.visit_id]
                after = before.model_copy(update={"slot": moved.slot, "version": before.version + 1})
                self.book(after)
                return VisitRescheduled(visit=after, previous=before.slot, by="unit")
            case VisitCancelledByStaff() as over:
                known = self.visits[over.visit_id]
                del self.busy[over.visit_id]
                cancelled = known.model_copy(update={"status": "cancelled", "version": known.version + 1})
                return VisitCancelled(visit=cancelled, by="unit")
        return None


def _overlap(one: Slot, other: Slot) -> bool:
    return one.start < other.end and other.start < one.end
