"""Takes what is left of an erased person out of the queues of all services: dead letters, retries, the quarantine.

Looked for at the erasure and for a while after it, since what waits for another attempt may still die.
"""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store, Unit
from chassis.topology import TIERS_S, dead, quarantine_queue, queue_name, tier_queue
from contracts import all_facts, conversation_id

from frontdesk_service.projections import forgotten
from frontdesk_service.projections.forgotten import Erased

CLEAR = "clear_leftovers"
AGAIN, LONGEST = timedelta(seconds=20), timedelta(minutes=7)
"""How soon to look again, and for how long: a little more than all delays of a retry together."""
QUEUES = (
    *(dead(queue_name(consumer, fact)) for fact in all_facts() for consumer in fact.consumers),
    *(tier_queue(delay_s).name for delay_s in TIERS_S),
    quarantine_queue("ingress").name,
)
_ADDRESS = re.compile(rb"\d{8,20}")

log = get_logger(__name__)


class Leftovers:
    """Looks by a durable timer, for everybody who was erased lately."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def arm(self, tx: Unit) -> None:
        """Look once the transaction is committed."""
        await tx.wake(CLEAR, key=CLEAR, due_at=self._clock())

    async def clear(self, _key: str, _payload: dict[str, Any]) -> None:
        """Look once, and again in a while when somebody was erased lately. Raises `Unavailable`."""
        now = self._clock()
        async with self._store.unit() as tx:
            erased = await forgotten.lately(tx.connection, now - LONGEST)
            if erased.conversations:
                await tx.wake(CLEAR, key=CLEAR, due_at=now + AGAIN)
        if erased.conversations and (taken := await self._store.line.sift(QUEUES, lambda body: is_of(erased, body))):
            log.info("leftovers_cleared", messages=taken)


def is_of(erased: Erased, body: bytes) -> bool:
    """Whether a message is of somebody's erased life; one that is no fact is when it names them."""
    names = {match.decode() for match in _ADDRESS.findall(body)}
    theirs = {conversation_id(form) for name in names for form in (f"+{name}", f"{name}@lid")}
    try:
        event = json.loads(body)
        subject, chain, at = event["subject"], event["correlationid"], datetime.fromisoformat(event["time"])
    except (ValueError, TypeError, KeyError):
        return not theirs.isdisjoint(erased.conversations)
    erased_at = [erased.conversations[each] for each in {subject, *theirs} if each in erased.conversations]
    return bool(erased_at) and (chain in erased.chains or at <= max(erased_at))
