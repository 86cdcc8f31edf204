"""What llm-gateway is made of."""

from pathlib import Path

from chassis.clock import now
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store

from llm_gateway_service.asking import Asking
from llm_gateway_service.breakers import SharedBreakers
from llm_gateway_service.cache import Cache
from llm_gateway_service.calling import Calling
from llm_gateway_service.catalogue import read_catalogue
from llm_gateway_service.closing import Closing
from llm_gateway_service.domain import Dollar
from llm_gateway_service.gateway import Gateway
from llm_gateway_service.handlers import register
from llm_gateway_service.ledger import Ledger
from llm_gateway_service.pace import Pace
from llm_gateway_service.providers import completers, transcribers
from llm_gateway_service.routing import Routing
from llm_gateway_service.settings import Settings
from llm_gateway_service.shared import Shared
from llm_gateway_service.unit import read_budget


def build(settings: Settings) -> Service:
    """Wire the service; nothing is started. Raises `BadConfiguration` when `unit.toml` or a setting has a mistake."""
    line, shared, catalogue = Line("llm-gateway", clock=now), Shared(settings.redis_url), read_catalogue()
    store = Store(line, settings.database_url, migrations=Path(__file__).parent / "migrations")
    ledger, breakers = Ledger(store, read_budget(settings.unit_file), now), SharedBreakers(shared)
    dollar = Dollar(settings.usd_brl) if settings.usd_brl else catalogue.dollar
    providers = completers(settings)
    calling, closing = Calling(ledger, breakers, dollar, Pace()), Closing(store, ledger, dollar)
    gateway = Gateway(
        Asking(calling, closing, hedge=settings.llm_hedge),
        Routing(settings, catalogue, providers, ledger, dollar),
        Cache(shared),
        providers,
        transcribers(settings, providers),
        settings.secrets(),
    )
    register(line, gateway, ledger)
    return Service(settings, line, store=store, breakers=breakers, background=[gateway.run])
