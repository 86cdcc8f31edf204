"""A bare FastStream chain of four quorum hops with confirms and pydantic: what the line is measured against.

`python bare_chain.py URL N` runs stage N: it takes from `bare.N` and gives to `bare.N+1`.
"""

import asyncio
import sys

from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from pydantic import BaseModel

HOPS = 4


class Message(BaseModel):
    """About as large as the line's envelopes."""

    id: str
    sent_at: float
    padding: str = "x" * 600


def queue(number: int) -> RabbitQueue:
    """Return the queue in front of a stage."""
    return RabbitQueue(f"bare.{number}", queue_type=QueueType.QUORUM, durable=True)


def brokers(url: str) -> tuple[RabbitBroker, RabbitBroker]:
    """Return one connection to consume, one to publish."""
    return RabbitBroker(url, logger=None), RabbitBroker(
        url, logger=None, default_channel=Channel(on_return_raises=True)
    )


async def stage(url: str, number: int) -> None:
    """Pass messages on until killed."""
    inbound, outbound = brokers(url)

    @inbound.subscriber(queue(number), channel=Channel(prefetch_count=32), ack_policy=AckPolicy.REJECT_ON_ERROR)
    async def on_message(message: Message) -> None:
        await outbound.publish(message, queue(number + 1), persist=True)

    await outbound.connect()
    await outbound.declare_queue(queue(number + 1))
    await inbound.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(stage(sys.argv[1], int(sys.argv[2])))
