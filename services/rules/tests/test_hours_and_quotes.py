"""When the unit is open, and what it costs."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from contracts.rules import QuoteFor
from rules_service.facts import ClosedOn, Facts, Holidays, Prices
from rules_service.hours import Calendar
from rules_service.quote import quote

ZONE = ZoneInfo("America/Sao_Paulo")


@pytest.fixture
def calendar(facts: Facts) -> Calendar:
    return Calendar(facts.file)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    "moment,is_open,opens",
    [
        ("2026-11-23 08:59", False, "2026-11-23 09:00"),
        ("2026-11-23 09:00", True, "2026-11-23 14:00"),
        ("2026-11-23 12:00", False, "2026-11-23 14:00"),
        ("2026-11-23 13:59", False, "2026-11-23 14:00"),
        ("2026-11-23 16:59", True, "2026-11-24 09:00"),
        ("2026-11-27 17:00", False, "2026-11-30 09:00"),
        ("2026-11-28 10:00", False, "2026-11-30 09:00"),
        ("2026-12-24 20:00", False, "2026-12-28 09:00"),  # Christmas is a Friday
        ("2027-09-20 10:00", False, "2027-09-21 09:00"),  # Revolução Farroupilha: in RS only
        ("2026-02-16 10:00", True, "2026-02-16 14:00"),  # the Monday of Carnival is no holiday by law
    ],
)
def test_the_unit_is_open_and_opens_next(calendar: Calendar, moment: str, is_open: bool, opens: str) -> None:
    opening = calendar.opening(at(moment))
    assert (opening.is_open_now, opening.next_opening) == (is_open, at(opens))


def test_what_is_kept_of_one_moment_is_not_told_of_the_next(calendar: Calendar) -> None:
    told = [calendar.opening(at(moment)).is_open_now for moment in ("2026-11-23 11:59:59", "2026-11-23 12:00")]
    assert told == [True, False]
    days = [calendar.closed_days(at(moment)) for moment in ("2026-12-10 23:59:59", "2026-12-11", "2026-12-10")]
    assert [[day.name for day in each] for each in days] == [[], ["Natal"], []]


def test_the_owners_closed_days_are_closed_and_named(facts: Facts) -> None:
    own = ClosedOn.model_validate({"date": "2026-12-04", "name": "reforma"})
    file = facts.file.model_copy(update={"holidays": Holidays(closed=(own,))})
    calendar = Calendar(file)
    assert calendar.closed_days(at("2026-11-23 10:00"))[0].name == "reforma"
    assert calendar.next_opening(at("2026-12-03 20:00")) == at("2026-12-07 09:00")


def test_holidays_within_reach_on_open_weekdays_are_listed_in_portuguese(calendar: Calendar) -> None:
    assert [(str(closed.day), closed.name) for closed in calendar.closed_days(at("2026-12-21 10:00"))] == [
        ("2026-12-25", "Natal"),
        ("2027-01-01", "Confraternização Universal"),
    ]
    assert calendar.closed_days(at("2026-11-23 10:00")) == ()


def test_a_unit_that_never_opens_says_so(facts: Facts) -> None:
    every_day = tuple(
        ClosedOn.model_validate({"date": f"{year}-{month:02d}-{day:02d}", "name": "férias"})
        for year in (2026, 2027, 2028)
        for month in range(1, 13)
        for day in range(1, 29)
    ) + tuple(
        ClosedOn.model_validate({"date": f"{year}-{month:02d}-{day}", "name": "férias"})
        for year in (2026, 2027, 2028)
        for month in range(1, 13)
        for day in (29, 30, 31)
        if not (month == 2 and (day > 29 or year != 2028)) and not (day == 31 and month in {2, 4, 6, 9, 11})
    )
    calendar = Calendar(facts.file.model_copy(update={"holidays": Holidays(closed=every_day)}))
    with pytest.raises(LookupError):
        calendar.next_opening(at("2026-11-23 10:00"))


@pytest.mark.parametrize(
    "students,monthly,enrolment,first",
    [
        ([], 375, 100, 475),
        ([QuoteFor(subjects=("matematica",))], 375, 100, 475),
        ([QuoteFor(subjects=("matematica", "portugues"))], 750, 100, 850),
        ([QuoteFor(subjects=("matematica", "portugues", "ingles"))], 1125, 100, 1225),
        ([QuoteFor(subject_count=2)], 750, 100, 850),
        ([QuoteFor(subject_count=3)], 1125, 100, 1225),
        ([QuoteFor(subjects=("ingles", "ingles"))], 375, 100, 475),
        ([QuoteFor(name="Pedro", subjects=("ingles",)), QuoteFor(name="Júlia", subject_count=2)], 1125, 200, 1325),
    ],
)
def test_a_quote_is_the_sum_of_its_students(
    facts: Facts, students: list[QuoteFor], monthly: int, enrolment: int, first: int
) -> None:
    priced = quote(facts.file.prices, students)
    totals = (priced.monthly_total, priced.enrolment_total, priced.first_month_total)
    assert totals == (Decimal(monthly), Decimal(enrolment), Decimal(first))
    assert [line.student for line in priced.lines] == [student.name for student in students or [QuoteFor()]]
    assert all(line.monthly == line.subject_count * priced.monthly_per_subject for line in priced.lines)


def test_cents_are_kept() -> None:
    prices = Prices(monthly_per_subject=Decimal("375.10"), enrolment_per_student=Decimal("99.90"))
    assert str(quote(prices, [QuoteFor(subject_count=3)]).first_month_total) == "1225.20"
