"""Forgetting who has been silent for long enough."""

import asyncio

from chassis.errors import Transient
from chassis.logging import get_logger

from preprocessor_service.reception import Reception

log = get_logger(__name__)

EVERY_S = 3600.0


async def forget_for_ever(reception: Reception) -> None:
    """Forget once an hour, for ever; several copies may."""
    while True:
        try:
            await reception.forget()
        except Transient as error:
            log.warning("housekeeping_waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)
