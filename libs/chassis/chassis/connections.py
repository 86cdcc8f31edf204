"""The connections of a service to PostgreSQL, given in the order in which they are asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from chassis.store import Connection


class Connections:
    """asyncpg's pool of so many, in which nobody is passed over.

    There, somebody who asks in the moment in which a connection was given back takes it from who was woken for it, and
    that one goes to the end. When there is more to do than connections, messages then wait for seconds while dozens go
    by that came later, and two of one conversation change places.
    """

    def __init__(self, pool: asyncpg.Pool, size: int) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(size)  # which is fair

    @asynccontextmanager
    async def acquire(self, *, within_s: float | None = None) -> "AsyncIterator[Connection]":
        """Lend a connection. Raises `TimeoutError` when there is none within so many seconds, and what asyncpg does."""
        async with asyncio.timeout(within_s):
            await self._turns.acquire()
        try:
            async with self._pool.acquire(timeout=within_s) as connection:
                yield connection
        finally:
            self._turns.release()

    async def execute(self, query: str, *args: Any) -> str:
        """Do it; return its status, as PostgreSQL tells it."""
        async with self.acquire() as connection:
            return await connection.execute(query, *args)

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        async with self.acquire() as connection:
            return await connection.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        """Return the first row."""
        async with self.acquire() as connection:
            return await connection.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        """Return the first value of the first row."""
        async with self.acquire() as connection:
            return await connection.fetchval(query, *args)

    async def close(self) -> None:
        """Wait until all are given back, and close them."""
        await self._pool.close()

    def terminate(self) -> None:
        """Close them without waiting."""
        self._pool.terminate()
