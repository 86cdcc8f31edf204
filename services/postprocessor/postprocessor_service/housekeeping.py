"""What is not needed any more goes."""

import asyncio
from datetime import timedelta

from chassis.clock import Clock
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store

from postprocessor_service.store import Deliveries

log = get_logger(__name__)

KEEP = timedelta(days=30)
"""How long a delivery is remembered: receipts come as late as that."""
KEEP_RECEIPTS = timedelta(days=2)
"""How long a receipt waits for its message."""
EVERY_S = 3600


async def forget_for_ever(store: Store, clock: Clock) -> None:
    """Delete, now and then, what is old; a database that is away is asked next time."""
    while True:
        try:
            await Deliveries(store).forget(clock() - KEEP, clock() - KEEP_RECEIPTS)
        except Transient as error:
            log.warning("housekeeping_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)
