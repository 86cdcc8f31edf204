"""Whoever waits although nothing would wake their conversation is answered; whoever has a timer is left to it."""

from typing import Any

import pytest
from dialogue_service.sweeping import wake_left_behind

pytestmark = pytest.mark.stores


async def test_a_message_that_nothing_would_wake_is_answered_once(dialogue: Any) -> None:
    (message,) = await dialogue.writes("quanto custa?")
    store = dialogue.probe.store
    await store.pool.execute("delete from timer where name = 'turn'")
    await dialogue.passes(seconds=61)
    assert dialogue.closed == []
    assert await wake_left_behind(store, dialogue.clock) == 1
    await dialogue.passes(seconds=0)
    assert [each.messages for each in dialogue.closed] == [(message.id,)]
    assert len(dialogue.proposals) == 1
    assert await wake_left_behind(store, dialogue.clock) == 0


async def test_a_message_that_has_a_timer_or_has_just_come_is_left_alone(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    store = dialogue.probe.store
    dialogue.clock.on(seconds=61)
    assert await wake_left_behind(store, dialogue.clock) == 0
    await store.pool.execute("delete from timer where name = 'turn'")
    dialogue.clock.on(seconds=-10)
    assert await wake_left_behind(store, dialogue.clock) == 0


async def test_two_copies_that_look_at_once_have_it_answered_once(copy: Any) -> None:
    one, other = await copy(), await copy()
    (message,) = await one.writes("qual o endereço?")
    await one.probe.store.pool.execute("delete from timer where name = 'turn'")
    one.clock.on(seconds=61)
    for dialogue in (one, other):
        await wake_left_behind(dialogue.probe.store, dialogue.clock)
    for dialogue in (one, other):
        await dialogue.passes(seconds=0)
    assert [each.messages for each in one.closed + other.closed] == [(message.id,)]
