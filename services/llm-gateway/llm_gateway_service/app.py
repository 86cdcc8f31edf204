"""What llm-gateway is made of."""

from pathlib import Path

from chassis.breaker import Breakers
from chassis.clock import now
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store

from llm_gateway_service.asking import Asking
from llm_gateway_service.gateway import Gateway
from llm_gateway_service.handlers import register
from llm_gateway_service.ledger import Ledger
from llm_gateway_service.prices import read_prices
from llm_gateway_service.providers import NO_TROUBLE, completers, transcriber_among
from llm_gateway_service.settings import Settings
from llm_gateway_service.unit import read_budget


def build(settings: Settings) -> Service:
    """Wire the service; nothing is started. Raises `BadConfiguration` when `unit.toml` has a mistake."""
    prices, transcriber = read_prices()
    line, breakers = Line("llm-gateway", clock=now), Breakers(exclude=NO_TROUBLE)
    store = Store(line, settings.database_url, migrations=Path(__file__).parent / "migrations")
    ledger = Ledger(store, read_budget(settings.unit_file), now)
    providers = completers(settings, transcriber)
    asking = Asking(store, ledger, breakers, prices, settings.usd_brl)
    gateway = Gateway(asking, providers, transcriber_among(providers))
    register(line, gateway)
    return Service(settings, line, store=store, breakers=breakers, background=[gateway.run])
