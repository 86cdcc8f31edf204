"""Turns that wait for the calendar, and what the calendar says by itself."""

from typing import Any
from uuid import UUID, uuid5

import pytest
from chassis.errors import Unavailable
from chassis.testing import an_event
from contracts.calendar import BookingConfirmed, BookingRejected, ReminderDue, Visit, VisitCancelled, VisitRescheduled
from contracts.dialogue import BookingRequested, CancellationRequested, HandoffRequested, Lead, TurnOpened
from contracts.envelope import NAMESPACE
from contracts.frontdesk import StaffTookOver
from contracts.rules import Assess

pytestmark = pytest.mark.stores
VISIT: UUID = uuid5(NAMESPACE, "a visit")


def visit(dialogue: Any, **changes: Any) -> Visit:
    values = {"id": VISIT, "slot": dialogue.slot(), "status": "booked", "contact": dialogue.contact, "lead": Lead()}
    return Visit(**{**values, **changes})


async def booking(dialogue: Any) -> BookingRequested:
    """The parent chooses the first offered slot; the calendar has not answered yet."""
    (offer,) = await dialogue.says("quero visitar")
    assert offer.offered_slots
    await dialogue.writes("1")
    await dialogue.passes(seconds=2)
    (requested,) = dialogue.probe.of(BookingRequested)
    return requested


async def told(dialogue: Any, fact: Any) -> None:
    await dialogue.probe.deliver(an_event(fact, subject=dialogue.ana, at=dialogue.clock()))


async def test_a_booking_is_closed_by_the_calendars_word(dialogue: Any) -> None:
    requested = await booking(dialogue)
    assert requested.slot == dialogue.slot()
    assert (len(dialogue.proposals), len(dialogue.closed)) == (1, 1)
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    reply, closed = dialogue.proposals[-1], dialogue.closed[-1]
    assert (reply.purpose, reply.booked_slot) == ("confirmation", dialogue.slot())
    assert (closed.outcome, closed.stage) == ("replied", "booked")
    assert reply.turn_id == closed.turn_id
    assert reply.answers == closed.keys
    assert closed.intents == ("choose_slot",)
    assert [each.turn_id for each in dialogue.probe.of(TurnOpened)] == [closed.turn_id]
    assert (await dialogue.state())["visit"]["id"] == str(VISIT)
    await dialogue.passes(minutes=1)
    assert (len(dialogue.proposals), len(dialogue.closed)) == (2, 2)


async def test_the_calendars_word_follows_what_was_said_and_is_followed(dialogue: Any) -> None:
    await booking(dialogue)
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    await dialogue.says("obrigada")
    offer, confirmation, thanks = dialogue.proposals
    assert (confirmation.follows, thanks.follows) == (offer.reply_id, confirmation.reply_id)


async def test_what_is_said_while_the_calendar_is_slow_is_followed_by_its_word(dialogue: Any) -> None:
    await booking(dialogue)
    await dialogue.passes(seconds=20)
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    offer, slow, confirmation = dialogue.proposals
    assert (slow.follows, confirmation.follows) == (offer.reply_id, slow.reply_id)


async def test_a_repeated_word_of_the_calendar_changes_nothing(dialogue: Any) -> None:
    await booking(dialogue)
    event = an_event(BookingConfirmed(visit=visit(dialogue)), subject=dialogue.ana)
    await dialogue.probe.deliver(event)
    assert await dialogue.probe.deliver(event) == []


async def test_a_rejected_booking_offers_what_is_free(dialogue: Any) -> None:
    await booking(dialogue)
    others = (dialogue.slot(hours=2), dialogue.slot(days=1))
    rejected = BookingRejected(slot=dialogue.slot(), reason="taken", alternatives=others, contact=dialogue.contact)
    await told(dialogue, rejected)
    assert dialogue.proposals[-1].offered_slots == others
    assert dialogue.closed[-1].outcome == "replied"


async def test_when_nothing_else_is_free_the_unit_takes_over(dialogue: Any) -> None:
    await booking(dialogue)
    await told(dialogue, BookingRejected(slot=dialogue.slot(), reason="taken", contact=dialogue.contact))
    assert [each.reason for each in dialogue.probe.of(HandoffRequested)] == ["no_slots"]
    assert (dialogue.closed[-1].outcome, dialogue.closed[-1].reason) == ("handed_over", "no_slots")


async def test_what_else_was_asked_is_answered_with_the_calendars_word(dialogue: Any) -> None:
    await dialogue.says("quero visitar")
    await dialogue.says("quanto custa?", "1")
    assert len(dialogue.proposals) == 1
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    (reply,) = dialogue.proposals[1:]
    assert "R$ 375,00" in " ".join(bubble.text for bubble in reply.bubbles)
    assert reply.purpose == "confirmation"
    await dialogue.says("obrigada")
    assert "R$ 375,00" not in " ".join(bubble.text for bubble in dialogue.proposals[-1].bubbles)


async def test_a_calendar_that_says_nothing_is_excused_and_its_word_still_told(dialogue: Any) -> None:
    await booking(dialogue)
    await dialogue.passes(seconds=19)
    assert len(dialogue.proposals) == 1
    await dialogue.passes(seconds=2)
    slow, closed = dialogue.proposals[-1], dialogue.closed[-1]
    assert slow.turn_id == closed.turn_id
    assert closed.outcome == "replied"
    await dialogue.passes(minutes=5)
    assert (len(dialogue.proposals), len(dialogue.closed)) == (2, 2)
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    assert dialogue.proposals[-1].purpose == "confirmation"
    assert dialogue.proposals[-1].turn_id is None
    assert (len(dialogue.proposals), len(dialogue.closed)) == (3, 2)


async def test_a_message_while_the_calendar_is_asked_does_not_close_the_booking(dialogue: Any) -> None:
    await booking(dialogue)
    await dialogue.says("obrigada")
    assert len(dialogue.closed) == 2
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    messages = [message for each in dialogue.closed for message in each.messages]
    assert len(messages) == len(set(messages)) == 3


async def test_something_else_asked_of_the_calendar_closes_what_waited(dialogue: Any) -> None:
    await told_of_a_visit(dialogue)
    await dialogue.says("cancela")
    await dialogue.says("cancela")
    assert [each.visit_id for each in dialogue.probe.of(CancellationRequested)] == [VISIT, VISIT]
    assert [each.reason for each in dialogue.closed[-1:]] == ["superseded"]
    await told(dialogue, VisitCancelled(visit=visit(dialogue, status="cancelled", version=2)))
    messages = [message for each in dialogue.closed for message in each.messages]
    assert len(messages) == len(set(messages)) == 3


async def told_of_a_visit(dialogue: Any) -> None:
    await dialogue.says("oi")
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))


async def test_while_rules_are_away_the_calendars_word_waits(dialogue: Any) -> None:
    await booking(dialogue)
    dialogue.probe.answer(Assess, Unavailable("rules are away"))
    event = an_event(BookingConfirmed(visit=visit(dialogue)), subject=dialogue.ana)
    await dialogue.probe.deliver(event)
    await dialogue.probe.deliver(event)
    assert len(dialogue.proposals) == 1
    dialogue.probe.answer(Assess, dialogue.assessment())
    await dialogue.passes(seconds=2)
    await dialogue.probe.deliver(event)
    assert [each.purpose for each in dialogue.proposals[1:]] == ["confirmation"]
    assert len(dialogue.closed) == 2


async def test_a_reminder_is_proposed_once_and_may_wait_for_answers(dialogue: Any) -> None:
    await told_of_a_visit(dialogue)
    event = an_event(ReminderDue(visit=visit(dialogue)), subject=dialogue.ana)
    for _ in range(2):
        await dialogue.probe.deliver(event)
    confirmation, reminder = dialogue.proposals[-2:]
    assert (confirmation.purpose, reminder.purpose) == ("confirmation", "reminder")
    assert reminder.policy.priority > confirmation.policy.priority
    assert (reminder.turn_id, reminder.answers) == (None, ())
    assert (await dialogue.state())["asked"]["topic"] == "confirm_visit"


async def test_a_reminder_of_a_visit_that_moved_says_nothing(dialogue: Any) -> None:
    await told_of_a_visit(dialogue)
    moved = visit(dialogue, slot=dialogue.slot(days=1), version=2)
    await told(dialogue, VisitRescheduled(visit=moved, previous=dialogue.slot()))
    before = len(dialogue.proposals)
    await told(dialogue, ReminderDue(visit=visit(dialogue)))
    assert len(dialogue.proposals) == before


async def test_the_calendars_word_says_nothing_to_who_is_served_by_the_unit(dialogue: Any) -> None:
    await booking(dialogue)
    await told(dialogue, StaffTookOver(by="Marta"))
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    assert len(dialogue.proposals) == 1
    assert (dialogue.closed[-1].outcome, dialogue.closed[-1].reason) == ("ignored", "served_by_unit")
    assert (await dialogue.state())["visit"]["id"] == str(VISIT)


async def test_a_rejection_of_nobody_we_know_changes_nothing(dialogue: Any) -> None:
    await told(dialogue, BookingRejected(slot=dialogue.slot(), reason="taken", contact=dialogue.contact))
    assert dialogue.probe.published == []


async def test_an_earlier_word_that_comes_late_moves_nothing_back(dialogue: Any) -> None:
    await dialogue.says("oi")
    moved = visit(dialogue, slot=dialogue.slot(days=1), version=2)
    await told(dialogue, VisitRescheduled(visit=moved, previous=dialogue.slot()))
    before = len(dialogue.proposals)
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    assert len(dialogue.proposals) == before
    assert (await dialogue.state())["visit"]["version"] == 2


async def test_a_slow_cancellation_is_not_called_a_booking(dialogue: Any) -> None:
    await told_of_a_visit(dialogue)
    before = len(dialogue.proposals)
    await dialogue.says("cancela")
    await dialogue.passes(minutes=1)
    assert len(dialogue.proposals) == before
    await told(dialogue, VisitCancelled(visit=visit(dialogue, status="cancelled", version=2)))
    assert dialogue.closed[-1].outcome == "replied"
