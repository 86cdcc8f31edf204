"""The one statement between a decision and the call: it sees what happened in between."""

import asyncio
from typing import Any

import pytest
from postprocessor_service.steps import Scene
from postprocessor_service.store import Deliveries

pytestmark = pytest.mark.stores


async def seen(desk: Any, **about: Any) -> tuple[Deliveries, Scene]:
    """A draft, and the conversation as a courier saw it before something else happened."""
    event = desk.draft("um", "dois", **about)
    await desk.probe.deliver(event)
    deliveries = Deliveries(desk.probe.store)
    return deliveries, await deliveries.scene(event.subject)


async def claim(desk: Any, deliveries: Deliveries, scene: Scene, nth: int = 0) -> bool:
    return await deliveries.claim(scene.bubbles[nth], scene.version, desk.clock(), lease_s=30, pace_s=6)


async def test_a_bubble_is_claimed_before_it_is_sent(desk: Any) -> None:
    deliveries, scene = await seen(desk)
    assert await claim(desk, deliveries, scene)
    assert await desk.rows("state, attempts, lease_until > clock_timestamp()") == [
        ("sending", 1, True),
        ("queued", 0, None),
    ]


async def test_a_take_over_since_the_decision_is_seen(desk: Any) -> None:
    deliveries, scene = await seen(desk)
    await desk.take_over()
    assert not await claim(desk, deliveries, scene)
    assert await desk.states() == ["queued", "queued"]


async def test_an_expiry_since_the_decision_is_seen(desk: Any) -> None:
    deliveries, scene = await seen(desk, expires_s=60)
    desk.clock.on(seconds=60)
    assert not await claim(desk, deliveries, scene)


async def test_of_many_who_claim_a_bubble_one_gets_it(desk: Any) -> None:
    deliveries, scene = await seen(desk)
    assert sum(await asyncio.gather(*(claim(desk, deliveries, scene) for _ in range(8)))) == 1


async def test_nothing_is_claimed_beside_a_bubble_that_is_being_sent(desk: Any) -> None:
    deliveries, scene = await seen(desk)
    assert await claim(desk, deliveries, scene)
    assert not await claim(desk, deliveries, scene, nth=1)


async def test_a_bubble_that_was_tried_since_is_not_claimed_by_an_older_view(desk: Any) -> None:
    deliveries, scene = await seen(desk)
    await desk.execute("update bubble set attempts = 1")
    assert not await claim(desk, deliveries, scene)


async def test_a_number_s_turn_is_taken_by_one_and_never_ahead_of_its_time(desk: Any) -> None:
    deliveries = Deliveries(desk.probe.store)
    waits_s = sorted(await asyncio.gather(*(deliveries.take_turn("kumon", 60) for _ in range(5))))
    assert waits_s == pytest.approx([0, 60, 60, 60, 60], abs=10)
    assert await deliveries.take_turn("another", 60) == 0


async def test_a_number_does_not_wait_for_a_clock_that_was_set_back(desk: Any) -> None:
    deliveries = Deliveries(desk.probe.store)
    desk.clock.on(8 * 3600)
    await deliveries.take_turn("kumon", 0.05)
    desk.clock.on(-8 * 3600)
    assert await deliveries.take_turn("kumon", 0.05) <= 0.05


async def test_a_reply_is_added_with_the_scene_that_it_makes_unless_more_waits_there(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes: list[Scene | None] = []
    add = Deliveries.add

    async def adding(self: Deliveries, *about: Any, **more: Any) -> Scene | None:
        scenes.append(await add(self, *about, **more))
        return scenes[-1]

    monkeypatch.setattr(Deliveries, "add", adding)
    first = desk.draft("um", "dois")
    await desk.probe.deliver(first)
    assert scenes[-1] == await Deliveries(desk.probe.store).scene(first.subject)
    await desk.probe.deliver(first)
    await desk.probe.deliver(desk.draft("três"))
    assert scenes[1:] == [None, None]
    await desk.run()
    await desk.probe.deliver(desk.staff_reply("quatro"))
    scene = await Deliveries(desk.probe.store).scene(first.subject)
    assert scenes[-1] == scene
    assert scene.ownership.staff_at is not None
