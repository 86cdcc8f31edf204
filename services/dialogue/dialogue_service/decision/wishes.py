"""When a parent would like to come, as the calendar is asked for it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from contracts.calendar import SlotWish
from contracts.dialogue import Slot
from contracts.rules import ClosedDay, Opening, UnitFacts

from dialogue_service.decision.acts import WhyOther
from dialogue_service.understanding.values import WEEKDAYS, TimePreference, Weekday

PERIODS = {"morning": ("00:00", "11:59"), "afternoon": ("12:00", "17:59"), "evening": ("18:00", "23:59")}
MOST_OPTIONS = 3


def resolved(told: TimePreference | None, readings: Sequence[dict[str, Any]]) -> TimePreference | None:
    """Return the wish that a turn gives; an answer to a question about an ambiguous one picks its reading."""
    if told is None or told.kind in {"none", "ambiguous"}:
        return None
    fitting = [read for read in map(TimePreference.model_validate, readings) if _fits(read, told)]
    return fitting[0] if len(fitting) == 1 else told


def _fits(reading: TimePreference, told: TimePreference) -> bool:
    days = {told.date, *told.dates} - {None}
    same_day = not days or reading.date in days
    same_hour = told.start is None or told.start == reading.start
    start, end = PERIODS[told.period] if told.period else ("00:00", "23:59")
    in_period = reading.start is None or start <= f"{reading.start:%H:%M}" <= end
    named = not told.weekdays or (reading.date is not None and WEEKDAYS[reading.date.weekday()] in told.weekdays)
    return same_day and same_hour and in_period and named and bool(days or told.start or told.period or told.weekdays)


def wishes_for(
    preference: TimePreference | None, zone: ZoneInfo, exclude: Sequence[dt.datetime] = ()
) -> tuple[SlotWish, ...]:
    """Return what to ask the calendar, one wish for each alternative."""
    if preference is None:
        return (SlotWish(exclude=tuple(exclude)),)
    alternatives = preference.options[:MOST_OPTIONS] or (preference,)
    return tuple(_wish(each, zone, tuple(exclude)) for each in alternatives)


def _wish(preference: TimePreference, zone: ZoneInfo, exclude: tuple[dt.datetime, ...]) -> SlotWish:
    days = preference.dates or ((preference.date,) if preference.date else ())
    if preference.kind == "instant" and len(days) == 1 and preference.start:
        return SlotWish(exact=dt.datetime.combine(days[0], preference.start, zone), exclude=exclude)
    start, end = _bounds(preference)
    return SlotWish(
        days=days,
        weekdays=_numbers(preference.weekdays),
        exclude_weekdays=_numbers(preference.exclude_weekdays),
        earliest=preference.earliest,
        latest=preference.latest,
        start=start,
        end=end,
        exclude=exclude,
    )


def _numbers(weekdays: Sequence[Weekday]) -> tuple[int, ...]:
    return tuple(WEEKDAYS.index(day) for day in weekdays)


def _bounds(preference: TimePreference) -> tuple[str | None, str | None]:
    """Return the bounds of a slot's start: an hour that was said beats the part of the day."""
    start = f"{preference.start:%H:%M}" if preference.start else None
    end = f"{preference.end:%H:%M}" if preference.end else None
    if preference.kind == "instant":
        return start, start
    if preference.period:
        first, last = PERIODS[preference.period]
        start, end = start or first, end or last
    if preference.exclude_period == "morning":
        start = start or "12:00"
    if preference.exclude_period in {"afternoon", "evening"}:
        end = end or PERIODS["morning" if preference.exclude_period == "afternoon" else "afternoon"][1]
    return start, end


def shifted(offered: Sequence[Slot], shift: str, zone: ZoneInfo) -> tuple[SlotWish, ...]:
    """Earlier or later than what was offered, on the days that were offered."""
    starts = [slot.start.astimezone(zone) for slot in offered]
    days = tuple(sorted({start.date() for start in starts}))
    exclude = tuple(slot.start for slot in offered)
    if shift == "earlier":
        before = min(starts, key=lambda start: start.time()) - dt.timedelta(minutes=1)
        return (SlotWish(days=days, end=f"{before:%H:%M}", exclude=exclude),)
    after = max(starts, key=lambda start: start.time()) + dt.timedelta(minutes=1)
    return (SlotWish(days=days, start=f"{after:%H:%M}", exclude=exclude),)


def why_not(
    wishes: Sequence[SlotWish],
    opening: Opening,
    closed: Sequence[ClosedDay],
    unit: UnitFacts,
    now: dt.datetime,
) -> tuple[WhyOther, dt.date | None, str | None]:
    """Say why nothing free fits: the reason, the day and the holiday that it is about."""
    zone = ZoneInfo(unit.timezone)
    reasons = [reason for wish in wishes for reason in _reasons(wish, opening, closed, unit, now.astimezone(zone))]
    return reasons[0] if reasons else ("full", None, None)


def _reasons(
    wish: SlotWish, opening: Opening, closed: Sequence[ClosedDay], unit: UnitFacts, now: dt.datetime
) -> Iterator[tuple[WhyOther, dt.date | None, str | None]]:
    exact = wish.exact.astimezone(now.tzinfo) if wish.exact else None
    days = (exact.date(),) if exact else wish.days
    names = {each.day: each.name for each in closed}
    until = wish.end if exact is None else None
    over = days == (now.date(),) and until is not None and until < f"{now:%H:%M}"
    today, last = now.date(), now.date() + dt.timedelta(days=unit.horizon_days)
    gone = (days and all(day < today for day in days)) or (wish.latest and wish.latest < today)
    if gone or over or (exact and exact < now):
        yield "past", days[0] if days else None, None
    elif (days and all(day > last for day in days)) or (wish.earliest and wish.earliest > last):
        yield "too_far", days[0] if days else None, None
    elif days and all(day in names for day in days):
        yield "holiday", days[0], names[days[0]]
    elif (days and all(day.weekday() not in opening.weekdays for day in days)) or (
        wish.weekdays and not set(wish.weekdays) & set(opening.weekdays)
    ):
        yield "closed_weekday", days[0] if days else None, None
    elif not _within_hours(f"{exact:%H:%M}" if exact else wish.start, f"{exact:%H:%M}" if exact else wish.end, opening):
        yield "closed_hour", None, None
    elif exact and exact - now < dt.timedelta(hours=unit.notice_h):
        yield "too_soon", days[0], None


def _within_hours(start: str | None, end: str | None, opening: Opening) -> bool:
    """Whether a visit could start between these bounds on an open day."""
    for opens, closes in opening.periods:
        last = dt.datetime.strptime(closes, "%H:%M") - dt.timedelta(minutes=opening.slot_minutes)  # noqa: DTZ007  # an hour of any day
        if (start or "00:00") <= f"{last:%H:%M}" and (end or "23:59") >= opens:
            return True
    return False


def merged(offers: Sequence[Sequence[Slot]], limit: int = 3) -> tuple[Slot, ...]:
    """Take the best slots of each alternative in turn, then put them in order of time."""
    taken: dict[dt.datetime, Slot] = {}
    for rank in range(max((len(slots) for slots in offers), default=0)):
        for slots in offers:
            if rank < len(slots) and len(taken) < limit:
                taken.setdefault(slots[rank].start, slots[rank])
    return tuple(taken[start] for start in sorted(taken))
