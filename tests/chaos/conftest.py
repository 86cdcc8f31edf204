"""The chaos suite: `./assistant test --chaos`. Nothing here runs with the other tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from assistant import chaos
from assistant.chaos.storm import Wanted
from assistant.testing_system import System, running_system

STORES = ("rabbitmq", "postgresql", "redis")
if "CHAOS" not in os.environ:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def wanted() -> Wanted:
    """What the command line asks for."""
    return Wanted(**{name: kind(os.environ[f"CHAOS_{name.upper()}"]) for name, kind in Wanted.__annotations__.items()})


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The folder of the orders to die."""
    folder = tmp_path / "moments"
    folder.mkdir()
    return folder


@pytest.fixture
def system(tmp_path: Path, told: Path) -> Iterator[System]:
    """A system all of whose stores can be taken away, and whose services die at a named moment when told to."""
    with running_system(
        tmp_path / "system",
        own=STORES,
        PYTHONPATH=str(Path(chaos.__file__).parent / "inside"),
        CHAOS_MOMENTS=str(told),
        CHANNEL_TIMEOUT_S="4",
        RESEND_AFTER_S="15",  # a starved machine begins with a request long after whoever sent it gave up
        RATE_LIMIT_PER_HOUR="1000",
        SANDBOX_RETRY_SCALE="0.1",
    ) as running:
        yield running


@pytest.fixture
def say(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Print at once, whatever pytest captures: a storm takes minutes, and its report is what it is for."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def print_it(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{text}", flush=True)

    return print_it
