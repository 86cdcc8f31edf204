"""What every change of a visit has in common, whoever wants it: the row, the fact, the reminder, what Google shows.

Everything works inside the caller's transaction, under `Visits.lock`.
"""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store, Unit
from chassis.telemetry import signals
from chassis.telemetry.declaring import OUTCOME
from contracts import Event, Fact
from contracts.calendar import ReminderDue, Visit, VisitCancelled, VisitRescheduled
from contracts.dialogue import Slot

from calendar_service.busy_times import BusyTimes
from calendar_service.domain import after_the_night, reminder_at, stands
from calendar_service.slots import Opening
from calendar_service.store import Visits

log = get_logger(__name__)
visits = signals(__name__).counter("receptionist.calendar.visits", "{visit}", "What became of visits.", OUTCOME)

By = Literal["parent", "unit"]
FORGET = "forget_visit"
REMIND = "remind"
SHOW = "show_in_google"
ALL = "all"


class Appointments:
    """Makes visits stand, move and fall.

    `keep` is how long a visit is remembered after it, `google` whether it is shown in a Google Calendar.
    """

    def __init__(self, store: Store, opening: Opening, *, keep: timedelta, clock: Clock, google: bool = False) -> None:
        self.store = store
        self.opening = opening
        self.clock = clock
        self.visits = Visits(opening.zone)
        self.busy = BusyTimes(google=google)
        self._keep = keep
        self.google = google

    async def stand(self, tx: Unit, said: Event[Any], visit: Visit) -> None:
        """Say that a visit stands, and arrange what follows: no holds, its reminder, the day it is forgotten."""
        now = self.clock()
        await self.visits.release(tx, said.subject)
        if due_at := reminder_at(visit.slot.start, now, self.opening.zone):
            reminder = said.causes(ReminderDue(visit=visit), now=due_at)
            payload = {"event": reminder.to_wire().decode()}
            await tx.wake(REMIND, key=str(visit.id), due_at=due_at, payload=payload)
        else:
            await tx.cancel(REMIND, key=str(visit.id))
        await tx.wake(FORGET, key=str(visit.id), due_at=visit.slot.end + self._keep)
        await tx.emit(said)
        await self.show(tx)

    async def move(
        self, tx: Unit, cause: Event[Any] | None, visit: Visit, slot: Slot, *, conversation: str, by: By
    ) -> Visit:
        """Put a visit that stands at another time."""
        moved = visit.model_copy(update={"slot": slot, "version": visit.version + 1})
        await self.visits.change(tx, moved)
        fact = VisitRescheduled(visit=moved, previous=visit.slot, by=by)
        await self.stand(tx, self.event(cause, fact, moved, conversation), moved)
        visits.add(1, {OUTCOME: "moved"})
        log.info("visit_rescheduled", conversation=conversation, visit=str(visit.id), by=by)
        return moved

    async def cancel(self, tx: Unit, cause: Event[Any] | None, visit: Visit, *, conversation: str, by: By) -> None:
        """Free the slot. A visit that is cancelled already is said to be so again."""
        if visit.status == "booked":
            visit = visit.model_copy(update={"status": "cancelled", "version": visit.version + 1})
            await self.visits.change(tx, visit)
            await tx.cancel(REMIND, key=str(visit.id))
            visits.add(1, {OUTCOME: "cancelled"})
        await tx.emit(self.event(cause, VisitCancelled(visit=visit, by=by), visit, conversation))
        await self.show(tx)
        log.info("visit_cancelled", conversation=conversation, visit=str(visit.id), by=by)

    async def remind(self, visit_id: UUID, payload: dict[str, Any]) -> None:
        """Remind of a visit as it stands, once; what was late and is in the night now waits for the morning."""
        reminder = Event.from_wire(payload["event"].encode(), ReminderDue)
        async with self.store.unit() as tx:
            now = self.clock()
            known = await self.visits.known(tx, visit_id)
            if known is None or not stands(known[0], now) or known[0].version != reminder.data.visit.version:
                return
            if (morning := after_the_night(now, self.opening.zone)) > now:
                await tx.wake(REMIND, key=str(visit_id), due_at=morning, payload=payload)
            elif await tx.first_time(reminder):
                await tx.emit(reminder)

    async def forget(self, visit_id: UUID) -> None:
        """Delete a visit whose time of retention is over."""
        async with self.store.unit() as tx:
            await self.visits.forget(tx, visit_id, shown=self.google)
            await self.show(tx)

    async def show(self, tx: Unit) -> None:
        """Have Google show what changed, after the commit."""
        if self.google:
            await tx.wake(SHOW, key=ALL, due_at=self.clock())

    def event(self, cause: Event[Any] | None, fact: Fact, visit: Visit, conversation: str) -> Event[Any]:
        """Wrap a fact about a visit; without a cause on the line, it is the visit's version that it is known by."""
        if cause is not None:
            return cause.causes(fact, now=self.clock(), subject=conversation)
        key = f"{visit.id}:{visit.version}"
        return Event.first(fact, key=key, source="calendar", subject=conversation, now=self.clock())
