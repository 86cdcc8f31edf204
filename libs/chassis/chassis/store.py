"""State on PostgreSQL: one schema a service; inbox mark, state and outbox rows in one transaction.

What a transaction emits is published right after its commit; the relay publishes what a crash left, and whatever
becomes due later: facts for the future and durable timers.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
from contracts import Event
from pydantic import SecretStr

from chassis.away import AWAY
from chassis.batches import CALL, Batches
from chassis.clock import now
from chassis.connections import Connections
from chassis.errors import BadConfiguration, Transient, Unavailable
from chassis.line import Line
from chassis.migrate import OURS, migrate
from chassis.outbox import HOLD_S, Outbox, carrying, insertion, row_values
from chassis.patience import attempts
from chassis.telemetry import current_traceparent, foreign
from chassis.telemetry.sql import Connection as TracedConnection
from chassis.telemetry.sql import statement_span

RANDOM_PAGE_COST = 1.1
"""What PostgreSQL takes a page out of order to cost, beside one in order: what is asked for is in memory, or on a disk
that does not turn. With its own 4 it reads small and new tables whole for every message."""

TimerHandler: TypeAlias = Callable[[str, dict[str, Any]], Awaitable[None]]
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


class Unit:
    """One transaction: everything in it happens, or nothing."""

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self.connection = connection
        self._outbox = outbox
        self.emitted: list[Event[Any]] = []
        self.first_due: datetime | None = None
        self.due_now: dict[tuple[str, str], asyncpg.Record] = {}

    async def first_time(self, event: Event[Any]) -> bool:
        """Mark an event as seen; `False` when it was seen before, and must change nothing."""
        mark = "insert into inbox (event_id) values ($1) on conflict do nothing returning true"
        return bool(await self.connection.fetchval(mark, event.id))

    async def emit(self, event: Event[Any], *, due_at: datetime | None = None, key: str | None = None) -> None:
        """Publish a fact after the commit, or when it is due; a later emit with the same key replaces it."""
        event = _in_trace(event)
        if due_at is None:
            self.emitted.append(event)
        else:
            await self._outbox.keep(self.connection, event, due_at, key)
            self._note_due(due_at)

    async def cancel_emit(self, key: str) -> None:
        """Take back a fact that is not due yet."""
        await self.connection.execute("delete from outbox where key = $1", key)

    async def wake(self, timer: str, *, key: str, due_at: datetime, payload: dict[str, Any] | None = None) -> None:
        """Have a timer's handler called when it is due; the same timer and key is moved, not doubled.

        One that is due already is called by this process, right after the commit.
        """
        at_once = due_at <= now() and self._outbox.calls(timer)
        (row,) = await self.connection.fetch(
            """insert into timer (name, key, due_at, payload, attempts, held_until)
            values ($1, $2, $3, $4, $5, coalesce(clock_timestamp() + $6 * interval '1 second', '-infinity'))
            on conflict (name, key) do update set due_at = excluded.due_at, payload = excluded.payload,
                arming = nextval('timer_arming'), attempts = excluded.attempts, held_until = excluded.held_until
            returning name, key, payload, arming, attempts""",
            timer,
            key,
            due_at,
            carrying(timer, payload),
            int(at_once),
            HOLD_S if at_once else None,
        )
        if at_once:
            self.due_now[timer, key] = row
        else:
            self.due_now.pop((timer, key), None)
            self._note_due(due_at)

    async def cancel(self, timer: str, *, key: str) -> None:
        """Take a timer back."""
        self.due_now.pop((timer, key), None)
        await self.connection.execute("delete from timer where name = $1 and key = $2", timer, key)

    async def drop_pending(self, *, keys: list[str], mention: str, now: datetime) -> int:
        """Take back timers of these keys, and timers and facts for later that mention a text; return how many."""
        timers = await self.connection.execute(
            "delete from timer where key = any($1) or strpos(payload::text, $2) > 0", keys, mention
        )
        facts = await self.connection.execute(
            "delete from outbox where due_at > $1 and position(convert_to($2, 'UTF8') in body) > 0", now, mention
        )
        return sum(int(each.split()[-1]) for each in (timers, facts))

    def _note_due(self, moment: datetime) -> None:
        self.first_due = min(moment, self.first_due or moment)

    async def flush(self) -> None:
        """Write the rows of what is emitted now, at the end of the transaction, in one statement."""
        if self.emitted:
            await self._outbox.write(self.connection, self.emitted)


class Store:
    """A service's schema: its pool, its migrations, its transactions, its timers."""

    def __init__(self, line: Line, database_url: SecretStr, *, migrations: Path, pool_size: int = 4) -> None:
        self.line = line
        self.schema = line.service.replace("-", "_")
        self._url = database_url
        self._migrations = migrations
        self._pool_size = pool_size
        self._pool: Connections | None = None
        self._batches = Batches(lambda: self.pool)
        self.timers: dict[str, TimerHandler] = {}
        self.outbox = Outbox(self)
        self._relay: asyncio.Task[None] | None = None

    @property
    def pool(self) -> Connections:
        """The connection pool; a store that was not started has none."""
        if self._pool is None:
            raise RuntimeError(f"the store of {self.line.service} is not started")
        return self._pool

    def timer(self, name: str) -> Callable[[TimerHandler], TimerHandler]:
        """Register what a durable timer calls: at least once, in one live copy, with its key and payload."""

        def register(handler: TimerHandler) -> TimerHandler:
            self.timers[name] = handler
            return handler

        return register

    async def open(self) -> None:
        """Connect (waiting for a database that is not there yet) and migrate. Raises `BadConfiguration`."""
        connection = await self._connect()
        try:
            await migrate(connection, self.schema, (OURS, self._migrations))
        finally:
            await connection.close()
        pool = await asyncpg.create_pool(  # type: ignore[call-overload]  # the stubs miss that init gets a proxy
            self._url.get_secret_value(),
            min_size=1,
            max_size=self._pool_size,
            max_inactive_connection_lifetime=0,
            connection_class=TracedConnection,
            init=_codecs,
            reset=_leave_as_it_is,
            command_timeout=30,
            timeout=5,
            server_settings={
                "search_path": self.schema,
                "application_name": f"receptionist.{self.line.service}",
                "random_page_cost": str(RANDOM_PAGE_COST),
            },
        )
        self._pool = Connections(pool, self._pool_size)

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        try:
            async for attempt in attempts("database_unreachable", "DATABASE_URL", AWAY):
                with attempt:
                    return await asyncpg.connect(self._url.get_secret_value(), timeout=5)
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
            raise BadConfiguration(f"DATABASE_URL: PostgreSQL refuses: {type(error).__name__}") from error
        except ValueError as error:
            raise BadConfiguration("DATABASE_URL: not a PostgreSQL address") from error
        raise AssertionError("there is no last attempt")

    def start_relay(self) -> None:
        """Publish from now on what is due, and call the timers that are."""
        self._relay = asyncio.create_task(self._run_relay(), name=f"{self.schema} relay")

    async def _run_relay(self) -> None:
        with contextlib.suppress(*AWAY):  # they are opened when they are needed, then
            await self._open_all()
        await self.outbox.run()

    async def _open_all(self) -> None:
        """Open every connection of the pool, so that no message waits for that when many come at once."""
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(self._pool_size):
                await stack.enter_async_context(self.pool.acquire(within_s=5))

    async def close(self) -> None:
        """Stop the relay and give the connections back."""
        if self._relay is not None:
            self._relay.cancel()
            await asyncio.gather(self._relay, return_exceptions=True)
        if self._pool is not None:
            try:
                async with asyncio.timeout(5):
                    await self._pool.close()
            except TimeoutError:
                self._pool.terminate()

    async def ready(self) -> bool:
        """Whether the database answers."""
        try:
            async with asyncio.timeout(1):
                return bool(await self.pool.fetchval("select true"))
        except (*AWAY, asyncpg.PostgresError):
            return False

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """Open a transaction; after its commit, publish what it emitted. Raises `Unavailable` without a database."""
        with _our_errors():
            async with self.pool.acquire(within_s=5) as connection, connection.transaction():
                unit = Unit(connection, self.outbox)
                yield unit
                await unit.flush()
        if unit.first_due is not None:
            self.outbox.due_at(unit.first_due)  # not before the commit: the relay would look, and see nothing
        self.outbox.fire(unit.due_now.values())
        await self.outbox.publish(unit.emitted)

    async def once(self, steps: str, *values: Any, emits: Iterable[Event[Any]]) -> asyncpg.Record | None:
        """Change something and emit in one statement, which is a transaction and spares the round trips of a unit.

        `steps` are common table expressions; the one called `done` has a row, which is returned, when it was done;
        else nothing is emitted. Raises `Unavailable` without a database.
        """
        events = [_in_trace(event) for event in emits]
        further = row_values(events)
        rows = insertion(len(values) + 1, "exists (select from done)")
        call = f"${len(values) + len(further) + 1}::int as {CALL}"
        statement = f"with {steps}, emitted as ({rows}) select {call}, done.* from done"  # noqa: S608  # the caller's own
        done = await self.fetch(statement, *values, *further)
        if not done:
            return None
        await self.outbox.publish(events)
        return done[0]

    async def fetch(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Run one statement, which is a transaction, and return its rows; see `chassis.batches`.

        Each of its rows tells `$n::int as call`, n one more than there are values. Raises `Unavailable` without a
        database.
        """
        with _our_errors(), statement_span(statement):
            return await self._batches.fetch(statement, values)


@contextlib.contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError) as error:
        raise Transient(f"lost a race: {type(error).__name__}") from error
    except AWAY as error:
        raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error


def _in_trace(event: Event[Any]) -> Event[Any]:
    """Let an event go on the running trace, unless it belongs to another."""
    return event if foreign(event.traceparent) else event.model_copy(update={"traceparent": current_traceparent()})


async def _leave_as_it_is(_: Connection) -> None:
    """Spare a round trip a transaction: no session setting or session lock is ever made on the pool's connections."""


async def _codecs(connection: Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
