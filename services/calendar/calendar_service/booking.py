"""The appointment book: offers, bookings, changes. One transaction each, and a repeated request changes nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store, Unit
from contracts import Event
from contracts.calendar import (
    Availability,
    BookingConfirmed,
    BookingRejected,
    Offer,
    ReminderDue,
    SlotWish,
    Visit,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
)
from contracts.dialogue import BookingRequested, CancellationRequested, Lead, RescheduleRequested, Slot
from opentelemetry import trace

from calendar_service import slots
from calendar_service.domain import Reason, judge, overlaps, reminder_at
from calendar_service.slots import Opening
from calendar_service.store import Visits

log = get_logger(__name__)
tracer = trace.get_tracer("calendar")

ALTERNATIVES = 3
FORGET = "forget_visit"


class Book:
    """What a receptionist does with an appointment book. `keep` is how long a visit is remembered after it."""

    def __init__(self, store: Store, opening: Opening, *, keep: timedelta, clock: Clock) -> None:
        self._store = store
        self._opening = opening
        self._keep = keep
        self._clock = clock
        self._visits = Visits(opening.zone)

    async def offer(self, question: Availability) -> Offer:
        """Return the best free slots for a wish; with `hold` they are kept from others for ten minutes."""
        with tracer.start_as_current_span("calendar.offer"):
            async with self._store.unit() as tx:
                if question.hold:
                    await self._visits.lock(tx)
                answer = await self._best(tx, question.conversation, question.wish, question.now, question.limit)
                if question.hold:
                    await self._visits.hold(tx, question.conversation, answer.slots, question.now)
            return answer

    async def book(self, event: Event[BookingRequested]) -> None:
        """Confirm the visit, or say why not and what else there is."""
        with tracer.start_as_current_span("calendar.book"):
            async with self._store.unit() as tx:
                if await tx.first_time(event):
                    await self._visits.lock(tx)
                    existing = await self._visits.upcoming(tx, event.subject, self._clock())
                    await self._settle(tx, event, event.data.lead, existing=existing)

    async def reschedule(self, event: Event[RescheduleRequested]) -> None:
        """Move the visit; the old slot is free only when the new one stands.

        A visit that no longer stands is booked anew: the parent asked for a time, and gets it.
        """
        with tracer.start_as_current_span("calendar.reschedule"):
            async with self._store.unit() as tx:
                if not await tx.first_time(event):
                    return
                await self._visits.lock(tx)
                now = self._clock()
                known = await self._visits.find(tx, event.data.visit_id, event.subject)
                moved = known if known and _stands(known, now) else await self._visits.upcoming(tx, event.subject, now)
                if moved:
                    await self._move(tx, event, moved, now)
                else:
                    lead = known.lead if known else Lead(phone=event.data.contact.phone)
                    await self._settle(tx, event, lead)

    async def cancel(self, event: Event[CancellationRequested]) -> None:
        """Free the slot. A visit that is cancelled already is said to be so again."""
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            await self._visits.lock(tx)
            now = self._clock()
            visit = await self._visits.find(tx, event.data.visit_id, event.subject)
            visit = visit or await self._visits.upcoming(tx, event.subject, now)
            if visit is None or (visit.status != "cancelled" and not _stands(visit, now)):
                log.warning("nothing_to_cancel", conversation=event.subject, event=str(event.id))
                return
            if visit.status == "booked":
                visit = visit.model_copy(update={"status": "cancelled", "version": visit.version + 1})
                await self._visits.change(tx, visit)
                await tx.cancel_emit(_reminder(visit))
            await tx.emit(event.causes(VisitCancelled(visit=visit), now=now))
            log.info("visit_cancelled", conversation=event.subject, visit=str(visit.id))

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

    async def forget(self, visit_id: UUID) -> None:
        """Delete a visit whose time of retention is over."""
        async with self._store.unit() as tx:
            await self._visits.forget(tx, visit_id)

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
        await self._stand(tx, event, visit, now)
        await tx.emit(event.causes(BookingConfirmed(visit=visit), now=now))
        log.info("visit_booked", conversation=event.subject, visit=str(visit.id))

    async def _move(self, tx: Unit, event: Event[RescheduleRequested], visit: Visit, now: datetime) -> None:
        slot = self._opening.at(event.data.slot.start)
        if reason := await self._judge(tx, event.subject, slot, now, but=visit.id):
            await self._reject(tx, event, slot, reason, existing=visit)
            return
        moved = visit.model_copy(update={"slot": slot, "version": visit.version + 1})
        await self._visits.change(tx, moved)
        await self._stand(tx, event, moved, now)
        await tx.emit(event.causes(VisitRescheduled(visit=moved, previous=visit.slot), now=now))
        log.info("visit_rescheduled", conversation=event.subject, visit=str(visit.id))

    async def _judge(
        self, tx: Unit, conversation: str, slot: Slot, now: datetime, *, visited: bool = False, but: UUID | None = None
    ) -> Reason | None:
        busy = await self._visits.busy(tx, now, but=but)
        own = (await self._visits.holds(tx, conversation, now)).own
        return judge(slot, self._opening, now, busy=busy, offered=slot.start in own, visited=visited)

    async def _stand(self, tx: Unit, event: Event[Any], visit: Visit, now: datetime) -> None:
        """Arrange what follows when a visit stands: no holds, its reminder, the day it is forgotten."""
        await self._visits.release(tx, event.subject, now)
        if due_at := reminder_at(visit.slot.start, now, self._opening.zone):
            reminder = event.causes(ReminderDue(visit=visit), now=due_at)
            await tx.emit(reminder, due_at=due_at, key=_reminder(visit))
        else:
            await tx.cancel_emit(_reminder(visit))
        await tx.wake(FORGET, key=str(visit.id), due_at=visit.slot.end + self._keep)

    async def _reject(self, tx: Unit, event: Event[Any], slot: Slot, reason: Reason, *, existing: Visit | None) -> None:
        now = self._clock()
        alternatives: Iterable[Slot] = ()
        if reason != "already_booked":
            wish = SlotWish(exact=slot.start, exclude=(slot.start,))
            alternatives = (await self._best(tx, event.subject, wish, now, ALTERNATIVES)).slots
            await self._visits.hold(tx, event.subject, alternatives, now)
        rejected = BookingRejected(
            slot=slot, reason=reason, alternatives=tuple(alternatives), contact=event.data.contact, existing=existing
        )
        await tx.emit(event.causes(rejected, now=now))
        log.info("booking_rejected", conversation=event.subject, reason=reason)

    async def _best(self, tx: Unit, conversation: str, wish: SlotWish, now: datetime, limit: int) -> Offer:
        busy = await self._visits.busy(tx, now)
        held = (await self._visits.holds(tx, conversation, now)).others
        free = [slot for slot in self._opening.offerable(now) if not overlaps(slot, busy)]
        return slots.offer(free, wish, held=held, limit=limit)


def _stands(visit: Visit, now: datetime) -> bool:
    return visit.status == "booked" and visit.slot.start > now


def _reminder(visit: Visit) -> str:
    return f"reminder:{visit.id}"
