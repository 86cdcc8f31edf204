"""Queues that a service needs and does not own: the delay tiers, and those of whoever listens to it.

Where every service has a broker user of its own, only the owner may make a queue; where all share one, whoever comes
first makes it. Either way a producer speaks only when its listeners' queues are there and bound.
"""

import aio_pika
from aiormq.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelInvalidStateError, ChannelNotFoundEntity
from faststream.rabbit import RabbitExchange, RabbitQueue

from chassis.patience import attempts

_WAITED_OUT = (ChannelAccessRefused, ChannelInvalidStateError, ConnectionError)


async def have(
    connection: aio_pika.RobustConnection,
    queue: RabbitQueue,
    source: RabbitExchange,
    *,
    dead: RabbitQueue | None = None,
) -> None:
    """Return when the queue is there, bound to `source`; make it, and its dead letters, unless that is the owner's."""
    async for attempt in attempts("queue_awaited", queue.name, _WAITED_OUT):
        with attempt:
            if not await _bound(connection, queue, source):
                await _make(connection, [queue] if dead is None else [dead, queue], source)


async def _bound(connection: aio_pika.RobustConnection, queue: RabbitQueue, source: RabbitExchange) -> bool:
    """Whether the queue is there; what it is bound to it then stays bound to."""
    channel = await _channel(connection)
    try:
        await channel.queue_declare(queue.name, passive=True)  # which needs no right
        if queue.routing_key:  # a tier is bound by whoever makes it: reading from it is nobody's right
            await channel.queue_bind(queue.name, source.name, queue.routing_key)
    except ChannelNotFoundEntity:
        return False
    finally:
        await _close(channel)
    return True


async def _make(connection: aio_pika.RobustConnection, queues: list[RabbitQueue], source: RabbitExchange) -> None:
    channel = await _channel(connection)
    try:
        await channel.exchange_declare(source.name, exchange_type=source.type.value, durable=source.durable)
        for queue in queues:
            arguments = dict(queue.arguments or {})
            await channel.queue_declare(queue.name, durable=queue.durable, arguments=arguments)
        await channel.queue_bind(queues[-1].name, source.name, queues[-1].routing_key)
    finally:
        await _close(channel)


async def _channel(connection: aio_pika.RobustConnection) -> AbstractChannel:
    """Open a plain channel: a refusal closes it, and leaves the ones that are used alone."""
    if connection.transport is None:
        raise ConnectionError("the broker has just gone away")
    return await connection.transport.connection.channel()


async def _close(channel: AbstractChannel) -> None:
    if not channel.is_closed:
        await channel.close()
