"""Counts what happened, by the unit's days, weeks or months: one statement for each thing that is counted.

Every statement groups by `$1` (`day`, `week`, `month`) and looks from `$2` to before `$3`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from chassis.store import Connection

from frontdesk_service.domain import UNANSWERED_AFTER, UNIT_ZONE, known
from frontdesk_service.hours import Period
from frontdesk_service.indicators import Counted

BUCKET = f"date_trunc($1, {{}}, '{UNIT_ZONE.key}') as bucket"
CHECKED = ("price", "date", "time", "phone", "email", "link", "address", "number")
"""Claims that a fact of the unit bears out or not; style and language are no claims."""


def _by(moment: str, what: str, source: str) -> str:
    bucket = BUCKET.format(moment)
    return f"select {bucket}, {what} from {source} and {moment} >= $2 and {moment} < $3 group by 1"  # noqa: S608  # constants


LATE = f"$4::timestamptz - interval '{UNANSWERED_AFTER.seconds} s'"
UNANSWERED = _by(
    "received_at",
    f"count(*) filter (where ended_at is null and received_at < {LATE}) as unanswered",
    "inbound where true",
)
CONVERSATIONS = _by(
    "m.at",
    "count(distinct contact) as conversations",
    "messages m join contacts using (conversation) where direction = 'in'",
)
QUALIFIED = _by("qualified_at", "count(*) as qualified", "leads where true")
BOOKED = _by("booked_at", "count(*) as booked, array_agg(v.lead) as leads_of_booked", "visits v where true")
SHOWN_UP = _by(
    "start",
    "count(*) filter (where outcome = 'came') as came, count(*) filter (where outcome = 'missed') as missed",
    "visits where true",
)
TURNS = _by(
    "closed_at",
    "count(*) as turns, count(*) filter (where failed) as failed_turns, avg(window_s) as window_s",
    "turn_ends where outcome <> 'ignored'",
)
SPEND = _by("at", "sum(brl) as spend", "completions where true")
SENT = _by(
    "at",
    "count(*) filter (where sent) as sent, count(*) filter (where sent and delivered) as delivered,"
    " count(*) filter (where sent and read) as read",
    "outgoing where true",
)
BUBBLES = _by("drafted_at", "count(*) as bubbles", "messages where author = 'assistant'")
BLOCKED = _by("at", "count(distinct (reply_id, bubble)) as blocked", f"blocked_claims where claim in {CHECKED}")

# From the last message of a burst to the first bubble of its answer.
RESPONSE = f"""
select {BUCKET.format("asked.at")}, avg(extract(epoch from answered.at - asked.at))::float as response_s,
    (avg(extract(epoch from answered.at - asked.at)) filter (where asked.first))::float as first_response_s
from (select turn_id, max(received_at) as at, bool_or(first_contact) as first from inbound
    where received_at >= $2 and received_at < $3 and turn_id is not null group by 1) asked
join (select turn_id, min(sent_at) as at from messages
    where turn_id is not null and at >= $2 and at < $3::timestamptz + interval '1 hour' group by 1) answered
    using (turn_id)
where answered.at is not null
group by 1"""  # noqa: S608  # constants

# How a conversation ended is how its last turn did that was not ignored, unless a visit was booked meanwhile.
RESOLVED = f"""
select bucket, count(*) as ended, count(*) filter (where fine or exists (select from visits v
    where v.conversation = ends.conversation and date_trunc($1, v.booked_at, '{UNIT_ZONE.key}') = bucket)) as resolved
from (select distinct on (1, 2) {BUCKET.format("closed_at")}, conversation, not failed as fine
    from turn_ends where closed_at >= $2 and closed_at < $3 and outcome <> 'ignored'
    order by 1, 2, closed_at desc) ends
group by 1"""  # noqa: S608  # constants

STATEMENTS = (CONVERSATIONS, QUALIFIED, BOOKED, SHOWN_UP, TURNS, SPEND, SENT, BUBBLES, BLOCKED, RESPONSE, RESOLVED)
COLUMNS = frozenset(column.name for column in fields(Counted))


async def counted(connection: Connection, periods: Sequence[Period], now: datetime) -> list[Counted]:
    """Count neighbouring periods of one kind, oldest first."""
    name, begins, ends = periods[0].name, periods[0].begins, periods[-1].ends
    rows = list(await connection.fetch(UNANSWERED, name, begins, ends, now))
    for statement in STATEMENTS:
        rows += await connection.fetch(statement, name, begins, ends)
    found: dict[datetime, dict[str, Any]] = {period.begins: {} for period in periods}
    for row in rows:
        found[row["bucket"]].update({key: value for key, value in row.items() if value is not None})
    return [_counted(columns) for columns in found.values()]


EVER = "millennium"
"""Groups all of a window into one."""


async def between(connection: Connection, begins: datetime, ends: datetime) -> Counted:
    """Count any window of time, up to now."""
    columns: dict[str, Any] = {}
    rows = list(await connection.fetch(UNANSWERED, EVER, begins, ends, ends))
    for statement in STATEMENTS:
        rows += await connection.fetch(statement, EVER, begins, ends)
    for row in rows:
        columns.update({key: value for key, value in row.items() if value is not None})
    return _counted(columns)


async def delivery_failures(connection: Connection, begins: datetime, ends: datetime) -> float | None:
    """Return the share of what we wanted to send that failed; `None` when there was nothing to send."""
    share: float | None = await connection.fetchval(
        """select (count(*) filter (where failed))::float / nullif(count(*) filter (where sent or failed), 0)
        from outgoing where at >= $1 and at < $2""",
        begins,
        ends,
    )
    return share


def _counted(columns: dict[str, Any]) -> Counted:
    leads = [known(lead, None).lead.completeness / 8 for lead in columns.get("leads_of_booked", ())]
    completeness = sum(leads) / len(leads) if leads else None
    return Counted(completeness=completeness, **{name: columns[name] for name in columns.keys() & COLUMNS})


FUNNEL = """
with talked as (select distinct contact from messages m join contacts using (conversation)
    where direction = 'in' and at >= $1 and at < $2),
reached as (select l.conversation is not null as told, l.qualified_at is not null as qualified,
        v.id is not null as booked, coalesce(v.came, false) as came
    from talked left join leads l on l.conversation = talked.contact
    left join lateral (select min(id::text) as id, bool_or(outcome = 'came') as came from visits
        where conversation = talked.contact and booked_at is not null) v on true)
select count(*) as conversations, count(*) filter (where told or qualified or booked) as leads,
    count(*) filter (where qualified or booked) as qualified, count(*) filter (where booked) as booked,
    count(*) filter (where came) as came
from reached"""
HOURS = f"""
select extract(isodow from local)::int - 1 as weekday, extract(hour from local)::int as hour, count(*) as messages
from (select at at time zone '{UNIT_ZONE.key}' as local from messages where direction = 'in' and at >= $1 and at < $2) m
group by 1, 2"""  # noqa: S608  # a constant
QUESTIONS = """
select intent, count(*) as times from turns, unnest(intents) as intent
where closed_at >= $1 and closed_at < $2 and intent ~ '^(ask|object)_' group by 1 order by 2 desc, 1 limit 10"""
SPENT = """
select task, count(*) as calls, sum(brl) as brl, count(*) filter (where refusal is not null) as refused,
    count(*) filter (where cached) as cached
from completions where at >= $1 and at < $2 group by 1 order by 3 desc, 1"""


@dataclass(frozen=True)
class Picture:
    """What else a period shows: the way from a conversation to a visit, the hours of the messages, what was asked."""

    funnel: dict[str, int]
    hours: list[list[int]]
    questions: list[tuple[str, int]]


async def picture(connection: Connection, period: Period) -> Picture:
    """Look at one period; `hours` are seven rows, Monday first, of twenty-four counts."""
    between = (period.begins, period.ends)
    hours = [[0] * 24 for _ in range(7)]
    for row in await connection.fetch(HOURS, *between):
        hours[row["weekday"]][row["hour"]] = row["messages"]
    asked = await connection.fetch(QUESTIONS, *between)
    funnel = await connection.fetchrow(FUNNEL, *between)
    return Picture(dict(funnel or {}), hours, [(row["intent"], row["times"]) for row in asked])


async def spent(connection: Connection, period: Period) -> list[dict[str, Any]]:
    """Return what a period cost, a row for each kind of question to the AI."""
    return [dict(row) for row in await connection.fetch(SPENT, period.begins, period.ends)]
