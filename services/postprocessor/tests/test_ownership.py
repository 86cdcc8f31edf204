"""Whose a conversation is: the assistant falls silent at once, whatever comes first."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from chassis.errors import Unavailable
from chassis.testing import an_event
from contracts import conversation_id
from contracts.frontdesk import StaffReleased, StaffTookOver
from contracts.ingress import Address
from contracts.postprocessor import DeliveryFailed, ReplyDelivered
from contracts.preprocessor import ContactsMerged
from postprocessor_service.store import Deliveries

pytestmark = pytest.mark.stores


def reasons(desk: Any) -> list[str]:
    return [one.reason for one in desk.probe.of(DeliveryFailed)]


async def test_a_take_over_drops_what_was_drafted_before_it(desk: Any) -> None:
    await desk.probe.deliver(desk.draft("um", "dois"))
    await desk.take_over()
    await desk.run()
    assert await desk.outside.messages() == []
    assert reasons(desk) == ["taken_over"]


async def test_a_draft_that_comes_after_the_take_over_it_was_made_before_is_dropped(desk: Any) -> None:
    event = desk.draft("um")
    await desk.take_over()
    await desk.probe.deliver(event)
    await desk.run()
    assert await desk.outside.messages() == []
    assert reasons(desk) == ["taken_over"]


async def test_a_take_over_in_the_middle_of_a_reply_stops_the_rest(desk: Any) -> None:
    await desk.outside.breaks("slow", delay_s=0.2)
    event = desk.draft("um", "dois")
    await desk.probe.deliver(event)
    working = asyncio.create_task(desk.courier.work(event.subject))
    await desk.reaches("sending", "queued")
    await desk.take_over()
    await working
    assert await desk.outside.phone() == ["um"]
    (failed,) = desk.probe.of(DeliveryFailed)
    assert (failed.reason, [one.index for one in failed.sent]) == ("taken_over", [0])


async def test_a_scene_from_before_a_take_over_sends_nothing(desk: Any) -> None:
    event = desk.draft("Olá!")
    await desk.probe.deliver(event)
    before = await Deliveries(desk.probe.store).scene(event.subject)
    await desk.take_over()
    await desk.courier.work(event.subject, before)
    assert await desk.outside.phone() == []
    assert reasons(desk) == ["taken_over"]


async def test_a_take_over_while_typing_comes_before_the_message(open_desk: Any, helpers: Any) -> None:
    async with open_desk(burst_window_s=None) as desk:
        await desk.outside.breaks("slow", target="sendPresence", delay_s=0.1)
        event = desk.draft("Olá!")
        await desk.probe.deliver(event)
        typing = asyncio.create_task(desk.courier.work(event.subject))
        await helpers.until(desk.outside.struck)  # the typing begins
        await desk.take_over()
        await typing
        assert await desk.outside.messages() == []
        assert reasons(desk) == ["taken_over"]


async def test_a_take_over_that_waits_for_the_database_holds_the_assistant_back(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.probe.deliver(desk.draft("Olá!"))
    typed = desk.echo("Oi, aqui é a Carla", "3AF", origin="phone")

    async def away(*_: Any) -> set[str]:
        raise Unavailable("the database")

    with monkeypatch.context() as patched:
        patched.setattr(Deliveries, "conversations", away)
        with pytest.raises(Unavailable):
            await desk.probe.deliver(typed)
    await desk.run()
    assert await desk.outside.messages() == []
    await desk.probe.deliver(typed)  # the fact comes again
    await desk.wait(2)
    assert await desk.outside.messages() == []
    assert reasons(desk) == ["taken_over"]


async def test_a_fact_that_another_copy_got_holds_nobody_back_for_long(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.probe.deliver(desk.draft("Olá!"))

    async def away(*_: Any) -> set[str]:
        raise Unavailable("the database")

    monkeypatch.setattr(Deliveries, "conversations", away)
    with pytest.raises(Unavailable):
        await desk.probe.deliver(desk.echo("Oi, aqui é a Carla", "3AF", origin="phone"))
    monkeypatch.undo()
    desk.clock.on(seconds=61)
    await desk.run()
    assert await desk.outside.phone() == ["Olá!"]


async def test_a_take_over_wakes_what_waits_for_its_next_attempt(desk: Any) -> None:
    await desk.outside.breaks("connection_closed")
    await desk.say("um")
    await desk.take_over()
    await desk.run()
    assert reasons(desk) == ["taken_over"]


async def test_a_take_over_of_one_person_leaves_others_alone(desk: Any, helpers: Any) -> None:
    await desk.take_over(helpers.BIA)
    await desk.say("Olá!")
    assert await desk.outside.phone() == ["Olá!"]


async def test_what_staff_write_goes_out_as_it_is_and_takes_the_conversation(desk: Any) -> None:
    await desk.probe.deliver(desk.draft("da assistente"))
    await desk.probe.deliver(desk.staff_reply("Oi! **aqui** é a _Carla_"))
    await desk.run()
    assert await desk.outside.phone() == ["Oi! **aqui** é a _Carla_"]
    assert reasons(desk) == ["taken_over"]
    (said,) = desk.probe.of(ReplyDelivered)
    assert said.turn_id is None


async def test_staff_are_not_kept_waiting_by_a_message_of_which_nobody_knows(desk: Any) -> None:
    await desk.outside.breaks("http_500")
    await desk.say("um", "dois")
    await desk.probe.deliver(desk.staff_reply("Oi!"))
    await desk.run()
    assert await desk.outside.phone() == ["Oi!"]
    await desk.wait(50)
    assert await desk.outside.phone() == ["Oi!"]  # the absent one is not sent again behind the unit's back
    assert reasons(desk) == ["taken_over"]


async def test_a_message_of_staff_of_which_nobody_knows_keeps_their_next_one_waiting(open_desk: Any) -> None:
    async with open_desk(resend_after_s=5) as desk:
        await desk.outside.breaks("http_500")
        await desk.probe.deliver(desk.staff_reply("um"))
        await desk.run()
        await desk.probe.deliver(desk.staff_reply("dois"))
        await desk.run()
        assert await desk.outside.phone() == []
        await desk.wait(7)
        assert await desk.outside.phone() == ["um", "dois"]


async def test_a_conversation_that_is_given_back_is_the_assistants(desk: Any) -> None:
    await desk.take_over()
    await desk.release()
    await desk.say("Olá de novo!")
    assert await desk.outside.phone() == ["Olá de novo!"]


async def test_what_was_drafted_before_a_take_over_stays_dropped_after_the_release(desk: Any) -> None:
    event = desk.draft("velha")
    await desk.take_over()
    await desk.release()
    await desk.probe.deliver(event)
    await desk.run()
    assert await desk.outside.messages() == []


async def test_after_twelve_hours_only_dialogue_decides(desk: Any) -> None:
    await desk.take_over()
    desk.clock.on(seconds=12 * 3600 - 60)
    await desk.say("ainda não")
    desk.clock.on(seconds=120)
    await desk.say("agora sim")
    assert await desk.outside.phone() == ["agora sim"]


@pytest.mark.parametrize("handoff_first", [True, False])
async def test_the_words_of_a_handoff_go_out_whichever_comes_first(desk: Any, handoff_first: bool) -> None:
    before = desk.draft("uma resposta")
    desk.clock.on(seconds=1)
    reply, handoff = desk.draft("Vou passar para a unidade.", purpose="handoff"), desk.handoff()
    for event in (handoff, reply, before) if handoff_first else (reply, before, handoff):
        await desk.probe.deliver(event)
    await desk.run()
    await desk.say("não devia sair")
    assert await desk.outside.phone() == ["uma resposta", "Vou passar para a unidade."]
    assert reasons(desk) == ["taken_over"]


async def test_the_words_of_a_handoff_do_not_go_out_once_staff_are_there(desk: Any) -> None:
    await desk.probe.deliver(desk.handoff())
    await desk.probe.deliver(desk.draft("Vou passar para a unidade.", purpose="handoff"))
    await desk.take_over()
    await desk.run()
    assert await desk.outside.messages() == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_facts_about_the_owner_may_come_in_any_order(desk: Any, order: tuple[int, ...]) -> None:
    moments = [desk.clock() + timedelta(seconds=second) for second in range(3)]
    subject = conversation_id("+5551991234501")
    facts = [StaffTookOver(by="a"), StaffReleased(by="a"), StaffTookOver(by="b")]
    for number in order:
        await desk.probe.deliver(an_event(facts[number], subject=subject, at=moments[number]))
    desk.clock.on(seconds=5)
    await desk.say("Olá!")
    assert await desk.outside.messages() == []


async def test_somebody_who_types_on_the_units_phone_takes_over(desk: Any) -> None:
    await desk.probe.deliver(desk.draft("Olá!"))
    await desk.probe.deliver(desk.echo("Oi, é a Carla", "3A77", origin="phone"))
    await desk.run()
    assert await desk.outside.messages() == []
    assert reasons(desk) == ["taken_over"]


async def test_typing_into_a_chat_that_goes_by_a_lid_takes_over_the_person(desk: Any, helpers: Any) -> None:
    lid = "200000000000001@lid"
    await desk.say("Olá!", contact=helpers.a_contact(lid=lid))
    typed = desk.echo("Oi", "3A78", origin="phone", address=Address(jid=lid, lid=lid))
    await desk.probe.deliver(typed.model_copy(update={"subject": conversation_id(lid)}))
    await desk.say("mais uma")
    assert await desk.outside.phone() == ["Olá!"]


async def test_an_old_message_of_the_unit_does_not_take_back_what_was_released(desk: Any) -> None:
    typed_at = desk.clock() - timedelta(minutes=5)
    await desk.take_over()
    await desk.release()
    await desk.probe.deliver(desk.echo("Oi", "3A79", origin="phone", sent_at=typed_at))
    await desk.say("Olá!")
    assert await desk.outside.phone() == ["Olá!"]


async def test_a_take_over_under_one_name_counts_under_the_other_once_they_are_known_to_be_one(desk: Any) -> None:
    lid = "190000000000017@lid"
    by_lid = Address(jid=lid, lid=lid)
    typed = desk.echo("Oi, aqui é a Marta", "3A01", origin="phone", address=by_lid)
    await desk.probe.deliver(typed.model_copy(update={"subject": conversation_id(lid)}))
    event = desk.draft("um")
    contact = event.data.contact
    address = contact.address.model_copy(update={"lid": lid})
    merged = ContactsMerged(merged=conversation_id(lid), contact=contact.model_copy(update={"address": address}))
    fact = an_event(merged, subject=event.subject, at=desk.clock())
    await desk.probe.deliver(fact)
    await desk.probe.deliver(fact)
    await desk.probe.deliver(event.model_copy(update={"time": typed.time - timedelta(seconds=5)}))
    await desk.run()
    assert await desk.outside.messages() == []
    assert reasons(desk) == ["taken_over"]
