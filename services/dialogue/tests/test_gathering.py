"""From messages to turns: bursts, typing, order, changes of mind."""

import asyncio
import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from chassis.testing import an_event
from contracts.dialogue import TurnOpened
from contracts.ingress import ChannelKey, MessageDeleted, MessageEdited, ParentTyping
from contracts.rules import Assess
from dialogue_service.store import LostRace, enter_in_passing, load, save

pytestmark = pytest.mark.stores


def edited(dialogue: Any, key: str, text: str) -> Any:
    fact = MessageEdited(
        key=ChannelKey(instance="kumon", id=key), address=dialogue.address, text=text, edited_at=dialogue.clock()
    )
    return an_event(fact, subject=dialogue.ana, at=dialogue.clock())


def deleted(dialogue: Any, key: str) -> Any:
    fact = MessageDeleted(key=ChannelKey(instance="kumon", id=key), address=dialogue.address)
    return an_event(fact, subject=dialogue.ana, at=dialogue.clock())


async def asked_about(dialogue: Any) -> list[tuple[str, ...]]:
    return [question.intents for question in dialogue.probe.asked if isinstance(question, Assess)]


async def test_a_burst_of_three_gets_one_reply(dialogue: Any) -> None:
    events = await dialogue.writes("oi", "quanto custa?", "qual o endereço?")
    assert dialogue.proposals == []
    await dialogue.passes(seconds=3)
    (reply,) = dialogue.proposals
    assert reply.answers == tuple(event.data.key for event in events)
    assert reply.instance == "kumon"
    (closed,) = dialogue.closed
    assert closed.messages == tuple(event.id for event in events)
    assert (closed.outcome, closed.intents) == ("replied", ("greeting", "ask_price", "ask_address"))
    assert closed.window_s == pytest.approx(6)
    assert reply.turn_id == closed.turn_id
    assert dialogue.probe.of(TurnOpened) == []


async def test_a_complete_message_waits_a_second_and_a_greeting_three(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    await dialogue.passes(seconds=0.1)
    assert dialogue.proposals == []
    await dialogue.passes(seconds=0.2)
    assert len(dialogue.proposals) == 1
    await dialogue.writes("oi")
    await dialogue.passes(seconds=1.9)
    assert len(dialogue.proposals) == 1
    await dialogue.passes(seconds=0.2)
    assert len(dialogue.proposals) == 2


async def test_a_reply_waits_for_somebody_who_is_typing(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    typing = an_event(ParentTyping(address=dialogue.address, typing=True), subject=dialogue.ana)
    await dialogue.probe.deliver(typing)
    await dialogue.passes(seconds=2.9)
    assert dialogue.proposals == []
    await dialogue.passes(seconds=0.2)
    assert len(dialogue.proposals) == 1


async def test_typing_without_a_message_wakes_nobody(dialogue: Any) -> None:
    await dialogue.probe.deliver(an_event(ParentTyping(address=dialogue.address, typing=True), subject=dialogue.ana))
    assert await dialogue.probe.fire_due(dialogue.clock() + timedelta(minutes=1)) == 0


async def test_typing_under_the_other_name_of_the_conversation_counts(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    await dialogue.probe.deliver(an_event(ParentTyping(address=dialogue.address, typing=True), subject=dialogue.by_lid))
    await dialogue.passes(seconds=2)
    assert dialogue.proposals == []


async def test_a_turn_reads_messages_in_the_order_in_which_they_were_sent(dialogue: Any) -> None:
    later = dialogue.message("qual o endereço?", sent_at=dialogue.clock() + timedelta(seconds=2))
    earlier = dialogue.message("quanto custa?", sent_at=dialogue.clock())
    for event in (later, earlier):
        await dialogue.probe.deliver(event)
    await dialogue.passes(seconds=5)
    (closed,) = dialogue.closed
    assert closed.messages == (earlier.id, later.id)
    assert await asked_about(dialogue) == [("ask_price", "ask_address")]


async def test_of_messages_sent_in_one_second_the_first_to_reach_us_is_first(dialogue: Any) -> None:
    received = [dialogue.clock() + timedelta(milliseconds=each) for each in (3, 1, 2, 3)]
    texts = ("qual o endereço?", "oi", "quanto custa?", "obrigada")
    events = [dialogue.message(text, received_at=at) for text, at in zip(texts, received, strict=True)]
    for event in events:
        await dialogue.probe.deliver(event)
    await dialogue.passes(seconds=5)
    assert dialogue.closed[0].messages == tuple(events[nth].id for nth in (1, 2, 0, 3))


async def test_a_duplicate_delivery_changes_nothing(dialogue: Any) -> None:
    (event,) = await dialogue.writes("quanto custa?")
    before = await dialogue.probe.store.pool.fetch("select * from timer")
    await dialogue.probe.deliver(event)
    assert await dialogue.probe.store.pool.fetch("select * from timer") == before
    await dialogue.passes(seconds=5)
    assert await dialogue.probe.deliver(event) == []
    await dialogue.passes(seconds=5)
    assert (len(dialogue.proposals), len(dialogue.closed)) == (1, 1)


async def test_an_edited_message_is_read_as_it_is_now(dialogue: Any) -> None:
    (event,) = await dialogue.writes("oi")
    await dialogue.probe.deliver(edited(dialogue, event.data.key.id, "quanto custa?"))
    await dialogue.passes(seconds=5)
    assert await asked_about(dialogue) == [("ask_price",)]
    assert len(dialogue.proposals) == 1


async def test_an_edit_may_come_before_its_message(dialogue: Any) -> None:
    await dialogue.probe.deliver(edited(dialogue, "3A0001", "quanto custa?"))
    await dialogue.says("oi")
    assert await asked_about(dialogue) == [("ask_price",)]


async def test_of_two_edits_the_later_counts_in_whatever_order_they_come(dialogue: Any) -> None:
    await dialogue.writes("oi")
    first = edited(dialogue, "3A0001", "obrigada")
    dialogue.clock.on(seconds=0.5)
    for event in (edited(dialogue, "3A0001", "quanto custa?"), first):
        await dialogue.probe.deliver(event)
    await dialogue.passes(seconds=5)
    assert await asked_about(dialogue) == [("ask_price",)]


async def test_an_edit_after_the_answer_changes_nothing(dialogue: Any) -> None:
    await dialogue.says("quanto custa?")
    await dialogue.probe.deliver(edited(dialogue, "3A0001", "qual o endereço?"))
    await dialogue.passes(minutes=1)
    assert (len(dialogue.proposals), len(dialogue.closed)) == (1, 1)
    assert await dialogue.probe.store.pool.fetchval("select count(*) from amendments") == 0


async def test_a_deleted_message_is_closed_and_the_rest_is_answered(dialogue: Any) -> None:
    gone, kept = await dialogue.writes("quero falar com uma pessoa", "quanto custa?")
    await dialogue.probe.deliver(deleted(dialogue, gone.data.key.id))
    await dialogue.passes(seconds=5)
    assert await asked_about(dialogue) == [("ask_price",)]
    ends = {each.messages: (each.outcome, each.reason) for each in dialogue.closed}
    assert ends == {(kept.id,): ("replied", None), (gone.id,): ("ignored", "deleted")}
    assert [reply.answers for reply in dialogue.proposals] == [(kept.data.key,)]


async def test_when_everything_was_taken_back_nobody_is_asked_and_nothing_said(dialogue: Any) -> None:
    await dialogue.probe.deliver(deleted(dialogue, "3A0001"))
    (event,) = await dialogue.writes("oi")
    await dialogue.passes(seconds=5)
    assert dialogue.proposals == dialogue.probe.asked == []
    assert [(each.messages, each.outcome, each.reason) for each in dialogue.closed] == [
        ((event.id,), "ignored", "deleted")
    ]


async def test_an_edit_during_a_turn_has_it_done_again(dialogue: Any) -> None:
    await dialogue.writes("oi")
    probe, edits = dialogue.probe, [edited(dialogue, "3A0001", "quanto custa?")]

    async def assess() -> Any:
        if edits:
            await probe.deliver(edits.pop())
        return dialogue.assessment()

    dialogue.answers_slowly(Assess, assess)
    await dialogue.passes(seconds=5)
    assert await asked_about(dialogue) == [("greeting",), ("ask_price",)]
    assert [each.intents for each in dialogue.closed] == [("ask_price",)]
    assert len(dialogue.proposals) == 1


async def test_a_message_that_comes_while_a_turn_is_saved_does_not_bring_its_letters_back(copy: Any) -> None:
    dialogue = await copy(burst_window_s=0)
    store = dialogue.probe.store
    first, second = dialogue.message("oi"), dialogue.message("quanto custa?")
    mail = await enter_in_passing(store, first, dialogue.clock())
    async with store.unit() as tx:
        await save(tx, mail, mail.current(), unsaid=(), ended=[mail.live])
        entering = asyncio.create_task(enter_in_passing(store, second, dialogue.clock()))
        async with asyncio.timeout(5):
            while not await store.pool.fetchval(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            ):
                await asyncio.sleep(0.01)
    assert [letter.event.id for letter in (await entering).letters] == [second.id]


async def test_a_letter_that_has_a_turn_gets_no_other(copy: Any) -> None:
    dialogue = await copy()
    store = dialogue.probe.store
    await dialogue.writes("oi")
    mail = await load(store.pool, dialogue.ana)
    async with store.unit() as tx:
        await save(tx, mail, mail.current(), unsaid=(), ended=[mail.live])
    stale = dataclasses.replace(mail, version=mail.version + 1)
    with pytest.raises(LostRace):
        async with store.unit() as tx:
            await save(tx, stale, stale.current(), unsaid=(), ended=[stale.live])
