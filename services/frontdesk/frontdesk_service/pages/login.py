"""In and out."""

import re
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from jinja2 import Environment
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from frontdesk_service.accounts import Accounts, TooManyAttempts
from frontdesk_service.api.auth import WRONG, client_address
from frontdesk_service.pages.rendering import page_of
from frontdesk_service.pages.session import LOGIN, LoginNeeded, Sessions

OWN_PAGE = re.compile(r"/agenda|/conversas/[\w-]{1,64}")
"""Where somebody may be sent after the login: never to another site."""

NOTHING = SecretStr("")


def router(environment: Environment, sessions: Sessions, accounts: Accounts) -> APIRouter:
    """`/entrar` and `/sair`."""
    routes = APIRouter()

    def form(
        request: Request, back: str, *, status: int = 200, said: str | None = None, username: str = ""
    ) -> Response:
        seed = sessions.seed(request)
        token = sessions.token_for(seed)
        response = page_of(
            environment, "login.html", status=status, form_token=token, back=back, said=said, username=username
        )
        sessions.form_token(request, response, seed)
        return response

    @routes.get(LOGIN)
    async def show(request: Request, volta: str = "/") -> Response:
        try:
            sessions.account(request)
        except LoginNeeded:
            return form(request, volta)
        return RedirectResponse("/", status_code=303)

    @routes.post(LOGIN, dependencies=[Depends(sessions.check_form)])
    async def enter(
        request: Request,
        username: Annotated[str, Form(max_length=64)] = "",
        password: Annotated[SecretStr, Form(max_length=1024)] = NOTHING,
        back: Annotated[str, Form(max_length=200)] = "/",
    ) -> Response:
        try:
            account = await accounts.sign_in(username, password, client_address(request))
        except TooManyAttempts as error:
            minutes = ceil(error.wait_s / 60)
            said = f"Tentativas demais. Tente de novo em {minutes} min."
            return form(request, back, status=429, said=said, username=username)
        if account is None:
            return form(request, back, status=401, said=WRONG, username=username)
        response = RedirectResponse(back if OWN_PAGE.fullmatch(back) else "/", status_code=303)
        sessions.open(request, response, account)
        return response

    @routes.post("/sair", dependencies=[Depends(sessions.check_form)])
    async def leave() -> Response:
        response = RedirectResponse(LOGIN, status_code=303)
        sessions.close(response)
        return response

    return routes
