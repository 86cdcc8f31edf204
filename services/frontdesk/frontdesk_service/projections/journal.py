"""Every fact that arrived, once: the inbox mark, the history, and what the read model is rebuilt from."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
from chassis.store import Connection
from contracts import Event, Fact, all_facts

FACTS: dict[str, type[Fact]] = {fact.routing_key(): fact for fact in all_facts()}


async def keep(connection: Connection, event: Event[Any]) -> bool:
    """Write a fact down; `False` when it already is, and must change nothing."""
    return bool(
        await connection.fetchval(
            """insert into facts (id, type, source, subject, time, correlation, causation, traceparent, data)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning true""",
            event.id,
            type(event.data).routing_key(),
            event.source,
            event.subject,
            event.time,
            event.correlationid,
            event.causationid,
            event.traceparent,
            event.data.model_dump(mode="json"),
        )
    )


async def history(connection: Connection) -> AsyncIterator[Event[Any]]:
    """Every fact, oldest first; needs a transaction around it."""
    async for row in connection.cursor("select * from facts order by time, id"):
        yield _event(row)


def _event(row: asyncpg.Record) -> Event[Any]:
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
