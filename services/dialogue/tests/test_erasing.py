"""A person who is forgotten is nobody here, and begins anew when they write again."""

from typing import Any

import pytest
from chassis.testing import an_event
from contracts.privacy import DataErased, ErasureRequested

pytestmark = pytest.mark.stores

PHONE = "+5551999990000"


async def left(dialogue: Any) -> dict[str, int]:
    pool = dialogue.probe.store.pool
    tables = ("conversations", "mailbox", "amendments", "timer")
    rows = {table: await pool.fetchval(f"select count(*) from {table}") for table in tables}
    return {table: count for table, count in rows.items() if count}


@pytest.mark.parametrize("known_as", ["ana", "by_lid"])
async def test_everything_goes_under_every_name_and_is_confirmed_once(dialogue: Any, known_as: str) -> None:
    await dialogue.says("oi", "quanto custa?")
    await dialogue.writes("obrigada")
    request = an_event(
        ErasureRequested(phone=PHONE, asked_by="unit"), subject=getattr(dialogue, known_as), at=dialogue.clock()
    )
    await dialogue.probe.deliver(request)
    await dialogue.probe.deliver(request)
    assert await left(dialogue) == {}
    (done,) = dialogue.probe.of(DataErased)
    assert (done.owner, done.rows >= 4) == ("dialogue", True)


async def test_who_writes_again_is_greeted_as_somebody_new(dialogue: Any) -> None:
    (first,) = await dialogue.says("oi")
    await dialogue.probe.deliver(
        an_event(ErasureRequested(phone=PHONE, asked_by="unit"), subject=dialogue.ana, at=dialogue.clock())
    )
    (again,) = await dialogue.says("oi")
    assert again.bubbles[0].template == first.bubbles[0].template
