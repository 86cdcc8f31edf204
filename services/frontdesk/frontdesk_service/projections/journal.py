"""Every fact that arrived, once: the inbox mark, the history, and what the read model is rebuilt from."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
from chassis.store import Connection
from contracts import Event, Fact, all_facts
from contracts.calendar import BookingConfirmed
from contracts.ingress import MessageEchoed
from contracts.preprocessor import MessageRejected, MessageSanitized

FACTS: dict[str, type[Fact]] = {fact.routing_key(): fact for fact in all_facts()}

BEGINNINGS = (MessageSanitized, MessageRejected, BookingConfirmed)
"""Facts with which somebody who was erased comes back, if they are newer than that."""


def begins(fact: Fact) -> bool:
    """Whether somebody comes back with a fact; the echo of what the assistant still said to them is no such."""
    return isinstance(fact, BEGINNINGS) or (isinstance(fact, MessageEchoed) and fact.origin == "phone")


# Whatever else is of a conversation that was just erased was on its way, and is too late.
KEEP = """
with fact as (
    select id, type, source, subject, time, correlation, causation, traceparent, data::jsonb, begins
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::uuid[], $8::text[],
        $9::text[], $10::bool[])
        as fact (id, type, source, subject, time, correlation, causation, traceparent, data, begins)
), back as (
    delete from erased using fact where conversation = subject and at < time and begins returning conversation
)
insert into facts (id, type, source, subject, time, correlation, causation, traceparent, data)
select id, type, source, subject, time, correlation, causation, traceparent, data from fact
where subject in (select conversation from back)
    or not exists (select from erased where conversation = subject and time < at + interval '1 minute')
on conflict do nothing returning id"""


async def keep(connection: Connection, events: Sequence[Event[Any]]) -> list[Event[Any]]:
    """Write facts down; returns, in their order, those that were not known and did not come too late."""
    once = {event.id: event for event in events}
    columns = zip(*(_row(event) for event in once.values()), strict=True)
    kept = {row["id"] for row in await connection.fetch(KEEP, *map(list, columns))}
    return [event for event in once.values() if event.id in kept]


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
        begins(event.data),
    )


async def read(connection: Connection, query: str) -> AsyncIterator[Event[Any]]:
    """Yield the facts of a query over `facts`; needs a transaction around it."""
    async for row in connection.cursor(query, prefetch=500):
        yield event_of(row)


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
