"""The HTTP API (interfaces §3), and what the machine's own operator asks."""

from chassis.clock import Clock
from fastapi import APIRouter

from frontdesk_service.accounts import Accounts
from frontdesk_service.api import auth, contacts, handoffs, internal
from frontdesk_service.problems import documented
from frontdesk_service.reading import Reads
from frontdesk_service.staff import Desk
from frontdesk_service.tokens import Tokens

OPENAPI_PATH = "/api/v1/openapi.json"


def router(clock: Clock, reads: Reads, desk: Desk, accounts: Accounts, tokens: Tokens) -> APIRouter:
    """Return every route of the API."""
    bearer = auth.bearer(tokens)
    v1 = APIRouter(prefix="/api/v1", responses=documented(422, 503))
    v1.include_router(auth.router(accounts, tokens))
    v1.include_router(contacts.router(reads, bearer))
    v1.include_router(handoffs.router(reads, desk, bearer))
    everything = APIRouter()
    everything.include_router(v1)
    everything.include_router(internal.router(clock, reads))
    return everything
