"""What the unit's people do to the appointment book: from the front desk, and by hand in Google Calendar.

Their word counts more than a family's wish, but never against another family, the past or closed doors: then nothing
changes and they are told with both sides.
"""

from typing import Any, Literal
from uuid import UUID, uuid5

from chassis.logging import get_logger
from chassis.store import Unit
from contracts import Event
from contracts.calendar import BookingConfirmed, CalendarConflictFound, Visit
from contracts.dialogue import Slot
from contracts.frontdesk import (
    TimeBlocked,
    TimeUnblocked,
    VisitBookedByStaff,
    VisitCancelledByStaff,
    VisitMovedByStaff,
)

from calendar_service.appointments import Appointments
from calendar_service.domain import StaffReason, judge_for_staff, stands

log = get_logger(__name__)

ConflictKind = Literal["event_over_visit", "moved_onto_visit", "moved_outside", "changed_twice", "not_booked"]
_REFUSED: dict[StaffReason, ConflictKind] = {
    "taken": "moved_onto_visit",
    "outside_hours": "moved_outside",
    "past": "moved_outside",
}


class Staff:
    """Carries out what the unit's people want."""

    def __init__(self, appointments: Appointments) -> None:
        self._appointments = appointments
        self._store = appointments.store
        self._visits = appointments.visits
        self._clock = appointments.clock

    async def book(self, event: Event[VisitBookedByStaff]) -> None:
        """Give a family a slot, whatever is held, notice and horizon."""
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            await self._visits.lock(tx)
            asked = event.data
            visit = Visit(
                id=uuid5(event.id, "visit"), slot=asked.slot, status="booked", contact=asked.contact, lead=asked.lead
            )
            reason, other = await self._judge(tx, asked.slot)
            if reason:
                never = visit.model_copy(update={"status": "cancelled"})
                await self.tell(
                    tx, "not_booked", never, event.subject, wanted=asked.slot, other=other, key=str(event.id)
                )
                return
            await self._visits.add(tx, visit, event.subject)
            said = event.causes(BookingConfirmed(visit=visit), now=self._clock())
            await self._appointments.stand(tx, said, visit)
            log.info("visit_booked", conversation=event.subject, visit=str(visit.id), by="unit")

    async def move(self, event: Event[VisitMovedByStaff]) -> None:
        """Put a visit at another time."""
        async with self._store.unit() as tx:
            known = await self._standing(tx, event, event.data.visit_id)
            if known is None:
                return
            visit, conversation = known
            reason, other = await self._judge(tx, event.data.slot, but=visit.id)
            if reason is None:
                await self._appointments.move(tx, event, visit, event.data.slot, conversation=conversation, by="unit")
            else:
                kind, wanted = _REFUSED[reason], event.data.slot
                await self.tell(tx, kind, visit, conversation, wanted=wanted, other=other, key=str(event.id))

    async def cancel(self, event: Event[VisitCancelledByStaff]) -> None:
        """Cancel a visit."""
        async with self._store.unit() as tx:
            if known := await self._standing(tx, event, event.data.visit_id):
                await self._appointments.cancel(tx, event, known[0], conversation=known[1], by="unit")

    async def block(self, event: Event[TimeBlocked]) -> None:
        """Keep a time free; visits that stand in it stay, and are told."""
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            await self._visits.lock(tx)
            block = event.data
            await self._visits.block(tx, block.block_id, block.slot, block.name)
            await self.tell_of_visits_in(tx, block.slot, block.name, key=str(event.id))

    async def unblock(self, event: Event[TimeUnblocked]) -> None:
        """Give a blocked time back."""
        async with self._store.unit() as tx:
            if await tx.first_time(event):
                await self._visits.lock(tx)
                await self._visits.unblock(tx, event.data.block_id)

    async def moved_by_hand(self, visit_id: UUID, slot: Slot, *, seen: int, etag: str) -> None:
        """Somebody moved a visit's event in Google: follow, or tell why not. `seen` is the visit's version there."""
        async with self._store.unit() as tx:
            known = await self._booked(tx, visit_id)
            if known is None or known[0].slot == slot:
                return
            visit, conversation = known
            if not stands(visit, now := self._clock()) and slot.start <= now:
                return  # somebody tidies up what is over
            reason, other = await self._judge(tx, slot, but=visit_id)
            kind: ConflictKind | None = _REFUSED[reason] if reason else None
            if visit.version != seen:
                kind = "changed_twice"
            if kind is None:
                await self._appointments.move(tx, None, visit, slot, conversation=conversation, by="unit")
            else:
                key = f"{visit_id}:{etag}"
                await self.tell(tx, kind, visit, conversation, wanted=slot, other=other, key=key)

    async def deleted_by_hand(self, visit_id: UUID, *, seen: int) -> None:
        """Somebody deleted a visit's event in Google: it will not be, unless the family changed it meanwhile."""
        async with self._store.unit() as tx:
            known = await self._known(tx, visit_id)
            if known is None:
                return
            visit, conversation = known
            if visit.version == seen:
                await self._appointments.cancel(tx, None, visit, conversation=conversation, by="unit")
            else:
                key = f"{visit_id}:{visit.version}:deleted"
                await self.tell(tx, "changed_twice", visit, conversation, wanted=visit.slot, key=key)

    async def tell_of_visits_in(self, tx: Unit, slot: Slot, title: str | None, *, key: str) -> None:
        """Tell of every visit that stands in a time at which the unit is busy now."""
        for visit in await self._visits.overlapping(tx, slot):
            if stands(visit, self._clock()) and (known := await self._visits.known(tx, visit.id)):
                each = f"{key}:{visit.id}:{visit.version}"
                await self.tell(tx, "event_over_visit", visit, known[1], wanted=slot, title=title, key=each)

    async def tell(
        self,
        tx: Unit,
        kind: ConflictKind,
        visit: Visit,
        conversation: str,
        *,
        wanted: Slot,
        key: str,
        title: str | None = None,
        other: Visit | None = None,
    ) -> None:
        """Tell the unit's people of a conflict; the same `key` once."""
        wanted = self._appointments.opening.local(wanted)
        fact = CalendarConflictFound(kind=kind, visit=visit, wanted=wanted, title=title, other=other)
        event = Event.first(fact, key=key, source="calendar", subject=conversation, now=self._clock())
        if await tx.first_time(event):
            await tx.emit(event)
            log.warning("calendar_conflict", kind=kind, visit=str(visit.id), conversation=conversation)

    async def _judge(self, tx: Unit, slot: Slot, *, but: UUID | None = None) -> tuple[StaffReason | None, Visit | None]:
        others = await self._visits.overlapping(tx, slot, but=but)
        reason = judge_for_staff(
            slot, self._appointments.opening, self._clock(), visits=[other.slot for other in others]
        )
        return reason, next(iter(others), None)

    async def _standing(self, tx: Unit, event: Event[Any], visit_id: UUID) -> tuple[Visit, str] | None:
        if not await tx.first_time(event):
            return None
        known = await self._known(tx, visit_id)
        if known is None:
            log.warning("no_such_visit_ahead", visit=str(visit_id), event=str(event.id))
        return known

    async def _known(self, tx: Unit, visit_id: UUID) -> tuple[Visit, str] | None:
        known = await self._booked(tx, visit_id)
        return known if known and stands(known[0], self._clock()) else None

    async def _booked(self, tx: Unit, visit_id: UUID) -> tuple[Visit, str] | None:
        """Return a visit that was not cancelled and of which nobody has said yet whether they came."""
        await self._visits.lock(tx)
        known = await self._visits.known(tx, visit_id)
        return known if known and known[0].status == "booked" else None
