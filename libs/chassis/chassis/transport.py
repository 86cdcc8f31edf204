"""A line over RabbitMQ: connections, declarations, subscribers, publishing, questions, each in a span."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import aio_pika
from aiormq.abc import DeliveredMessage
from contracts import Event, Question
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker
from faststream.specification.asyncapi import AsyncAPI
from pamqp.commands import Basic

from chassis import rpc, shared, topology
from chassis.broker import TROUBLE, Publisher, connect, consuming, publishing
from chassis.deliveries import headers
from chassis.errors import Unavailable
from chassis.joining import JoiningConnection
from chassis.line import Answering, Line, Stage, several
from chassis.logging import get_logger
from chassis.retry import DIED_AT, REASON, Retries
from chassis.sifting import sift
from chassis.taking import Taking
from chassis.telemetry.line import asking, processing, replying, sending
from chassis.telemetry.telling import Telling

log = get_logger(__name__)


class Rabbit:
    """Carries one line. Made before it is connected, so that AsyncAPI can be written without a broker."""

    def __init__(self, line: Line, url: str) -> None:
        self.line = line
        self.outbound = publishing(url, line.service)
        self.publisher = Publisher(self.outbound)
        self._asker = rpc.Asker(line.service, self.publisher)
        self.working: Counter[str] = Counter()  # messages in a handler, by queue

        self._retries = Retries(self.publisher)
        self.inbound = consuming(url, line.service)
        for stage in line.stages:
            self._subscribe(stage)
        for answering in line.answering:
            self._serve(answering)
        for fact in line.emitted:
            self.outbound.publisher(exchange=topology.EVENTS, routing_key=fact.routing_key(), schema=Event[fact])  # type: ignore[valid-type]  # the class is a value here

    _connection: aio_pika.RobustConnection
    _resting: JoiningConnection | None = None
    """What rests after a fact; never while subscribers are made or ended, each after the broker's word on the last."""

    async def start(self) -> None:
        """Connect, declare everything that this service reads or speaks to, consume."""
        self._connection = await connect(self.outbound)
        await self._declare(self.outbound, self._connection)
        await self.publisher.start(self._connection)
        await self._asker.start(self._connection)
        await Telling().start(self._connection, self.line.service)
        self.line.over(self)
        connection = await connect(self.inbound)
        await self.inbound.start()
        self._resting = connection if self.line.rest_s else None
        log.info("line_started", stages=len(self.line.stages), questions=len(self.line.answering))

    async def stop(self) -> None:
        """Stop consuming, let the handlers end, then stop publishing."""
        self._resting = None
        for subscriber in self.inbound.subscribers:
            await _hand_over(subscriber)
        await self.inbound.stop()
        await self.outbound.stop()

    async def ready(self) -> bool:
        """Whether both connections stand."""
        return await self.inbound.ping(1.0) and await self.outbound.ping(1.0)

    def queues(self) -> list[str]:
        """List the durable queues that this service reads, and its quarantine."""
        names = [topology.queue_name(self.line.service, stage.fact) for stage in self.line.stages]
        return [*names, topology.quarantine_queue(self.line.service).name] if self.line.quarantines else names

    async def depths(self) -> dict[str, tuple[int, int]]:
        """Count what waits and what is dead in each of these queues; in a quarantine all is dead, and nothing waits."""
        quarantine = topology.quarantine_queue(self.line.service).name
        async with self._connection.channel() as channel:

            async def ready(name: str) -> int:
                queue = await channel.declare_queue(name, passive=True)
                return queue.declaration_result.message_count or 0

            return {
                name: (0, await ready(name))
                if name == quarantine
                else (await ready(name), await ready(topology.dead(name)))
                for name in self.queues()
            }

    def specification(self) -> dict[str, Any]:
        """Return the service's AsyncAPI 3 document."""
        document = AsyncAPI(
            self.inbound, self.outbound, title=f"receptionist {self.line.service}", version="1", schema_version="3.0.0"
        )
        return document.to_specification().to_jsonable()  # type: ignore[no-any-return]  # FastStream types it Any

    async def publish(self, event: Event[Any], *, within_s: float) -> None:
        """Publish one fact; the envelope carries the span of the sending."""
        fact = type(event.data)
        key = fact.routing_key()
        with sending(key, event, service=self.line.service) as current:
            event = event.model_copy(update={"traceparent": current.traceparent})
            properties = Basic.Properties(
                content_type="application/cloudevents+json",
                message_id=str(event.id),
                correlation_id=str(event.correlationid),
                message_type=event.type,
                timestamp=event.time,
            )
            await self.publisher.send(
                event.to_wire(),
                properties,
                key,
                exchange=topology.EVENTS,
                within_s=within_s,
                mandatory=bool(fact.consumers),
            )

    async def ask(self, question: Question, *, within_s: float) -> Any:
        """Ask in a span of its own."""
        with asking(question.queue()):
            return await self._asker.ask(question, within_s=within_s)

    async def quarantine(self, body: bytes, reason: str) -> None:
        """Put a body that could not be read where people will see it."""
        died_at = datetime.now(UTC)
        properties = Basic.Properties(headers={REASON: reason, DIED_AT: died_at.isoformat()}, timestamp=died_at)
        await self.publisher.send(body, properties, topology.quarantine_queue(self.line.service).name, within_s=5)

    async def sift(self, queues: Iterable[str], unwanted: Callable[[bytes], bool]) -> int:
        """Take the unwanted messages out of queues in which they wait; return how many. Raises `Unavailable`."""
        try:
            return await sift(await self.outbound.connect(), queues, unwanted)
        except TROUBLE as error:
            raise Unavailable(f"RabbitMQ: {type(error).__name__}") from error

    async def _declare(self, broker: RabbitBroker, connection: aio_pika.RobustConnection) -> None:
        """Declare what is ours; have what others read, and what all share, before we speak."""
        events = await broker.declare_exchange(topology.EVENTS)
        for fact in sorted({stage.fact for stage in self.line.stages}, key=lambda fact: fact.routing_key()):
            await broker.declare_queue(topology.dead_queue(topology.queue_name(self.line.service, fact)))
            queue = await broker.declare_queue(topology.fact_queue(self.line.service, fact))
            await queue.bind(events, routing_key=fact.routing_key())
        if self.line.quarantines:
            await broker.declare_queue(topology.quarantine_queue(self.line.service))
        for delay_s in topology.TIERS_S:
            await shared.have(connection, topology.tier_queue(delay_s), topology.tier_exchange(delay_s))
        pairs = {(consumer, fact) for fact in self.line.emitted for consumer in fact.consumers}
        for consumer, fact in sorted(pairs, key=lambda pair: topology.queue_name(*pair)):
            if consumer != self.line.service:
                await shared.have(
                    connection,
                    topology.fact_queue(consumer, fact),
                    topology.EVENTS,
                    dead=topology.dead_queue(topology.queue_name(consumer, fact)),
                )

    def _subscribe(self, stage: Stage) -> None:
        envelope = Event[stage.fact]  # type: ignore[name-defined]  # the class is a value here
        queue = topology.fact_queue(self.line.service, stage.fact)

        async def work(message: DeliveredMessage) -> None:
            if self._resting:
                self._resting.rest(self.line.rest_s)
            await consume(envelope.model_validate_json(message.body))

        async def consume(event: Any) -> None:
            await self._work(stage, event, queue.name)

        consume.__annotations__["event"] = envelope  # for the document
        consume.__name__ = f"on_{stage.fact.routing_key().split('.')[1]}"
        consume.__doc__ = stage.fact.__doc__
        subscriber = self.inbound.subscriber(
            queue, topology.EVENTS, channel=Channel(prefetch_count=stage.prefetch), ack_policy=AckPolicy.REJECT_ON_ERROR
        )
        subscriber(consume)
        Taking(subscriber, work, self._retries, prefetch=stage.prefetch)

    async def _work(self, stage: Stage, event: Event[Any], queue: str) -> None:
        key, line = stage.fact.routing_key(), self.line
        self.working[queue] += 1
        try:
            with processing(queue, key, event, service=line.service, now=line.clock()):
                for emitted in several(await stage.handler(event)):
                    await line.publish(emitted)
        finally:
            self.working[queue] -= 1

    def _serve(self, answering: Answering) -> None:
        question = answering.question

        async def work(message: DeliveredMessage) -> None:
            asked = await rpc.read(message, question, self.publisher)
            parent = str(headers(message).get(rpc.TRACEPARENT, ""))
            with replying(question.queue(), parent, service=self.line.service):
                await rpc.serve(message, asked, answering.handler, self.publisher)

        async def consume(received: Any) -> None:  # noqa: ARG001  # for the document alone: `work` takes its place
            raise AssertionError("questions are taken by `work`")

        consume.__annotations__["received"] = question  # for the document
        consume.__name__ = f"on_{question.queue().split('.')[1]}"
        consume.__doc__ = question.__doc__
        subscriber = self.inbound.subscriber(
            topology.question_queue(question),
            channel=Channel(prefetch_count=answering.prefetch),
            ack_policy=AckPolicy.ACK,
            no_reply=True,
        )
        subscriber(consume)
        Taking(subscriber, work, None, prefetch=answering.prefetch)


async def _hand_over(subscriber: Any) -> None:
    """Have the broker give what comes from now on to other copies.

    FastStream ends its consumers only after the handlers; what comes until then would wait for them, unread.
    """
    queue, tag = subscriber._queue_obj, subscriber._consumer_tag  # noqa: SLF001  # it offers nothing else
    if queue is not None and tag is not None:
        with contextlib.suppress(*TROUBLE):  # a connection that is gone has handed over already
            await queue.cancel(tag)
            subscriber._consumer_tag = None  # noqa: SLF001
