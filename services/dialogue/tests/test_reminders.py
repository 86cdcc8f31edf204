"""What a parent answers to a reminder, read by the real reader: 1 confirms, 2 moves the visit.

A family whose visit the unit booked by hand is reminded, too, though it never wrote.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from chassis.testing import an_event
from contracts.calendar import BookingConfirmed, ReminderDue, Visit, VisitCancelled, VisitRescheduled
from contracts.dialogue import BookingRequested, CancellationRequested, Lead, RescheduleRequested
from contracts.envelope import NAMESPACE
from contracts.rules import Assess
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


async def test_a_reminder_can_be_sent_where_only_an_approved_template_may(reminded: Any) -> None:
    reminder = reminded.proposals[-1]
    template = reminder.approved_template
    assert (template.name, template.language) == ("lembrete_de_visita", "pt_BR")
    unit, when, address, phone = template.parameters
    assert (unit, address, phone) == ("Kumon Vila A", "Rua Amoreira, 571", "(51) 99692-1999")
    assert when in reminder.bubbles[0].text, "the same day and hour, in the same words"
    assert reminded.clock() - reminder.last_inbound_at > timedelta(hours=24)


async def test_only_a_reminder_has_a_template(reminded: Any) -> None:
    (thanks,) = await reminded.says("1")
    assert [each.approved_template for each in reminded.proposals[:-2]] == [None] * len(reminded.proposals[:-2])
    assert thanks.approved_template is None


async def test_an_owner_without_an_approved_template_reminds_in_words_alone(copy: Callable[..., Any]) -> None:
    dialogue = await copy(reader=understand)
    facts = dialogue.assessment()
    plain = facts.model_copy(update={"unit": facts.unit.model_copy(update={"reminder_template": None})})
    dialogue.probe.answer(Assess, plain)
    await dialogue.says("oi, sou a Ana")
    await told(dialogue, BookingConfirmed(visit=visit(dialogue)))
    await dialogue.passes(days=2)
    await told(dialogue, ReminderDue(visit=visit(dialogue)))
    assert (dialogue.proposals[-1].purpose, dialogue.proposals[-1].approved_template) == ("reminder", None)


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


@pytest.fixture
async def unheard(copy: Callable[..., Any]) -> Any:
    """A family that never wrote, whose visit the unit booked by hand; on the evening before."""
    dialogue = await copy(reader=understand, evolution_instance="vila-a")
    await told(dialogue, BookingConfirmed(visit=visit(dialogue, lead=Lead(parent_name="Ana Souza"))))
    assert dialogue.proposals == [], "whoever booked it has told them"
    await dialogue.passes(days=2, hours=8)
    return dialogue


def text(reply: Any) -> str:
    return "\n".join(bubble.text for bubble in reply.bubbles)


async def test_who_never_wrote_is_reminded_once_by_somebody_who_says_who_she_is(unheard: Any) -> None:
    event = an_event(ReminderDue(visit=visit(unheard)), subject=unheard.ana, at=unheard.clock())
    for _ in range(2):
        await unheard.probe.deliver(event)
    (reminder,) = unheard.proposals
    assert (reminder.purpose, reminder.turn_id, reminder.last_inbound_at) == ("reminder", None, None)
    assert (reminder.contact, reminder.instance) == (unheard.contact, "vila-a")
    said = text(reminder)
    assert said.startswith("Boa noite! ")
    assert "Cecília, assistente virtual do Kumon Vila A" in said
    assert "*1* confirmo, *2* quero remarcar" in said


async def test_who_never_wrote_is_reminded_even_of_a_visit_that_was_not_heard_of(copy: Callable[..., Any]) -> None:
    dialogue = await copy(reader=understand)
    await told(dialogue, ReminderDue(visit=visit(dialogue)))
    assert [each.purpose for each in dialogue.proposals] == ["reminder"]
    assert (await dialogue.state())["visit"]["id"] == str(VISIT)


async def test_the_first_word_of_who_was_reminded_may_be_one(unheard: Any) -> None:
    await told(unheard, ReminderDue(visit=visit(unheard)))
    await unheard.passes(minutes=40)
    (thanks,) = await unheard.says("1")
    assert thanks.offered_slots == ()
    assert (await unheard.state())["visit"]["confirmed"] is True
    assert asked_of_the_calendar(unheard) == []


async def test_the_first_word_of_who_was_reminded_may_be_two(unheard: Any) -> None:
    await told(unheard, ReminderDue(visit=visit(unheard)))
    (offer,) = await unheard.says("2")
    await unheard.writes("1")
    await unheard.passes(seconds=2)
    (asked,) = asked_of_the_calendar(unheard)
    assert isinstance(asked, RescheduleRequested)
    assert (asked.visit_id, asked.slot) == (VISIT, offer.offered_slots[0])


async def test_who_never_wrote_hears_that_the_unit_moved_or_cancelled_the_visit(unheard: Any) -> None:
    moved = visit(unheard, slot=unheard.slot(days=1), version=2)
    await told(unheard, VisitRescheduled(visit=moved, previous=unheard.slot(), by="unit"))
    await told(unheard, VisitCancelled(visit=moved.model_copy(update={"status": "cancelled", "version": 3}), by="unit"))
    first, second = map(text, unheard.proposals)
    assert "Cecília" in first
    assert "sexta-feira, 27 de novembro" in first
    assert "Cecília" not in second
    assert "cancel" in second


async def test_who_never_wrote_may_move_the_visit_before_any_reminder(unheard: Any) -> None:
    (offer,) = await unheard.says("oi, preciso remarcar minha visita")
    assert offer.offered_slots
    await unheard.writes("1")
    await unheard.passes(seconds=2)
    assert [type(each) for each in asked_of_the_calendar(unheard)] == [RescheduleRequested]
