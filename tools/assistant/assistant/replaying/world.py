"""The calendar as a scenario wants it: the unit has blocked every time, or no question reaches it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from chassis.topology import EVENTS
from contracts import Event, Fact, Question
from contracts.calendar import Availability, Timetable, Week
from contracts.dialogue import Slot
from contracts.frontdesk import TimeBlocked, TimeUnblocked

from assistant.scenarios.model import CalendarIs

REACH = timedelta(days=30)
"""Further ahead than the unit offers visits."""
ANSWERS_S = 5.0
SHOWN_S = 20.0
LOOK_EVERY_S = 0.1
BY = "replay"
FIRST: dict[str, Any] = {"x-priority": 10}
"""RabbitMQ gives every message to the consumer of the highest priority."""


class NotArranged(Exception):  # noqa: N818  # it says what the world did not become
    """The calendar did not become what the scenario wants."""


class World:
    """Changes what surrounds a conversation, over the line, as the unit and the network would."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def with_calendar(self, wanted: CalendarIs | None, now: datetime) -> AsyncIterator[None]:
        """Have the calendar so while the block runs, and as it was afterwards. Raises `NotArranged`."""
        async with self._connection.channel() as channel:
            match wanted:
                case "full":
                    async with _blocked(channel, now):
                        yield
                case "away":
                    async with _unreachable(channel):
                        yield
                case None:
                    yield

    async def let_go(self, conversation: str, now: datetime) -> None:
        """Have no slot held for a conversation that is over, as its ten minutes would end it.

        A question asked an hour later is offered other slots instead, which are held for nobody before then.
        """
        question = Availability(conversation=conversation, now=now + timedelta(hours=1), limit=1)
        async with self._connection.channel() as channel:
            await _answer(channel, question)


@asynccontextmanager
async def _blocked(channel: AbstractChannel, now: datetime) -> AsyncIterator[None]:
    """Block the whole time ahead, as the unit does at the front desk."""
    block_id = uuid4()
    slot = Slot(start=now, end=now + REACH)
    await _say(channel, TimeBlocked(block_id=block_id, slot=slot, by=BY), block_id, now)
    try:
        await _until(channel, now, lambda week: not week.free)
        yield
    finally:
        await _say(channel, TimeUnblocked(block_id=block_id, by=BY), block_id, now)
        await _until(channel, now, lambda week: all(busy.id != block_id for busy in week.busy))


@asynccontextmanager
async def _unreachable(channel: AbstractChannel) -> AsyncIterator[None]:
    """Take the questions about free times off the line before the calendar gets them."""
    questions = await channel.get_queue(Availability.queue(), ensure=False)

    async def lose(_: AbstractIncomingMessage) -> None:
        """Whoever asked waits until their time is over."""

    tag = await questions.consume(lose, no_ack=True, arguments=FIRST)
    try:
        yield
    finally:
        await questions.cancel(tag)


async def _say(channel: AbstractChannel, fact: Fact, block_id: UUID, now: datetime) -> None:
    event = Event.first(fact, key=str(block_id), source=fact.producer, subject="unit", now=now)
    exchange = await channel.get_exchange(EVENTS.name, ensure=False)
    message = aio_pika.Message(
        event.to_wire(),
        content_type="application/cloudevents+json",
        message_id=str(event.id),
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await exchange.publish(message, fact.routing_key())


async def _until(channel: AbstractChannel, now: datetime, shows: Callable[[Timetable], bool]) -> None:
    end = asyncio.get_running_loop().time() + SHOWN_S
    while not shows(await _book(channel, now)):
        if asyncio.get_running_loop().time() > end:
            raise NotArranged("the calendar did not take it in")
        await asyncio.sleep(LOOK_EVERY_S)


async def _book(channel: AbstractChannel, now: datetime) -> Timetable:
    """Ask the calendar what is in the appointment book."""
    return Timetable.model_validate_json(await _answer(channel, Week(first=now.date(), days=REACH.days, now=now)))


async def _answer(channel: AbstractChannel, question: Question) -> bytes:
    replies = await channel.declare_queue(exclusive=True, auto_delete=True)
    message = aio_pika.Message(question.model_dump_json().encode(), reply_to=replies.name)
    await channel.default_exchange.publish(message, question.queue())
    try:
        async with replies.iterator(no_ack=True, timeout=ANSWERS_S) as answers:
            return (await anext(answers)).body
    except TimeoutError as error:
        raise NotArranged("the calendar does not answer") from error
