"""How the channel is: connected or not, the code to scan, and who waits while nothing can be sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from chassis.store import Connection
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from frontdesk_service.pages.account import qr
from frontdesk_service.pages.frame import Frame
from frontdesk_service.projections import channel, outages
from frontdesk_service.projections.outages import Outage
from frontdesk_service.reading import Reads
from frontdesk_service.tokens import Account

HERE = "/canal"


@dataclass(frozen=True)
class ChannelNow:
    """`closed_since` and `away` are what is wrong; `code` is WhatsApp's, as long as it is good."""

    state: str
    closed_since: datetime | None
    code: str | None
    away: list[Outage]

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything."""
        return not (self.closed_since or self.code or self.away)

    @property
    def waiting(self) -> int:
        """How many people wait."""
        return sum(len(each.waiting) for each in self.away)


async def channel_now(connection: Connection, now: datetime) -> ChannelNow:
    """Read it."""
    return ChannelNow(
        state=await channel.state(connection),
        closed_since=await channel.closed_since(connection),
        code=await channel.code(connection, now),
        away=await outages.now_away(connection),
    )


def router(frame: Frame, reads: Reads) -> APIRouter:
    """`/canal`: the code is for those who look after the system, names for those who may see conversations."""
    routes = APIRouter()

    @routes.get(HERE)
    async def show(request: Request, account: Annotated[Account, Depends(frame.sessions.account)]) -> Response:
        async with reads() as connection:
            its = await channel_now(connection, frame.clock())
        code = qr(its.code) if its.code and account.may("system") else None
        return frame.page(request, account, "channel.html", channel=its, code=code)

    return routes
