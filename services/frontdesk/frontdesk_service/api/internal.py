"""What the command line on the same machine asks; never for anybody else."""

from ipaddress import ip_address
from typing import Annotated, Literal

from chassis.clock import Clock
from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel

from frontdesk_service.guard import client_address
from frontdesk_service.projections import channel, waiting
from frontdesk_service.reading import Reads

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
"""A request that carries one came from elsewhere, through a proxy on this machine."""


class Summary(BaseModel):
    """Two numbers of `assistant status`."""

    channel: Literal["open", "connecting", "closed"]
    unanswered: int


def from_this_machine(request: Request) -> None:
    """Answer 404 to everybody else."""
    try:
        near = ip_address(client_address(request)).is_loopback
    except ValueError:
        near = False
    if not near or any(name in request.headers for name in FORWARDED):
        raise HTTPException(404)


def router(clock: Clock, reads: Reads) -> APIRouter:
    """`GET /internal/summary`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/internal/summary")
    async def summary(_: Annotated[None, Depends(from_this_machine)]) -> Summary:
        async with reads() as connection:
            state = await channel.state(connection)
            return Summary.model_validate(
                {"channel": state, "unanswered": await waiting.unanswered(connection, clock())}
            )

    return routes
