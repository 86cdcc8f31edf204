"""What was counted of each day: kept for days that are over, and counted anew once something of them changed.

The triggers of `0021_days.sql` write down which kept days a changed row is of. Whoever keeps a day holds new facts
back for that moment, so that no row can change between the counting and the keeping; whoever reads waits for nobody.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import asyncpg
from chassis.store import Connection

from frontdesk_service.hours import Period
from frontdesk_service.projections.counting import Tally, tally

KEPT = """
select * from day_counts kept where day >= $1 and day <= $2
    and not exists (select from days_changed changed where changed.day = kept.day)"""
KEEP = """
insert into day_counts (day, sums, contacts, ended, fine, booked, hours, intents)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (day) do update set sums = excluded.sums, contacts = excluded.contacts, ended = excluded.ended,
    fine = excluded.fine, booked = excluded.booked, hours = excluded.hours, intents = excluded.intents"""


def days(first: date, last: date) -> list[date]:
    """Return every day from one to another, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


async def kept(connection: Connection, first: date, last: date) -> dict[date, Tally]:
    """Return the days that are kept and unchanged."""
    return {row["day"]: _tally(row) for row in await connection.fetch(KEPT, first, last)}


async def count(connection: Connection, day: date) -> Tally:
    """Count one day from the rows themselves."""
    period = Period.of("day", day)
    return await tally(connection, period.begins, period.ends)


async def keep(connection: Connection, day: date) -> None:
    """Count a day and keep it; needs a transaction around it."""
    await connection.execute("lock table facts in share mode")
    await connection.execute("delete from days_changed where day = $1", day)
    of = await count(connection, day)
    sums = {name: str(value) for name, value in of.sums.items()}
    ended, fine = list(of.ended), list(of.ended.values())
    await connection.execute(KEEP, day, sums, of.contacts, ended, fine, of.booked, of.hours, of.intents)


async def forget(connection: Connection) -> None:
    """Have every day counted anew; needs a lock on `facts`."""
    await connection.execute("delete from day_counts")
    await connection.execute("delete from days_changed")


async def missing(connection: Connection, wanted: Iterable[date]) -> list[date]:
    """Return which days are not kept, or changed since, the newest first."""
    rows = await connection.fetch(
        """select day from unnest($1::date[]) as wanted (day)
        where not exists (select from day_counts where day_counts.day = wanted.day)
            or exists (select from days_changed where days_changed.day = wanted.day) order by day desc""",
        list(wanted),
    )
    return [row["day"] for row in rows]


def _tally(row: asyncpg.Record) -> Tally:
    return Tally(
        sums={name: Decimal(value) for name, value in row["sums"].items()},
        contacts=row["contacts"],
        ended=dict(zip(row["ended"], row["fine"], strict=True)),
        booked=row["booked"],
        hours=row["hours"],
        intents=row["intents"],
    )
