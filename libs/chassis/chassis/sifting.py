"""Taking single messages out of queues in which they wait: dead letters, delay tiers, the quarantine."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

import aio_pika
from aio_pika.exceptions import ChannelNotFoundEntity

Unwanted: TypeAlias = Callable[[bytes], bool]


async def sift(connection: aio_pika.RobustConnection, queues: Iterable[str], unwanted: Unwanted) -> int:
    """Take away the messages whose body is unwanted; return how many. Every other one keeps its place."""
    return sum([await _sift_one(connection, queue, unwanted) for queue in queues])


async def _sift_one(connection: aio_pika.RobustConnection, name: str, unwanted: Unwanted) -> int:
    taken = 0
    async with aio_pika.Channel(connection) as channel:  # what is not acknowledged goes back when it ends
        try:
            queue = await channel.declare_queue(name, passive=True)
        except ChannelNotFoundEntity:
            return 0
        for _ in range(queue.declaration_result.message_count or 0):
            message = await queue.get(fail=False)
            if message is None:
                break
            if unwanted(message.body):
                await message.ack()
                taken += 1
    return taken
