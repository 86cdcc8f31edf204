"""Deliveries as aiormq hands them over: aio_pika would make an object of each, and a second task for it."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from aio_pika.abc import AbstractIncomingMessage
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import ChannelInvalidStateError
from pamqp.commands import Basic
from pamqp.header import ContentHeader

Take: TypeAlias = Callable[[DeliveredMessage], Coroutine[Any, Any, None]]


def straight(take: Take) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
    """Return a consumer for aio_pika whose deliveries go straight to `take`.

    aio_pika opens consumers, and opens them anew when a channel or a queue comes back. The first delivery after that
    comes its way, and tells the channel where the next ones go.
    """

    async def first(message: AbstractIncomingMessage) -> None:
        try:
            channel: Any = message.channel
        except ChannelInvalidStateError:
            return  # its channel is gone already: it comes again over the next one
        channel.consumers[message.consumer_tag] = take
        frame = Basic.Deliver(
            message.consumer_tag,
            message.delivery_tag,
            message.redelivered or False,
            message.exchange or "",
            message.routing_key,
        )
        header = ContentHeader(body_size=message.body_size, properties=message.properties)
        await take(DeliveredMessage(frame, header, message.body, channel))

    return first


def headers(message: DeliveredMessage) -> dict[str, Any]:
    """Return the headers of a message."""
    return message.header.properties.headers or {}
