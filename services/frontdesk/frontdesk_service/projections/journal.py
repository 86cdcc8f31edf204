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
with back as (delete from erased where conversation = $4 and at < $5 and $10 returning true)
insert into facts (id, type, source, subject, time, correlation, causation, traceparent, data)
select $1::uuid, $2, $3, $4, $5::timestamptz, $6::uuid, $7::uuid, $8, $9::jsonb
where exists (select from back)
    or not exists (select from erased where conversation = $4 and $5 < at + interval '1 minute')
on conflict do nothing returning true"""


async def keep(connection: Connection, event: Event[Any]) -> bool:
    """Write a fact down; `False` when it already is, or came too late, and must change nothing."""
    return bool(
        await connection.fetchval(
            KEEP,
            event.id,
            type(event.data).routing_key(),
            event.source,
            event.subject,
            event.time,
            event.correlationid,
            event.causationid,
            event.traceparent,
            event.data.model_dump(mode="json"),
            begins(event.data),
        )
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
