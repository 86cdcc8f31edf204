"""What a parent answers to a reminder, read by the real reader: 1 confirms, 2 moves the visit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

import pytest
from chassis.testing import an_event
from contracts.calendar import BookingConfirmed, ReminderDue, Visit, VisitRescheduled
from contracts.dialogue import BookingRequested, CancellationRequested, Lead, RescheduleRequested
from contracts.envelope import NAMESPACE
from dialogue_service.understanding import understand

pytestmark = pytest.mark.stores
VISIT: UUID = uuid5(NAMESPACE, "a visit")


def visit(dialogue: Any, **changes: Any) -> Visit:
    values = {"id": VISIT, "slot": dialogue.slot(), "status": "booked", "contact": dialogue.contact, "lead": Lead()}
    return Visit(**{**values, **changes})


async def told(dialogue: Any, fact: Any) -> None:
    await dialogue.probe.deliver(an_event(fact, subject=dialogue.ana, at=dialogue.clock()))


@pytest.fixture
async def reminded(copy: Callable[..., Any]) -> Any:
    """A parent with a visit on Thursday at nine, who was reminded of it the evening before."""
    dialogue = await copy(reader=understand)
    await dialogue.says("oi, sou a Ana")
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    await dialogue.passes(days=2, hours=8)
    await told(dialogue, ReminderDue(visit=visit(dialogue)))
    assert dialogue.proposals[-1].purpose == "reminder"
    return dialogue


def asked_of_the_calendar(dialogue: Any) -> list[Any]:
    wanted = (BookingRequested, RescheduleRequested, CancellationRequested)
    return [each for fact in wanted for each in dialogue.probe.of(fact)]


@pytest.mark.parametrize("answer", ["1", "*1*", "1 confirmo", "confirmo", "sim, estarei aí"])
async def test_one_confirms_and_changes_nothing(reminded: Any, answer: str) -> None:
    await reminded.passes(minutes=20)
    (thanks,) = await reminded.says(answer)
    assert thanks.offered_slots == ()
    state = await reminded.state()
    assert state["visit"]["confirmed"] is True
    assert (state["visit"]["id"], state["stage"]) == (str(VISIT), "booked")
    assert asked_of_the_calendar(reminded) == []


@pytest.mark.parametrize("answer", ["2", "2 quero remarcar", "quero remarcar", "preciso mudar o horário"])
async def test_two_offers_other_times_and_the_chosen_one_moves_the_visit(reminded: Any, answer: str) -> None:
    await reminded.passes(minutes=20)
    (offer,) = await reminded.says(answer)
    assert offer.offered_slots
    assert asked_of_the_calendar(reminded) == [], "the old time stands until another one is chosen"
    chosen = offer.offered_slots[1]
    await reminded.writes("2")
    await reminded.passes(seconds=2)
    (asked,) = asked_of_the_calendar(reminded)
    assert isinstance(asked, RescheduleRequested)
    assert (asked.visit_id, asked.slot) == (VISIT, chosen)
    moved = visit(reminded, slot=chosen, version=2)
    await told(reminded, VisitRescheduled(visit=moved, previous=reminded.slot()))
    assert reminded.proposals[-1].booked_slot == chosen
    assert (await reminded.state())["visit"]["version"] == 2


async def test_a_second_one_after_confirming_changes_nothing_more(reminded: Any) -> None:
    await reminded.says("1")
    await reminded.says("1")
    assert (await reminded.state())["visit"]["confirmed"] is True
    assert asked_of_the_calendar(reminded) == []


async def test_an_answer_after_the_reminder_of_a_moved_visit_keeps_the_new_time(reminded: Any) -> None:
    moved = visit(reminded, slot=reminded.slot(days=1), version=2)
    await told(reminded, VisitRescheduled(visit=moved, previous=reminded.slot(), by="unit"))
    await reminded.says("1")
    assert (await reminded.state())["visit"]["version"] == 2
    assert asked_of_the_calendar(reminded) == []
