"""Fixtures that every package's tests may use: real stores, started once a session and only when a test asks."""

from collections.abc import Iterator

import pytest
from assistant import testing_stores
from assistant.stores import postgresql, rabbitmq, redis


@pytest.fixture(scope="session")
def amqp_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`amqp://…` of a broker that the whole session shares: give queues and exchanges names of your own."""
    with testing_stores.running_stores([rabbitmq.NAME], tmp_path_factory.mktemp("broker")) as urls:
        yield urls[rabbitmq.NAME]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`redis://…` of a server that the whole session shares."""
    with testing_stores.running_stores([redis.NAME], tmp_path_factory.mktemp("cache")) as urls:
        yield urls[redis.NAME]


@pytest.fixture(scope="session")
def database_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`postgresql://…` of the server on which the databases below are made."""
    with testing_stores.running_stores([postgresql.NAME], tmp_path_factory.mktemp("database")) as urls:
        yield urls[postgresql.NAME]


@pytest.fixture(scope="session")
def database_url(database_server_url: str) -> Iterator[str]:
    """`postgresql://…` of an empty database that the whole session shares."""
    with testing_stores.new_database(database_server_url) as url:
        yield url


@pytest.fixture
def fresh_database_url(database_server_url: str) -> Iterator[str]:
    """`postgresql://…` of an empty database for one test alone, dropped after it."""
    with testing_stores.new_database(database_server_url) as url:
        yield url
