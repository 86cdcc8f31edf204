"""What is known of each family."""

from typing import Any

from chassis.store import Connection
from contracts import Event
from contracts.dialogue import LeadQualified, LeadUpdated

from frontdesk_service.projections.writes import Writes


def updated(writes: Writes, event: Event[LeadUpdated]) -> None:
    """Keep the newest whole lead."""
    writes.add(
        """insert into leads as old (conversation, lead, updated_at) values ($1, $2, $3)
        on conflict (conversation) do update set lead = excluded.lead, updated_at = excluded.updated_at
        where (excluded.updated_at, excluded.lead) > (old.updated_at, old.lead)""",
        event.subject,
        event.data.lead.model_dump(mode="json"),
        event.time,
    )


def qualified(writes: Writes, event: Event[LeadQualified]) -> None:
    """Keep when all eight fields were known first; the lead itself comes with `LeadUpdated`, too."""
    writes.add(
        """insert into leads as old (conversation, lead, updated_at, qualified_at) values ($1, $2, $3, $3)
        on conflict (conversation) do update set
            lead = case when (excluded.updated_at, excluded.lead) > (old.updated_at, old.lead)
                then excluded.lead else old.lead end,
            updated_at = greatest(old.updated_at, excluded.updated_at),
            qualified_at = least(old.qualified_at, excluded.qualified_at)""",
        event.subject,
        event.data.lead.model_dump(mode="json"),
        event.time,
    )


async def of(connection: Connection, conversation: str) -> dict[str, Any] | None:
    """Return the stored `contracts.dialogue.Lead`; `None` when dialogue has said nothing yet."""
    lead: dict[str, Any] | None = await connection.fetchval(
        "select lead from leads where conversation = $1", conversation
    )
    return lead
