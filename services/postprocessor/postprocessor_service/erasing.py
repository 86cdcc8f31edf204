"""Forgets a person: what was said to them, and the names that lead to them.

A moment is left for what is being said right now, such as that their data are erased.
"""

from datetime import timedelta
from typing import Any

from chassis.clock import Clock
from chassis.store import Store
from contracts import Event
from contracts.privacy import DataErased, ErasureRequested

from postprocessor_service.store import Deliveries

ERASE = "erase"
FIRST, AGAIN, LONGEST = timedelta(seconds=2), timedelta(seconds=1), timedelta(seconds=8)
"""How soon to erase, how soon to look again while something is being sent, and how long to wait for that at most."""


class Erasing:
    """Erases by a durable timer, once for each request."""

    def __init__(self, store: Store, deliveries: Deliveries, clock: Clock) -> None:
        self._store = store
        self._deliveries = deliveries
        self._clock = clock

    async def ask(self, event: Event[ErasureRequested]) -> None:
        """Erase soon."""
        async with self._store.unit() as tx:
            if await tx.first_time(event):
                payload = {"event": event.to_wire().decode()}
                await tx.wake(ERASE, key=str(event.id), due_at=self._clock() + FIRST, payload=payload)

    async def erase(self, key: str, payload: dict[str, Any]) -> None:
        """Erase, unless something is still being sent."""
        now = self._clock()
        event = Event.from_wire(payload["event"].encode(), ErasureRequested)
        conversations = event.data.conversations(event.subject)
        async with self._store.unit() as tx:
            if now < event.time + LONGEST and await self._deliveries.is_sending(tx, conversations):
                await tx.wake(ERASE, key=key, due_at=now + AGAIN, payload=payload)
                return
            rows = await self._deliveries.erase(tx, conversations)
            rows += await tx.drop_pending(keys=conversations, mention=event.data.phone, now=now)
            await tx.emit(event.causes(DataErased(owner="postprocessor", rows=rows), now=now, source="postprocessor"))
