"""What is done is acknowledged once, with its neighbours, and never with what is still worked on."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any, cast

from aiormq.abc import DeliveredMessage
from chassis.taking import Acks


class Channel:
    """Stands for the broker's side: notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []

    async def basic_ack(self, tag: int, *, multiple: bool = False, wait: bool = True) -> None:
        assert not wait
        self.told.append((tag, "and all before" if multiple else "alone"))

    async def basic_reject(self, tag: int, *, requeue: bool) -> None:
        assert not requeue
        self.told.append((tag, "refused"))


class Message:
    def __init__(self, channel: Channel, tag: int) -> None:
        self.channel, self.delivery_tag = channel, tag


def delivered(acks: Acks, channel: Channel, count: int) -> list[Any]:
    return [acks.expect(cast("DeliveredMessage", Message(channel, tag))) for tag in range(1, count + 1)]


def some_acks(*, most: int = 100, gather_s: float = 0) -> Acks:
    return Acks(contextlib.nullcontext, most=most, gather_s=gather_s)


async def rounds() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


async def test_what_is_done_together_is_acknowledged_in_one_frame() -> None:
    acks, channel = some_acks(), Channel()
    for each in delivered(acks, channel, 5)[:4]:
        acks.give(each)
    await rounds()
    assert channel.told == [(4, "and all before")]


async def test_what_is_done_behind_something_that_is_worked_on_is_acknowledged_alone() -> None:
    acks, channel = some_acks(), Channel()
    first, second, third, fourth = delivered(acks, channel, 4)
    acks.give(first)
    acks.give(third)
    await rounds()
    assert channel.told == [(1, "and all before"), (3, "alone")]
    acks.give(fourth)
    acks.give(second)
    await rounds()
    assert channel.told[2:] == [(4, "and all before")]


async def test_what_is_refused_is_not_acknowledged_with_its_neighbours() -> None:
    acks, channel = some_acks(), Channel()
    first, second = delivered(acks, channel, 2)
    acks.give(second)
    await acks.refuse(first)
    await rounds()
    assert channel.told[0] == (1, "refused")
    assert channel.told[1][0] == 2


async def test_nothing_of_a_channel_that_is_gone_is_acknowledged_over_the_next_one() -> None:
    acks, gone, channel = some_acks(), Channel(), Channel()
    (old,) = delivered(acks, gone, 1)
    first, _ = delivered(acks, channel, 2)
    acks.give(old)
    await rounds()
    assert gone.told == channel.told == []
    acks.give(first)
    await rounds()
    assert channel.told == [(1, "and all before")]


async def test_what_is_done_waits_for_others_until_they_are_enough() -> None:
    acks, channel = some_acks(most=3, gather_s=60), Channel()
    first, second, third = delivered(acks, channel, 3)
    acks.give(first)
    acks.give(second)
    await rounds()
    assert channel.told == []
    acks.give(third)
    await rounds()
    assert channel.told == [(3, "and all before")]


async def test_stopping_can_wait_for_what_is_done_but_not_yet_acknowledged() -> None:
    open_at: list[bool] = []

    @contextlib.contextmanager
    def held() -> Iterator[None]:
        open_at.append(True)
        yield
        open_at.append(channel.told == [])

    acks, channel = Acks(held, most=2, gather_s=60), Channel()
    first, second = delivered(acks, channel, 2)
    acks.give(first)
    await rounds()
    assert open_at == [True]
    acks.give(second)
    await rounds()
    assert open_at == [True, False]
