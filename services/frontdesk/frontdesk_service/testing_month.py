"""A month of an invented unit: the facts of many families, and by hand what the owner's numbers must be of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from contracts import Event, Fact, conversation_id
from contracts.calendar import BookingConfirmed, Visit, VisitOutcomeRecorded
from contracts.dialogue import (
    HandoffPack,
    HandoffRequested,
    Lead,
    LeadQualified,
    LeadUpdated,
    SendPolicy,
    Slot,
    Student,
    TurnClosed,
)
from contracts.envelope import NAMESPACE
from contracts.ingress import Address, ChannelKey, ReceiptReceived
from contracts.llm_gateway import CompletionServed
from contracts.postprocessor import DeliveryFailed, ReplyDelivered, SentBubble
from contracts.preprocessor import Contact, MessageSanitized
from contracts.rules import DraftBlocked, Replacement, ReplyDrafted

INSTANCE = "kumon"
NAMES = (
    "Ana Souza",
    "Bruno Lima",
    "Carla Dias",
    "Diego Reis",
    "Elisa Melo",
    "Fábio Nunes",
    "Gabriela Pinto",
    "Hugo Sá",
)
CHILDREN = ("Pedro", "Bia", "Lucas", "Sofia", "Davi", "Laura")
ASKED = ("ask_price", "ask_price", "ask_hours", "ask_method", "ask_address", "object_price", "provide")


@dataclass
class Tally:
    """What happened, noted down while it was invented: `(moment, …)` of each thing."""

    wrote: list[tuple[datetime, str]] = field(default_factory=list)
    silent: list[datetime] = field(default_factory=list)
    turns: list[tuple[datetime, str, bool]] = field(default_factory=list)
    waits: list[tuple[datetime, float, bool]] = field(default_factory=list)
    qualified: list[datetime] = field(default_factory=list)
    booked: list[tuple[datetime, str, int]] = field(default_factory=list)
    outcomes: list[tuple[datetime, str]] = field(default_factory=list)
    spent: list[tuple[datetime, Decimal]] = field(default_factory=list)
    bubbles: list[tuple[datetime, str, bool]] = field(default_factory=list)
    asked: list[tuple[datetime, str]] = field(default_factory=list)


class Month:
    """Invents families, always the same ones; the first message of each is in the 28 days from `begins` on."""

    def __init__(self, begins: datetime, conversations: int, seed: int = 11) -> None:
        self._begins = begins
        self._count = conversations
        self._chance = random.Random(seed)  # noqa: S311  # an invented month, no secret
        self.tally = Tally()

    def families(self) -> Iterator[list[Event[Any]]]:
        """Yield the facts of one family after the other."""
        for number in range(self._count):
            yield _Family(self._chance, self.tally, self._begins, number).story()


class _Family:
    def __init__(self, chance: random.Random, tally: Tally, begins: datetime, number: int) -> None:
        self.chance, self.tally = chance, tally
        self.phone = f"+55519{80000000 + number}"
        self.subject = conversation_id(self.phone)
        self.at = begins + timedelta(days=chance.randrange(28), hours=chance.triangular(7, 22, 19))
        name = chance.choice(NAMES)
        address = Address(jid=f"{self.phone.removeprefix('+')}@s.whatsapp.net", phone=self.phone)
        self.contact = Contact(phone=self.phone, address=address, profile_name=name.split()[0])
        student = Student(name=chance.choice(CHILDREN), age=8, grade="ef3", subjects=("matematica",))
        self.lead = Lead(parent_name=name, phone=self.phone, students=(student,))
        self.facts: list[Event[Any]] = []
        self.count = 0

    def an_id(self) -> UUID:
        self.count += 1
        return uuid5(NAMESPACE, f"{self.phone}:{self.count}")

    def tell(self, fact: Fact) -> Event[Any]:
        event = Event.first(fact, key=str(self.an_id()), source=fact.producer, subject=self.subject, now=self.at)
        self.facts.append(event)
        return event

    def later(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at

    def story(self) -> list[Event[Any]]:
        self.talk(first=True)
        if self.chance.random() < 0.6:
            self.later(minutes=self.chance.uniform(1, 30))
            self.talk()
            self.tell(LeadUpdated(contact=self.contact, lead=self.lead, changes=(), completeness=6, stage="discovery"))
            if self.chance.random() < 0.35:
                self.qualify()
        return self.facts

    def talk(self, *, first: bool = False) -> None:
        said = MessageSanitized(
            key=ChannelKey(instance=INSTANCE, id=self.an_id().hex),
            contact=self.contact,
            kind="text",
            text="oi, queria saber do método",
            marks=frozenset({"first_contact"}) if first else frozenset(),
            sent_at=self.at,
            received_at=self.at,
        )
        message, asked_at = self.tell(said), self.at
        self.tally.wrote.append((asked_at, self.phone))
        fate = self.chance.random()
        if fate < 0.004:
            self.tally.silent.append(asked_at)
            return
        failed, handed_over = fate < 0.014, 0.014 <= fate < 0.1
        intent = self.chance.choice(ASKED)
        turn = self.close(message.id, intent, failed=failed, handed_over=handed_over)
        if not failed:
            self.reply(turn, asked_at, first=first)

    def close(self, message: UUID, intent: str, *, failed: bool, handed_over: bool) -> UUID:
        self.later(seconds=self.chance.uniform(0.5, 3))
        turn = TurnClosed(
            turn_id=self.an_id(),
            messages=(message,),
            outcome="handed_over" if failed or handed_over else "replied",
            reason="failure" if failed else "complaint" if handed_over else None,
            stage="discovery",
            intents=(intent,),
            window_s=0.5,
        )
        self.tell(turn)
        if failed or handed_over:
            pack = HandoffPack(summary=("Precisa da unidade.",), lead=self.lead)
            self.tell(HandoffRequested(contact=self.contact, reason=turn.reason or "complaint", pack=pack))
        self.tally.asked.append((self.at, intent))
        self.tally.turns.append((self.at, self.phone, failed))
        if self.chance.random() < 0.4:
            cost = Decimal(self.chance.randrange(10, 400)).scaleb(-4)
            self.tell(CompletionServed(task="understand", provider="openai", model="gpt-4o-mini", brl=cost))
            self.tally.spent.append((self.at, cost))
        return turn.turn_id

    def reply(self, turn: UUID, asked_at: datetime, *, first: bool) -> None:
        reply_id, key = self.an_id(), ChannelKey(instance=INSTANCE, id=self.an_id().hex, from_me=True)
        draft = ReplyDrafted(
            reply_id=reply_id,
            turn_id=turn,
            contact=self.contact,
            instance=INSTANCE,
            bubbles=("O Kumon respeita o ritmo de cada aluno.",),
            purpose="answer",
            facts_version="1",
            policy=SendPolicy(expires_at=self.at + timedelta(minutes=30)),
        )
        self.tell(draft)
        blocked = self.chance.random() < 0.003
        if blocked:
            change = Replacement(bubble=0, claim="price")
            self.tell(DraftBlocked(reply_id=reply_id, replacement=change, facts_version="1"))
        fate = self.chance.random()
        if fate < 0.01:
            self.tell(
                DeliveryFailed(reply_id=reply_id, turn_id=turn, contact=self.contact, reason="exhausted", attempts=5)
            )
            self.tally.bubbles.append((self.at, "failed", blocked))
            self.tally.turns[-1] = (*self.tally.turns[-1][:2], True)
            return
        sent_at = self.later(seconds=self.chance.uniform(0.2, 1.5))
        self.tally.waits.append((asked_at, (sent_at - asked_at).total_seconds(), first))
        bubble = SentBubble(index=0, key=key, sent_at=sent_at)
        self.tell(
            ReplyDelivered(
                reply_id=reply_id,
                turn_id=turn,
                contact=self.contact,
                channel="evolution",
                bubbles=(bubble,),
                attempts=1,
            )
        )
        reached = "sent" if fate < 0.05 else "delivered" if fate < 0.3 else "read"
        if reached != "sent":
            self.later(seconds=2)
            self.tell(ReceiptReceived(key=key, status="read" if reached == "read" else "delivered"))
        self.tally.bubbles.append((sent_at, reached, blocked))

    def qualify(self) -> None:
        self.later(minutes=2)
        lead = self.lead.model_copy(update={"email": "familia@example.com", "time_preference": {"kind": "window"}})
        self.tell(LeadQualified(contact=self.contact, lead=lead))
        self.tally.qualified.append(self.at)
        if self.chance.random() >= 0.8:
            return
        self.later(minutes=1)
        start = self.at.replace(hour=14, minute=0, second=0, microsecond=0) + timedelta(
            days=self.chance.randrange(1, 9)
        )
        known = lead if self.chance.random() < 0.9 else self.lead
        slot = Slot(start=start, end=start + timedelta(minutes=30))
        visit = Visit(id=self.an_id(), slot=slot, status="booked", contact=self.contact, lead=known)
        self.tell(BookingConfirmed(visit=visit))
        self.tally.booked.append((self.at, self.phone, known.completeness))
        outcome = self.chance.choices(("came", "missed", None), (8, 1, 1))[0]
        if outcome:
            self.at = start + timedelta(hours=1)
            self.tell(VisitOutcomeRecorded(visit_id=visit.id, outcome=outcome, by="maria"))
            self.tally.outcomes.append((start, outcome))
