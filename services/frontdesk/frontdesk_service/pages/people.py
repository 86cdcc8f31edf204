"""Who may sign in, for the owner; and who saw and did what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from frontdesk_service.accounts import Accounts
from frontdesk_service.logins import Logins
from frontdesk_service.pages.account import LEAST, Secret
from frontdesk_service.pages.frame import Frame
from frontdesk_service.pages.login import NOTHING
from frontdesk_service.roles import Role
from frontdesk_service.tokens import Account

HERE = "/contas"
NOT_YOURSELF = "Ninguém tira o próprio acesso."


def router(frame: Frame, accounts: Accounts, logins: Logins) -> APIRouter:
    """`/contas` and its forms, `/auditoria`."""
    routes = APIRouter()
    owner = Annotated[Account, Depends(frame.sessions.may("accounts"))]
    from_our_page = [Depends(frame.sessions.check_form)]

    async def page(request: Request, account: Account, said: str | None = None, *, status: int = 200) -> Response:
        everybody, open_ = await accounts.listed(), await logins.open_of()
        return frame.page(
            request, account, "people.html", status=status, everybody=everybody, logins=open_, said=said, least=LEAST
        )

    @routes.get(HERE)
    async def show(request: Request, account: owner) -> Response:
        return await page(request, account)

    @routes.post(HERE, dependencies=from_our_page)
    async def create(
        request: Request,
        account: owner,
        role: Annotated[Role, Form()],
        username: Annotated[str, Form(max_length=64, pattern=r"^[a-z0-9._-]{2,64}$")],
        password: Secret = NOTHING,
    ) -> Response:
        if len(password.get_secret_value()) < LEAST:
            return await page(request, account, f"A senha precisa de pelo menos {LEAST} caracteres.", status=422)
        if not await accounts.create(username, SecretStr(password.get_secret_value()), role):
            return await page(request, account, "Este nome já existe.", status=409)
        return RedirectResponse(HERE, status_code=303)

    @routes.get("/auditoria")
    async def audit(request: Request, account: owner) -> Response:
        return frame.page(request, account, "audit.html", entries=await logins.audit())

    _add_change(routes, frame, accounts, logins)
    return routes


def _add_change(routes: APIRouter, frame: Frame, accounts: Accounts, logins: Logins) -> None:
    @routes.post(HERE + "/{username}/{act}", dependencies=[Depends(frame.sessions.check_form)])
    async def change(
        username: str, act: str, account: Annotated[Account, Depends(frame.sessions.may("accounts"))]
    ) -> Response:
        if act not in ("tirar", "devolver", "sair"):
            raise HTTPException(404)
        if act == "tirar" and username == account.username:
            raise HTTPException(409, NOT_YOURSELF)
        if act != "sair":
            await accounts.disable(username, disabled=act == "tirar")
        if act != "devolver":
            await logins.end_all(username, but=account.login)
        return RedirectResponse(HERE, status_code=303)
