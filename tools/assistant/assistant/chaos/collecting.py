"""Gathers the evidence: the phones from the sandbox, the rest from the services' own tables.

No service reads another's schema; this reads several, because it judges all of them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from assistant.chaos.evidence import Closed, Draft, Evidence, Seen, Settled, Visit
from assistant.chaos.playing import CONFIRMED

FACTS = """select subject, time, id, data::text from frontdesk.facts where type = $1 order by time"""
MESSAGES = """select channel_id, began_at, false as again from postprocessor.bubble where channel_id is not null
union all select t.channel_id, b.began_at, true from postprocessor.twin t
    join postprocessor.bubble b using (reply_id, nth)"""
OPEN = {
    "messages that dialogue never got": "select count(*) from preprocessor.outbox",
    "messages without a turn": "select count(*) from dialogue.mailbox where turn_id is null",
    "facts that dialogue has not published": "select count(*) from dialogue.outbox where key is null",
    "facts that calendar has not published": "select count(*) from calendar.outbox where key is null",
    "bubbles that are not settled": "select count(*) from postprocessor.bubble "
    "where state in ('queued', 'sending', 'unknown')",
    "messages without an end": "select count(*) from frontdesk.inbound where ended_at is null",
}
"""What must be nothing when all is done, in the words of the report."""


async def still_open(database: asyncpg.Connection) -> dict[str, int]:
    """Return what is not done yet, and how much of it."""
    counts = {what: int(await database.fetchval(query)) for what, query in OPEN.items()}
    return {what: count for what, count in counts.items() if count}


async def collect(
    http: httpx.AsyncClient, sandbox: str, database: asyncpg.Connection, taken_at: Mapping[str, datetime]
) -> Evidence:
    """Return everything that the audit looks at, of phones that the sandbox plays."""
    messages = (await http.get(f"{sandbox}/sandbox/messages")).raise_for_status().json()["items"]
    seen = [(each["author"], _seen(nth, each)) for nth, each in enumerate(messages)]
    written, shown = (tuple(each for author, each in seen if author == of) for of in ("parent", "api"))
    return replace(await beside(database, written, shown), taken_at=dict(taken_at))


async def beside(database: asyncpg.Connection, written: Sequence[Seen], shown: Sequence[Seen]) -> Evidence:
    """Return what was written and shown on phones with what the services say of it."""
    sanitized = await _facts(database, "preprocessor.message_sanitized.v1")
    keys = {row["id"]: row["data"]["key"]["id"] for row in sanitized}
    rejected = await _facts(database, "preprocessor.message_rejected.v1")
    closed = await _facts(database, "dialogue.turn_closed.v1")
    opened = await _facts(database, "dialogue.turn_opened.v1")  # only of turns that waited: the earlier word counts
    turns = {row["data"]["turn_id"]: row["time"] for row in (*closed, *opened)}
    sent = await database.fetch(MESSAGES)
    return Evidence(
        written=tuple(written),
        shown=tuple(shown),
        arrived={
            row["channel_id"]: row["arrived_at"]
            for row in await database.fetch("select channel_id, arrived_at from dialogue.mailbox")
        },
        closed=tuple(_closed(row["data"], keys) for row in closed),
        rejected=frozenset(row["data"]["key"]["id"] for row in rejected),
        drafts=tuple(_draft(row["data"], turns) for row in await _facts(database, "rules.reply_drafted.v1")),
        settled=tuple(
            [_settled(row["data"], "bubbles") for row in await _facts(database, "postprocessor.reply_delivered.v1")]
            + [_settled(row["data"], "sent") for row in await _facts(database, "postprocessor.delivery_failed.v1")]
        ),
        visits=await _visits(database),
        booked=frozenset(each.phone for each in shown if CONFIRMED.search(each.text)),
        begun={row["channel_id"]: row["began_at"] for row in sent},
        again=frozenset(row["channel_id"] for row in sent if row["again"]),
    )


async def _facts(database: asyncpg.Connection, kind: str) -> list[dict[str, Any]]:
    return [{**row, "data": json.loads(row["data"])} for row in await database.fetch(FACTS, kind)]


def _seen(nth: int, message: Mapping[str, Any]) -> Seen:
    return Seen(message["id"], f"+{message['phone']}", message["text"], datetime.fromisoformat(message["at"]), nth)


def _closed(data: Mapping[str, Any], keys: Mapping[UUID, str]) -> Closed:
    told = tuple(key["id"] for key in data["keys"])
    known = tuple(keys[UUID(message)] for message in data["messages"] if UUID(message) in keys)
    return Closed(UUID(data["turn_id"]), told or known, data["outcome"])


def _draft(data: Mapping[str, Any], turns: Mapping[str, datetime]) -> Draft:
    return Draft(
        reply=UUID(data["reply_id"]),
        phone=data["contact"]["phone"],
        bubbles=len(data["bubbles"]),
        purpose=data["purpose"],
        answers=tuple(key["id"] for key in data["answers"]),
        worked_at=turns.get(data["turn_id"]),
    )


def _settled(data: Mapping[str, Any], bubbles: str) -> Settled:
    sent = {bubble["index"]: bubble["key"]["id"] for bubble in data[bubbles]}
    return Settled(UUID(data["reply_id"]), sent, data.get("reason"))


async def _visits(database: asyncpg.Connection) -> tuple[Visit, ...]:
    rows = await database.fetch(
        "select contact->>'phone' as phone, lower(during) as start, upper(during) as end_ from calendar.visits "
        "where status = 'booked'"
    )
    return tuple(Visit(row["phone"], row["start"], row["end_"]) for row in rows)
