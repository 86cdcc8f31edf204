"""Fixtures that every package's tests may use: real stores, started once a session and only when a test asks."""

from collections.abc import Iterator
from typing import Any

import pytest
from assistant import testing_stores
from assistant.stores import postgresql, rabbitmq, redis
from xdist.scheduler import LoadScopeScheduling


class ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one worker, and those of the whole system, which is one for all of them."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "e2e" if file.startswith("tests/e2e/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Share the tests out (`./assistant test` runs all of them in several processes)."""
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)


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
