"""Ingress, put together."""

from chassis.clock import now
from chassis.line import Line
from chassis.service import Service
from fastapi import FastAPI

from ingress_service import other_channels, webhook
from ingress_service.settings import Settings


def build(settings: Settings) -> Service:
    """Make the service."""
    line = Line("ingress", clock=now)
    app = FastAPI(title="receptionist ingress", openapi_url=None)
    webhook.register(app, line, settings)
    other_channels.register(app, line, settings)
    service = Service(settings, line, http=app)
    webhook.register_health(app, service.transport.ready)
    return service
