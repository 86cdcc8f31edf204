"""Every fact about one message: the message, the turn that it was in, the reply, and what became of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.store import Connection
from contracts import Event

from frontdesk_service.projections import journal

AHEAD = timedelta(days=7)
"""How long after a message something may still be told of its reply."""

FIND = """
select m.id, m.conversation, m.channel_id, m.reply_id, coalesce(m.turn_id, i.turn_id) as turn_id, m.at
from messages m left join inbound i on i.id = m.id
where m.id::text = $1 or m.channel_id = $1 order by m.at desc nulls last limit 1"""
# The chain that began with the message, or in which its reply is.
CHAIN = """
select correlation from facts where subject = $1 and time > $2 and time < $3
    and (id = $4 or type = 'rules.reply_drafted.v1' and data->>'reply_id' = $5) limit 1"""
REPLIES = "select reply_id, instance, channel_id from messages where reply_id = $1 or turn_id = $2"
# A message of a turn, the turn, its replies: all are facts of the conversation that name one another.
OF_CONVERSATION = """
select * from facts where subject = $1 and time > $2 and time < $3 and (
    id = $4 or data->>'turn_id' = $5 or data->>'reply_id' = any($6) or (type = any($7) and correlation = $8))
order by time, id"""
RECEIPTS = """
select * from facts where type = 'ingress.receipt_received.v1' and time > $1 and time < $2
    and data->'key'->>'id' = any($3) order by time, id"""
BY_CORRELATION = ["llm-gateway.completion_served.v1", "llm-gateway.provider_failed_over.v1", "dialogue.lead_updated.v1"]


async def of(connection: Connection, message: str) -> tuple[str | None, UUID, list[Event[Any]]] | None:
    """Return the channel's id, our id and the facts, oldest first; `message` is either id, `None` an unknown one."""
    found = await connection.fetchrow(FIND, message)
    if found is None:
        return None
    replies = await connection.fetch(REPLIES, found["reply_id"], found["turn_id"])
    begins, ends = found["at"] - timedelta(minutes=10), found["at"] + AHEAD
    reply = str(found["reply_id"]) if found["reply_id"] else None
    correlation = await connection.fetchval(CHAIN, found["conversation"], begins, ends, found["id"], reply)
    about = await connection.fetch(
        OF_CONVERSATION,
        found["conversation"],
        begins,
        ends,
        found["id"],
        str(found["turn_id"]) if found["turn_id"] else None,
        [str(reply) for reply in {row["reply_id"] for row in replies} - {None}],
        BY_CORRELATION,
        correlation,
    )
    keys = [row["channel_id"] for row in replies if row["channel_id"]]
    receipts = await connection.fetch(RECEIPTS, begins, ends, keys) if keys else []
    events = sorted((journal.event_of(row) for row in (*about, *receipts)), key=lambda event: event.time)
    return found["channel_id"], found["id"], events
