"""Forgetting what is no longer needed to recognise a repeated message."""

import asyncio
from datetime import timedelta

from chassis.clock import Clock
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store

from dialogue_service import store as rows

log = get_logger(__name__)

KEEP = timedelta(days=7)
"""How long a worked message stays in its mailbox: as long as any other mark of the inbox."""
EVERY_S = 3600.0


async def keep_house(store: Store, clock: Clock) -> None:
    """Prune once an hour, for ever; several copies may."""
    while True:
        try:
            async with store.unit() as tx:
                await rows.prune(tx, clock(), KEEP)
        except Transient as error:
            log.warning("housekeeping_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)
