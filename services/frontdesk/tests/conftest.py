"""A front desk on its real PostgreSQL, and families who write to it: Monday, 23 November 2026, 10:12."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import frontdesk_service
import httpx
import pytest
import uvicorn
from aiosmtpd.controller import Controller
from argon2 import PasswordHasher
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe
from contracts import Event, Fact, conversation_id
from contracts.dialogue import (
    HandoffPack,
    HandoffReason,
    HandoffRequested,
    Lead,
    LeadUpdated,
    SendPolicy,
    Stage,
    TurnClosed,
    TurnOpened,
)
from contracts.envelope import NAMESPACE
from contracts.ingress import Address, ChannelKey, MessageKind, ReceiptReceived, ReceiptStatus
from contracts.postprocessor import Recognise, Recognised, ReplyDelivered, SentBubble
from contracts.preprocessor import Contact, MessageSanitized
from contracts.rules import ReplyDrafted
from fastapi import FastAPI
from frontdesk_service import accounts, handlers, staff
from frontdesk_service.accounts import Accounts
from frontdesk_service.changes import Changes
from frontdesk_service.folding import Folding
from frontdesk_service.parts import Outlets, Parts, assemble
from frontdesk_service.testing_calendar import Calendar
from frontdesk_service.tokens import Account, Tokens
from frontdesk_service.unit import read_unit_file
from frontdesk_service.web import application
from playwright.async_api import Browser, Page
from pydantic import SecretStr

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MORNING = datetime(2026, 11, 23, 10, 12, tzinfo=SAO_PAULO)
PASSWORD = "dois gatos no telhado"
INSTANCE = "kumon"
PHONE = {"width": 390, "height": 844}
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes as the service's does, in a hundredth of the time."""


@dataclass
class TestClock:
    """A clock that tests set."""

    __test__ = False
    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at

    def on(self, **ahead: float) -> datetime:
        self.at += timedelta(**ahead)
        return self.at


@dataclass
class Family:
    """One family's facts, as the other services say them; every fact is a few seconds after the one before."""

    clock: TestClock
    phone: str | None = "+5551987650001"
    name: str | None = "Ana"
    lid: str | None = None
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def contact(self) -> Contact:
        jid = f"{self.phone.removeprefix('+')}@s.whatsapp.net" if self.phone else str(self.lid)
        address = Address(jid=jid, phone=self.phone, lid=self.lid)
        return Contact(phone=self.phone, address=address, profile_name=self.name)

    @property
    def subject(self) -> str:
        return conversation_id(self.phone or str(self.lid))

    def an_id(self) -> UUID:
        return uuid5(NAMESPACE, f"{self.subject}{next(self._numbers)}")

    def fact(self, fact: Fact) -> Event[Fact]:
        now = self.clock.on(seconds=3)
        return Event.first(fact, key=str(self.an_id()), source=fact.producer, subject=self.subject, now=now)

    def key(self, *, from_me: bool = False) -> ChannelKey:
        return ChannelKey(instance=INSTANCE, id=f"3A{self.an_id().hex[:8].upper()}", from_me=from_me)

    def says(self, text: str, kind: MessageKind = "text", key: ChannelKey | None = None) -> Event[Fact]:
        now = self.clock.on(seconds=3)
        said = MessageSanitized(
            key=key or self.key(), contact=self.contact, kind=kind, text=text, sent_at=now, received_at=now
        )
        return self.fact(said)

    def turn(self, *messages: Event[Fact], stage: Stage = "discovery") -> list[Event[Fact]]:
        turn_id, ids = self.an_id(), tuple(message.id for message in messages)
        opened = self.fact(TurnOpened(turn_id=turn_id, messages=ids))
        closed = TurnClosed(turn_id=turn_id, messages=ids, outcome="replied", route="template", stage=stage)
        return [opened, self.fact(closed)]

    def learns(self, lead: Lead, stage: Stage = "discovery") -> Event[Fact]:
        told = LeadUpdated(contact=self.contact, lead=lead, changes=(), completeness=lead.completeness, stage=stage)
        return self.fact(told)

    def drafted(self, *bubbles: str) -> Event[ReplyDrafted]:
        draft = ReplyDrafted(
            reply_id=self.an_id(),
            contact=self.contact,
            instance=INSTANCE,
            bubbles=bubbles,
            purpose="answer",
            facts_version="1",
            policy=SendPolicy(expires_at=self.clock() + timedelta(minutes=30)),
        )
        return self.fact(draft)

    def delivered(self, reply_id: UUID, keys: list[ChannelKey]) -> Event[Fact]:
        now = self.clock.on(seconds=1)
        bubbles = tuple(SentBubble(index=index, key=key, sent_at=now) for index, key in enumerate(keys))
        return self.fact(
            ReplyDelivered(reply_id=reply_id, contact=self.contact, channel="evolution", bubbles=bubbles, attempts=1)
        )

    def receipt(self, key: ChannelKey, status: ReceiptStatus) -> Event[Fact]:
        return self.fact(ReceiptReceived(key=key, status=status))

    def replied(self, *bubbles: str, status: ReceiptStatus = "read") -> list[Event[Fact]]:
        """A reply on its whole way: drafted, taken by the channel, acknowledged."""
        draft, keys = self.drafted(*bubbles), [self.key(from_me=True) for _ in bubbles]
        return [draft, self.delivered(draft.data.reply_id, keys), *(self.receipt(key, status) for key in keys)]

    def handed_over(self, reason: HandoffReason = "person_request", pack: HandoffPack | None = None) -> Event[Fact]:
        pack = pack or HandoffPack(summary=("Quer falar com uma pessoa.",), lead=Lead(phone=self.phone))
        return self.fact(HandoffRequested(contact=self.contact, reason=reason, pack=pack))


class Postbox:
    """A mail server that keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False

    @property
    def subjects(self) -> list[str]:
        return [mail["Subject"] for mail in self.mails]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Subjects, and what the mails say in plain text."""
        return [(mail["Subject"], mail.get_body(("plain",)).get_content()) for mail in self.mails]

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.refuses:
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@dataclass
class Frontdesk:
    """The service without a broker: facts in by `probe`, HTTP by `client` or a real server."""

    probe: Probe
    store: Store
    clock: TestClock
    app: FastAPI
    parts: Parts
    erased: list[str] = field(default_factory=list)
    """Digits of who is erased in a test: an open page may ask for them once more, and is told that they are gone."""

    @property
    def accounts(self) -> Accounts:
        return self.parts.accounts

    @property
    def tokens(self) -> Tokens:
        return self.parts.tokens

    @property
    def changes(self) -> Changes:
        return self.parts.changes

    async def deliver(self, *events: Event[Fact]) -> None:
        for event in events:
            await self.probe.deliver(event)

    def client(self, *, signed_in: bool = True, address: str = "127.0.0.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, client=(address, 50000), raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {self.tokens.mint(Account('maria', 'owner'))}"} if signed_in else {}
        return httpx.AsyncClient(transport=transport, base_url="http://frontdesk.test", headers=headers)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve HTTP for real, with live changes; the address is given."""
        server = uvicorn.Server(uvicorn.Config(self.app, port=0, lifespan="off", log_config=None, access_log=False))
        self.changes._stopping = lambda: server.should_exit
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve())
            group.create_task(self.changes.run())
            async with asyncio.timeout(10):
                while not server.started:
                    await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            server.should_exit = True


class Stage:
    """The application, built once: that takes longer than a test. It works with the `parts` of the test that runs."""

    def __init__(self) -> None:
        self.parts: Any = None
        stand_ins: dict[str, Any] = {each.name: StandIn(self, each.name) for each in fields(Parts)}
        self.http = application(Parts(**stand_ins))


class StandIn:
    """Hands on whatever it is asked to the part of its name."""

    def __init__(self, stage: Stage, name: str) -> None:
        self._part = lambda: getattr(stage.parts, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part(), name)

    def __call__(self, *arguments: Any) -> Any:
        return self._part()(*arguments)


@pytest.fixture(scope="session")
def stage() -> Stage:
    return Stage()


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def family(clock: TestClock) -> Callable[..., Family]:
    return lambda **who: Family(clock, **who)


@pytest.fixture
def ana(clock: TestClock) -> Family:
    return Family(clock)


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    """A mail server, and its port on this machine."""
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def outlets() -> Outlets:
    """Nobody is told of alerts, unless a test says otherwise."""
    return Outlets()


@pytest.fixture
async def frontdesk(
    fresh_database_url: str, clock: TestClock, outlets: Outlets, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Frontdesk]:
    """The whole service but its broker, with the account `maria`; doubtful messages are the assistant's."""
    monkeypatch.setattr(accounts, "HASHER", QUICK)
    line = Line("frontdesk", clock=clock)
    line.emits(*staff.FACTS)
    url = SecretStr(fresh_database_url)
    store = Store(line, url, migrations=Path(frontdesk_service.__file__).parent / "migrations")
    parts = assemble(
        line,
        store,
        clock=clock,
        database_url=url,
        secret=SecretStr("s" * 32),
        unit=read_unit_file(None),
        outlets=outlets,
    )
    handlers.register(line, store, parts, Folding(store, parts.changes, gather_s=0))
    stage.parts = parts
    async with Probe(line, store) as probe:
        probe.answer(Recognise, Recognised(ours=True))
        await parts.accounts.ensure("maria", SecretStr(PASSWORD))
        yield Frontdesk(probe, store, clock, stage.http, parts)


@pytest.fixture
def calendar(frontdesk: Frontdesk) -> Calendar:
    """A calendar that answers, and does what the front desk's facts say."""
    return Calendar(frontdesk.probe, SAO_PAULO)


@pytest.fixture
async def page(frontdesk: Frontdesk, browser: Browser) -> AsyncIterator[Page]:
    """A phone's page at the login, which fails the test when anything is refused or goes wrong in it."""
    complaints: list[str] = []
    async with frontdesk.serving() as base_url:
        context = await browser.new_context(base_url=base_url, viewport=PHONE, locale="pt-BR")
        page = await context.new_page()
        page.on(
            "console",
            lambda said: complaints.append(f"{said.text} {said.location['url']}") if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto("/")
        yield page
        await context.close()
    gone = [each for each in complaints if "404" in each and any(digits in each for digits in frontdesk.erased)]
    assert complaints == gone
