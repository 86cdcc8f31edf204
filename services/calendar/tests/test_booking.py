"""Booking, moving, cancelling and reminding, on the real PostgreSQL."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from chassis.testing import Probe, an_event
from contracts import Event
from contracts.calendar import (
    Availability,
    BookingConfirmed,
    BookingRejected,
    Offer,
    ReminderDue,
    SlotWish,
    Visit,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
)
from contracts.dialogue import BookingRequested, CancellationRequested, Lead, RescheduleRequested, Slot
from contracts.ingress import Address
from contracts.preprocessor import Contact

pytestmark = pytest.mark.stores
At = Callable[[str], datetime]
ANA, BIA = "cnv_ana", "cnv_bia"


def contact(conversation: str) -> Contact:
    phone = f"+55519{abs(hash(conversation)) % 10**8:08d}"
    return Contact(phone=phone, address=Address(jid=f"{phone[1:]}@s.whatsapp.net", phone=phone))


def slot(start: datetime) -> Slot:
    return Slot(start=start, end=start + timedelta(minutes=30))


def booking(start: datetime, conversation: str = ANA) -> Event[BookingRequested]:
    lead = Lead(parent_name="Ana Souza", phone=contact(conversation).phone)
    return an_event(BookingRequested(slot=slot(start), lead=lead, contact=contact(conversation)), subject=conversation)


def moving(visit_id: UUID, start: datetime, conversation: str = ANA) -> Event[RescheduleRequested]:
    request = RescheduleRequested(visit_id=visit_id, slot=slot(start), contact=contact(conversation))
    return an_event(request, subject=conversation)


def cancelling(visit_id: UUID, conversation: str = ANA) -> Event[CancellationRequested]:
    return an_event(CancellationRequested(visit_id=visit_id, contact=contact(conversation)), subject=conversation)


async def book(calendar: Probe, start: datetime, conversation: str = ANA) -> Visit:
    (confirmed,) = await calendar.deliver(booking(start, conversation))
    assert isinstance(confirmed.data, BookingConfirmed)
    return confirmed.data.visit


async def ask(calendar: Probe, conversation: str, clock: Callable[[], datetime], **wish: object) -> Offer:
    question = Availability(conversation=conversation, now=clock(), wish=SlotWish.model_validate(wish))
    answer: Offer = await calendar.ask(question)
    return answer


async def standing(calendar: Probe) -> int:
    assert calendar.store
    count: int = await calendar.store.pool.fetchval("select count(*) from visits where status = 'booked'")
    return count


async def test_a_free_slot_is_booked_and_leaves_the_offers(
    calendar: Probe, clock: Callable[[], datetime], at: At
) -> None:
    visit = await book(calendar, at("24 14:30"))
    assert (visit.status, visit.version, visit.slot) == ("booked", 1, slot(at("24 14:30")))
    assert visit.slot.start.utcoffset() == timedelta(hours=-3)
    answer = await ask(calendar, BIA, clock, exact=at("24 14:30"))
    assert answer.exact_free is False
    assert slot(at("24 14:30")) not in answer.slots


async def test_a_repeated_request_changes_nothing(calendar: Probe, at: At) -> None:
    event = booking(at("24 14:30"))
    first = await calendar.deliver(event)
    assert [type(each.data) for each in first] == [BookingConfirmed]
    assert await calendar.deliver(event) == []
    assert await standing(calendar) == 1


async def test_of_twenty_who_want_one_slot_at_once_one_gets_it(calendar: Probe, at: At) -> None:
    wanted = at("24 14:30")
    await asyncio.gather(*(calendar.deliver(booking(wanted, f"cnv_{n}")) for n in range(20)))
    assert await standing(calendar) == 1
    assert len(calendar.of(BookingConfirmed)) == 1
    rejected = calendar.of(BookingRejected)
    assert [each.reason for each in rejected] == ["taken"] * 19
    assert all(len(each.alternatives) == 3 and slot(wanted) not in each.alternatives for each in rejected)


async def test_the_database_itself_refuses_two_visits_at_one_time(calendar: Probe, at: At) -> None:
    await book(calendar, at("24 14:30"))
    assert calendar.store
    with pytest.raises(asyncpg.ExclusionViolationError):
        await calendar.store.pool.execute(
            "insert into visits (id, conversation, during, contact, lead) values ($1, 'x', $2, '{}', '{}')",
            uuid4(),
            asyncpg.Range(at("24 14:45"), at("24 15:15")),
        )


@pytest.mark.parametrize(
    "start,reason",
    [
        ("23 09:00", "past"),
        ("23 11:30", "too_soon"),
        ("24 13:00", "outside_hours"),
        ("28 10:00", "outside_hours"),
        ("34 10:00", "outside_hours"),
        ("38 10:00", "too_far"),
    ],
)
async def test_an_impossible_slot_is_rejected_with_the_next_best(
    calendar: Probe, at: At, start: str, reason: str
) -> None:
    (rejected,) = await calendar.deliver(booking(at(start)))
    assert isinstance(rejected.data, BookingRejected)
    assert rejected.data.reason == reason
    assert len({each.start.date() for each in rejected.data.alternatives}) >= 2
    assert await standing(calendar) == 0


async def test_a_second_visit_of_a_family_is_rejected_with_the_first(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    (rejected,) = await calendar.deliver(booking(at("25 09:00")))
    assert isinstance(rejected.data, BookingRejected)
    assert (rejected.data.reason, rejected.data.existing) == ("already_booked", visit)


async def test_a_hold_keeps_a_slot_out_of_other_offers_for_ten_minutes(calendar: Probe, clock: Any, at: At) -> None:
    offered = await ask(calendar, ANA, clock)
    assert slot(at("23 14:00")) in offered.slots
    assert not set(offered.slots) & set((await ask(calendar, BIA, clock)).slots)
    assert (await ask(calendar, BIA, clock, exact=at("23 14:00"))).exact_free is False
    clock.on(minutes=10)
    assert (await ask(calendar, BIA, clock, exact=at("23 14:00"))).exact_free is True


async def test_a_hold_counts_for_whoever_asked_a_little_earlier_by_another_clock(
    calendar: Probe, clock: Any, at: At
) -> None:
    assert (await ask(calendar, ANA, clock, exact=at("24 14:30"))).exact_free is True
    clock.on(seconds=-20)
    assert (await ask(calendar, BIA, clock, exact=at("24 14:30"))).exact_free is False


async def test_of_many_who_ask_for_one_slot_at_once_one_is_offered_it(calendar: Probe, clock: Any, at: At) -> None:
    """Also when their clocks differ: the questions are as old as they waited."""
    wish = SlotWish(exact=at("24 14:30"))
    questions = [
        Availability(conversation=f"cnv_{n}", now=clock() - timedelta(seconds=n % 7), wish=wish) for n in range(30)
    ]
    answers = await asyncio.gather(*map(calendar.ask, questions))
    assert sum(answer.exact_free for answer in answers) == 1
    offered = [each.start for answer in answers if not answer.exact_free for each in answer.slots]
    assert at("24 14:30") not in offered
    assert len(offered) == len(set(offered)), "there is enough for all: nobody is shown what another is"


async def test_a_question_that_is_given_up_takes_no_other_with_it(calendar: Probe, clock: Any, at: At) -> None:
    wish = SlotWish(exact=at("24 14:30"))
    asked = [
        asyncio.ensure_future(calendar.ask(Availability(conversation=f"cnv_{n}", now=clock(), wish=wish)))
        for n in range(4)
    ]
    await asyncio.sleep(0)
    asked[0].cancel()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert sum(answer.exact_free for answer in answers[1:] if isinstance(answer, Offer)) == 1
    assert all(isinstance(answer, Offer) for answer in answers[1:])


async def test_a_later_offer_replaces_the_conversations_holds(calendar: Probe, clock: Any) -> None:
    first = await ask(calendar, ANA, clock)
    clock.on(seconds=20)
    await ask(calendar, ANA, clock, days=[date(2026, 12, 1)])
    assert (await ask(calendar, BIA, clock)).slots == first.slots


async def test_the_alternatives_of_one_turn_are_held_together(calendar: Probe, clock: Callable[[], datetime]) -> None:
    offers = [await ask(calendar, ANA, clock, days=[date(2026, 11, day)]) for day in (24, 25)]
    held = {each.start for offered in offers for each in offered.slots}
    others = await ask(calendar, BIA, clock, days=[date(2026, 11, 24), date(2026, 11, 25)])
    assert len(held) == 6
    assert not held & {each.start for each in others.slots}


async def test_a_slot_that_was_offered_days_ago_may_be_offered_again(calendar: Probe, clock: Any) -> None:
    days = [date(2026, 12, 1)]
    before = await ask(calendar, ANA, clock, days=days)
    clock.on(days=3)
    again = await ask(calendar, ANA, clock, days=days)
    assert again.slots == before.slots
    assert not set(again.slots) & set((await ask(calendar, BIA, clock, days=days)).slots)


async def test_asking_without_hold_keeps_nothing(calendar: Probe, clock: Callable[[], datetime]) -> None:
    looked = await calendar.ask(Availability(conversation=ANA, now=clock(), hold=False))
    assert (await ask(calendar, BIA, clock)).slots == looked.slots


async def test_a_hold_does_not_stop_whoever_asks_for_the_slot_first(
    calendar: Probe, clock: Callable[[], datetime], at: At
) -> None:
    await ask(calendar, ANA, clock, exact=at("24 14:30"))
    await book(calendar, at("24 14:30"), BIA)
    (rejected,) = await calendar.deliver(booking(at("24 14:30"), ANA))
    assert isinstance(rejected.data, BookingRejected)
    assert rejected.data.reason == "taken"


async def test_an_offered_slot_may_be_taken_minutes_later_though_it_is_near_now(
    calendar: Probe, clock: Any, at: At
) -> None:
    clock.on(hours=1, minutes=45)
    await ask(calendar, ANA, clock, exact=at("23 14:00"))
    clock.on(minutes=8)
    await book(calendar, at("23 14:00"))
    (rejected,) = await calendar.deliver(booking(at("23 14:00"), BIA))
    assert isinstance(rejected.data, BookingRejected)
    assert rejected.data.reason == "too_soon"


async def test_a_visit_moves_and_its_old_slot_is_free_again(
    calendar: Probe, clock: Callable[[], datetime], at: At
) -> None:
    visit = await book(calendar, at("24 14:30"))
    (moved,) = await calendar.deliver(moving(visit.id, at("26 15:00")))
    assert isinstance(moved.data, VisitRescheduled)
    assert (moved.data.visit.id, moved.data.visit.version) == (visit.id, 2)
    assert (moved.data.previous, moved.data.visit.slot) == (slot(at("24 14:30")), slot(at("26 15:00")))
    assert (await ask(calendar, BIA, clock, exact=at("24 14:30"))).exact_free is True
    assert (await ask(calendar, BIA, clock, exact=at("26 15:00"))).exact_free is False


async def test_a_visit_that_cannot_move_stays_where_it_is(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    await book(calendar, at("26 15:00"), BIA)
    (rejected,) = await calendar.deliver(moving(visit.id, at("26 15:00")))
    assert isinstance(rejected.data, BookingRejected)
    assert (rejected.data.reason, rejected.data.existing) == ("taken", visit)
    assert await standing(calendar) == 2


async def test_moving_to_where_it_is_keeps_the_visit(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    (moved,) = await calendar.deliver(moving(visit.id, at("24 14:30")))
    assert isinstance(moved.data, VisitRescheduled)
    assert moved.data.visit.slot == moved.data.previous == visit.slot


async def test_moving_a_cancelled_visit_books_it_anew(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    await calendar.deliver(cancelling(visit.id))
    (confirmed,) = await calendar.deliver(moving(visit.id, at("26 15:00")))
    assert isinstance(confirmed.data, BookingConfirmed)
    assert confirmed.data.visit.id != visit.id
    assert confirmed.data.visit.lead == visit.lead


async def test_nobody_moves_or_cancels_another_familys_visit(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    assert await calendar.deliver(cancelling(visit.id, BIA)) == []
    (confirmed,) = await calendar.deliver(moving(visit.id, at("26 15:00"), BIA))
    assert isinstance(confirmed.data, BookingConfirmed)
    assert confirmed.data.visit.contact == contact(BIA)
    assert confirmed.data.visit.lead.parent_name is None
    assert await standing(calendar) == 2


async def test_a_cancelled_visit_frees_its_slot_and_may_be_cancelled_again(
    calendar: Probe, clock: Callable[[], datetime], at: At
) -> None:
    visit = await book(calendar, at("24 14:30"))
    for _ in range(2):
        (cancelled,) = await calendar.deliver(cancelling(visit.id))
        assert isinstance(cancelled.data, VisitCancelled)
        assert (cancelled.data.visit.status, cancelled.data.visit.version) == ("cancelled", 2)
    assert (await ask(calendar, BIA, clock, exact=at("24 14:30"))).exact_free is True


async def test_a_visit_that_was_is_not_cancelled(calendar: Probe, clock: Any, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    clock.on(days=2)
    assert await calendar.deliver(cancelling(visit.id)) == []
    assert await standing(calendar) == 1


async def test_the_reminder_comes_once_at_its_time(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    await calendar.fire_due(at("24 12:29"))
    assert calendar.of(ReminderDue) == []
    await calendar.fire_due(at("24 12:30"))
    await calendar.fire_due(at("24 12:31"))
    assert [each.visit for each in calendar.of(ReminderDue)] == [visit]


async def test_the_reminder_moves_with_the_visit(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    await calendar.deliver(moving(visit.id, at("26 09:00")))
    await calendar.fire_due(at("25 17:59"))
    assert calendar.of(ReminderDue) == []
    await calendar.fire_due(at("25 18:00"))
    assert [each.visit.slot for each in calendar.of(ReminderDue)] == [slot(at("26 09:00"))]


async def test_nobody_is_reminded_of_a_cancelled_visit(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    await calendar.deliver(cancelling(visit.id))
    await calendar.fire_due(at("24 20:00"))
    assert calendar.of(ReminderDue) == []


async def test_the_outcome_of_a_visit_is_remembered(calendar: Probe, at: At) -> None:
    visit = await book(calendar, at("24 14:30"))
    outcome = VisitOutcomeRecorded(visit_id=visit.id, outcome="missed", by="Marta")
    await calendar.deliver(an_event(outcome, subject=ANA))
    assert calendar.store
    row = await calendar.store.pool.fetchrow("select status, version from visits where id = $1", visit.id)
    assert (row["status"], row["version"]) == ("missed", 2)


async def test_a_visit_is_forgotten_thirty_days_after_it(calendar: Probe, at: At) -> None:
    await book(calendar, at("24 14:30"))
    assert calendar.store
    for day, left in (("54 14:59", 1), ("54 15:00", 0)):
        await calendar.fire_due(at(day))
        assert await calendar.store.pool.fetchval("select count(*) from visits") == left
