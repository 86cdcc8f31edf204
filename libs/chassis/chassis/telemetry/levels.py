"""Levels that nobody passes by: how much waits in the queues, how much is dead, which breakers are open."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from chassis.logging import get_logger
from chassis.telemetry.declaring import signals
from chassis.telemetry.line import QUEUE

log = get_logger(__name__)
EVERY_S = 15.0
STATES = {"closed": 0, "half_open": 1, "open": 2}

_signals = signals(__name__)
_DEPENDENCY = _signals.attribute("receptionist.dependency", "What a breaker guards: `google`, `openai`, …")
_SERVICE = _signals.attribute("receptionist.service", "The service whose breaker it is.")
_depth = _signals.gauge("receptionist.queue.depth", "{message}", "Facts that wait in a queue.", QUEUE)
_dead = _signals.gauge("receptionist.queue.dead", "{message}", "Dead letters of a queue; all of a quarantine.", QUEUE)
_breaker = _signals.gauge(
    "receptionist.breaker.state", "{state}", "0 closed, 1 half open, 2 open.", _SERVICE, _DEPENDENCY
)


async def watch(
    service: str,
    depths: Callable[[], Awaitable[Mapping[str, tuple[int, int]]]],
    breakers: Callable[[], Awaitable[list[dict[str, str]]]] | None,
) -> None:
    """Look for ever; `depths` tells `(ready, dead)` by queue."""
    while True:
        try:
            async with asyncio.timeout(EVERY_S):
                for queue, (ready, dead) in (await depths()).items():
                    _depth.set(ready, {QUEUE: queue})
                    _dead.set(dead, {QUEUE: queue})
        except Exception as error:  # noqa: BLE001  # the edge: no trouble with looking may end a service
            log.debug("queues_not_looked_at", error=type(error).__name__)
        for each in await breakers() if breakers else []:
            _breaker.set(STATES[each["state"]], {_SERVICE: service, _DEPENDENCY: each["dependency"]})
        await asyncio.sleep(EVERY_S)
