"""What is known of each family: what the assistant gathered, and over it what somebody at the unit wrote."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis.store import Connection
from contracts import Event
from contracts.dialogue import LeadQualified, LeadUpdated
from contracts.frontdesk import LeadEditedByStaff

from frontdesk_service.lead_fields import Place, nothing_in, place_of, values_in
from frontdesk_service.projections.writes import Writes

NEWER = "(excluded.updated_at, excluded.told) > (old.updated_at, coalesce(old.told, old.lead))"
UPDATE = f"""
insert into leads as old (conversation, lead, told, updated_at)
select distinct on (conversation) conversation, lead, lead, at
from unnest($1::text[], $2::jsonb[], $3::timestamptz[]) as told (conversation, lead, at)
order by conversation, at desc, lead desc
on conflict (conversation) do update set told = excluded.told, updated_at = excluded.updated_at,
    lead = with_typed(excluded.told, old.typed, excluded.updated_at)
where {NEWER}"""  # noqa: S608  # our own words
QUALIFY = """
insert into leads as old (conversation, lead, told, updated_at, qualified_at) values ($1, '{}', '{}', '-infinity', $2)
on conflict (conversation) do update set qualified_at = least(old.qualified_at, excluded.qualified_at)"""
WRITE = """
insert into leads as old (conversation, lead, told, updated_at, typed)
values ($1, with_typed('{}', $2, '-infinity'), '{}', '-infinity', $2)
on conflict (conversation) do update set told = coalesce(old.told, old.lead),
    typed = newest_typed(old.typed, excluded.typed), lead = with_typed(
        coalesce(old.told, old.lead), newest_typed(old.typed, excluded.typed), old.updated_at)"""


def updated(writes: Writes, event: Event[LeadUpdated]) -> None:
    """Keep the newest whole lead."""
    writes.add_to_set(UPDATE, event.subject, event.data.lead.model_dump(mode="json"), event.time)


def qualified(writes: Writes, event: Event[LeadQualified]) -> None:
    """Keep when all eight fields were known first, and the lead."""
    writes.add_to_set(UPDATE, event.subject, event.data.lead.model_dump(mode="json"), event.time)
    writes.add(QUALIFY, event.subject, event.time)


def edited(writes: Writes, event: Event[LeadEditedByStaff]) -> None:
    """Keep the newest word of the unit about each field."""
    values, at = values_in(event.data.lead), event.time.astimezone(UTC).isoformat()
    places = [Place(change.field, change.student) for change in event.data.changes]
    typed = {
        str(place): {"value": values.get(place) or nothing_in(place), "by": event.data.by, "at": at} for place in places
    }
    writes.add(WRITE, event.subject, typed)


async def of(connection: Connection, conversation: str) -> dict[str, Any] | None:
    """Return the stored `contracts.dialogue.Lead`; `None` when nobody has said anything yet."""
    lead: dict[str, Any] | None = await connection.fetchval(
        "select lead from leads where conversation = $1", conversation
    )
    return lead


@dataclass(frozen=True)
class Typed:
    """Who at the unit wrote a value, and when."""

    by: str
    at: datetime


async def typed_of(connection: Connection, conversation: str) -> dict[Place, Typed]:
    """Return the fields that somebody at the unit wrote, by their places; what was taken away is not among them."""
    stored = await connection.fetchval("select typed from leads where conversation = $1", conversation) or {}
    return {
        place_of(key): Typed(entry["by"], datetime.fromisoformat(entry["at"]))
        for key, entry in stored.items()
        if entry["value"]
    }
