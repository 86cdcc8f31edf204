"""postprocessor on its real PostgreSQL, in front of the sandbox's Evolution API, over HTTP, on a clock of the tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from chassis.breaker import Breakers
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe, an_event
from chassis.testing_http import served
from contracts import Event, conversation_id
from contracts.dialogue import HandoffPack, HandoffRequested, Lead, SendPolicy
from contracts.frontdesk import StaffReleased, StaffReplied, StaffTookOver
from contracts.ingress import Address, ChannelKey, MessageEchoed, ReceiptReceived
from contracts.preprocessor import Contact
from contracts.rules import ReplyDrafted
from postprocessor_service.app import MIGRATIONS, wire
from postprocessor_service.channels.evolution import Evolution
from postprocessor_service.channels.together import Channels
from postprocessor_service.delivery import Courier
from postprocessor_service.outages import Outages
from postprocessor_service.settings import Settings
from pydantic import HttpUrl, SecretStr
from sandbox.app import build_app
from sandbox.clock import Clock as SandboxClock
from sandbox.settings import Settings as SandboxSettings

KEY = "global-key"
ANA = "5551991234501"
BIA = "5551991234503"
STATUSES = {"SERVER_ACK": "sent", "DELIVERY_ACK": "delivered", "READ": "read"}


@dataclass
class TestClock:
    """The machine's clock, moved by the test; where `stop` was called, it is the test alone that moves it."""

    __test__ = False
    ahead: timedelta = field(default_factory=timedelta)
    stopped_at: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stopped_at or datetime.now(UTC)) + self.ahead

    def on(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)

    def stop(self) -> None:
        """Stand still, for a test of what is not yet to happen: a busy machine takes seconds for what it does."""
        self.stopped_at = datetime.now(UTC)


@dataclass
class Outside:
    """The sandbox: the channel, and the phones of the people at its other end."""

    url: str
    http: httpx.AsyncClient

    async def phone(self, digits: str = ANA) -> list[str]:
        """Read what is on somebody's phone, oldest first."""
        answer = await self.http.get("/sandbox/messages", params={"phone": digits})
        return [one["text"] for one in answer.json()["items"] if one["direction"] == "out"]

    async def messages(self, digits: str = ANA) -> list[dict[str, Any]]:
        return list((await self.http.get("/sandbox/messages", params={"phone": digits})).json()["items"])

    async def breaks(self, kind: str, target: str = "sendText", **about: Any) -> None:
        fault = {"target": target, "kind": kind, **about}
        (await self.http.post("/sandbox/faults", json=fault)).raise_for_status()

    async def receives(self, count: int = 1) -> list[dict[str, Any]]:
        """Wait until this many messages are on the phone; all of them."""

        async def there() -> list[dict[str, Any]]:
            messages = await self.messages()
            return messages if len(messages) >= count else []

        return list(await until(there, within_s=30))

    async def struck(self) -> int:
        return sum(one["struck"] for one in (await self.http.get("/sandbox/faults")).json()["items"])


def a_contact(digits: str = ANA, **address: Any) -> Contact:
    jid = address.pop("jid", f"{digits}@s.whatsapp.net")
    return Contact(phone=f"+{digits}", address=Address(jid=jid, phone=f"+{digits}", **address))


@dataclass
class Desk:
    """postprocessor, and what the others say to it."""

    probe: Probe
    outside: Outside
    clock: TestClock
    courier: Courier
    breakers: Breakers
    outages: Outages

    def draft(self, *texts: str, to: str = ANA, expires_s: float = 1800, **about: Any) -> Event[ReplyDrafted]:
        now = self.clock()
        drafted = ReplyDrafted(
            **{
                "reply_id": uuid4(),
                "turn_id": uuid4(),
                "contact": a_contact(to),
                "instance": "kumon",
                "bubbles": texts,
                "purpose": "answer",
                "facts_version": "0123456789ab",
                "policy": SendPolicy(expires_at=now + timedelta(seconds=expires_s)),
                **about,
            }
        )
        return an_event(drafted, subject=conversation_id(f"+{to}"), at=now)

    def staff_reply(self, text: str, to: str = ANA) -> Event[StaffReplied]:
        said = StaffReplied(reply_id=uuid4(), contact=a_contact(to), instance="kumon", by="owner", text=text)
        return an_event(said, subject=conversation_id(f"+{to}"), at=self.clock())

    async def take_over(self, to: str = ANA) -> None:
        await self.probe.deliver(
            an_event(StaffTookOver(by="owner"), subject=conversation_id(f"+{to}"), at=self.clock())
        )

    async def release(self, to: str = ANA) -> None:
        await self.probe.deliver(
            an_event(StaffReleased(by="owner"), subject=conversation_id(f"+{to}"), at=self.clock())
        )

    def handoff(self, to: str = ANA) -> Event[HandoffRequested]:
        pack = HandoffPack(summary=(), lead=Lead())
        asked = HandoffRequested(contact=a_contact(to), reason="person_request", pack=pack)
        return an_event(asked, subject=conversation_id(f"+{to}"), at=self.clock())

    def echo(self, text: str, channel_id: str, *, origin: str = "api", to: str = ANA, **about: Any) -> Event[Any]:
        now = self.clock()
        echoed = MessageEchoed(
            **{
                "key": ChannelKey(instance="kumon", id=channel_id, from_me=True),
                "address": a_contact(to).address,
                "origin": origin,
                "text": text,
                "sent_at": now.replace(microsecond=0),
                **about,
            }
        )
        return an_event(echoed, subject=conversation_id(f"+{to}"), key=f"{channel_id}:{uuid4()}", at=now)

    async def receipt(
        self, channel_id: str, status: str, *, instance: str = "kumon", reference: str | None = None
    ) -> None:
        key = ChannelKey(instance=instance, id=channel_id, from_me=True)
        said = ReceiptReceived(key=key, status=status, reference=reference)
        await self.probe.deliver(an_event(said, at=self.clock()))

    async def say(self, *texts: str, **about: Any) -> Event[ReplyDrafted]:
        """Draft a reply and let the courier work."""
        event = self.draft(*texts, **about)
        await self.probe.deliver(event)
        await self.run()
        return event

    async def run(self) -> None:
        """Fire what is due until nothing is."""
        async with asyncio.timeout(20):
            for conversation in await self.courier._deliveries.left(self.clock()):
                await self.courier.work(conversation)
            while await self.probe.fire_due(self.clock()):
                pass
        await self.courier._manners.finish()

    async def wait(self, seconds: float) -> None:
        """Let time go by, a second at a time, and what becomes due happen."""
        for _ in range(int(seconds)):
            self.clock.on(seconds=1)
            await self.run()

    async def wait_for_phone(self, within: int = 60) -> None:
        """Let seconds go by until something is on the phone."""
        for _ in range(within):
            if await self.outside.phone():
                return
            await self.wait(1)

    async def wait_until_sent(self, within: int = 60) -> None:
        """Let seconds go by until nothing is left to be sent."""
        for _ in range(within):
            if set(await self.states()) <= {"sent"}:
                return
            await self.wait(1)

    async def rows(self, columns: str = "nth, state") -> list[tuple[Any, ...]]:
        store = self.probe.store
        assert store is not None
        query = f"select {columns} from bubble b join reply r on r.id = b.reply_id order by drafted_at, nth"
        return [tuple(row) for row in await store.pool.fetch(query)]

    async def reaches(self, *states: str) -> None:
        """Wait until the bubbles are in these states."""

        async def are() -> bool:
            return await self.states() == list(states)

        await until(are)

    async def states(self) -> list[str]:
        return [row[0] for row in await self.rows("state")]

    async def execute(self, statement: str, *arguments: Any) -> None:
        assert self.probe.store is not None
        await self.probe.store.pool.execute(statement, *arguments)


async def until(true: Callable[[], Any], within_s: float = 5.0) -> Any:
    """Wait until `true()` (it may be async) says something; what it says."""
    async with asyncio.timeout(within_s):
        while True:
            value = true()
            if isinstance(value, Awaitable):
                value = await value
            if value:
                return value
            await asyncio.sleep(0.005)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[tuple[str, TestClock]]:
    """A sandbox in a thread of its own; its address and the clock that it goes by."""
    clock = TestClock()
    app = build_app(SandboxSettings(evolution_api_key=KEY), SandboxClock(real=lambda: clock().timestamp()))
    with served(app) as url:
        yield url, clock


@pytest.fixture
async def outside(sandbox: tuple[str, TestClock]) -> AsyncIterator[Outside]:
    """The sandbox, as freshly started."""
    url, clock = sandbox
    clock.ahead, clock.stopped_at = timedelta(), None
    async with httpx.AsyncClient(base_url=url, headers={"apikey": KEY}, timeout=10, trust_env=False) as http:
        await http.delete("/sandbox/state")
        yield Outside(url, http)


@pytest.fixture
def open_desk(fresh_database_url: str, outside: Outside, sandbox: tuple[str, TestClock]) -> Any:
    """`async with open_desk(channel_timeout_s=1) as desk`: without limits and typing unless a test wants them.

    `breaker_s` is how long an open breaker stays open, on the machine's clock; `at_once` has the courier
    begin without its timer.
    """

    @asynccontextmanager
    async def opened(*, breaker_s: float = 0.01, at_once: bool = False, **knobs: Any) -> AsyncIterator[Desk]:
        clock = sandbox[1]
        values = {
            "rabbitmq_url": "amqp://nowhere/",
            "database_url": fresh_database_url,
            "evolution_url": outside.url,
            "evolution_api_key": KEY,
            "channel_timeout_s": 1.0,
            "channel_per_user_s": 0,
            "channel_per_number_s": 0,
            "burst_window_s": 0,
            **knobs,
        }
        settings = Settings(**values)
        line = Line("postprocessor", clock=clock)
        store = Store(line, SecretStr(fresh_database_url), migrations=MIGRATIONS)
        breakers = Breakers(ttl_s=breaker_s)
        channel = Evolution(HttpUrl(values["evolution_url"]), settings.evolution_api_key, settings.channel_timeout_s)
        channels = Channels(channel, settings.fallbacks)
        courier, outages = wire(line, store, channels, breakers, settings=settings, clock=clock, at_once=at_once)
        try:
            async with Probe(line, store) as probe:
                running = asyncio.create_task(courier.run())
                yield Desk(probe, outside, clock, courier, breakers, outages)
                running.cancel()
        finally:
            await courier._manners.finish()
            await channels.close()

    return opened


@pytest.fixture
async def desk(open_desk: Any) -> AsyncIterator[Desk]:
    async with open_desk() as one:
        yield one


@pytest.fixture
def helpers() -> Any:
    """What test modules share."""

    class Helpers:
        until = staticmethod(until)
        a_contact = staticmethod(a_contact)
        ANA = ANA
        BIA = BIA

    return Helpers
