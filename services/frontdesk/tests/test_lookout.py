"""What the broker shows of the others."""

import aio_pika
import pytest
from chassis import topology
from contracts.ingress import MessageReceived
from frontdesk_service.lookout import Lookout, services
from pydantic import SecretStr

pytestmark = pytest.mark.stores
PREPROCESSOR = topology.queue_name("preprocessor", MessageReceived)


async def takes(_: aio_pika.abc.AbstractIncomingMessage) -> None:
    """Take a message and forget it."""


async def test_who_reads_its_queue_is_there_and_what_nobody_could_handle_is_counted(amqp_url: str) -> None:
    lookout = Lookout(SecretStr(amqp_url))
    seen = await lookout.look()
    assert seen is not None
    assert seen.away == set(services()) - {"frontdesk"}
    assert seen.dead == {}

    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        letters, queue = topology.dead_queue(PREPROCESSOR), topology.fact_queue("preprocessor", MessageReceived)
        dead = await channel.declare_queue(letters.name, durable=True, arguments=letters.arguments)
        read = await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments)
        await read.consume(takes)
        for _ in range(3):
            await channel.default_exchange.publish(aio_pika.Message(b"{}"), dead.name)
        seen = await lookout.look()
        assert seen is not None
        assert "preprocessor" not in seen.away
        assert seen.dead == {dead.name: 3}
        await dead.purge()


async def test_what_ingress_could_not_read_counts_as_what_nobody_could_handle(amqp_url: str) -> None:
    kept = topology.quarantine_queue("ingress")
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        quarantine = await channel.declare_queue(kept.name, durable=True, arguments=kept.arguments)
        await channel.default_exchange.publish(aio_pika.Message(b"{not json"), kept.name)
        seen = await Lookout(SecretStr(amqp_url)).look()
        assert seen is not None
        assert seen.dead == {kept.name: 1}
        await quarantine.purge()


async def test_a_broker_that_is_away_shows_nothing() -> None:
    assert await Lookout(SecretStr("amqp://guest:guest@127.0.0.1:9/")).look() is None
