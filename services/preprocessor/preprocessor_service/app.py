"""What preprocessor is made of."""

from functools import partial
from pathlib import Path

from chassis.breaker import Breakers
from chassis.clock import now
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store

from preprocessor_service.business_files import business_files
from preprocessor_service.handlers import register
from preprocessor_service.housekeeping import forget_for_ever
from preprocessor_service.limits import RateLimit
from preprocessor_service.media import Ears
from preprocessor_service.reception import Reception
from preprocessor_service.recordings import Recordings, files_of
from preprocessor_service.settings import Settings
from preprocessor_service.store import Contacts
from preprocessor_service.unit import read_unit_file


def build(settings: Settings) -> Service:
    """Wire the service; nothing is started. Raises `BadConfiguration` when `unit.toml` has a mistake."""
    unit = read_unit_file(settings.unit_file)
    line, breakers = Line("preprocessor", clock=now), Breakers()
    store = Store(line, settings.database_url, migrations=Path(__file__).parent / "migrations")
    limit = RateLimit(settings.redis_url, unit.rate_limit(settings.rate_limit_per_hour), breakers)
    files = files_of(settings.evolution_url, settings.evolution_api_key, breakers)
    recordings = Recordings(files, breakers, business_files(settings, breakers))
    ears = Ears(line, recordings)
    reception = Reception(store, Contacts(), limit, ears, now, settings.stale_after, unit.keep())
    register(line, store, reception, recordings)
    background = (limit.run, partial(forget_for_ever, reception))
    return Service(settings, line, store=store, breakers=breakers, background=background)
