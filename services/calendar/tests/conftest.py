"""The shipped unit in late November 2026: Monday the 23rd, 10:12, nothing booked."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import calendar_service
import pytest
from calendar_service.booking import Book
from calendar_service.handlers import register
from calendar_service.slots import Opening
from calendar_service.unit import read_unit_file
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe
from pydantic import SecretStr

UNIT = """
[hours]
weekdays = ["mon", "tue", "wed", "thu", "fri"]
periods = [["09:00", "12:00"], ["14:00", "17:00"]]
[holidays]
closed = [{ date = 2026-12-04, name = "reforma" }]
"""


@dataclass
class TestClock:
    """A clock that tests set."""

    __test__ = False
    at: datetime = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))

    def __call__(self) -> datetime:
        return self.at

    def on(self, **ahead: float) -> None:
        self.at += timedelta(**ahead)


@pytest.fixture(scope="session")
def unit_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("unit") / "unit.toml"
    file.write_text(UNIT)
    return file


@pytest.fixture(scope="session")
def opening(unit_file: Path) -> Opening:
    return read_unit_file(unit_file).opening()


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def at() -> Callable[[str], datetime]:
    """`at("24 14:30")`: a moment of November 2026 in São Paulo; days past 30 are December's."""

    def moment(text: str) -> datetime:
        day, _, clock_time = text.partition(" ")
        hour, _, minute = clock_time.partition(":")
        first = datetime(2026, 11, 1, int(hour), int(minute), tzinfo=ZoneInfo("America/Sao_Paulo"))
        return first + timedelta(days=int(day) - 1)

    return moment


@pytest.fixture
async def calendar(fresh_database_url: str, opening: Opening, clock: TestClock) -> AsyncIterator[Probe]:
    """The whole service on its real PostgreSQL, without a broker."""
    line = Line("calendar", clock=clock)
    migrations = Path(calendar_service.__file__).parent / "migrations"
    store = Store(line, SecretStr(fresh_database_url), migrations=migrations, pool_size=20)
    register(line, store, Book(store, opening, keep=timedelta(days=30), clock=clock))
    async with Probe(line, store) as probe:
        yield probe
