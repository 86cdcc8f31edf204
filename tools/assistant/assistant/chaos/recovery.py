"""How soon parents are answered again once what was away is back, without any service being restarted."""

import asyncio
import time
from dataclasses import dataclass
from itertools import count

from assistant.chaos.breaking import Breaking
from assistant.chaos.playing import Phones
from assistant.chaos.script import QUESTIONS, Conversation
from assistant.testing_system import SERVICES, System

OUTAGES_S = {
    "broker_restarted": 5.0,
    "broker_killed": 5.0,
    "broker_memory_alarm": 8.0,
    "broker_disk_alarm": 8.0,
    "broker_frozen": 15.0,
    "database_restarted": 5.0,
    "database_killed": 5.0,
    "database_connections_cut": 0.0,
    "cache_flushed": 0.0,
    "cache_away": 5.0,
    "channel_hangs": 60.0,
}
"""What is taken away, and for how many seconds."""
WRITE_DURING = 6
"""Parents who write while it is away: enough that a breaker would open."""
PATIENCE_S = 120.0
_numbers = count(97_000_001)


@dataclass(frozen=True)
class Recovery:
    """Seconds from the end of an outage until people were answered, and which services were started anew.

    `after_s` is of somebody who wrote at its end, `meanwhile_s` of the last of those who had written before.
    """

    outage: str
    after_s: float
    meanwhile_s: float
    restarted: tuple[str, ...]


async def recover(system: System, breaking: Breaking, phones: Phones, outage: str) -> Recovery:
    """Take something away, give it back, and see how soon all are answered. Raises `TimeoutError`."""
    pids = {service: system.pid(service) for service in SERVICES}
    _, breaks = breaking.outages[outage]
    breaking.broken.clear()
    away = asyncio.create_task(breaks(OUTAGES_S[outage]))
    await breaking.broken.wait()
    meanwhile = [asyncio.create_task(_ask(phones)) for _ in range(WRITE_DURING)]
    await away
    back = time.monotonic()
    after = await _ask(phones)
    last = max(await asyncio.gather(*meanwhile))
    restarted = tuple(service for service, pid in pids.items() if system.pid(service) != pid)
    return Recovery(outage, after - back, max(last - back, 0.0), restarted)


async def _ask(phones: Phones) -> float:
    """Have somebody new ask something; return when they were answered (monotonic)."""
    parent = Conversation(f"+55519{next(_numbers)}", "Ana", "curious", ())
    async with asyncio.timeout(PATIENCE_S):
        await phones.write(parent, "0000", QUESTIONS[0].text)
        while not await phones.received(parent):  # noqa: ASYNC110  # the phone only shows it
            await asyncio.sleep(0.1)
    return time.monotonic()
