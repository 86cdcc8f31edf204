"""What a turn brings, and what becomes of it."""

from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from contracts.calendar import Offer, SlotWish
from contracts.dialogue import HandoffReason, Stage
from contracts.envelope import Fact, Value
from contracts.ingress import ChannelKey, MessageKind
from contracts.preprocessor import Mark
from contracts.rules import Assessment
from pydantic import SkipValidation

from dialogue_service.decision.acts import AnyAct
from dialogue_service.decision.state import Conversation, Wanted
from dialogue_service.understanding.email_address import refused_email
from dialogue_service.understanding.page import Page
from dialogue_service.understanding.values import TimePreference, Understanding

Outcome: TypeAlias = Literal["replied", "handed_over", "ignored", "waiting"]
"""`waiting`: the reply comes when the calendar has answered."""

SURE_ENOUGH = 0.8
"""Below this confidence, of a transcription or of the reading, a choice is read back first."""


class Message(Value):
    """One message of a turn; `confidence` is the transcription's."""

    id: UUID
    key: ChannelKey
    kind: MessageKind
    text: str
    confidence: float | None = None
    marks: frozenset[Mark] = frozenset()
    sent_at: datetime


class Turn(Value):
    """Messages gathered, in order, and their joint reading."""

    messages: tuple[Message, ...]
    understanding: Understanding

    @property
    def text(self) -> str:
        """What was said, a line a message."""
        return self.understanding.text

    @property
    def heard(self) -> bool:
        """Whether something was said by voice."""
        return any(message.kind == "audio" and message.text for message in self.messages)

    @property
    def mumbled(self) -> bool:
        """Whether a voice note was hard to hear."""
        return any((message.confidence or 1.0) < SURE_ENOUGH for message in self.messages)

    @property
    def hints(self) -> bool:
        """Whether a slot is only likely to be the one that is meant ("de tarde")."""
        return any(each.name == "choose_slot" and each.confidence < SURE_ENOUGH for each in self.understanding.intents)

    @property
    def gives_no_email(self) -> bool:
        """Whether somebody says that they have no e-mail to give."""
        return "mail" in self.text.lower() and refused_email(Page.of(self.text).text) is not None

    @property
    def email_is_cut(self) -> bool:
        """Whether an e-mail was begun that is none as it stands ("ana@gmail")."""
        return "@" in self.text and self.understanding.fields.email is None

    @property
    def injected(self) -> bool:
        """Whether somebody tries to give instructions to a machine."""
        return self.understanding.has("injection") or any("injection" in message.marks for message in self.messages)

    @property
    def stale(self) -> bool:
        """Whether everything here was sent long before it arrived."""
        return all("stale" in message.marks for message in self.messages)

    def asks_something(self) -> bool:
        """Whether the parent asks about a known topic."""
        return bool(topics_of(self.understanding))


def topics_of(understanding: Understanding) -> tuple[str, ...]:
    """Return the intents that ask something, in the order of the text."""
    return tuple(name for name in understanding.names if name.startswith("ask_"))


class Change(Value):
    """A lead value that became known or, `corrected`, another; `student` is the student's index."""

    field: str
    student: int | None = None
    corrected: bool = False
    message: UUID | None = None


class SlotSearch(Value):
    """What the calendar is to be asked: alternatives of one wish."""

    wishes: tuple[SlotWish, ...]
    preference: TimePreference | None = None
    rescheduling: bool = False
    others: bool = False


class Taken(Value):
    """A turn taken in: the conversation with what the turn told, before anything is said.

    `answered` is whether our last question got a value, `tried` whether it got something else instead; `before` the
    stage in which the turn arrived.
    """

    state: Conversation
    turn: Turn
    changes: tuple[Change, ...] = ()
    answered: bool = False
    tried: bool = False
    new_session: bool = False
    unanswered: tuple[str, ...] = ()
    preference: TimePreference | None = None
    before: Stage = "greeting"


class Step(Value):
    """What follows from a turn, or from something that another service said."""

    state: Conversation
    acts: SkipValidation[tuple[AnyAct, ...]] = ()  # each is valid; to look up its kind again is dear
    facts: tuple[Fact, ...] = ()
    outcome: Outcome = "replied"
    reason: str | None = None
    handoff: HandoffReason | None = None
    requested: Wanted | None = None


class Known(Value):
    """What was looked up for a turn: the unit's facts, and free slots when they were wanted.

    `calendar_away` when the calendar could not be asked, even after waiting.
    """

    assessment: Assessment
    offers: tuple[Offer, ...] | None = None
    calendar_away: bool = False
