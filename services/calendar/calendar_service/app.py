"""What calendar is made of."""

from datetime import timedelta
from pathlib import Path

from chassis.clock import now
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store

from calendar_service.booking import Book
from calendar_service.handlers import register
from calendar_service.settings import Settings
from calendar_service.unit import read_unit_file


def build(settings: Settings) -> Service:
    """Wire the service; nothing is started. Raises `BadConfiguration` when `unit.toml` has a mistake."""
    unit = read_unit_file(settings.unit_file)
    line = Line("calendar", clock=now)
    store = Store(line, settings.database_url, migrations=Path(__file__).parent / "migrations")
    book = Book(store, unit.opening(), keep=timedelta(days=unit.retention.booked_days), clock=now)
    register(line, store, book)
    return Service(settings, line, store=store)
