"""What became of one thing that a channel reported: a fact, nothing for us, or something we cannot read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from contracts import Event
from contracts.ingress import Address, IngressFact

IgnoredReason = Literal[
    "album",
    "bot",
    "broadcast",
    "call_progress",
    "group",
    "newsletter",
    "not_needed",
    "own_message",
    "protocol",
    "repeated",
    "status",
    "system",
]
"""Why a report is not for us."""

UnreadableReason = Literal[
    "not_json", "not_an_object", "instance", "event", "data", "key", "address", "state", "parser"
]
"""Which part of a body was not understood."""


@dataclass(frozen=True)
class Named:
    """A fact with its natural identity (`key`, equal for every repetition) and its conversation (`subject`)."""

    fact: IngressFact
    key: str
    subject: str

    def event(self, now: datetime) -> Event[Any]:
        """Put the fact in its envelope; the same report always gets the same id."""
        return Event.first(self.fact, key=self.key, source="ingress", subject=self.subject, now=now)


@dataclass(frozen=True)
class Ignored:
    """Understood, and not for us; `names` are two names of one person that it showed all the same."""

    reason: IgnoredReason
    names: Address | None = None


@dataclass(frozen=True)
class Unreadable:
    """Not understood; the whole body is kept for people to look at."""

    reason: UnreadableReason


Result: TypeAlias = Named | Ignored | Unreadable
