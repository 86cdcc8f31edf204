"""What tests of services share: events without ceremony, and a line that runs without a broker."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Self, TypeVar
from uuid import uuid4

from contracts import Event, Fact, Question, Value, conversation_id

from chassis.clock import now
from chassis.errors import Unavailable
from chassis.line import Line, several
from chassis.outbox import carried
from chassis.store import Store

FactT = TypeVar("FactT", bound=Fact)
Reply = Value | BaseException | Callable[[Any], Value]


def an_event(
    fact: FactT, *, subject: str | None = None, key: str | None = None, at: datetime | None = None
) -> Event[FactT]:
    """Wrap a fact as its producer would; a random key unless one is given, somebody's conversation."""
    return Event.first(
        fact,
        key=key or uuid4().hex,
        source=fact.producer,
        subject=subject or conversation_id("+5551999990000"),
        now=at or now(),
    )


class Probe:
    """Runs a service's handlers in memory, through the wire format, and keeps what they publish.

    A store that is given works on its real PostgreSQL; timers and outbox rows fire when the test says so.
    """

    def __init__(self, line: Line, store: Store | None = None) -> None:
        self.line = line
        self.store = store
        self.published: list[Event[Any]] = []
        self.quarantined: list[tuple[bytes, str]] = []
        self.asked: list[Question] = []
        self.waiting: dict[str, list[bytes]] = {}
        self.broker_away = False
        self._replies: dict[type[Question], Reply] = {}

    async def __aenter__(self) -> Self:
        self.line.over(self)
        if self.store:
            await self.store.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.store:
            await self.store.close()

    async def publish(self, event: Event[Any], *, within_s: float) -> None:
        """Keep what the line publishes. Raises `Unavailable` while the broker is away."""
        del within_s
        if self.broker_away:
            raise Unavailable("the test took the broker away")
        self.published.append(Event.from_wire(event.to_wire(), type(event.data)))

    async def ask(self, question: Question, *, within_s: float = 5.0) -> Any:
        """Answer what the line asks by `answer`, or by the line's own server when a test asks it."""
        del within_s
        for answering in self.line.answering:
            if answering.question is type(question):
                return await answering.handler(question)
        self.asked.append(question)
        reply = self._replies.get(type(question), Unavailable(f"nobody answers {question.queue()} in this test"))
        if isinstance(reply, BaseException):
            raise reply
        return reply if isinstance(reply, Value) else reply(question)

    async def quarantine(self, body: bytes, reason: str) -> None:
        """Keep what the line could not read. Raises `Unavailable` while the broker is away."""
        if self.broker_away:
            raise Unavailable("the test took the broker away")
        self.quarantined.append((body, reason))

    async def sift(self, queues: Iterable[str], unwanted: Callable[[bytes], bool]) -> int:
        """Take the unwanted bodies out of `waiting`. Raises `Unavailable` while the broker is away."""
        if self.broker_away:
            raise Unavailable("the test took the broker away")
        before = {queue: self.waiting.get(queue, []) for queue in queues}
        self.waiting |= {queue: [body for body in bodies if not unwanted(body)] for queue, bodies in before.items()}
        return sum(len(bodies) - len(self.waiting[queue]) for queue, bodies in before.items())

    def answer(self, question: type[Question], reply: Reply) -> None:
        """Set what a question of the line gets: a value, a function of the question, or an exception."""
        self._replies[question] = reply

    async def deliver(self, event: Event[Any]) -> list[Event[Any]]:
        """Run the stage for a fact; return what was published meanwhile. The stage's errors surface."""
        before = len(self.published)
        (stage,) = (stage for stage in self.line.stages if stage.fact is type(event.data))
        read = Event.from_wire(event.to_wire(), stage.fact)
        for emitted in several(await stage.handler(read)):
            await self.line.publish(emitted)
        return self.published[before:]

    async def fire(self, timer: str, key: str, payload: dict[str, Any] | None = None) -> None:
        """Call a timer's handler."""
        await self._its_store().timers[timer](key, payload or {})

    async def fire_due(self, at: datetime) -> int:
        """Fire every timer, and publish every fact, that is due at a moment, as the relay would; return how many."""
        store = self._its_store()
        due = "select name, key, payload, arming from timer where due_at <= $1 order by due_at"
        rows = await store.pool.fetch(due, at)
        for row in rows:
            await store.timers[row["name"]](row["key"], carried(row["payload"])[0])
            ended = "delete from timer where name = $1 and key = $2 and arming = $3"
            await store.pool.execute(ended, row["name"], row["key"], row["arming"])
        kept = await store.pool.fetch("delete from outbox where due_at <= $1 returning event_id, fact, body", at)
        already = {event.id for event in self.published}
        for row in kept:
            if row["event_id"] not in already:
                await self.publish(store.outbox.read(row), within_s=5)
        return len(rows) + len(kept)

    def of(self, fact: type[FactT]) -> list[FactT]:
        """Return the data of every published fact of a class, in order."""
        return [event.data for event in self.published if isinstance(event.data, fact)]

    def _its_store(self) -> Store:
        if self.store is None:
            raise RuntimeError("this probe has no store")
        return self.store


__all__ = ["Probe", "an_event"]
