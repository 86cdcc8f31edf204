"""The service on its real PostgreSQL, without a broker; rules and the calendar answer as the test says."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from chassis.testing import Probe, an_event
from contracts import Event, Question, conversation_id
from contracts.calendar import Availability, Offer
from contracts.dialogue import ReplyProposed, Slot, TurnClosed
from contracts.ingress import Address, ChannelKey
from contracts.preprocessor import Contact, MessageSanitized
from contracts.rules import Assess, Assessment, KnownTemplate, Opening, PriceQuote, QuoteLine, UnitFacts
from dialogue_service.app import build
from dialogue_service.model.commands import Reader
from dialogue_service.settings import Settings
from dialogue_service.understanding.values import Context, Fields, Intent, IntentName, Understanding

ZONE = ZoneInfo("America/Sao_Paulo")
PHONE = "+5551999990000"
ANA = conversation_id(PHONE)
ADDRESS = Address(jid="5551999990000@s.whatsapp.net", phone=PHONE, lid="190000000000017@lid")
CONTACT = Contact(phone=PHONE, address=ADDRESS)
THURSDAY = datetime(2026, 11, 26, 9, tzinfo=ZONE)

_WORDS: dict[str, Sequence[IntentName]] = {
    "oi": ("greeting",),
    "quanto custa?": ("ask_price",),
    "qual o endereço?": ("ask_address",),
    "quero visitar": ("book",),
    "obrigada": ("thanks",),
    "cancela": ("cancel_visit",),
    "quero falar com uma pessoa": ("request_person",),
    "1": ("choose_slot",),
}


def read(text: str, now: datetime, context: Context) -> Understanding:
    """A reader that knows a few lines by heart: these tests are about turns, not about understanding."""
    del now
    names = dict.fromkeys(name for line in text.split("\n") for name in _WORDS.get(line, ("not_understood",)))
    chosen = "1" in text.split("\n") and context.offered
    fields = Fields(slot=context.offered[0]) if chosen else Fields()
    intents = tuple(Intent(name=name, confidence=1.0) for name in names)
    return Understanding(text=text, intents=intents, fields=fields, confidence=1.0)


@dataclass
class TestClock:
    """A clock that tests set."""

    __test__ = False
    at: datetime = datetime(2026, 11, 23, 10, 12, tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **ahead: float) -> None:
        self.at += timedelta(**ahead)


def slot(days: int = 0, hours: int = 0) -> Slot:
    start = THURSDAY + timedelta(days=days, hours=hours)
    return Slot(start=start, end=start + timedelta(minutes=30))


def assessment(**changes: Any) -> Assessment:
    line = QuoteLine(subjects=(), monthly=Decimal(375), enrolment=Decimal(100), first_month=Decimal(475))
    return Assessment(
        facts_version="0123456789ab",
        unit=UnitFacts(
            name="Kumon Vila A",
            persona="Cecília",
            address="Rua Amoreira, 571",
            contact_phone="(51) 99692-1999",
            email="kumonvilaa@gmail.com",
            timezone="America/Sao_Paulo",
            subjects=("matematica", "portugues", "ingles"),
            min_age=2,
            notice_h=2,
            horizon_days=14,
            reminder_template=KnownTemplate(
                name="lembrete_de_visita", language="pt_BR", parameters=("unit", "when", "address", "phone")
            ),
        ),
        verdict=changes.pop("verdict", {}),
        quote=PriceQuote(
            monthly_per_subject=Decimal(375),
            enrolment_per_student=Decimal(100),
            lines=(line,),
            monthly_total=Decimal(375),
            enrolment_total=Decimal(100),
            first_month_total=Decimal(475),
        ),
        opening=Opening(
            weekdays=(0, 1, 2, 3, 4),
            periods=(("09:00", "12:00"), ("14:00", "17:00")),
            is_open_now=True,
            next_opening=datetime(2026, 11, 23, 14, tzinfo=ZONE),
            slot_minutes=30,
        ),
        **changes,
    )


@dataclass
class Dialogue:
    """One copy of the service, and the parent who writes to it."""

    probe: Probe
    clock: TestClock
    sent: int = field(default=0)
    ana: str = ANA
    by_lid: str = conversation_id("190000000000017@lid")
    address: Address = ADDRESS
    contact: Contact = CONTACT
    slot = staticmethod(slot)
    assessment = staticmethod(assessment)

    def offer(self) -> Offer:
        """What the calendar has free."""
        return Offer(slots=(slot(), slot(hours=1), slot(days=1)))

    def answers_slowly(self, question: type[Question], reply: Callable[[], Awaitable[Any]]) -> None:
        """Answer a question by a coroutine, in which something else may happen."""
        ask = self.probe.ask

        async def slowly(asked: Question, *, within_s: float = 5.0) -> Any:
            if not isinstance(asked, question):
                return await ask(asked, within_s=within_s)
            self.probe.asked.append(asked)
            return await reply()

        self.probe.ask = slowly  # type: ignore[method-assign]  # of this one probe

    def message(self, text: str, *, key: str | None = None, **changes: Any) -> Event[MessageSanitized]:
        """The next message of the parent, sent now."""
        self.sent += 1
        key = key or f"3A{self.sent:04}"
        data = {
            "key": ChannelKey(instance="kumon", id=key),
            "contact": CONTACT,
            "kind": "text",
            "text": text,
            "sent_at": self.clock(),
            "received_at": self.clock(),
            **changes,
        }
        return an_event(MessageSanitized(**data), subject=ANA, key=key, at=self.clock())

    async def writes(self, *texts: str) -> list[Event[MessageSanitized]]:
        """The parent writes, a second apart, and nothing else happens."""
        events = []
        for text in texts:
            events.append(self.message(text))
            await self.probe.deliver(events[-1])
            self.clock.on(seconds=1)
        return events

    async def passes(self, **ahead: float) -> None:
        """Time passes, and what becomes due happens."""
        self.clock.on(**ahead)
        await self.probe.fire_due(self.clock())

    async def says(self, *texts: str) -> list[ReplyProposed]:
        """The parent writes, and waits for what comes back."""
        before = len(self.proposals)
        await self.writes(*texts)
        await self.passes(seconds=10)
        return self.proposals[before:]

    @property
    def proposals(self) -> list[ReplyProposed]:
        """Every reply so far."""
        return self.probe.of(ReplyProposed)

    @property
    def closed(self) -> list[TurnClosed]:
        """Every turn that ended so far."""
        return self.probe.of(TurnClosed)

    async def state(self) -> dict[str, Any]:
        """What is remembered of the conversation."""
        state: dict[str, Any] = await self.probe.store.pool.fetchval(  # type: ignore[union-attr]
            "select state from conversations where id = $1", ANA
        )
        return state


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def copy(fresh_database_url: str, clock: TestClock, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Start a copy of the service: `await copy(burst_window_s=0)`; all copies of a test share its database."""
    unit_file = tmp_path / "unit.toml"
    unit_file.write_text("[session]\nsilence_h = 2\n")
    async with AsyncExitStack() as stack:

        async def start(reader: Reader = read, **settings: Any) -> Dialogue:
            given = {"rabbitmq_url": "amqp://localhost/", "database_url": fresh_database_url, "unit_file": unit_file}
            service = build(Settings(**{**given, "turn_deadline_s": 0.5, **settings}), clock=clock, read=reader)
            probe = await stack.enter_async_context(Probe(service.line, service.store))
            probe.answer(Assess, assessment())
            dialogue = Dialogue(probe, clock)
            probe.answer(Availability, dialogue.offer())
            return dialogue

        yield start


@pytest.fixture
async def dialogue(copy: Callable[..., Any]) -> Dialogue:
    started: Dialogue = await copy()
    return started
