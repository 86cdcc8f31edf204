"""Making one conversation of two, when they turn out to be one person's."""

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store, Unit
from contracts import Event
from contracts.dialogue import LeadUpdated
from contracts.preprocessor import Contact, ContactsMerged

from dialogue_service import store as rows
from dialogue_service.decision.merging import merged as together
from dialogue_service.decision.state import Conversation
from dialogue_service.leaving import emit
from dialogue_service.letters import Mail
from dialogue_service.turns import CALENDAR_PATIENCE, CALENDAR_SLOW, TURN

log = get_logger(__name__)


class Merging:
    """Merges conversations, keeping both as they were before."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def merge(self, event: Event[ContactsMerged]) -> None:
        """Make one of two; a turn that is being worked in either is done again in what they are together."""
        merged, into = event.data.merged, event.subject
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            locked = {name: await rows.load(tx.connection, name, lock=True) for name in sorted({merged, into})}
            old, new = locked[merged], locked[into]
            await self._keep_evidence(tx, event, old, new)
            if old is not None:
                await self._move(tx, event, old, new)
        log.info("conversations_merged", conversation=into, merged=merged)

    async def _keep_evidence(self, tx: Unit, event: Event[ContactsMerged], old: Mail | None, new: Mail | None) -> None:
        """Keep both as they were; and that the one name is the other's, also where nothing was said under it."""
        await tx.connection.execute(
            """insert into merges (event_id, merged, "into", at, merged_state, into_state)
            values ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb)""",
            event.id,
            event.data.merged,
            event.subject,
            self._clock(),
            _json(old),
            _json(new),
        )

    async def _move(self, tx: Unit, event: Event[ContactsMerged], old: Mail, new: Mail | None) -> None:
        into, now = event.subject, self._clock()
        before = new.state if new else None
        state = _one_of(old.state, before, event.data.contact)
        unsaid = old.unsaid if new is None or (old.unsaid and not new.unsaid) else new.unsaid
        await rows.become(tx, old.conversation, into, state, unsaid=unsaid, contact=event.data.contact)
        await self._move_timers(tx, old, into, state, waits=bool(old.letters or (new and new.letters)))
        if state is not None and (before is None or state.lead != before.lead):
            await emit(tx, event, [_lead_of(state)], now)

    async def _move_timers(self, tx: Unit, old: Mail, into: str, state: Conversation | None, *, waits: bool) -> None:
        for timer in (TURN, CALENDAR_SLOW):
            await tx.cancel(timer, key=old.conversation)
        if waits:
            await tx.wake(TURN, key=into, due_at=self._clock())
        if state and state.requested:
            await tx.wake(CALENDAR_SLOW, key=into, due_at=self._clock() + CALENDAR_PATIENCE)


def _one_of(old: Conversation | None, new: Conversation | None, contact: Contact) -> Conversation | None:
    if old and new:
        return together(old, new, contact)
    only = old or new
    return only.but(contact=contact) if only else None


def _json(mail: Mail | None) -> str | None:
    return mail.state.model_dump_json() if mail and mail.state else None


def _lead_of(state: Conversation) -> LeadUpdated:
    return LeadUpdated(
        contact=state.contact, lead=state.lead, changes=(), completeness=state.lead.completeness, stage=state.stage
    )
