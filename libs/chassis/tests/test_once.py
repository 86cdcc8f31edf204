"""A change and what it tells, in one statement: both, or neither."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from chassis.clock import now
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe, an_event
from contracts import Event
from contracts.ingress import Address, ParentTyping
from pydantic import SecretStr

pytestmark = pytest.mark.stores

TAKEN = "done as (insert into word (text) values ($1) on conflict do nothing returning text)"
TYPING = ParentTyping(address=Address(jid="5551999990000@s.whatsapp.net", phone="+5551999990000"), typing=True)


@pytest.fixture
async def probe(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[Probe]:
    (tmp_path / "0001_word.sql").write_text("create table word (text text primary key check (text <> ''))")
    line = Line("ingress", clock=now)
    line.emits(ParentTyping)
    async with Probe(line, Store(line, SecretStr(fresh_database_url), migrations=tmp_path)) as probe:
        yield probe


def told() -> Event[ParentTyping]:
    return an_event(TYPING)


async def kept(probe: Probe) -> tuple[int, int]:
    """How many words are there, and how many facts wait to be published."""
    assert probe.store is not None
    pool = probe.store.pool
    return await pool.fetchval("select count(*) from word"), await pool.fetchval("select count(*) from outbox")


async def test_what_was_done_is_returned_and_told(probe: Probe) -> None:
    assert probe.store is not None
    events = [told(), told()]
    done = await probe.store.once(TAKEN, "oi", emits=events)
    assert done is not None
    assert done["text"] == "oi"
    assert {each.id for each in probe.published} == {each.id for each in events}
    words, _ = await kept(probe)  # a row of the outbox is deleted some time after its fact was published
    assert words == 1


async def test_of_what_was_not_done_nothing_is_told(probe: Probe) -> None:
    assert probe.store is not None
    await probe.store.once(TAKEN, "oi", emits=[])
    assert await probe.store.once(TAKEN, "oi", emits=[told()]) is None
    assert probe.published == []
    assert await kept(probe) == (1, 0)


async def test_a_change_that_fails_leaves_nothing_to_be_told(probe: Probe) -> None:
    assert probe.store is not None
    with pytest.raises(asyncpg.CheckViolationError):
        await probe.store.once(TAKEN, "", emits=[told()])
    assert probe.published == []
    assert await kept(probe) == (0, 0)


async def test_while_the_broker_is_away_what_is_told_waits_in_the_outbox(probe: Probe) -> None:
    assert probe.store is not None
    probe.broker_away = True
    assert await probe.store.once(TAKEN, "oi", emits=[told()])
    assert probe.published == []
    assert await kept(probe) == (1, 1)
