"""What postprocessor is made of."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from chassis.breaker import Breakers
from chassis.clock import Clock, now
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store

from postprocessor_service.asking import Asking
from postprocessor_service.channels.evolution import Evolution
from postprocessor_service.channels.together import Channels
from postprocessor_service.delivery import Courier
from postprocessor_service.erasing import Erasing
from postprocessor_service.handlers import register, register_erasing
from postprocessor_service.heard import Heard
from postprocessor_service.housekeeping import forget_for_ever
from postprocessor_service.intake import Intake
from postprocessor_service.ledger import Ledger
from postprocessor_service.manners import Manners
from postprocessor_service.outages import Outages
from postprocessor_service.results import Results
from postprocessor_service.search import Search
from postprocessor_service.settings import Settings
from postprocessor_service.steps import Scene
from postprocessor_service.store import Deliveries

MIGRATIONS = Path(__file__).parent / "migrations"
BREAKER_OPEN_S = 10


def build(settings: Settings) -> Service:
    """Wire the service; nothing is started."""
    line = Line("postprocessor", clock=now)
    store = Store(line, settings.database_url, migrations=MIGRATIONS)
    main = Evolution(settings.evolution_url, settings.evolution_api_key, settings.channel_timeout_s)
    channels = Channels(main, settings.fallbacks)
    breakers = Breakers(ttl_s=BREAKER_OPEN_S)
    courier, outages = wire(line, store, channels, breakers, settings=settings, clock=now, at_once=True)
    background = (courier.run, courier.sweep_for_ever, outages.watch, partial(forget_for_ever, store, now))
    return Service(settings, line, store=store, breakers=breakers, background=background)


def wire(
    line: Line,
    store: Store,
    channels: Channels,
    breakers: Breakers,
    *,
    settings: Settings,
    clock: Clock,
    at_once: bool,
) -> tuple[Courier, Outages]:
    """Put the parts together, and on the line.

    `at_once`: the courier begins with a reply right after it was written down; else when it is swept.
    """
    deliveries, ledger, knobs, heard = Deliveries(store), Ledger(store), settings.knobs, Heard(clock)
    results, outages = Results(store, deliveries, ledger, channels, clock), Outages(store, channels, clock)
    search = Search(
        deliveries=deliveries,
        ledger=ledger,
        results=results,
        asking=Asking(channels, breakers, clock),
        resend_after=timedelta(seconds=knobs.resend_after_s),
        clock=clock,
    )
    courier = Courier(
        store=store,
        deliveries=deliveries,
        results=results,
        search=search,
        channels=channels,
        outages=outages,
        heard=heard,
        breakers=breakers,
        manners=Manners(deliveries, channels, knobs, line.clock),
        knobs=knobs,
        clock=clock,
    )
    intake = Intake(
        store,
        deliveries,
        results,
        heard=heard,
        stale_after=timedelta(minutes=settings.stale_after_min),
        clock=clock,
        start=courier.start if at_once else _later,
    )
    register(line, store, intake, results, courier)
    register_erasing(line, store, Erasing(store, deliveries, clock))
    return courier, outages


def _later(_: str, __: Scene | None) -> None:
    """Leave a conversation to the sweep."""
