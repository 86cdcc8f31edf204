"""The calendar's appointment book in memory: its own rules, without its tables."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

from calendar_service import slots
from calendar_service.domain import HOLD, Reason, judge, overlaps, reminder_at
from calendar_service.slots import Opening
from contracts.calendar import (
    Availability,
    BookingConfirmed,
    BookingRejected,
    Offer,
    ReminderDue,
    SlotWish,
    Visit,
    VisitCancelled,
    VisitRescheduled,
)
from contracts.dialogue import BookingRequested, CancellationRequested, Lead, RescheduleRequested, Slot

ALTERNATIVES = 3
"""Slots that a rejection comes with, as in the calendar itself."""
Request = BookingRequested | RescheduleRequested | CancellationRequested
Said = BookingConfirmed | BookingRejected | VisitRescheduled | VisitCancelled


@dataclass
class Held:
    """Slots that were offered to a conversation, and until when they are kept for it."""

    starts: frozenset[dt.datetime]
    until: dt.datetime


@dataclass
class Agenda:
    """Visits by conversation; every conversation of a rehearsal may share one.

    `blocks` are the unit's own; while it is `away` nobody gets an answer.
    """

    opening: Opening
    blocks: list[Slot] = field(default_factory=list)
    away: bool = False
    visits: dict[str, Visit] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    reminders: dict[str, dt.datetime] = field(default_factory=dict)

    def offer(self, question: Availability) -> Offer:
        """Answer as `calendar.availability` does."""
        offer = self._best(question.conversation, question.wish, question.now, question.limit)
        if question.hold:
            self._hold(question.conversation, offer, question.now)
        return offer

    def settle(self, conversation: str, request: Request, now: dt.datetime) -> Said:
        """Answer a request as the calendar's facts do."""
        known = self._upcoming(conversation, now)
        if isinstance(request, CancellationRequested):
            if known is None:
                raise LookupError("there is no visit to cancel")
            self.reminders.pop(conversation, None)
            gone = known.model_copy(update={"status": "cancelled", "version": known.version + 1})
            self.visits[conversation] = gone
            return VisitCancelled(visit=gone)
        slot = self.opening.at(request.slot.start)
        moves = isinstance(request, RescheduleRequested) and known is not None
        reason = self._judge(conversation, slot, now, visited=known is not None and not moves)
        if reason:
            return self._reject(conversation, request, slot, reason, now)
        if moves and known:
            return self._stand(conversation, known.model_copy(update={"slot": slot, "version": known.version + 1}), now)
        lead = request.lead if isinstance(request, BookingRequested) else Lead(phone=request.contact.phone)
        visit = Visit(id=uuid4(), slot=slot, status="booked", contact=request.contact, lead=lead)
        return self._stand(conversation, visit, now)

    def due(self, until: dt.datetime) -> Iterator[tuple[dt.datetime, str, ReminderDue]]:
        """Yield and forget the reminders that are due by then, in order."""
        for conversation, at in sorted(self.reminders.items(), key=lambda each: each[1]):
            if at <= until:
                del self.reminders[conversation]
                yield at, conversation, ReminderDue(visit=self.visits[conversation])

    def forget(self, conversation: str) -> None:
        """Know nothing of a conversation any more."""
        for kept in (self.visits, self.held, self.reminders):
            kept.pop(conversation, None)

    def _stand(self, conversation: str, visit: Visit, now: dt.datetime) -> BookingConfirmed | VisitRescheduled:
        before = self.visits.get(conversation)
        self.visits[conversation] = visit
        self.held.pop(conversation, None)
        self.reminders.pop(conversation, None)
        if at := reminder_at(visit.slot.start, now, self.opening.zone):
            self.reminders[conversation] = at
        if before and before.id == visit.id:
            return VisitRescheduled(visit=visit, previous=before.slot)
        return BookingConfirmed(visit=visit)

    def _reject(
        self,
        conversation: str,
        request: BookingRequested | RescheduleRequested,
        slot: Slot,
        reason: Reason,
        now: dt.datetime,
    ) -> BookingRejected:
        others = Offer()
        if reason != "already_booked":
            wish = SlotWish(exact=slot.start, exclude=(slot.start,))
            others = self._best(conversation, wish, now, ALTERNATIVES)
            self._hold(conversation, others, now)
        existing = self._upcoming(conversation, now)
        return BookingRejected(
            slot=slot, reason=reason, alternatives=others.slots, contact=request.contact, existing=existing
        )

    def _judge(self, conversation: str, slot: Slot, now: dt.datetime, *, visited: bool) -> Reason | None:
        own = self.held.get(conversation)
        offered = own is not None and own.until > now and slot.start in own.starts
        busy = self._busy(but=None if visited else conversation)
        return judge(slot, self.opening, now, busy=busy, offered=offered, visited=visited)

    def _best(self, conversation: str, wish: SlotWish, now: dt.datetime, limit: int) -> Offer:
        others = [held for name, held in self.held.items() if name != conversation and now < held.until <= now + HOLD]
        held = frozenset(start for each in others for start in each.starts)
        free = [slot for slot in self.opening.offerable(now) if not overlaps(slot, self._busy())]
        return slots.offer(free, wish, held=held, limit=limit)

    def _hold(self, conversation: str, offer: Offer, now: dt.datetime) -> None:
        self.held[conversation] = Held(frozenset(slot.start for slot in offer.slots), now + HOLD)

    def _busy(self, *, but: str | None = None) -> list[Slot]:
        visits = [visit.slot for name, visit in self.visits.items() if visit.status == "booked" and name != but]
        return [*visits, *self.blocks]

    def _upcoming(self, conversation: str, now: dt.datetime) -> Visit | None:
        visit = self.visits.get(conversation)
        return visit if visit and visit.status == "booked" and visit.slot.start > now else None
