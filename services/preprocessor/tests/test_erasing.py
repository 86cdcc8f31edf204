"""A person who is forgotten is met as somebody new: names, aliases and what was counted are gone."""

from typing import Any
from uuid import uuid4

import pytest
from chassis.testing import an_event
from contracts import conversation_id
from contracts.ingress import Address, ChannelKey, MessageReceived
from contracts.preprocessor import MessageRejected, MessageSanitized
from contracts.privacy import DataErased, ErasureRequested

pytestmark = pytest.mark.stores

PHONE, LID = f"+55519{uuid4().int % 10**8:08d}", "199999999999@lid"  # nobody whom Redis has counted already


def message(clock: Any, number: int) -> Any:
    address = Address(jid=f"{PHONE[1:]}@s.whatsapp.net", phone=PHONE, lid=LID)
    key = ChannelKey(instance="kumon", id=f"3E{number}")
    received = MessageReceived(key=key, address=address, profile_name="Ana", kind="text", text="oi", sent_at=clock())
    return an_event(received, subject=conversation_id(PHONE), at=clock())


async def test_nothing_is_known_of_who_was_forgotten(start: Any, clock: Any) -> None:
    running = await start(most=1)
    for number in range(2):
        await running.probe.deliver(message(clock, number))
    assert [len(running.probe.of(MessageSanitized)), len(running.probe.of(MessageRejected))] == [1, 1]
    request = an_event(ErasureRequested(phone=PHONE, asked_by="unit"), subject=conversation_id(PHONE), at=clock())
    await running.probe.deliver(request)
    await running.probe.deliver(request)
    for table in ("contacts", "aliases"):
        assert await running.store.pool.fetchval(f"select count(*) from {table}") == 0
    (done,) = running.probe.of(DataErased)
    assert (done.owner, done.rows >= 2) == ("preprocessor", True)

    await running.probe.deliver(message(clock, 3))
    again = running.probe.of(MessageSanitized)[-1]
    assert "first_contact" in again.marks, "neither known nor held back by what was counted before"


async def test_a_message_that_is_caught_up_with_once_more_brings_nobody_back(start: Any, clock: Any) -> None:
    running = await start(most=0)
    written = message(clock, 1)
    await running.probe.deliver(written)
    request = an_event(ErasureRequested(phone=PHONE, asked_by="unit"), subject=conversation_id(PHONE), at=clock())
    await running.probe.deliver(request)
    await running.probe.deliver(written)
    assert len(running.probe.of(MessageSanitized)) == 1
    for table in ("contacts", "aliases"):
        assert await running.store.pool.fetchval(f"select count(*) from {table}") == 0
