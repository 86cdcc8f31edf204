"""Tokens, and the dependency that wants one."""

from collections.abc import Callable
from math import ceil
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field, SecretStr

from frontdesk_service.accounts import Accounts, TooManyAttempts
from frontdesk_service.problems import documented
from frontdesk_service.tokens import LIFETIME, Account, Tokens

Bearer: TypeAlias = Callable[..., Any]
CHALLENGE = {"WWW-Authenticate": "Bearer"}
WRONG = "Usuário ou senha não conferem."


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


def bearer(tokens: Tokens) -> Bearer:
    """Return the dependency that gives the account of the request's bearer token, or answers 401."""
    scheme = HTTPBearer(auto_error=False, bearerFormat="JWT")

    def signed_in(given: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)]) -> Account:
        account = tokens.read(given.credentials) if given else None
        if account is None:
            raise HTTPException(401, "O token falta, venceu ou não vale aqui.", CHALLENGE)
        return account

    return signed_in


def client_address(request: Request) -> str:
    """Where a request comes from, as the socket says: headers can be made up."""
    return request.client.host if request.client else ""


def too_many(error: TooManyAttempts) -> HTTPException:
    """Return the answer to somebody who failed too often."""
    return HTTPException(429, headers={"Retry-After": str(ceil(error.wait_s))})


def router(accounts: Accounts, tokens: Tokens) -> APIRouter:
    """`POST /auth/token`."""
    routes = APIRouter(tags=["auth"])

    @routes.post("/auth/token", responses=documented(401, 429))
    async def token(credentials: Credentials, request: Request) -> Token:
        """Exchange a user name and a password for a token."""
        try:
            account = await accounts.sign_in(credentials.username, credentials.password, client_address(request))
        except TooManyAttempts as error:
            raise too_many(error) from error
        if account is None:
            raise HTTPException(401, WRONG, CHALLENGE)
        return Token(access_token=tokens.mint(account), expires_in=int(LIFETIME.total_seconds()))

    return routes
