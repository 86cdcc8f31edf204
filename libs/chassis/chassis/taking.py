"""Takes facts, or questions, from one queue: each is worked on in a task of its own, then acknowledged.

FastStream declares, consumes, restores and stops; only what happens to a message is done here. Its own way opens a
dozen contexts a message, for middlewares and dependencies that a line does not have: as dear as the rest of a delivery.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from aiormq.abc import AbstractChannel, DeliveredMessage
from aiormq.exceptions import AMQPError, ChannelInvalidStateError
from faststream.rabbit.subscriber.usecase import RabbitSubscriber

from chassis.deliveries import straight
from chassis.logging import get_logger
from chassis.retry import Retries

log = get_logger(__name__)

Work: TypeAlias = Callable[[DeliveredMessage], Awaitable[None]]
GATHER_S = 0.1
"""How long what is done is gathered before it is acknowledged: a frame, and in RabbitMQ a write, for many. A crash
meanwhile repeats it."""
Delivery: TypeAlias = tuple[AbstractChannel, int]
"""A channel, and the delivery's tag there."""


class Taking:
    """What becomes of every message of one queue; without `retries` a failure is whoever asks' to know."""

    def __init__(self, subscriber: RabbitSubscriber, work: Work, retries: Retries | None, *, prefetch: int) -> None:
        self._subscriber = subscriber
        self._work = work
        self._retries = retries
        self._acks = Acks(lambda: subscriber.lock, most=prefetch // 2)
        subscriber.consume = straight(self.take)  # type: ignore[method-assign, assignment]  # see above

    async def take(self, message: DeliveredMessage) -> None:
        """Work on a message; one that fails is acknowledged when its next attempt, or its end, is safe elsewhere."""
        if not self._subscriber.running or message.channel.is_closed:
            return  # it comes again, to another copy or over the next channel
        delivery = self._acks.expect(message)
        queue = self._subscriber.queue.name
        with self._subscriber.lock:  # stopping waits for it
            try:
                try:
                    await self._work(message)
                except Exception as error:  # noqa: BLE001  # the edge where every handler's error is sorted
                    if self._retries:
                        await self._retries.move_on(message, error, queue)
            except Exception as error:  # noqa: BLE001  # it could not be moved: the broker makes it a dead letter
                log.error("not_moved_on", cause=error, queue=queue, message=message.header.properties.message_id)
                await self._acks.refuse(delivery)
            else:
                self._acks.give(delivery)


class Acks:
    """Acknowledges messages of one consumer, many in one frame: `gather_s` after the first, or when `most` are done.

    `until_given` is entered until they are: stopping waits for it.
    """

    def __init__(
        self, until_given: Callable[[], AbstractContextManager[Any]], *, most: int, gather_s: float = GATHER_S
    ) -> None:
        self._until_given = until_given
        self._most = most
        self._gather_s = gather_s
        self._done = 0
        self._enough = asyncio.Event()
        self._channel: AbstractChannel | None = None
        self._open: dict[int, bool] = {}  # whether it is done, by delivery tag, in the order of delivery
        self._giving: asyncio.Task[None] | None = None

    def expect(self, message: DeliveredMessage) -> Delivery:
        """Know of a delivery; one over a new channel ends all that came over the old one, which come again."""
        channel, tag = message.channel, message.delivery_tag or 0
        if channel is not self._channel:
            self._channel, self._open = channel, {}
        self._open[tag] = False
        return channel, tag

    def give(self, delivery: Delivery) -> None:
        """Acknowledge a message, together with others that are done until then."""
        channel, tag = delivery
        if channel is self._channel:
            self._open[tag] = True
            self._done += 1
            if self._done >= self._most:
                self._enough.set()
            self._giving = self._giving or asyncio.create_task(self._gather())

    async def refuse(self, delivery: Delivery) -> None:
        """Leave a message to the broker, as a dead letter."""
        channel, tag = delivery
        await _quietly(channel.basic_reject(tag, requeue=False))
        if channel is self._channel:
            self._open.pop(tag, None)  # only now: until then nothing after it may be acknowledged with it

    async def _gather(self) -> None:
        with self._until_given():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._gather_s):
                    await self._enough.wait()
            self._giving, self._done = None, 0
            self._enough.clear()
            await self._give()

    async def _give(self) -> None:
        channel, single, together = self._channel, list[int](), 0
        assert channel is not None  # noqa: S101  # something was delivered over it
        for tag, done in list(self._open.items()):
            if not done:
                continue
            del self._open[tag]
            if next(iter(self._open), tag + 1) > tag:  # nothing before it is still worked on
                together = tag
            else:
                single.append(tag)
        if together:
            await _quietly(channel.basic_ack(together, multiple=True, wait=False))
        for tag in single:
            await _quietly(channel.basic_ack(tag, wait=False))


async def _quietly(answer: Awaitable[None]) -> None:
    """Answer the broker; over a channel that is gone there is nobody to answer, and the message comes again."""
    try:
        await answer
    except (AMQPError, ChannelInvalidStateError, ConnectionError, RuntimeError):
        log.warning("not_acknowledged")
