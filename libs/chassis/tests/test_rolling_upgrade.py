"""Two releases side by side on the real broker: what the new one says, the old one understands, and the reverse.

A fact of two releases is two classes here, with the same routing key; in life they are two states of one class.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from chassis.clock import now
from chassis.line import Line
from chassis.testing import an_event
from chassis.topology import queue_name
from chassis.transport import Rabbit
from contracts import Event, Fact

pytestmark = pytest.mark.stores

RUN = uuid4().hex[:8]
PRODUCER, CONSUMER = f"writer{RUN}", f"reader{RUN}"


class Noted(Fact):
    """As the release before knows it."""

    producer: ClassVar[str] = PRODUCER
    consumers: ClassVar[tuple[str, ...]] = (CONSUMER,)
    word: str


class _Richer(Fact):
    producer: ClassVar[str] = PRODUCER
    consumers: ClassVar[tuple[str, ...]] = (CONSUMER,)
    word: str
    tone: str | None = None


RicherNoted = type("Noted", (_Richer,), {"__module__": __name__, "__doc__": "With a field that the new release added."})


class _Changed(Fact):
    producer: ClassVar[str] = PRODUCER
    version: ClassVar[int] = 2
    consumers: ClassVar[tuple[str, ...]] = (CONSUMER,)
    words: tuple[str, ...]


NotedAnew = type("Noted", (_Changed,), {"__module__": __name__, "__doc__": "What could not be told by a field more."})


@asynccontextmanager
async def running(line: Line, url: str) -> AsyncIterator[None]:
    rabbit = Rabbit(line, url)
    await rabbit.start()
    try:
        yield
    finally:
        await rabbit.stop()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


def reader(*facts: type[Fact]) -> tuple[Line, list[Fact]]:
    """One copy of the consumer, of a release that knows these facts, and what it has read."""
    line, read = Line(CONSUMER, clock=now), list[Fact]()

    async def keep(event: Event[Any]) -> None:
        read.append(event.data)

    for fact in facts:
        line.stage(fact)(keep)
    return line, read


def writer(*facts: type[Fact]) -> Line:
    line = Line(PRODUCER, clock=now)
    line.emits(*facts)
    return line


def test_both_releases_of_a_fact_use_one_queue_and_a_new_version_another() -> None:
    names = [queue_name(CONSUMER, fact) for fact in (Noted, RicherNoted, NotedAnew)]
    assert names == [f"{CONSUMER}.{PRODUCER}.noted.v1"] * 2 + [f"{CONSUMER}.{PRODUCER}.noted.v2"]


async def test_a_field_that_is_new_is_read_over_by_the_old_and_missed_by_nobody(amqp_url: str) -> None:
    (old, old_read), (new, new_read) = reader(Noted), reader(RicherNoted)
    before, after = writer(Noted), writer(RicherNoted)
    async with running(before, amqp_url), running(after, amqp_url):
        async with running(old, amqp_url):
            await after.publish(an_event(RicherNoted(word="oi", tone="warm")))
            await until(lambda: old_read)
        async with running(new, amqp_url):
            await before.publish(an_event(Noted(word="tchau")))
            await until(lambda: new_read)
    assert old_read == [Noted(word="oi")]
    assert new_read == [RicherNoted(word="tchau", tone=None)]


async def test_while_both_versions_are_published_old_and_new_copies_work_side_by_side(amqp_url: str) -> None:
    """Each fact is in both queues; a new copy works off version 2 alone, an old one version 1, and nothing is stuck."""
    (old, old_read), (new, new_read) = reader(Noted), reader(NotedAnew)
    both = writer(Noted, NotedAnew)
    async with running(new, amqp_url), running(old, amqp_url), running(both, amqp_url):
        first = an_event(Noted(word="oi"))
        await both.publish(first)
        await both.publish(first.causes(NotedAnew(words=("oi",)), now=now()))
        await until(lambda: old_read and new_read)
    assert old_read == [Noted(word="oi")]
    assert new_read == [NotedAnew(words=("oi",))]
