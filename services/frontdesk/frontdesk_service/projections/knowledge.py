"""Questions that nothing answered, and what the unit taught."""

from datetime import datetime
from uuid import UUID

from chassis.store import Connection
from contracts import Event
from contracts.dialogue import KnowledgeGapFound
from contracts.frontdesk import KnowledgeAnswered, TaughtAnswer

from frontdesk_service.gaps import Asked, grouped
from frontdesk_service.projections.writes import Writes


def asked(writes: Writes, event: Event[KnowledgeGapFound]) -> None:
    """Keep what nobody could answer."""
    writes.add(
        """insert into gaps (id, conversation, question, asked_at) values ($1, $2, $3, $4)
        on conflict (id) do nothing""",
        event.id,
        event.subject,
        event.data.question,
        event.time,
    )


def answered(writes: Writes, event: Event[KnowledgeAnswered]) -> None:
    """Keep the newest wording of an answer."""
    answer = event.data.answer
    writes.add(
        """insert into answers as old (id, question, answer, taught_by, answered_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do update set question = excluded.question, answer = excluded.answer,
            taught_by = excluded.taught_by, answered_at = excluded.answered_at, expires_at = excluded.expires_at
        where excluded.answered_at > old.answered_at""",
        answer.id,
        answer.question,
        answer.answer,
        answer.by,
        answer.answered_at,
        answer.expires_at,
    )


async def gaps(connection: Connection) -> list[Asked]:
    """Return every question that nothing answered, oldest first."""
    rows = await connection.fetch("select id, conversation, question, asked_at from gaps order by asked_at, id")
    return [Asked(**row) for row in rows]


async def open_gaps(connection: Connection, now: datetime) -> int:
    """How many questions, put together, wait for an answer."""
    return sum(gap.answer is None for gap in grouped(await gaps(connection), await answers(connection, now)))


async def gaps_of(connection: Connection, conversations: tuple[str, ...]) -> list[str]:
    """Return what one person asked and nothing answered, oldest first."""
    query = "select question from gaps where conversation = any($1) order by asked_at, id"
    return [row["question"] for row in await connection.fetch(query, list(conversations))]


async def answers(connection: Connection, now: datetime) -> list[TaughtAnswer]:
    """Return the answers that hold, newest first."""
    rows = await connection.fetch(
        """select id, question, answer, taught_by as by, answered_at, expires_at from answers
        where expires_at is null or expires_at > $1 order by answered_at desc""",
        now,
    )
    return [TaughtAnswer(**row) for row in rows]


async def answer(connection: Connection, answer_id: UUID, now: datetime) -> TaughtAnswer | None:
    """Return one that holds; `None` when there is none of this id."""
    return next((each for each in await answers(connection, now) if each.id == answer_id), None)
