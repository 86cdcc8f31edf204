"""Slots in words: offers, read-backs, and why it is not what was wished."""

from collections.abc import Iterator
from typing import TypeAlias, assert_never

from dialogue_service import words
from dialogue_service.decision.acts import (
    AskWhichSlot,
    ConfirmSlot,
    OfferSlots,
    SayAlreadyBooked,
    SayCalendarIsSlow,
    SayNoVisit,
)
from dialogue_service.speech.lines import Line, Telling, capital

Offering: TypeAlias = OfferSlots | AskWhichSlot | ConfirmSlot | SayAlreadyBooked | SayNoVisit | SayCalendarIsSlow


def offering(act: Offering, telling: Telling) -> Iterator[Line]:
    """Yield the lines of an act."""
    match act:
        case OfferSlots():
            yield from _offer(act, telling)
        case AskWhichSlot():
            if act.listed:
                yield Line(f"which_{act.listed}", {"slots": telling.numbered(act.slots)})
            else:
                yield Line("which_of_offered")
        case ConfirmSlot():
            if act.email:
                yield Line("with_email")
            yield Line("confirm_move" if act.rescheduling else "confirm_slot", {"when": telling.when(act.slot)})
        case SayAlreadyBooked():
            yield Line("already_booked", {"when": telling.when(act.slot)})
        case SayNoVisit():
            yield Line("no_visit")
        case SayCalendarIsSlow():
            yield Line("calendar_slow", {"when": telling.when(act.slot)})
        case _:
            assert_never(act)


def _offer(act: OfferSlots, telling: Telling) -> tuple[Line, ...]:
    one = len(act.slots) == 1
    lines = [] if act.why is None else [_why(act, telling)]
    slots = Line(_intro(act, one=one), {"slots": telling.numbered(act.slots)}, gap="\n\n")
    lines.append(slots)
    if act.email:
        lines.append(Line("with_email"))
    lines.append(Line("whether_that_one" if one else "which", gap=" " if act.email else "\n\n"))
    return tuple(lines)


def _intro(act: OfferSlots, *, one: bool) -> str:
    if act.why is not None:
        return "offer_nearest_one" if one else "offer_nearest"
    if act.others:
        return "offer_others"
    if act.rescheduling:
        return "offer_reschedule"
    return "offer_one" if one else "offer"


def _why(act: OfferSlots, telling: Telling) -> Line:
    hours = words.hours(act.opening or telling.assessment.opening)
    day = capital(words.on_short_day(act.day)) if act.day else None
    match act.why:
        case "closed_weekday":
            if day:
                return Line("why_closed_day", {"day": day, "hours": hours})
            return Line("why_closed_weekday", {"hours": hours})
        case "closed_hour":
            return Line("why_closed_hour", {"hours": hours})
        case "holiday" if day and act.holiday:
            return Line("why_holiday", {"day": day, "holiday": act.holiday})
        case "too_far" | "past" | "too_soon" | "full":
            return Line(f"why_{act.why}")
        case _:
            return Line("why_other")
