"""What a channel sent is asked once for everybody who looks for something at the same time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chassis.breaker import Breakers
from chassis.errors import Unavailable
from postprocessor_service.asking import Asking
from postprocessor_service.channels import Recorded
from postprocessor_service.channels.together import Channels

NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Slow:
    """A channel that answers when it is let, and notes since when it was asked."""

    name = "evolution"
    instance = None

    def __init__(self) -> None:
        self.asked: list[datetime] = []
        self.answers = asyncio.Event()
        self.error: Exception | None = None

    async def find(self, instance: str, since: datetime, until: datetime) -> Sequence[Recorded]:
        del instance, until
        self.asked.append(since)
        await self.answers.wait()
        if self.error:
            raise self.error
        sent = [Recorded(str(ago), (), "", NOW - ago * MINUTE) for ago in range(60, -1, -1)]
        return [one for one in sent if one.at and one.at >= since]


def asking(channel: Any) -> Asking:
    return Asking(Channels(channel, []), Breakers(), lambda: NOW)


async def test_those_who_come_while_it_is_asked_share_the_next_answer_and_get_what_is_theirs() -> None:
    slow = Slow()
    one_at_a_time = asking(slow)
    first = asyncio.create_task(one_at_a_time.sent_since("kumon", NOW - 2 * MINUTE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(one_at_a_time.sent_since("kumon", NOW - ago * MINUTE)) for ago in (3, 1, 50, 5)]
    await asyncio.sleep(0)
    assert slow.asked == [NOW - 2 * MINUTE]
    slow.answers.set()
    assert [one.id for one in await first] == ["2", "1", "0"]
    assert [len(each) for each in await asyncio.gather(*later)] == [4, 2, 51, 6]
    assert slow.asked == [NOW - 2 * MINUTE, NOW - 50 * MINUTE, NOW - 5 * MINUTE]


async def test_a_channel_is_well_since_it_answers_promptly() -> None:
    channel, times = Slow(), iter(NOW + n * MINUTE for n in range(99))
    now = [next(times)]
    channel.answers.set()
    one_at_a_time = Asking(Channels(channel, []), Breakers(), lambda: now[0])
    assert one_at_a_time.well_since("kumon") is None
    for _ in range(2):
        await one_at_a_time.sent_since("kumon", NOW)
        assert one_at_a_time.well_since("kumon") == NOW
        now[0] = next(times)
    channel.error = Unavailable("away")
    with pytest.raises(Unavailable):
        await one_at_a_time.sent_since("kumon", NOW)
    assert one_at_a_time.well_since("kumon") is None
    channel.error = None
    channel.answers.clear()
    hanging = asyncio.create_task(one_at_a_time.sent_since("kumon", NOW))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    now[0] = next(times)
    channel.answers.set()
    await hanging
    assert one_at_a_time.well_since("kumon") == now[0]


@pytest.mark.parametrize("error", [Unavailable("away"), ValueError("ours")], ids=repr)
async def test_everybody_hears_that_nobody_knows_and_may_ask_again(error: Exception) -> None:
    slow = Slow()
    slow.error = error
    slow.answers.set()
    one_at_a_time = asking(slow)
    both = [one_at_a_time.sent_since("kumon", NOW), one_at_a_time.sent_since("kumon", NOW)]
    assert await asyncio.gather(*both, return_exceptions=True) == [error, error]
    slow.error = None
    assert len(await one_at_a_time.sent_since("kumon", NOW)) == 1
