"""The list of conversations, and one of them."""

from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any

from chassis.store import Connection
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from frontdesk_service.domain import known, local
from frontdesk_service.pages.frame import Frame
from frontdesk_service.projections import (
    channel,
    handoffs,
    knowledge,
    leads,
    messages,
    overview,
    persons,
    visits,
    waiting,
)
from frontdesk_service.projections.persons import Person
from frontdesk_service.reading import Reads
from frontdesk_service.staff import MAX_TEXT
from frontdesk_service.tokens import Account


@dataclass(frozen=True)
class Conversations:
    """The list, and one conversation beside it."""

    frame: Frame
    reads: Reads

    async def page(self, request: Request, account: Account, path: str | None = None) -> Response:
        """Show them. 404 when nobody is known by `path`."""
        now = self.frame.clock()
        async with self.reads() as connection:
            shown = await self._conversation(connection, path) if path else None
            values: dict[str, Any] = {
                "items": await overview.listed(connection, now),
                "channel": await channel.state(connection),
                "unanswered": await waiting.unanswered(connection, now),
                "alerts_open": await connection.fetchval(
                    "select count(*) from alerts where cleared_at is null and severity <> 'info'"
                ),
                "gaps_open": await knowledge.open_gaps(connection, now),
            }
        return self.frame.page(
            request, account, "conversations.html", **values, shown=shown, path=path, max_text=MAX_TEXT
        )

    async def _conversation(self, connection: Connection, path: str) -> dict[str, Any]:
        person = await found(connection, path)
        said = await messages.of(connection, person.conversations)
        handoff = await handoffs.current(connection, person.conversations)
        holder = await handoffs.holder(connection, person.conversations) if person.owner == "unit" else None
        return {
            "person": person,
            "known": known(await leads.of(connection, person.conversation), person.phone),
            "days": [(day, list(those)) for day, those in groupby(said, key=lambda message: local(message.at).date())],
            "visits": await visits.of(connection, person.conversations),
            "handoff": handoff if handoff and handoff.status != "released" else None,
            "holder": holder,
            "by_phone": holder == handoffs.UNIT_PHONE,
            "answering": await waiting.answering(connection, person.conversations, self.frame.clock()),
        }


async def found(connection: Connection, path: str) -> Person:
    """Return the person of an address, or answer 404."""
    person = await persons.find(connection, path)
    if person is None:
        raise HTTPException(404, "Ninguém escreveu deste número.")
    return person


def router(frame: Frame, reads: Reads) -> APIRouter:
    """`/` and `/conversas/{digits}`."""
    routes = APIRouter()
    shown = Conversations(frame, reads)
    signed_in = Annotated[Account, Depends(frame.sessions.may("conversations"))]

    @routes.get("/")
    async def everybody(request: Request, account: Annotated[Account, Depends(frame.sessions.account)]) -> Response:
        if not account.may("conversations"):
            return RedirectResponse("/avisos", status_code=303)
        return await shown.page(request, account)

    @routes.get("/conversas/{path}")
    async def one(request: Request, path: str, account: signed_in) -> Response:
        return await shown.page(request, account, path)

    return routes
