"""Two hundred questions and a budget for fifty: the limit holds, by our books and by the providers' own bill."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from contracts.llm_gateway import ChatMessage, Complete, CompletionServed

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
LIMIT = Decimal("14.75")
"""Room for fifty: a call of the dear, unknown model may cost R$ 0.2945 at worst, and comes to about half of that."""
BUDGET = f"limit_brl = {LIMIT}"
MODEL = "a-model-that-nobody-knows"
QUESTION = Complete(task="phrase", messages=(ChatMessage(role="user", content="oi"),))
REPLY = "bom dia " * 150
RATE = Decimal(6)
OUTCOMES = {"answered", "budget", "failed"}
"""The last one on a machine that has too much to do to reach its database in time: then nothing is asked."""
COPY = Path(__file__).with_name("one_copy.py")


async def books(database_url: str) -> tuple[Decimal, Decimal]:
    """What is spent and what is reserved."""
    connection = await asyncpg.connect(database_url)
    try:
        row = await connection.fetchrow("select spent, reserved from llm_gateway.days")
        return (row["spent"], row["reserved"]) if row else (Decimal(0), Decimal(0))
    finally:
        await connection.close()


async def billed(providers: Any) -> Decimal:
    """What the providers charge, in BRL."""
    return Decimal(str((await providers.bill())["usd"])) * RATE


@asynccontextmanager
async def a_copy(questions: int, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one more copy; it has said that it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(str(COPY), str(questions)),
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
def environment(fresh_database_url: str, sandbox_url: str, tmp_path: Path) -> dict[str, str]:
    unit_file = tmp_path / "unit.toml"
    unit_file.write_text(f"[ai_budget]\n{BUDGET}\n")
    return {
        "DATABASE_URL": fresh_database_url,
        "RABBITMQ_URL": "amqp://localhost/",
        "REDIS_URL": "",
        "UNIT_FILE": str(unit_file),
        "OPENAI_API_KEY": "k",
        "OPENAI_BASE_URL": f"{sandbox_url}/openai/v1",
        "OPENAI_MODEL": MODEL,
        "USD_BRL": str(RATE),
    }


def go(*copies: asyncio.subprocess.Process) -> None:
    for each in copies:
        assert each.stdin
        each.stdin.write(b"go\n")


async def results(process: asyncio.subprocess.Process) -> Counter[str]:
    said, _ = await process.communicate()
    return Counter(json.loads(said))


async def test_one_copy_never_passes_the_limit(start: Start, providers: Any, deadline: Any) -> None:
    await providers.script("openai", REPLY, delay_s=2)
    running = await start(keys=("openai",), openai_model=MODEL, budget=BUDGET)
    with deadline(60):
        answers = await asyncio.gather(*(running.probe.ask(QUESTION) for _ in range(200)))
    came = Counter(answer.refusal or "answered" for answer in answers)
    assert came.keys() <= OUTCOMES
    assert 0 < came["answered"] < 110
    assert came["budget"] > 50
    spent, reserved = await running.day()
    assert (spent <= LIMIT, reserved) == (True, 0)
    assert await billed(providers) <= spent
    served = running.probe.of(CompletionServed)
    assert len(served) == 200
    assert sum(each.brl for each in served) == spent
    assert Counter(each.refusal or "answered" for each in served) == came


async def test_two_copies_never_pass_it_together(
    environment: dict[str, str], providers: Any, fresh_database_url: str
) -> None:
    await providers.script("openai", REPLY, delay_s=2)
    async with a_copy(100, **environment) as one, a_copy(100, **environment) as other:
        go(one, other)
        came = sum(await asyncio.gather(results(one), results(other)), Counter[str]())
    assert came.keys() <= OUTCOMES
    assert came.total() == 200
    assert came["answered"] > 0 < came["budget"]
    spent, reserved = await books(fresh_database_url)
    assert (spent <= LIMIT, reserved) == (True, 0)
    assert await billed(providers) <= spent


async def test_a_copy_that_is_killed_meanwhile_leaves_the_limit_whole(
    environment: dict[str, str], providers: Any, fresh_database_url: str, start: Start
) -> None:
    await providers.script("openai", REPLY, delay_s=2)
    async with a_copy(100, **environment) as one, a_copy(100, **environment) as other:
        go(one)
        async with asyncio.timeout(30):
            while (await books(fresh_database_url))[1] < 5:
                await asyncio.sleep(0.02)
        go(other)
        one.send_signal(signal.SIGKILL)
        await one.wait()
        assert (await results(other)).keys() <= OUTCOMES
    spent, reserved = await books(fresh_database_url)
    assert reserved > 0  # what the killed one had begun
    assert spent + reserved <= LIMIT
    assert await billed(providers) <= spent + reserved
    running = await start(keys=("openai",), openai_model=MODEL, budget=BUDGET)
    pool = running.service.store.pool
    await pool.execute("update calls set expires_at = clock_timestamp() where brl is null")
    async with asyncio.timeout(30):
        while (await books(fresh_database_url))[1]:  # the service sweeps too, and whoever is first holds the rows
            await running.gateway.asking.calling.ledger.sweep()
    left = await books(fresh_database_url)
    assert left == (spent + reserved, 0)
    assert left[0] == await pool.fetchval("select sum(brl) from spend")
