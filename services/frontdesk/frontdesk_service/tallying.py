"""Keeps what the days that are over counted, in the background: at the start, as days end, and after late facts."""

import asyncio
from datetime import date, timedelta

import asyncpg
from chassis.away import AWAY
from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store

from frontdesk_service.domain import local
from frontdesk_service.projections import days, journal

log = get_logger(__name__)

LOOK_BACK = timedelta(days=190)
"""What the trend of six months shows."""
EVERY_S = 60.0


class Tallying:
    """Counts days that are over; what `want` names, soon, and the last half year by itself."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._wanted: set[date] = set()
        self._wake = asyncio.Event()

    def want(self, missing: set[date]) -> None:
        """Keep these days soon: somebody looks at them."""
        if missing:
            self._wanted |= missing
            self._wake.set()

    async def run(self) -> None:
        """Keep days for ever; a database that is away is waited for."""
        while True:
            try:
                await self.keep_all()
            except (*AWAY, asyncpg.PostgresError) as error:
                log.warning("days_wait", error=type(error).__name__)
                await asyncio.sleep(1)
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def keep_all(self) -> int:
        """Keep every day that is missing; return how many were."""
        self._wake.clear()
        wanted, self._wanted = self._wanted, set()
        yesterday = local(self._clock()).date() - timedelta(days=1)
        pool = self._store.pool
        async with pool.acquire() as connection:
            first = await journal.first(connection)
            if first is not None:
                wanted.update(days.days(max(local(first).date(), yesterday - LOOK_BACK), yesterday))
            missing = await days.missing(connection, wanted)
        for day in missing:
            async with pool.acquire() as connection, connection.transaction():
                await days.keep(connection, day)
        return len(missing)
