"""A service's place on the line: the facts it takes and gives, the questions it answers and asks.

`Line` only collects; `transport.Rabbit` carries it over RabbitMQ, `testing.Memory` over nothing.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from contracts import Event, Fact, Question, Value

from chassis.clock import Clock
from chassis.errors import Permanent, Unavailable

Emitted: TypeAlias = Event[Any] | Iterable[Event[Any]] | None
StageHandler: TypeAlias = Callable[[Event[Any]], Awaitable[Emitted]]
Server: TypeAlias = Callable[[Any], Awaitable[Value]]
HandlerT = TypeVar("HandlerT", bound=StageHandler)
ServerT = TypeVar("ServerT", bound=Server)


@dataclass(frozen=True)
class Stage:
    """One fact that a service takes: its handler, what it may emit, how many are worked on at once."""

    fact: type[Fact]
    handler: StageHandler
    emits: tuple[type[Fact], ...]
    prefetch: int


@dataclass(frozen=True)
class Answering:
    """One question that a service answers."""

    question: type[Question]
    handler: Server
    prefetch: int


class Transport(Protocol):
    """What carries facts and questions."""

    async def publish(self, event: Event[Any], *, within_s: float) -> None:
        """Make a fact safe. Raises `Unavailable`."""

    async def ask(self, question: Question, *, within_s: float) -> Any:
        """Return the answer. Raises `DeadlineExceeded`, `Unavailable`, `Permanent`."""

    async def quarantine(self, body: bytes, reason: str) -> None:
        """Keep what could not be read. Raises `Unavailable`."""

    async def sift(self, queues: Iterable[str], unwanted: Callable[[bytes], bool]) -> int:
        """Take messages out of queues. Raises `Unavailable`."""


class Line:
    """The subscriptions of one service, and its way to publish and ask.

    With `rest_s` it reads nothing for so many seconds after a fact, and then together what came meanwhile: for a
    service for which nobody waits, and which would take the processor from those who are waited for.
    """

    def __init__(self, service: str, *, clock: Clock, rest_s: float = 0.0) -> None:
        self.service = service
        self.clock = clock
        self.rest_s = rest_s
        self.stages: list[Stage] = []
        self.answering: list[Answering] = []
        self.quarantines = False
        self._emits: set[type[Fact]] = set()
        self._transport: Transport | None = None

    def stage(
        self, fact: type[Fact], *, emits: tuple[type[Fact], ...] = (), prefetch: int = 32
    ) -> Callable[[HandlerT], HandlerT]:
        """Take a fact; what the handler returns is published, then the fact is acknowledged."""

        def register(handler: HandlerT) -> HandlerT:
            self.stages.append(Stage(fact, handler, emits, prefetch))
            self.emits(*emits)
            return handler

        return register

    def answers(self, question: type[Question], *, prefetch: int = 32) -> Callable[[ServerT], ServerT]:
        """Answer a question; errors travel back to whoever asked."""

        def register(handler: ServerT) -> ServerT:
            self.answering.append(Answering(question, handler, prefetch))
            return handler

        return register

    def emits(self, *facts: type[Fact]) -> None:
        """Declare facts that are published outside of stages."""
        self._emits.update(facts)

    @property
    def emitted(self) -> tuple[type[Fact], ...]:
        """Every fact that this service may publish."""
        return tuple(sorted(self._emits, key=lambda fact: fact.routing_key()))

    def over(self, transport: Transport) -> None:
        """Use this transport from now on."""
        self._transport = transport

    @property
    def transport(self) -> Transport:
        """What carries this line. Raises `Unavailable` until it is connected."""
        if self._transport is None:
            raise Unavailable(f"RabbitMQ: {self.service} is not connected yet")
        return self._transport

    async def publish(self, event: Event[Any], *, within_s: float = 30.0) -> None:
        """Publish one fact, confirmed. Raises `Unavailable`."""
        if type(event.data) not in self._emits:
            raise Permanent(f"{self.service} does not declare that it emits {type(event.data).__name__}")
        await self.transport.publish(event, within_s=within_s)

    async def ask(self, question: Question, *, within_s: float) -> Any:
        """Ask another service. Raises `DeadlineExceeded`, `Unavailable`, `Permanent`."""
        return await self.transport.ask(question, within_s=within_s)

    async def quarantine(self, body: bytes, reason: str) -> None:
        """Keep, durably, what could not be read; `assistant dead` lists it. Raises `Unavailable`."""
        await self.transport.quarantine(body, reason)

    async def sift(self, queues: Iterable[str], unwanted: Callable[[bytes], bool]) -> int:
        """Take the unwanted messages, by their bodies, out of queues in which they wait; return how many.

        Every other message keeps its place. Raises `Unavailable`.
        """
        return await self.transport.sift(queues, unwanted)


def several(emitted: Emitted) -> list[Event[Any]]:
    """Return what a handler returned as a list."""
    if emitted is None:
        return []
    return [emitted] if isinstance(emitted, Event) else list(emitted)
