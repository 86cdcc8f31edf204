"""Evolution's own RabbitMQ events, beside or instead of its webhooks: the same bodies into the same reports.

Evolution loses the first event of every queue that is not there when it publishes, and bounds none of its own: so the
exchange and a queue of ours, bound to everything, are declared before the instance is made, with its arguments.
Source: Evolution API 2.3.6, `rabbitmq.controller.ts`, on RabbitMQ 3.10; an exchange a tenant, named like the instance.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from chassis.broker import connect_url
from chassis.errors import Unavailable
from chassis.logging import get_logger
from chassis.patience import attempts
from chassis.service import Background
from chassis.telemetry import signals, span
from opentelemetry.trace import SpanKind
from pydantic import SecretStr

from ingress_service.reports import Reports
from ingress_service.settings import Settings

log = get_logger(__name__)
_PROCESS = signals(__name__).operation(
    "process evolution", "An event of Evolution's own RabbitMQ is kept.", kind=SpanKind.CONSUMER
)

AT_ONCE = 50
AGAIN_S = 1.0
_AWAY = (OSError, aio_pika.exceptions.AMQPError, aio_pika.exceptions.ChannelInvalidStateError, TimeoutError)

Keep = Callable[[bytes, str | None], Awaitable[None]]


def queue_name(exchange: str) -> str:
    """Return the name of our queue at Evolution's exchange."""
    return f"receptionist.{exchange}"


async def declare(channel: AbstractChannel, exchange: str) -> AbstractQueue:
    """Make Evolution's exchange as it makes it, and our queue for all of its events."""
    topic = await channel.declare_exchange(exchange, aio_pika.ExchangeType.TOPIC, durable=True)
    queue = await channel.declare_queue(queue_name(exchange), durable=True, arguments={"x-queue-type": "quorum"})
    await queue.bind(topic, routing_key="#")
    return queue


async def prepare(url: str, exchange: str) -> None:
    """Declare the exchange and the queue, so that no event is lost whoever starts first. Raises `aio_pika`'s errors."""
    async with await aio_pika.connect(connect_url(url), timeout=5) as connection:
        await declare(await connection.channel(), exchange)


def native_of(settings: Settings, reports: Reports) -> list[Background]:
    """Return what reads Evolution's own events, if it is to be read."""
    url = settings.evolution_rabbitmq_url
    return [NativeEvents(url, settings.exchange, reports.keep).run] if url else []


class NativeEvents:
    """Reads the queue: each event is acknowledged when it is safe in our own broker, and held until then."""

    def __init__(self, url: SecretStr, exchange: str, keep: Keep) -> None:
        self._url = connect_url(url.get_secret_value())
        self._exchange = exchange
        self._keep = keep

    async def run(self) -> None:
        """Consume until cancelled, through every outage; a broker that refuses us is asked again, as webhooks go on."""
        waits = attempts("evolution_broker_unreachable", "EVOLUTION_RABBITMQ_URL", _AWAY)
        async for attempt in waits:
            with attempt:
                await self._consume()

    async def _consume(self) -> None:
        async with await aio_pika.connect_robust(self._url, timeout=5, reconnect_interval=1) as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=AT_ONCE)
            queue = await declare(channel, self._exchange)
            await queue.consume(self._read)
            log.info("native_events_read", exchange=self._exchange)
            await asyncio.Event().wait()

    async def _read(self, message: AbstractIncomingMessage) -> None:
        """Keep one event; while that cannot be done it stays unacknowledged, and comes again if we die."""
        while True:
            try:
                with span(_PROCESS):
                    await self._keep(message.body, message.routing_key)
            except Unavailable as error:
                log.warning("native_event_waits", why=str(error))
                await asyncio.sleep(AGAIN_S)
            except Exception as error:  # noqa: BLE001  # the edge: whatever fails here is ours, and costs no message
                log.error("native_event_failed", cause=error)
                await asyncio.sleep(AGAIN_S)
            else:
                break
        with contextlib.suppress(*_AWAY):  # then it comes again, and is recognised
            await message.ack()
