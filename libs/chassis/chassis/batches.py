"""Equal statements that come at the same moment run as one batch: one round trip, and one commit, for all.

Most of what a short statement costs is not its work: a process is woken for it, writes the log to disk and wakes who
asked. While a batch runs, whatever comes for the same statement waits for the next one; a statement that comes alone
waits for nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any

import asyncpg

from chassis.away import AWAY
from chassis.connections import Connections

MOST = 32
"""Statements of one batch: their rows stay locked until its end."""
CALL = "call"
"""The column in which each row gives back the number of its call, the statement's last parameter."""


@dataclass
class _Call:
    values: Sequence[Any]
    rows: asyncio.Future[list[asyncpg.Record]]


class Batches:
    """Runs statements of a pool, each a transaction, or a part of one of equals.

    Each of a batch sees what those before it did. When one fails, nothing of the batch was done, and each runs again
    by itself: the failure is its own.
    """

    def __init__(self, pool: Callable[[], Connections]) -> None:
        self._pool = pool
        self._waiting: dict[str, list[_Call]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """Return the statement's rows; each has the statement's last parameter, a number that is added, as `call`."""
        waiting = self._waiting.get(statement)
        if waiting is not None:
            call = _Call(values, asyncio.get_running_loop().create_future())
            waiting.append(call)
            return await call.rows
        self._waiting[statement] = []
        try:
            return await self._run_all(statement, [values])
        finally:
            if self._waiting[statement]:
                # A context of its own: a batch belongs to the traces of all who wait for it.
                self._running[statement] = asyncio.create_task(self._run(statement), context=Context())
            else:
                del self._waiting[statement]

    async def _run(self, statement: str) -> None:
        waiting = self._waiting[statement]
        try:
            while waiting:
                batch = [call for call in waiting[:MOST] if not call.rows.done()]
                del waiting[:MOST]
                if batch:
                    await self._answer(statement, batch)
        finally:
            del self._running[statement], self._waiting[statement]

    async def _answer(self, statement: str, batch: Sequence[_Call]) -> None:
        try:
            rows = await self._run_all(statement, [call.values for call in batch])
        except Exception as error:  # noqa: BLE001  # it is whoever asked's
            await self._fail(statement, batch, error)
        else:
            for number, call in enumerate(batch):
                if not call.rows.done():
                    call.rows.set_result([row for row in rows if row[CALL] == number])

    async def _run_all(self, statement: str, calls: Sequence[Sequence[Any]]) -> list[asyncpg.Record]:
        async with self._pool().acquire(within_s=5) as connection:
            numbered = [(*values, number) for number, values in enumerate(calls)]
            return await connection.fetchmany(statement, numbered)

    async def _fail(self, statement: str, batch: Sequence[_Call], error: Exception) -> None:
        if len(batch) > 1 and not isinstance(error, AWAY):
            for call in batch:
                await self._answer(statement, [call])
            return
        for call in batch:
            if not call.rows.done():
                call.rows.set_exception(error)
