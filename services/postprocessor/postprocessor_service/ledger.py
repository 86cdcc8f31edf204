"""What became of bubbles, in PostgreSQL: answers, echoes, receipts.

`attempts` fences every change: a copy that was thought dead and comes back changes nothing.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from chassis.store import Store, Unit
from contracts import Event
from contracts.ingress import ChannelKey
from contracts.postprocessor import SentBubble

from postprocessor_service.steps import Bubble, Reason
from postprocessor_service.store import OPEN, Reply

Identity = tuple[UUID, int]


class Echoed(NamedTuple):
    """A bubble that an echo is of, as it stood then; `is_awaited`: it waits for a message to be known of it there."""

    bubble: Identity
    attempts: int
    state: str
    conversation: str
    is_awaited: bool = True


class Settled(NamedTuple):
    """A bubble that the channel has: its reply, the rank of what was heard of it, whether its conversation rests."""

    reply: Reply
    heard: int
    is_last: bool


_MOVES = {
    2: ("failed", ["sent"]),
    3: ("delivered", ["sent", "failed"]),
    4: ("read", ["sent", "failed", "delivered"]),
}


class Ledger:
    """The end of every bubble."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def mark_sent(
        self, tx: Unit, bubble: Identity, attempts: int, key: ChannelKey, now: datetime
    ) -> Settled | None:
        """Note the channel's id; that of an echo heard before is an earlier attempt's, if there was one.

        `None` when somebody else settled it. Raises `asyncpg.UniqueViolationError` when the message is another's.
        """
        row = await tx.connection.fetchrow(
            """with mine as (
                select channel_id from bubble
                where reply_id = $1 and nth = $2 and attempts = $3 and state in ('queued', 'sending', 'unknown')
                for update
            ), earlier as (
                insert into twin select $4, channel_id, $1, $2 from mine where channel_id <> $5 and $3 > 1
                on conflict do nothing
            ), own as (
                delete from twin where instance = $4 and channel_id = $5
            ), heard as (
                insert into receipt as old (instance, channel_id, rank, at) values ($4, $5, 1, $6)
                on conflict (instance, channel_id) do update set rank = old.rank returning rank
            ), done as (
                update bubble set state = 'sent', instance = $4, channel_id = $5, sent_at = $6, text = null,
                    lease_until = null
                from mine where reply_id = $1 and nth = $2
                returning reply_id, conversation
            )
            select r.*, heard.rank, not exists (select from bubble b where b.conversation = done.conversation
                and b.state in ('queued', 'sending', 'unknown') and (b.reply_id, b.nth) <> ($1, $2)) as is_last
            from done join reply r on r.id = done.reply_id, heard""",
            *bubble,
            attempts,
            key.instance,
            key.id,
            now,
        )
        return Settled(Reply.of(row), row["rank"], row["is_last"]) if row else None

    async def mark_only(self, bubble: Bubble, key: ChannelKey, now: datetime, delivered: Event[Any]) -> bool | None:
        """Note the channel's id of a reply's only bubble and emit its delivery, in one statement, as `mark_sent` does.

        Whether its conversation rests; `None` when that takes more: somebody else settled it, or it was heard of.
        Raises `asyncpg.UniqueViolationError` when the message is another's.
        """
        done = await self.store.once(
            """heard as (
                insert into receipt as old (instance, channel_id, rank, at) values ($4, $5, 1, $6)
                on conflict (instance, channel_id) do update set rank = old.rank returning rank
            ), done as (
                update bubble mine set state = 'sent', channel_id = $5, sent_at = $6, text = null, lease_until = null
                from heard
                where reply_id = $1 and nth = $2 and attempts = $3 and state in ('sending', 'unknown') and rank = 1
                    and (channel_id is null or channel_id = $5)
                returning not exists (select from bubble b where b.conversation = mine.conversation
                    and b.state in ('queued', 'sending', 'unknown') and (b.reply_id, b.nth) <> ($1, $2)) as is_last
            )""",
            *bubble.identity,
            bubble.attempts,
            key.instance,
            key.id,
            now,
            emits=[delivered],
        )
        return done["is_last"] if done else None

    async def mark_queued(self, bubble: Bubble, due_at: datetime, *, counts: bool = True) -> str | None:
        """Put a bubble back, since it certainly was not sent; unless the channel's echo says that it was: then its id.

        `counts` says whether the attempt was one.
        """
        return await self._put_back(
            """state = 'queued', due_at = $4, lease_until = null, attempts = attempts - $5""",
            bubble,
            due_at,
            0 if counts else 1,
        )

    async def mark_unknown(self, bubble: Bubble, look_at: datetime) -> str | None:
        """Note that nobody knows; unless the channel's echo does: then the message's id."""
        return await self._put_back("state = 'unknown', due_at = $4, lease_until = null", bubble, look_at)

    async def use_template(self, bubble: Bubble, words: str) -> None:
        """Put a bubble back that certainly was not sent, to be sent as its template; `words`: its new fingerprint."""
        await self.store.pool.execute(
            """update bubble set state = 'queued', as_template = true, fingerprint = $4, lease_until = null
            where reply_id = $1 and nth = $2 and attempts = $3 and state in ('queued', 'sending')
                and channel_id is null""",
            *bubble.identity,
            bubble.attempts,
            words,
        )

    async def move(self, bubble: Bubble, instance: str, now: datetime) -> None:
        """Take a bubble that waits, or certainly was not sent, to another channel's instance; it was no attempt."""
        await self._go(bubble, now, "home = instance, instance = $5", instance)

    async def go_home(self, bubble: Bubble, due_at: datetime, *, may_move: bool, words: str) -> None:
        """Bring a bubble that certainly was not sent back to its own channel, as the text of these `words`."""
        change = "instance = home, home = null, may_move = $5, as_template = false, fingerprint = $6"
        await self._go(bubble, due_at, change, may_move, words)

    async def _go(self, bubble: Bubble, due_at: datetime, change: str, *values: Any) -> None:
        await self.store.pool.execute(
            f"""update bubble set state = 'queued', lease_until = null, due_at = $4,
                attempts = attempts - (state = 'sending')::int, {change}
            where reply_id = $1 and nth = $2 and attempts = $3 and state = '{bubble.state}'
                and channel_id is null""",  # noqa: S608  # constants of this class, and a state
            *bubble.identity,
            bubble.attempts,
            due_at,
            *values,
        )

    async def by_reference(self, reply_id: UUID, nth: int, instance: str) -> Echoed | None:
        """Find a bubble that waits to be known, by what a receipt brought back."""
        row = await self.store.pool.fetchrow(
            """select attempts, state, conversation from bubble
            where reply_id = $1 and nth = $2 and instance = $3 and state in ('sending', 'unknown')""",
            reply_id,
            nth,
            instance,
        )
        return Echoed((reply_id, nth), row["attempts"], row["state"], row["conversation"]) if row else None

    async def _put_back(self, change: str, bubble: Bubble, *values: Any) -> str | None:
        return await self.store.pool.fetchval(  # type: ignore[no-any-return]  # a column of type text
            f"""with mine as (
                select channel_id from bubble
                where reply_id = $1 and nth = $2 and attempts = $3 and state in ('sending', 'unknown') for update
            ), changed as (
                update bubble set {change} from mine
                where reply_id = $1 and nth = $2 and mine.channel_id is null
            )
            select channel_id from mine""",  # noqa: S608  # two constants of this module
            *bubble.identity,
            bubble.attempts,
            *values,
        )

    async def look_again(self, bubble: Bubble, at: datetime) -> None:
        """Note a look that did not settle anything."""
        await self.store.pool.execute(
            """update bubble set due_at = $4, looks = looks + 1, doubted_from = coalesce(doubted_from, began_at)
            where reply_id = $1 and nth = $2 and attempts = $3 and state = 'unknown'""",
            *bubble.identity,
            bubble.attempts,
            at,
        )

    async def doubt_again(self, bubble: Bubble, look_at: datetime) -> None:
        """Have a bubble that waits to be sent again looked for before."""
        await self.store.pool.execute(
            """update bubble set state = 'unknown', due_at = $4
            where reply_id = $1 and nth = $2 and attempts = $3 and state = 'queued'""",
            *bubble.identity,
            bubble.attempts,
            look_at,
        )

    async def mark_failed(self, tx: Unit, bubble: Bubble, reason: Reason) -> Reply | None:
        """Fail a bubble and what is left of its reply; `None` when somebody else settled it."""
        row = await tx.connection.fetchrow(
            """with mine as (
                update bubble set state = 'failed', reason = $4, text = null, lease_until = null, channel_id = null
                where reply_id = $1 and nth = $2 and attempts = $3 and state in ('queued', 'sending', 'unknown')
                returning reply_id
            ), rest as (
                update bubble b set state = 'failed', reason = $4, text = null from mine
                where b.reply_id = $1 and b.nth <> $2 and b.state = 'queued'
            )
            select r.* from mine join reply r on r.id = mine.reply_id""",
            *bubble.identity,
            bubble.attempts,
            reason,
        )
        return Reply.of(row) if row else None

    async def taken(self, tx: Unit, reply_id: UUID) -> tuple[tuple[SentBubble, ...], int]:
        """Return the bubbles of a reply that the channel took, and the attempts that all of it cost."""
        rows = await tx.connection.fetch(
            "select nth, instance, state, channel_id, sent_at, attempts from bubble where reply_id = $1 order by nth",
            reply_id,
        )
        taken = tuple(
            SentBubble(
                index=row["nth"],
                key=ChannelKey(instance=row["instance"], id=row["channel_id"], from_me=True),
                sent_at=row["sent_at"],
            )
            for row in rows
            if row["state"] in {"sent", "delivered", "read"}
        )
        return taken, sum(row["attempts"] for row in rows)

    # What the channel says of its own accord

    async def claimed(self, instance: str, ids: list[str]) -> set[str]:
        """Return which of the channel's messages belong to a bubble."""
        rows = await self.store.pool.fetch(
            """select channel_id from bubble where instance = $1 and channel_id = any($2)
            union all select channel_id from twin where instance = $1 and channel_id = any($2)""",
            instance,
            ids,
        )
        return {row["channel_id"] for row in rows}

    async def match_echo(
        self, key: ChannelKey, names: tuple[str, ...], words: str, *, began_by: datetime, tried_since: datetime
    ) -> Echoed | None:
        """Find the bubble that an echo is of, by its fingerprint `words`; none if the message is claimed already.

        It is one that was tried more often than there is a message known of it; what is over, not `tried_since`, is
        none. One that is being sent before one of which nobody knows: a message claimed for the latter while it is the
        former's would lose one of them.
        """
        row = await self.store.pool.fetchrow(
            f"""select b.reply_id, b.nth, b.attempts, b.state, b.conversation,
                b.{OPEN} and b.channel_id is null and (b.instance = $1 or b.state = 'queued') as is_awaited
            from bubble b join alias a on a.conversation = b.conversation
            where b.attempts > (b.channel_id is not null)::int and a.name = any($3)
                and $1 in (b.instance, b.home) and b.fingerprint = $4
                and coalesce(b.doubted_from, b.began_at) <= $5 and (b.{OPEN} or b.began_at >= $6)
                and b.attempts > (b.channel_id is not null)::int
                    + (select count(*) from twin t where t.reply_id = b.reply_id and t.nth = b.nth)
                and not exists (select from bubble where instance = $1 and channel_id = $2)
                and not exists (select from twin where instance = $1 and channel_id = $2)
            order by is_awaited desc, array_position('{{sending,unknown,queued}}', b.state), b.began_at
            limit 1""",  # noqa: S608  # a constant of this module
            key.instance,
            key.id,
            names,
            words,
            began_by,
            tried_since,
        )
        if row is None:
            return None
        return Echoed((row["reply_id"], row["nth"]), *(row[name] for name in Echoed._fields[1:]))

    async def note_twin(self, bubble: Identity, key: ChannelKey) -> None:
        """Note a further message of a bubble that was tried more than once."""
        await self.store.pool.execute(
            "insert into twin (instance, channel_id, reply_id, nth) values ($1, $2, $3, $4) on conflict do nothing",
            key.instance,
            key.id,
            *bubble,
        )

    async def hear(self, bubble: Identity, attempts: int, key: ChannelKey) -> bool:
        """Remember the channel's id of a bubble whose sender still waits for the answer; `False`: it does no more."""
        try:
            result = await self.store.pool.execute(
                """update bubble set channel_id = $4
                where reply_id = $1 and nth = $2 and attempts = $3 and state = 'sending' and channel_id is null""",
                *bubble,
                attempts,
                key.id,
            )
        except asyncpg.UniqueViolationError:
            return True  # another copy of the same echo was faster, for another bubble
        return str(result) == "UPDATE 1"

    async def ratchet(self, key: ChannelKey, rank: int, tx: Unit | None = None) -> tuple[Reply, int] | None:
        """Move a sent bubble on to what a receipt says, never back; its reply and index if it moved.

        An error counts only before the delivery; a delivery or reading after it proves the error wrong.
        """
        state, before = _MOVES[rank]
        row = await (tx.connection if tx else self.store.pool).fetchrow(
            """update bubble b set state = $3, reason = case when $3 = 'failed' then 'rejected' end
            from reply r where r.id = b.reply_id and b.instance = $1 and b.channel_id = $2 and b.sent_at is not null
                and b.state = any($4)
            returning r.*, b.nth""",
            key.instance,
            key.id,
            state,
            before,
        )
        return (Reply.of(row), row["nth"]) if row else None

    async def keep_receipt(self, tx: Unit, key: ChannelKey, rank: int, now: datetime) -> None:
        """Keep a receipt of a message that is not known, or not yet."""
        await tx.connection.execute(
            """insert into receipt as old (instance, channel_id, rank, at) values ($1, $2, $3, $4)
            on conflict (instance, channel_id) do update set rank = greatest(old.rank, excluded.rank)""",
            key.instance,
            key.id,
            rank,
            now,
        )
