"""Tokens, and the dependency that wants one."""

from collections.abc import Callable
from math import ceil
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field, SecretStr

from frontdesk_service.accounts import Accounts, OtpNeeded, TooManyAttempts
from frontdesk_service.guard import Guard, client_address
from frontdesk_service.logins import Logins
from frontdesk_service.problems import documented
from frontdesk_service.roles import Area
from frontdesk_service.tokens import LIFETIME, Account, Tokens

Bearer: TypeAlias = Callable[[Area], Any]
CHALLENGE = {"WWW-Authenticate": "Bearer"}
WRONG = "Usuário ou senha não conferem."
OTP_NEEDED = "Falta o código do aplicativo autenticador (otp)."


class Credentials(BaseModel):
    """Who wants a token; `otp` is for accounts with a second factor."""

    username: str = Field(max_length=64)
    password: SecretStr = Field(max_length=1024)
    otp: str | None = Field(default=None, max_length=16)


class Token(BaseModel):
    """A bearer token, good for `expires_in` seconds."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105  # the kind of token, not one
    expires_in: int


def bearer(guard: Guard) -> Bearer:
    """Return what makes the dependency of an area: it gives the account of the request's token, or answers 401, 403."""
    scheme = HTTPBearer(auto_error=False, bearerFormat="JWT")

    def of(area: Area) -> Any:
        async def signed_in(
            request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)]
        ) -> Account:
            account = await guard.account(given.credentials) if given else None
            if account is None:
                raise HTTPException(401, "O token falta, venceu ou não vale aqui.", CHALLENGE)
            await guard.admit(request, account, area)
            return account

        return signed_in

    return of


def too_many(error: TooManyAttempts) -> HTTPException:
    """Return the answer to somebody who failed too often."""
    return HTTPException(429, headers={"Retry-After": str(ceil(error.wait_s))})


def router(accounts: Accounts, logins: Logins, tokens: Tokens, bearer: Bearer) -> APIRouter:
    """`POST /auth/token`, `DELETE /auth/token`."""
    routes = APIRouter(tags=["auth"])

    @routes.post("/auth/token", responses=documented(401, 429))
    async def token(credentials: Credentials, request: Request) -> Token:
        """Exchange a user name, a password and, where one is set, a code for a token."""
        address = client_address(request)
        try:
            account = await accounts.sign_in(credentials.username, credentials.password, address, credentials.otp)
        except TooManyAttempts as error:
            raise too_many(error) from error
        except OtpNeeded as error:
            raise HTTPException(401, OTP_NEEDED, CHALLENGE) from error
        if account is None:
            raise HTTPException(401, WRONG, CHALLENGE)
        account = await logins.open(account, "api", address, request.headers.get("user-agent", ""))
        return Token(access_token=tokens.mint(account), expires_in=int(LIFETIME.total_seconds()))

    @routes.delete("/auth/token", status_code=204, responses=documented(401, 403))
    async def forget(account: Annotated[Account, Depends(bearer("self"))]) -> None:
        """End the sign-in that the token belongs to."""
        if account.login:
            await logins.end(account.login)

    return routes
