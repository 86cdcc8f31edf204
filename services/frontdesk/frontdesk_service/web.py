"""The HTTP application: the API and the unit's page."""

from chassis.clock import Clock
from fastapi import FastAPI

from frontdesk_service import api, pages
from frontdesk_service.accounts import Accounts
from frontdesk_service.changes import Changes
from frontdesk_service.diary import Diary
from frontdesk_service.reading import Reads
from frontdesk_service.staff import Desk
from frontdesk_service.tokens import Tokens


def application(
    *, clock: Clock, reads: Reads, desk: Desk, diary: Diary, accounts: Accounts, tokens: Tokens, changes: Changes
) -> FastAPI:
    """Return the application, documented by its OpenAPI document alone: FastAPI's pages load a CDN's scripts."""
    app = FastAPI(
        title="Kumon Assistant: front desk", version="1", openapi_url=api.OPENAPI_PATH, docs_url=None, redoc_url=None
    )
    app.include_router(api.router(clock, reads, desk, accounts, tokens))
    pages.install(
        app, clock=clock, reads=reads, desk=desk, diary=diary, accounts=accounts, tokens=tokens, changes=changes
    )
    return app
