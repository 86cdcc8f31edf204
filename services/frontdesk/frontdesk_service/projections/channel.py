"""Whether WhatsApp is connected."""

from datetime import datetime, timedelta

from chassis.store import Connection
from contracts import Event
from contracts.ingress import ChannelStateChanged

from frontdesk_service.projections.writes import Writes

CODE_LASTS = timedelta(seconds=60)
"""How long a code to scan is good; WhatsApp gives a new one sooner, until it loses patience."""
CLOSED_SINCE = """
with newest as (select instance, state from channels order by changed_at desc limit 1),
said as (select f.time, f.data->>'state' as state from facts f join newest on newest.instance = f.data->>'instance'
    where f.type = $1 and newest.state <> 'open')
select min(time) from said
where state = 'closed' and time > coalesce((select max(time) from said where state = 'open'), '-infinity')"""


def changed(writes: Writes, event: Event[ChannelStateChanged]) -> None:
    """Keep the newest state of an instance; one that shows a code to scan is connecting, until it is not."""
    state = "connecting" if event.data.state == "qr" else event.data.state
    writes.add(
        """insert into channels as old (instance, state, changed_at, qr, qr_at)
        values ($1, $2, $3::timestamptz, $4::text, case when $4::text is not null then $3::timestamptz end)
        on conflict (instance) do update set state = excluded.state, changed_at = excluded.changed_at,
            qr = case when excluded.state = 'connecting' then coalesce(excluded.qr, old.qr) end,
            qr_at = case when excluded.state = 'connecting' then coalesce(excluded.qr_at, old.qr_at) end
        where (excluded.changed_at, excluded.state) > (old.changed_at, old.state)""",
        event.data.instance,
        state,
        event.time,
        event.data.qr,
    )


async def code(connection: Connection, now: datetime) -> str | None:
    """Return the code that somebody must scan with the unit's phone, while it is good."""
    asked: str | None = await connection.fetchval(
        "select qr from channels where qr_at > $1 order by qr_at desc limit 1", now - CODE_LASTS
    )
    return asked


async def closed_since(connection: Connection) -> datetime | None:
    """Return since when the channel is closed; `None` when it is open, or never said that it closed.

    What it tries meanwhile, a new code among it, does not begin the time anew: nothing leaves until it is open.
    """
    since: datetime | None = await connection.fetchval(CLOSED_SINCE, ChannelStateChanged.routing_key())
    return since


async def state(connection: Connection) -> str:
    """`open`, `connecting` or `closed`: what the channel said last.

    A channel that was connected before we listened says nothing; a message that came through it shows that it is open.
    """
    said: str = await connection.fetchval(
        """select coalesce((select state from channels order by changed_at desc limit 1),
            case when exists (select from messages where direction = 'in') then 'open' else 'connecting' end)"""
    )
    return said
