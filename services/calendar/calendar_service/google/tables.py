"""How far Google is behind the book, and the book behind Google. Everything works inside the caller's transaction."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Range
from chassis.store import Connection, Store, Unit
from contracts.dialogue import Slot

from calendar_service.google.events import Appointment


@dataclass(frozen=True)
class Stale:
    """A visit that Google does not show as it is: `shown` is the version there (0: none), `changes` the last change."""

    visit_id: UUID
    shown: int
    changes: int


@dataclass(frozen=True)
class Sync:
    """A sync token and when the last full import was."""

    token: str
    full_at: datetime


@asynccontextmanager
async def alone(store: Store) -> AsyncIterator[bool]:
    """Be the only one who talks to Google, over all copies; `False` when another does."""
    async with store.pool.acquire(within_s=5) as connection:
        mine = await connection.fetchval("select pg_try_advisory_lock(hashtext('calendar.google'))")
        try:
            yield bool(mine)
        finally:
            if mine:
                await connection.execute("select pg_advisory_unlock(hashtext('calendar.google'))")


async def next_stale(connection: Connection, now: datetime) -> Stale | None:
    """Return a visit to be shown anew, the soonest to be due."""
    row = await connection.fetchrow(
        "select visit_id, shown, changes from projections where stale and due_at <= $1 order by due_at limit 1", now
    )
    return Stale(**row) if row else None


async def next_due(connection: Connection) -> datetime | None:
    """Return when the next visit is to be shown; `None` when all are."""
    due: datetime | None = await connection.fetchval("select min(due_at) from projections where stale")
    return due


async def showed(connection: Connection, stale: Stale, version: int) -> None:
    """Keep which version Google shows; a change meanwhile leaves it stale."""
    await connection.execute(
        "update projections set shown = $2, stale = changes <> $3 where visit_id = $1",
        stale.visit_id,
        version,
        stale.changes,
    )


async def forget(connection: Connection, visit_id: UUID) -> None:
    """Keep nothing about a visit that is neither here nor there any more."""
    await connection.execute(
        "delete from projections where visit_id = $1 and not exists (select from visits where id = $1)", visit_id
    )


async def postpone(connection: Connection, stale: Stale, until: datetime) -> None:
    """Try a visit again later."""
    await connection.execute("update projections set due_at = $2 where visit_id = $1", stale.visit_id, until)


async def look_again(connection: Connection, visit_ids: Iterable[UUID]) -> None:
    """Have these visits compared with Google again."""
    await connection.execute(
        """update projections set stale = true, changes = changes + 1, due_at = '-infinity'
        where visit_id = any($1::uuid[])""",
        list(visit_ids),
    )


async def ours(connection: Connection, visit_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return which of these are visits that Google shows or showed, with the version there."""
    rows = await connection.fetch(
        "select visit_id, shown from projections where visit_id = any($1::uuid[])", list(visit_ids)
    )
    return {row["visit_id"]: row["shown"] for row in rows}


async def shown_between(connection: Connection, first: datetime, last: datetime) -> set[UUID]:
    """Return the visits of a time that Google should show just as they are."""
    rows = await connection.fetch(
        """select id from visits join projections on visit_id = id
        where status = 'booked' and not stale and shown > 0 and lower(during) > $1 and lower(during) < $2""",
        first,
        last,
    )
    return {row["id"] for row in rows}


async def sync_of(connection: Connection, calendar_id: str) -> Sync | None:
    """Return how far the import of a calendar is."""
    row = await connection.fetchrow("select token, full_at from google_sync where calendar_id = $1", calendar_id)
    return Sync(**row) if row else None


async def start_over(tx: Unit, calendar_id: str) -> None:
    """Forget what another calendar showed, when it is another one from now on."""
    others = await tx.connection.fetchval("delete from google_sync where calendar_id <> $1 returning true", calendar_id)
    if others:
        await tx.connection.execute("update projections set shown = 0, stale = true, due_at = '-infinity'")


async def keep(
    tx: Unit, calendar_id: str, sync: Sync, appointments: Iterable[Appointment], *, full: bool
) -> list[tuple[Appointment, Slot]]:
    """Take over what an import brought; return the appointments that are new or elsewhere, with when they are."""
    await tx.connection.execute(
        """insert into google_sync (calendar_id, token, full_at) values ($1, $2, $3)
        on conflict (calendar_id) do update set token = excluded.token, full_at = excluded.full_at""",
        calendar_id,
        sync.token,
        sync.full_at,
    )
    busy = {each.id: (each, each.slot) for each in appointments if each.slot}
    gone = [each.id for each in appointments if each.slot is None]
    if full:
        await tx.connection.execute("delete from google_busy where not event_id = any($1::text[])", list(busy))
    elif gone:
        await tx.connection.execute("delete from google_busy where event_id = any($1::text[])", gone)
    if not busy:
        return []
    rows = await tx.connection.fetch(
        """insert into google_busy as old (event_id, during, title)
        select * from unnest($1::text[], $2::tstzrange[], $3::text[])
        on conflict (event_id) do update set during = excluded.during, title = excluded.title
        where (old.during, old.title) is distinct from (excluded.during, excluded.title)
        returning event_id""",
        list(busy),
        [Range(slot.start, slot.end) for _, slot in busy.values()],
        [each.title for each, _ in busy.values()],
    )
    return [busy[row["event_id"]] for row in rows]
