"""What is forgotten, and what is not."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from dialogue_service.housekeeping import KEEP, keep_house

pytestmark = pytest.mark.stores


async def test_worked_messages_are_forgotten_and_waiting_ones_kept(dialogue: Any) -> None:
    await dialogue.says("oi")
    pool = dialogue.probe.store.pool
    (waiting,) = await dialogue.writes("quanto custa?")
    await pool.execute("insert into amendments values ('kumon', '3A99', 'oi', false, $1)", dialogue.clock())
    dialogue.clock.on(days=KEEP / timedelta(days=1) + 1)
    house = asyncio.create_task(keep_house(dialogue.probe.store, dialogue.clock))
    async with asyncio.timeout(5):
        while (
            await pool.fetchval("select count(*) from mailbox") + await pool.fetchval("select count(*) from amendments")
            > 1
        ):
            await asyncio.sleep(0.01)
    house.cancel()
    assert await pool.fetchval("select event_id from mailbox") == waiting.id
    await dialogue.passes(seconds=0)
    assert [each.messages for each in dialogue.closed[1:]] == [(waiting.id,)]
