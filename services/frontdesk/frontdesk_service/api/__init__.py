from fastapi import APIRouter, FastAPI

from frontdesk_service.api import (
    alerts,
    auth,
    contacts,
    gaps,
    handoffs,
    indicators,
    internal,
    leads,
    timeline,
    webhooks,
)
from frontdesk_service.parts import Parts
from frontdesk_service.problems import documented

OPENAPI_PATH = "/api/v1/openapi.json"


def install(app: FastAPI, parts: Parts) -> None:
    """Add every route of the API to the application."""
    bearer = auth.bearer(parts.guard)
    v1 = APIRouter(prefix="/api/v1", responses=documented(422, 503))
    v1.include_router(auth.router(parts.accounts, parts.logins, parts.tokens, bearer))
    v1.include_router(contacts.router(parts.reads, parts.erasing, bearer))
    v1.include_router(leads.router(parts.reads, parts.desk, bearer))
    v1.include_router(handoffs.router(parts.reads, parts.desk, bearer))
    v1.include_router(indicators.router(parts.numbers, bearer))
    v1.include_router(gaps.router(parts.teaching, bearer))
    v1.include_router(alerts.router(parts.alarm, bearer))
    v1.include_router(timeline.router(parts.reads, bearer))
    v1.include_router(webhooks.router(parts.webhooks, bearer))
    app.include_router(v1)
    app.include_router(internal.router(parts.clock, parts.reads, parts.accounts))
