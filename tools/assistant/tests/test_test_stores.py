import asyncpg
import pytest
from assistant.stores import postgresql, rabbitmq, redis

pytestmark = pytest.mark.stores


async def test_the_broker_answers(amqp_url: str) -> None:
    await rabbitmq.answers(amqp_url)


async def test_the_cache_answers(redis_url: str) -> None:
    await redis.answers(redis_url)


async def test_a_fresh_database_is_empty_and_not_the_shared_one(database_url: str, fresh_database_url: str) -> None:
    assert database_url != fresh_database_url
    connection = await asyncpg.connect(fresh_database_url)
    try:
        assert await connection.fetch("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
        await connection.execute("CREATE TABLE mine (x int)")
    finally:
        await connection.close()


async def test_the_fresh_database_of_another_test_left_nothing(fresh_database_url: str) -> None:
    connection = await asyncpg.connect(fresh_database_url)
    try:
        assert await connection.fetch("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
    finally:
        await connection.close()


async def test_postgresql_is_asked_through_its_protocol(database_url: str) -> None:
    await postgresql.answers(database_url)
