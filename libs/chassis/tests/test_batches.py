"""Equal statements that come at the same moment: together on the way, each with its own outcome."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from chassis.batches import MOST, Batches

pytestmark = pytest.mark.stores

KEEP = "insert into word (text, at) values ($1, $2) on conflict do nothing returning $3::int as call, text"
COUNT = "select $1::int as call, count(*) from word"


class Counting:
    """A pool whose round trips are counted; `held` keeps the first from beginning."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.trips: list[int] = []
        self.held = asyncio.Event()

    @asynccontextmanager
    async def acquire(self, *, within_s: float) -> "AsyncIterator[Counting]":
        async with self._pool.acquire(timeout=within_s) as self._connection:
            yield self

    async def fetchmany(self, statement: str, calls: Sequence[Any]) -> Any:
        self.trips.append(len(calls))
        await self.held.wait()
        return await self._connection.fetchmany(statement, calls)


@pytest.fixture
async def pool(fresh_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(fresh_database_url, min_size=1, max_size=4) as pool:
        await pool.execute("create table word (text text primary key check (text <> ''), at int not null)")
        yield pool


@pytest.fixture
def counting(pool: asyncpg.Pool) -> Counting:
    return Counting(pool)


@pytest.fixture
def batches(counting: Counting) -> Batches:
    return Batches(lambda: counting)  # type: ignore[arg-type,return-value]  # in all that is asked of it


async def together(batches: Batches, counting: Counting, *words: str) -> list[Any]:
    """Have all these words but the first wait for one batch; their outcomes."""
    keeping = [asyncio.create_task(batches.fetch(KEEP, (word, nth))) for nth, word in enumerate(words)]
    while not counting.trips:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    counting.held.set()
    return await asyncio.gather(*keeping, return_exceptions=True)


async def test_what_comes_while_one_runs_shares_the_next_round_trip(batches: Batches, counting: Counting) -> None:
    words = [f"word {nth}" for nth in range(20)]
    outcomes = await together(batches, counting, *words)
    assert [[row["text"] for row in rows] for rows in outcomes] == [[word] for word in words]
    assert counting.trips == [1, 19]


async def test_a_batch_has_an_end(batches: Batches, counting: Counting) -> None:
    await together(batches, counting, *(f"word {nth}" for nth in range(3 * MOST)))
    assert counting.trips == [1, MOST, MOST, MOST - 1]


async def test_each_gets_its_own_rows_or_none(batches: Batches, counting: Counting) -> None:
    outcomes = await together(batches, counting, "oi", "olá", "oi", "tchau", "olá")
    assert [[row["text"] for row in rows] for rows in outcomes] == [["oi"], ["olá"], [], ["tchau"], []]


async def test_what_fails_fails_alone(batches: Batches, counting: Counting, pool: asyncpg.Pool) -> None:
    *kept, empty, more = await together(batches, counting, "oi", "olá", "tchau", "", "até")
    assert isinstance(empty, asyncpg.CheckViolationError)
    assert [[row["text"] for row in rows] for rows in [*kept, more]] == [["oi"], ["olá"], ["tchau"], ["até"]]
    assert await pool.fetchval("select count(*) from word") == 4


async def test_a_value_that_cannot_be_sent_fails_alone(batches: Batches, counting: Counting) -> None:
    counting.held.set()
    answers = await asyncio.gather(
        batches.fetch(KEEP, ("oi", 1)),
        batches.fetch(KEEP, ("olá", "no number")),
        batches.fetch(KEEP, ("tchau", 3)),
        return_exceptions=True,
    )
    assert isinstance(answers[1], asyncpg.DataError)
    assert [rows[0]["text"] for rows in (answers[0], answers[2]) if not isinstance(rows, BaseException)] == [
        "oi",
        "tchau",
    ]


async def test_who_gives_up_takes_nobody_along(batches: Batches, counting: Counting, pool: asyncpg.Pool) -> None:
    first = asyncio.create_task(batches.fetch(KEEP, ("oi", 0)))
    while not counting.trips:
        await asyncio.sleep(0)
    impatient = asyncio.create_task(batches.fetch(KEEP, ("olá", 1)))
    patient = asyncio.create_task(batches.fetch(KEEP, ("tchau", 2)))
    await asyncio.sleep(0)
    impatient.cancel()
    first.cancel()
    await asyncio.sleep(0)
    counting.held.set()
    assert [row["text"] for row in await patient] == ["tchau"]
    assert [row["text"] for row in await pool.fetch("select text from word")] == ["tchau"]


async def test_when_all_who_waited_gave_up_nothing_runs_for_them(batches: Batches, counting: Counting) -> None:
    first = asyncio.create_task(batches.fetch(KEEP, ("oi", 0)))
    while not counting.trips:
        await asyncio.sleep(0)
    impatient = asyncio.create_task(batches.fetch(KEEP, ("olá", 1)))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    counting.held.set()
    await first
    assert [row["text"] for row in await batches.fetch(KEEP, ("tchau", 2))] == ["tchau"]
    assert counting.trips == [1, 1]


async def test_who_waits_for_a_database_that_goes_learns_it(
    batches: Batches, counting: Counting, pool: asyncpg.Pool
) -> None:
    waiting = [asyncio.create_task(batches.fetch(COUNT, ())) for _ in range(5)]
    while not counting.trips:
        await asyncio.sleep(0)
    pool.terminate()
    counting.held.set()
    for each in await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 30):
        assert isinstance(each, asyncpg.InterfaceError | asyncpg.PostgresError | OSError)
