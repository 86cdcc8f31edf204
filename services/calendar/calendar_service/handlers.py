"""What calendar listens to and answers."""

from typing import Any
from uuid import UUID

from chassis.line import Line
from chassis.store import Store
from contracts import Event
from contracts.calendar import (
    Availability,
    BookingConfirmed,
    BookingRejected,
    Offer,
    ReminderDue,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
)
from contracts.dialogue import BookingRequested, CancellationRequested, RescheduleRequested

from calendar_service.booking import FORGET, Book


def register(line: Line, store: Store, book: Book) -> None:
    """Put calendar on the line."""
    line.emits(ReminderDue)

    @line.answers(Availability)
    async def on_availability(question: Availability) -> Offer:
        return await book.offer(question)

    @line.stage(BookingRequested, emits=(BookingConfirmed, BookingRejected))
    async def on_booking_requested(event: Event[BookingRequested]) -> None:
        await book.book(event)

    @line.stage(RescheduleRequested, emits=(VisitRescheduled, BookingConfirmed, BookingRejected))
    async def on_reschedule_requested(event: Event[RescheduleRequested]) -> None:
        await book.reschedule(event)

    @line.stage(CancellationRequested, emits=(VisitCancelled,))
    async def on_cancellation_requested(event: Event[CancellationRequested]) -> None:
        await book.cancel(event)

    @line.stage(VisitOutcomeRecorded)
    async def on_visit_outcome_recorded(event: Event[VisitOutcomeRecorded]) -> None:
        await book.record_outcome(event)

    @store.timer(FORGET)
    async def on_forget_visit(key: str, _: dict[str, Any]) -> None:
        await book.forget(UUID(key))
