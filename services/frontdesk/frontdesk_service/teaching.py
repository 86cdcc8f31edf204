"""What the unit's people teach: an answer to a question that nothing covered, used from the next message on."""

from datetime import datetime
from uuid import UUID

from chassis.clock import Clock
from chassis.store import Store
from contracts import Event
from contracts.frontdesk import KnowledgeAnswered, TaughtAnswer

from frontdesk_service import projections
from frontdesk_service.changes import EVERYTHING, Changes
from frontdesk_service.diary import UNIT
from frontdesk_service.gaps import Gap, grouped
from frontdesk_service.projections import knowledge
from frontdesk_service.reading import Reads

MAX_QUESTION, MAX_ANSWER = 200, 1000


class Teaching:
    """Reads gaps and answers, and says what was taught."""

    def __init__(self, store: Store, reads: Reads, clock: Clock, changes: Changes) -> None:
        self._store = store
        self._reads = reads
        self._clock = clock
        self._changes = changes

    async def gaps(self) -> list[Gap]:
        """Return what was asked, grouped; what waits for an answer first."""
        async with self._reads() as connection:
            return grouped(await knowledge.gaps(connection), await knowledge.answers(connection, self._clock()))

    async def gap(self, gap_id: UUID) -> Gap | None:
        """Return the group that a question is in."""
        return next((gap for gap in await self.gaps() if any(each.id == gap_id for each in gap.asked)), None)

    async def answers(self) -> list[TaughtAnswer]:
        """Return what holds now, newest first."""
        async with self._reads() as connection:
            return await knowledge.answers(connection, self._clock())

    async def answer(
        self, gap: Gap, answer: str, *, by: str, question: str | None = None, expires_at: datetime | None = None
    ) -> TaughtAnswer:
        """Teach an answer to a gap; again replaces it."""
        taught = TaughtAnswer(
            id=gap.answer.id if gap.answer else gap.id,
            question=question or gap.question,
            answer=answer,
            by=by,
            answered_at=self._clock(),
            expires_at=expires_at,
        )
        await self._say(taught)
        return taught

    async def take_back(self, answer_id: UUID, *, by: str) -> bool:
        """Teach no more what somebody taught; `False` when there is no such answer."""
        now = self._clock()
        async with self._reads() as connection:
            answer = await knowledge.answer(connection, answer_id, now)
        if answer:
            await self._say(answer.model_copy(update={"by": by, "answered_at": now, "expires_at": now}))
        return answer is not None

    async def _say(self, answer: TaughtAnswer) -> None:
        fact = KnowledgeAnswered(answer=answer)
        key = f"{answer.id}:{answer.answered_at.isoformat()}"
        event = Event.first(fact, key=key, source="frontdesk", subject=UNIT, now=answer.answered_at)
        async with self._store.unit() as tx:
            if await projections.apply(tx.connection, event, now=self._clock()):
                await tx.emit(event)
        self._changes.announce(EVERYTHING)
