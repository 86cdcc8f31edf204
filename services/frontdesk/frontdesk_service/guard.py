"""Lets somebody signed in through to what their role allows, and writes down what they saw and did."""

from typing import Any

from contracts import conversation_id
from fastapi import HTTPException, Request

from frontdesk_service.domain import phones
from frontdesk_service.logins import Logins
from frontdesk_service.roles import Area
from frontdesk_service.tokens import Account, Tokens

NOT_YOURS = "Seu acesso não inclui esta parte."


def client_address(request: Request) -> str:
    """Where a request comes from, as the socket says: headers can be made up."""
    return request.client.host if request.client else ""


class Guard:
    """Every route but the login asks it first."""

    def __init__(self, tokens: Tokens, logins: Logins) -> None:
        self._tokens = tokens
        self._logins = logins

    async def account(self, token: str) -> Account | None:
        """Return whose token it is; `None` when it is not ours, expired, or its sign-in was ended."""
        read = self._tokens.read(token)
        return await self._logins.known(read) if read else None

    async def admit(self, request: Request, account: Account, area: Area) -> None:
        """Note what somebody does, or answer 403."""
        if not account.may(area):
            raise HTTPException(403, NOT_YOURS)
        route: Any = request.scope["route"]
        act = f"{request.method} {route.path}"
        await self._logins.note(account.username, act, _about(request.path_params), client_address(request))


def _about(parameters: dict[str, Any]) -> str | None:
    """Name the person by their conversation, anything else by its id."""
    for name, value in parameters.items():
        known = phones(str(value)) if name in ("path", "phone") else ()
        return conversation_id(known[-1]) if known else str(value)
    return None
