"""Who answers: the assistant is silent while the unit serves somebody."""

from typing import Any

import pytest
from chassis.errors import DeadlineExceeded, Transient, Unavailable
from chassis.testing import an_event
from contracts.frontdesk import StaffReleased, StaffTookOver
from contracts.ingress import ChannelKey, MessageEchoed
from contracts.postprocessor import Recognise, Recognised
from contracts.rules import Assess

pytestmark = pytest.mark.stores


def echo(
    dialogue: Any, origin: str = "phone", *, subject: str | None = None, address: Any = None, unsure: bool = False
) -> Any:
    fact = MessageEchoed(
        key=ChannelKey(instance="kumon", id=f"3EB0{dialogue.clock():%d%H%M%S}", from_me=True),
        address=address or dialogue.address,
        origin=origin,
        unsure=unsure,
        text="Oi, aqui é a Marta",
        sent_at=dialogue.clock(),
    )
    return an_event(fact, subject=subject or dialogue.ana, at=dialogue.clock())


def staff(dialogue: Any, fact: Any) -> Any:
    return an_event(fact, subject=dialogue.ana, at=dialogue.clock())


def served(dialogue: Any) -> list[tuple[str, str | None]]:
    return [(each.outcome, each.reason) for each in dialogue.closed]


SILENT = ("ignored", "served_by_unit")


async def test_somebody_who_types_on_the_units_phone_takes_over(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.probe.deliver(echo(dialogue))
    assert await dialogue.says("quanto custa?") == []
    assert served(dialogue)[1:] == [SILENT]
    assert dialogue.closed[-1].stage == "handed_over"


async def test_whoever_is_served_is_not_kept_waiting_for_a_window(dialogue: Any) -> None:
    await dialogue.probe.deliver(echo(dialogue))
    await dialogue.probe.deliver(dialogue.message("oi"))
    await dialogue.passes(seconds=0)
    assert served(dialogue) == [SILENT]


async def test_the_unit_may_begin_a_conversation(dialogue: Any) -> None:
    await dialogue.probe.deliver(echo(dialogue))
    assert await dialogue.says("oi") == []
    assert served(dialogue) == [SILENT]


async def test_the_unit_may_begin_a_conversation_under_another_name(dialogue: Any) -> None:
    by_lid = dialogue.address.model_copy(update={"phone": None})
    await dialogue.probe.deliver(echo(dialogue, subject=dialogue.by_lid, address=by_lid))
    assert await dialogue.says("oi") == []
    await dialogue.probe.deliver(staff(dialogue, StaffReleased(by="Marta")))
    assert len(await dialogue.says("oi")) == 1
    await dialogue.probe.deliver(echo(dialogue, subject=dialogue.by_lid, address=by_lid))
    assert await dialogue.says("oi") == []


async def test_what_was_typed_before_the_unit_gave_it_back_and_is_told_late_takes_nothing(dialogue: Any) -> None:
    await dialogue.says("oi")
    late = echo(dialogue)
    await dialogue.passes(minutes=5)
    await dialogue.probe.deliver(staff(dialogue, StaffTookOver(by="Marta")))
    await dialogue.probe.deliver(staff(dialogue, StaffReleased(by="Marta")))
    await dialogue.probe.deliver(late)
    assert len(await dialogue.says("quanto custa?")) == 1


async def test_a_word_of_the_staff_that_is_told_late_silences_from_when_it_was_typed(dialogue: Any) -> None:
    typed = echo(dialogue)  # Monday 10:12; six hours a day
    await dialogue.passes(days=2, minutes=10)
    await dialogue.probe.deliver(typed.model_copy(update={"time": dialogue.clock()}))
    assert len(await dialogue.says("quanto custa?")) == 1


async def test_our_own_messages_change_nothing(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.probe.deliver(echo(dialogue, "api"))
    assert len(await dialogue.says("quanto custa?")) == 1


async def test_a_doubtful_message_that_is_ours_changes_nothing(dialogue: Any) -> None:
    await dialogue.says("oi")
    dialogue.probe.answer(Recognise, Recognised(ours=True))
    doubtful = echo(dialogue, unsure=True)
    await dialogue.probe.deliver(doubtful)
    (asked,) = (each for each in dialogue.probe.asked if isinstance(each, Recognise))
    assert (asked.key, asked.text, asked.sent_at) == (doubtful.data.key, doubtful.data.text, doubtful.data.sent_at)
    assert len(await dialogue.says("quanto custa?")) == 1


async def test_a_doubtful_message_that_is_not_ours_takes_over(dialogue: Any) -> None:
    await dialogue.says("oi")
    dialogue.probe.answer(Recognise, Recognised(ours=False))
    await dialogue.probe.deliver(echo(dialogue, unsure=True))
    assert await dialogue.says("quanto custa?") == []
    assert served(dialogue)[1:] == [SILENT]


@pytest.mark.parametrize("ours", [True, False])
async def test_a_doubtful_message_waits_until_somebody_can_say_whose_it_is(dialogue: Any, ours: bool) -> None:
    await dialogue.says("oi")
    doubtful = echo(dialogue, unsure=True)
    for error in (Unavailable("postprocessor is away"), DeadlineExceeded("it is slow")):
        dialogue.probe.answer(Recognise, error)
        with pytest.raises(Unavailable):  # which is waited for longer than any other error
            await dialogue.probe.deliver(doubtful)
    dialogue.probe.answer(Recognise, Recognised(ours=ours))
    await dialogue.probe.deliver(doubtful)
    assert len(await dialogue.says("quanto custa?")) == int(ours)


async def test_what_the_unit_typed_for_sure_takes_over_without_a_question(dialogue: Any) -> None:
    await dialogue.probe.deliver(echo(dialogue))
    assert not any(isinstance(each, Recognise) for each in dialogue.probe.asked)
    assert await dialogue.says("oi") == []


async def test_a_take_over_during_a_turn_leaves_no_proposal(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    taken = [echo(dialogue)]

    async def assess() -> Any:
        if taken:
            await dialogue.probe.deliver(taken.pop())
        return dialogue.assessment()

    dialogue.answers_slowly(Assess, assess)
    await dialogue.passes(seconds=5)
    assert dialogue.proposals == []
    assert served(dialogue) == [SILENT]


async def test_a_take_over_in_the_window_leaves_no_proposal(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    await dialogue.probe.deliver(staff(dialogue, StaffTookOver(by="Marta")))
    await dialogue.passes(seconds=5)
    assert dialogue.proposals == []
    assert served(dialogue) == [SILENT]


async def test_the_unit_gives_a_conversation_back(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.probe.deliver(staff(dialogue, StaffTookOver(by="Marta")))
    release = staff(dialogue, StaffReleased(by="Marta"))
    await dialogue.probe.deliver(release)
    assert len(await dialogue.says("quanto custa?")) == 1
    await dialogue.probe.deliver(staff(dialogue, StaffTookOver(by="Marta")))
    await dialogue.probe.deliver(release)
    assert await dialogue.says("quanto custa?") == [], "a repeated release gives nothing back"


async def test_twelve_business_hours_of_silence_give_it_back(dialogue: Any) -> None:
    await dialogue.probe.deliver(echo(dialogue))  # Monday 10:12; six hours a day
    await dialogue.passes(days=1)
    assert await dialogue.says("quanto custa?") == []
    await dialogue.passes(days=1, minutes=10)
    assert len(await dialogue.says("quanto custa?")) == 1
    assert (await dialogue.state())["owner"] == "assistant"


async def test_every_word_of_the_staff_begins_the_silence_anew(dialogue: Any) -> None:
    await dialogue.probe.deliver(echo(dialogue))
    await dialogue.passes(days=1)
    await dialogue.probe.deliver(echo(dialogue))
    await dialogue.passes(days=1, minutes=10)
    assert await dialogue.says("quanto custa?") == []


async def test_a_take_over_of_a_conversation_that_has_not_come_yet_is_tried_again(dialogue: Any) -> None:
    event = staff(dialogue, StaffTookOver(by="Marta"))
    with pytest.raises(Transient):
        await dialogue.probe.deliver(event)
    await dialogue.writes("oi")
    await dialogue.probe.deliver(event)
    await dialogue.passes(seconds=5)
    assert served(dialogue) == [SILENT]


async def test_a_release_of_what_nobody_knows_changes_nothing(dialogue: Any) -> None:
    await dialogue.probe.deliver(staff(dialogue, StaffReleased(by="Marta")))
    assert len(await dialogue.says("oi")) == 1
