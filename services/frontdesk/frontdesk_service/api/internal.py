"""What the command line on the same machine asks; never for anybody else."""

from ipaddress import ip_address
from typing import Annotated, Literal

from chassis.clock import Clock
from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel

from frontdesk_service.accounts import Accounts
from frontdesk_service.guard import client_address
from frontdesk_service.projections import channel, waiting
from frontdesk_service.reading import Reads

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
"""A request that carries one came from elsewhere, through a proxy on this machine."""


class Summary(BaseModel):
    """Two numbers of `assistant status`."""

    channel: Literal["open", "connecting", "closed"]
    unanswered: int


class FirstAccount(BaseModel):
    """What `assistant up` may say of the first account: `as_configured`, its password is the configured one."""

    as_configured: bool


def from_this_machine(request: Request) -> None:
    """Answer 404 to everybody else."""
    try:
        near = ip_address(client_address(request)).is_loopback
    except ValueError:
        near = False
    if not near or any(name in request.headers for name in FORWARDED):
        raise HTTPException(404)


def router(clock: Clock, reads: Reads, accounts: Accounts) -> APIRouter:
    """`GET /internal/summary` and `/internal/first-account`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/internal/summary")
    async def summary(_: Annotated[None, Depends(from_this_machine)]) -> Summary:
        async with reads() as connection:
            state = await channel.state(connection)
            return Summary.model_validate(
                {"channel": state, "unanswered": await waiting.unanswered(connection, clock())}
            )

    @routes.get("/internal/first-account")
    async def first_account(_: Annotated[None, Depends(from_this_machine)]) -> FirstAccount:
        return FirstAccount(as_configured=await accounts.is_as_configured())

    return routes
