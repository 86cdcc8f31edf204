"""Every fact that arrived, once: the inbox mark, the history, and what the read model is rebuilt from."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from chassis.store import Connection
from contracts import Event, Fact, all_facts

from frontdesk_service.projections import forgotten

FACTS: dict[str, type[Fact]] = {fact.routing_key(): fact for fact in all_facts()}

TOGETHER = 500
"""Facts that are read at a time."""
# Who was erased is looked at more closely.
KEEP = """
insert into facts (id, type, source, subject, time, correlation, causation, traceparent, data)
select id, type, source, subject, time, correlation, causation, traceparent, data::jsonb
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::uuid[], $8::text[],
    $9::text[]) as fact (id, type, source, subject, time, correlation, causation, traceparent, data)
where $10::bool or not exists (select from erased where conversation = subject)
on conflict do nothing returning id"""


async def keep(connection: Connection, events: Sequence[Event[Any]], now: datetime) -> list[Event[Any]]:
    """Write facts down; returns, in their order, those that were not known and are not of an erased life.

    Raises `Transient` where that cannot be told yet.
    """
    once = {event.id: event for event in events}
    kept = await _insert(connection, list(once.values()), even_so=False)
    if len(kept) < len(once):
        others = [event for event in once.values() if event.id not in kept]
        kept |= await _insert(connection, await forgotten.admitted(connection, others, now), even_so=True)
    return [event for event in once.values() if event.id in kept]


async def _insert(connection: Connection, events: Sequence[Event[Any]], *, even_so: bool) -> set[UUID]:
    if not events:
        return set()
    columns = zip(*(_row(event) for event in events), strict=True)
    return {row["id"] for row in await connection.fetch(KEEP, *map(list, columns), even_so)}


def _row(event: Event[Any]) -> tuple[object, ...]:
    return (
        event.id,
        type(event.data).routing_key(),
        event.source,
        event.subject,
        event.time,
        event.correlationid,
        event.causationid,
        event.traceparent,
        event.data.model_dump_json(),
    )


async def after(connection: Connection, conversations: list[str], at: datetime) -> list[Event[Any]]:
    """Return the facts of these conversations since a moment, the oldest first."""
    query = "select * from facts where subject = any($1) and time > $2 order by time"
    return [event_of(row) for row in await connection.fetch(query, conversations, at)]


async def first(connection: Connection) -> datetime | None:
    """Return when the oldest fact was; a look into the index for each type, where the table would be read whole."""
    query = "select min((select min(time) from facts where type = known)) from unnest($1::text[]) as known"
    at: datetime | None = await connection.fetchval(query, list(FACTS))
    return at


async def read(connection: Connection, query: str) -> AsyncIterator[list[Event[Any]]]:
    """Yield the facts of a query over `facts`, some at a time; needs a transaction around it."""
    cursor = await connection.cursor(query)
    while rows := await cursor.fetch(TOGETHER):
        yield [event_of(row) for row in rows]


def event_of(row: asyncpg.Record) -> Event[Any]:
    """Read a row of the journal."""
    fact = FACTS[row["type"]]
    return Event[fact](  # type: ignore[valid-type]  # the class is a value here
        id=row["id"],
        source=row["source"],
        type=fact.event_type(),
        subject=row["subject"],
        time=row["time"],
        correlationid=row["correlation"],
        causationid=row["causation"],
        traceparent=row["traceparent"],
        data=fact.model_validate(row["data"]),
    )
