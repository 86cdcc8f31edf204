"""Forgets a person (LGPD, art. 18): everything of them goes, and only counts stay.

What is still on its way then stays out (`projections/forgotten.py`); what they began after they asked stays.
"""

from datetime import datetime

from chassis.clock import Clock
from chassis.store import Connection, Store, Unit
from contracts import Event, conversation_id
from contracts.privacy import DataErased, ErasureRequested

from frontdesk_service import projections
from frontdesk_service.changes import EVERYTHING, Changes
from frontdesk_service.leftovers import Leftovers
from frontdesk_service.projections import forgotten, journal, persons

NOBODY = "erased"
"""Whose the cost of an erased person's questions to the AI is."""

OF_MESSAGES = (
    """delete from channel_marks using messages m where m.conversation = any($1)
    and channel_marks.instance = m.instance and channel_marks.channel_id = m.channel_id""",
    "delete from replies using messages m where m.conversation = any($1) and replies.reply_id = m.reply_id",
    """delete from facts using messages m where m.conversation = any($1) and facts.data->'key'->>'id' = m.channel_id
    and facts.type in ('ingress.receipt_received.v1', 'ingress.message_edited.v1', 'ingress.message_deleted.v1')""",
)
OF_CONVERSATIONS = tuple(
    f"delete from {table} where conversation = any($1)"  # noqa: S608  # our own tables
    for table in (
        *("messages", "inbound", "turns", "leads", "visits", "visit_moves", "visit_requests", "handoffs", "staff_acts"),
        *("blocked_claims", "gaps", "webhook_deliveries", "lead_evidence", "people"),
    )
)
KEPT_FOR_THE_SUM = (
    f"update completions set conversation = '{NOBODY}' where conversation = any($1)",  # noqa: S608  # a constant
    f"""update facts set subject = '{NOBODY}'
    where subject = any($1) and type = 'llm-gateway.completion_served.v1'""",  # noqa: S608  # same
    "update audit set about = null where about = any($1)",
)
FACTS = "delete from facts where subject = any($1) or strpos(data::text, $2) > 0"


class Erasing:
    """Asks every owner to forget a person, and forgets them here."""

    def __init__(self, store: Store, clock: Clock, changes: Changes, leftovers: Leftovers) -> None:
        self._store = store
        self._clock = clock
        self._leftovers = leftovers
        self._changes = changes

    async def request(self, phone: str) -> None:
        """Forget somebody by phone (E.164) here at once, and tell every other owner to."""
        now = self._clock()
        async with self._store.unit() as tx:
            person = await persons.find(tx.connection, phone)
            subject = person.conversation if person else conversation_id(phone)
            fact = ErasureRequested(
                phone=person.phone if person and person.phone else phone,
                asked_by="unit",
                also=person.conversations if person else (),
            )
            key = f"{subject}:{now.isoformat()}"
            event = Event.first(fact, key=key, source="frontdesk", subject=subject, now=now)
            await tx.first_time(event)  # it comes here, too
            await self._forget(tx, event)
            await tx.emit(event)
        self._changes.announce(EVERYTHING)

    async def erase(self, event: Event[ErasureRequested]) -> None:
        """Forget whom a fact names, and confirm it; `Transient` when what they began since is not all here yet."""
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            await self._forget(tx, event)
        self._changes.announce(EVERYTHING)

    async def _forget(self, tx: Unit, event: Event[ErasureRequested]) -> None:
        now = self._clock()
        rows = await self._erase(tx.connection, event, now)
        rows += await tx.drop_pending(keys=event.data.conversations(event.subject), mention=event.data.phone, now=now)
        await self._leftovers.arm(tx)
        await tx.emit(event.causes(DataErased(owner="frontdesk", rows=rows), now=now, source="frontdesk"))

    async def _erase(self, connection: Connection, event: Event[ErasureRequested], now: datetime) -> int:
        await forgotten.close_journal(connection)
        phone = event.data.phone
        person = await persons.find(connection, phone)
        conversations = sorted({*event.data.conversations(event.subject), *(person.conversations if person else ())})
        await forgotten.note(connection, conversations, event)
        await connection.execute(
            """insert into erasures (id, at, asked_by, messages, visits) select $2, $3, $4,
                (select count(*) from messages where conversation = any($1)),
                (select count(*) from visits where conversation = any($1))
            on conflict (id) do nothing""",
            *(conversations, event.id, event.time, event.data.asked_by),
        )
        newer = await journal.after(connection, conversations, event.time)
        for statement in KEPT_FOR_THE_SUM:
            await connection.execute(statement, conversations)
        erased = [await connection.execute(each, conversations) for each in (*OF_MESSAGES, *OF_CONVERSATIONS)]
        erased.append(await connection.execute(FACTS, conversations, phone))
        await projections.apply(connection, *newer, now=now)
        return sum(int(each.split()[-1]) for each in erased)
