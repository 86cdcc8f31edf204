"""What the assistant gave to the unit, and what the unit's people did about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.store import Connection
from contracts import Event
from contracts.dialogue import HandoffRequested
from contracts.frontdesk import StaffReleased, StaffReplied, StaffTookOver
from contracts.ingress import MessageEchoed

from frontdesk_service.domain import moment
from frontdesk_service.projections.writes import Writes

UNIT_PHONE = "celular da unidade"
"""Who took over by typing on the unit's own phone."""


def requested(writes: Writes, event: Event[HandoffRequested]) -> None:
    """Open a handoff."""
    writes.add(
        """insert into handoffs (id, conversation, phone, reason, pack, opened_at) values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do nothing""",
        event.id,
        event.subject,
        event.data.contact.phone,
        event.data.reason,
        event.data.pack.model_dump(mode="json"),
        event.time,
    )


def took_over(writes: Writes, event: Event[StaffTookOver] | Event[StaffReplied]) -> None:
    """Somebody at the unit has it; whoever answers has, too."""
    _act(writes, event, "took", event.data.by)


def released(writes: Writes, event: Event[StaffReleased]) -> None:
    """Somebody at the unit gave it back."""
    _act(writes, event, "released", event.data.by)


def echoed(writes: Writes, event: Event[MessageEchoed]) -> None:
    """Somebody typed on the unit's own phone, so they have it."""
    if event.data.origin == "phone":
        _act(writes, event, "took", UNIT_PHONE, at=moment(event.data.sent_at, event.time))


def _act(writes: Writes, event: Event[Any], act: str, staff: str, *, at: datetime | None = None) -> None:
    writes.add(
        """insert into staff_acts (id, conversation, act, staff, at) values ($1, $2, $3, $4, $5)
        on conflict (id) do nothing""",
        event.id,
        event.subject,
        act,
        staff,
        at or event.time,
    )


@dataclass(frozen=True)
class Handoff:
    """One handoff; `status` is open, taken or released; `pack` a `contracts.dialogue.HandoffPack`."""

    id: UUID
    conversation: str
    phone: str | None
    reason: str
    opened_at: datetime
    status: str
    taken_by: str | None
    pack: dict[str, Any]


COLUMNS = "id, conversation, phone, reason, opened_at, status, taken_by, pack"


async def listed(connection: Connection, status: str | None = None) -> list[Handoff]:
    """All handoffs, or those of one status, newest first."""
    rows = await connection.fetch(
        f"select {COLUMNS} from handoff_states where $1::text is null or status = $1 order by opened_at desc, id",  # noqa: S608  # a constant
        status,
    )
    return [Handoff(**row) for row in rows]


async def one(connection: Connection, handoff_id: UUID) -> Handoff | None:
    """One handoff, if there is one of this id."""
    row = await connection.fetchrow(f"select {COLUMNS} from handoff_states where id = $1", handoff_id)  # noqa: S608  # same
    return Handoff(**row) if row else None


async def of(connection: Connection, conversations: tuple[str, ...]) -> list[Handoff]:
    """Return a person's handoffs, newest first."""
    rows = await connection.fetch(
        f"select {COLUMNS} from handoff_states where conversation = any($1) order by opened_at desc",  # noqa: S608  # same
        list(conversations),
    )
    return [Handoff(**row) for row in rows]


async def current(connection: Connection, conversations: tuple[str, ...]) -> Handoff | None:
    """Return a person's newest handoff; `None` when there never was one."""
    row = await connection.fetchrow(
        f"select {COLUMNS} from handoff_states where conversation = any($1) order by opened_at desc limit 1",  # noqa: S608  # same
        list(conversations),
    )
    return Handoff(**row) if row else None


async def holder(connection: Connection, conversations: tuple[str, ...]) -> str | None:
    """Who last took a person's conversation, unless it was given back or handed over anew since."""
    staff: str | None = await connection.fetchval(
        """select staff from staff_acts where conversation = any($1) and act = 'took'
            and at > coalesce((select max(at) from staff_acts where conversation = any($1) and act = 'released'),
                '-infinity')
            and at >= coalesce((select max(opened_at) from handoffs where conversation = any($1)), '-infinity')
        order by at desc limit 1""",
        list(conversations),
    )
    return staff
