"""One's own access: password, second factor, sign-ins."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import pyotp
from fastapi import APIRouter, Depends, Form, Request
from markupsafe import Markup
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from frontdesk_service.accounts import Accounts, OtpNeeded, TooManyAttempts
from frontdesk_service.guard import client_address
from frontdesk_service.logins import Logins
from frontdesk_service.pages.frame import Frame
from frontdesk_service.pages.login import NOTHING, WRONG_CODE, too_many
from frontdesk_service.tokens import Account

HERE = "/conta"
LEAST = 10
ISSUER = "Recepção"
Secret = Annotated[SecretStr, Form(max_length=1024)]


@dataclass(frozen=True)
class Page:
    """The page, with what is wrong in what was sent, if anything."""

    frame: Frame
    accounts: Accounts
    logins: Logins

    async def show(self, request: Request, account: Account, said: str | None = None, *, status: int = 200) -> Response:
        """Render it."""
        secret = pyotp.random_base32()
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=ISSUER)
        return self.frame.page(
            request,
            account,
            "account.html",
            status=status,
            person=next((each for each in await self.accounts.listed() if each.username == account.username), None),
            logins=await self.logins.open_of(account.username),
            secret=secret,
            qr=qr(uri),
            said=said,
            least=LEAST,
        )


def router(frame: Frame, accounts: Accounts, logins: Logins) -> APIRouter:
    """`/conta` and its forms."""
    routes = APIRouter(prefix=HERE)
    signed_in = Annotated[Account, Depends(frame.sessions.may("self"))]
    from_our_page = [Depends(frame.sessions.check_form)]

    page = Page(frame, accounts, logins).show

    @routes.get("")
    async def show(request: Request, account: signed_in) -> Response:
        return await page(request, account)

    @routes.post("/senha", dependencies=from_our_page)
    async def password(request: Request, account: signed_in, old: Secret = NOTHING, new: Secret = NOTHING) -> Response:
        if len(new.get_secret_value()) < LEAST:
            return await page(request, account, f"A senha nova precisa de pelo menos {LEAST} caracteres.", status=422)
        try:
            known = await accounts.sign_in(account.username, old, client_address(request))
        except OtpNeeded:
            known = account  # the password was right, which is all that is asked here
        except TooManyAttempts as error:
            return await page(request, account, too_many(error), status=429)
        if known is None:
            return await page(request, account, "A senha atual não confere.", status=422)
        await accounts.change_password(account.username, new)
        await logins.end_all(account.username, but=account.login)
        return RedirectResponse(HERE, status_code=303)

    _add_second_factor(routes, frame, accounts, logins)
    return routes


def _add_second_factor(routes: APIRouter, frame: Frame, accounts: Accounts, logins: Logins) -> None:
    page = Page(frame, accounts, logins).show
    signed_in = Annotated[Account, Depends(frame.sessions.may("self"))]
    from_our_page = [Depends(frame.sessions.check_form)]

    @routes.post("/codigo", dependencies=from_our_page)
    async def second_factor(
        request: Request,
        account: signed_in,
        secret: Annotated[str, Form(max_length=64, pattern="^[A-Z2-7]{32}$")],
        otp: Annotated[str, Form(max_length=7)] = "",
    ) -> Response:
        if not pyotp.TOTP(secret).verify(otp.replace(" ", ""), valid_window=1):
            return await page(request, account, WRONG_CODE, status=422)
        await accounts.set_otp(account.username, secret)
        return RedirectResponse(HERE, status_code=303)

    @routes.post("/codigo/desligar", dependencies=from_our_page)
    async def no_second_factor(account: signed_in) -> Response:
        await accounts.set_otp(account.username, None)
        return RedirectResponse(HERE, status_code=303)

    @routes.post("/acessos/{login}/encerrar", dependencies=from_our_page)
    async def end(login: UUID, account: signed_in) -> Response:
        await logins.end(login, account.username)
        return RedirectResponse(HERE, status_code=303)


def qr(text: str) -> Markup:
    """Draw a QR code as SVG."""
    import segno

    svg: str = segno.make(text, micro=False).svg_inline(scale=4, border=0, svgclass="qr", lineclass=None)
    return Markup(svg)  # noqa: S704  # the library's drawing of our own text
