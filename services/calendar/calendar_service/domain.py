"""What may be booked, and when to remind. Pure: time, what is taken and what stands are arguments."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.calendar import Visit
from contracts.dialogue import Slot

from calendar_service.slots import Opening

Reason = Literal["taken", "outside_hours", "past", "too_soon", "too_far", "already_booked"]
StaffReason = Literal["past", "outside_hours", "taken"]

HOLD = timedelta(minutes=10)
"""How long an offered slot is kept out of other conversations' offers."""
OUT_OF_STEP = timedelta(minutes=2)
"""How far the clocks of two askers may differ, with the time that a question waits: one hold is later than another."""
LONGEST_HOLD = HOLD + OUT_OF_STEP
"""A hold that ends later than that was made before the clock was set back, and is none."""
REMIND_BEFORE = timedelta(hours=2)
QUIET_UNTIL, QUIET_FROM = time(8), time(20)
EVENING = time(18)


@dataclass(frozen=True)
class Busy:
    """Times that are taken, in any number and of any length; asking whether a slot is free costs no look at each."""

    times: tuple[Slot, ...] = ()
    _starts: list[datetime] = field(init=False, repr=False, compare=False)
    _latest_ends: list[datetime] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # In UTC, since comparing moments of two zones is slow.
        spans = sorted((slot.start.astimezone(UTC), slot.end.astimezone(UTC)) for slot in self.times)
        latest, ends = datetime.min.replace(tzinfo=UTC), list[datetime]()
        for _, end in spans:
            latest = max(latest, end)
            ends.append(latest)
        object.__setattr__(self, "_starts", [start for start, _ in spans])
        object.__setattr__(self, "_latest_ends", ends)

    def takes(self, slot: Slot) -> bool:
        """Whether a slot shares any moment with one of the times."""
        before = bisect_left(self._starts, slot.end.astimezone(UTC))
        return before > 0 and self._latest_ends[before - 1] > slot.start.astimezone(UTC)


def judge(
    slot: Slot, opening: Opening, now: datetime, *, busy: Iterable[Slot], offered: bool, visited: bool = False
) -> Reason | None:
    """Why a slot cannot be booked; `None` when it can.

    `busy` is when others come or the unit has no time; `offered` says that the slot was offered to this conversation
    and is still held for it: whoever takes minutes to answer is not told that the slot became too near meanwhile;
    `visited` says that the conversation already has a standing visit.
    """
    notice = opening.notice - HOLD if offered else opening.notice
    if refusal := opening.refuses(slot, now, notice=notice):
        return refusal
    if visited:
        return "already_booked"
    return "taken" if overlaps(slot, busy) else None


def judge_for_staff(slot: Slot, opening: Opening, now: datetime, *, visits: Iterable[Slot]) -> StaffReason | None:
    """Why even the unit's people cannot put a visit there; `None` when they can.

    Notice, horizon, grid, holds and busy times are for families; past, closed and taken by another family are for all.
    """
    if slot.start <= now:
        return "past"
    if not opening.holds(slot):
        return "outside_hours"
    return "taken" if overlaps(slot, visits) else None


def overlaps(slot: Slot, busy: Iterable[Slot]) -> bool:
    """Whether a slot shares any moment with one of the others; they may be of another length."""
    return any(slot.start < other.end and other.start < slot.end for other in busy)


def stands(visit: Visit, now: datetime) -> bool:
    """Whether a family is still expected."""
    return visit.status == "booked" and visit.slot.start > now


def reminder_at(start: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When to remind of a visit booked now: two hours before, never between 20:00 and 08:00.

    What would fall into the night is said at 18:00 of the evening before, or at 08:00 when that evening is past; of a
    visit booked less than two hours ahead nobody is reminded.
    """
    if start - now <= REMIND_BEFORE:
        return None
    local = start.astimezone(zone) - REMIND_BEFORE
    if local.time() >= QUIET_FROM:
        return _if_ahead(datetime.combine(local.date(), EVENING, zone), now)
    if local.time() >= QUIET_UNTIL:
        return _if_ahead(local, now)
    evening = datetime.combine(local.date() - timedelta(days=1), EVENING, zone)
    return _if_ahead(evening, now) or _if_ahead(_morning(local), now, before=start)


def after_the_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment from now on at which somebody may be written to."""
    local = now.astimezone(zone)
    if local.time() < QUIET_UNTIL:
        return _morning(local)
    return _morning(local + timedelta(days=1)) if local.time() >= QUIET_FROM else now


def _morning(day: datetime) -> datetime:
    return datetime.combine(day.date(), QUIET_UNTIL, day.tzinfo)


def _if_ahead(due: datetime, now: datetime, *, before: datetime | None = None) -> datetime | None:
    return due if due > now and (before is None or due < before) else None
