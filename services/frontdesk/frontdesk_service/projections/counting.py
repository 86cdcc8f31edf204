"""Counts what happened from one moment to before another: one statement for each thing that is counted.

Every statement looks from `$1` to before `$2` and gives sums, which add up over days; what does not add up (how many
different people, how each conversation ended) is given as lists.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from chassis.store import Connection

from frontdesk_service.domain import UNANSWERED_AFTER, UNIT_ZONE, known
from frontdesk_service.hours import Period
from frontdesk_service.indicators import Counted

CHECKED = ("price", "date", "time", "phone", "email", "link", "address", "number")
"""Claims that a fact of the unit bears out or not; style and language are no claims."""


def _sums(what: str, source: str, moment: str) -> str:
    return f"select {what} from {source} and {moment} >= $1 and {moment} < $2"  # noqa: S608  # constants


QUALIFIED = _sums("count(*) as qualified", "leads where true", "qualified_at")
SHOWN_UP = _sums(
    "count(*) filter (where outcome = 'came') as came, count(*) filter (where outcome = 'missed') as missed",
    "visits where true",
    "start",
)
TURNS = _sums(
    "count(*) as turns, count(*) filter (where failed) as failed_turns, count(window_s) as windows,"
    " sum(window_s::numeric) as window_s",
    "turn_ends where outcome <> 'ignored'",
    "closed_at",
)
SPEND = _sums("sum(brl) as spend", "completions where true", "at")
SENT = _sums(
    "count(*) filter (where sent) as sent, count(*) filter (where sent and delivered) as delivered,"
    " count(*) filter (where sent and read) as read",
    "outgoing where true",
    "at",
)
BUBBLES = _sums("count(*) as bubbles", "messages where author = 'assistant'", "drafted_at")

# What spans midnight is of one day: the end of a burst, the first of several claims of a bubble. Nothing of the kind
# takes an hour.
BLOCKED = f"""
select count(*) as blocked from (select min(at) as first from blocked_claims
    where claim in {CHECKED} and at >= $1::timestamptz - interval '1 hour' and at < $2
    group by reply_id, bubble) bubbles
where first >= $1"""  # noqa: S608  # a constant
# From the last message of a burst to the first bubble of its answer. Put together by one aggregation and not by a join:
# on tables not analysed yet PostgreSQL would hold every turn against every other.
RESPONSE = """
select count(*) as responses, sum(extract(epoch from answered_at - asked_at)) as response_s,
    count(*) filter (where first) as first_responses,
    sum(extract(epoch from answered_at - asked_at)) filter (where first) as first_response_s
from (select max(received_at) as asked_at, bool_or(first_contact) as first, min(sent_at) as answered_at from (
        select turn_id, received_at, first_contact, null::timestamptz as sent_at from inbound
        where received_at >= $1::timestamptz - interval '1 hour' and received_at < $2::timestamptz + interval '1 hour'
        union all
        select turn_id, null, null, sent_at from messages where at >= $1 and at < $2::timestamptz + interval '1 hour'
    ) as either where turn_id is not null group by turn_id) as turn
where answered_at is not null and asked_at >= $1 and asked_at < $2"""
SUMS = (QUALIFIED, SHOWN_UP, TURNS, SPEND, SENT, BUBBLES, BLOCKED, RESPONSE)

TALKED = """
select distinct contact from messages m join contacts using (conversation)
where direction = 'in' and at >= $1 and at < $2"""
BOOKED = "select conversation, lead from visits where booked_at >= $1 and booked_at < $2"
ENDED = """
select distinct on (conversation) conversation, not failed as fine from turn_ends
where closed_at >= $1 and closed_at < $2 and outcome <> 'ignored' order by conversation, closed_at desc"""
HOURS = f"""
select extract(hour from at at time zone '{UNIT_ZONE.key}')::int as hour, count(*) as messages
from messages where direction = 'in' and at >= $1 and at < $2 group by 1"""  # noqa: S608  # a constant
QUESTIONS = """
select intent, count(*) as times from turns, unnest(intents) as intent
where closed_at >= $1 and closed_at < $2 and intent ~ '^(ask|object)_' group by 1"""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What was counted from one moment to another. `ended`: conversation → whether its last turn was no failure."""

    sums: dict[str, Decimal] = field(default_factory=dict)
    contacts: list[str] = field(default_factory=list)
    ended: dict[str, bool] = field(default_factory=dict)
    booked: list[str] = field(default_factory=list)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    intents: dict[str, int] = field(default_factory=dict)


async def tally(connection: Connection, begins: datetime, ends: datetime) -> Tally:
    """Count from the rows themselves."""
    span = (begins, ends)
    sums: dict[str, Decimal] = {}
    for statement in SUMS:
        row = await connection.fetchrow(statement, *span)
        sums.update({name: Decimal(value) for name, value in (row or {}).items() if value})
    booked = await connection.fetch(BOOKED, *span)
    sums["booked"] = Decimal(len(booked))
    sums["booked_fields"] = Decimal(sum(known(row["lead"], None).lead.completeness for row in booked))
    hours = [0] * 24
    for row in await connection.fetch(HOURS, *span):
        hours[row["hour"]] = row["messages"]
    return Tally(
        sums=sums,
        contacts=[row["contact"] for row in await connection.fetch(TALKED, *span)],
        ended={row["conversation"]: row["fine"] for row in await connection.fetch(ENDED, *span)},
        booked=sorted({row["conversation"] for row in booked}),
        hours=hours,
        intents={row["intent"]: row["times"] for row in await connection.fetch(QUESTIONS, *span)},
    )


def together(tallies: Iterable[Tally], unanswered: int) -> Counted:
    """Add up neighbouring tallies, the oldest first."""
    sums: dict[str, Decimal] = {}
    contacts: set[str] = set()
    ended: dict[str, bool] = {}
    booked: set[str] = set()
    for each in tallies:
        for name, value in each.sums.items():
            sums[name] = sums.get(name, Decimal(0)) + value
        contacts.update(each.contacts)
        ended.update(each.ended)
        booked.update(each.booked)
    return Counted(
        unanswered=unanswered,
        conversations=len(contacts),
        completeness=_mean(sums, "booked_fields", of=Decimal(8) * sums.get("booked", Decimal(0))),
        ended=len(ended),
        # How a conversation ended is how its last turn did, unless a visit was booked meanwhile.
        resolved=sum(fine or conversation in booked for conversation, fine in ended.items()),
        window_s=_mean(sums, "window_s", of=sums.get("windows")),
        response_s=_mean(sums, "response_s", of=sums.get("responses")),
        first_response_s=_mean(sums, "first_response_s", of=sums.get("first_responses")),
        spend=sums.get("spend", Decimal(0)),
        **{name: int(sums.get(name, 0)) for name in COUNTS},
    )


COUNTS = (
    *("qualified", "booked", "came", "missed", "turns", "failed_turns"),
    *("sent", "delivered", "read", "bubbles", "blocked"),
)


def _mean(sums: dict[str, Decimal], name: str, of: Decimal | None) -> float | None:
    return float(sums.get(name, Decimal(0)) / of) if of else None


async def unanswered(connection: Connection, begins: datetime, ends: datetime, now: datetime) -> list[datetime]:
    """Return when each message came that has had no end for longer than `UNANSWERED_AFTER`."""
    rows = await connection.fetch(
        """select received_at from inbound
        where ended_at is null and received_at >= $1 and received_at < least($2, $3::timestamptz)""",
        *(begins, ends, now - UNANSWERED_AFTER),
    )
    return [row["received_at"] for row in rows]


async def between(connection: Connection, begins: datetime, ends: datetime) -> Counted:
    """Count any window of time, up to now."""
    silent = await unanswered(connection, begins, ends, ends)
    return together([await tally(connection, begins, ends)], len(silent))


async def delivery_failures(connection: Connection, begins: datetime, ends: datetime) -> float | None:
    """Return the share of what we wanted to send that failed; `None` when there was nothing to send."""
    share: float | None = await connection.fetchval(
        """select (count(*) filter (where failed))::float / nullif(count(*) filter (where sent or failed), 0)
        from outgoing where at >= $1 and at < $2""",
        begins,
        ends,
    )
    return share


async def budget_refusals(connection: Connection, begins: datetime, ends: datetime) -> int:
    """Count the calls that were not made because the AI budget of the day might have been passed."""
    refused: int = await connection.fetchval(
        "select count(*) from completions where refusal = 'budget' and at >= $1 and at < $2", begins, ends
    )
    return refused


FUNNEL = """
with talked as (select unnest($1::text[]) as contact),
reached as (select l.conversation is not null as told, l.qualified_at is not null as qualified,
        v.conversation is not null as booked, coalesce(v.came, false) as came
    from talked left join leads l on l.conversation = talked.contact
    left join (select conversation, bool_or(outcome = 'came') as came from visits
        where conversation = any($1) and booked_at is not null group by 1) v on v.conversation = talked.contact)
select count(*) as conversations, count(*) filter (where told or qualified or booked) as leads,
    count(*) filter (where qualified or booked) as qualified, count(*) filter (where booked) as booked,
    count(*) filter (where came) as came
from reached"""
SPENT = """
select task, count(*) as calls, sum(brl) as brl, count(*) filter (where refusal is not null) as refused,
    count(*) filter (where cached) as cached
from completions where at >= $1 and at < $2 group by 1 order by 3 desc, 1"""
ASKED_MOST = 10


@dataclass(frozen=True)
class Picture:
    """What else a period shows: the way from a conversation to a visit, the hours of the messages, what was asked.

    `hours` are seven rows, Monday first, of twenty-four counts.
    """

    funnel: dict[str, int]
    hours: list[list[int]]
    questions: list[tuple[str, int]]


async def picture(connection: Connection, days: list[Tally], first_weekday: int) -> Picture:
    """Look at neighbouring days, the first of them on a weekday (0 = Monday)."""
    hours = [[0] * 24 for _ in range(7)]
    intents: Counter[str] = Counter()
    for number, day in enumerate(days, first_weekday):
        hours[number % 7] = [before + more for before, more in zip(hours[number % 7], day.hours, strict=True)]
        intents.update(day.intents)
    contacts = sorted({contact for day in days for contact in day.contacts})
    funnel = await connection.fetchrow(FUNNEL, contacts)
    questions = sorted(intents.items(), key=lambda asked: (-asked[1], asked[0]))[:ASKED_MOST]
    return Picture(dict(funnel or {}), hours, questions)


async def costs(connection: Connection, period: Period) -> Counted:
    """Count what a period cost, and what that is held against."""
    span = (period.begins, period.ends)
    return Counted(
        spend=await connection.fetchval(SPEND, *span) or Decimal(0),
        qualified=await connection.fetchval(QUALIFIED, *span),
        booked=len(await connection.fetch(BOOKED, *span)),
    )


async def spent(connection: Connection, period: Period) -> list[dict[str, Any]]:
    """Return what a period cost, a row for each kind of question to the AI."""
    return [dict(row) for row in await connection.fetch(SPENT, period.begins, period.ends)]
