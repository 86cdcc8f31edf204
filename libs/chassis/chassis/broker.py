"""Connections to RabbitMQ and publishing that is confirmed, or says that it is not.

A process has two connections: one consumes, one publishes; a memory alarm that blocks publishing then leaves
consuming alone. Both reconnect for ever.
"""

import asyncio
import time
from typing import Any, cast

import aio_pika
from aiormq.exceptions import AMQPError, ChannelInvalidStateError, ProbableAuthenticationError, PublishError
from faststream.rabbit import Channel, RabbitBroker, RabbitExchange
from pamqp.commands import Basic

from chassis.errors import BadConfiguration, Unavailable
from chassis.joining import JoiningConnection
from chassis.patience import attempts

ATTEMPT_S = 5.0
"""Longest wait for one confirm; a publish that hangs (memory alarm, wedged queue) has no limit of its own."""
PAUSE_S = 0.25
DEFAULT_EXCHANGE = RabbitExchange("")
TROUBLE = (AMQPError, ChannelInvalidStateError, ConnectionError, RuntimeError, TimeoutError)


class _Broker(RabbitBroker):
    """FastStream's broker, over connections that join their writes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connection_kwargs["connection_class"] = JoiningConnection  # aio_pika's argument; FastStream has none


def connect_url(url: str) -> str:
    """Add the heartbeat: a frozen broker is noticed within 20 s."""
    return url if "heartbeat=" in url else f"{url}{'&' if '?' in url else '?'}heartbeat=10"


def consuming(url: str, service: str) -> RabbitBroker:
    """Return the connection that consumes."""
    return _Broker(connect_url(url), **_common(service))


def publishing(url: str, service: str) -> RabbitBroker:
    """Return the connection that publishes; what no queue takes comes back as an error."""
    return _Broker(connect_url(url), **_common(service), default_channel=Channel(on_return_raises=True))


def _common(service: str) -> dict[str, Any]:
    return {
        "apply_types": False,  # the decoder has made a typed value of the body; injecting it would validate it again
        "logger": None,
        "reconnect_interval": 1.0,
        "graceful_timeout": 10.0,
        "app_id": f"receptionist.{service}",
    }


async def connect(broker: RabbitBroker) -> JoiningConnection:
    """Connect, waiting for a broker that is not there yet; refuse to wait for one that refuses us.

    Raises `BadConfiguration` when the user, password or virtual host is wrong.
    """
    waits = attempts("broker_unreachable", "RABBITMQ_URL", TROUBLE, but=(ProbableAuthenticationError,))
    try:
        async for attempt in waits:
            with attempt:
                return cast("JoiningConnection", await broker.connect())
    except ProbableAuthenticationError as error:
        raise BadConfiguration("RABBITMQ_URL: RabbitMQ refuses this user, password or virtual host") from error
    raise AssertionError("there is no last attempt")


class Publisher:
    """Publishes on one broker so that a return means: it is safe there.

    By aiormq's channel and not FastStream's `publish`, which would encode, copy and wrap what is a message already.
    """

    def __init__(self, broker: RabbitBroker) -> None:
        self._broker = broker

    async def start(self, connection: aio_pika.abc.AbstractRobustConnection) -> None:
        """Open the channel of what is not confirmed; it comes back by itself after a reconnect."""
        self._unconfirmed = await connection.channel(publisher_confirms=False)

    async def send(
        self,
        body: bytes,
        properties: Basic.Properties,
        routing_key: str,
        *,
        exchange: RabbitExchange = DEFAULT_EXCHANGE,
        within_s: float = 30.0,
        mandatory: bool = True,
        persist: bool = True,
        confirmed: bool = True,
    ) -> None:
        """Publish and wait for the confirm, through reconnects; the same message id on every try.

        Without `confirmed` it only is on its way to the socket: for what is asked for again when it is lost.
        Raises `Unavailable` when it is not confirmed within `within_s` seconds, or when no queue takes it.
        """
        properties.delivery_mode = aio_pika.DeliveryMode.PERSISTENT if persist else aio_pika.DeliveryMode.NOT_PERSISTENT
        until = time.monotonic() + within_s
        while True:
            try:
                async with asyncio.timeout(min(ATTEMPT_S, max(until - time.monotonic(), 0.05))):
                    way = await self._broker.declare_exchange(exchange)  # declared once, then remembered
                    channel = await (way.channel if confirmed else self._unconfirmed).get_underlay_channel()
                    await channel.basic_publish(
                        body,
                        exchange=way.name,
                        routing_key=routing_key,
                        properties=properties,
                        mandatory=mandatory,
                        # Not for the socket: those that leave together would queue up there, and not share a write.
                        wait=False,  # type: ignore[call-arg]  # aiormq's channel has it, the abstract one does not
                    )
                    return
            except PublishError as error:
                raise Unavailable(f"no queue takes {routing_key}") from error
            except asyncio.CancelledError:
                # aio-pika cancels a pending publish when its connection closes; only our own cancellation counts.
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
            except TROUBLE:
                pass
            if time.monotonic() + PAUSE_S >= until:
                raise Unavailable("RabbitMQ did not confirm in time")
            await asyncio.sleep(PAUSE_S)
