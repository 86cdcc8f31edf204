"""Questions over RabbitMQ: one long-lived reply queue, concurrent calls, a deadline that travels, errors that return.

FastStream's own `request` allows one call at a time and leaves the caller waiting when the handler fails.
"""

import asyncio
import json
import time
import uuid
from contextvars import ContextVar
from typing import Any, TypeVar

import aio_pika
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import AMQPError
from contracts import Question, Value
from opentelemetry import trace
from pamqp.commands import Basic
from pydantic import ValidationError

from chassis.broker import Publisher
from chassis.deliveries import headers, straight
from chassis.errors import DeadlineExceeded, Permanent, Unavailable
from chassis.logging import get_logger
from chassis.retry import reason_of
from chassis.telemetry import current_traceparent

log = get_logger(__name__)

DEADLINE = "x-deadline-ms"
"""Unix time in milliseconds, a whole number: AMQP's floats have 32 bits here, and would round it to two minutes."""
UNTOLD_S = 5.0
"""How long whoever names no deadline is taken to wait."""
TRACEPARENT = "traceparent"
ERROR = "x-error"
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
QuestionT = TypeVar("QuestionT", bound=Question)


def remaining_s() -> float | None:
    """Return the seconds left of the question being answered here; `None` outside of one."""
    deadline = _deadline.get()
    return None if deadline is None else max(deadline - time.time(), 0.0)


class Asker:
    """Asks questions and hands every reply to whoever waits for it."""

    def __init__(self, service: str, publisher: Publisher) -> None:
        self._name = f"{service}.replies.{uuid.uuid4().hex}"
        self._publisher = publisher
        self._waiting: dict[str, asyncio.Future[DeliveredMessage]] = {}

    async def start(self, connection: aio_pika.abc.AbstractRobustConnection) -> None:
        """Open the reply queue; it comes back by itself after a reconnect."""
        channel = await connection.channel()
        queue = await channel.declare_queue(
            self._name, durable=False, auto_delete=True, arguments={"x-expires": 60_000}
        )
        await queue.consume(straight(self._on_reply), no_ack=True)

    async def ask(self, question: Question, *, within_s: float) -> Any:
        """Ask, and return the server's answer, of the question's `answer` type.

        Raises `DeadlineExceeded`, `Unavailable` (nobody serves it, broker away) or `Permanent` (the server says that
        the question cannot be answered).
        """
        call = uuid.uuid4().hex
        left = remaining_s()
        within_s = within_s if left is None else min(within_s, left)
        future = self._waiting[call] = asyncio.get_running_loop().create_future()
        properties = Basic.Properties(
            content_type="application/json",
            correlation_id=call,
            reply_to=self._name,
            expiration=str(int(within_s * 1000)),
            headers={DEADLINE: int((time.time() + within_s) * 1000), TRACEPARENT: current_traceparent() or ""},
        )
        try:
            async with asyncio.timeout(within_s):
                await self._publisher.send(
                    question.model_dump_json().encode(), properties, question.queue(), within_s=within_s, persist=False
                )
                reply = await future
        except TimeoutError as error:
            raise DeadlineExceeded(f"{question.queue()}: no answer within {within_s:.1f} s") from error
        finally:
            self._waiting.pop(call, None)
        return _answer_in(question, reply)

    async def _on_reply(self, reply: DeliveredMessage) -> None:
        future = self._waiting.get(reply.header.properties.correlation_id or "")
        if future is not None and not future.done():
            future.set_result(reply)


def _answer_in(question: Question, reply: DeliveredMessage) -> Value:
    kind = headers(reply).get(ERROR)
    if kind is None:
        return question.answer.model_validate_json(reply.body)
    text = f"{question.queue()}: {json.loads(reply.body)['reason']}"
    if kind == "permanent":
        raise Permanent(text)
    raise Unavailable(text)


async def read(message: DeliveredMessage, question: type[QuestionT], publisher: Publisher) -> QuestionT:
    """Read a question; whoever asks in a way that cannot be read learns it at once. Raises `ValidationError`."""
    try:
        return question.model_validate_json(message.body)
    except ValidationError as error:
        await _reply(message, json.dumps({"reason": reason_of(error)}).encode(), publisher, error="permanent")
        raise


async def serve(message: DeliveredMessage, question: Question, handler: Any, publisher: Publisher) -> None:
    """Answer one question: within its deadline, and always with a reply, be it an error."""
    told = headers(message).get(DEADLINE)
    deadline = int(str(told)) / 1000 if told else time.time() + UNTOLD_S
    if time.time() >= deadline or not message.header.properties.reply_to:
        return  # nobody waits any more
    token = _deadline.set(deadline)
    kind: str | None = None
    try:
        async with asyncio.timeout(deadline - time.time()):
            answer: Value = await handler(question)
            body = answer.model_dump_json().encode()
    except TimeoutError:
        return
    except Permanent as error:
        kind, body = "permanent", json.dumps({"reason": reason_of(error)}).encode()
    except Exception as error:  # noqa: BLE001  # the edge: whoever asked learns at once that there is no answer
        trace.get_current_span().record_exception(error)
        log.error("question_failed", cause=error, question=question.queue())
        kind, body = "transient", json.dumps({"reason": reason_of(error)}).encode()
    finally:
        _deadline.reset(token)
    await _reply(message, body, publisher, error=kind)


async def _reply(message: DeliveredMessage, body: bytes, publisher: Publisher, *, error: str | None) -> None:
    """Reply, unconfirmed: who waits in vain for a reply that is lost asks again."""
    asked = message.header.properties
    properties = Basic.Properties(
        content_type="application/json",
        correlation_id=asked.correlation_id,
        headers={ERROR: error} if error else None,
    )
    try:
        queue = asked.reply_to or ""
        await publisher.send(body, properties, queue, within_s=2, mandatory=False, persist=False, confirmed=False)
    except (Unavailable, AMQPError):
        log.warning("reply_lost", queue=message.routing_key)
