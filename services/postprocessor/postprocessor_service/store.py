"""Replies and their bubbles in PostgreSQL. What takes a transaction is part of it; what does not is one of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from chassis.store import Store, Unit
from contracts import Event
from contracts.dialogue import ApprovedTemplate
from contracts.preprocessor import Contact

from postprocessor_service.domain import fingerprint
from postprocessor_service.steps import PATIENCE, Author, Bubble, Ownership, Scene

DELIVER = "deliver"
"""The timer of a conversation in which there is something to do."""
DOUBT_AFTER_RESTORE = timedelta(minutes=15)
"""How long after its first reply a system that was restored from a backup asks the channel before it sends anything."""
OPEN = "state in ('queued', 'sending', 'unknown')"
_SCENE = """b.reply_id, b.nth, b.state, b.text, b.fingerprint, b.attempts, b.looks, b.due_at, b.began_at,
    b.doubted_from, b.conversation, b.instance, b.as_template, b.home, b.may_move, b.follows,
    coalesce(extract(epoch from b.lease_until - clock_timestamp())::float8, 0) as lease_left_s,
    r.author, r.purpose, r.drafted_at, r.expires_at, r.answers, r.contact, r.traceparent,
    r.last_inbound_at, r.turn_id, r.event_id, r.correlation_id, r.bubbles,
    case when b.nth = 0 then r.template end as template,
    c.staff_at, c.handoff_at, c.released_at, c.version, c.paced_at"""
"""What a scene is made of: a bubble, its reply and their conversation."""


def _is_over(reply: str) -> str:
    """Write that a reply is known here, and nothing of it left to be sent."""
    return f"""(exists (select from reply where id = {reply})
        and not exists (select from bubble where reply_id = {reply} and {OPEN}))"""  # noqa: S608  # this module's own


@dataclass(frozen=True)
class Reply:
    """What is kept of a reply: enough to say what became of it. `cause` is the event that brought it."""

    id: UUID
    cause: Event[Any]
    author: Author
    purpose: str
    turn_id: UUID | None
    instance: str
    contact: Contact
    bubbles: int
    template: ApprovedTemplate | None = None
    last_inbound_at: datetime | None = None
    follows: UUID | None = None

    @classmethod
    def around(cls, bubble: Bubble) -> "Reply":
        """Return a bubble's reply, as `of` does."""
        known: dict[str, Any] = {
            "id": bubble.event_id,
            "subject": bubble.conversation,
            "correlationid": bubble.correlation_id,
        }
        cause: Event[Any] = Event.model_construct(**known, traceparent=bubble.traceparent)
        same = {name: getattr(bubble, name) for name in ("author", "purpose", "turn_id", "instance", "bubbles")}
        return cls(id=bubble.reply_id, cause=cause, contact=bubble.contact, **same)

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Reply":
        """Read a row; of the cause only what derives other events from it is there."""
        known = {"id": row["event_id"], "subject": row["conversation"], "correlationid": row["correlation_id"]}
        cause: Event[Any] = Event.model_construct(**known, traceparent=row["traceparent"])
        contact = Contact.model_validate(row["contact"])
        same = {name: row[name] for name in ("author", "purpose", "turn_id", "instance", "bubbles")}
        return cls(id=row["id"], cause=cause, contact=contact, **same)


class Deliveries:
    """The tables of postprocessor."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # Who is to be forgotten

    async def is_sending(self, tx: Unit, conversations: list[str]) -> bool:
        """Whether something is still to be sent to a person."""
        sending = f"select exists (select from bubble where conversation = any($1) and {OPEN})"  # noqa: S608  # a constant
        return bool(await tx.connection.fetchval(sending, conversations))

    async def erase(self, tx: Unit, conversations: list[str]) -> int:
        """Delete everything about a person; return how many rows that was."""
        deleted = [
            await tx.connection.execute(statement, conversations)
            for statement in (
                """delete from receipt using bubble where bubble.conversation = any($1)
                and receipt.instance = bubble.instance and receipt.channel_id = bubble.channel_id""",
                "delete from bubble where conversation = any($1)",
                "delete from reply where conversation = any($1)",
                "delete from alias where conversation = any($1)",
                "delete from conversation where id = any($1)",
            )
        ]
        return sum(int(each.split()[-1]) for each in deleted)

    # What is to be sent

    async def add(
        self,
        reply: Reply,
        texts: tuple[str, ...],
        *,
        names: tuple[str, ...],
        answers: tuple[str, ...],
        expires_at: datetime | None,
        now: datetime,
    ) -> Scene | None:
        """Queue a reply; one that is known already changes nothing. What staff write makes the conversation theirs.

        Returns the conversation as it stands then; `None` where more must be looked at than this reply.
        """
        rows = await self.store.fetch(
            f"""with talk as (
                insert into conversation as old (id, staff_at) values ($2, $12) on conflict (id) do update set
                    staff_at = greatest(old.staff_at, excluded.staff_at),
                    version = old.version + (excluded.staff_at is not null)::int
                returning *
            ), named as (
                insert into alias (name, conversation) select name, $2 from unnest($13::text[]) as name
                on conflict do nothing
            ), taken as (
                insert into reply (id, conversation, author, purpose, turn_id, instance, contact, answers, bubbles,
                    drafted_at, expires_at, event_id, correlation_id, traceparent, template, last_inbound_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, cardinality($14::text[]), $9, $10, $11, $16, $17, $19, $20)
                on conflict (id) do nothing returning *
            ), restored as (
                update restored set until = coalesce(until, $18 + $21::interval)
                where $3 = 'assistant' and (until is null or until > $18) returning since
            ), queued as (
                insert into bubble (reply_id, nth, conversation, instance, text, fingerprint, due_at,
                    state, attempts, began_at, follows, held_until)
                select taken.id, line.nth - 1, $2, $6, line.text, line.fingerprint, $18,
                    case when sent.since is null then 'queued' else 'unknown' end,
                    (sent.since is not null)::int, sent.since, ahead.id, ahead.until
                from taken, unnest($14::text[], $15::text[]) with ordinality as line (text, fingerprint, nth),
                    (select min(since) as since from restored) as sent
                    left join (select $22::uuid as id, $18 + $23::interval as until
                        where $22 is not null and not {_is_over("$22")}) as ahead on true
                returning *
            )
            select $24::int as call, {_SCENE}, b.held_until
            from queued b join taken r on r.id = b.reply_id join talk c on c.id = b.conversation
            where not exists (select from bubble before where before.conversation = $2 and before.{OPEN})
            order by b.nth""",  # noqa: S608  # constants of this module
            reply.id,
            reply.cause.subject,
            reply.author,
            reply.purpose,
            reply.turn_id,
            reply.instance,
            reply.contact.model_dump(mode="json"),
            answers,
            reply.cause.time,
            expires_at,
            reply.cause.id,
            reply.cause.time if reply.author == "staff" else None,
            names,
            texts,
            [fingerprint(text) for text in texts],
            reply.cause.correlationid,
            reply.cause.traceparent,
            now,
            reply.template.model_dump(mode="json") if reply.template else None,
            reply.last_inbound_at,
            DOUBT_AFTER_RESTORE,
            reply.follows,
            PATIENCE,
        )
        return _scene(rows) if rows else None

    async def left(self, until: datetime) -> list[str]:
        """Return the conversations in which something was due by a moment and that nobody looks after.

        Whoever waits in one has armed its timer, and whoever sends there has a lease: what has neither was left by a
        process that died, or by work that failed. What staff write goes past what waits, so no timer is that of it.
        Raises `Unavailable`.
        """
        async with self.store.unit() as tx:
            rows = await tx.connection.fetch(
                f"""select distinct b.conversation from bubble b join reply r on r.id = b.reply_id
                where b.{OPEN} and case when b.state = 'sending' then b.lease_until < clock_timestamp()
                        else b.due_at <= $1 end
                    and (not exists (select from timer where name = $2 and key = b.conversation)
                        or (r.author = 'staff' and b.state = 'queued'))
                    and not exists (select from bubble s where s.conversation = b.conversation
                        and s.state = 'sending' and s.lease_until >= clock_timestamp())""",  # noqa: S608  # a constant
                until,
                DELIVER,
            )
        return [row["conversation"] for row in rows]

    async def scene(self, conversation: str, tx: Unit | None = None) -> Scene:
        """Return a conversation's unfinished bubbles, in order, and whose it is."""
        rows = await (tx.connection if tx else self.store.pool).fetch(
            f"""select {_SCENE},
                case when b.held_until is not null and not {_is_over("b.follows")} then b.held_until end as held_until
            from bubble b join reply r on r.id = b.reply_id join conversation c on c.id = b.conversation
            where b.conversation = $1 and b.{OPEN}
            order by r.drafted_at, r.id, b.nth""",  # noqa: S608  # constants of this module
            conversation,
        )
        return _scene(rows) if rows else Scene()

    async def claim(self, bubble: Bubble, version: int, now: datetime, *, lease_s: float, pace_s: float) -> bool:
        """Begin to send: committed before the call. `False` when it is no longer to be sent, or not by us.

        The version says that the conversation still belongs to whom it belonged when this was decided.
        """
        try:
            claimed = await self.store.fetch(
                """with mine as (
                    update bubble b set state = 'sending', attempts = b.attempts + 1, looks = 0, began_at = $3,
                        lease_until = clock_timestamp() + $4 * interval '1 second'
                    from reply r, conversation c
                    where b.reply_id = $1 and b.nth = $2 and b.state = 'queued' and b.attempts = $7
                        and r.id = $1 and (r.expires_at is null or r.expires_at > $3)
                        and c.id = b.conversation and c.version = $5
                    returning b.conversation
                ), paced as (
                    update conversation c set paced_at = greatest(c.paced_at, $3) + $6 * interval '1 second'
                    from mine where c.id = mine.conversation and $6 > 0
                )
                select $8::int as call from mine""",
                *bubble.identity,
                now,
                lease_s,
                version,
                pace_s,
                bubble.attempts,
            )
        except asyncpg.UniqueViolationError:  # another copy is sending to this person
            return False
        return bool(claimed)

    async def take_turn(self, instance: str, pause_s: float) -> float:
        """Take the unit's number's turn to send if it has come; else return how far off it is, in seconds.

        Nobody takes a turn ahead of time: those of processes that die before they send would be waited for. It is
        measured on the database's clock: a system whose own clock is set back must not wait for it.
        """
        seconds: float | None = await self.store.pool.fetchval(
            """with taken as (
                insert into pace as old (instance, next_at) values ($1, clock_timestamp() + $2 * interval '1 second')
                on conflict (instance) do update set next_at = excluded.next_at
                where old.next_at <= clock_timestamp() returning 0::float8 as seconds
            )
            select coalesce((select seconds from taken), extract(epoch from next_at - clock_timestamp())::float8)
            from (select) as always left join pace on instance = $1""",
            instance,
            pause_s,
        )
        return pause_s if seconds is None else max(seconds, 0.0)

    # Whose a conversation is

    async def note_owner(
        self,
        tx: Unit,
        conversation: str,
        *,
        staff_at: datetime | None = None,
        handoff_at: datetime | None = None,
        released_at: datetime | None = None,
    ) -> bool:
        """Keep the latest moment of each kind; return whether something waits there to be sent."""
        await tx.connection.execute(
            """insert into conversation as old (id, staff_at, handoff_at, released_at, version)
            values ($1, $2, $3, $4, 1)
            on conflict (id) do update set
                staff_at = greatest(old.staff_at, excluded.staff_at),
                handoff_at = greatest(old.handoff_at, excluded.handoff_at),
                released_at = greatest(old.released_at, excluded.released_at),
                version = old.version + 1""",
            conversation,
            staff_at,
            handoff_at,
            released_at,
        )
        waiting = f"select exists (select from bubble where conversation = $1 and {OPEN})"  # noqa: S608  # a constant
        return bool(await tx.connection.fetchval(waiting, conversation))

    async def merge(self, tx: Unit, merged: str, into: str, names: tuple[str, ...]) -> list[str]:
        """Give two conversations the later moments and the names of both; return those with something to be sent.

        Replies stay where they are: what was queued for one name is sent, or not, as for the other.
        """
        await tx.connection.execute(
            """with pair as (select * from conversation where id = any($1)),
            named as (
                insert into alias (name, conversation)
                select name, id from unnest($1::text[]) as id cross join (
                    select name from alias where conversation = any($1) union select unnest($2::text[])) as known
                on conflict do nothing
            )
            insert into conversation as old (id, staff_at, handoff_at, released_at, version)
            select id, (select max(staff_at) from pair), (select max(handoff_at) from pair),
                (select max(released_at) from pair), 1
            from unnest($1::text[]) as id order by id
            on conflict (id) do update set staff_at = excluded.staff_at, handoff_at = excluded.handoff_at,
                released_at = excluded.released_at, version = old.version + 1""",
            [merged, into],
            names,
        )
        rows = await tx.connection.fetch(
            f"select distinct conversation from bubble where conversation = any($1) and {OPEN}",  # noqa: S608  # same
            [merged, into],
        )
        return [row["conversation"] for row in rows]

    async def lock(self, tx: Unit, conversation: str) -> None:
        """Be the only one who arms the conversation's timer until the transaction ends."""
        await tx.connection.execute("select from conversation where id = $1 for update", conversation)

    async def conversations(self, names: tuple[str, ...]) -> set[str]:
        """Return the conversations of people who go by one of these names."""
        rows = await self.store.pool.fetch("select distinct conversation from alias where name = any($1)", names)
        return {row["conversation"] for row in rows}

    async def names(self, conversation: str) -> set[str]:
        """Return the names of the person of a conversation."""
        rows = await self.store.pool.fetch("select name from alias where conversation = $1", conversation)
        return {row["name"] for row in rows}

    async def forget(self, before: datetime, receipts_before: datetime) -> None:
        """Delete replies that ended before a moment, and receipts that nobody needs any more."""
        async with self.store.unit() as tx:
            await tx.connection.execute(
                f"""delete from reply r where r.drafted_at < $1
                and not exists (select from bubble b where b.reply_id = r.id and b.{OPEN})""",  # noqa: S608  # same
                before,
            )
            await tx.connection.execute("delete from receipt where at < $1", receipts_before)


def _scene(rows: Sequence[asyncpg.Record]) -> Scene:
    first = rows[0]
    ownership = Ownership(first["staff_at"], first["handoff_at"], first["released_at"])
    return Scene(ownership, first["version"], first["paced_at"], [_bubble(row) for row in rows])


def _bubble(row: asyncpg.Record) -> Bubble:
    same = {name: row[name] for name in Bubble.__dataclass_fields__ if name not in {"contact", "answers", "template"}}
    template = ApprovedTemplate.model_validate(row["template"]) if row["template"] else None
    return Bubble(
        contact=Contact.model_validate(row["contact"]), answers=tuple(row["answers"]), template=template, **same
    )
