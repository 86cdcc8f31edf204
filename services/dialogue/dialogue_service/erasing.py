"""Forgets a person: what they said, what is known of them, and what was still to be done."""

from chassis.clock import Clock
from chassis.store import Store
from contracts import Event
from contracts.privacy import DataErased, ErasureRequested

from dialogue_service import store as rows


async def erase(store: Store, clock: Clock, event: Event[ErasureRequested]) -> None:
    """Delete conversation, mailbox, amendments, timers and facts for later, once."""
    now = clock()
    conversations = event.data.conversations(event.subject)
    async with store.unit() as tx:
        if await tx.first_time(event):
            erased = await rows.erase(tx, conversations)
            erased += await tx.drop_pending(keys=conversations, mention=event.data.phone, now=now)
            await tx.emit(event.causes(DataErased(owner="dialogue", rows=erased), now=now, source="dialogue"))
