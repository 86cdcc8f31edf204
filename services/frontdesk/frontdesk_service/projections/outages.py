"""Channels that take no messages, and who waits for one."""

from dataclasses import dataclass
from datetime import datetime

from chassis.store import Connection
from contracts import Event
from contracts.postprocessor import ChannelOutageReported

from frontdesk_service.domain import known
from frontdesk_service.projections.writes import Writes

REPORTED = """
insert into outages as old (channel, began_at, ended_at, told_at, waiting) values ($1, $2, $3, $4, $5)
on conflict (channel) do update set began_at = excluded.began_at, ended_at = excluded.ended_at,
    told_at = excluded.told_at, waiting = excluded.waiting
where (excluded.told_at, excluded.began_at) > (old.told_at, old.began_at)"""
# Somebody who was erased meanwhile is nobody here: their conversation is not known any more.
WAITING = """
select p.conversation, p.phone, p.profile_name, l.lead, (each->>'since')::timestamptz as since
from outages o cross join jsonb_array_elements(o.waiting) with ordinality as told (each, nth)
join persons p on p.conversation = each->>'conversation' left join leads l on l.conversation = p.conversation
where o.channel = $1 order by since, nth"""


@dataclass(frozen=True)
class Waiting:
    """Somebody whose reply is held back; `path` is where their conversation is."""

    path: str
    name: str | None
    phone: str | None
    since: datetime


@dataclass(frozen=True)
class Outage:
    """A channel (`evolution`, `cloud_api`, `twilio`) that has taken nothing since `began_at`."""

    channel: str
    began_at: datetime
    waiting: tuple[Waiting, ...]


def reported(writes: Writes, event: Event[ChannelOutageReported]) -> None:
    """Keep the newest word about a channel."""
    told = event.data
    waiting = [
        {"conversation": each.conversation, "since": each.since.isoformat(), "bubbles": each.bubbles}
        for each in told.waiting
    ]
    writes.add(REPORTED, told.channel, told.began_at, told.ended_at, event.time, waiting)


async def now_away(connection: Connection) -> list[Outage]:
    """Return what is away now, the longest first."""
    rows = await connection.fetch("select channel, began_at from outages where ended_at is null order by began_at")
    return [Outage(row["channel"], row["began_at"], await _waiting(connection, row["channel"])) for row in rows]


async def _waiting(connection: Connection, channel: str) -> tuple[Waiting, ...]:
    rows = await connection.fetch(WAITING, channel)
    return tuple(
        Waiting(
            path=row["phone"].removeprefix("+") if row["phone"] else row["conversation"],
            name=known(row["lead"], row["phone"]).lead.parent_name or row["profile_name"],
            phone=row["phone"],
            since=row["since"],
        )
        for row in rows
    )
