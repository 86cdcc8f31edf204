"""A message in its conversation's mailbox, and what is found there when a turn is worked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID, uuid5

from contracts import Event
from contracts.ingress import ChannelKey
from contracts.preprocessor import Mark, MessageSanitized

from dialogue_service.decision.acts import AnyAct
from dialogue_service.decision.state import Conversation
from dialogue_service.decision.turn import Message

LATE = timedelta(minutes=30)
"""A message that waited longer than this is answered with an apology."""


@dataclass(frozen=True)
class Letter:
    """One message; `text` is what the parent made of it later, `deleted` that they took it back."""

    event: Event[MessageSanitized]
    arrived_at: datetime
    text: str | None = None
    deleted: bool = False

    @property
    def words(self) -> str:
        """What it says now."""
        return self.event.data.text if self.text is None else self.text

    def message(self, now: datetime) -> Message:
        """Return it as a turn reads it."""
        data = self.event.data
        marks: set[Mark] = set(data.marks)
        if self.text is not None:
            marks.add("edited")
        if now - self.event.time > LATE:
            marks.add("stale")
        return Message(
            id=self.event.id,
            key=data.key,
            kind=data.kind,
            text=self.words,
            confidence=data.transcription_confidence,
            marks=frozenset(marks),
            sent_at=data.sent_at,
        )


@dataclass(frozen=True)
class Gathered:
    """Letters that end together, in the channel's order; the id of their turn is derived from theirs."""

    letters: tuple[Letter, ...]

    @property
    def messages(self) -> tuple[UUID, ...]:
        """Their event ids."""
        return tuple(letter.event.id for letter in self.letters)

    @property
    def keys(self) -> tuple[ChannelKey, ...]:
        """The channel's names of them."""
        return tuple(letter.event.data.key for letter in self.letters)

    @cached_property
    def turn_id(self) -> UUID:
        """The same letters are the same turn, however often it is worked."""
        return uuid5(self.messages[0], "turn:" + ",".join(map(str, self.messages)))

    @property
    def cause(self) -> Event[MessageSanitized]:
        """The message that completed the turn: what follows is caused by it."""
        return self.letters[-1].event

    @property
    def arrived_at(self) -> datetime:
        """When the first of them came."""
        return min(letter.arrived_at for letter in self.letters)

    @property
    def completed_at(self) -> datetime:
        """When the last of them came."""
        return max(letter.arrived_at for letter in self.letters)


@dataclass(frozen=True)
class Mail:
    """A conversation as it is stored, with what waits in its mailbox."""

    conversation: str
    version: int
    state: Conversation | None
    unsaid: tuple[AnyAct, ...]
    letters: tuple[Letter, ...] = ()

    @property
    def messages(self) -> frozenset[UUID]:
        """The event ids of what waits."""
        return frozenset(letter.event.id for letter in self.letters)

    @property
    def live(self) -> Gathered | None:
        """What is to be answered."""
        return _gathered(letter for letter in self.letters if not letter.deleted)

    @property
    def deleted(self) -> Gathered | None:
        """What was taken back before anybody answered."""
        return _gathered(letter for letter in self.letters if letter.deleted)

    def current(self) -> Conversation:
        """Return the conversation, addressed as its latest message came. There is a letter here, or a state."""
        if not self.letters:
            assert self.state is not None  # noqa: S101  # a conversation without either is never loaded
            return self.state
        data = self.letters[-1].event.data
        if self.state is None:
            return Conversation(contact=data.contact, instance=data.key.instance)
        return self.state.but(contact=data.contact, instance=data.key.instance)


def _gathered(letters: Iterable[Letter]) -> Gathered | None:
    found = tuple(letters)
    return Gathered(found) if found else None
