"""Nobody left behind: a message that waits although nothing will wake its conversation is woken.

A message and its timer are written together, so none should be left. Without a burst window the message itself drives
its turn, and when it dies in its queue (a database away for longer than all retries) only its mailbox remembers it.
"""

import asyncio
from datetime import timedelta

from chassis.clock import Clock
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store
from chassis.telemetry import signals

from dialogue_service import store as rows
from dialogue_service.turns import TURN

log = get_logger(__name__)
_woken = signals(__name__).counter(
    "receptionist.dialogue.woken", "{conversation}", "Conversations that nothing else would have woken."
)

LEFT_BEHIND = timedelta(seconds=60)
"""How long a message waits before it is looked after."""
EVERY_S = 20.0


async def sweep(store: Store, clock: Clock) -> None:
    """Look for ever; several copies may."""
    while True:
        try:
            await wake_left_behind(store, clock)
        except Transient as error:
            log.warning("sweep_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def wake_left_behind(store: Store, clock: Clock) -> int:
    """Have the turns worked that nothing would wake; return how many."""
    now = clock()
    async with store.unit() as tx:
        left = await rows.left_behind(tx.connection, TURN, now - LEFT_BEHIND)
        for conversation in left:
            await tx.wake(TURN, key=conversation, due_at=now)
    for conversation in left:
        log.warning("conversation_woken", conversation=conversation)
    _woken.add(len(left))
    return len(left)
