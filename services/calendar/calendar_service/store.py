"""Visits and holds in PostgreSQL. Every function works inside the caller's transaction."""

from collections.abc import Iterable
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

from calendar_service.domain import HOLD


@dataclass(frozen=True)
class Holds:
    """Starts of slots that are held now: for one conversation, and for all others."""

    own: frozenset[datetime]
    others: frozenset[datetime]


@dataclass(frozen=True)
class Visits:
    """The tables of calendar; slots come out in the unit's zone."""

    zone: ZoneInfo

    async def lock(self, tx: Unit) -> None:
        """Be the only one who books or offers until the transaction ends; a visit a minute is a busy day."""
        await tx.connection.execute("select pg_advisory_xact_lock(hashtext('calendar.visits'))")

    async def busy(self, tx: Unit, now: datetime, *, but: UUID | None = None) -> list[Slot]:
        """When standing visits are, from now on, one visit left out if wanted."""
        rows = await tx.connection.fetch(
            """select during from visits
            where status <> 'cancelled' and upper(during) > $1 and ($2::uuid is null or id <> $2)""",
            now,
            but,
        )
        return [self._slot(row["during"]) for row in rows]

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

    async def forget(self, tx: Unit, visit_id: UUID) -> None:
        """Delete a visit."""
        await tx.connection.execute("delete from visits where id = $1", visit_id)

    async def holds(self, tx: Unit, conversation: str, now: datetime) -> Holds:
        """Return what is held now; a hold that ends too late was made before the clock was set back, and is none."""
        rows = await tx.connection.fetch(
            "select conversation, start from holds where until > $1 and until <= $2", now, now + HOLD
        )
        return Holds(
            own=frozenset(row["start"] for row in rows if row["conversation"] == conversation),
            others=frozenset(row["start"] for row in rows if row["conversation"] != conversation),
        )

    async def hold(self, tx: Unit, conversation: str, slots: Iterable[Slot], now: datetime) -> None:
        """Hold these slots for a conversation, instead of what was held for it before."""
        await self.release(tx, conversation, now)
        starts = [slot.start for slot in slots]
        if starts:
            await tx.connection.execute(
                """insert into holds (conversation, start, until)
                select $1, start, $3 from unnest($2::timestamptz[]) start""",
                conversation,
                starts,
                now + HOLD,
            )

    async def release(self, tx: Unit, conversation: str, now: datetime) -> None:
        """Hold nothing for a conversation; holds that have ended go too."""
        await tx.connection.execute(
            "delete from holds where conversation = $1 or until < $2", conversation, now - timedelta(days=1)
        )

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
