"""Visits in words: booked, moved, cancelled, soon."""

from collections.abc import Iterator
from typing import TypeAlias, assert_never

from contracts.dialogue import Slot

from dialogue_service.decision.acts import (
    ConfirmBooking,
    ConfirmCancellation,
    ConfirmReschedule,
    KeepVisit,
    Remind,
    ThankForConfirming,
)
from dialogue_service.speech.lines import Line, Telling

Visiting: TypeAlias = ConfirmBooking | ConfirmReschedule | ConfirmCancellation | Remind | ThankForConfirming | KeepVisit

REMINDED_THE_EVENING_BEFORE = 10
"""Visits before this local hour are reminded the evening before, not 2 h before (reception, section 3)."""


def visiting(act: Visiting, telling: Telling) -> Iterator[Line]:
    """Yield the lines of an act."""
    when, phone = telling.when(act.slot), telling.unit.contact_phone
    place = {"when": when, "address": telling.unit.address}
    match act:
        case ConfirmBooking():
            yield Line("booked", place)
            yield _reminder_comes(act.slot, telling)
        case ConfirmReschedule(by="parent"):
            yield Line("rescheduled", place)
            yield _reminder_comes(act.slot, telling)
        case ConfirmReschedule():
            yield Line("rescheduled_by_unit", {**place, "phone": phone})
        case ConfirmCancellation(by="parent"):
            yield Line("cancelled", {"when": when})
        case ConfirmCancellation():
            yield Line("cancelled_by_unit", {"when": when, "phone": phone})
        case Remind():
            yield Line("reminder", place)
        case ThankForConfirming():
            yield Line("thanks_for_confirming", {"when": telling.on_when(act.slot)})
        case KeepVisit():
            yield Line("visit_kept", {"when": when})
        case _:
            assert_never(act)


def _reminder_comes(slot: Slot, telling: Telling) -> Line:
    early = slot.start.astimezone(telling.zone).hour < REMINDED_THE_EVENING_BEFORE
    name = "reminder_comes_early" if early else "reminder_comes"
    return Line(name, {"phone": telling.unit.contact_phone})
