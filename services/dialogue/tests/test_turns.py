"""A turn is worked once, whoever dies, races or is away meanwhile."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from chassis.clock import now
from chassis.errors import DeadlineExceeded, Unavailable
from contracts import conversation_id
from contracts.calendar import Availability
from contracts.dialogue import HandoffRequested, LeadUpdated, ReplyProposed
from contracts.ingress import Address
from contracts.llm_gateway import Complete, Completion
from contracts.preprocessor import Contact
from contracts.rules import Assess
from dialogue_service import store
from dialogue_service.turns import AT_ONCE
from dialogue_service.understanding import understand

pytestmark = pytest.mark.stores
Copy = Callable[..., Any]


async def test_the_reply_carries_what_review_and_sending_need(dialogue: Any) -> None:
    (reply,) = await dialogue.says("quanto custa?")
    assert reply.composed_at == dialogue.clock()
    assert reply.policy.expires_at == dialogue.clock() + timedelta(minutes=30)
    assert reply.contact.phone == "+5551999990000"
    assert reply.bubbles
    assert dialogue.closed[0].facts_version == "0123456789ab"


async def test_a_reply_follows_the_one_before_while_that_may_be_on_its_way(dialogue: Any) -> None:
    replies = [*await dialogue.says("oi"), *await dialogue.says("quanto custa?"), *await dialogue.says("obrigada")]
    assert [reply.follows for reply in replies] == [None, replies[0].reply_id, replies[1].reply_id]
    dialogue.clock.at = replies[2].policy.expires_at
    (late,) = await dialogue.says("qual o endereço?")
    assert late.follows is None


async def test_what_was_worked_again_follows_what_was_said_meanwhile(dialogue: Any, copy: Copy) -> None:
    """Two copies work at once: of what the slower one loses to the faster, it thinks again."""
    other = await copy(burst_window_s=0)
    (first,) = await dialogue.says("oi")
    asking = [dialogue.message("quanto custa?")]

    async def assess() -> Any:
        if asking:
            await other.probe.deliver(asking.pop())
        return dialogue.assessment()

    dialogue.answers_slowly(Assess, assess)
    await dialogue.writes("qual o endereço?")
    await dialogue.passes(seconds=10)
    made = sorted([*dialogue.proposals, *other.proposals], key=lambda reply: reply.composed_at)
    assert [reply.follows for reply in made] == [None, *(reply.reply_id for reply in made[:-1])]
    assert made[0] == first


async def test_a_conversation_that_the_version_before_kept_says_what_follows_nothing(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.probe.store.pool.execute("update conversations set state = state - 'last_reply'")
    (reply,) = await dialogue.says("quanto custa?")
    assert reply.follows is None


async def test_the_reply_says_since_when_it_is_waited_for(dialogue: Any) -> None:
    await dialogue.writes("oi")
    dialogue.clock.on(seconds=1)
    written_at = dialogue.clock()
    await dialogue.writes("quanto custa?")
    await dialogue.passes(seconds=2)
    (reply,) = dialogue.proposals
    assert reply.last_inbound_at == written_at < dialogue.clock()


async def test_a_newer_message_during_a_turn_cancels_its_draft_and_joins_it(dialogue: Any) -> None:
    (first,) = await dialogue.writes("oi")
    newer = [dialogue.message("quanto custa?")]

    async def assess() -> Any:
        if newer:
            await dialogue.probe.deliver(newer.pop())
        return dialogue.assessment()

    (second,) = newer
    dialogue.answers_slowly(Assess, assess)
    await dialogue.passes(seconds=3)
    assert dialogue.proposals == dialogue.closed == []
    await dialogue.passes(seconds=2)
    (reply,) = dialogue.proposals
    assert reply.answers == (first.data.key, second.data.key)
    assert [each.messages for each in dialogue.closed] == [(first.id, second.id)]


async def test_a_crash_between_commit_and_publish_leaves_one_reply(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    dialogue.probe.broker_away = True
    dialogue.clock.on(seconds=5)
    await dialogue.probe.fire("turn", dialogue.ana)
    assert dialogue.proposals == []
    dialogue.probe.broker_away = False
    for _ in range(2):
        await dialogue.probe.fire_due(now() + timedelta(minutes=1))  # what is due now is so by the machine's clock
    assert (len(dialogue.proposals), len(dialogue.closed)) == (1, 1)


async def test_a_crash_before_the_commit_has_the_same_turn_worked_again(dialogue: Any, monkeypatch: Any) -> None:
    await dialogue.writes("quanto custa?")
    dialogue.clock.on(seconds=5)
    with monkeypatch.context() as dying:
        dying.setattr("chassis.store.Store.once", killed)
        with pytest.raises(KeyboardInterrupt):
            await dialogue.probe.fire("turn", dialogue.ana)
    assert dialogue.probe.published == []
    await dialogue.passes(seconds=5)
    (reply,), (closed,) = dialogue.proposals, dialogue.closed
    assert reply.turn_id == closed.turn_id


async def killed(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


async def test_a_turn_that_is_worked_twice_has_the_same_ids(dialogue: Any, copy: Copy) -> None:
    (event,) = await dialogue.writes("quanto custa?")
    await dialogue.passes(seconds=5)
    await dialogue.probe.store.pool.execute("delete from mailbox; delete from conversations; delete from inbox")
    again = await copy(burst_window_s=0)
    await again.probe.deliver(event)

    def ids(copy: Any) -> list[Any]:
        return sorted(each.id for each in copy.probe.published)

    assert ids(again) == ids(dialogue)
    assert again.proposals[0].reply_id == dialogue.proposals[0].reply_id


async def test_two_copies_that_race_give_one_reply(copy: Copy) -> None:
    copies = [await copy(), await copy()]
    await copies[0].writes("oi", "quanto custa?")
    both_ask = asyncio.Barrier(2)

    def meets(rounds: list[asyncio.Barrier]) -> Callable[[], Any]:
        async def assess() -> Any:
            if rounds:
                async with asyncio.timeout(5):
                    await rounds.pop().wait()
            return copies[0].assessment()

        return assess

    for each in copies:
        each.answers_slowly(Assess, meets([both_ask]))
    copies[0].clock.on(seconds=2)
    await asyncio.gather(*(each.probe.fire("turn", each.ana) for each in copies))
    assert sum(len(each.proposals) for each in copies) == 1
    assert sum(len(each.closed) for each in copies) == 1


async def test_while_rules_are_away_a_turn_waits_and_is_then_answered_once(dialogue: Any) -> None:
    (event,) = await dialogue.writes("quanto custa?")
    for error in (Unavailable("rules are away"), DeadlineExceeded("rules are slow")):
        dialogue.probe.answer(Assess, error)
        dialogue.clock.on(seconds=30)
        with pytest.raises(type(error)):
            await dialogue.probe.fire_due(dialogue.clock())
    assert dialogue.probe.published == []
    dialogue.probe.answer(Assess, dialogue.assessment())
    await dialogue.passes(seconds=30)
    await dialogue.passes(seconds=30)
    assert [reply.answers for reply in dialogue.proposals] == [(event.data.key,)]
    assert len(dialogue.closed) == 1


async def test_whoever_waited_for_long_gets_an_apology(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    dialogue.clock.on(hours=1)
    await dialogue.probe.fire_due(dialogue.clock())
    assert any("apology" in (bubble.template or "") for bubble in dialogue.proposals[0].bubbles)


async def test_without_a_calendar_the_conversation_goes_to_the_unit(dialogue: Any) -> None:
    dialogue.probe.answer(Availability, Unavailable("the calendar is away"))
    (reply,) = await dialogue.says("quero visitar")
    assert len([each for each in dialogue.probe.asked if isinstance(each, Availability)]) > 1
    assert reply.purpose == "handoff"
    (handoff,) = dialogue.probe.of(HandoffRequested)
    assert (handoff.reason, handoff.pack.lead.phone) == ("failure", "+5551999990000")
    assert [(each.outcome, each.reason) for each in dialogue.closed] == [("handed_over", "failure")]


async def test_a_calendar_that_comes_back_in_time_is_asked_again(copy: Copy) -> None:
    dialogue = await copy(understand, turn_deadline_s=8)
    offer, away = dialogue.offer(), [Unavailable("restarting"), Unavailable("restarting")]

    async def available() -> Any:
        if away:
            raise away.pop()
        return offer

    dialogue.answers_slowly(Availability, available)
    (reply,) = await dialogue.says("quero visitar")
    assert reply.offered_slots == offer.slots
    assert dialogue.probe.of(HandoffRequested) == []


async def test_our_own_mistake_gives_the_conversation_to_the_unit(dialogue: Any, monkeypatch: Any) -> None:
    def mistaken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dialogue_service.mind.decide", mistaken)
    (reply,) = await dialogue.says("quanto custa?")
    assert reply.purpose == "handoff"
    assert [each.reason for each in dialogue.probe.of(HandoffRequested)] == ["failure"]
    assert [(each.outcome, each.reason) for each in dialogue.closed] == [("handed_over", "failure")]


async def test_a_handoff_brings_the_unit_a_pack(dialogue: Any) -> None:
    verdict = {"handoff": True, "reason": "person_request"}
    dialogue.probe.answer(Assess, dialogue.assessment(verdict=verdict))
    await dialogue.says("quero falar com uma pessoa")
    (handoff,) = dialogue.probe.of(HandoffRequested)
    assert handoff.reason == "person_request"
    assert 1 <= len(handoff.pack.summary) <= 5
    assert handoff.pack.suggested_reply
    assert (await dialogue.state())["owner"] == "unit"


async def test_the_contact_of_the_latest_message_is_answered(dialogue: Any) -> None:
    await dialogue.says("oi")
    renamed = Contact(phone="+5551999990000", address=dialogue.address, profile_name="Ana")
    await dialogue.probe.deliver(dialogue.message("quanto custa?", contact=renamed))
    await dialogue.passes(seconds=5)
    assert dialogue.proposals[-1].contact.profile_name == "Ana"


async def test_without_a_window_a_message_is_answered_at_once(copy: Copy) -> None:
    dialogue = await copy(burst_window_s=0)
    published = await dialogue.probe.deliver(dialogue.message("quanto custa?"))
    assert isinstance(published[0].data, ReplyProposed), "the reply goes first, somebody waits for it"
    assert len(dialogue.closed) == 1
    assert await dialogue.probe.store.pool.fetchval("select count(*) from timer") == 0


async def test_without_a_window_a_redelivered_message_is_worked_if_it_was_not(copy: Copy, monkeypatch: Any) -> None:
    dialogue = await copy(burst_window_s=0)
    event = dialogue.message("quanto custa?")
    with monkeypatch.context() as dying:
        dying.setattr("chassis.store.Store.once", killed)
        with pytest.raises(KeyboardInterrupt):
            await dialogue.probe.deliver(event)
    assert dialogue.probe.published == []
    await dialogue.probe.deliver(event)
    await dialogue.probe.deliver(event)
    assert (len(dialogue.proposals), len(dialogue.closed)) == (1, 1)


async def test_without_a_window_a_turn_that_cannot_be_worked_waits_for_its_timer(copy: Copy) -> None:
    dialogue = await copy(burst_window_s=0)
    dialogue.probe.answer(Assess, Unavailable("rules are away"))
    await dialogue.probe.deliver(dialogue.message("quanto custa?"))
    assert dialogue.probe.published == []
    dialogue.probe.answer(Assess, dialogue.assessment())
    await dialogue.passes(seconds=1)
    assert (len(dialogue.proposals), len(dialogue.closed)) == (1, 1)


async def test_without_a_window_many_at_once_are_each_answered_once(copy: Copy) -> None:
    copies = [await copy(burst_window_s=0), await copy(burst_window_s=0)]
    events = [copies[0].message("quanto custa?") for _ in range(8)]
    deliveries = [(copies[nth % 2], event) for nth, event in enumerate(events)] + [(copies[0], events[1])]
    await asyncio.gather(*(each.probe.deliver(event) for each, event in deliveries))
    for each in copies:
        await each.passes(seconds=2)
    closed = [message for each in copies for turn in each.closed for message in turn.messages]
    answered = [key.id for each in copies for reply in each.proposals for key in reply.answers]
    assert sorted(closed) == sorted(event.id for event in events)
    assert sorted(answered) == sorted(event.data.key.id for event in events)


async def test_without_a_window_a_later_message_is_not_answered_before_an_earlier_one(
    copy: Copy, monkeypatch: Any
) -> None:
    dialogue = await copy(burst_window_s=0)
    first, second = dialogue.message("quanto custa?"), dialogue.message("onde fica?")
    enter = store.enter_in_passing

    async def held_up(where: Any, event: Any, now: Any) -> Any:
        """Let the second pass if it can while the database keeps the first waiting."""
        if event.id == first.id:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.3):
                    while second.data.key.id not in answered():
                        await asyncio.sleep(0.01)
        return await enter(where, event, now)

    def answered() -> list[str]:
        return [key.id for reply in dialogue.proposals for key in reply.answers]

    monkeypatch.setattr(store, "enter_in_passing", held_up)
    await asyncio.gather(*(dialogue.probe.deliver(each) for each in (first, second)))
    assert answered() == [first.data.key.id, second.data.key.id]


async def test_a_turn_without_a_window_takes_few_statements(copy: Copy) -> None:
    dialogue = await copy(burst_window_s=0)
    await dialogue.probe.deliver(dialogue.message("oi"))
    statements: list[str] = []
    pool = dialogue.probe.store.pool
    connections = [holder._con for holder in pool._pool._holders if holder._con]
    for connection in connections:
        connection.add_query_logger(lambda record: statements.append(record.query))
    await dialogue.probe.deliver(dialogue.message("quanto custa?"))
    assert len(dialogue.proposals) == 2
    ours = [each for each in statements if "pg_advisory_unlock_all" not in each]
    assert len(ours) <= 5, ours


async def test_a_new_session_greets_again_and_keeps_what_was_told(dialogue: Any) -> None:
    await dialogue.says("oi")
    session = (await dialogue.state())["session_at"]
    await dialogue.passes(hours=1)
    await dialogue.says("oi")
    assert (await dialogue.state())["session_at"] == session
    await dialogue.passes(hours=3)
    await dialogue.says("oi")
    assert (await dialogue.state())["session_at"] != session
    assert (await dialogue.state())["lead"]["phone"] == "+5551999990000"
    assert dialogue.probe.of(LeadUpdated) == []


async def test_the_real_reader_is_what_a_turn_is_read_with(copy: Copy) -> None:
    dialogue = await copy(understand)
    await dialogue.says("Oi, boa tarde! Quanto custa a mensalidade?")
    assert "ask_price" in dialogue.closed[0].intents
    assert "R$ 375,00" in " ".join(bubble.text for bubble in dialogue.proposals[0].bubbles)


async def test_of_many_conversations_only_so_many_are_worked_at_a_time(copy: Copy) -> None:
    """Hundreds together would share the processor, and each run out of its time."""
    dialogue = await copy(burst_window_s=0)
    working, full = 0, asyncio.Event()

    async def slowly() -> Any:
        nonlocal working
        working += 1
        assert working <= AT_ONCE
        if working == AT_ONCE:
            full.set()
        await full.wait()
        working -= 1
        return dialogue.assessment()

    dialogue.answers_slowly(Assess, slowly)
    phones = [f"+55519{number:08}" for number in range(AT_ONCE + 8)]
    contacts = [Contact(phone=phone, address=Address(jid=f"{phone[1:]}@s.whatsapp.net")) for phone in phones]
    messages = [
        dialogue.message("oi", contact=contact).model_copy(update={"subject": conversation_id(phone)})
        for phone, contact in zip(phones, contacts, strict=True)
    ]
    async with asyncio.timeout(30):
        await asyncio.gather(*map(dialogue.probe.deliver, messages))
    assert len(dialogue.closed) == len(phones)
    assert {each.outcome for each in dialogue.closed} == {"replied"}


async def test_without_a_provider_the_model_is_asked_once_and_the_turn_says_so(copy: Copy) -> None:
    dialogue = await copy(understand, turn_deadline_s=8)
    dialogue.probe.answer(Complete, Completion(refusal="no_provider"))
    await dialogue.says("tem que usar uniforme?")
    await dialogue.says("e avental, tem que usar?")
    assert [turn.route for turn in dialogue.closed] == ["fallback", "fallback"]
    assert dialogue.closed[0].reason == "no_provider"
    assert len([asked for asked in dialogue.probe.asked if isinstance(asked, Complete)]) == 1
