"""What the line tells of itself. Names by OpenTelemetry's conventions for messaging and RPC, 1.37 (development)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from contracts import Event
from opentelemetry.trace import SpanKind

from chassis.telemetry.declaring import CONVERSATION, ERROR, Operation, signals
from chassis.telemetry.spans import Span, current_traceparent, foreign, span

SLOW_WAIT_S = 5.0
"""The trace of a fact that waited longer in its queue is kept, whatever the sampling says."""

_signals = signals(__name__)
SYSTEM = _signals.attribute("messaging.system", "Always `rabbitmq`.")
MESSAGE = _signals.attribute("messaging.message.id", "Id of a fact (uuid5).")
QUEUE = _signals.attribute("messaging.destination.name", "Queue, or routing key of what is sent.")
METHOD = _signals.attribute("rpc.method", "The question: `server.question`.")

_SEND = _signals.operation(
    "send receptionist.events:{routing key}",
    "A fact is published and confirmed.",
    SYSTEM,
    MESSAGE,
    kind=SpanKind.PRODUCER,
)
_PROCESS = _signals.operation(
    "process receptionist.events:{routing key}:{queue}",
    "A stage works on a fact, up to the publishing of what it returns.",
    SYSTEM,
    MESSAGE,
    CONVERSATION,
    kind=SpanKind.CONSUMER,
)
_ASK = _signals.operation("ask {question}", "A question, from asking to the answer.", kind=SpanKind.CLIENT)
_ANSWER = _signals.operation("answer {question}", "A question is answered.", kind=SpanKind.SERVER)

_processed = _signals.histogram(
    "messaging.process.duration", "s", "Time that a stage worked on one fact.", QUEUE, ERROR
)
_waited = _signals.histogram(
    "receptionist.queue.wait", "s", "Age of a fact when a stage begins to work on it, retries included.", QUEUE
)
_sent = _signals.counter("messaging.client.sent.messages", "{message}", "Facts that were published.", QUEUE, ERROR)
_asked = _signals.histogram("rpc.client.call.duration", "s", "Time that an answer took.", METHOD, ERROR)
_retries = _signals.counter("receptionist.retries", "{message}", "Facts put into a delay tier.", QUEUE, ERROR)
_dead = _signals.counter("receptionist.dead_letters", "{message}", "Facts given up.", QUEUE, ERROR)


@contextmanager
def processing(queue: str, key: str, event: Event[Any], *, service: str, now: datetime) -> Iterator[None]:
    """Measure the work of a stage, as the continuation of the event's trace."""
    waited_s = max((now - event.time).total_seconds(), 0.0)
    attributes = {SYSTEM: "rabbitmq", MESSAGE: str(event.id), CONVERSATION: event.subject}
    current = span(_process(key, queue), parent=event.traceparent, service=service, attributes=attributes)
    if waited_s > SLOW_WAIT_S:
        current.keep()
    began = time.perf_counter()
    try:
        with current:
            yield
    finally:
        _processed.record(time.perf_counter() - began, _labels(QUEUE, queue, current.error))
        _waited.record(waited_s, _labels(QUEUE, queue, None))


@contextmanager
def sending(key: str, event: Event[Any], *, service: str) -> Iterator[Span]:
    """Measure a publishing: inside of what runs, unless the event belongs to another trace, which then goes on."""
    parent = foreign(event.traceparent)
    attributes = {SYSTEM: "rabbitmq", MESSAGE: str(event.id)}
    current = span(_send(key), parent=parent, service=service, attributes=attributes)
    if parent:
        current.link(current_traceparent())
    try:
        with current:
            yield current
    finally:
        _sent.add(1, _labels(QUEUE, key, current.error))


@contextmanager
def asking(question: str) -> Iterator[None]:
    """Measure a question."""
    current, began = span(_ask(question)), time.perf_counter()
    try:
        with current:
            yield
    finally:
        _asked.record(time.perf_counter() - began, _labels(METHOD, question, current.error))


def replying(question: str, parent: str, *, service: str) -> Span:
    """Begin the span of an answer."""
    return span(_answer(question), parent=parent, service=service)


def retried(queue: str, error: BaseException) -> None:
    """Count a fact that is tried again later."""
    _retries.add(1, _labels(QUEUE, queue, type(error).__name__))


def died(queue: str, error: BaseException) -> None:
    """Count a fact that is given up."""
    _dead.add(1, _labels(QUEUE, queue, type(error).__name__))


@cache
def _labels(name: str, value: str, error: str | None) -> dict[str, str]:
    return {name: value, ERROR: error} if error else {name: value}


@cache
def _send(key: str) -> Operation:
    return _SEND.called(f"send receptionist.events:{key}")


@cache
def _process(key: str, queue: str) -> Operation:
    return _PROCESS.called(f"process receptionist.events:{key}:{queue}")


@cache
def _ask(question: str) -> Operation:
    return _ASK.called(f"ask {question}")


@cache
def _answer(question: str) -> Operation:
    return _ANSWER.called(f"answer {question}")
