"""Evolution's own RabbitMQ events, with what it gets wrong: no confirms, no buffer, no properties.

An exchange named like the instance, and a queue of its own an event, that nobody reads. The first event of a queue is
published before its exchange is bound to anything, so it reaches only queues that somebody bound before.
Source: Evolution API 2.3.6, `rabbitmq.controller.ts`, observed on RabbitMQ 3.10.
"""

import asyncio
import json
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection

from sandbox.hub import Tasks
from sandbox.state import Instance

PATIENCE_S = 5.0


class NativeEvents:
    """Publishes events to the broker at `url`; without one, nowhere."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._tasks = Tasks()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._queues: set[str] = set()
        self._one_by_one = asyncio.Lock()

    def emit(self, instance: Instance, event: str, wanted: str, envelope: dict[str, Any]) -> None:
        """Publish an event that the instance asks for (`wanted` is its name in the settings); soon, or never."""
        config = instance.rabbitmq
        if self._url and config.enabled and (not config.events or wanted in config.events):
            body = {name: value for name, value in envelope.items() if name != "destination"}
            self._tasks.start(self._publish(instance.name, event, json.dumps(body, ensure_ascii=False).encode()))

    async def forget(self) -> None:
        """Cancel what is pending."""
        await self._tasks.stop()

    async def close(self) -> None:
        """Cancel what is pending and disconnect."""
        await self._tasks.stop()
        await self._disconnect()

    async def _publish(self, name: str, event: str, body: bytes) -> None:
        async with self._one_by_one:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    channel = await self._connected()
                    topic = await channel.declare_exchange(name, aio_pika.ExchangeType.TOPIC, durable=True)
                    await topic.publish(aio_pika.Message(body), event, mandatory=False)
                    await self._make_queue(channel, name, event)
            except (OSError, TimeoutError, aio_pika.exceptions.AMQPError, RuntimeError):
                await self._disconnect()  # the event is skipped, as the real one does with a warning

    async def _connected(self) -> AbstractChannel:
        if self._channel is None or self._channel.is_closed:
            await self._disconnect()
            self._connection = await aio_pika.connect(self._url, timeout=PATIENCE_S)
            self._channel = await self._connection.channel(publisher_confirms=False)
        return self._channel

    async def _disconnect(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            await connection.close()

    async def _make_queue(self, channel: AbstractChannel, name: str, event: str) -> None:
        queue_name = f"{name}.{event}"
        if queue_name not in self._queues:
            queue = await channel.declare_queue(queue_name, durable=True, arguments={"x-queue-type": "quorum"})
            await queue.bind(name, routing_key=event)
            self._queues.add(queue_name)
