"""Whoever was erased: what comes of them late stays out, and what they begin anew comes in, in any order of the facts.

A fact is of the life that was erased when it is older than the erasure, or of a chain (`correlationid`) of which
anything was. Somebody is back with a fact that begins a chain of its own after that; whatever else comes of a
conversation that nobody began again is either too late, or too early by the little that facts overtake each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.errors import Transient
from chassis.store import Connection
from contracts import Event
from contracts.calendar import BookingConfirmed
from contracts.ingress import MessageEchoed
from contracts.preprocessor import ContactsMerged, MessageRejected, MessageSanitized

OVERTAKEN = timedelta(seconds=30)
"""How much earlier than its chain's beginning a fact may come."""
REMEMBERED = timedelta(days=15)
"""How long chains are remembered: longer than messages are caught up with."""

BEGINNINGS = (MessageSanitized, MessageRejected, ContactsMerged, BookingConfirmed)


class TooEarly(Transient):
    """Somebody who was erased seems to be back; what they are back with is not here yet."""


@dataclass(frozen=True)
class Erased:
    """Conversations and since when they are erased, and the chains of facts that went with them."""

    conversations: dict[str, datetime]
    chains: frozenset[str]


async def lately(connection: Connection, since: datetime) -> Erased:
    """Return who was erased since a moment."""
    rows = await connection.fetch("select conversation, at from erased where at > $1", since)
    chains = await connection.fetch("select correlation::text from erased_chains where at > $1", since)
    return Erased({row["conversation"]: row["at"] for row in rows}, frozenset(row["correlation"] for row in chains))


async def close_journal(connection: Connection) -> None:
    """Let nothing be kept until the transaction ends.

    A fact that is written at the same time would be missed by whoever erases, and would miss that they do.
    """
    await connection.execute("lock table facts in share row exclusive mode")


async def note(connection: Connection, conversations: list[str], event: Event[Any]) -> None:
    """Note whose facts must not come back, and which chains."""
    await connection.execute(
        """insert into erased as old (conversation, at) select unnest($1::text[]), $2
        on conflict (conversation) do update set at = greatest(old.at, excluded.at), back = false""",
        *(conversations, event.time),
    )
    await connection.execute("delete from erased_chains where at < $1", event.time - REMEMBERED)
    chains = await connection.fetch(
        "select distinct correlation from facts where subject = any($1) and time <= $2", conversations, event.time
    )
    await _forget(connection, {event.correlationid, *(row["correlation"] for row in chains)}, event.time)


async def admitted(connection: Connection, events: Sequence[Event[Any]], now: datetime) -> list[Event[Any]]:
    """Return which of these facts are of nobody's erased life. Raises `TooEarly` when one may turn out not to be."""
    rows = await connection.fetch(
        "select conversation, at, back from erased where conversation = any($1) order by conversation for update",
        list({event.subject for event in events}),
    )
    erased_at = {row["conversation"]: row["at"] for row in rows}
    back = {row["conversation"] for row in rows if row["back"]}
    theirs = [event for event in events if event.subject in erased_at]
    if not theirs:
        return []
    late = [event for event in theirs if _began(event) <= erased_at[event.subject]]
    await _forget(connection, {event.correlationid for event in late}, max(erased_at.values()))
    chains = await connection.fetch(
        "select correlation from erased_chains where correlation = any($1)", [event.correlationid for event in theirs]
    )
    forgotten = {row["correlation"] for row in chains}
    anew = [event for event in theirs if event.correlationid not in forgotten]
    came_back = {event.subject for event in anew if _begins(event)} - back
    if came_back:
        await connection.execute("update erased set back = true where conversation = any($1)", list(came_back))
    back |= came_back
    if any(event.subject not in back and event.causationid and now < event.time + OVERTAKEN for event in anew):
        raise TooEarly("somebody who was erased may be back")
    return [event for event in anew if event.subject in back]


def _began(event: Event[Any]) -> datetime:
    """When the channel brought it, however long it was worked on since."""
    fact = event.data
    return min(event.time, fact.received_at) if isinstance(fact, MessageSanitized) else event.time


def _begins(event: Event[Any]) -> bool:
    """Whether somebody comes back with it; the echo of what the assistant still said to them is no such."""
    fact = event.data
    return isinstance(fact, BEGINNINGS) or (isinstance(fact, MessageEchoed) and fact.origin == "phone")


async def _forget(connection: Connection, chains: Iterable[UUID], at: datetime) -> None:
    await connection.execute(
        "insert into erased_chains (correlation, at) select unnest($1::uuid[]), $2 on conflict do nothing",
        sorted(chains),
        at,
    )
