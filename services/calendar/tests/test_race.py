"""Two hundred families want the same ten slots at once: two copies of calendar, the real broker, PostgreSQL, Google."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aio_pika
import asyncpg
import httpx
import pytest
from assistant.testing_system import Broker
from chassis import topology
from chassis.testing import an_event
from contracts import Event
from contracts.calendar import BookingConfirmed, BookingRejected
from contracts.dialogue import BookingRequested, Lead, Slot
from contracts.ingress import Address
from contracts.preprocessor import Contact

pytestmark = pytest.mark.stores
MONDAY = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
FAMILIES = 200
WANTED = [
    datetime(2026, 11, day, hour, minute, tzinfo=MONDAY.tzinfo)
    for day, hour, minute in [*((24, hour, 0) for hour in (9, 10, 11, 14, 15)), *((25, 16, 0), (26, 9, 30))]
] + [datetime(2026, 11, 27, hour, 30, tzinfo=MONDAY.tzinfo) for hour in (10, 14, 16)]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of the test's own: the queues have the names of every installation."""
    broker = Broker(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.stop()


@dataclass
class Copies:
    """Processes of the service; one that is killed is started again."""

    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        command = [sys.executable, "-m", "calendar_service"]
        self.running.append(subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL))

    def kill_one(self) -> None:
        victim = self.running.pop(random.randrange(len(self.running)))  # a test's dice
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.start()

    def stop(self) -> None:
        for each in self.running:
            each.kill()
            each.wait()


@dataclass
class Families:
    """What two hundred families hear from calendar, by conversation; the same event again is heard once."""

    exchange: aio_pika.abc.AbstractExchange
    heard: dict[str, dict[Any, BookingConfirmed | BookingRejected]] = field(default_factory=dict)

    async def ask(self) -> None:
        await asyncio.gather(*(self._want(number) for number in random.sample(range(FAMILIES), FAMILIES)))

    async def _want(self, number: int) -> None:
        start = WANTED[number % len(WANTED)]
        phone = f"+5551{900000000 + number}"
        contact = Contact(phone=phone, address=Address(jid=f"{phone[1:]}@s.whatsapp.net", phone=phone))
        slot = Slot(start=start, end=start + timedelta(minutes=30))
        lead = Lead(parent_name=f"Família {number}", phone=phone)
        event = an_event(BookingRequested(slot=slot, lead=lead, contact=contact), subject=f"cnv_{number}")
        message = aio_pika.Message(event.to_wire(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await self.exchange.publish(message, BookingRequested.routing_key())

    async def listen(self, queue: aio_pika.abc.AbstractQueue, fact: Any) -> None:
        async with queue.iterator() as messages:
            async for message in messages:
                event = Event.from_wire(message.body, fact)
                self.heard.setdefault(event.subject, {})[event.id] = event.data
                await message.ack()


@pytest.fixture
async def copies(
    broker: Broker, fresh_database_url: str, sandbox_url: str, tmp_path: Path
) -> AsyncIterator[tuple[Copies, str]]:
    """Two copies with an empty Google Calendar beside them, at ten past ten on Monday."""
    clock = tmp_path / "clock"
    clock.write_text(str((MONDAY - datetime.now(UTC)).total_seconds()))
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False) as http:
        await http.delete("/sandbox/state")
        key = (await http.get("/sandbox/google/service-account")).json()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GOOGLE_")},
        "RABBITMQ_URL": broker.url,
        "DATABASE_URL": fresh_database_url,
        "ASSISTANT_CLOCK_FILE": str(clock),
        "GOOGLE_CALENDAR_ID": "unidade@sandbox.calendar",
        "GOOGLE_SERVICE_ACCOUNT_JSON": json.dumps(key),
        "GOOGLE_API_ENDPOINT": f"{sandbox_url}/google/calendar/v3/",
        "LOG_LEVEL": "ERROR",
    }
    two = Copies(environment)
    two.start()
    two.start()
    try:
        yield two, fresh_database_url
    finally:
        two.stop()


async def eventually(condition: Any, within_s: float, what: str) -> None:
    end = time.monotonic() + within_s
    while not await condition():
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("kills", [0, 6])
async def test_of_two_hundred_families_ten_get_a_visit_and_all_others_another_offer(
    broker: Broker, copies: tuple[Copies, str], sandbox_url: str, kills: int
) -> None:
    two, database_url = copies
    connection = await aio_pika.connect_robust(broker.url)
    async with connection, asyncio.TaskGroup() as group:
        channel = await connection.channel()
        queues = [await _queue(channel, fact) for fact in (BookingConfirmed, BookingRejected)]
        families = Families(await channel.get_exchange(topology.EVENTS.name))
        facts: list[Any] = [BookingConfirmed, BookingRejected]
        listening = [group.create_task(families.listen(queue, fact)) for queue, fact in zip(queues, facts, strict=True)]
        await families.ask()
        for _ in range(kills):
            await asyncio.sleep(random.uniform(0.05, 0.6))  # same
            await asyncio.to_thread(two.kill_one)

        async def all_heard() -> bool:
            return len(families.heard) == FAMILIES

        await eventually(all_heard, 60, f"an answer to each family, of {len(families.heard)}")
        await _shown(sandbox_url)
        for each in listening:
            each.cancel()
    assert {len(answers) for answers in families.heard.values()} == {1}
    answers = [answer for heard in families.heard.values() for answer in heard.values()]
    confirmed = [answer.visit.slot.start for answer in answers if isinstance(answer, BookingConfirmed)]
    rejected = [answer for answer in answers if isinstance(answer, BookingRejected)]
    assert sorted(confirmed) == sorted(WANTED)
    assert Counter(answer.reason for answer in rejected) == {"taken": FAMILIES - len(WANTED)}
    assert all(answer.alternatives and answer.slot not in answer.alternatives for answer in rejected)
    database = await asyncpg.connect(database_url)
    stored = await database.fetch("select lower(during) as start from calendar.visits where status = 'booked'")
    await database.close()
    assert sorted(row["start"] for row in stored) == sorted(WANTED)


async def _queue(channel: aio_pika.abc.AbstractChannel, fact: Any) -> aio_pika.abc.AbstractQueue:
    """The queue in which dialogue would find a fact; calendar makes it when it starts."""
    end = time.monotonic() + 30
    while True:
        with suppress(aio_pika.exceptions.ChannelNotFoundEntity):
            return await channel.get_queue(topology.queue_name("dialogue", fact))
        assert time.monotonic() < end, "calendar has not started"
        await asyncio.sleep(0.2)
        await channel.reopen()


async def _shown(sandbox_url: str) -> None:
    """Google shows each visit once."""
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False) as http:

        async def starts() -> list[datetime]:
            items = (await http.get("/sandbox/google/events")).json()["items"]
            return sorted(datetime.fromisoformat(item["start"]["dateTime"]) for item in items)

        async def complete() -> bool:
            return len(await starts()) >= len(WANTED)

        await eventually(complete, 60, "every visit in Google")
        await asyncio.sleep(1)
        assert await starts() == sorted(WANTED)
