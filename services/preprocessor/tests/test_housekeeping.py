"""Who is silent for a year is forgotten, and so are names that lead to nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.errors import Unavailable
from chassis.testing import an_event
from contracts import conversation_id
from contracts.ingress import Address, ChannelKey, MessageReceived, NamesSeen
from preprocessor_service import housekeeping

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]

PHONE, LID = "+5551998765432", "188888888888@lid"
BOTH = Address(jid=LID, phone=PHONE, lid=LID)


async def write(running: Any, clock: Any, address: Address = BOTH) -> None:
    key = ChannelKey(instance="kumon", id=uuid4().hex)
    message = MessageReceived(key=key, address=address, profile_name="Ana", kind="text", text="oi", sent_at=clock())
    await running.probe.deliver(an_event(message, subject=conversation_id(PHONE), at=clock()))


async def known(running: Any) -> tuple[int, int]:
    """Return how many contacts and aliases are left."""
    await running.reception.forget()
    count = "select (select count(*) from contacts), (select count(*) from aliases)"
    return tuple(await running.store.pool.fetchrow(count))


async def test_somebody_who_is_silent_for_a_year_is_forgotten(start: Start, clock: Any) -> None:
    running = await start(most=0)
    await write(running, clock)
    clock.on(days=364)
    assert await known(running) == (1, 1)
    await write(running, clock)
    clock.on(days=364)
    assert await known(running) == (1, 1), "the second message began a year anew"
    clock.on(days=1)
    assert await known(running) == (0, 0)


async def test_names_of_somebody_who_never_wrote_are_forgotten_too(start: Start, clock: Any) -> None:
    running = await start(most=0)
    seen = an_event(NamesSeen(address=BOTH), subject=conversation_id(PHONE), at=clock())
    await running.probe.deliver(seen)
    clock.on(days=364)
    assert await known(running) == (0, 1)
    clock.on(days=1)
    assert await known(running) == (0, 0)


async def test_names_of_somebody_who_still_writes_are_kept(start: Start, clock: Any) -> None:
    running = await start(most=0)
    await write(running, clock)
    clock.on(days=300)
    await write(running, clock, Address(jid=f"{PHONE[1:]}@s.whatsapp.net", phone=PHONE))
    clock.on(days=100)
    assert await known(running) == (1, 1)


async def test_a_timer_that_an_earlier_release_armed_goes(start: Start, clock: Any) -> None:
    running = await start(most=0)
    await write(running, clock)
    async with running.store.unit() as tx:
        await tx.wake("forget_contact", key=conversation_id(PHONE), due_at=clock() + timedelta(days=1))
    clock.on(days=1)
    assert await running.probe.fire_due(clock()) == 1
    assert await running.store.pool.fetchval("select count(*) from timer") == 0
    assert await known(running) == (1, 1)


async def test_it_goes_on_after_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "EVERY_S", 0.0)
    tried = asyncio.Queue[None]()

    class Away:
        async def forget(self) -> None:
            tried.put_nowait(None)
            raise Unavailable("PostgreSQL")

    forgetting = asyncio.create_task(housekeeping.forget_for_ever(Away()))  # type: ignore[arg-type]  # all that it uses
    async with asyncio.timeout(10):
        await tried.get()
        await tried.get()
    forgetting.cancel()
