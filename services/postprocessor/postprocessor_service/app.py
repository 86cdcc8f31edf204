"""What postprocessor is made of."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from chassis.breaker import Breakers
from chassis.clock import Clock, now
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store

from postprocessor_service.channels import Channel
from postprocessor_service.channels.evolution import Evolution
from postprocessor_service.delivery import Courier
from postprocessor_service.handlers import register
from postprocessor_service.housekeeping import forget_for_ever
from postprocessor_service.intake import Intake
from postprocessor_service.ledger import Ledger
from postprocessor_service.manners import Manners
from postprocessor_service.results import Results
from postprocessor_service.search import Search
from postprocessor_service.settings import Settings
from postprocessor_service.store import Deliveries

MIGRATIONS = Path(__file__).parent / "migrations"
BREAKER_OPEN_S = 10


def build(settings: Settings) -> Service:
    """Wire the service; nothing is started."""
    line = Line("postprocessor", clock=now)
    store = Store(line, settings.database_url, migrations=MIGRATIONS)
    channel = Evolution(settings.evolution_url, settings.evolution_api_key, settings.channel_timeout_s)
    breakers = Breakers(ttl_s=BREAKER_OPEN_S)
    courier = wire(line, store, channel, breakers, settings=settings, clock=now, at_once=True)
    background = (courier.run, courier.sweep_for_ever, partial(forget_for_ever, store, now))
    return Service(settings, line, store=store, breakers=breakers, background=background)


def wire(
    line: Line,
    store: Store,
    channel: Channel,
    breakers: Breakers,
    *,
    settings: Settings,
    clock: Clock,
    at_once: bool,
) -> Courier:
    """Put the parts together, and on the line.

    `at_once`: the courier begins with a reply right after it was written down; else when it is swept.
    """
    deliveries, ledger, knobs = Deliveries(store), Ledger(store), settings.knobs
    results = Results(store, deliveries, ledger, channel.name, clock)
    search = Search(
        deliveries=deliveries,
        ledger=ledger,
        results=results,
        channel=channel,
        breakers=breakers,
        resend_after=timedelta(seconds=knobs.resend_after_s),
        clock=clock,
    )
    courier = Courier(
        store=store,
        deliveries=deliveries,
        results=results,
        search=search,
        channel=channel,
        breakers=breakers,
        manners=Manners(deliveries, channel, knobs),
        knobs=knobs,
        clock=clock,
    )
    intake = Intake(
        store,
        deliveries,
        ledger,
        stale_after=timedelta(minutes=settings.stale_after_min),
        clock=clock,
        start=courier.start if at_once else _later,
    )
    register(line, store, intake, results, courier)
    return courier


def _later(_: str) -> None:
    """Leave a conversation to the sweep."""
