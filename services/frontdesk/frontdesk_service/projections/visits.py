"""Visits: asked for, booked, moved, cancelled, reminded, and whether they came."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.store import Connection
from contracts import Event
from contracts.calendar import (
    BookingConfirmed,
    BookingRejected,
    ReminderDue,
    Visit,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
)
from contracts.dialogue import BookingRequested

from frontdesk_service.projections.writes import Writes


def requested(writes: Writes, event: Event[BookingRequested]) -> None:
    """Keep a slot that a parent chose and calendar has yet to confirm."""
    writes.add(
        """insert into visit_requests (id, conversation, start, requested_at) values ($1, $2, $3, $4)
        on conflict (id) do update set
            conversation = excluded.conversation, start = excluded.start, requested_at = excluded.requested_at""",
        event.id,
        event.subject,
        event.data.slot.start,
        event.time,
    )


def confirmed(writes: Writes, event: Event[BookingConfirmed]) -> None:
    """Keep a visit that stands; what asked for it is settled."""
    _settle(writes, event.causationid, event.time)
    _keep(writes, event.subject, event.data.visit, event.time, booked_at=event.time)


def rejected(writes: Writes, event: Event[BookingRejected]) -> None:
    """Settle what asked for a slot that could not be had."""
    _settle(writes, event.causationid, event.time)


def rescheduled(writes: Writes, event: Event[VisitRescheduled]) -> None:
    """Move a visit to another time and keep the former one."""
    writes.add(
        """insert into visit_moves (id, visit_id, conversation, start, moved_at) values ($1, $2, $3, $4, $5)
        on conflict (id) do nothing""",
        event.id,
        event.data.visit.id,
        event.subject,
        event.data.previous.start,
        event.time,
    )
    _keep(writes, event.subject, event.data.visit, event.time)


def cancelled(writes: Writes, event: Event[VisitCancelled]) -> None:
    """Keep that a visit will not be."""
    _keep(writes, event.subject, event.data.visit, event.time)


def reminded(writes: Writes, event: Event[ReminderDue]) -> None:
    """Keep when a parent was reminded, and of which time."""
    visit = event.data.visit
    writes.add(
        """insert into visits as old (id, conversation, reminded_at, reminded_start) values ($1, $2, $3, $4)
        on conflict (id) do update set
            reminded_start = case when (excluded.reminded_at, excluded.reminded_start)
                > (coalesce(old.reminded_at, '-infinity'), coalesce(old.reminded_start, '-infinity'))
                then excluded.reminded_start else old.reminded_start end,
            reminded_at = greatest(old.reminded_at, excluded.reminded_at)""",
        visit.id,
        event.subject,
        event.time,
        visit.slot.start,
    )


def outcome_recorded(writes: Writes, event: Event[VisitOutcomeRecorded]) -> None:
    """Keep whether they came, as the unit says; the last word counts."""
    writes.add(
        """insert into visits as old (id, outcome, outcome_at) values ($1, $2, $3)
        on conflict (id) do update set
            outcome = case when (excluded.outcome_at, excluded.outcome)
                > (coalesce(old.outcome_at, '-infinity'), coalesce(old.outcome, ''))
                then excluded.outcome else old.outcome end,
            outcome_at = greatest(old.outcome_at, excluded.outcome_at)""",
        event.data.visit_id,
        event.data.outcome,
        event.time,
    )


def _settle(writes: Writes, request: UUID | None, at: datetime) -> None:
    if request is not None:
        writes.add(
            """insert into visit_requests as old (id, settled_at) values ($1, $2)
            on conflict (id) do update set settled_at = least(old.settled_at, excluded.settled_at)""",
            request,
            at,
        )


KEEP = """
insert into visits as old (id, conversation, start, status, version, changed_at, ends, lead, booked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do update set conversation = excluded.conversation, start = excluded.start,
    ends = excluded.ends, lead = excluded.lead, booked_at = least(old.booked_at, excluded.booked_at),
    status = excluded.status, version = excluded.version, changed_at = excluded.changed_at
where (excluded.version, excluded.changed_at) > (old.version, coalesce(old.changed_at, '-infinity'))"""
LATE = "update visits set booked_at = $2 where id = $1 and (booked_at is null or booked_at > $2)"
"""A confirmation that comes after what happened to the visit later still says when it was booked."""


def _keep(writes: Writes, conversation: str, visit: Visit, at: datetime, *, booked_at: datetime | None = None) -> None:
    writes.add(
        KEEP,
        visit.id,
        conversation,
        visit.slot.start,
        visit.status,
        visit.version,
        at,
        visit.slot.end,
        visit.lead.model_dump(mode="json"),
        booked_at,
    )
    if booked_at is not None:
        writes.add(LATE, visit.id, booked_at)


@dataclass(frozen=True)
class Shown:
    """One visit, or a time at which one once was; `status` as interfaces §3 has it."""

    id: UUID
    start: datetime
    status: str
    reminded_at: datetime | None

    def awaits_outcome(self, now: datetime) -> bool:
        """Whether it has begun and nobody has said yet if they came."""
        return self.status == "booked" and self.start <= now


# A reminder of another time than the visit's is no reminder of it. A request that calendar confirmed under another
# name is settled by the visit itself.
OF = """
select id, start, coalesce(case when status = 'booked' then outcome end, status) as status,
    case when reminded_start = start then reminded_at end as reminded_at, changed_at as at
from visits where conversation = any($1) and start is not null
union all
select id, start, 'rescheduled', null, moved_at from visit_moves where conversation = any($1)
union all
select id, start, 'requested', null, requested_at from visit_requests r
where conversation = any($1) and settled_at is null and not exists (select from visits v
    where v.conversation = r.conversation and v.start = r.start and v.changed_at >= r.requested_at)
order by at, start"""


async def of(connection: Connection, conversations: tuple[str, ...]) -> list[Shown]:
    """Visits of one person, the last changed one last."""
    rows = await connection.fetch(OF, list(conversations))
    return [Shown(row["id"], row["start"], row["status"], row["reminded_at"]) for row in rows]
