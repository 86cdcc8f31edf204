"""A parent to talk to, for tests: what others say is made by hand, the decision and the words are real."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from contracts.calendar import (
    BookingConfirmed,
    BookingRejected,
    Offer,
    ReminderDue,
    SlotWish,
    Visit,
    VisitCancelled,
    VisitRescheduled,
)
from contracts.dialogue import Slot
from contracts.envelope import NAMESPACE
from contracts.ingress import ChannelKey, MessageKind
from contracts.preprocessor import Mark

from dialogue_service.decision.calendar_said import CalendarFact, after_calendar
from dialogue_service.decision.decide import assess_for, decide, search_in
from dialogue_service.decision.session import given_back, has_lapsed
from dialogue_service.decision.state import Conversation
from dialogue_service.decision.taking_in import take_in
from dialogue_service.decision.turn import Known, Message, Step, Turn
from dialogue_service.speech import Spoken, speak
from dialogue_service.testing_facts import CONTACT, MONDAY, assessment, offer, reading
from dialogue_service.understanding.values import IntentName, Understanding

SILENCE = dt.timedelta(hours=2)


@dataclass
class Reply:
    """What a turn led to."""

    step: Step
    spoken: Spoken

    @property
    def text(self) -> str:
        """All bubbles."""
        return "\n".join(bubble.text for bubble in self.spoken.bubbles)

    @property
    def acts(self) -> list[str]:
        """The names of the acts."""
        return [type(act).__name__ for act in self.step.acts]


@dataclass
class Talk:
    """A conversation of one parent; `says` is a turn, `hears` what the calendar says."""

    state: Conversation = field(default_factory=lambda: Conversation(contact=CONTACT, instance="kumon"))
    now: dt.datetime = MONDAY
    found: str | None = None
    taken: list[dt.datetime] = field(default_factory=list)
    calendar: str = "works"
    turns: int = 0
    replies: list[Reply] = field(default_factory=list)

    def says(self, text: str, *intents: IntentName, marks: frozenset[Mark] = frozenset(), **given: Any) -> Reply:
        """Take a turn of one text message; when a visit is asked for, the calendar answers at once."""
        return self.sends(reading(text, *intents, **given), ("text", text), marks=marks)

    def sends(
        self,
        understood: Understanding,
        *parts: tuple[MessageKind, str],
        marks: frozenset[Mark] = frozenset(),
        heard: float | None = None,
    ) -> Reply:
        """Take a turn of any messages; `heard` is the confidence of the transcription."""
        self.turns += 1
        self.now += dt.timedelta(seconds=40)
        messages = tuple(
            Message(
                id=uuid5(NAMESPACE, f"{self.turns}:{nth}"),
                key=ChannelKey(instance="kumon", id=f"3A{self.turns}{nth}"),
                kind=kind,
                text=text,
                confidence=heard if kind == "audio" else None,
                marks=marks,
                sent_at=self.now,
            )
            for nth, (kind, text) in enumerate(parts)
        )
        self._own()
        return self._answered(self._decided(Turn(messages=messages, understanding=understood)))

    def _own(self) -> None:
        state = self.state
        if state.owner == "unit" and state.hours and has_lapsed(state, state.hours, self.now):
            self.state = given_back(state)

    def _decided(self, turn: Turn) -> Step:
        taken = take_in(self.state, turn, self.now, SILENCE)
        facts = assessment(assess_for(taken, self.now), now=self.now, found=self.found)
        search = search_in(taken, facts, self.now)
        known = Known(assessment=facts)
        if search and self.calendar == "away":
            known = Known(assessment=facts, calendar_away=True)
        elif search:
            offers = (offer(each, self.now, self.taken) for each in search.wishes)
            full = self.calendar == "full"
            known = Known(
                assessment=facts, offers=tuple(Offer(matches_wish=False) if full else each for each in offers)
            )
        return decide(taken, known, search, self.now)

    def _answered(self, step: Step) -> Reply:
        """Say it, or wait for the calendar and say both."""
        if step.outcome == "waiting" and self.calendar != "silent":
            self.state = step.state
            later = after_calendar(step.state, self._settled(step), assessment(now=self.now), self.now)
            step = later.model_copy(update={"acts": (*step.acts, *later.acts), "facts": (*step.facts, *later.facts)})
        return self._told(step)

    def _settled(self, step: Step) -> CalendarFact:
        requested = step.state.requested
        assert requested is not None  # noqa: S101  # a waiting step has asked for something
        if requested.slot.start in self.taken and requested.what != "cancellation":
            others = offer(SlotWish(), self.now, self.taken).slots
            return BookingRejected(slot=requested.slot, reason="taken", alternatives=others, contact=CONTACT)
        if requested.what == "booking":
            return BookingConfirmed(visit=self.visit(requested.slot))
        known = step.state.visit
        assert known is not None  # noqa: S101  # only what stands is moved or cancelled
        if requested.what == "cancellation":
            return VisitCancelled(visit=self.visit(known.slot, known.id, known.version + 1, status="cancelled"))
        return VisitRescheduled(visit=self.visit(requested.slot, known.id, known.version + 1), previous=known.slot)

    def visit(self, at: Slot, known: UUID | None = None, version: int = 1, status: Any = "booked") -> Visit:
        """Return a visit of this parent."""
        name = known or uuid5(NAMESPACE, f"visit:{at.start}")
        return Visit(id=name, slot=at, status=status, version=version, contact=CONTACT, lead=self.state.lead)

    def hears(self, fact: CalendarFact) -> Reply:
        """Follow a word of the calendar."""
        return self._told(after_calendar(self.state, fact, assessment(now=self.now), self.now))

    def is_reminded(self) -> Reply:
        """Let the reminder of the visit that stands come."""
        known = self.state.visit
        assert known is not None  # noqa: S101  # there is nothing to remind of without a visit
        return self.hears(ReminderDue(visit=self.visit(known.slot, known.id, known.version)))

    def _told(self, step: Step) -> Reply:
        spoken = speak(step, assessment(now=self.now), "cnv_0")
        self.state = spoken.state
        self.replies.append(Reply(step, spoken))
        return self.replies[-1]

    def waits(self, **span: float) -> "Talk":
        """Let time pass."""
        self.now += dt.timedelta(**span)
        return self
