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
    CalendarConflictFound,
    Offer,
    ReminderDue,
    Timetable,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
    Week,
)
from contracts.dialogue import BookingRequested, CancellationRequested, RescheduleRequested
from contracts.frontdesk import (
    TimeBlocked,
    TimeUnblocked,
    VisitBookedByStaff,
    VisitCancelledByStaff,
    VisitMovedByStaff,
)
from contracts.privacy import DataErased, ErasureRequested

from calendar_service.appointments import FORGET, REMIND, Appointments
from calendar_service.booking import Book
from calendar_service.erasing import erase
from calendar_service.offers import Offers
from calendar_service.staffing import Staff
from calendar_service.timetable import timetable


def register(line: Line, store: Store, appointments: Appointments, staff: Staff) -> None:
    """Put calendar on the line."""
    line.emits(ReminderDue, CalendarConflictFound)

    @line.stage(ErasureRequested, emits=(DataErased,))
    async def on_erasure_requested(event: Event[ErasureRequested]) -> None:
        await erase(appointments, event)

    offers = Offers(appointments)
    families(line, Book(appointments, offers), offers)
    unit(line, staff)

    @line.answers(Week)
    async def on_week(question: Week) -> Timetable:
        return await timetable(store, appointments.opening, question, google=appointments.google)

    @store.timer(FORGET)
    async def on_forget_visit(key: str, _: dict[str, Any]) -> None:
        await appointments.forget(UUID(key))

    @store.timer(REMIND)
    async def on_remind(key: str, payload: dict[str, Any]) -> None:
        await appointments.remind(UUID(key), payload)


def families(line: Line, book: Book, offers: Offers) -> None:
    """Take what families ask for."""

    @line.answers(Availability)
    async def on_availability(question: Availability) -> Offer:
        return await offers.offer(question)

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


def unit(line: Line, staff: Staff) -> None:
    """Take what the unit's people do."""

    @line.stage(VisitBookedByStaff, emits=(BookingConfirmed, CalendarConflictFound))
    async def on_visit_booked_by_staff(event: Event[VisitBookedByStaff]) -> None:
        await staff.book(event)

    @line.stage(VisitMovedByStaff, emits=(VisitRescheduled, CalendarConflictFound))
    async def on_visit_moved_by_staff(event: Event[VisitMovedByStaff]) -> None:
        await staff.move(event)

    @line.stage(VisitCancelledByStaff, emits=(VisitCancelled,))
    async def on_visit_cancelled_by_staff(event: Event[VisitCancelledByStaff]) -> None:
        await staff.cancel(event)

    @line.stage(TimeBlocked, emits=(CalendarConflictFound,))
    async def on_time_blocked(event: Event[TimeBlocked]) -> None:
        await staff.block(event)

    @line.stage(TimeUnblocked)
    async def on_time_unblocked(event: Event[TimeUnblocked]) -> None:
        await staff.unblock(event)
