"""What was said, by whom, and how far each message got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.store import Connection
from contracts import Event
from contracts.frontdesk import StaffReplied
from contracts.ingress import ChannelKey, MessageDeleted, MessageEchoed, MessageEdited, ReceiptReceived
from contracts.postprocessor import DeliveryFailed, ReplyDelivered, ReplyRead, SentBubble
from contracts.preprocessor import MessageRejected, MessageSanitized
from contracts.rules import ReplyDrafted

from frontdesk_service.domain import RECEIPT_RANKS, SENT, bubble_id, moment
from frontdesk_service.projections.writes import Writes

WRITE = """
insert into messages (id, conversation, direction, author, kind, text, note, instance, channel_id, sent_at, rank)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::timestamptz[], $11::int[])
on conflict (id) do nothing"""
QUEUE = """
insert into messages (id, conversation, direction, author, text, reply_id, part, drafted_at, turn_id)
select distinct on (id) id, conversation, 'out', author, text, reply_id, part, drafted_at, turn_id
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::timestamptz[], $8::uuid[])
    as bubble (id, conversation, author, text, reply_id, part, drafted_at, turn_id)
order by id, drafted_at desc
on conflict (id) do update set author = excluded.author, text = excluded.text, drafted_at = excluded.drafted_at,
    turn_id = excluded.turn_id"""
SEND = f"""
insert into messages as old (id, conversation, direction, reply_id, part, instance, channel_id, sent_at, rank)
select distinct on (id) id, conversation, 'out', reply_id, part, instance, channel_id, sent_at, {SENT}
from unnest($1::uuid[], $2::text[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::timestamptz[])
    as bubble (id, conversation, reply_id, part, instance, channel_id, sent_at)
order by id, sent_at desc
on conflict (id) do update set instance = excluded.instance, channel_id = excluded.channel_id,
    sent_at = excluded.sent_at, rank = greatest(old.rank, excluded.rank)"""  # noqa: S608  # a constant


def sanitized(writes: Writes, event: Event[MessageSanitized]) -> None:
    """Add what a parent said; what they said instead, when it is an edit."""
    message = event.data
    if "edited" in message.marks:
        _amend(writes, message.key, text=message.text, edited_at=event.time)
        return
    at = moment(message.sent_at, message.received_at)
    key = message.key
    writes.add_to_set(
        WRITE, event.id, event.subject, "in", "parent", message.kind, message.text, None, key.instance, key.id, at, 0
    )


def rejected(writes: Writes, event: Event[MessageRejected]) -> None:
    """Add a message that was not worked on, with the reason."""
    message, key = event.data, event.data.key
    at, kind, text = moment(message.sent_at, event.time), message.kind, message.text
    row = (event.id, event.subject, "in", "parent", kind, text, message.reason, key.instance, key.id, at, 0)
    writes.add_to_set(WRITE, *row)


def echoed(writes: Writes, event: Event[MessageEchoed]) -> None:
    """Add what somebody typed on the unit's own phone."""
    echo, key = event.data, event.data.key
    if echo.origin == "phone":
        at = moment(echo.sent_at, event.time)
        writes.add_to_set(
            WRITE, event.id, event.subject, "out", "unit", echo.kind, echo.text, None, key.instance, key.id, at, SENT
        )


def drafted(writes: Writes, event: Event[ReplyDrafted]) -> None:
    """Add the bubbles that will be sent."""
    _queue(writes, event, event.data.bubbles, "assistant", turn_id=event.data.turn_id)


def replied(writes: Writes, event: Event[StaffReplied]) -> None:
    """Add what the unit answered here, which will be sent."""
    _queue(writes, event, (event.data.text,), "unit")


def _queue(
    writes: Writes,
    event: Event[ReplyDrafted] | Event[StaffReplied],
    bubbles: tuple[str, ...],
    author: str,
    turn_id: UUID | None = None,
) -> None:
    reply_id = event.data.reply_id
    for part, text in enumerate(bubbles):
        identity = bubble_id(reply_id, part)
        writes.add_to_set(QUEUE, identity, event.subject, author, text, reply_id, part, event.time, turn_id)


def delivered(writes: Writes, event: Event[ReplyDelivered]) -> None:
    """Mark every bubble of a reply as sent: the channel took it."""
    _sent(writes, event, event.data.reply_id, event.data.bubbles)


def failed(writes: Writes, event: Event[DeliveryFailed]) -> None:
    """Keep why the rest of a reply will not be sent."""
    _sent(writes, event, event.data.reply_id, event.data.sent)
    writes.add(
        """insert into replies as old (reply_id, failed_at, failure, turn_id) values ($1, $2, $3, $4)
        on conflict (reply_id) do update set
            failed_at = excluded.failed_at, failure = excluded.failure, turn_id = excluded.turn_id""",
        event.data.reply_id,
        event.time,
        event.data.reason,
        event.data.turn_id,
    )


def _sent(writes: Writes, event: Event[Any], reply_id: UUID, bubbles: tuple[SentBubble, ...]) -> None:
    for bubble in bubbles:
        identity, key = bubble_id(reply_id, bubble.index), bubble.key
        writes.add_to_set(SEND, identity, event.subject, reply_id, bubble.index, key.instance, key.id, bubble.sent_at)


def read(writes: Writes, event: Event[ReplyRead]) -> None:
    """Mark the whole reply as read, since its last bubble was."""
    writes.add(
        """insert into replies as old (reply_id, read_at) values ($1, $2)
        on conflict (reply_id) do update set read_at = least(old.read_at, excluded.read_at)""",
        event.data.reply_id,
        event.data.read_at,
    )


def receipt(writes: Writes, event: Event[ReceiptReceived]) -> None:
    """Keep how far a message got: perhaps before we know that message, perhaps out of order."""
    rank = RECEIPT_RANKS.get(event.data.status)
    if rank is not None:
        _amend(writes, event.data.key, rank=rank)


def edited(writes: Writes, event: Event[MessageEdited]) -> None:
    """Keep what a parent made of a message."""
    _amend(writes, event.data.key, text=event.data.text, edited_at=event.data.edited_at)


def deleted(writes: Writes, event: Event[MessageDeleted]) -> None:
    """Mark a message that a parent took back; the unit still sees what it was."""
    _amend(writes, event.data.key, deleted_at=event.time)


def _amend(
    writes: Writes,
    key: ChannelKey,
    *,
    rank: int = 0,
    text: str | None = None,
    edited_at: datetime | None = None,
    deleted_at: datetime | None = None,
) -> None:
    # Joined by (instance, id) when read: the Cloud channel says from_me=false of everything (channel.md §2).
    writes.add(
        """insert into channel_marks as old (instance, channel_id, rank, text, edited_at, deleted_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (instance, channel_id) do update set rank = greatest(old.rank, excluded.rank),
            text = case when (excluded.edited_at, excluded.text)
                > (coalesce(old.edited_at, '-infinity'), coalesce(old.text, ''))
                then excluded.text else old.text end,
            edited_at = greatest(old.edited_at, excluded.edited_at),
            deleted_at = least(old.deleted_at, excluded.deleted_at)""",
        key.instance,
        key.id,
        rank,
        text,
        edited_at,
        deleted_at,
    )


@dataclass(frozen=True)
class Message:
    """One message of a conversation, as `conversation_messages` has it; `note` and `failure` say what went wrong."""

    id: UUID
    channel_id: str | None
    at: datetime
    direction: str
    author: str
    kind: str
    text: str | None
    status: str
    note: str | None
    failure: str | None
    edited: bool
    deleted: bool


async def of(connection: Connection, conversations: tuple[str, ...]) -> list[Message]:
    """Every message of one person's conversations, oldest first."""
    rows = await connection.fetch(
        """select id, channel_id, at, direction, author, kind, text, status, note, failure, edited, deleted
        from conversation_messages where conversation = any($1) order by at, part, id""",
        list(conversations),
    )
    return [Message(**row) for row in rows]


async def one_of_assistant(connection: Connection, conversations: tuple[str, ...], message: UUID) -> str | None:
    """Return what the assistant said in a message to this person; `None` when it is none of hers."""
    said: str | None = await connection.fetchval(
        "select text from messages where id = $1 and conversation = any($2) and author = 'assistant'",
        message,
        list(conversations),
    )
    return said


async def recording_of(
    connection: Connection, conversations: tuple[str, ...], message: UUID
) -> tuple[str, str, bool, dict[str, Any] | None] | None:
    """Return instance and channel id of one person's voice note, whether it is ours, and where it is, if told."""
    row = await connection.fetchrow(
        """select m.instance, m.channel_id, m.direction = 'out', f.data->'media'
        from messages m left join facts f on f.id = m.id
        where m.id = $1 and m.conversation = any($2) and m.kind = 'audio' and m.channel_id is not null""",
        message,
        list(conversations),
    )
    return tuple(row) if row else None


async def conversations_of(connection: Connection, keys: Sequence[ChannelKey]) -> list[str]:
    """Whose messages the channel speaks of, as far as we know them: of the others nothing is shown yet."""
    if not keys:
        return []
    rows = await connection.fetch(
        """select conversation from unnest($1::text[], $2::text[]) as key (instance, channel_id)
        join messages using (instance, channel_id)""",
        [key.instance for key in keys],
        [key.id for key in keys],
    )
    return [row["conversation"] for row in rows]
