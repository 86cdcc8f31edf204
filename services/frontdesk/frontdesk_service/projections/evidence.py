"""Where what is known of a family comes from: the message in which they said it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.store import Connection
from contracts import Event
from contracts.dialogue import LeadUpdated

from frontdesk_service.projections.writes import Writes

OF_FAMILY = -1
TELL = """
insert into lead_evidence as old (conversation, field, student, message, at)
select distinct on (conversation, field, student) *
from unnest($1::text[], $2::text[], $3::int[], $4::uuid[], $5::timestamptz[])
    as told (conversation, field, student, message, at)
order by conversation, field, student, at desc, message desc
on conflict (conversation, field, student) do update set message = excluded.message, at = excluded.at
where (excluded.at, excluded.message) > (old.at, old.message)"""


def told(writes: Writes, event: Event[LeadUpdated]) -> None:
    """Keep the newest message of each field that changed."""
    changes = {
        (change.field, OF_FAMILY if change.student is None else change.student): change.message
        for change in event.data.changes
        if change.message is not None
    }
    for (field, student), message in changes.items():
        writes.add_to_set(TELL, event.subject, field, student, message, event.time)


@dataclass(frozen=True)
class Evidence:
    """The message that a field came from, and when that was."""

    message: UUID
    at: datetime


async def of(connection: Connection, conversation: str) -> dict[tuple[str, int], Evidence]:
    """Return the evidence of a conversation's lead by field and student (`OF_FAMILY` for the family's own)."""
    rows = await connection.fetch(
        """select e.field, e.student, m.id as message, m.at from lead_evidence e join messages m on m.id = e.message
        where e.conversation = $1""",
        conversation,
    )
    return {(row["field"], row["student"]): Evidence(row["message"], row["at"]) for row in rows}
