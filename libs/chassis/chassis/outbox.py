"""The outbox and the timers of one service: rows that become publishes and calls, at least once.

The process that commits publishes its rows itself and holds them for a moment meanwhile; the relay of any copy takes
what nobody holds. `due_at` is measured on the system's clock, `held_until` on the database's.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from contracts import Event, Fact, all_facts

from chassis.clock import now
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.telemetry import current_traceparent, signals, span

if TYPE_CHECKING:
    from chassis.store import Connection, Store

log = get_logger(__name__)

HOLD_S = 3.0
"""How long a committer may take to publish, or to begin with a timer that is due at once, before the relay does."""
RELAY_S = 5.0
"""How long the relay tries to publish, and then begins anew; timers wait meanwhile."""
LEASE_S = 10.0
"""How long a timer belongs to the copy that took it, renewed while its handler runs."""
TRACEPARENT = "traceparent"
"""The key of a timer's payload that names the span in which it was armed; handlers do not see it."""
LOOK_EVERY_S = 5.0
"""How often to look for rows that another copy left."""
BACKOFF_S = (1, 2, 5, 10, 30)
BATCH = 100
GATHER_S = 0.5
"""How long published rows are gathered before they are deleted together; a crash meanwhile repeats what they say."""
KEEP_INBOX = timedelta(days=7)
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)


_working: ContextVar[str | None] = ContextVar("timer", default=None)
_TIMER = signals(__name__).operation("timer {timer}", "A timer that became due is worked.")


class Outbox:
    """Writes rows inside transactions, publishes them after, and relays what is due."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._facts: dict[str, type[Fact]] = {fact.routing_key(): fact for fact in all_facts()}
        self._wake = asyncio.Event()
        self._next: datetime | None = None
        self._published: list[UUID] = []
        self._some_published = asyncio.Event()
        self._running: dict[tuple[str, str, int], asyncio.Task[None]] = {}
        self._relaying = False
        self._pruned = float("-inf")

    def calls(self, timer: str) -> bool:
        """Whether this process calls that timer's handler."""
        return self._relaying and timer in self._store.timers

    async def write(self, connection: "Connection", events: Sequence[Event[Any]]) -> None:
        """Insert rows that their committer publishes at once."""
        await connection.execute(insertion(), *row_values(events))

    async def keep(self, connection: "Connection", event: Event[Any], due_at: datetime, key: str | None) -> None:
        """Insert a row for later; one with the same key is replaced."""
        if key is not None:
            await connection.execute("delete from outbox where key = $1", key)
        await connection.execute(
            """insert into outbox (event_id, fact, body, due_at, held_until, key)
            values ($1, $2, $3, $4, '-infinity', $5)
            on conflict (event_id) do update set due_at = excluded.due_at, body = excluded.body, key = excluded.key""",
            event.id,
            type(event.data).routing_key(),
            event.to_wire(),
            due_at,
            key,
        )
        self.due_at(due_at)

    async def publish(self, events: Iterable[Event[Any]]) -> None:
        """Publish committed events; what cannot be published now stays for the relay."""
        await asyncio.gather(*(self._publish_one(event, HOLD_S) for event in events))

    def due_at(self, moment: datetime) -> None:
        """Note that something becomes due then."""
        if self._next is None or moment < self._next:
            self._next = moment
            self._wake.set()

    async def run(self) -> None:
        """Relay until cancelled; a database that is away is waited for."""
        self._relaying = True
        try:
            await asyncio.gather(self._through_outages(self._relay), self._through_outages(self._forget))
        finally:
            self._relaying = False
            for task in self._running.values():
                task.cancel()

    async def _through_outages(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except _AWAY as error:
                log.warning("relay_waits", error=type(error).__name__)
                await asyncio.sleep(1)
            except Exception as error:  # noqa: BLE001  # a connection that dies in a query raises what it likes
                log.error("relay_failed", cause=error)
                await asyncio.sleep(1)

    async def _relay(self) -> None:
        self._wake.clear()
        if await self._relay_due() + await self._fire_due() == 0:
            await self._housekeeping()
            await self._sleep(await self._next_due())

    async def _forget(self) -> None:
        """Delete what is published: many rows in one statement, off the path of the messages."""
        await self._some_published.wait()
        await asyncio.sleep(GATHER_S)
        self._some_published.clear()
        published, self._published = self._published, []
        try:
            await self._store.pool.execute("delete from outbox where event_id = any($1::uuid[])", published)
        except BaseException:
            self._published += published
            self._some_published.set()
            raise

    async def _relay_due(self) -> int:
        rows = await self._store.pool.fetch(
            """update outbox set attempts = attempts + 1, held_until = clock_timestamp() + $3 * interval '1 second'
            where event_id in (select event_id from outbox where due_at <= $1 and held_until <= clock_timestamp()
                order by due_at limit $2 for update skip locked)
            returning event_id, fact, body""",
            now(),
            BATCH,
            RELAY_S + 1,
        )
        await asyncio.gather(*(self._publish_one(self.read(row), RELAY_S) for row in rows))
        return len(rows)

    def read(self, row: asyncpg.Record) -> Event[Any]:
        """Read a row's event."""
        return Event.from_wire(row["body"], self._facts[row["fact"]])

    async def _publish_one(self, event: Event[Any], within_s: float) -> None:
        try:
            await self._store.line.publish(event, within_s=within_s)
        except Transient as error:
            log.warning("left_to_relay", event=str(event.id), error=type(error).__name__)
            self._wake.set()  # at once: what is said later in this conversation must not be there before
            return
        self._published.append(event.id)
        self._some_published.set()

    async def _fire_due(self) -> int:
        rows = await self._store.pool.fetch(
            """update timer set attempts = attempts + 1, held_until = clock_timestamp() + $3 * interval '1 second'
            where (name, key) in (select name, key from timer
                where due_at <= $1 and held_until <= clock_timestamp() and name = any($4)
                order by due_at limit $2 for update skip locked)
            returning name, key, payload, arming, attempts""",
            now(),
            BATCH,
            LEASE_S,
            list(self._store.timers),
        )
        self.fire(rows)
        return len(rows)

    def fire(self, rows: Iterable[asyncpg.Record]) -> None:
        """Call the handlers of timers that are held for this process, each in a task of its own."""
        for row in rows:
            task = asyncio.create_task(self._fire(row))
            identity = (row["name"], row["key"], row["arming"])
            self._running[identity] = task
            task.add_done_callback(lambda _, identity=identity: self._running.pop(identity, None))  # type: ignore[misc]  # mypy cannot infer a lambda's default

    async def _fire(self, row: asyncpg.Record) -> None:
        name, key = row["name"], row["key"]
        renewing = asyncio.create_task(self._renew(name, key, row["arming"]))
        try:
            await self._call(name, key, row["payload"])
        except Exception as error:  # noqa: BLE001  # the edge of every timer: whatever it was, it is tried again
            backoff_s = BACKOFF_S[min(row["attempts"], len(BACKOFF_S)) - 1]
            log.error("timer_failed", cause=error, timer=name, attempts=row["attempts"], again_in_s=backoff_s)
            await self._settle(
                "update timer set held_until = clock_timestamp() + $4 * interval '1 second'", row, float(backoff_s)
            )
            self._wake.set()
        else:
            await self._settle("delete from timer", row)
        finally:
            renewing.cancel()

    async def _call(self, name: str, key: str, payload: dict[str, Any]) -> None:
        """Call a handler in the trace in which its timer was armed."""
        payload, parent = carried(payload)
        _working.set(name)  # in this task alone
        with span(_TIMER.called(f"timer {name}"), parent=parent, service=self._store.line.service):
            await self._store.timers[name](key, payload)

    async def _settle(self, statement: str, row: asyncpg.Record, *arguments: float) -> None:
        """End one firing, unless its handler armed the timer anew; without a database its lease simply ends."""
        with contextlib.suppress(*_AWAY):
            await self._store.pool.execute(
                f"{statement} where name = $1 and key = $2 and arming = $3",
                row["name"],
                row["key"],
                row["arming"],
                *arguments,
            )

    async def _renew(self, name: str, key: str, arming: int) -> None:
        statement = """update timer set held_until = clock_timestamp() + $4 * interval '1 second'
            where name = $1 and key = $2 and arming = $3"""
        while True:
            await asyncio.sleep(HOLD_S / 2)
            with contextlib.suppress(*_AWAY):
                await self._store.pool.execute(statement, name, key, arming, LEASE_S)

    async def _next_due(self) -> float:
        """Seconds until the next row is due and held by nobody, at most `LOOK_EVERY_S`."""
        self._next = now() + timedelta(seconds=LOOK_EVERY_S)  # what becomes due after that need not wake us meanwhile
        wait = await self._store.pool.fetchval(
            """select extract(epoch from
                min(greatest(due_at - $1, nullif(held_until, '-infinity') - clock_timestamp())))::float8 from (
                select due_at, held_until from outbox union all
                select due_at, held_until from timer where name = any($2)) as waiting""",
            now(),
            list(self._store.timers),
        )
        wait = LOOK_EVERY_S if wait is None else min(max(wait, 0.0), LOOK_EVERY_S)
        self._next = min(self._next, now() + timedelta(seconds=wait))
        return wait

    async def _sleep(self, seconds: float) -> None:
        """Sleep until something is due, somebody wakes us, or the system's clock is moved."""
        until = time.monotonic() + seconds
        offset_s = now.offset_s()
        while not self._wake.is_set() and now.offset_s() == offset_s:
            left = until - time.monotonic()
            if self._next is not None:
                left = min(left, (self._next - now()).total_seconds())
            if left <= 0:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, 1.0)):
                    await self._wake.wait()

    async def _housekeeping(self) -> None:
        if time.monotonic() - self._pruned > 3600:  # seconds
            self._pruned = time.monotonic()
            await self._store.pool.execute("delete from inbox where at < clock_timestamp() - $1::interval", KEEP_INBOX)


def insertion(first: int = 1, condition: str = "true") -> str:
    """Return the statement that inserts rows on a condition; its parameters (`row_values`) begin with `$first`."""
    ids, facts, bodies, due_at, hold_s = (f"${first + nth}" for nth in range(5))
    return f"""insert into outbox (event_id, fact, body, due_at, held_until)
        select event_id, fact, body, {due_at}, clock_timestamp() + {hold_s} * interval '1 second'
        from unnest({ids}::uuid[], {facts}::text[], {bodies}::bytea[]) as row (event_id, fact, body)
        where {condition} on conflict (event_id) do nothing"""  # noqa: S608  # numbers, and a constant of the caller's


def row_values(events: Sequence[Event[Any]]) -> tuple[Any, ...]:
    """Return the parameters of the rows that their committer publishes at once."""
    ids, facts = [event.id for event in events], [type(event.data).routing_key() for event in events]
    return ids, facts, [event.to_wire() for event in events], now(), HOLD_S


def carrying(timer: str, payload: dict[str, Any] | None) -> dict[str, Any]:
    """Return a timer's payload together with the running span; one that arms itself anew begins a new trace."""
    traceparent = None if _working.get() == timer else current_traceparent()
    return {**(payload or {}), TRACEPARENT: traceparent} if traceparent else payload or {}


def carried(payload: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return the payload as it was given, and the span that armed the timer."""
    return {key: value for key, value in payload.items() if key != TRACEPARENT}, payload.get(TRACEPARENT)
