"""What may be booked, and when to remind. Pure: time, what is taken and what stands are arguments."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.dialogue import Slot

from calendar_service.slots import Opening

Reason = Literal["taken", "outside_hours", "past", "too_soon", "too_far", "already_booked"]

HOLD = timedelta(minutes=10)
"""How long an offered slot is kept out of other conversations' offers."""
REMIND_BEFORE = timedelta(hours=2)
QUIET_UNTIL, QUIET_FROM = time(8), time(20)
EVENING = time(18)


def judge(
    slot: Slot, opening: Opening, now: datetime, *, busy: Iterable[Slot], offered: bool, visited: bool = False
) -> Reason | None:
    """Why a slot cannot be booked; `None` when it can.

    `busy` is when others come; `offered` says that the slot was offered to this conversation and is still
    held for it: whoever takes minutes to answer is not told that the slot became too near meanwhile; `visited` says
    that the conversation already has a standing visit.
    """
    notice = opening.notice - HOLD if offered else opening.notice
    if refusal := opening.refuses(slot, now, notice=notice):
        return refusal
    if visited:
        return "already_booked"
    return "taken" if overlaps(slot, busy) else None


def overlaps(slot: Slot, busy: Iterable[Slot]) -> bool:
    """Whether a slot shares any moment with one of the others; they may be of another length."""
    return any(slot.start < other.end and other.start < slot.end for other in busy)


def reminder_at(start: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When to remind of a visit booked now: two hours before, never between 20:00 and 08:00.

    What would fall into the night is said at 18:00 of the evening before; what would be past is not said at all.
    """
    local = start.astimezone(zone) - REMIND_BEFORE
    if local.time() < QUIET_UNTIL:
        local = datetime.combine(local.date() - timedelta(days=1), EVENING, zone)
    elif local.time() >= QUIET_FROM:
        local = datetime.combine(local.date(), EVENING, zone)
    return local if local > now else None
