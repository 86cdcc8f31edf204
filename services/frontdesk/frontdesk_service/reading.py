"""Reads of the read model: one connection, one moment."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

from chassis.away import AWAY
from chassis.errors import Unavailable
from chassis.store import Connection, Store

Reads: TypeAlias = Callable[[], AbstractAsyncContextManager[Connection]]


def reads_of(store: Store) -> Reads:
    """Return what opens a read: a connection on which everything is as of one moment.

    Raises `Unavailable` while the store starts or its database is away.
    """

    @asynccontextmanager
    async def read() -> AsyncIterator[Connection]:
        try:
            pool = store.pool
        except RuntimeError as error:
            raise Unavailable("the store is starting") from error
        try:
            async with (
                pool.acquire(within_s=5) as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield connection
        except AWAY as error:
            raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error

    return read
