"""Exchange, queues and bindings, derived from the contracts; declared with the same arguments by everybody.

One topic exchange carries every fact; one quorum queue per consumer and fact, a dead queue beside each, and four
delay tiers for all: a message waits in a tier under the name of the queue that it came from, and goes back there
alone when its time is over.
"""

from typing import Any

from contracts import Fact, Question, all_facts
from faststream.rabbit import ExchangeType, QueueType, RabbitExchange, RabbitQueue

EVENTS = RabbitExchange("receptionist.events", type=ExchangeType.TOPIC)
TELEMETRY = "receptionist.telemetry"
"""The fan-out over which processes tell one another which traces are worth keeping."""
TIERS_S = (1, 5, 30, 300)
"""Delays of the retries, in seconds; after the last one a message is dead."""
CRASH_LIMIT = 20
"""Redeliveries by crashes and deploys (errors go through the tiers); RabbitMQ's `x-delivery-limit`."""

_SAFE: Any = {"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}


def queue_name(consumer: str, fact: type[Fact]) -> str:
    """`consumer.producer.fact.vN`."""
    return f"{consumer}.{fact.routing_key()}"


def fact_queue(consumer: str, fact: type[Fact]) -> RabbitQueue:
    """Return the queue from which a consumer reads a fact."""
    return work_queue(queue_name(consumer, fact), fact.routing_key())


def work_queue(name: str, routing_key: str = "") -> RabbitQueue:
    """Return a durable queue that keeps what is put in it until it is worked on, or dead."""
    return RabbitQueue(  # type: ignore[no-any-return, call-overload]  # FastStream types the arguments too narrowly
        name,
        routing_key=routing_key,
        queue_type=QueueType.QUORUM,
        arguments={
            "x-delivery-limit": CRASH_LIMIT,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead(name),
            **_SAFE,
        },
    )


def question_queue(question: type[Question]) -> RabbitQueue:
    """Return the queue of a question; whoever asks waits, so nothing in it outlives the broker."""
    return RabbitQueue(question.queue(), queue_type=QueueType.CLASSIC, durable=False)


def dead(name: str) -> str:
    """Return the name of a queue's dead letters."""
    return f"{name}.dead"


def dead_queue(name: str) -> RabbitQueue:
    """Return the queue of a queue's dead letters."""
    return RabbitQueue(dead(name), queue_type=QueueType.QUORUM, durable=True)


def quarantine_queue(service: str) -> RabbitQueue:
    """Return the queue of what a service could not read; kept until somebody looks."""
    return RabbitQueue(f"{service}.quarantine", queue_type=QueueType.QUORUM, durable=True)


def tier_exchange(delay_s: int) -> RabbitExchange:
    """Return the way into a delay tier; the routing key is the queue to come back to."""
    return RabbitExchange(f"receptionist.retry.{delay_s}", type=ExchangeType.FANOUT)


def tier_queue(delay_s: int) -> RabbitQueue:
    """Return a delay tier: one fixed time to live, then the default exchange, to the queue named by the routing key."""
    return RabbitQueue(  # type: ignore[no-any-return, call-overload]  # same
        f"receptionist.retry.{delay_s}",
        queue_type=QueueType.QUORUM,
        arguments={"x-message-ttl": delay_s * 1000, "x-dead-letter-exchange": "", **_SAFE},
    )


def queues_for(service: str) -> list[str]:
    """List the durable queues that a service reads, by the contracts."""
    return [queue_name(service, fact) for fact in all_facts() if service in fact.consumers]
