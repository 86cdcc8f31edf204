"""What follows when the calendar says that a visit stands, moved, fell through, or is soon."""

from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.calendar import BookingConfirmed, BookingRejected, ReminderDue, VisitCancelled, VisitRescheduled
from contracts.rules import Assessment

from dialogue_service.decision.acts import (
    AnyAct,
    AskField,
    ConfirmBooking,
    ConfirmCancellation,
    ConfirmReschedule,
    GiveNotice,
    Greet,
    HandOver,
    OfferSlots,
    Remind,
    SayAlreadyBooked,
    WhyOther,
)
from dialogue_service.decision.greeting import day_part
from dialogue_service.decision.qualify import having_asked, next_field, question_for
from dialogue_service.decision.session import taken_over
from dialogue_service.decision.state import Asked, BookedVisit, Conversation
from dialogue_service.decision.turn import Step

CalendarFact = BookingConfirmed | BookingRejected | VisitRescheduled | VisitCancelled | ReminderDue

_WHY: dict[str, WhyOther] = {
    "taken": "full",
    "outside_hours": "closed_hour",
    "past": "past",
    "too_soon": "too_soon",
    "too_far": "too_far",
}


def after_calendar(state: Conversation, fact: CalendarFact, assessment: Assessment, now: datetime) -> Step:
    """Return what follows; nothing is said to who is served by the unit or wants no messages.

    Whoever never wrote was told of the booking by whoever booked it; what comes later is said with an introduction.
    """
    unheard = state.last_inbound_at is None
    silent = state.owner == "unit" or state.opted_out or (unheard and isinstance(fact, BookingConfirmed))
    match fact:
        case BookingConfirmed():
            step = _confirmed(state, fact)
        case BookingRejected():
            step = _rejected(state, fact, assessment, now)
        case VisitRescheduled():
            step = _moved(state, fact)
        case VisitCancelled():
            step = _cancelled(state, fact)
        case ReminderDue():
            step = _soon(state, fact, now)
    if not step.acts:
        return step
    if silent:
        unsaid = {name: getattr(state, name) for name in ("stage", "owner", "greeted", "noticed", "asks")}
        return Step(
            state=step.state.but(**unsaid, asked=None, offered=()), outcome="ignored", reason=_why_silent(state)
        )
    if unheard and not state.greeted:
        hour = now.astimezone(ZoneInfo(assessment.unit.timezone)).hour
        return step.model_copy(update={"acts": (Greet(part=day_part(hour)), *step.acts)})
    return step


def _why_silent(state: Conversation) -> str:
    if state.owner == "unit":
        return "served_by_unit"
    return "opted_out" if state.opted_out else "never_wrote"


def _visit(fact: BookingConfirmed | VisitRescheduled) -> BookedVisit:
    visit = fact.visit
    return BookedVisit(id=visit.id, slot=visit.slot, version=visit.version)


def _settled(state: Conversation, **changes: object) -> Conversation:
    return state.but(requested=None, offered=(), refused=(), pending=None, rescheduling=False, asked=None, **changes)


def _confirmed(state: Conversation, fact: BookingConfirmed) -> Step:
    """Confirm, and complete the record with at most one question."""
    state = _settled(state, visit=_visit(fact), stage="booked", said_goodbye=False, greeted=True, declined=False)
    acts: tuple[AnyAct, ...] = (ConfirmBooking(slot=fact.visit.slot),)
    asked = next_field(state, at_booking=True)
    if asked is None:
        return Step(state=state, acts=acts)
    if asked.student is not None and not state.noticed:
        state, acts = state.but(noticed=True), (*acts, GiveNotice())
    question: AskField = question_for(state, asked)
    return Step(state=having_asked(state, asked), acts=(*acts, question))


def _rejected(state: Conversation, fact: BookingRejected, assessment: Assessment, now: datetime) -> Step:
    """Offer what is free instead."""
    if fact.reason == "already_booked" and fact.existing:
        visit = BookedVisit(id=fact.existing.id, slot=fact.existing.slot, version=fact.existing.version)
        state = _settled(state, visit=visit, stage="booked").but(asked=Asked(topic="reschedule"))
        return Step(state=state, acts=(SayAlreadyBooked(slot=visit.slot),))
    rescheduling = bool(state.requested and state.requested.what == "rescheduling")
    if not fact.alternatives:
        return _no_slots(state, assessment, now)
    slots = tuple(sorted(fact.alternatives[:3], key=lambda slot: slot.start))
    why = _WHY.get(fact.reason, "other")
    opening = assessment.opening if why == "closed_hour" else None
    state = _settled(state).but(
        offered=slots, asked=Asked(topic="slot"), stage="scheduling", rescheduling=rescheduling, greeted=True
    )
    return Step(state=state, acts=(OfferSlots(slots=slots, why=why, opening=opening, rescheduling=rescheduling),))


def _no_slots(state: Conversation, assessment: Assessment, now: datetime) -> Step:
    opening = assessment.opening
    act = HandOver(reason="no_slots", opens_at=None if opening.is_open_now else opening.next_opening)
    state = taken_over(_settled(state), now)
    return Step(state=state, acts=(act,), outcome="handed_over", reason="no_slots", handoff="no_slots")


def _moved(state: Conversation, fact: VisitRescheduled) -> Step:
    """Confirm the new time; a move by the unit is news."""
    state = _settled(state, visit=_visit(fact), stage="booked", said_goodbye=False, greeted=True)
    return Step(state=state, acts=(ConfirmReschedule(slot=fact.visit.slot, by=fact.by),))


def _cancelled(state: Conversation, fact: VisitCancelled) -> Step:
    if state.visit and state.visit.id != fact.visit.id:
        return Step(state=state, outcome="ignored", reason="another_visit")
    state = _settled(state, visit=None, stage="discovery", said_goodbye=True, declined=True, greeted=True)
    return Step(state=state, acts=(ConfirmCancellation(slot=fact.visit.slot, by=fact.by),))


def _soon(state: Conversation, fact: ReminderDue, now: datetime) -> Step:
    """Remind of a visit that still stands and is still ahead."""
    visit = state.visit
    stands = visit is not None and visit.id == fact.visit.id and visit.version == fact.visit.version
    if fact.visit.status != "booked" or fact.visit.slot.start <= now or (visit is not None and not stands):
        return Step(state=state, outcome="ignored", reason="stale_reminder")
    known = visit or BookedVisit(id=fact.visit.id, slot=fact.visit.slot, version=fact.visit.version)
    state = state.but(visit=known, asked=Asked(topic="confirm_visit"), stage="booked", greeted=True)
    return Step(state=state, acts=(Remind(slot=fact.visit.slot),))
