"""The unit's page: server-rendered, made live by a few lines of JavaScript, useful without them."""

from fastapi import APIRouter, FastAPI

from frontdesk_service import problems
from frontdesk_service.pages import (
    account,
    acts,
    agenda,
    agenda_acts,
    alerts,
    channel,
    conversations,
    gaps,
    installable,
    live,
    login,
    numbers,
    people,
    privacy,
    quick_replies,
    system,
    timeline,
)
from frontdesk_service.pages.frame import Frame
from frontdesk_service.pages.helping import Helpers
from frontdesk_service.pages.rendering import STATIC, SecurityHeaders, error_page, static_files, templates
from frontdesk_service.pages.session import LoginNeeded, Sessions, to_login
from frontdesk_service.parts import Parts


def install(app: FastAPI, parts: Parts) -> None:
    """Add every page, its files, its errors and its headers to the application."""
    environment, sessions = templates(), Sessions(parts.tokens, parts.guard)
    frame = Frame(environment, sessions, parts.clock)
    pages = APIRouter(include_in_schema=False)
    pages.include_router(installable.router(environment))
    pages.include_router(login.router(environment, sessions, parts.accounts, parts.logins, parts.tokens))
    helpers = Helpers(parts.quick_replies, parts.suggesting, parts.unit)
    pages.include_router(conversations.router(frame, parts.reads, helpers))
    pages.include_router(quick_replies.router(frame, parts.quick_replies))
    pages.include_router(acts.router(sessions, parts.reads, parts.desk))
    pages.include_router(agenda.router(frame, parts.reads, parts.diary))
    pages.include_router(agenda_acts.router(frame, parts.reads, parts.desk, parts.diary))
    pages.include_router(numbers.router(frame, parts.numbers))
    pages.include_router(gaps.router(frame, parts.teaching))
    pages.include_router(alerts.router(frame, parts.alarm))
    pages.include_router(channel.router(frame, parts.reads))
    pages.include_router(system.router(frame, parts.machinery))
    pages.include_router(timeline.router(frame, parts.reads))
    pages.include_router(account.router(frame, parts.accounts, parts.logins))
    pages.include_router(people.router(frame, parts.accounts, parts.logins))
    pages.include_router(privacy.router(frame, parts.reads, parts.erasing))
    pages.include_router(live.router(sessions, parts.changes))
    app.include_router(pages)
    app.mount(STATIC, static_files())
    problems.install(app, error_page(environment))
    app.add_exception_handler(LoginNeeded, lambda request, _: to_login(request))
    app.add_middleware(SecurityHeaders)
