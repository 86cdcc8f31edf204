"""The week laid out: what goes on which day, and what is clipped to it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from contracts.calendar import BusyTime, Timetable
from contracts.dialogue import Slot
from frontdesk_service.domain import UNIT_ZONE
from frontdesk_service.week import Appointment, days_of, midnight, monday_of
from frontdesk_service.wording import words
from hypothesis import given
from hypothesis import strategies as st

MONDAY = date(2026, 11, 23)
A_DAY = timedelta(days=1)


def slot(start: str, hours: float = 0.5) -> Slot:
    at = datetime.fromisoformat(f"2026-11-{start}").replace(tzinfo=UNIT_ZONE)
    return Slot(start=at, end=at + timedelta(hours=hours))


def appointment(at: Slot) -> Appointment:
    return Appointment(uuid4(), at, None, False, "cnv_1", "5551", "Ana", "+5551", ())


def test_a_visit_that_both_know_is_shown_once_with_its_name() -> None:
    known = appointment(slot("24T09:00"))
    book = Timetable(busy=(BusyTime(slot=known.slot, kind="visit", id=known.id),))
    (row,) = days_of(MONDAY, [known], book)[1].rows
    assert (row.kind, row.visit) == ("visit", known)


def test_a_visit_that_only_the_calendar_knows_is_shown_too() -> None:
    book = Timetable(busy=(BusyTime(slot=slot("24T09:00"), kind="visit", id=uuid4()),))
    (row,) = days_of(MONDAY, [], book)[1].rows
    assert (row.kind, row.visit) == ("visit", None)


def test_a_block_over_days_is_on_each_of_them() -> None:
    book = Timetable(busy=(BusyTime(slot=slot("24T15:00", 36), kind="block", id=uuid4()),))
    rows = [day.rows for day in days_of(MONDAY, [], book)]
    assert [len(each) for each in rows] == [0, 1, 1, 1, 0, 0]
    assert [each[0].all_day for each in rows if each] == [False, True, False]


def test_a_sunday_is_shown_only_with_something_on_it() -> None:
    assert [day.date.weekday() for day in days_of(MONDAY, [], None)] == [0, 1, 2, 3, 4, 5]
    assert days_of(MONDAY, [appointment(slot("29T09:00"))], None)[-1].visits == 1


def test_nothing_is_called_closed_while_the_calendar_is_away() -> None:
    assert not any(day.closed for day in days_of(MONDAY, [], None))
    assert [day.closed for day in days_of(MONDAY, [], Timetable(closed=(MONDAY,)))][:2] == [True, False]


def test_times_are_the_units_whatever_zone_they_come_in() -> None:
    late = datetime(2026, 11, 25, 1, tzinfo=UTC)  # Tuesday, 22:00 at the unit
    book = Timetable(free=(Slot(start=late, end=late + timedelta(minutes=30)),))
    assert [len(day.rows) for day in days_of(MONDAY, [], book)] == [0, 1, 0, 0, 0, 0]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 24 * 7 * 4), st.integers(1, 200))
def test_every_busy_time_of_a_week_is_on_its_days_and_within_them(day: date, quarter: int, quarters: int) -> None:
    first = monday_of(day)
    start = midnight(first) + timedelta(minutes=15 * quarter)
    busy = Slot(start=start, end=start + timedelta(minutes=15 * quarters))
    days = days_of(first, [], Timetable(busy=(BusyTime(slot=busy, kind="block", id=uuid4()),)))
    for each in days:
        touched = busy.start < midnight(each.date + A_DAY) and busy.end > midnight(each.date)
        assert len(each.rows) == touched
        assert all(midnight(each.date) <= row.slot.start < row.slot.end for row in each.rows)
        assert all(row.slot.end <= midnight(each.date + A_DAY) for row in each.rows)


@pytest.mark.parametrize(
    "first,last,said",
    [
        (date(2026, 11, 23), date(2026, 11, 28), "23 a 28 de novembro"),
        (date(2026, 11, 30), date(2026, 12, 5), "30 de nov. a 5 de dez."),
    ],
)
def test_a_week_is_named_as_people_name_it(first: date, last: date, said: str) -> None:
    assert words.week_name(first, last) == said


def test_days_and_counts_in_words() -> None:
    assert [words.day_name(MONDAY), words.short_day(MONDAY)] == ["segunda, 23/11", "seg"]
    assert words.day_name(date(2026, 11, 28)) == "sábado, 28/11"
    assert [words.visits_count(each) for each in (0, 1, 2)] == ["nenhuma visita", "1 visita", "2 visitas"]
