"""The line over a real RabbitMQ and PostgreSQL: publish, retry, die, ask, emit, wake."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import aio_pika
import asyncpg
import pytest
from chassis.clock import now
from chassis.errors import DeadlineExceeded, Permanent, Transient, Unavailable
from chassis.line import Line
from chassis.retry import ATTEMPTS, AWAY_S
from chassis.rpc import remaining_s
from chassis.store import Store
from chassis.testing import an_event
from chassis.topology import TIERS_S, dead, queue_name
from chassis.transport import Rabbit
from contracts import Event, Fact, Question, Value
from pamqp.commands import Basic
from pydantic import SecretStr

pytestmark = pytest.mark.stores

RUN = uuid4().hex[:8]
MIGRATIONS = Path(__file__).parent / "migrations"


class Said(Fact):
    producer: ClassVar[str] = f"mouth{RUN}"
    consumers: ClassVar[tuple[str, ...]] = (f"ear{RUN}",)
    word: str


class Heard(Fact):
    producer: ClassVar[str] = f"ear{RUN}"
    word: str


class Doubled(Value):
    twice: int


class Double(Question):
    server: ClassVar[str] = f"adder{RUN}"
    answer: ClassVar[type[Value]] = Doubled
    n: int


@asynccontextmanager
async def running(line: Line, url: str) -> AsyncIterator[Rabbit]:
    rabbit = Rabbit(line, url)
    await rabbit.start()
    try:
        yield rabbit
    finally:
        await rabbit.stop()


async def until(condition: Callable[[], Any], within_s: float = 15) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


def a_mouth() -> Line:
    line = Line(f"mouth{RUN}", clock=now)
    line.emits(Said)
    return line


async def test_a_fact_reaches_its_consumer_who_started_later(amqp_url: str) -> None:
    heard: list[str] = []
    mouth, ear = a_mouth(), Line(f"ear{RUN}", clock=now)

    @ear.stage(Said)
    async def on_said(event: Event[Said]) -> None:
        heard.append(event.data.word)

    async with running(mouth, amqp_url):
        await mouth.publish(an_event(Said(word="oi")))
        async with running(ear, amqp_url):
            await until(lambda: heard == ["oi"])


async def test_a_line_that_rests_reads_later_what_comes_meanwhile(amqp_url: str) -> None:
    rest_s = 0.5
    heard_at: dict[str, float] = {}
    mouth, ear = a_mouth(), Line(f"ear{RUN}", clock=now, rest_s=rest_s)

    @ear.stage(Said)
    async def on_said(event: Event[Said]) -> None:
        heard_at[event.data.word] = time.monotonic()

    async with running(mouth, amqp_url), running(ear, amqp_url):
        await mouth.publish(an_event(Said(word="first")))
        await until(lambda: "first" in heard_at)
        await mouth.publish(an_event(Said(word="second")))
        await mouth.publish(an_event(Said(word="third")))
        await until(lambda: len(heard_at) == 3)
        assert heard_at["third"] >= heard_at["second"] >= heard_at["first"] + rest_s - 0.01
        await mouth.publish(an_event(Said(word="after it")))
        await until(lambda: "after it" in heard_at)


async def test_a_transient_error_is_tried_again_and_a_permanent_one_is_dead_with_its_reason(amqp_url: str) -> None:
    tries: list[str] = []
    mouth, ear = a_mouth(), Line(f"ear{RUN}", clock=now)

    @ear.stage(Said)
    async def on_said(event: Event[Said]) -> None:
        tries.append(event.data.word)
        if event.data.word == "never":
            raise Permanent("this word is not for me")
        if len(tries) < 2:
            raise Transient("not yet")

    began = time.monotonic()
    async with running(mouth, amqp_url), running(ear, amqp_url):
        await mouth.publish(an_event(Said(word="later")))
        await until(lambda: tries == ["later", "later"])
        assert time.monotonic() - began >= 1
        await mouth.publish(an_event(Said(word="never")))
        await until(lambda: tries.count("never") == 1)
    letter = await one_from(amqp_url, dead(queue_name(f"ear{RUN}", Said)))
    assert letter.headers["x-reason"] == "Permanent: this word is not for me"
    assert letter.headers["x-attempts"] == 1


def test_what_waits_for_something_that_is_away_is_tried_every_few_seconds_for_an_hour_in_tiers_that_exist() -> None:
    assert set(AWAY_S) <= set(TIERS_S)
    assert max(AWAY_S[:25]) <= 5
    assert 3600 <= sum(AWAY_S) <= 4000


@pytest.mark.parametrize(
    "error", [Unavailable("the database"), asyncpg.CannotConnectNowError(), ConnectionRefusedError()]
)
async def test_a_message_for_which_something_is_away_outlives_the_attempts_of_other_errors(
    amqp_url: str, error: Exception
) -> None:
    tries: list[int] = []
    ear = Line(f"ear{RUN}", clock=now)

    @ear.stage(Said)
    async def on_said(_: Event[Said]) -> None:
        tries.append(1)
        if len(tries) < 2:
            raise error

    message = an_event(Said(word=f"patient with {type(error).__name__}"))
    async with running(ear, amqp_url) as rabbit:
        headers = {ATTEMPTS: len(TIERS_S) + 1}
        properties = Basic.Properties(headers=headers, message_id=str(message.id))
        await rabbit.publisher.send(message.to_wire(), properties, queue_name(f"ear{RUN}", Said))
        await until(lambda: len(tries) == 2)


async def test_while_a_copy_ends_what_comes_goes_to_the_others_at_once(amqp_url: str) -> None:
    heard: dict[str, list[str]] = {"ending": [], "other": []}
    go_on = asyncio.Event()

    def an_ear(copy: str) -> Line:
        line = Line(f"ear{RUN}", clock=now)

        @line.stage(Said)
        async def on_said(event: Event[Said]) -> None:
            heard[copy].append(event.data.word)
            if event.data.word == "held":
                await go_on.wait()

        return line

    mouth, ending = a_mouth(), Rabbit(an_ear("ending"), amqp_url)
    await ending.start()
    async with running(mouth, amqp_url):
        await mouth.publish(an_event(Said(word="held")))
        await until(lambda: heard["ending"] == ["held"])
        async with running(an_ear("other"), amqp_url):
            stopping = asyncio.create_task(ending.stop())
            (subscriber,) = ending.inbound.subscribers
            await until(lambda: not subscriber.running)
            for number in range(6):
                await mouth.publish(an_event(Said(word=f"later {number}")))
            await until(lambda: len(heard["other"]) == 6)
            assert not stopping.done()
            go_on.set()
            await stopping
    assert heard["ending"] == ["held"]


async def test_what_is_done_when_a_copy_ends_does_not_come_again(amqp_url: str) -> None:
    heard: list[str] = []

    def an_ear() -> Line:
        line = Line(f"ear{RUN}", clock=now)

        @line.stage(Said)
        async def on_said(event: Event[Said]) -> None:
            heard.append(event.data.word)

        return line

    mouth = a_mouth()
    async with running(mouth, amqp_url):
        async with running(an_ear(), amqp_url):
            await mouth.publish(an_event(Said(word="first")))
            await until(lambda: heard == ["first"])
        async with running(an_ear(), amqp_url):
            await mouth.publish(an_event(Said(word="last")))
            await until(lambda: "last" in heard)
    assert heard == ["first", "last"]


async def test_deliveries_go_straight_to_whoever_takes_them_also_after_a_reconnect(amqp_url: str) -> None:
    """Where a new aiormq has no such `consumers`, `deliveries.straight` can go: all that it does is to spare time."""
    heard: list[str] = []
    mouth, ear = a_mouth(), Line(f"ear{RUN}", clock=now)

    @ear.stage(Said)
    async def on_said(event: Event[Said]) -> None:
        heard.append(event.data.word)

    async with running(mouth, amqp_url), running(ear, amqp_url) as rabbit:
        (subscriber,) = rabbit.inbound.subscribers
        connection = await rabbit.inbound.connect()

        async def goes_straight_after(word: str) -> bool:
            await mouth.publish(an_event(Said(word=word)))
            await until(lambda: word in heard)
            channel = await subscriber._queue_obj.channel.get_underlay_channel()
            return [taker.__qualname__ for taker in channel.consumers.values()] == ["Taking.take"]

        assert await goes_straight_after("first")
        await connection.transport.connection.close(ConnectionError("as if the broker had gone"))
        assert await goes_straight_after("again")


async def test_a_payload_that_cannot_be_read_is_dead_at_once_without_its_text_in_the_reason(amqp_url: str) -> None:
    ear = Line(f"ear{RUN}", clock=now)

    @ear.stage(Said)
    async def on_said(event: Event[Said]) -> None:
        raise AssertionError(event)

    async with running(ear, amqp_url) as rabbit:
        await rabbit.publisher.send(
            b'{"data": {"word": 5, "secret": "x"}}', Basic.Properties(), queue_name(f"ear{RUN}", Said)
        )
        letter = await one_from(amqp_url, dead(queue_name(f"ear{RUN}", Said)))
    assert str(letter.headers["x-reason"]).startswith("invalid payload: id: missing")
    assert "secret" not in str(letter.headers["x-reason"])


async def one_from(url: str, queue: str) -> aio_pika.abc.AbstractIncomingMessage:
    connection = await aio_pika.connect(url)
    async with connection, asyncio.timeout(15):
        channel = await connection.channel()
        while True:
            source = await channel.get_queue(queue, ensure=False)
            message = await source.get(no_ack=True, fail=False)
            if message is not None:
                return message
            await asyncio.sleep(0.05)


async def test_what_was_never_readable_is_counted_as_dead_and_not_as_waiting(amqp_url: str) -> None:
    mouth = a_mouth()
    mouth.quarantines = True
    async with running(mouth, amqp_url) as rabbit:
        await mouth.quarantine(b"{not json", "not_json")
        assert await rabbit.depths() == {f"mouth{RUN}.quarantine": (0, 1)}


async def test_what_is_unwanted_is_taken_out_of_queues_and_the_rest_keeps_its_place(amqp_url: str) -> None:
    line = Line(f"sieve{RUN}", clock=now)
    async with running(line, amqp_url) as rabbit, await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(f"sieve{RUN}.dead", durable=True, arguments={"x-queue-type": "quorum"})
        for body in (b"one", b"two Ana", b"three", b"four Ana", b"five"):
            await channel.default_exchange.publish(aio_pika.Message(body), queue.name)
        assert await line.sift([queue.name, f"nowhere{RUN}"], lambda body: b"Ana" in body) == 2
        assert await line.sift([queue.name], lambda body: b"Ana" in body) == 0
        left = []
        async with asyncio.timeout(10):
            while len(left) < 3:
                if message := await queue.get(fail=False, no_ack=True):
                    left.append(message.body)
        assert left == [b"one", b"three", b"five"]
        assert await rabbit.ready()


async def test_a_question_is_answered_or_its_error_comes_back_at_once(amqp_url: str) -> None:
    asker, server = Line("asker", clock=now), Line(f"adder{RUN}", clock=now)

    @server.answers(Double)
    async def on_double(question: Double) -> Doubled:
        if question.n < 0:
            raise Permanent("only what is positive")
        if question.n > 100:
            await asyncio.sleep(30)
        if question.n == 13:
            raise RuntimeError("quite unexpected")
        return Doubled(twice=question.n * 2)

    async with running(asker, amqp_url), running(server, amqp_url):
        answers = await asyncio.gather(*(asker.ask(Double(n=n), within_s=5) for n in range(10)))
        assert [answer.twice for answer in answers] == [2 * n for n in range(10)]
        with pytest.raises(Permanent, match="only what is positive"):
            await asker.ask(Double(n=-1), within_s=5)
        with pytest.raises(Unavailable, match="RuntimeError"):
            await asker.ask(Double(n=13), within_s=5)
        with pytest.raises(DeadlineExceeded):
            await asker.ask(Double(n=101), within_s=0.3)
        with pytest.warns(UserWarning, match="serialized value"), pytest.raises(Permanent, match="n: int_parsing"):
            await asker.ask(Double.model_construct(n="two"), within_s=5)


async def test_the_server_of_a_question_knows_how_long_it_is_waited_for(amqp_url: str) -> None:
    asker, server = Line("asker", clock=now), Line(f"adder{RUN}", clock=now)
    left: list[float] = []

    @server.answers(Double)
    async def on_double(question: Double) -> Doubled:
        left.append(remaining_s() or 0)
        return Doubled(twice=question.n)

    async with running(asker, amqp_url), running(server, amqp_url):
        for within_s in (2.0, 7.5, 40.0):
            await asker.ask(Double(n=1), within_s=within_s)
            assert within_s - 1 < left[-1] <= within_s


async def test_a_question_that_nobody_serves_fails_at_once(amqp_url: str) -> None:
    class Nobody(Question):
        server: ClassVar[str] = f"nobody{RUN}"
        answer: ClassVar[type[Value]] = Doubled

    asker = Line("asker", clock=now)
    async with running(asker, amqp_url):
        began = time.monotonic()
        with pytest.raises(Unavailable, match="no queue takes"):
            await asker.ask(Nobody(), within_s=5)
        assert time.monotonic() - began < 2


def a_counter(database_url: str) -> tuple[Line, Store]:
    line = Line(f"ear{RUN}", clock=now)
    line.emits(Heard)
    store = Store(line, SecretStr(database_url), migrations=MIGRATIONS)

    @line.stage(Said, emits=(Heard,))
    async def on_said(event: Event[Said]) -> None:
        async with store.unit() as tx:
            if not await tx.first_time(event):
                return
            await tx.connection.execute(
                "insert into count (name, n) values ($1, 1) on conflict (name) do update set n = count.n + 1",
                event.data.word,
            )
            await tx.emit(event.causes(Heard(word=event.data.word), now=now()))
            if event.data.word == "fail":
                raise Transient("after everything was written")

    return line, store


async def test_a_duplicate_changes_nothing_and_a_failed_unit_leaves_nothing(
    amqp_url: str, fresh_database_url: str
) -> None:
    line, store = a_counter(fresh_database_url)
    await store.open()
    async with running(line, amqp_url):
        handler = line.stages[0].handler
        event = an_event(Said(word="a"))
        await handler(event)
        await handler(event)
        with pytest.raises(Transient):
            await handler(an_event(Said(word="fail")))
        rows = await store.pool.fetch("select name, n from count")
        assert [(row["name"], row["n"]) for row in rows] == [("a", 1)]
        assert await store.pool.fetchval("select count(*) from inbox") == 1
    await store.close()


async def test_the_relay_publishes_what_a_crash_left_and_forgets_what_is_published(
    amqp_url: str, fresh_database_url: str
) -> None:
    line, store = a_counter(fresh_database_url)
    await store.open()
    heard = an_event(Heard(word="left behind"))
    async with store.pool.acquire() as connection:
        await store.outbox.write(connection, [heard])  # the process died here, before it published
    async with running(line, amqp_url):
        store.start_relay()
        await until_empty(store, "outbox", within_s=10)
        await line.stages[0].handler(an_event(Said(word="b")))
        await until_empty(store, "outbox", within_s=5)
    await store.close()


async def test_the_relay_outlives_whatever_a_dying_connection_raises(amqp_url: str, fresh_database_url: str) -> None:
    line, store = a_counter(fresh_database_url)
    await store.open()
    forget, broken = store.outbox._forget, [asyncpg.InternalClientError("got result for unknown protocol state")]

    async def dying() -> None:
        if broken:
            raise broken.pop()
        await forget()

    store.outbox._forget = dying  # type: ignore[method-assign]  # of this one store
    async with running(line, amqp_url):
        store.start_relay()
        await line.stages[0].handler(an_event(Said(word="a")))
        await until_empty(store, "outbox", within_s=8)
    assert not broken
    await store.close()


async def until_empty(store: Store, table: str, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while await store.pool.fetchval(f"select count(*) from {table}"):
            await asyncio.sleep(0.02)


async def test_a_timer_fires_when_due_and_again_after_a_failure_until_it_succeeds(
    amqp_url: str, fresh_database_url: str
) -> None:
    line, store = a_counter(fresh_database_url)
    fired: list[tuple[str, dict[str, Any]]] = []

    @store.timer("ring")
    async def on_ring(key: str, payload: dict[str, Any]) -> None:
        fired.append((key, payload))
        if len(fired) == 1:
            raise Transient("not now")

    await store.open()
    async with running(line, amqp_url):
        store.start_relay()
        async with store.unit() as tx:
            await tx.wake("ring", key="k", due_at=now() + timedelta(hours=1), payload={"n": 1})
        async with store.unit() as tx:
            await tx.wake("ring", key="k", due_at=now() + timedelta(seconds=0.3), payload={"n": 2})
        await until(lambda: len(fired) == 2)
        assert fired == [("k", {"n": 2})] * 2
        await until_empty(store, "timer", within_s=5)
    await store.close()


async def test_a_timer_that_its_handler_arms_anew_stands(amqp_url: str, fresh_database_url: str) -> None:
    line, store = a_counter(fresh_database_url)
    fired: list[str] = []

    @store.timer("again")
    async def on_again(key: str, _payload: dict[str, Any]) -> None:
        fired.append(key)
        if len(fired) < 3:
            async with store.unit() as tx:
                await tx.wake("again", key=key, due_at=now() + timedelta(seconds=0.05))

    await store.open()
    async with running(line, amqp_url):
        store.start_relay()
        async with store.unit() as tx:
            await tx.wake("again", key="k", due_at=now())
        await until(lambda: len(fired) == 3)
        await until_empty(store, "timer", within_s=5)
    await store.close()


async def test_two_relays_call_a_timer_once(amqp_url: str, fresh_database_url: str) -> None:
    pairs = [a_counter(fresh_database_url) for _ in range(2)]
    fired: list[str] = []
    for _, store in pairs:

        @store.timer("once")
        async def on_once(key: str, _payload: dict[str, Any]) -> None:
            fired.append(key)

        await store.open()
    keys = [str(n) for n in range(50)]
    async with running(pairs[0][0], amqp_url), running(pairs[1][0], amqp_url):
        async with pairs[0][1].unit() as tx:
            for key in keys:
                await tx.wake("once", key=key, due_at=now())
        for _, store in pairs:
            store.start_relay()
        await until_empty(pairs[0][1], "timer", within_s=10)
    for _, store in pairs:
        await store.close()
    assert sorted(fired, key=int) == keys
