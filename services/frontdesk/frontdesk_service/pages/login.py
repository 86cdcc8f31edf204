"""In and out."""

import re
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from jinja2 import Environment
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from frontdesk_service.accounts import Accounts, OtpNeeded, TooManyAttempts
from frontdesk_service.api.auth import WRONG
from frontdesk_service.guard import client_address
from frontdesk_service.logins import Logins
from frontdesk_service.pages.rendering import page_of
from frontdesk_service.pages.session import LOGIN, LoginNeeded, Sessions
from frontdesk_service.tokens import Account, Tokens

OWN_PAGE = re.compile(r"/(?:agenda|numeros|perguntas|avisos|conta|contas|auditoria|respostas)|/conversas/[\w-]{1,64}")
"""Where somebody may be sent after the login: never to another site."""
WRONG_CODE = "Este código não vale mais. Espere o próximo e tente de novo."

NOTHING = SecretStr("")


@dataclass(frozen=True)
class Entrance:
    """The form, in its two steps, and what happens when it is filled in right."""

    environment: Environment
    sessions: Sessions
    logins: Logins
    tokens: Tokens

    def form(self, request: Request, back: str, *, status: int = 200, **values: Any) -> Response:
        """Ask for the name and the password, or for the code when `half` says whose is owed."""
        seed = self.sessions.seed(request)
        shown = {"said": None, "username": "", "half": "", **values}
        token = self.sessions.token_for(seed)
        response = page_of(self.environment, "login.html", status=status, form_token=token, back=back, **shown)
        self.sessions.form_token(request, response, seed)
        return response

    async def open(self, request: Request, back: str, account: Account) -> Response:
        """Let somebody in."""
        agent = request.headers.get("user-agent", "")
        account = await self.logins.open(account, "page", client_address(request), agent)
        response = RedirectResponse(back if OWN_PAGE.fullmatch(back) else "/", status_code=303)
        self.sessions.open(request, response, account)
        return response


def too_many(error: TooManyAttempts) -> str:
    """Say how long somebody who failed too often must wait."""
    return f"Tentativas demais. Tente de novo em {ceil(error.wait_s / 60)} min."


def router(
    environment: Environment, sessions: Sessions, accounts: Accounts, logins: Logins, tokens: Tokens
) -> APIRouter:
    """`/entrar`, `/entrar/codigo` and `/sair`."""
    routes = APIRouter()
    entrance = Entrance(environment, sessions, logins, tokens)

    @routes.get(LOGIN)
    async def show(request: Request, volta: str = "/") -> Response:
        try:
            await sessions.account(request)
        except LoginNeeded:
            return entrance.form(request, volta)
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
            return entrance.form(request, back, status=429, said=too_many(error), username=username)
        except OtpNeeded:
            return entrance.form(request, back, half=tokens.mint_half(username))
        if account is None:
            return entrance.form(request, back, status=401, said=WRONG, username=username)
        return await entrance.open(request, back, account)

    _add_second_factor(routes, entrance, accounts)
    _add_leave(routes, sessions, logins)
    return routes


def _add_second_factor(routes: APIRouter, entrance: Entrance, accounts: Accounts) -> None:
    @routes.post(f"{LOGIN}/codigo", dependencies=[Depends(entrance.sessions.check_form)])
    async def second(
        request: Request,
        half: Annotated[str, Form(max_length=1024)] = "",
        otp: Annotated[str, Form(max_length=16)] = "",
        back: Annotated[str, Form(max_length=200)] = "/",
    ) -> Response:
        username = entrance.tokens.read_half(half)
        if username is None:
            return entrance.form(request, back, status=401, said="Demorou demais. Entre de novo.")
        try:
            account = await accounts.second_factor(username, otp.replace(" ", ""), client_address(request))
        except TooManyAttempts as error:
            return entrance.form(request, back, status=429, said=too_many(error), username=username)
        if account is None:
            return entrance.form(request, back, status=401, said=WRONG_CODE, half=half)
        return await entrance.open(request, back, account)


def _add_leave(routes: APIRouter, sessions: Sessions, logins: Logins) -> None:
    @routes.post("/sair", dependencies=[Depends(sessions.check_form)])
    async def leave(request: Request) -> Response:
        try:
            account = await sessions.account(request)
            if account.login:
                await logins.end(account.login)
        except LoginNeeded:
            pass  # whoever is out already stays out
        response = RedirectResponse(LOGIN, status_code=303)
        sessions.close(response)
        return response
