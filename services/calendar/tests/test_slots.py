"""When visits can be, and which slots suit a wish."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from assistant.testing_volume import volume
from calendar_service.domain import overlaps
from calendar_service.slots import Opening, fits, offer
from contracts.calendar import SlotWish
from contracts.dialogue import Slot
from hypothesis import given, settings
from hypothesis import strategies as st

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MONDAY = datetime(2026, 11, 23, 10, 12, tzinfo=SAO_PAULO)
CHRISTMAS, REVOLUTION_DAY = date(2026, 12, 25), date(2027, 9, 20)
UNIT = Opening(
    zone=SAO_PAULO,
    weekdays=frozenset(range(5)),
    periods=((time(9), time(12)), (time(14), time(17))),
    length=timedelta(minutes=30),
    notice=timedelta(hours=2),
    horizon_days=14,
    is_closed=lambda day: day in {CHRISTMAS, REVOLUTION_DAY, date(2026, 12, 4)},
)
OFFERABLE = UNIT.offerable(MONDAY)


def starts(slots: tuple[Slot, ...]) -> list[str]:
    return [f"{slot.start:%d %H:%M}" for slot in slots]


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(SAO_PAULO))  # noqa: DTZ001  # the zone is given beside
clock_times = st.times().map(lambda at: f"{at:%H:%M}")
days = st.dates(date(2026, 11, 20), date(2026, 12, 15))
weekdays = st.lists(st.integers(0, 6), max_size=3).map(tuple)
some_slots = st.lists(st.sampled_from(OFFERABLE), max_size=40, unique_by=lambda slot: slot.start)
exacts = st.sampled_from(OFFERABLE).map(lambda slot: slot.start)
wishes = st.builds(
    SlotWish,
    days=st.lists(days, max_size=3).map(tuple),
    weekdays=weekdays,
    exclude_weekdays=weekdays,
    earliest=st.none() | days,
    latest=st.none() | days,
    start=st.none() | clock_times,
    end=st.none() | clock_times,
    exact=st.none() | exacts | moments,
    exclude=st.lists(exacts, max_size=5).map(tuple),
)


@given(now=moments)
def test_every_slot_is_wholly_within_hours_on_a_working_day(now: datetime) -> None:
    for slot in UNIT.offerable(now):
        assert slot.end - slot.start == timedelta(minutes=30)
        assert slot.start.minute in {0, 30}
        assert slot.start.second == slot.start.microsecond == 0
        morning = time(9) <= slot.start.time() < slot.end.time() <= time(12)
        afternoon = time(14) <= slot.start.time() < slot.end.time() <= time(17)
        assert morning or afternoon
        assert slot.start.weekday() < 5
        assert slot.start.date() not in {CHRISTMAS, REVOLUTION_DAY}


@given(now=moments)
def test_every_slot_is_at_least_two_hours_and_at_most_fourteen_days_away(now: datetime) -> None:
    for slot in UNIT.offerable(now):
        assert slot.start - now >= timedelta(hours=2)
        assert slot.start.date() - now.date() <= timedelta(days=14)


@given(now=moments, start=moments)
def test_what_is_offerable_is_exactly_what_is_not_refused(now: datetime, start: datetime) -> None:
    slot = UNIT.at(start.replace(minute=start.minute // 30 * 30, second=0, microsecond=0))
    refused = UNIT.refuses(slot, now, notice=UNIT.notice)
    assert (refused is None) == (slot in UNIT.offerable(now))


def test_an_ordinary_day_has_its_twelve_half_hours() -> None:
    day = starts(UNIT.slots_of(date(2026, 11, 24)))
    assert [start.removeprefix("24 ") for start in day] == [
        *("09:00", "09:30", "10:00", "10:30", "11:00", "11:30"),
        *("14:00", "14:30", "15:00", "15:30", "16:00", "16:30"),
    ]


@pytest.mark.parametrize(
    "start,reason",
    [
        ("2026-11-24 12:00", "outside_hours"),
        ("2026-11-24 13:30", "outside_hours"),
        ("2026-11-24 14:15", "outside_hours"),
        ("2026-11-24 17:00", "outside_hours"),
        ("2026-11-28 10:00", "outside_hours"),
        ("2026-12-04 10:00", "outside_hours"),
        ("2026-11-23 10:00", "past"),
        ("2026-11-20 10:00", "past"),
        ("2026-11-23 11:30", "too_soon"),
        ("2026-12-08 09:00", "too_far"),
        ("2026-12-07 16:30", None),
        ("2026-11-23 14:00", None),
    ],
)
def test_a_slot_is_refused_for_its_reason(start: str, reason: str | None) -> None:
    assert UNIT.refuses(UNIT.at(datetime.fromisoformat(f"{start}-03:00")), MONDAY, notice=UNIT.notice) == reason


@settings(max_examples=volume(100, thorough=300))
@given(busy=some_slots, wish=wishes, held=some_slots, limit=st.integers(1, 20))
def test_an_offer_keeps_every_promise(busy: list[Slot], wish: SlotWish, held: list[Slot], limit: int) -> None:
    free = [slot for slot in OFFERABLE if not overlaps(slot, busy)]
    kept = frozenset(slot.start for slot in held)
    answer = offer(free, wish, held=kept, limit=limit)

    assert len(answer.slots) <= limit
    assert len({slot.start for slot in answer.slots}) == len(answer.slots)
    assert not any(overlaps(slot, busy) for slot in answer.slots)
    assert not {slot.start for slot in answer.slots} & set(wish.exclude)
    allowed = [slot for slot in free if slot.start not in wish.exclude]
    assert bool(answer.slots) == bool(allowed)
    unheld = [slot for slot in allowed if slot.start not in kept]
    if wish.exact is not None:
        assert answer.exact_free == any(slot.start == wish.exact for slot in unheld)
        assert answer.matches_wish == answer.exact_free
        assert not answer.exact_free or answer.slots[0].start == wish.exact
    else:
        fitting = [slot for slot in allowed if fits(slot, wish)]
        assert answer.exact_free is None
        assert answer.matches_wish == bool(fitting)
        assert not answer.matches_wish or all(fits(slot, wish) for slot in answer.slots)
        possible = {slot.start.date() for slot in fitting if slot.start not in kept}
        offered = {slot.start.date() for slot in answer.slots}
        assert len(offered) >= min(2, limit, len(possible))
        if any(slot.start not in kept for slot in fitting):
            assert not {slot.start for slot in answer.slots} & kept
    if len(answer.slots) > 1 and not answer.matches_wish:
        reachable = unheld or allowed
        days = {slot.start.date() for slot in answer.slots}
        assert len(days) >= min(2, len({slot.start.date() for slot in reachable}))


@given(busy=some_slots, now=moments)
def test_overlapping_is_symmetric_and_includes_oneself(busy: list[Slot], now: datetime) -> None:
    assert all(overlaps(slot, busy) for slot in busy)
    early = Slot(start=now - timedelta(days=400), end=now - timedelta(days=399))
    assert not overlaps(early, [slot for slot in busy if slot.start >= early.end])


WISHES: list[tuple[str, dict[str, Any], bool, list[str]]] = [
    ("anything", {}, True, ["23 14:00", "24 09:00", "25 09:30"]),
    ("mornings", {"end": "12:00"}, True, ["24 09:00", "25 09:30", "26 10:00"]),
    ("afternoons", {"start": "12:00", "end": "18:00"}, True, ["23 14:00", "24 14:30", "25 15:00"]),
    ("tomorrow", {"days": (date(2026, 11, 24),)}, True, ["24 09:00", "24 10:00", "24 14:00"]),
    ("after three on Thursday", {"weekdays": (3,), "start": "15:00"}, True, ["26 15:00", "26 16:00", "03 15:30"]),
    ("Tuesday or Thursday", {"weekdays": (1, 3)}, True, ["24 09:00", "26 14:00", "01 09:30"]),
    ("not on Mondays", {"exclude_weekdays": (0,), "start": "14:00"}, True, ["24 14:00", "25 14:30", "26 15:00"]),
    (
        "next week",
        {"earliest": date(2026, 11, 30), "latest": date(2026, 12, 4)},
        True,
        ["30 09:00", "01 14:00", "02 09:30"],
    ),
    ("gone by ten", {"end": "10:00", "days": (date(2026, 11, 24),)}, True, ["24 09:00", "24 09:30"]),
    ("at ten sharp", {"start": "10:00", "end": "10:00"}, True, ["24 10:00", "25 10:00", "26 10:00"]),
    ("Saturday", {"weekdays": (5,)}, False, ["27 09:00", "27 14:00", "26 09:00"]),
    ("at six in the evening", {"start": "18:00"}, False, ["23 16:30", "24 16:30", "25 16:30"]),
    (
        "Thursday evening",
        {"days": (date(2026, 11, 26),), "start": "18:00"},
        False,
        ["26 16:30", "25 16:30", "26 15:30"],
    ),
    ("a day that is closed", {"days": (date(2026, 12, 4),)}, False, ["03 09:00", "03 14:00", "02 09:00"]),
]


@pytest.mark.parametrize("wish,matches,expected", [case[1:] for case in WISHES], ids=[case[0] for case in WISHES])
def test_a_wish_gets_what_a_receptionist_would_offer(wish: dict[str, Any], matches: bool, expected: list[str]) -> None:
    answer = offer(OFFERABLE, SlotWish(**wish))
    assert (answer.matches_wish, starts(answer.slots)) == (matches, expected)


def test_an_exact_wish_that_is_free_comes_first() -> None:
    answer = offer(OFFERABLE, SlotWish(exact=datetime(2026, 11, 26, 15, tzinfo=SAO_PAULO)))
    assert answer.exact_free is True
    assert starts(answer.slots)[0] == "26 15:00"


def test_an_exact_wish_that_is_taken_gets_its_neighbours() -> None:
    exact = datetime(2026, 11, 26, 15, tzinfo=SAO_PAULO)
    answer = offer([slot for slot in OFFERABLE if slot.start != exact], SlotWish(exact=exact))
    assert answer.exact_free is False
    assert starts(answer.slots) == ["26 14:30", "26 15:30", "25 15:00"]


def test_what_was_just_offered_to_others_comes_last(at: Callable[[str], datetime]) -> None:
    tomorrow = SlotWish(days=(date(2026, 11, 24),), start="15:00")
    held = frozenset({at("24 15:00"), at("24 15:30"), at("24 16:00")})
    assert starts(offer(OFFERABLE, tomorrow, held=held).slots) == ["24 16:30"]
    everything = held | {at("24 16:30")}
    assert offer(OFFERABLE, tomorrow, held=everything).matches_wish is True
    assert offer(OFFERABLE, SlotWish(exact=at("24 15:00")), held=held).exact_free is False


def test_a_full_horizon_offers_nothing() -> None:
    answer = offer([], SlotWish())
    assert (answer.slots, answer.matches_wish) == ((), False)
