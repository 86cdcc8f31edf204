"""A year of generated weeks: what is offered keeps every rule, and what the rules leave free is offered in the end.

The rules are written down a second time here, minute by minute, on the wall clock.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from assistant.testing_volume import volume
from calendar_service.domain import Busy, overlaps
from calendar_service.slots import Opening, offer
from contracts.calendar import SlotWish
from contracts.dialogue import Slot
from hypothesis import example, given, settings
from hypothesis import strategies as st

SAO_PAULO, NEW_YORK = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/New_York")
PERIODS = ((time(9), time(12)), (time(14), time(17)))
CLOSED = {date(2026, 12, 24), date(2027, 1, 4)}
PUBLIC = holidays.country_holidays("BR", subdiv="RS")


def unit(zone: ZoneInfo, window: Slot | None = None) -> Opening:
    return Opening(
        zone=zone,
        weekdays=frozenset(range(5)),
        periods=PERIODS,
        length=timedelta(minutes=30),
        notice=timedelta(hours=2),
        horizon_days=14,
        is_closed=lambda day: day in CLOSED or day in PUBLIC,
        blocked=(window,) if window else (),
    )


def at(zone: ZoneInfo, day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone)


def free_by_the_rules(zone: ZoneInfo, now: datetime, taken: list[Slot]) -> set[datetime]:
    """Every start at which a visit may be: tried out, minute by minute."""
    found = set()
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=ahead) for ahead in range(15)):
        if day.weekday() > 4 or day in CLOSED or day in PUBLIC:
            continue
        for minute in range(0, 24 * 60, 30):
            open_throughout = all(
                9 * 60 <= each < 12 * 60 or 14 * 60 <= each < 17 * 60 for each in range(minute, minute + 30)
            )
            start, end = at(zone, day, minute), at(zone, day, min(minute + 30, 24 * 60 - 1))
            if (
                open_throughout
                and start - now >= timedelta(hours=2)
                and not overlaps(Slot(start=start, end=end), taken)
            ):
                found.add(start.astimezone(UTC))
    return found


zones = st.sampled_from([SAO_PAULO, NEW_YORK])
nows = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 31), timezones=st.just(UTC))  # noqa: DTZ001  # the zone is given beside


@st.composite
def weeks(draw: st.DrawFn) -> tuple[ZoneInfo, datetime, list[Slot], Slot | None]:
    """A zone, a moment of the year, what is taken around it, and a maintenance window."""
    zone, now = draw(zones), draw(nows)
    spans = st.tuples(st.integers(-600, 15 * 24 * 60), st.integers(1, 3 * 24 * 60))
    taken = [
        Slot(start=now + timedelta(minutes=begins), end=now + timedelta(minutes=begins + lasts))
        for begins, lasts in draw(st.lists(spans, max_size=25))
    ]
    begins, lasts = draw(spans)
    window = Slot(start=now + timedelta(minutes=begins), end=now + timedelta(minutes=begins + lasts))
    return zone, now, taken, draw(st.none() | st.just(window))


@settings(max_examples=volume(50, thorough=150))
@given(week=weeks())
@example(week=(NEW_YORK, datetime(2026, 3, 6, 15, tzinfo=UTC), [], None))  # clocks go forward on the 8th
@example(week=(NEW_YORK, datetime(2026, 10, 30, 15, tzinfo=UTC), [], None))  # and back on 1 November
@example(week=(SAO_PAULO, datetime(2026, 12, 23, 13, tzinfo=UTC), [], None))
@example(week=(SAO_PAULO, datetime(2026, 12, 31, 23, 59, tzinfo=UTC), [], None))
@example(week=(SAO_PAULO, datetime(2027, 1, 1, 3, tzinfo=UTC), [], None))
def test_what_is_offered_keeps_the_rules_and_all_that_is_free_is_offered_in_the_end(
    week: tuple[ZoneInfo, datetime, list[Slot], Slot | None],
) -> None:
    zone, now, taken, window = week
    opening, busy = unit(zone, window), Busy(tuple(taken))
    free = [slot for slot in opening.offerable(now) if not busy.takes(slot)]
    allowed = free_by_the_rules(zone, now, [*taken, *([window] if window else [])])

    offered = set[datetime]()
    refused = tuple[datetime, ...]()
    while answer := offer(free, SlotWish(exclude=refused), limit=3).slots:
        starts = {slot.start.astimezone(UTC) for slot in answer}
        assert len(answer) <= 3
        assert len(starts) == len(answer)
        assert not starts & offered
        assert starts <= allowed
        offered |= starts
        refused = (*refused, *(slot.start for slot in answer))
    assert offered == allowed


@settings(max_examples=volume(40, thorough=100))
@given(week=weeks())
def test_asking_what_is_busy_in_order_or_each_by_itself_is_the_same(
    week: tuple[ZoneInfo, datetime, list[Slot], Slot | None],
) -> None:
    zone, now, taken, _ = week
    busy = Busy(tuple(taken))
    for slot in unit(zone).offerable(now):
        assert busy.takes(slot) == overlaps(slot, taken)


@pytest.mark.parametrize("day", ["2026-03-09", "2026-11-03", "2027-01-05", "2026-02-18"])
def test_an_hour_on_the_wall_stays_that_hour_when_clocks_change(day: str) -> None:
    slots = unit(NEW_YORK).slots_of(date.fromisoformat(day))
    assert [f"{slot.start:%H:%M}" for slot in slots][:2] == ["09:00", "09:30"]
    assert all(slot.end.astimezone(UTC) - slot.start.astimezone(UTC) == timedelta(minutes=30) for slot in slots)
