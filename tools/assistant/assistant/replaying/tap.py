"""Listens to the line beside the services, so that the end of a turn is known and not guessed."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from aio_pika.abc import AbstractConnection
from contracts import Event, Fact
from contracts.dialogue import TurnClosed
from contracts.ingress import MessageEchoed
from contracts.postprocessor import DeliveryFailed, ReplyDelivered
from contracts.preprocessor import MessageRejected, MessageSanitized
from contracts.rules import ReplyDrafted

from assistant.overhearing import overhearing

FACTS: tuple[type[Fact], ...] = (
    MessageSanitized,
    MessageRejected,
    MessageEchoed,
    TurnClosed,
    ReplyDrafted,
    ReplyDelivered,
    DeliveryFailed,
)


@dataclass
class Followed:
    """What the line said of one conversation: the channel's message ids, and ids of turns and replies."""

    arrived: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    echoed: int = 0
    spoken: set[UUID] = field(default_factory=set)
    drafted: dict[UUID, UUID | None] = field(default_factory=dict)
    delivered: set[UUID] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, fact: Fact) -> None:
        """Take a fact in."""
        match fact:
            case MessageSanitized():
                self.arrived.add(fact.key.id)
            case MessageRejected():
                self.arrived.add(fact.key.id)
                self.ended.add(fact.key.id)
            case MessageEchoed():
                self.echoed += 1
            case TurnClosed():
                self.ended |= {key.id for key in fact.keys}
                if fact.route is not None:
                    self.spoken.add(fact.turn_id)
            case ReplyDrafted():
                self.drafted[fact.reply_id] = fact.turn_id
            case ReplyDelivered() | DeliveryFailed():
                self.delivered.add(fact.reply_id)
            case _:
                return
        self.changed.set()

    @property
    def is_quiet(self) -> bool:
        """Whether every turn that has something to say has said it, and all that was said has arrived."""
        return self.spoken <= set(self.drafted.values()) and set(self.drafted) <= self.delivered

    async def until(self, condition: Callable[["Followed"], bool], within_s: float) -> bool:
        """Wait for a condition; return whether it came to be."""
        try:
            async with asyncio.timeout(within_s):
                while not condition(self):
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return False
        return True


class Tap:
    """A queue of our own on the exchange of the facts; it goes with its connection."""

    def __init__(self) -> None:
        self._followed: dict[str, Followed] = defaultdict(Followed)
        self._facts = {fact.routing_key(): fact for fact in FACTS}

    def of(self, conversation: str) -> Followed:
        """Return what is followed of a conversation."""
        return self._followed[conversation]

    def hear(self, routing_key: str, body: bytes) -> None:
        """Take a message of the exchange in."""
        event = Event.from_wire(body, self._facts[routing_key])
        self._followed[event.subject].note(event.data)


@asynccontextmanager
async def tapped(connection: AbstractConnection) -> AsyncIterator[Tap]:
    """Listen while the block runs. Raises `aio_pika` errors when the broker cannot be reached."""
    tap = Tap()
    async with overhearing(connection, tap.hear, keys=[fact.routing_key() for fact in FACTS]):
        yield tap
