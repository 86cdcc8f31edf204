"""The list of conversations: those that wait for the unit first, then the newest; and what it is searched for.

A page of the list is two steps: which conversations, by an index, then what the list shows of each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
from chassis.store import Connection

from frontdesk_service.domain import CONFLICT, known

PAGE = 60
"""Conversations in one page of the list."""
WAITING = 100
"""Conversations of the unit that are looked at for who waits; older ones are found further down the list."""
FEW = 500
"""Conversations that words are found in, up to which each of them is looked up."""


@dataclass(frozen=True)
class Item:
    """One conversation in the list.

    `waiting` says that somebody at the unit should look: it is the unit's, and nobody took it or the parent spoke
    last; `waiting_since` is when it was handed over, or the first message that nobody has answered. `reason` is why it
    was handed over, if it was; `conflict` that it is about the agenda.
    `at`, `text`, … are of the last message.
    """

    path: str
    name: str | None
    phone: str | None
    stage: str
    owner: str
    waiting: bool
    waiting_since: datetime | None
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


@dataclass(frozen=True)
class Cursor:
    """Where a page of the list ends; the next one begins after it."""

    at: datetime
    conversation: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}~{self.conversation}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Read what `str` wrote; `None` of anything else, which is the beginning of the list."""
        at, _, conversation = text.partition("~")
        try:
            return cls(datetime.fromisoformat(at), conversation)
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True)
class Listing:
    """A page of the list; `after` is where the next one begins, `None` at the end."""

    items: list[Item]
    after: Cursor | None = None


# Somebody first known by a LID has two rows, of which the newer one stands for both.
NEWER = """exists (select from people o where o.lid = p.lid and (o.phone is null) <> (p.phone is null)
    and (o.last_at, o.conversation) > (p.last_at, p.conversation))"""
BEFORE = "(p.last_at, p.conversation) < (coalesce($1::timestamptz, 'infinity'), coalesce($2, ''))"
RECENT = f"""
select p.conversation, p.last_at from people p where last_at is not null and {BEFORE} and not {NEWER}
order by p.last_at desc, p.conversation desc limit $3"""  # noqa: S608  # constants
OF_UNIT = """
select conversation from people where unit_at > coalesce(released_at, '-infinity') and last_at is not null
order by last_at desc, conversation desc limit $1"""
# Every word must begin a word of theirs.
MATCHING = """
select conversation from found_by where words @@ (select string_agg(word || ':*', ' & ')::tsquery
    from unnest(array_remove(string_to_array(plain($1), ' '), '')) as word)"""
# Of few, each is looked up. What many have, like a first letter, the newest sixty have soon: the list is walked along
# until there are so many. (`is true` keeps it from being looked up one by one all the same.)
OF_FEW = f"""
select p.conversation, p.last_at from people p
where conversation = any($4) and last_at is not null and {BEFORE} and not {NEWER}
order by p.last_at desc, p.conversation desc limit $3"""  # noqa: S608  # constants
OF_MANY = f"""
with found as materialized ({MATCHING.replace("$1", "$4")})
select p.conversation, p.last_at from people p
where (conversation in (select conversation from found)) is true and last_at is not null and {BEFORE} and not {NEWER}
order by p.last_at desc, p.conversation desc limit $3"""  # noqa: S608  # constants

ITEMS = """
with whole as materialized (select distinct coalesce((select min(known.conversation) from people known
        where known.lid = one.lid and known.phone is not null and one.phone is null), one.conversation) as conversation
    from people one where one.conversation = any($1))
select p.conversation, p.phone, p.profile_name, p.stage, p.owner, p.active_at, l.lead, visit.start as visit_at,
    m.direction, m.author, m.kind, coalesce(mark.text, m.text) as text, mark.deleted_at is not null as deleted,
    case when m.direction = 'in' then 'received' else message_status(greatest(m.rank, mark.rank,
        case when r.read_at is not null then 5 end,
        case when r.failed_at is not null and m.channel_id is null then 3 end)) end as status,
    p.owner = 'unit' and (m.direction = 'in' or coalesce(h.status = 'open', false)) as waiting,
    case when p.owner = 'unit' then coalesce(case when h.status = 'open' then h.opened_at end, unheard.since) end
        as waiting_since,
    case when p.owner = 'unit' then h.reason end as reason,
    p.owner = 'unit' and coalesce(h.pack->'summary'->>0 = $3, false) as conflict
from (select persons.*, array(select persons.conversation union all select alias.conversation from people alias
        where alias.lid = persons.lid and alias.phone is null and persons.phone is not null) as theirs
    from whole join persons using (conversation) where active_at is not null offset 0) p
left join leads l on l.conversation = p.conversation
left join lateral (select status, reason, pack, opened_at from handoff_states
    where p.owner = 'unit' and conversation = p.conversation order by opened_at desc limit 1) h on true
left join lateral (select min(start) as start from visits
    where conversation = p.conversation and status = 'booked' and outcome is null and start > $2) visit on true
left join lateral (select * from messages
    where conversation = any(p.theirs) and author is not null
    order by at desc, part desc, id desc limit 1) m on true
left join lateral (select min(said.at) as since from messages said
    where p.owner = 'unit' and said.conversation = any(p.theirs) and said.direction = 'in'
        and said.at > coalesce((select max(answer.at) from messages answer
            where answer.conversation = any(p.theirs) and answer.direction = 'out'), '-infinity')) unheard on true
left join channel_marks mark on mark.instance = m.instance and mark.channel_id = m.channel_id
left join replies r on r.reply_id = m.reply_id
order by p.active_at desc"""


async def of(connection: Connection, conversations: Iterable[str], now: datetime) -> list[Item]:
    """Show these conversations, the newest first; a visit counts while it is ahead of `now`."""
    rows = await connection.fetch(ITEMS, sorted(set(conversations)), now, CONFLICT)
    return [_item(row) for row in rows]


async def listed(connection: Connection, now: datetime, after: Cursor | None = None) -> Listing:
    """Return a page of the list; on the first one, whoever waits for the unit comes first."""
    rows = await connection.fetch(RECENT, *_before(after), PAGE + 1)
    ids = [row["conversation"] for row in rows[:PAGE]]
    if after is None:
        ids += [row["conversation"] for row in await connection.fetch(OF_UNIT, WAITING)]
    items = await of(connection, ids, now)
    if after is None:
        recent = items[:PAGE]
        items = [item for item in items if item.waiting] + [item for item in recent if not item.waiting]
    return Listing(items, _after(rows))


async def found(connection: Connection, words: str, now: datetime, after: Cursor | None = None) -> Listing:
    """Return whose name, child, phone or e-mail has words that begin so, the newest first."""
    some = await connection.fetch(f"{MATCHING} limit $2", words, FEW + 1)
    if len(some) > FEW:
        rows = await connection.fetch(OF_MANY, *_before(after), PAGE + 1, words)
    else:
        rows = await connection.fetch(OF_FEW, *_before(after), PAGE + 1, [row["conversation"] for row in some])
    return Listing(await of(connection, [row["conversation"] for row in rows[:PAGE]], now), _after(rows))


def _before(after: Cursor | None) -> tuple[datetime | None, str | None]:
    return (after.at, after.conversation) if after else (None, None)


def _after(rows: list[Any]) -> Cursor | None:
    if len(rows) <= PAGE:
        return None
    last = rows[PAGE - 1]
    return Cursor(last["last_at"], last["conversation"])


def _item(row: asyncpg.Record) -> Item:
    lead = known(row["lead"], row["phone"]).lead
    return Item(
        path=row["phone"].removeprefix("+") if row["phone"] else row["conversation"],
        name=lead.parent_name or row["profile_name"],
        phone=row["phone"],
        stage="handed_over" if row["owner"] == "unit" else row["stage"] or "greeting",
        owner=row["owner"],
        waiting=bool(row["waiting"]),
        waiting_since=row["waiting_since"] if row["waiting"] else None,
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
