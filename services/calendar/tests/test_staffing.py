"""What the unit's people do from the front desk, on the real PostgreSQL."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.testing import Probe, an_event
from contracts import Event, Fact
from contracts.calendar import (
    Availability,
    BookingConfirmed,
    BookingRejected,
    CalendarConflictFound,
    Offer,
    ReminderDue,
    SlotWish,
    Visit,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
    Week,
)
from contracts.dialogue import BookingRequested, Lead, Slot
from contracts.frontdesk import (
    TimeBlocked,
    TimeUnblocked,
    VisitBookedByStaff,
    VisitCancelledByStaff,
    VisitMovedByStaff,
)
from contracts.ingress import Address
from contracts.preprocessor import Contact

pytestmark = pytest.mark.stores
At = Callable[[str], datetime]
ANA, BIA = "cnv_ana", "cnv_bia"
CONTACT = Contact(phone="+5551987650001", address=Address(jid="5551987650001@s.whatsapp.net"))
LEAD = Lead(parent_name="Ana Souza", phone=CONTACT.phone)


def slot(start: datetime, minutes: int = 30) -> Slot:
    return Slot(start=start, end=start + timedelta(minutes=minutes))


def by_staff(start: datetime, subject: str = ANA) -> Event[VisitBookedByStaff]:
    return an_event(VisitBookedByStaff(slot=slot(start), lead=LEAD, contact=CONTACT, by="Marta"), subject=subject)


def by_parent(start: datetime, subject: str = ANA) -> Event[BookingRequested]:
    return an_event(BookingRequested(slot=slot(start), lead=LEAD, contact=CONTACT), subject=subject)


def moved(visit: Visit, start: datetime, minutes: int = 30) -> Event[VisitMovedByStaff]:
    return an_event(VisitMovedByStaff(visit_id=visit.id, slot=slot(start, minutes), by="Marta"), subject=ANA)


def block(start: datetime, minutes: int, block_id: UUID | None = None) -> Event[TimeBlocked]:
    fact = TimeBlocked(block_id=block_id or uuid4(), slot=slot(start, minutes), name="Reunião", by="Marta")
    return an_event(fact, subject="unit")


async def give(calendar: Probe, event: Event[Any]) -> Fact | None:
    published = await calendar.deliver(event)
    assert len(published) <= 1
    assert await calendar.deliver(event) == [], "a repeated fact changes nothing"
    fact: Fact | None = published[0].data if published else None
    return fact


async def booked(calendar: Probe, start: datetime, subject: str = ANA) -> Visit:
    confirmed = await give(calendar, by_staff(start, subject))
    assert isinstance(confirmed, BookingConfirmed)
    return confirmed.visit


async def free(calendar: Probe, clock: Any, start: datetime) -> bool:
    question = Availability(conversation="cnv_x", now=clock(), wish=SlotWish(exact=start), hold=False)
    answer: Offer = await calendar.ask(question)
    return answer.exact_free is True


async def test_the_unit_books_though_the_slot_is_held_near_or_far(calendar: Probe, clock: Any, at: At) -> None:
    await calendar.ask(Availability(conversation=BIA, now=clock(), wish=SlotWish(exact=at("24 14:30"))))
    for start, subject in (("24 14:30", ANA), ("23 11:00", BIA), ("53 10:15", "cnv_c")):
        visit = await booked(calendar, at(start), subject)
        assert (visit.status, visit.slot, visit.lead) == ("booked", slot(at(start)), LEAD)
    assert await calendar.fire_due(at("24 12:30")) == 1
    assert [each.visit.slot.start for each in calendar.of(ReminderDue)] == [at("24 14:30")]


@pytest.mark.parametrize("start", ["23 10:00", "24 12:30", "24 11:45", "28 10:00", "34 10:00", "25 09:15"])
async def test_not_even_the_unit_books_the_past_closed_doors_or_another_familys_time(
    calendar: Probe, at: At, start: str
) -> None:
    other = await booked(calendar, at("25 09:00"), BIA)
    conflict = await give(calendar, by_staff(at(start)))
    assert isinstance(conflict, CalendarConflictFound)
    assert (conflict.kind, conflict.wanted, conflict.visit.status) == ("not_booked", slot(at(start)), "cancelled")
    assert conflict.other == (other if start == "25 09:15" else None)


async def test_the_unit_moves_a_visit_and_the_family_is_told_by_whom(calendar: Probe, clock: Any, at: At) -> None:
    visit = await booked(calendar, at("24 14:30"))
    fact = await give(calendar, moved(visit, at("25 10:15"), 45))
    assert isinstance(fact, VisitRescheduled)
    assert (fact.by, fact.visit.version, fact.visit.slot) == ("unit", 2, slot(at("25 10:15"), 45))
    assert await free(calendar, clock, at("24 14:30"))
    assert [await free(calendar, clock, at(f"25 {hour}")) for hour in ("10:00", "10:30", "11:00")] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("onto,kind", [("25 10:00", "moved_onto_visit"), ("24 13:00", "moved_outside")])
async def test_a_visit_that_the_unit_cannot_move_stays(calendar: Probe, at: At, onto: str, kind: str) -> None:
    visit = await booked(calendar, at("24 14:30"))
    await booked(calendar, at("25 10:00"), BIA)
    conflict = await give(calendar, moved(visit, at(onto)))
    assert isinstance(conflict, CalendarConflictFound)
    assert (conflict.kind, conflict.visit) == (kind, visit)


async def test_the_unit_cancels_a_visit_once(calendar: Probe, clock: Any, at: At) -> None:
    visit = await booked(calendar, at("24 14:30"))
    cancelling = VisitCancelledByStaff(visit_id=visit.id, by="Marta")
    fact = await give(calendar, an_event(cancelling, subject=ANA))
    assert isinstance(fact, VisitCancelled)
    assert (fact.by, fact.visit.status) == ("unit", "cancelled")
    assert await free(calendar, clock, at("24 14:30"))
    assert await give(calendar, an_event(cancelling, subject=ANA)) is None
    assert await give(calendar, moved(visit, at("25 10:00"))) is None


async def test_a_visit_with_an_outcome_is_over_for_the_unit_too(calendar: Probe, clock: Any, at: At) -> None:
    visit = await booked(calendar, at("24 14:30"))
    clock.on(days=1, hours=5)
    await calendar.deliver(an_event(VisitOutcomeRecorded(visit_id=visit.id, outcome="came", by="Marta"), subject=ANA))
    assert await give(calendar, moved(visit, at("26 10:00"))) is None


async def test_a_blocked_time_is_neither_offered_nor_booked_until_it_is_given_back(
    calendar: Probe, clock: Any, at: At
) -> None:
    event = block(at("24 09:15"), 60)
    assert await give(calendar, event) is None
    starts = [f"24 {hour}" for hour in ("09:00", "09:30", "10:00", "10:30")]
    assert [await free(calendar, clock, at(start)) for start in starts] == [False, False, False, True]
    rejected = await give(calendar, by_parent(at("24 09:30")))
    assert isinstance(rejected, BookingRejected)
    assert (rejected.reason, len(rejected.alternatives)) == ("taken", 3)
    assert await give(calendar, block(at("24 15:00"), 30, event.data.block_id)) is None
    assert [await free(calendar, clock, at(start)) for start in ("24 10:00", "24 15:00")] == [True, False]
    assert await give(calendar, an_event(TimeUnblocked(block_id=event.data.block_id, by="Marta"))) is None
    assert await free(calendar, clock, at("24 15:00"))


async def test_the_unit_may_book_into_its_own_blocked_time(calendar: Probe, at: At) -> None:
    await give(calendar, block(at("24 09:00"), 60))
    assert (await booked(calendar, at("24 09:30"))).status == "booked"


async def test_a_visit_in_a_time_that_is_blocked_stays_and_is_told(calendar: Probe, at: At) -> None:
    visit = await booked(calendar, at("24 14:30"))
    conflict = await give(calendar, block(at("24 14:00"), 60))
    assert isinstance(conflict, CalendarConflictFound)
    assert (conflict.kind, conflict.visit, conflict.title) == ("event_over_visit", visit, "Reunião")


async def test_a_week_shows_everything_that_is_in_the_book(calendar: Probe, clock: Any, at: At) -> None:
    visit = await booked(calendar, at("24 14:30"))
    event = block(at("27 09:00"), 120)
    await give(calendar, event)
    shown = await calendar.ask(Week(first=date(2026, 11, 23), days=14, now=clock()))
    assert [(each.kind, each.id, each.slot, each.title) for each in shown.busy] == [
        ("visit", visit.id, visit.slot, None),
        ("block", event.data.block_id, event.data.slot, "Reunião"),
    ]
    assert [str(day) for day in shown.closed] == [
        f"2026-{day}" for day in ("11-28", "11-29", "12-04", "12-05", "12-06")
    ]
    starts = [f"{slot.start:%d %H:%M}" for slot in shown.free]
    assert starts[:2] == ["23 10:30", "23 11:00"]
    assert not {"24 14:30", "27 09:00", "27 10:30", "04 10:00"} & set(starts)
    assert "27 11:00" in starts


async def test_a_change_by_another_copy_is_seen_with_the_next_question(calendar: Probe, clock: Any, at: At) -> None:
    assert await free(calendar, clock, at("24 14:30"))
    assert calendar.store
    await calendar.store.pool.execute(
        "insert into blocks (id, during) values ($1, tstzrange($2, $3))", uuid4(), at("24 14:00"), at("24 15:00")
    )
    assert not await free(calendar, clock, at("24 14:30"))
    await calendar.store.pool.execute("delete from blocks")
    assert await free(calendar, clock, at("24 14:30"))
