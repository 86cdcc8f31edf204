"""Who must look again: which conversations changed, told to every open page of every copy.

Changes are announced after the commit and gathered for a moment, then one NOTIFY goes out, outside of any
transaction: a NOTIFY inside of one would make all commits of the database wait for each other. What is lost with a
crash in between is mended by the next change, since a page always reads everything anew.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from chassis.away import AWAY
from chassis.logging import get_logger
from pydantic import SecretStr

log = get_logger(__name__)

CHANNEL = "frontdesk_changes"
EVERYTHING = "*"
"""Announced when it is not known what changed."""

GATHER_S = 0.02
"""What is folded together is announced together, so there is little to wait for."""
LOOK_EVERY_S = 0.5
A_NOTIFY = 100
"""Conversations in one NOTIFY, whose payload must stay under 8,000 bytes."""


class Subscription:
    """What changed since one page last asked."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self._over = False

    def add(self, conversations: list[str]) -> None:
        """Note changes."""
        self._changed.update(conversations)
        self._wake.set()

    def end(self) -> None:
        """No more changes will come."""
        self._over = True
        self._wake.set()

    async def next(self) -> list[str] | None:
        """Wait for changes; `None` when no more will come."""
        await self._wake.wait()
        self._wake.clear()
        if self._over:
            return None
        changed, self._changed = sorted(self._changed), set()
        return changed


class Changes:
    """Announces what changed here, and hands on what changed in any copy. `stopping` ends the open pages' streams."""

    def __init__(self, database_url: SecretStr, stopping: Callable[[], bool] = lambda: False) -> None:
        self._url = database_url
        self._stopping = stopping
        self._pending: set[str] = set()
        self._wake = asyncio.Event()
        self._subscriptions: set[Subscription] = set()

    def announce(self, conversation: str) -> None:
        """Tell every page, soon, to look again. Call it after the commit."""
        self._pending.add(conversation)
        self._wake.set()

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Receive changes from now on."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def run(self) -> None:
        """Carry changes until the service stops; a database that is away is waited for."""
        try:
            while not self._stopping():
                try:
                    await self._carry()
                except (*AWAY, asyncpg.PostgresError) as error:
                    log.warning("changes_wait", error=type(error).__name__)
                    await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for subscription in self._subscriptions:
                subscription.end()

    async def _carry(self) -> None:
        connection = await asyncpg.connect(self._url.get_secret_value(), timeout=5, command_timeout=5)
        try:
            await connection.add_listener(CHANNEL, self._hear)
            self._tell([EVERYTHING])  # whatever was missed meanwhile
            while not self._stopping():
                await self._send(connection)
        finally:
            connection.terminate()

    async def _send(self, connection: asyncpg.Connection) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._wake.wait()
        except TimeoutError:
            if connection.is_closed():
                raise ConnectionError("the listening connection is gone") from None
            return
        await asyncio.sleep(GATHER_S)
        self._wake.clear()
        pending, self._pending = sorted(self._pending), set()
        try:
            for first in range(0, len(pending), A_NOTIFY):
                payload = json.dumps(pending[first : first + A_NOTIFY])
                await connection.execute("select pg_notify($1, $2)", CHANNEL, payload)
        except BaseException:
            self._pending.update(pending)
            self._wake.set()
            raise

    def _hear(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        self._tell(json.loads(payload))

    def _tell(self, conversations: list[str]) -> None:
        for subscription in self._subscriptions:
            subscription.add(conversations)
