"""Fixtures that every package's tests may use: real stores, started once a session and only when a test asks."""

import gc
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from assistant import testing_stores
from assistant.ports import slice_of
from assistant.stores import postgresql, rabbitmq, redis
from assistant.testing_databases import Databases
from assistant.testing_volume import volume
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from playwright.async_api import Browser

SERVICE = re.compile("services/(?P<name>[^/]+)")
WHOLE_SYSTEM = "tests/e2e/"
ON_THE_FIRST_SYSTEM = ("test_agenda", "test_conversation", "test_faults", "test_webhook")
"""About half of the time that the tests of a shared system take."""
ON_SYSTEMS_OF_THEIR_OWN = ("test_bookings", "test_backup", "test_erasure")
LONG = (
    "frontdesk/tests/test_every_page.py",
    "frontdesk/tests/test_page_in_a_browser.py",
    "assistant/tests/test_up_and_down.py",
    "assistant/tests/test_doctor.py",
    "assistant/tests/test_clock_and_token.py",
    "llm-gateway/tests/test_faults.py",
    "llm-gateway/tests/test_many_at_once.py",
    "postprocessor/tests/test_killed.py",
    "calendar/tests/test_race.py",
    "rules/tests/test_search.py",
)
"""Whoever began one of these last would keep all others waiting."""


class ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one worker, and those that share a system in two, each with a system of its own."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        name = Path(file).stem
        if not file.startswith(WHOLE_SYSTEM) or name in ON_SYSTEMS_OF_THEIR_OWN:
            return file
        return f"{WHOLE_SYSTEM} {name in ON_THE_FIRST_SYSTEM}"


def place_in_the_order(item: pytest.Item) -> int:
    """Tell in which of six groups a test is begun."""
    file = item.nodeid.partition("::")[0]
    name = Path(file).stem
    if name == "test_replay" and file.startswith(WHOLE_SYSTEM):
        return -1  # it moves the clock to each scenario's: on a system that nobody has moved before
    if not file.startswith(WHOLE_SYSTEM):
        return 3 if file.endswith(LONG) else 4
    return 0 if name in ON_THE_FIRST_SYSTEM else 2 if name in ON_SYSTEMS_OF_THEIR_OWN else 1


def pytest_configure() -> None:
    """Give each worker ports of its own, and let generated examples take the time that a busy machine gives them."""
    examples = volume(40, thorough=100)
    unhurried = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "max_examples": examples}
    settings.register_profile("unhurried", **unhurried)
    settings.load_profile("unhurried")
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        its = slice_of(int(worker.removeprefix("gw")))
        os.environ["ASSISTANT_PORTS"] = f"{its[0]}-{its[-1]}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Share the tests out (`./assistant test` runs all of them in several processes)."""
    return ByFile(config, log)


def pytest_collection() -> None:
    """Spare the collector what it would look through again and again, and all that stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Have it look through what is made from here on."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=place_in_the_order)


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


@pytest.fixture(scope="session")
def databases(database_server_url: str) -> Iterator[Databases]:
    """Those which one test after the other gets."""
    with Databases(database_server_url) as lent:
        yield lent


@pytest.fixture
def fresh_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """`postgresql://…` of a database for one test alone.

    It is empty; in a service's own tests it has the service's tables, as after its first start.
    """
    service = SERVICE.match(request.path.relative_to(request.config.rootpath).as_posix())
    if service is None:
        made = testing_stores.new_database(request.getfixturevalue("database_server_url"))
    else:
        schema = service["name"].replace("-", "_")
        migrations = request.config.rootpath / service[0] / f"{schema}_service" / "migrations"
        made = request.getfixturevalue("databases").lend(schema, migrations)
    with made as url:
        yield url


@pytest.fixture(scope="session")
def browser_address() -> Iterator[str]:
    """`ws://…` of a browser that the whole session shares."""
    from assistant.testing_browser import served  # few tests need it, and it takes its time

    with served() as address:
        yield address


@pytest.fixture
async def browser(browser_address: str) -> "AsyncIterator[Browser]":
    """Connect one test to it; its contexts are its own."""
    from playwright.async_api import async_playwright, expect  # same

    expect.set_options(timeout=30_000)  # 5 s are not always enough on a machine that does much else
    async with async_playwright() as playwright, await playwright.chromium.connect(browser_address) as browser:
        yield browser
