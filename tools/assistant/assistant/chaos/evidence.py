"""What a storm left behind: what the phones show, and what the system says about it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Seen:
    """A message as the sandbox's WhatsApp has it; `nth` is its place among all of them."""

    id: str
    phone: str
    text: str
    at: datetime
    nth: int


@dataclass(frozen=True)
class Closed:
    """A turn's end: the channel's ids of its messages."""

    turn: UUID
    messages: tuple[str, ...]
    outcome: str


@dataclass(frozen=True)
class Draft:
    """A reply that was to be sent; `answers` are the channel's ids of the messages that it answers.

    `worked_at` is when its turn was committed; `None` for a reply that belongs to no turn.
    """

    reply: UUID
    phone: str
    bubbles: int
    purpose: str
    answers: tuple[str, ...]
    worked_at: datetime | None = None


@dataclass(frozen=True)
class Settled:
    """What became of a reply: the channel's ids of its bubbles, by their index; why the rest was not sent, if so."""

    reply: UUID
    sent: dict[int, str]
    failure: str | None = None


@dataclass(frozen=True)
class Visit:
    """A visit that stands."""

    phone: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Evidence:
    """Everything that the audit looks at.

    `arrived` is when a message was in its conversation's mailbox, by the channel's id; `booked` are those whom a visit
    was confirmed; `taken_at` is when the webhook of a take-over was accepted, by phone. `begun` is when the last
    attempt at a bubble began, as was written down before it, by the channel's id of every message that is known of it;
    `again` are those messages that are a bubble's second, or further, one.
    """

    written: tuple[Seen, ...] = ()
    shown: tuple[Seen, ...] = ()
    arrived: dict[str, datetime] = field(default_factory=dict)
    closed: tuple[Closed, ...] = ()
    rejected: frozenset[str] = frozenset()
    drafts: tuple[Draft, ...] = ()
    settled: tuple[Settled, ...] = ()
    visits: tuple[Visit, ...] = ()
    booked: frozenset[str] = frozenset()
    taken_at: dict[str, datetime] = field(default_factory=dict)
    begun: dict[str, datetime] = field(default_factory=dict)
    again: frozenset[str] = frozenset()
