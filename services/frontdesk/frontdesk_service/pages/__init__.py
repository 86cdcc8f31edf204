"""The unit's page: server-rendered, made live by a few lines of JavaScript, useful without them."""

from chassis.clock import Clock
from fastapi import APIRouter, FastAPI

from frontdesk_service import problems
from frontdesk_service.accounts import Accounts
from frontdesk_service.changes import Changes
from frontdesk_service.diary import Diary
from frontdesk_service.pages import acts, agenda, agenda_acts, conversations, live, login
from frontdesk_service.pages.rendering import STATIC, SecurityHeaders, error_page, static_files, templates
from frontdesk_service.pages.session import LoginNeeded, Sessions, to_login
from frontdesk_service.reading import Reads
from frontdesk_service.staff import Desk
from frontdesk_service.tokens import Tokens


def install(
    app: FastAPI,
    *,
    clock: Clock,
    reads: Reads,
    desk: Desk,
    diary: Diary,
    accounts: Accounts,
    tokens: Tokens,
    changes: Changes,
) -> None:
    """Add every page, its files, its errors and its headers to the application."""
    environment, sessions = templates(), Sessions(tokens)
    pages = APIRouter(include_in_schema=False)
    pages.include_router(login.router(environment, sessions, accounts))
    pages.include_router(conversations.router(environment, sessions, clock, reads))
    pages.include_router(acts.router(sessions, reads, desk))
    pages.include_router(agenda.router(environment, sessions, clock, reads, diary))
    pages.include_router(agenda_acts.router(environment, sessions, reads, desk, diary))
    pages.include_router(live.router(sessions, changes))
    app.include_router(pages)
    app.mount(STATIC, static_files())
    problems.install(app, error_page(environment))
    app.add_exception_handler(LoginNeeded, lambda request, _: to_login(request))
    app.add_middleware(SecurityHeaders)
