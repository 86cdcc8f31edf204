"""Evolution's own RabbitMQ events, on a real broker: none is lost, whatever is not there when it is published."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from chassis.errors import Unavailable
from ingress_service.native import NativeEvents, prepare, queue_name
from pydantic import SecretStr

pytestmark = pytest.mark.stores


@dataclass
class Kept:
    """What was kept; `away` times it cannot be."""

    away: int = 0
    bodies: list[tuple[int, str | None]] = field(default_factory=list)

    async def keep(self, body: bytes, event: str | None) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("our broker is away")
        self.bodies.append((json.loads(body)["number"], event))


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


@pytest.fixture
async def exchange(amqp_url: str) -> AsyncIterator[str]:
    """The name of an instance, whose exchange and queue are gone after the test."""
    name = f"unit-{uuid4().hex}"
    yield name
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(queue_name(name))
        await channel.exchange_delete(name)


async def publish(amqp_url: str, exchange: str, *numbers: int) -> None:
    """Publish as Evolution does: no property at all."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        topic = await channel.declare_exchange(exchange, aio_pika.ExchangeType.TOPIC, durable=True)
        for number in numbers:
            body = {"event": "messages.upsert", "number": number}
            await topic.publish(aio_pika.Message(json.dumps(body).encode()), "messages.upsert")


@asynccontextmanager
async def reading(amqp_url: str, exchange: str, kept: Kept) -> AsyncIterator[None]:
    task = asyncio.create_task(NativeEvents(SecretStr(amqp_url), exchange, kept.keep).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_events_published_before_anybody_reads_are_kept_in_order(amqp_url: str, exchange: str) -> None:
    await prepare(amqp_url, exchange)
    await prepare(amqp_url, exchange)
    await publish(amqp_url, exchange, 1, 2, 3)
    kept = Kept()
    async with reading(amqp_url, exchange, kept):
        await until(lambda: len(kept.bodies) == 3)
    assert kept.bodies == [(number, "messages.upsert") for number in (1, 2, 3)]


async def test_an_event_that_cannot_be_kept_is_held_until_it_can(
    amqp_url: str, exchange: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingress_service.native.AGAIN_S", 0.01)
    await prepare(amqp_url, exchange)
    await publish(amqp_url, exchange, 1)
    kept = Kept(away=3)
    async with reading(amqp_url, exchange, kept):
        await until(lambda: kept.bodies)
    assert [number for number, _ in kept.bodies] == [1]


async def test_an_event_that_was_being_kept_when_we_died_comes_again(amqp_url: str, exchange: str) -> None:
    await prepare(amqp_url, exchange)
    await publish(amqp_url, exchange, 1)
    dying = Kept(away=10**6)
    async with reading(amqp_url, exchange, dying):
        await until(lambda: dying.away < 10**6)
    kept = Kept()
    async with reading(amqp_url, exchange, kept):
        await until(lambda: kept.bodies)
    assert dying.bodies == []
