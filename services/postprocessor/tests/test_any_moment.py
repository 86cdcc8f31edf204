"""Somebody at the unit writes at any moment of a running reply: nothing of the assistant is begun after that."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis.breaker import Breakers
from chassis.clock import now
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe, an_event
from contracts import conversation_id
from contracts.dialogue import SendPolicy
from contracts.frontdesk import StaffTookOver
from contracts.ingress import Address, ChannelKey, MessageEchoed
from contracts.preprocessor import Contact
from contracts.rules import ReplyDrafted
from postprocessor_service.app import MIGRATIONS, wire
from postprocessor_service.channels import Outcome, Taken
from postprocessor_service.channels.together import Channels
from postprocessor_service.delivery import Courier
from postprocessor_service.settings import Settings
from postprocessor_service.store import Deliveries
from pydantic import SecretStr

pytestmark = pytest.mark.stores

TRIALS, AT_ONCE = 500, 10
BUBBLES = ("um", "dois", "três")
PHASES = (*("before the draft", "queued", "typing", "about to send", "on its way", "between two bubbles", "all sent"),)
SEED = random.SystemRandom().randrange(2**32)


@dataclass
class Phone:
    """Where the reply to one family stands, and what the channel was given for it."""

    phase: str = "queued"
    sent: list[str] = field(default_factory=list)
    reached: "asyncio.Event" = field(default_factory=asyncio.Event)
    until: str | None = None
    nth: int = 0

    def enters(self, phase: str) -> None:
        """Go on to a phase; who waits for that phase of that bubble is let go."""
        self.phase = phase
        if self.until == phase and len(self.sent) >= self.nth:
            self.reached.set()


class Pretended:
    """A channel that takes a moment, and says in which phase each reply is."""

    name = "evolution"
    instance = None

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.phones: dict[str, Phone] = {}

    async def _takes_a_moment(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.01))

    async def send(self, _instance: str, to: Address, text: str, reference: str) -> Outcome:
        phone = self.phones[str(to.phone)]
        phone.enters("on its way")
        await self._takes_a_moment()
        phone.sent.append(text)
        phone.enters("all sent" if len(phone.sent) == len(BUBBLES) else "between two bubbles")
        return Taken(id=f"3A{reference}")

    async def show_typing(self, _instance: str, to: Address, _seconds: float) -> None:
        self.phones[str(to.phone)].enters("typing")
        await self._takes_a_moment()

    async def mark_read(self, _instance: str, _sender: Address, _ids: Sequence[str]) -> None:
        """Nobody looks."""

    async def has_window(self, _instance: str) -> bool:
        return False

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Desk:
    probe: Probe
    courier: Courier
    channel: Pretended

    async def rows(self, conversation: str) -> list[Any]:
        assert self.probe.store is not None
        query = "select nth, state, began_at from bubble where conversation = $1 order by nth"
        return list(await self.probe.store.pool.fetch(query, conversation))


@asynccontextmanager
async def opened(database_url: str, chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    settings = Settings(
        rabbitmq_url=SecretStr("amqp://nowhere/"),
        database_url=SecretStr(database_url),
        evolution_url="http://nowhere/",
        evolution_api_key=SecretStr("key"),
        channel_per_user_s=0,
        channel_per_number_s=0,
    )
    line = Line("postprocessor", clock=now)
    store = Store(line, settings.database_url, migrations=MIGRATIONS)
    channel = Pretended(chance)
    courier, _ = wire(line, store, Channels(channel), Breakers(), settings=settings, clock=now, at_once=False)  # type: ignore[arg-type]  # what a reply needs of one
    claim = Deliveries.claim

    async def watched(self: Deliveries, bubble: Any, *given: Any, **named: Any) -> bool:
        channel.phones[bubble.contact.phone].enters("about to send")
        return await claim(self, bubble, *given, **named)

    monkeypatch.setattr(Deliveries, "claim", watched)
    async with Probe(line, store) as probe:
        yield Desk(probe, courier, channel)
        await courier._manners.finish()


async def one_trial(desk: Desk, number: int, chance: random.Random) -> str:
    """Let a reply run into a take-over at a random moment; return the phase that it met."""
    digits = f"55519{90000000 + number}"
    contact = Contact(phone=f"+{digits}", address=Address(jid=f"{digits}@s.whatsapp.net", phone=f"+{digits}"))
    subject, at = conversation_id(f"+{digits}"), now()
    draft = ReplyDrafted(
        reply_id=an_id(chance),
        turn_id=an_id(chance),
        contact=contact,
        instance="kumon",
        bubbles=BUBBLES,
        purpose="answer",
        facts_version="1",
        policy=SendPolicy(expires_at=at + timedelta(hours=1)),
    )
    drafted = an_event(draft, subject=subject, at=at)
    phone = desk.channel.phones[f"+{digits}"] = Phone(until=chance.choice(PHASES), nth=chance.randrange(3))
    if phone.until == "before the draft":
        accepted_at = await taken(desk, subject, contact, number)
        await desk.probe.deliver(drafted)
        await desk.courier.work(subject)
        phase = "before the draft"
    else:
        await desk.probe.deliver(drafted)
        phase, accepted_at = await met(desk, subject, contact, number, chance)
    rows = await desk.rows(subject)
    assert {row["state"] for row in rows} <= {"sent", "failed"}, f"seed {SEED}, trial {number}: not over"
    begun = [row["nth"] for row in rows if row["began_at"] is not None]
    late = [row["nth"] for row in rows if row["began_at"] is not None and row["began_at"] > accepted_at]
    assert late == [], f"seed {SEED}, trial {number}: begun after the take-over, {phase}"
    assert phone.sent == [BUBBLES[nth] for nth in begun], f"seed {SEED}, trial {number}: {phase}"
    return phase


async def met(desk: Desk, subject: str, contact: Contact, number: int, chance: random.Random) -> tuple[str, datetime]:
    """Run the reply; take over in the phase that was drawn, or a moment later."""
    phone = desk.channel.phones[str(contact.phone)]
    if phone.until == "queued":
        phase, accepted_at = phone.phase, await taken(desk, subject, contact, number)
        await desk.courier.work(subject)
        return phase, accepted_at
    working = asyncio.create_task(desk.courier.work(subject))
    waiting = asyncio.create_task(phone.reached.wait())
    await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await asyncio.sleep(chance.choice((0, chance.uniform(0, 0.004))))
    phase = phone.phase
    accepted_at = await taken(desk, subject, contact, number)
    await working
    await desk.courier.work(subject)
    return phase, accepted_at


async def taken(desk: Desk, subject: str, contact: Contact, number: int) -> datetime:
    """Take a conversation over, on the page or by typing on the unit's phone; return when that was accepted."""
    at = now()
    if number % 2:
        await desk.probe.deliver(an_event(StaffTookOver(by="maria"), subject=subject, at=at))
    else:
        key = ChannelKey(instance="kumon", id=f"3F{number}", from_me=True)
        typed = MessageEchoed(key=key, address=contact.address, origin="phone", text="Oi!", sent_at=at)
        await desk.probe.deliver(an_event(typed, subject=subject, key=key.id, at=at))
    return now()


def an_id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


async def test_nothing_of_the_assistant_is_begun_once_somebody_at_the_unit_wrote(
    fresh_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    phases: Counter[str] = Counter()
    numbers = iter(range(TRIALS))
    async with opened(fresh_database_url, chance, monkeypatch) as desk:

        async def try_some() -> None:
            for number in numbers:
                phases[await one_trial(desk, number, chance)] += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(try_some())
    print(dict(phases))
    assert phases.total() == TRIALS
    assert set(PHASES) == phases.keys(), "a phase was never met"
