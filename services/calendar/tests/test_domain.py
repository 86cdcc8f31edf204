"""What may be booked, and when to remind."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from calendar_service.domain import judge, reminder_at
from calendar_service.slots import Opening
from hypothesis import given
from hypothesis import strategies as st

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SAO_PAULO)


@pytest.mark.parametrize(
    "visit,booked,due",
    [
        ("11-24 14:30", "11-23 10:12", "11-24 12:30"),
        ("11-24 10:00", "11-23 10:12", "11-24 08:00"),
        ("11-24 09:00", "11-23 10:12", "11-23 18:00"),
        ("11-24 09:30", "11-23 10:12", "11-23 18:00"),
        ("11-30 09:00", "11-23 10:12", "11-29 18:00"),
        ("11-24 09:00", "11-23 19:00", "11-24 08:00"),
        ("11-24 09:30", "11-24 07:00", "11-24 08:00"),
        ("11-24 09:00", "11-24 07:30", None),
        ("11-24 14:30", "11-24 12:30", None),
        ("11-24 14:30", "11-24 13:00", None),
    ],
)
def test_a_reminder_comes_two_hours_before_or_the_evening_before(visit: str, booked: str, due: str | None) -> None:
    assert reminder_at(moment(visit), moment(booked), SAO_PAULO) == (due and moment(due))


@given(
    visit=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(SAO_PAULO)),  # noqa: DTZ001  # the zone is given beside
    ahead=st.timedeltas(timedelta(0), timedelta(days=20)),
)
def test_nobody_is_reminded_at_night_late_or_before_booking(visit: datetime, ahead: timedelta) -> None:
    booked = visit - ahead
    due = reminder_at(visit.astimezone(UTC), booked, SAO_PAULO)
    if due is None:
        assert ahead <= timedelta(hours=2) or not time(8) < visit.time() < time(22)
    else:
        assert time(8) <= due.time() < time(20)
        assert booked < due < visit
        assert timedelta(hours=2) <= visit - due <= timedelta(hours=16) or due.time() == time(8)


@pytest.mark.parametrize(
    "slot,now,busy,offered,visited,reason",
    [
        ("11-24 14:30", "11-23 10:12", [], False, False, None),
        ("11-24 14:30", "11-23 10:12", ["11-24 14:30"], False, False, "taken"),
        ("11-24 14:30", "11-23 10:12", ["11-24 14:00", "11-24 15:00"], False, False, None),
        ("11-24 14:30", "11-23 10:12", ["11-24 14:30"], False, True, "already_booked"),
        ("11-24 12:30", "11-23 10:12", ["11-24 12:30"], True, True, "outside_hours"),
        ("11-23 14:00", "11-23 12:05", [], False, False, "too_soon"),
        ("11-23 14:00", "11-23 12:05", [], True, False, None),
        ("11-23 14:00", "11-23 12:11", [], True, False, "too_soon"),
        ("11-23 09:00", "11-23 10:12", [], True, False, "past"),
    ],
)
def test_a_booking_is_judged_by_hours_notice_and_what_stands(  # noqa: PLR0917  # the columns of a table
    opening: Opening, slot: str, now: str, busy: list[str], offered: bool, visited: bool, reason: str | None
) -> None:
    others = [opening.at(moment(text)) for text in busy]
    judged = judge(opening.at(moment(slot)), opening, moment(now), busy=others, offered=offered, visited=visited)
    assert judged == reason
