"""Visits by day, with whom they are, and the conflicts that wait for the unit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.store import Connection
from contracts.dialogue import Slot

from frontdesk_service.domain import CONFLICT, known, local
from frontdesk_service.week import Appointment

A_VISIT = timedelta(minutes=30)
"""How long a visit is taken to be whose end was not kept."""

SELECT = """
select v.id, v.start, v.ends, v.conversation, v.reminded_start = v.start as reminded,
    coalesce(v.outcome, case when v.status <> 'booked' then v.status end) as outcome,
    coalesce(l.lead, v.lead) as lead, p.phone, p.profile_name
from visits v
left join people p on p.conversation = v.conversation
left join leads l on l.conversation = v.conversation
where v.status <> 'cancelled' and """


async def between(connection: Connection, begins: datetime, ends: datetime) -> list[Appointment]:
    """Visits that begin in a time and were not cancelled, in order."""
    rows = await connection.fetch(f"{SELECT} v.start >= $1 and v.start < $2 order by v.start, v.id", begins, ends)
    return [_read(row) for row in rows]


async def one(connection: Connection, visit_id: UUID) -> Appointment | None:
    """Return one visit; `None` when it is not known, or was cancelled."""
    row = await connection.fetchrow(f"{SELECT} v.id = $1 and v.start is not null", visit_id)
    return _read(row) if row else None


def _read(row: Any) -> Appointment:
    shown = known(row["lead"], row["phone"])
    return Appointment(
        id=row["id"],
        slot=Slot(start=local(row["start"]), end=local(row["ends"] or row["start"] + A_VISIT)),
        outcome=row["outcome"],
        reminded=bool(row["reminded"]),
        conversation=row["conversation"],
        path=row["phone"].removeprefix("+") if row["phone"] else row["conversation"],
        name=shown.lead.parent_name or row["profile_name"],
        phone=shown.lead.phone,
        students=tuple(student.name for student in shown.lead.students if student.name and not student.is_self),
        children=shown.lead.students,
    )


@dataclass(frozen=True)
class Conflict:
    """Two promises about one time that wait for somebody at the unit."""

    path: str
    said: tuple[str, ...]
    advice: str


CONFLICTS = """
select conversation, phone, pack from handoff_states
where status <> 'released' and pack->'summary'->>0 = $1 order by opened_at desc limit 10"""


async def conflicts(connection: Connection) -> list[Conflict]:
    """Return what nobody has settled yet, the newest first."""
    return [
        Conflict(
            path=row["phone"].removeprefix("+") if row["phone"] else row["conversation"],
            said=tuple(row["pack"]["summary"][1:]),
            advice=row["pack"]["open_question"],
        )
        for row in await connection.fetch(CONFLICTS, CONFLICT)
    ]
