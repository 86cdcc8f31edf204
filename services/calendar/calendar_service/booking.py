"""What families want of the appointment book: bookings and changes.

One transaction each, and a repeated request changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from chassis.logging import get_logger
from chassis.store import Unit
from chassis.telemetry import signals, span
from chassis.telemetry.declaring import OUTCOME
from contracts import Event
from contracts.calendar import (
    Availability,
    BookingConfirmed,
    BookingRejected,
    SlotWish,
    Visit,
    VisitOutcomeRecorded,
)
from contracts.dialogue import BookingRequested, CancellationRequested, Lead, RescheduleRequested, Slot

from calendar_service.appointments import Appointments, visits
from calendar_service.domain import Reason, judge, stands
from calendar_service.offers import Offers

log = get_logger(__name__)
_signals = signals(__name__)
_BOOK = _signals.operation("calendar.book", "A visit is booked, or refused.")
_RESCHEDULE = _signals.operation("calendar.reschedule", "A visit is moved, or not.")

ALTERNATIVES = 3


class Book:
    """Answers families."""

    def __init__(self, appointments: Appointments, offers: Offers) -> None:
        self._appointments = appointments
        self._offers = offers
        self._store = appointments.store
        self._opening = appointments.opening
        self._visits = appointments.visits
        self._clock = appointments.clock

    async def book(self, event: Event[BookingRequested]) -> None:
        """Confirm the visit, or say why not and what else there is."""
        with span(_BOOK):
            async with self._store.unit() as tx:
                if await tx.first_time(event):
                    await self._visits.lock(tx)
                    existing = await self._visits.upcoming(tx, event.subject, self._clock())
                    await self._settle(tx, event, event.data.lead, existing=existing)

    async def reschedule(self, event: Event[RescheduleRequested]) -> None:
        """Move the visit; the old slot is free only when the new one stands.

        A visit that no longer stands is booked anew: the parent asked for a time, and gets it.
        """
        with span(_RESCHEDULE):
            async with self._store.unit() as tx:
                if not await tx.first_time(event):
                    return
                await self._visits.lock(tx)
                now = self._clock()
                known = await self._visits.find(tx, event.data.visit_id, event.subject)
                moved = known if known and stands(known, now) else await self._visits.upcoming(tx, event.subject, now)
                if moved:
                    await self._move(tx, event, moved, now)
                else:
                    lead = known.lead if known else Lead(phone=event.data.contact.phone)
                    await self._settle(tx, event, lead)

    async def cancel(self, event: Event[CancellationRequested]) -> None:
        """Free the slot."""
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            await self._visits.lock(tx)
            now = self._clock()
            visit = await self._visits.find(tx, event.data.visit_id, event.subject)
            visit = visit or await self._visits.upcoming(tx, event.subject, now)
            if visit is None or (visit.status != "cancelled" and not stands(visit, now)):
                log.warning("nothing_to_cancel", conversation=event.subject, event=str(event.id))
                return
            await self._appointments.cancel(tx, event, visit, conversation=event.subject, by="parent")

    async def record_outcome(self, event: Event[VisitOutcomeRecorded]) -> None:
        """Remember whether they came."""
        async with self._store.unit() as tx:
            if await tx.first_time(event):
                visit = await self._visits.find(tx, event.data.visit_id, event.subject)
                if visit is None or visit.status == "cancelled":
                    log.warning("outcome_of_no_visit", conversation=event.subject, event=str(event.id))
                    return
                update = {"status": event.data.outcome, "version": visit.version + 1}
                await self._visits.change(tx, visit.model_copy(update=update))
                await self._appointments.show(tx)

    async def _settle(
        self,
        tx: Unit,
        event: Event[BookingRequested] | Event[RescheduleRequested],
        lead: Lead,
        *,
        existing: Visit | None = None,
    ) -> None:
        now = self._clock()
        slot = self._opening.at(event.data.slot.start)
        reason = await self._judge(tx, event.subject, slot, now, visited=existing is not None)
        if reason:
            await self._reject(tx, event, slot, reason, existing=existing)
            return
        visit = Visit(id=uuid5(event.id, "visit"), slot=slot, status="booked", contact=event.data.contact, lead=lead)
        await self._visits.add(tx, visit, event.subject)
        await self._appointments.stand(tx, event.causes(BookingConfirmed(visit=visit), now=now), visit)
        visits.add(1, {OUTCOME: "booked"})
        log.info("visit_booked", conversation=event.subject, visit=str(visit.id))

    async def _move(self, tx: Unit, event: Event[RescheduleRequested], visit: Visit, now: datetime) -> None:
        slot = self._opening.at(event.data.slot.start)
        if reason := await self._judge(tx, event.subject, slot, now, but=visit.id):
            await self._reject(tx, event, slot, reason, existing=visit)
        else:
            await self._appointments.move(tx, event, visit, slot, conversation=event.subject, by="parent")

    async def _judge(
        self, tx: Unit, conversation: str, slot: Slot, now: datetime, *, visited: bool = False, but: UUID | None = None
    ) -> Reason | None:
        busy = await self._appointments.busy.between(tx.connection, slot.start, slot.end, but=but)
        offered = await self._visits.holds_for(tx, conversation, slot.start, now)
        return judge(slot, self._opening, now, busy=busy, offered=offered, visited=visited)

    async def _reject(self, tx: Unit, event: Event[Any], slot: Slot, reason: Reason, *, existing: Visit | None) -> None:
        now = self._clock()
        alternatives: Iterable[Slot] = ()
        if reason != "already_booked":
            wish = SlotWish(exact=slot.start, exclude=(slot.start,))
            question = Availability(conversation=event.subject, now=now, wish=wish, limit=ALTERNATIVES)
            (answer,) = await self._offers.within(tx, [question])
            alternatives = answer.slots
        rejected = BookingRejected(
            slot=slot, reason=reason, alternatives=tuple(alternatives), contact=event.data.contact, existing=existing
        )
        await tx.emit(event.causes(rejected, now=now))
        visits.add(1, {OUTCOME: "rejected"})
        log.info("booking_rejected", conversation=event.subject, reason=reason)
