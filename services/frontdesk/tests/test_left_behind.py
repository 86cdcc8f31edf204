"""The metric of those whom nobody has answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.errors import Unavailable
from frontdesk_service import left_behind


async def test_the_count_is_a_metric_and_a_database_that_is_away_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts: list[int | None] = [None, 0, 3]
    told: list[int] = []
    done = asyncio.Event()

    class Connection:
        async def fetchval(self, *_: Any) -> int | None:
            return counts.pop(0)

    @asynccontextmanager
    async def reads() -> AsyncIterator[Any]:
        if counts and counts[0] is None:
            counts.pop(0)
            raise Unavailable("PostgreSQL")
        yield Connection()

    class Gauge:
        def set(self, value: int) -> None:
            told.append(value)
            if value:
                done.set()

    monkeypatch.setattr(left_behind, "_unanswered", Gauge())
    monkeypatch.setattr(left_behind, "EVERY_S", 0.0)
    watching = asyncio.create_task(left_behind.watch(reads, lambda: datetime(2026, 11, 23, tzinfo=UTC)))
    async with asyncio.timeout(5):
        await done.wait()
    watching.cancel()
    assert told == [0, 3]
