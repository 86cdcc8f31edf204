"""The shipped unit in late November 2026: Monday the 23rd, 10:12, nothing booked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import calendar_service
import httpx
import pytest
from calendar_service.appointments import Appointments
from calendar_service.google.client import Google
from calendar_service.google.connection import mirror
from calendar_service.google.sync import Import
from calendar_service.handlers import register
from calendar_service.slots import Opening
from calendar_service.staffing import Staff
from calendar_service.unit import read_unit_file
from chassis.breaker import Breakers
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe, an_event
from chassis.testing_http import served
from contracts import Event
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import BookingRequested, Lead, Slot, Student
from contracts.ingress import Address
from contracts.preprocessor import Contact
from pydantic import SecretStr
from sandbox.app import build_app
from sandbox.settings import Settings as SandboxSettings

UNIT = """
[hours]
weekdays = ["mon", "tue", "wed", "thu", "fri"]
periods = [["09:00", "12:00"], ["14:00", "17:00"]]
[holidays]
closed = [{ date = 2026-12-04, name = "reforma" }]
"""


@dataclass
class TestClock:
    """A clock that tests set."""

    __test__ = False
    at: datetime = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))

    def __call__(self) -> datetime:
        return self.at

    def on(self, **ahead: float) -> None:
        self.at += timedelta(**ahead)


@pytest.fixture(scope="session")
def unit_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("unit") / "unit.toml"
    file.write_text(UNIT)
    return file


@pytest.fixture(scope="session")
def opening(unit_file: Path) -> Opening:
    return read_unit_file(unit_file).opening()


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def at() -> Callable[[str], datetime]:
    """`at("24 14:30")`: a moment of November 2026 in São Paulo; days past 30 are December's."""

    def moment(text: str) -> datetime:
        day, _, clock_time = text.partition(" ")
        hour, _, minute = clock_time.partition(":")
        first = datetime(2026, 11, 1, int(hour), int(minute), tzinfo=ZoneInfo("America/Sao_Paulo"))
        return first + timedelta(days=int(day) - 1)

    return moment


@pytest.fixture
async def calendar(fresh_database_url: str, opening: Opening, clock: TestClock) -> AsyncIterator[Probe]:
    """The whole service on its real PostgreSQL, without a broker."""
    async with Probe(*wired(fresh_database_url, opening, clock)[:2]) as probe:
        yield probe


@pytest.fixture
def restarting(fresh_database_url: str, opening: Opening, clock: TestClock) -> Callable[..., Any]:
    """Each call makes the service anew, on the same database, as a restart does; with a clock of its own if given."""
    return lambda its_clock=clock: wired(fresh_database_url, opening, its_clock)


def wired(
    database_url: str, opening: Opening, clock: Callable[[], datetime], *, google: bool = False
) -> tuple[Line, Store, Appointments, Staff]:
    """Wire the service as its app does, on a clock of the test."""
    line = Line("calendar", clock=clock)
    migrations = Path(calendar_service.__file__).parent / "migrations"
    store = Store(line, SecretStr(database_url), migrations=migrations, pool_size=20)
    appointments = Appointments(store, opening, keep=timedelta(days=30), clock=clock, google=google)
    staff = Staff(appointments)
    register(line, store, appointments, staff)
    return line, store, appointments, staff


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    with served(build_app(SandboxSettings(sandbox_webhook_url=None))) as url:
        yield url


@dataclass
class Mirrored:
    """The service with a Google Calendar: the sandbox's, by Google's own client."""

    probe: Probe
    google: Google
    breakers: Breakers
    clock: TestClock
    http: httpx.AsyncClient
    begin: Callable[[], Any]

    async def settle(self, **ahead: float) -> None:
        """Let time pass, and work until nothing is due."""
        self.clock.on(**ahead)
        for _ in range(50):
            if await self.probe.fire_due(self.clock()) == 0:
                return
        raise AssertionError("something is due for ever")

    async def book(self, start: datetime, conversation: str = "cnv_ana") -> Visit:
        await self.probe.deliver(self.booking(start, conversation))
        return self.probe.of(BookingConfirmed)[-1].visit

    @staticmethod
    def booking(start: datetime, conversation: str = "cnv_ana") -> Event[BookingRequested]:
        phone = f"+5551{sum(conversation.encode()) + 987650000}"
        contact = Contact(phone=phone, address=Address(jid=f"{phone[1:]}@s.whatsapp.net", phone=phone))
        student = Student(name="Pedro", age=8, grade="ef3", subjects=("matematica", "portugues"))
        lead = Lead(parent_name="Ana Souza", phone=phone, email="ana@example.com", students=(student,))
        slot = Slot(start=start, end=start + timedelta(minutes=30))
        return an_event(BookingRequested(slot=slot, lead=lead, contact=contact), subject=conversation)

    async def events(self) -> list[dict[str, Any]]:
        """What stands in Google."""
        return list((await self.http.get("/sandbox/google/events")).json()["items"])

    async def starts(self) -> list[str]:
        return sorted(event["start"]["dateTime"] for event in await self.events())

    async def calls(self, method: str) -> int:
        items = (await self.http.get("/sandbox/google/calls")).json()["items"]
        return sum(item["method"] == f"calendar.events.{method}" for item in items)

    async def by_hand(self, event_id: str | None = None, **typed: Any) -> dict[str, Any]:
        """Add an event in Google, or change one."""
        if event_id:
            answer = await self.http.patch(f"/sandbox/google/events/{event_id}", json=typed)
        else:
            answer = await self.http.post("/sandbox/google/events", json=typed)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def delete_by_hand(self, event_id: str) -> None:
        assert (await self.http.delete(f"/sandbox/google/events/{event_id}")).is_success

    async def fault(self, kind: str, *, target: str = "google", times: int = 1, **about: Any) -> None:
        answer = await self.http.post("/sandbox/faults", json={"target": target, "kind": kind, "times": times, **about})
        assert answer.is_success, answer.text

    def reconnect(self, account: str | None = None, timeout_s: float = 5) -> None:
        """Begin anew with Google, with another key if one is given."""
        if self.google._api is not None:
            self.google._api.close()
        self.google._api, self.google._timeout_s = None, timeout_s
        self.google._account = SecretStr(account) if account else self.google._account

    async def mended(self) -> None:
        """End every fault, and wait until the breaker lets a call through again."""
        await self.http.delete("/sandbox/faults")
        await asyncio.sleep(BREAKER_S)


BREAKER_S = 0.05


@pytest.fixture
async def mirrored(
    fresh_database_url: str, opening: Opening, clock: TestClock, sandbox_url: str
) -> AsyncIterator[Mirrored]:
    """The service on its real PostgreSQL beside the sandbox's Google Calendar, the first import done."""
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False) as http:
        await http.delete("/sandbox/state")
        key = (await http.get("/sandbox/google/service-account")).json()
        line, store, appointments, staff = wired(fresh_database_url, opening, clock, google=True)
        breakers = Breakers(threshold=3, ttl_s=BREAKER_S)
        google = Google(
            SecretStr(json.dumps(key)),
            "unidade@sandbox.calendar",
            breakers=breakers,
            endpoint=f"{sandbox_url}/google/calendar/v3/",
            per_minute=1e9,
            timeout_s=5,
        )
        every = timedelta(seconds=60)
        mirror(google, appointments, staff, every=every, desk="http://desk")
        async with Probe(line, store) as probe:
            begin = Import(appointments, staff, google, every=every).begin
            mirrored = Mirrored(probe, google, breakers, clock, http, begin)
            await begin()
            await mirrored.settle()
            yield mirrored
        await google.close()
