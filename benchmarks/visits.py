"""Calendar under load: how long a question for free slots and a booking take, over the real broker and PostgreSQL.

    python benchmarks/visits.py [--questions 1000] [--bookings 300] [--visits 2000] [--json]

One copy of calendar, without Google in the way; the books hold `--visits` visits. Questions and bookings come one
after another, then several at once. Times are as dialogue sees them; beside them, the processor time that calendar's
process took for each, which does not depend on what else the machine does, and the machine's load meanwhile.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import psutil
from assistant.stores import postgresql
from assistant.testing_stores import new_database, running_stores
from assistant.testing_system import MONDAY, Broker
from chassis.line import Line
from chassis.testing import an_event
from chassis.transport import Rabbit
from contracts import Event
from contracts.calendar import (
    Availability,
    BookingConfirmed,
    BookingRejected,
    ReminderDue,
    SlotWish,
    VisitCancelled,
    VisitRescheduled,
)
from contracts.dialogue import BookingRequested, CancellationRequested, Lead, RescheduleRequested
from contracts.ingress import Address
from contracts.preprocessor import Contact

ROOT = Path(__file__).parent.parent
NOW = datetime.fromisoformat(MONDAY)
CONTACT = Contact(phone="+5551987650001", address=Address(jid="5551987650001@s.whatsapp.net"))
AT_ONCE = (4, 16)


class Dialogue:
    """Asks and books as dialogue does."""

    def __init__(self, amqp_url: str) -> None:
        self.line = Line("dialogue", clock=lambda: datetime.now(UTC))
        self.line.emits(BookingRequested, CancellationRequested, RescheduleRequested)
        self.answers: dict[str, asyncio.Future[Any]] = {}
        for fact in (BookingConfirmed, BookingRejected, VisitCancelled, VisitRescheduled, ReminderDue):
            self.line.stage(fact)(self.heard)
        self.transport = Rabbit(self.line, amqp_url)
        self.began = time.monotonic()

    def now(self) -> datetime:
        """Monday, and as much later as it has worked: a hold is told from the next by its moment."""
        return NOW + timedelta(seconds=time.monotonic() - self.began)

    async def heard(self, event: Event[Any]) -> None:
        if event.subject in self.answers:
            self.answers.pop(event.subject).set_result(event.data)

    async def tell(self, fact: Any, conversation: str) -> Any:
        answer = self.answers[conversation] = asyncio.get_running_loop().create_future()
        await self.line.publish(an_event(fact, subject=conversation))
        async with asyncio.timeout(10):
            return await answer

    async def ask(self, number: int, *, hold: bool) -> float:
        wish = random.choice([SlotWish(), SlotWish(weekdays=(1, 3), start="14:00"), SlotWish(end="12:00")])
        question = Availability(conversation=f"cnv_q{number % 40}", now=self.now(), wish=wish, hold=hold)
        began = time.perf_counter()
        await self.line.ask(question, within_s=5)
        return time.perf_counter() - began

    async def book(self, number: int) -> float:
        """Book a free slot and give it back; how long the booking took, whatever became of it."""
        conversation = f"cnv_b{number}"
        offer = await self.line.ask(Availability(conversation=conversation, now=self.now()), within_s=5)
        began = time.perf_counter()
        said = await self.tell(BookingRequested(slot=offer.slots[0], lead=Lead(), contact=CONTACT), conversation)
        took = time.perf_counter() - began
        if isinstance(said, BookingConfirmed):
            await self.tell(CancellationRequested(visit_id=said.visit.id, contact=CONTACT), conversation)
        return took


async def fill(database_url: str, visits: int) -> None:
    """Put visits on the books: half of what there is, day after day, from three weeks ago on."""
    connection = await asyncpg.connect(database_url)
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    await connection.execute("set search_path to calendar")
    contact, day, rows = CONTACT.model_dump(mode="json"), NOW.date() - timedelta(days=21), list[Any]()
    while len(rows) < visits:
        for hour in (9, 10, 11, 14, 15, 16):
            start = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("America/Sao_Paulo"))
            slot = asyncpg.Range(start, start + timedelta(minutes=30))
            rows.append((UUID(int=len(rows) + 1), f"cnv_{len(rows)}", slot, contact, {}))
        day += timedelta(days=1)
    statement = "insert into visits (id, conversation, during, contact, lead) values ($1, $2, $3, $4, $5)"
    await connection.executemany(statement, rows[:visits])
    await connection.close()


@dataclass(frozen=True)
class Measured:
    """How long each took, in seconds, and what one of them took of calendar's processor time."""

    times: list[float]
    cpu_s: float

    def row(self) -> dict[str, float]:
        """What is printed, in ms."""
        return {
            "p50_ms": statistics.median(self.times) * 1e3,
            "p99_ms": statistics.quantiles(self.times, n=100)[98] * 1e3,
            "most_ms": max(self.times) * 1e3,
            "cpu_ms": self.cpu_s * 1e3,
        }


async def measure(
    amqp_url: str, database_url: str, calendar: psutil.Process, arguments: argparse.Namespace
) -> dict[str, Measured]:
    dialogue = Dialogue(amqp_url)
    await dialogue.transport.start()

    async def measured(one: Callable[[int], Awaitable[float]], count: int, at_once: int = 1) -> Measured:
        before = cpu_s(calendar)
        times = await together(one, count, at_once)
        return Measured(times, (cpu_s(calendar) - before) / count)

    async def holding(number: int) -> float:
        return await dialogue.ask(number, hold=True)

    async def looking(number: int) -> float:
        return await dialogue.ask(number, hold=False)

    try:
        for number in range(50):
            await until_answered(dialogue, number)
        await fill(database_url, arguments.visits)
        questions, bookings = arguments.questions, arguments.bookings
        return {
            "availability, nothing held": await measured(looking, questions),
            "availability, slots held": await measured(holding, questions),
            **{f"availability, {n} at once": await measured(holding, questions, n) for n in AT_ONCE},
            "booking": await measured(dialogue.book, bookings),
            f"booking, {AT_ONCE[0]} at once": await measured(dialogue.book, bookings, AT_ONCE[0]),
        }
    finally:
        await dialogue.transport.stop()


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def until_answered(dialogue: Dialogue, number: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            await dialogue.ask(number, hold=True)
        except Exception:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)
        else:
            return


async def together(one: Callable[[int], Awaitable[float]], count: int, at_once: int) -> list[float]:
    """Do it so often, so many at a time; how long each took."""
    numbers, times = iter(range(count)), list[float]()

    async def in_turn() -> None:
        for number in numbers:
            times.append(await one(number))

    await asyncio.gather(*(in_turn() for _ in range(at_once)))
    return times


def run(arguments: argparse.Namespace) -> dict[str, Measured]:
    with tempfile.TemporaryDirectory(prefix="visits-") as name:
        folder = Path(name)
        broker = Broker(folder / "broker")
        broker.start()
        clock = folder / "clock"
        clock.write_text(str((NOW - datetime.now(UTC)).total_seconds()))
        with running_stores([postgresql.NAME], folder / "stores") as urls, new_database(urls[postgresql.NAME]) as url:
            environment = {name: value for name, value in os.environ.items() if not name.startswith("GOOGLE_")}
            environment |= {"RABBITMQ_URL": broker.url, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
            environment |= {"ASSISTANT_CLOCK_FILE": str(clock), "UNIT_FILE": str(ROOT / "unit.toml")}
            command = [sys.executable, "-m", "calendar_service"]
            calendar = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            try:
                return asyncio.run(measure(broker.url, url, psutil.Process(calendar.pid), arguments))
            finally:
                calendar.kill()
                calendar.wait()
                broker.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--bookings", type=int, default=300)
    parser.add_argument("--visits", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = {name: measured.row() for name, measured in run(arguments).items()}
    if arguments.json:
        print(json.dumps(report, indent=2))
        return
    for name, row in report.items():
        print(
            f"{name:28} p50 {row['p50_ms']:6.1f} ms   p99 {row['p99_ms']:6.1f} ms   most {row['most_ms']:6.1f} ms"
            f"   {row['cpu_ms']:5.2f} ms of calendar's processor"
        )
    print(f"load of the machine in the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
