"""A LID and a phone turn out to be one person: their two conversations go on as one."""

from typing import Any

import pytest
from chassis.testing import an_event
from contracts import conversation_id
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import Lead, LeadUpdated, Slot
from contracts.frontdesk import StaffTookOver
from contracts.ingress import Address, ChannelKey, MessageEchoed
from contracts.preprocessor import Contact, ContactsMerged
from contracts.privacy import ErasureRequested
from contracts.rules import Assess

pytestmark = pytest.mark.stores
LID = "200000000000009@lid"
BY_LID = conversation_id(LID)
ALONE = Contact(phone=None, address=Address(jid=LID, lid=LID))


async def by_lid(dialogue: Any, text: str, *, seconds: float = 10) -> None:
    event = dialogue.message(text, contact=ALONE)
    await dialogue.probe.deliver(event.model_copy(update={"subject": BY_LID}))
    await dialogue.passes(seconds=seconds)


def merging(dialogue: Any) -> Any:
    address = dialogue.address.model_copy(update={"lid": LID})
    contact = dialogue.contact.model_copy(update={"address": address})
    return an_event(ContactsMerged(merged=BY_LID, contact=contact), subject=dialogue.ana, at=dialogue.clock())


async def tell(dialogue: Any, conversation: str, **lead: Any) -> None:
    """Know something of a lead, as if it had been told."""
    patch = "update conversations set state = jsonb_set(state, '{lead}', (state->'lead') || $2) where id = $1"
    await dialogue.probe.store.pool.execute(patch, conversation, lead)


async def conversations(dialogue: Any) -> list[str]:
    return [row["id"] for row in await dialogue.probe.store.pool.fetch("select id from conversations")]


async def test_what_was_told_under_either_name_is_known_and_both_are_kept_as_they_were(dialogue: Any) -> None:
    await by_lid(dialogue, "oi")
    await dialogue.says("oi")
    await tell(dialogue, BY_LID, parent_name="Ana", email="ana@example.com")
    await tell(dialogue, dialogue.ana, parent_name="Ana Souza")
    event = merging(dialogue)
    await dialogue.probe.deliver(event)
    await dialogue.probe.deliver(event)
    assert await conversations(dialogue) == [dialogue.ana]
    lead = (await dialogue.state())["lead"]
    assert (lead["parent_name"], lead["email"]) == ("Ana Souza", "ana@example.com")
    (told,) = dialogue.probe.of(LeadUpdated)
    assert told.lead.email == "ana@example.com"
    (kept,) = await dialogue.probe.store.pool.fetch("select * from merges")
    assert (kept["merged"], kept["merged_state"]["lead"]["parent_name"]) == (BY_LID, "Ana")
    assert kept["into_state"]["lead"]["parent_name"] == "Ana Souza"


async def test_what_was_said_under_one_name_alone_goes_on_as_it_was(dialogue: Any) -> None:
    await by_lid(dialogue, "oi")
    kept = "select state from conversations"
    before = await dialogue.probe.store.pool.fetchval(kept)
    await dialogue.probe.deliver(merging(dialogue))
    after = await dialogue.probe.store.pool.fetchval(kept)
    assert {**after, "contact": None} == {**before, "contact": None}
    assert after["contact"]["phone"] == dialogue.contact.phone


@pytest.mark.parametrize("by_lid_last", [True, False])
async def test_the_next_reply_follows_the_last_one_under_either_name(dialogue: Any, by_lid_last: bool) -> None:
    names = [lambda: dialogue.says("oi"), lambda: by_lid(dialogue, "oi")]
    for says in names if by_lid_last else reversed(names):
        await says()
    last = dialogue.proposals[-1]
    await dialogue.probe.deliver(merging(dialogue))
    (reply,) = await dialogue.says("quanto custa?")
    assert (last.contact.phone is None, reply.follows) == (by_lid_last, last.reply_id)


async def test_what_waits_under_the_old_name_is_answered_once_under_the_new(dialogue: Any) -> None:
    await by_lid(dialogue, "quanto custa?", seconds=0)
    await dialogue.probe.deliver(merging(dialogue))
    await dialogue.passes(seconds=10)
    await dialogue.passes(seconds=10)
    (reply,) = dialogue.proposals
    assert reply.contact.phone == dialogue.contact.phone or reply.contact.address.lid == LID
    assert await conversations(dialogue) == [dialogue.ana]


async def test_a_turn_that_is_being_worked_meanwhile_is_answered_once(dialogue: Any) -> None:
    await by_lid(dialogue, "quanto custa?", seconds=0)
    merges = [merging(dialogue)]

    async def assess() -> Any:
        if merges:
            await dialogue.probe.deliver(merges.pop())
        return dialogue.assessment()

    dialogue.answers_slowly(Assess, assess)
    await dialogue.passes(seconds=10)
    await dialogue.passes(seconds=10)
    assert len(dialogue.proposals) == 1


async def test_whom_the_unit_serves_under_one_name_it_serves_under_the_other(dialogue: Any) -> None:
    await by_lid(dialogue, "oi")
    await dialogue.probe.deliver(an_event(StaffTookOver(by="Marta"), subject=BY_LID, at=dialogue.clock()))
    await dialogue.probe.deliver(merging(dialogue))
    assert await dialogue.says("quanto custa?") == []


async def test_what_others_say_of_the_old_name_is_heard_by_the_new(dialogue: Any) -> None:
    await by_lid(dialogue, "oi")
    await dialogue.probe.deliver(merging(dialogue))
    slot: Slot = dialogue.slot()
    visit = Visit(id=merging(dialogue).id, slot=slot, status="booked", contact=ALONE, lead=(await lead_of(dialogue)))
    await dialogue.probe.deliver(an_event(BookingConfirmed(visit=visit), subject=BY_LID, at=dialogue.clock()))
    assert (await dialogue.state())["visit"]["slot"]["start"]
    assert await conversations(dialogue) == [dialogue.ana]


async def lead_of(dialogue: Any) -> Any:
    return Lead.model_validate((await dialogue.state())["lead"])


async def test_the_units_word_under_a_name_that_was_learned_before_it_counts(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.probe.deliver(merging(dialogue))
    key = ChannelKey(instance="kumon", id="3AA4C767D71D7B9D1A2B", from_me=True)
    typed = MessageEchoed(key=key, address=ALONE.address, origin="phone", text="Oi", sent_at=dialogue.clock())
    await dialogue.probe.deliver(an_event(typed, subject=BY_LID, at=dialogue.clock()))
    assert await conversations(dialogue) == [dialogue.ana]
    assert await dialogue.says("quanto custa?") == []


async def test_a_merge_of_what_nobody_knows_changes_nothing(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.probe.deliver(merging(dialogue))
    assert len(await dialogue.says("quanto custa?")) == 1
    assert dialogue.probe.of(LeadUpdated) == []


async def test_who_is_forgotten_is_forgotten_as_they_were_before_too(dialogue: Any) -> None:
    await by_lid(dialogue, "oi")
    await dialogue.says("oi")
    await dialogue.probe.deliver(merging(dialogue))
    request = ErasureRequested(phone=dialogue.contact.phone, asked_by="unit")
    await dialogue.probe.deliver(an_event(request, subject=dialogue.ana, at=dialogue.clock()))
    assert await dialogue.probe.store.pool.fetch("select * from merges") == []
