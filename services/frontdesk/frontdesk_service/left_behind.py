"""How many parents nobody has answered, as a metric: what this counts, no service could repair by itself."""

import asyncio

from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.logging import get_logger
from chassis.telemetry import signals

from frontdesk_service.projections import waiting
from frontdesk_service.reading import Reads

log = get_logger(__name__)
_unanswered = signals(__name__).gauge(
    "receptionist.frontdesk.unanswered", "{message}", "Messages of parents without an end for longer than 60 s."
)
EVERY_S = 15.0


async def watch(reads: Reads, clock: Clock) -> None:
    """Count for ever; a log line says when the number changes."""
    before = 0
    while True:
        try:
            async with reads() as connection:
                count = await waiting.unanswered(connection, clock())
        except Unavailable:
            log.warning("unanswered_unknown")
        else:
            _unanswered.set(count)
            if count != before:
                log.warning("unanswered", messages=count)
            before = count
        await asyncio.sleep(EVERY_S)
