"""Hearing the line's facts beside the services that they are meant for."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from chassis.topology import EVENTS


@asynccontextmanager
async def overhearing(
    connection: AbstractConnection, hear: Callable[[str, bytes], None], *, keys: Iterable[str] = ("#",)
) -> AsyncIterator[None]:
    """Call `hear(routing_key, body)` with every fact under some keys, while the block runs; the queue goes with it."""
    async with connection.channel() as channel:
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        for key in keys:
            await queue.bind(EVENTS.name, key)

        async def take(message: AbstractIncomingMessage) -> None:
            hear(message.routing_key or "", message.body)

        await queue.consume(take, no_ack=True)
        yield
