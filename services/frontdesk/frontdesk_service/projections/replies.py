"""What the unit's people answered, for whoever is about to answer, too."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.store import Connection

from frontdesk_service.domain import bubble_id


@dataclass(frozen=True)
class Said:
    """The unit's last message to a person."""

    id: UUID
    text: str | None
    at: datetime


async def is_said(connection: Connection, reply_id: UUID) -> bool:
    """Whether a reply was accepted before."""
    return bool(await connection.fetchval("select exists (select from messages where id = $1)", bubble_id(reply_id, 0)))


async def last_of_unit(connection: Connection, conversations: tuple[str, ...]) -> Said | None:
    """Return what the unit said last, here or on its phone; `None` when it never did."""
    row = await connection.fetchrow(
        """select id, text, at from messages where conversation = any($1) and author = 'unit'
        order by at desc, id desc limit 1""",
        list(conversations),
    )
    return Said(**row) if row else None
