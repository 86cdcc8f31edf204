"""The list of conversations: those that wait for the unit first, then the newest."""

from dataclasses import dataclass
from datetime import datetime

from chassis.store import Connection

from frontdesk_service.domain import CONFLICT, known


@dataclass(frozen=True)
class Item:
    """One conversation in the list.

    `waiting` says that somebody at the unit should look: it is the unit's, and nobody took it or the parent spoke
    last. `reason` is why it was handed over, if it was; `conflict` that it is about the agenda.
    `at`, `text`, … are of the last message.
    """

    path: str
    name: str | None
    phone: str | None
    stage: str
    owner: str
    waiting: bool
    reason: str | None
    conflict: bool
    completeness: int
    visit_at: datetime | None
    at: datetime
    direction: str | None
    author: str | None
    kind: str | None
    text: str | None
    status: str | None
    deleted: bool | None


LIST = """
select p.conversation, p.phone, p.profile_name, p.stage, p.owner, p.active_at, l.lead, visit.start as visit_at, m.*,
    p.owner = 'unit' and (m.direction = 'in' or coalesce(h.status = 'open', false)) as waiting,
    case when p.owner = 'unit' then h.reason end as reason,
    p.owner = 'unit' and coalesce(h.pack->'summary'->>0 = $3, false) as conflict
from (select * from persons
    where active_at is not null and not (phone is null and exists (select from people known
        where known.lid = persons.lid and known.phone is not null))
    order by (owner = 'unit') desc, active_at desc limit $1) p
left join leads l on l.conversation = p.conversation
left join lateral (select status, reason, pack from handoff_states
    where conversation = p.conversation order by opened_at desc limit 1) h on true
left join lateral (select min(start) as start from visits
    where conversation = p.conversation and status = 'booked' and outcome is null and start > $2) visit on true
left join lateral (select direction, author, kind, text, status, deleted from conversation_messages
    where conversation = p.conversation or conversation in (select alias.conversation from people alias
        where alias.lid = p.lid and alias.phone is null and p.phone is not null)
    order by at desc, part desc, id desc limit 1) m on true
order by waiting desc, p.active_at desc"""


async def listed(connection: Connection, now: datetime, *, limit: int = 200) -> list[Item]:
    """At most `limit` conversations; a visit counts while it is ahead of `now`."""
    items = []
    for row in await connection.fetch(LIST, limit, now, CONFLICT):
        lead = known(row["lead"], row["phone"]).lead
        item = Item(
            path=row["phone"].removeprefix("+") if row["phone"] else row["conversation"],
            name=lead.parent_name or row["profile_name"],
            phone=row["phone"],
            stage="handed_over" if row["owner"] == "unit" else row["stage"] or "greeting",
            owner=row["owner"],
            waiting=bool(row["waiting"]),
            reason=row["reason"],
            conflict=row["conflict"],
            completeness=lead.completeness,
            visit_at=row["visit_at"],
            at=row["active_at"],
            direction=row["direction"],
            author=row["author"],
            kind=row["kind"],
            text=row["text"],
            status=row["status"],
            deleted=row["deleted"],
        )
        items.append(item)
    return items
