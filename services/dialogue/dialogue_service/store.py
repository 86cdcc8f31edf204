"""Conversations and their mailboxes in PostgreSQL."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

from asyncpg import Record
from chassis.errors import Transient
from chassis.store import Store, Unit
from contracts import Event, conversation_id
from contracts.ingress import ChannelKey
from contracts.preprocessor import Contact, MessageSanitized

from dialogue_service.decision import acts
from dialogue_service.decision.acts import AnyAct
from dialogue_service.decision.state import Conversation
from dialogue_service.letters import Gathered, Letter, Mail

SANITIZED: TypeAlias = Event[MessageSanitized]

# A conversation that is new under this name goes on from what is known of it under another.
_COLUMNS = """known.version, known.unsaid::text, waiting.event_id, waiting.event::text, waiting.arrived_at,
    amended.text, amended.deleted,
    coalesce(known.state, (select state from conversations where id = any(known.aliases) and state is not null limit 1)
        )::text as state"""
# The channel's clock has a grain of one second, and messages overtake each other on the way to here.
_ORDER = "waiting.sent_at, (waiting.event #>> '{data,received_at}')::timestamptz, waiting.seq"
_ENTERED = f"""entered as (
    insert into mailbox (event_id, conversation, instance, channel_id, sent_at, arrived_at, event)
    values ($1, $2, $3, $4, $5, $6, $7::text::jsonb) on conflict (event_id) do nothing returning *
), known as (
    insert into conversations as existing (id, aliases) select conversation, $8 from entered
    on conflict (id) do update set version = existing.version + 1, aliases = excluded.aliases returning *
), waiting as (
    select * from entered union all
    select mailbox.* from mailbox join entered using (conversation) where mailbox.turn_id is null
)
select $9::int as call, {_COLUMNS},
    known.version = coalesce((select version from conversations where id = known.id), 0) + 1 as alone
from known cross join waiting left join amendments as amended using (instance, channel_id)"""  # noqa: S608  # those above
_ENTER = f"with {_ENTERED} order by {_ORDER}"
# The broker has the message until its turn is saved, and saving writes to the disk what came before it, too.
_ENTER_IN_PASSING = f"""
with unhurried as (select set_config('synchronous_commit', 'off', true)),
{_ENTERED} cross join unhurried order by {_ORDER}"""

_LOAD = f"""
select {_COLUMNS}
from conversations as known
left join mailbox as waiting on waiting.conversation = known.id and waiting.turn_id is null
left join amendments as amended using (instance, channel_id)
where known.id = $1 order by {_ORDER}"""  # noqa: S608  # the columns are those above

_SAVED = """
done as (
    update conversations set version = version + 1, state = $3::text::jsonb, unsaid = $4::text::jsonb
    where id = $1 and version = $2 and (cardinality($5::uuid[]) = 0 or (
        select count(*) = cardinality($5::uuid[]) and bool_and(event_id = any($5::uuid[]))
        from mailbox where conversation = $1 and turn_id is null))
    returning true
), worked as (
    update mailbox set turn_id = turn.id from unnest($5::uuid[], $6::uuid[]) as turn (event_id, id)
    where mailbox.event_id = turn.event_id and exists (select from done)
)"""
_SAVE = f"with {_SAVED} select exists (select from done)"  # noqa: S608  # the steps are those above

_AMEND = """
with amended as (
    insert into amendments as known (instance, channel_id, text, deleted, at)
    select $1, $2, $3, $4, $5 where not exists (
        select from mailbox where instance = $1 and channel_id = $2 and turn_id is not null)
    on conflict (instance, channel_id) do update set text = excluded.text, deleted = excluded.deleted, at = excluded.at
    where excluded.at > known.at and not known.deleted
    returning true
)
update conversations set version = version + 1 where exists (select from amended) and id = (
    select conversation from mailbox where instance = $1 and channel_id = $2 and turn_id is null)"""


class LostRace(Transient):
    """Something else happened to the conversation meanwhile: what was worked out no longer fits."""


class Executes(Protocol):
    """A connection, inside or outside of a transaction, or the pool."""

    async def fetch(self, query: str, *args: Any) -> list[Record]:
        """Return rows."""


async def enter(tx: Unit, event: SANITIZED, now: datetime) -> Mail | None:
    """Put a message in its mailbox; return what waits there now, `None` when the message was there before.

    Whoever had to wait for somebody else's change sees the mailbox as it was before that, and looks again.
    """
    return await _mail_with(event, await tx.connection.fetch(_ENTER, *_entering(event, now), 0), tx.connection)


async def enter_in_passing(store: Store, event: SANITIZED, now: datetime) -> Mail | None:
    """Do the same in a transaction of its own, for a message that the broker keeps until its turn is saved.

    A database that crashes before that may forget it, and the broker delivers it again.
    """
    return await _mail_with(event, await store.fetch(_ENTER_IN_PASSING, *_entering(event, now)), store.pool)


def _entering(event: SANITIZED, now: datetime) -> tuple[Any, ...]:
    data, conversation = event.data, event.subject
    written = event.to_wire().decode(), aliases(data.contact, conversation)
    return event.id, conversation, data.key.instance, data.key.id, data.sent_at, now, *written


async def _mail_with(event: SANITIZED, rows: Sequence[Record], where: Executes) -> Mail | None:
    if rows and not rows[0]["alone"]:
        return await load(where, event.subject)
    return _mail(event.subject, rows, event) if rows else None


async def load(where: Executes, conversation: str, *, lock: bool = False) -> Mail | None:
    """Return a conversation and what waits in its mailbox; `None` when nobody has heard of it.

    With `lock` nobody else changes it until the transaction ends.
    """
    rows = await where.fetch(f"{_LOAD} for update of known" if lock else _LOAD, conversation)
    return _mail(conversation, rows) if rows else None


async def save(
    tx: Unit, mail: Mail, state: Conversation, *, unsaid: Sequence[AnyAct], ended: Sequence[Gathered] = ()
) -> None:
    """Save over what was loaded, and give what ended its turn, which must be all that waits.

    Raises `LostRace` when anything came in between.
    """
    if not await tx.connection.fetchval(_SAVE, *_saved(mail, state, unsaid, ended)):
        raise LostRace("the conversation changed meanwhile")


async def save_and_emit(
    store: Store,
    mail: Mail,
    state: Conversation,
    *,
    unsaid: Sequence[AnyAct],
    ended: Sequence[Gathered],
    emits: Iterable[Event[Any]],
) -> None:
    """Do the same and emit what follows, in a transaction of its own. Raises `LostRace`, as `save` does."""
    if not await store.once(_SAVED, *_saved(mail, state, unsaid, ended), emits=emits):
        raise LostRace("the conversation changed meanwhile")


def _saved(mail: Mail, state: Conversation, unsaid: Sequence[AnyAct], ended: Sequence[Gathered]) -> tuple[Any, ...]:
    turns = {event_id: gathered.turn_id for gathered in ended for event_id in gathered.messages}
    written = state.model_dump_json(), _pack(unsaid)
    return mail.conversation, mail.version, *written, list(turns), list(turns.values())


async def start(tx: Unit, conversation: str, state: Conversation) -> None:
    """Make a conversation that begins with something else than a message. Raises `LostRace` when there is one now."""
    made = await tx.connection.fetchval(
        """insert into conversations (id, state, aliases) values ($1, $2::text::jsonb, $3)
        on conflict (id) do nothing returning true""",
        conversation,
        state.model_dump_json(),
        aliases(state.contact, conversation),
    )
    if not made:
        raise LostRace("the conversation began meanwhile")


async def become(
    tx: Unit, merged: str, into: str, state: Conversation | None, *, unsaid: Sequence[AnyAct], contact: Contact
) -> None:
    """Make one conversation of two that are locked: all that waits in either mailbox waits in one."""
    await tx.connection.execute("delete from conversations where id = $1", merged)
    await tx.connection.execute(
        """insert into conversations as known (id, state, unsaid, aliases)
        values ($1, $2::text::jsonb, $3::text::jsonb, $4)
        on conflict (id) do update set version = known.version + 1, state = coalesce(excluded.state, known.state),
            unsaid = excluded.unsaid, aliases = excluded.aliases""",
        into,
        state.model_dump_json() if state else None,
        _pack(unsaid),
        aliases(contact, into),
    )
    await tx.connection.execute("update mailbox set conversation = $2 where conversation = $1", merged, into)


async def amend(tx: Unit, key: ChannelKey, text: str | None, at: datetime) -> None:
    """Note another text, or with `None` that a message was taken back, unless it was worked already."""
    await tx.connection.execute(_AMEND, key.instance, key.id, text, text is None, at)


async def known_as(where: Executes, conversation: str) -> str:
    """Return the name under which a conversation is stored; one that goes on under another is found there."""
    query = """select id from conversations where id = $1 or aliases @> array[$1]
        or id = (select "into" from merges where merged = $1 order by at desc limit 1)
        order by id = $1 limit 1"""
    rows = await where.fetch(query, conversation)
    return str(rows[0]["id"]) if rows else conversation


async def waiting_since(tx: Unit, conversation: str) -> datetime | None:
    """When the first message came that waits for its turn."""
    query = "select min(arrived_at) from mailbox where conversation = $1 and turn_id is null"
    first: datetime | None = await tx.connection.fetchval(query, conversation)
    return first


async def left_behind(where: Executes, timer: str, before: datetime) -> list[str]:
    """Return the conversations with a message that has waited since then, and that no such timer will wake."""
    query = """select distinct conversation from mailbox
        where turn_id is null and arrived_at < $2
            and not exists (select from timer where name = $1 and key = mailbox.conversation)
        order by conversation"""
    return [row["conversation"] for row in await where.fetch(query, timer, before)]


async def message(where: Executes, event_id: object) -> SANITIZED | None:
    """Return a message that was taken."""
    rows = await where.fetch("select event::text from mailbox where event_id = $1", event_id)
    return _event(rows[0]["event"]) if rows else None


async def prune(tx: Unit, now: datetime, keep: timedelta) -> None:
    """Forget messages that were worked long ago."""
    await tx.connection.execute("delete from mailbox where turn_id is not null and arrived_at < $1", now - keep)
    await tx.connection.execute("delete from amendments where at < $1", now - keep)


async def erase(tx: Unit, conversations: list[str]) -> int:
    """Delete everything of a person; return how many rows that was."""
    deleted = [
        await tx.connection.execute(statement, conversations)
        for statement in (
            """delete from amendments using mailbox where mailbox.conversation = any($1)
            and amendments.instance = mailbox.instance and amendments.channel_id = mailbox.channel_id""",
            "delete from mailbox where conversation = any($1)",
            'delete from merges where merged = any($1) or "into" = any($1)',
            "delete from conversations where id = any($1) or aliases && $1",
        )
    ]
    return sum(int(each.split()[-1]) for each in deleted)


def aliases(contact: Contact, conversation: str) -> list[str]:
    """Return the other names that the channel may give this conversation."""
    names = {conversation_id(each) for each in (contact.phone, contact.address.phone, contact.address.lid) if each}
    return sorted(names - {conversation})


def _mail(conversation: str, rows: Sequence[Record], entered: SANITIZED | None = None) -> Mail:
    """Read what waits in a mailbox; what has just `entered` need not be read again."""
    first = rows[0]
    return Mail(
        conversation=conversation,
        version=first["version"],
        state=Conversation.model_validate_json(first["state"]) if first["state"] else None,
        unsaid=_unpack(first["unsaid"]),
        letters=tuple(
            Letter(
                entered if entered and entered.id == row["event_id"] else _event(row["event"]),
                row["arrived_at"],
                text=row["text"],
                deleted=bool(row["deleted"]),
            )
            for row in rows
            if row["event"]
        ),
    )


def _event(wire: str) -> SANITIZED:
    return Event.from_wire(wire.encode(), MessageSanitized)


def _pack(unsaid: Sequence[AnyAct]) -> str:
    return json.dumps([{"act": type(act).__name__, "values": act.model_dump(mode="json")} for act in unsaid])


def _unpack(packed: str) -> tuple[AnyAct, ...]:
    return tuple(getattr(acts, each["act"]).model_validate(each["values"]) for each in json.loads(packed))
