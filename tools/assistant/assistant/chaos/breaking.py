"""Breaks things, and mends them: processes, stores, the channel."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from redis.asyncio import Redis

from assistant.chaos.troubles import Trouble
from assistant.testing_own_store import OwnStore
from assistant.testing_system import System

REACHED_WITHIN_S = 12.0
"""How long a service may take to get to the moment at which it is to die."""
STARTED_WITHIN_S = 30.0
MEMORY, DISK = "set_vm_memory_high_watermark", "set_disk_free_limit"
Change = Callable[[], Awaitable[None]]
Outage = Callable[[float], Coroutine[Any, Any, None]]


class Breaking:
    """Breaks one running system. `told` is the folder of the orders to die (see `inside`); `copies` of each service.

    `broken` is set whenever something is.
    """

    def __init__(self, system: System, http: httpx.AsyncClient, told: Path, *, copies: int = 1, seed: int = 0) -> None:
        self._system = system
        self._http = http
        self._told = told
        self._copies = copies
        self._dice = random.Random(seed)  # noqa: S311  # which copy it hits
        self._one_outage_a_store: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.done: Counter[str] = Counter()
        self.broken = asyncio.Event()
        self.outages: dict[str, tuple[str, Outage]] = {
            "broker_restarted": ("rabbitmq", self._away(self._broker, self._broker.stop)),
            "broker_killed": ("rabbitmq", self._away(self._broker, self._broker.kill)),
            "broker_frozen": ("rabbitmq", self._frozen(self._broker)),
            "broker_connections_cut": ("rabbitmq", self._once(self._cut_broker)),
            "broker_memory_alarm": ("rabbitmq", self._alarm(MEMORY, raised="0", cleared="0.4")),
            "broker_disk_alarm": ("rabbitmq", self._alarm(DISK, raised="900000GB", cleared="50MB")),
            "database_restarted": ("postgresql", self._away(self._database, self._database.stop)),
            "database_killed": ("postgresql", self._away(self._database, self._database.kill)),
            "database_frozen": ("postgresql", self._frozen(self._database)),
            "database_connections_cut": ("postgresql", self._once(self._cut_database)),
            "cache_away": ("redis", self._away(self._cache, self._cache.kill)),
            "cache_frozen": ("redis", self._frozen(self._cache)),
            "cache_flushed": ("redis", self._once(self._flush)),
            "channel_hangs": ("channel", self._channel_hangs),
            "channel_refuses": ("channel", self._channel_refuses),
            "channel_disconnected": ("channel", self._channel_disconnected),
        }

    async def do(self, trouble: Trouble) -> None:
        """Break something, wait, mend it; returns when it is mended."""
        match trouble.kind:
            case "kill":
                await self.kill(self._one_of(trouble.target))
            case "die_at":
                await self._die_at(trouble.target, trouble.moment)
            case "freeze":
                await self.freeze(self._one_of(trouble.target), trouble.lasts_s)
            case "outage":
                store, breaks = self.outages[trouble.target]
                async with self._one_outage_a_store[store]:
                    await breaks(trouble.lasts_s)
        self.done[trouble.kind] += 1

    async def kill(self, program: str) -> None:
        """Kill a program of the system; its supervisor starts it again."""
        os.kill(await self._pid(program), signal.SIGKILL)

    async def freeze(self, program: str, seconds: float) -> None:
        """Stop a process where it is, for a while."""
        pid = await self._pid(program)
        os.kill(pid, signal.SIGSTOP)
        self.broken.set()
        try:
            await asyncio.sleep(seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    async def _die_at(self, service: str, moment: str) -> None:
        """Have a service die when it next gets to a moment of its work; if it does not get there, at any."""
        order = self._told / f"{service}.{moment}"
        order.touch()
        end = time.monotonic() + REACHED_WITHIN_S
        while order.exists() and time.monotonic() < end:  # noqa: ASYNC110  # another process takes it away
            await asyncio.sleep(0.05)
        try:
            order.unlink()
        except FileNotFoundError:
            self.done[f"at {service}.{moment}"] += 1
        else:
            self.done["moments that were not reached"] += 1
            await self.kill(self._one_of(service))

    def _one_of(self, service: str) -> str:
        copy = self._dice.randint(1, self._copies)
        return service if copy == 1 else f"{service}-{copy}"

    async def _pid(self, program: str) -> int:
        end = time.monotonic() + STARTED_WITHIN_S
        while (pid := self._system.pid(program)) is None:
            if time.monotonic() > end:
                raise AssertionError(f"{program} was not started again within {STARTED_WITHIN_S} s")
            await asyncio.sleep(0.1)
        return pid

    # Stores

    @property
    def _broker(self) -> OwnStore:
        return self._system.stores["rabbitmq"]

    @property
    def _database(self) -> OwnStore:
        return self._system.stores["postgresql"]

    @property
    def _cache(self) -> OwnStore:
        return self._system.stores["redis"]

    def _away(self, store: OwnStore, end: Callable[[], None]) -> Outage:
        async def outage(seconds: float) -> None:
            await asyncio.to_thread(end)
            self.broken.set()
            await asyncio.sleep(seconds)
            store.launch()
            await store.until_it_answers()

        return outage

    def _frozen(self, store: OwnStore) -> Outage:
        async def outage(seconds: float) -> None:
            store.freeze()
            self.broken.set()
            try:
                await asyncio.sleep(seconds)
            finally:
                store.thaw()

        return outage

    def _once(self, change: Change) -> Outage:
        async def outage(_: float) -> None:
            await change()
            self.broken.set()

        return outage

    def _alarm(self, limit: str, *, raised: str, cleared: str) -> Outage:
        async def outage(seconds: float) -> None:
            await asyncio.to_thread(self._broker.control, limit, raised)
            self.broken.set()
            try:
                await asyncio.sleep(seconds)
            finally:
                await asyncio.to_thread(self._broker.control, limit, cleared)

        return outage

    async def _cut_broker(self) -> None:
        await asyncio.to_thread(self._broker.control, "close_all_connections", "cut by a test")

    async def _cut_database(self) -> None:
        async with connected(self._database.url) as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where pid <> pg_backend_pid() and application_name like 'receptionist.%'"
            )

    async def _flush(self) -> None:
        async with Redis.from_url(self._cache.url) as cache:
            await cache.flushall()

    # Channel

    async def _channel_hangs(self, seconds: float) -> None:
        await self.freeze("sandbox", seconds)

    async def _channel_refuses(self, _: float) -> None:
        fault = {"target": "sendText", "kind": "http_503", "times": 10}
        (await self._http.post(f"{self._system.sandbox}/sandbox/faults", json=fault)).raise_for_status()

    async def _channel_disconnected(self, seconds: float) -> None:
        for state, pause_s in (("close", seconds), ("open", 0.0)):
            url = f"{self._system.sandbox}/sandbox/connection"
            (await self._http.post(url, json={"state": state})).raise_for_status()
            await asyncio.sleep(pause_s)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Open one connection to PostgreSQL."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        yield connection
    finally:
        await connection.close()
