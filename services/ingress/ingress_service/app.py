"""Ingress, put together."""

from chassis.breaker import Breakers
from chassis.clock import now
from chassis.line import Line
from chassis.service import Service
from starlette.applications import Starlette

from ingress_service import other_channels, webhook
from ingress_service.catching_up import catch_up_of
from ingress_service.memory import Memory
from ingress_service.native import native_of
from ingress_service.reports import Reports
from ingress_service.settings import Settings


def build(settings: Settings) -> Service:
    """Make the service."""
    line, breakers = Line("ingress", clock=now), Breakers()
    memory = Memory(settings.redis_url, settings.evolution_instance, breakers)
    reports = Reports(line, memory)
    app = Starlette()
    webhook.register(app, line, reports, settings)
    other_channels.register(app, line, settings)
    background = [memory.run, *catch_up_of(settings, reports, breakers), *native_of(settings, reports)]
    service = Service(settings, line, http=app, breakers=breakers, background=background)
    webhook.register_health(app, service.transport.ready)
    return service
