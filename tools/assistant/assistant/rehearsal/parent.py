"""One parent's conversation with the rehearsed reception: a stage for scenarios and for the simulated parent."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from contracts import Event, Fact, conversation_id
from contracts.calendar import ReminderDue, VisitCancelled, VisitRescheduled
from contracts.dialogue import (
    BookingRequested,
    CancellationRequested,
    ReplyProposed,
    RescheduleRequested,
    Slot,
)
from contracts.ingress import Address, ChannelKey, MessageReceived
from contracts.preprocessor import Contact, MessageSanitized
from contracts.privacy import ErasureRequested
from contracts.rules import Replacement
from dialogue_service.asking_model import Ask, ModelLine
from dialogue_service.consulting import Consultant
from dialogue_service.decision.session import taken_over
from dialogue_service.decision.state import Conversation
from dialogue_service.leaving import saying
from dialogue_service.letters import Letter, Mail
from dialogue_service.mind import Answer, Mind
from dialogue_service.model.commands import Reader
from dialogue_service.understanding import understand
from frontdesk_service.api.shapes import LeadShape, StudentShape
from frontdesk_service.domain import known
from postprocessor_service.domain import bubbles
from preprocessor_service.domain import Heard, refusal, said, sanitized

from assistant.rehearsal.agenda import Agenda
from assistant.rehearsal.unit import Questions, Unit
from assistant.scenarios.model import ZONE, Expect, Medium, Outcome, Piece, Scenario, Turn
from assistant.scenarios.seen import NOBODY

STALE_AFTER = FRESH = dt.timedelta(minutes=30)
BETWEEN_MESSAGES = dt.timedelta(seconds=2)
BLOCKED = dt.timedelta(days=30)
"""Further ahead than the unit offers visits."""
INSTANCE = "rehearsal"
_numbers = count(51900000)


@dataclass
class Rehearsal:
    """A conversation from its beginning; `agenda` may be shared, `outbox` holds every bubble that was sent.

    `model` answers what dialogue asks of llm-gateway; without one everything is deterministic.
    """

    unit: Unit
    at: dt.datetime
    phone: str = field(default_factory=lambda: f"+55519{next(_numbers)}")
    profile_name: str | None = None
    agenda: Agenda | None = None
    read: Reader = understand
    model: Ask | None = None
    outbox: list[str] = field(default_factory=list)
    replies: int = 0
    facts: list[Fact] = field(default_factory=list)
    replaced: list[tuple[str, Replacement]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = self.agenda or self.unit.agenda()
        self.conversation = conversation_id(self.phone)
        self.state: Conversation | None = None
        self.visits: list[dict[str, Any]] = []
        self.handoff: dict[str, Any] | None = None
        consultant = Consultant(ModelLine(self.model), self.read) if self.model else None
        self._mind = Mind(
            Questions(self.unit, self.book), self.unit.session, self.read, complete=None, consultant=consultant
        )
        self._unsaid: tuple[Any, ...] = ()
        self._written = 0
        self._shown, self._replied = 0, 0

    @classmethod
    def of(cls, scenario: Scenario, unit: Unit, nth: int, *, model: Ask | None = None) -> "Rehearsal":
        """Set the stage for a scenario, in the world that it wants; `nth` makes its parent another one."""
        agenda = unit.agenda()
        agenda.away = scenario.world.calendar == "away"
        if scenario.world.calendar == "full":
            agenda.blocks.append(Slot(start=scenario.now, end=scenario.now + BLOCKED))
        phone = scenario.contact.phone or f"+5551988{nth:06}"
        name = scenario.contact.profile_name
        return cls(unit, scenario.now, phone=phone, profile_name=name, agenda=agenda, model=model)

    # Stage

    def now(self) -> dt.datetime:
        """Return this conversation's time."""
        return self.at

    async def until(self, at: dt.datetime) -> None:
        """Let time pass, with the reminders that it brings."""
        for due, conversation, reminder in list(self.book.due(at)):
            if conversation == self.conversation:
                self.at = max(self.at, due)
                await self._hear(reminder)
        self.at = max(self.at, at)

    async def parent_writes(self, pieces: Sequence[Piece]) -> None:
        """Take messages as one turn, as the burst window would gather them."""
        self._mark()
        letters = []
        for nth, piece in enumerate(pieces):
            self.at += BETWEEN_MESSAGES if nth else dt.timedelta()
            if event := self._received(piece):
                letters.append(Letter(event, self.at))
        if letters:
            await self._work(tuple(letters))

    async def staff_writes(self, text: str) -> None:
        """Take the conversation over, as a message typed on the unit's phone does."""
        del text
        self._mark()
        self.state = taken_over(self.state or Conversation(contact=self._contact, instance=INSTANCE), self.at)

    async def settled(self, turn: Turn) -> tuple[tuple[str, ...], int]:
        """Return what came since the last time."""
        del turn
        new, replies = tuple(self.outbox[self._shown :]), self.replies - self._replied
        self._mark()
        return new, replies

    async def contact(self, expect: Expect | Outcome, offers: dict[int, dt.datetime]) -> dict[str, Any]:
        """Return the person as the front desk would show them."""
        del expect, offers
        if self.state is None:
            return dict(NOBODY)
        lead = known(self.state.lead.model_dump(mode="json"), self.phone)
        return {
            "phone": self.phone,
            "stage": "handed_over" if self.state.owner == "unit" else self.state.stage,
            "owner": self.state.owner,
            "opted_out": self.state.opted_out,
            "lead": LeadShape.of(lead).model_dump(mode="json"),
            "students": [StudentShape.of(student).model_dump(mode="json") for student in lead.lead.students],
            "visits": self.visits,
            "handoff": self.handoff,
        }

    async def leave(self) -> None:
        """Nothing stays behind."""

    # What happens

    @property
    def _contact(self) -> Contact:
        return Contact(phone=self.phone, address=self._address, profile_name=self.profile_name)

    @property
    def _address(self) -> Address:
        return Address(jid=f"{self.phone.removeprefix('+')}@s.whatsapp.net", phone=self.phone)

    def _mark(self) -> None:
        self._shown, self._replied = len(self.outbox), self.replies

    def _received(self, piece: Piece) -> Event[MessageSanitized] | None:
        """Clean a message as preprocessor does; what it refuses brings nothing."""
        self._written += 1
        medium = piece if isinstance(piece, Medium) else None
        message = MessageReceived(
            key=ChannelKey(instance=INSTANCE, id=f"3A{self._written:06}"),
            address=self._address,
            profile_name=self.profile_name,
            kind=medium.kind if medium else "text",
            text=None if isinstance(piece, Medium) else piece,
            caption=medium.caption if medium else None,
            sent_at=self.at,
        )
        words = said(message, Heard((medium.transcription if medium else None) or ""), self.at, STALE_AFTER)
        if refusal(message, words.text, is_identified=True, is_within_limit=True):
            return None
        fact = sanitized(message, words, self._contact, is_first=self._written == 1, received_at=self.at)
        key = f"{self.phone}:{self._written}"
        return Event.first(fact, key=key, source="preprocessor", subject=self.conversation, now=self.at)

    def _mail(self, letters: tuple[Letter, ...] = ()) -> Mail:
        return Mail(self.conversation, version=0, state=self.state, unsaid=self._unsaid, letters=letters)

    async def _work(self, letters: tuple[Letter, ...]) -> None:
        mail = self._mail(letters)
        gathered = mail.live
        if gathered is None:
            return
        served = self.state is not None and self.state.owner == "unit"
        answer = await self._mind.answer(mail, gathered, self.at)
        self.answers.append(answer)
        if served and answer.state.owner == "assistant" and self.handoff:
            self.handoff = {**self.handoff, "status": "released"}
        self._take(answer, seed=gathered.turn_id)
        for fact in answer.facts:
            if isinstance(fact, BookingRequested | RescheduleRequested | CancellationRequested):
                await self._hear(self.book.settle(self.conversation, fact, self.at))
            elif isinstance(fact, ErasureRequested):
                self._forget()

    async def _hear(self, fact: Any) -> None:
        if self.state is None:
            return
        self._note_visit(fact)
        answer = await self._mind.hear(self._mail(), fact, self.at)
        self._take(answer, seed=Event.first(fact, key=str(self.at), source="calendar", subject="", now=self.at).id)

    def _take(self, answer: Answer, *, seed: Any) -> None:
        self.state, self._unsaid = answer.state, answer.unsaid
        self.facts += answer.facts
        if answer.handoff:
            self.handoff = {"reason": answer.handoff, "status": "open", "opened_at": self.at.isoformat()}
        for fact in saying(answer, seed=seed, turn=None, keys=(), now=self.at, fresh=FRESH):
            if isinstance(fact, ReplyProposed):
                self._send(fact)

    def _send(self, proposal: ReplyProposed) -> None:
        reviewed = self.unit.reviewer.review(proposal)
        self.replaced += [(proposal.bubbles[each.bubble].text, each) for each in reviewed.replaced]
        self.outbox += bubbles(reviewed.bubbles)
        self.replies += 1

    def _note_visit(self, fact: Any) -> None:
        """Keep what the front desk shows of visits."""
        if not hasattr(fact, "visit"):
            return
        visit = fact.visit
        start = visit.slot.start.astimezone(ZONE).isoformat()
        if isinstance(fact, ReminderDue):
            self.visits = [{**each, "reminded_at": self.at.isoformat()} for each in self.visits]
            return
        before = [each for each in self.visits if each["id"] != str(visit.id) or each["status"] == "rescheduled"]
        if isinstance(fact, VisitRescheduled):
            previous = fact.previous.start.astimezone(ZONE).isoformat()
            before.append({"id": str(visit.id), "start": previous, "status": "rescheduled", "reminded_at": None})
        status = "cancelled" if isinstance(fact, VisitCancelled) else visit.status
        self.visits = [*before, {"id": str(visit.id), "start": start, "status": status, "reminded_at": None}]

    def _forget(self) -> None:
        self.state, self.visits, self.handoff, self._unsaid = None, [], None, ()
        self.book.forget(self.conversation)
