"""Who looks at a page: a session in a cookie, and forms that only our own pages can send."""

import secrets
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from frontdesk_service.guard import Guard
from frontdesk_service.roles import Area
from frontdesk_service.tokens import LIFETIME, Account, Tokens

SESSION = "frontdesk_session"
SEED = "frontdesk_forms"
LOGIN = "/entrar"


class LoginNeeded(Exception):  # noqa: N818  # not a failure
    """Nobody is signed in."""


class Sessions:
    """Cookies that scripts cannot read; other sites can only link to a page, never send a form to it."""

    def __init__(self, tokens: Tokens, guard: Guard) -> None:
        self._tokens = tokens
        self._guard = guard

    async def account(self, request: Request) -> Account:
        """Return who is signed in. Raises `LoginNeeded`."""
        account = await self._guard.account(request.cookies.get(SESSION, ""))
        if account is None:
            raise LoginNeeded
        return account

    def may(self, area: Area) -> Any:
        """Return the dependency of an area: it gives who is signed in, sends to the login, or answers 403."""

        async def signed_in(request: Request) -> Account:
            account = await self.account(request)
            await self._guard.admit(request, account, area)
            return account

        return signed_in

    def open(self, request: Request, response: Response, account: Account) -> None:
        """Sign somebody in."""
        self._set(request, response, SESSION, self._tokens.mint(account))

    def close(self, response: Response) -> None:
        """Sign out."""
        response.delete_cookie(SESSION)

    def seed(self, request: Request) -> str:
        """Return this browser's secret for forms, a new one if it has none."""
        return request.cookies.get(SEED) or secrets.token_urlsafe(32)

    def form_token(self, request: Request, response: Response, seed: str) -> None:
        """Keep the seed that the page's forms were made with."""
        if request.cookies.get(SEED) != seed:
            self._set(request, response, SEED, seed)

    def token_for(self, seed: str) -> str:
        """Return what a form made with this seed carries."""
        return self._tokens.form_token(seed)

    def check_form(self, request: Request, form_token: Annotated[str, Form(max_length=128)] = "") -> None:
        """Answer 403 to a form that none of our pages gave to this browser."""
        seed = request.cookies.get(SEED)
        if not seed or not self._tokens.believes(seed, form_token):
            raise HTTPException(403, "Esta página ficou aberta tempo demais. Volte e tente de novo.")

    def _set(self, request: Request, response: Response, name: str, value: str) -> None:
        lifetime: Any = int(LIFETIME.total_seconds())
        secure = request.url.scheme == "https"
        response.set_cookie(name, value, max_age=lifetime, httponly=True, samesite="lax", secure=secure)


def to_login(request: Request) -> Response:
    """Send somebody to the login page, and back afterwards."""
    back = request.url.path if request.method == "GET" else "/"
    target = LOGIN if back == "/" else f"{LOGIN}?volta={quote(back)}"
    return RedirectResponse(target, status_code=303)
