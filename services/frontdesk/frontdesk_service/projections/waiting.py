"""Messages of parents and turns: what began, how it ended, what nobody has answered."""

from datetime import datetime

from chassis.store import Connection
from contracts import Event
from contracts.dialogue import TurnClosed, TurnOpened
from contracts.preprocessor import MessageSanitized

from frontdesk_service.domain import UNANSWERED_AFTER
from frontdesk_service.projections.writes import Writes

BEGIN = """
insert into inbound (id, conversation, received_at, first_contact)
select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bool[]) as came (id) order by id
on conflict (id) do update set received_at = excluded.received_at, first_contact = excluded.first_contact"""
END = """
insert into inbound as old (id, conversation, ended_at, turn_id)
select distinct on (id) * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[])
    as worked (id, conversation, ended_at, turn_id)
order by id, ended_at
on conflict (id) do update set ended_at = least(old.ended_at, excluded.ended_at), turn_id = excluded.turn_id"""


def sanitized(writes: Writes, event: Event[MessageSanitized]) -> None:
    """From now on the message waits for its end, unless that was here first."""
    first = "first_contact" in event.data.marks
    writes.add_to_set(BEGIN, event.id, event.subject, event.data.received_at, first)


def opened(writes: Writes, event: Event[TurnOpened]) -> None:
    """Keep that the assistant works on some messages."""
    writes.add(
        """insert into turns as old (id, conversation, opened_at) values ($1, $2, $3)
        on conflict (id) do update set opened_at = least(old.opened_at, excluded.opened_at)""",
        event.data.turn_id,
        event.subject,
        event.time,
    )


def closed(writes: Writes, event: Event[TurnClosed]) -> None:
    """End a turn, and with it every message of it."""
    turn = event.data
    writes.add(
        """insert into turns (id, conversation, closed_at, outcome, reason, route, window_s, work_s, intents)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (id) do update set closed_at = excluded.closed_at, outcome = excluded.outcome,
            reason = excluded.reason, route = excluded.route, window_s = excluded.window_s, work_s = excluded.work_s,
            intents = excluded.intents""",
        turn.turn_id,
        event.subject,
        event.time,
        turn.outcome,
        turn.reason,
        turn.route,
        turn.window_s,
        turn.work_s,
        list(turn.intents),
    )
    for message in turn.messages:
        writes.add_to_set(END, message, event.subject, event.time, turn.turn_id)


async def unanswered(connection: Connection, now: datetime) -> int:
    """How many messages of parents have had no end for longer than `UNANSWERED_AFTER`."""
    count: int = await connection.fetchval(
        "select count(*) from inbound where ended_at is null and received_at < $1", now - UNANSWERED_AFTER
    )
    return count


async def answering(connection: Connection, conversations: tuple[str, ...], now: datetime) -> bool:
    """Whether the assistant works on an answer right now; a turn that never closed does not count for ever."""
    return bool(
        await connection.fetchval(
            """select exists (select from turns
                where conversation = any($1) and closed_at is null and opened_at > $2)""",
            list(conversations),
            now - UNANSWERED_AFTER,
        )
    )
