"""What a reply may name beside the unit's facts: slots, and the conversation's own values."""

from collections.abc import Iterator

from contracts.dialogue import Slot

from dialogue_service import words
from dialogue_service.decision.acts import (
    AnyAct,
    AskField,
    AskWhichSlot,
    ClarifyTime,
    ConfirmBooking,
    ConfirmCancellation,
    ConfirmReschedule,
    ConfirmSlot,
    GiveHolidays,
    GiveVisit,
    Greet,
    HandOver,
    KeepVisit,
    OfferSlots,
    Remind,
    ReportData,
    SayAlreadyBooked,
    SayCalendarIsSlow,
    ThankForConfirming,
    Welcome,
)
from dialogue_service.decision.lead import first_name
from dialogue_service.decision.state import Conversation
from dialogue_service.speech.asking import reading
from dialogue_service.speech.lines import Telling
from dialogue_service.speech.wishes import wish
from dialogue_service.understanding.values import TimePreference

_OF_VISIT = (
    ConfirmBooking
    | ConfirmReschedule
    | ConfirmCancellation
    | GiveVisit
    | KeepVisit
    | Remind
    | SayAlreadyBooked
    | SayCalendarIsSlow
    | ThankForConfirming
)


def offered_slots(acts: tuple[AnyAct, ...], state: Conversation) -> tuple[Slot, ...]:
    """Return the slots that are on offer, and those that the reply names as such."""
    named = [slot for act in acts if isinstance(act, OfferSlots | AskWhichSlot) for slot in act.slots]
    named += [act.slot for act in acts if isinstance(act, ConfirmSlot)]
    every = {slot.start: slot for slot in (*state.offered, *([state.pending] if state.pending else []), *named)}
    return tuple(every[start] for start in sorted(every))


def booked_slot(acts: tuple[AnyAct, ...], state: Conversation) -> Slot | None:
    """Return the visit that the reply is about, else the one that stands."""
    for act in acts:
        if isinstance(act, _OF_VISIT):
            return act.slot
        if isinstance(act, Greet | Welcome | ReportData) and act.visit:
            return act.visit
    return state.visit.slot if state.visit else None


def own_data(telling: Telling) -> tuple[str, ...]:
    """Return the conversation's own values, as texts; every value once."""
    return tuple(dict.fromkeys(text for text in (*_of_lead(telling), *_of_acts(telling)) if text))


def _of_lead(telling: Telling) -> Iterator[str | None]:
    lead = telling.state.lead
    yield from (lead.parent_name, lead.email)
    yield lead.parent_name and first_name(lead.parent_name)
    yield lead.phone and words.phone(lead.phone)
    for student in lead.students:
        yield student.name
        yield student.name and first_name(student.name)
        yield words.years(student.age) if student.age else None
        yield words.grade(student.grade) if student.grade else None
    if lead.time_preference:
        yield wish(TimePreference.model_validate(lead.time_preference))


def _of_acts(telling: Telling) -> Iterator[str | None]:
    """Days and hours that the parent named and the reply repeats, and the name on WhatsApp."""
    for act in telling.acts:
        match act:
            case AskField():
                yield act.hint
            case ClarifyTime():
                yield from (reading(day, hour) for day, hour in act.readings)
            case OfferSlots():
                yield words.short_day(act.day) if act.day else None
                yield act.holiday
            case GiveHolidays():
                yield from (f"{words.short_day(day)} ({name})" for day, name in act.days)
            case HandOver():
                yield words.moment(act.opens_at, telling.zone) if act.opens_at else None
            case _:
                pass
