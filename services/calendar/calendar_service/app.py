"""What calendar is made of."""

from datetime import timedelta
from pathlib import Path

from chassis.breaker import Breakers
from chassis.clock import now
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store

from calendar_service.appointments import Appointments
from calendar_service.google.connection import connect
from calendar_service.handlers import register
from calendar_service.settings import Settings
from calendar_service.staffing import Staff
from calendar_service.unit import read_unit_file


def build(settings: Settings) -> Service:
    """Wire the service; nothing is started. Raises `BadConfiguration` when `unit.toml` has a mistake."""
    unit = read_unit_file(settings.unit_file)
    line, breakers = Line("calendar", clock=now), Breakers(threshold=3)
    store = Store(line, settings.database_url, migrations=Path(__file__).parent / "migrations")
    keep = timedelta(days=unit.retention.booked_days)
    appointments = Appointments(store, unit.opening(), keep=keep, clock=now, google=settings.has_google)
    staff = Staff(appointments)
    register(line, store, appointments, staff)
    background = connect(settings, breakers, appointments, staff)
    return Service(settings, line, store=store, breakers=breakers, background=background)
