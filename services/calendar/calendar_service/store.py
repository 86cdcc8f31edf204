"""Visits and holds in PostgreSQL. Every function works inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Range, Record
from chassis.store import Unit
from contracts.calendar import Visit
from contracts.dialogue import Lead, Slot
from contracts.preprocessor import Contact

from calendar_service.domain import LONGEST_HOLD
from calendar_service.holds import Holds


@dataclass(frozen=True)
class Visits:
    """The tables of calendar; slots come out in the unit's zone."""

    zone: ZoneInfo

    async def lock(self, tx: Unit) -> None:
        """Be the only one who changes visits until the transaction ends; a visit a minute is a busy day."""
        await tx.connection.execute("select pg_advisory_xact_lock(hashtext('calendar.visits'))")

    async def lock_holds(self, tx: Unit, *, durable: bool = True) -> None:
        """Be the only one who offers until the transaction ends; after `lock`, where both are needed.

        Holds alone need not be `durable`: that a crash of the database forgets some is a small loss, waiting for its
        disk with every offer is not.
        """
        await tx.connection.fetchval(
            """select pg_advisory_xact_lock(hashtext('calendar.holds')), set_config('synchronous_commit',
                case when $1 then current_setting('synchronous_commit') else 'off' end, true)""",
            durable,
        )

    async def overlapping(self, tx: Unit, slot: Slot, *, but: UUID | None = None) -> list[Visit]:
        """Return the standing visits that share a moment with a slot, one left out if wanted."""
        rows = await tx.connection.fetch(
            """select * from visits where status <> 'cancelled' and during && $1 and ($2::uuid is null or id <> $2)
            order by during""",
            _during(slot),
            but,
        )
        return [self._visit(row) for row in rows]

    async def upcoming(self, tx: Unit, conversation: str, now: datetime) -> Visit | None:
        """Return a conversation's next standing visit."""
        row = await tx.connection.fetchrow(
            """select * from visits where conversation = $1 and status = 'booked' and lower(during) > $2
            order by during limit 1""",
            conversation,
            now,
        )
        return self._visit(row) if row else None

    async def find(self, tx: Unit, visit_id: UUID, conversation: str) -> Visit | None:
        """Return a visit by id; another conversation's is not found."""
        row = await tx.connection.fetchrow(
            "select * from visits where id = $1 and conversation = $2", visit_id, conversation
        )
        return self._visit(row) if row else None

    async def known(self, tx: Unit, visit_id: UUID) -> tuple[Visit, str] | None:
        """Return a visit by id with its conversation, whoever's it is."""
        row = await tx.connection.fetchrow("select * from visits where id = $1", visit_id)
        return (self._visit(row), row["conversation"]) if row else None

    async def add(self, tx: Unit, visit: Visit, conversation: str) -> None:
        """Store a new visit."""
        await tx.connection.execute(
            "insert into visits (id, conversation, during, contact, lead) values ($1, $2, $3, $4, $5)",
            visit.id,
            conversation,
            _during(visit.slot),
            visit.contact.model_dump(mode="json"),
            visit.lead.model_dump(mode="json"),
        )

    async def change(self, tx: Unit, visit: Visit) -> None:
        """Store a visit's slot, status and version."""
        await tx.connection.execute(
            "update visits set during = $2, status = $3, version = $4 where id = $1",
            visit.id,
            _during(visit.slot),
            visit.status,
            visit.version,
        )

    async def forget(self, tx: Unit, visit_id: UUID, *, shown: bool) -> None:
        """Delete a visit; with `shown` it is remembered that Google is to forget it, too."""
        await tx.connection.execute("delete from visits where id = $1", visit_id)
        if not shown:
            await tx.connection.execute("delete from projections where visit_id = $1", visit_id)

    async def of_person(self, tx: Unit, conversations: list[str], phone: str) -> list[UUID]:
        """Return the ids of all visits of a person, past ones and cancelled ones too."""
        query = "select id from visits where conversation = any($1) or contact->>'phone' = $2"
        return [row["id"] for row in await tx.connection.fetch(query, conversations, phone)]

    async def release_all(self, tx: Unit, conversations: list[str]) -> int:
        """Hold nothing any more for these conversations; return how many slots were held."""
        await self.lock_holds(tx)
        released = await tx.connection.fetch(
            "delete from holds where conversation = any($1) returning start", conversations
        )
        return len(released)

    async def holds(self, tx: Unit, first: datetime, last: datetime) -> tuple[int, Holds]:
        """Return what is held at any moment from `first` to `last`.

        Beside it, the number of changes of all that makes the unit busy, read in the same moment.
        """
        rows = await tx.connection.fetch(
            """select serial, conversation, start, until from changes
            left join holds on until > $1 and until <= $2""",
            first,
            last + LONGEST_HOLD,
        )
        held: dict[str, dict[datetime, datetime]] = {}
        for row in rows:
            if row["start"]:
                held.setdefault(row["conversation"], {})[row["start"]] = row["until"]
        return rows[0]["serial"], Holds(held)

    async def holds_for(self, tx: Unit, conversation: str, start: datetime, now: datetime) -> bool:
        """Whether a slot is held for a conversation."""
        query = """select exists (select from holds
            where conversation = $1 and start = $2 and until > $3 and until <= $4)"""
        return bool(await tx.connection.fetchval(query, conversation, start, now, now + LONGEST_HOLD))

    async def keep_holds(self, tx: Unit, held: Holds, conversations: Sequence[str], now: datetime) -> None:
        """Store what is held for these conversations, and forget what ended long ago."""
        rows = {(whose, start, until) for whose in conversations for start, until in held.until[whose].items()}
        await tx.connection.execute(
            """with kept as (select * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
                    as row (conversation, start, until)),
                gone as (delete from holds where until < $5 or (conversation = any($4::text[])
                    and (conversation, start) not in (select conversation, start from kept)))
            insert into holds (conversation, start, until) select conversation, start, until from kept
            on conflict (conversation, start) do update set until = excluded.until""",
            [row[0] for row in rows],
            [row[1] for row in rows],
            [row[2] for row in rows],
            list(conversations),
            now - timedelta(days=1),
        )

    async def release(self, tx: Unit, conversation: str) -> None:
        """Hold nothing for a conversation."""
        await tx.connection.execute("delete from holds where conversation = $1", conversation)

    async def block(self, tx: Unit, block_id: UUID, slot: Slot, name: str) -> None:
        """Keep a time free, or change when."""
        await tx.connection.execute(
            """insert into blocks (id, during, name) values ($1, $2, $3)
            on conflict (id) do update set during = excluded.during, name = excluded.name""",
            block_id,
            _during(slot),
            name,
        )

    async def unblock(self, tx: Unit, block_id: UUID) -> None:
        """Give a blocked time back."""
        await tx.connection.execute("delete from blocks where id = $1", block_id)

    def _slot(self, during: Any) -> Slot:
        return Slot(start=during.lower.astimezone(self.zone), end=during.upper.astimezone(self.zone))

    def _visit(self, row: Record) -> Visit:
        return Visit(
            id=row["id"],
            slot=self._slot(row["during"]),
            status=row["status"],
            version=row["version"],
            contact=Contact.model_validate(row["contact"]),
            lead=Lead.model_validate(row["lead"]),
        )


def _during(slot: Slot) -> "Range[datetime]":
    return Range(slot.start, slot.end)
