"""Nobody who waits for a connection is passed over."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from chassis.connections import Connections

pytestmark = pytest.mark.stores


@pytest.fixture
async def connections(fresh_database_url: str) -> AsyncIterator[Connections]:
    async with asyncpg.create_pool(fresh_database_url, min_size=2, max_size=2) as pool:
        yield Connections(pool, 2)


async def test_connections_are_given_in_the_order_in_which_they_are_asked_for(connections: Connections) -> None:
    given: list[int] = []

    async def ask(number: int) -> None:
        async with connections.acquire() as connection:
            given.append(number)
            await connection.fetchval("select 1")

    async with asyncio.TaskGroup() as group:
        for number in range(300):
            group.create_task(ask(number))
            await asyncio.sleep(0)  # one more in every round of the loop, so also in those in which one is given back
    assert given == list(range(300))


async def test_who_waits_too_long_is_told_and_takes_nobodys_turn(connections: Connections) -> None:
    async with connections.acquire(), connections.acquire():
        with pytest.raises(TimeoutError):
            async with connections.acquire(within_s=0.05):
                raise AssertionError("there was none")
    for _ in range(3):
        assert await connections.fetchval("select 1") == 1
    async with connections.acquire(), connections.acquire():
        pass
