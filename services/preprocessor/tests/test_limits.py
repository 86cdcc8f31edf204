"""The sliding hour: the same in Redis and without it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.breaker import Breakers
from preprocessor_service.limits import RateLimit
from pydantic import SecretStr

pytestmark = pytest.mark.stores
START = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
Accepts = Callable[..., Any]


@pytest.fixture(params=["redis", "away"])
async def accepts(request: pytest.FixtureRequest, make_limit: Any, nowhere: SecretStr) -> AsyncIterator[Accepts]:
    """`await accepts(minutes, event_id)`: three an hour, of one conversation."""
    url = nowhere if request.param == "away" else SecretStr(request.getfixturevalue("redis_url"))
    conversation = uuid4().hex
    async with make_limit(url, 3, Breakers()) as limit:

        async def ask(minutes: float, event_id: UUID | None = None) -> bool:
            return bool(await limit.accepts(conversation, event_id or uuid4(), START + timedelta(minutes=minutes)))

        yield ask


async def test_the_limit_holds_in_every_hour_and_no_longer(accepts: Accepts) -> None:
    assert [await accepts(minute) for minute in (0, 10, 20, 30, 59)] == [True, True, True, False, False]
    assert [await accepts(minute) for minute in (60, 61, 70, 79, 80)] == [True, False, True, False, True]


async def test_a_message_counts_once_and_stays_accepted(accepts: Accepts) -> None:
    first = uuid4()
    assert [await accepts(0, first) for _ in range(5)] == [True] * 5
    assert [await accepts(minute) for minute in (1, 2, 3)] == [True, True, False]
    assert await accepts(4, first)


async def test_a_clock_that_is_set_back_refuses_nobody(accepts: Accepts) -> None:
    assert [await accepts(minute) for minute in (600, 601, 602)] == [True, True, True]
    assert await accepts(0)


async def test_copies_of_the_service_share_one_limit(redis_url: str, make_limit: Any) -> None:
    conversation = uuid4().hex
    async with (
        make_limit(SecretStr(redis_url), 3, Breakers()) as one,
        make_limit(SecretStr(redis_url), 3, Breakers()) as two,
    ):
        turns = [one, two, one, two]
        assert [await each.accepts(conversation, uuid4(), START) for each in turns] == [True, True, True, False]


async def test_no_phone_is_in_a_key(redis_url: str, make_limit: Any) -> None:
    conversation = f"cnv_{uuid4().hex}"
    async with make_limit(SecretStr(redis_url), 3, Breakers()) as limit:
        await limit.accepts(conversation, uuid4(), START)
        keys = [key async for key in limit._redis.scan_iter(f"*{conversation}*")]
        assert keys == [f"receptionist:preprocessor:accepted:{conversation}".encode()]
        assert 0 < await limit._redis.ttl(keys[0]) <= 3600


async def test_a_redis_that_hangs_is_given_up_and_then_not_asked(make_limit: Any) -> None:
    writers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    url = SecretStr(f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}/0")
    breakers = Breakers(threshold=2)
    async with make_limit(url, 3, breakers) as limit:
        async with asyncio.timeout(30):  # it would wait for ever
            for _ in range(2):
                assert await limit.accepts("cnv", uuid4(), START)
            asked = len(writers)
            assert await limit.accepts("cnv", uuid4(), START)
        assert len(writers) == asked > 0
        assert await breakers.states() == [{"dependency": "redis", "state": "open"}]
    for writer in writers:
        writer.close()
    silent.close()
    await silent.wait_closed()


async def test_a_limit_is_shared_again_when_redis_is_back(redis_url: str, make_limit: Any, nowhere: SecretStr) -> None:
    async with (
        make_limit(nowhere, 3, Breakers(threshold=100)) as limit,
        make_limit(SecretStr(redis_url), 3, Breakers()) as there,
    ):
        conversation = uuid4().hex
        assert await limit.accepts(conversation, uuid4(), START)
        back: RateLimit = there
        limit._redis, away = back._redis, limit._redis
        assert [await limit.accepts(conversation, uuid4(), START) for _ in range(4)] == [True, True, True, False]
        limit._redis = away
