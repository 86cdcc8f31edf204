"""The unit's page: server-rendered, made live by a few lines of JavaScript, useful without them."""

from fastapi import FastAPI

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
    lead_form,
    live,
    login,
    numbers,
    people,
    privacy,
    quick_replies,
    runbook,
    system,
    timeline,
    voice,
    why,
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
    helpers = Helpers(parts.quick_replies, parts.suggesting, parts.unit)
    for routes in (
        installable.router(environment),
        login.router(environment, sessions, parts.accounts, parts.logins, parts.tokens),
        conversations.router(frame, parts.reads, helpers),
        quick_replies.router(frame, parts.quick_replies),
        acts.router(sessions, parts.reads, parts.desk),
        lead_form.router(sessions, parts.reads, parts.desk),
        voice.router(sessions, parts.reads, parts.listening),
        why.router(frame, parts.reads),
        agenda.router(frame, parts.reads, parts.diary),
        agenda_acts.router(frame, parts.reads, parts.desk, parts.diary),
        numbers.router(frame, parts.numbers),
        gaps.router(frame, parts.teaching),
        alerts.router(frame, parts.alarm),
        runbook.router(frame),
        channel.router(frame, parts.reads),
        system.router(frame, parts.machinery),
        timeline.router(frame, parts.reads),
        account.router(frame, parts.accounts, parts.logins),
        people.router(frame, parts.accounts, parts.logins),
        privacy.router(frame, parts.reads, parts.erasing),
        live.router(sessions, parts.changes),
    ):
        app.include_router(routes, include_in_schema=False)
    app.mount(STATIC, static_files())
    problems.install(app, error_page(environment))
    app.add_exception_handler(LoginNeeded, lambda request, _: to_login(request))
    app.add_middleware(SecurityHeaders)
