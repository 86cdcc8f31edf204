"""The list of conversations, and one of them."""

from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any
from uuid import uuid4

from chassis.clock import Clock
from chassis.store import Connection
from fastapi import APIRouter, Depends, HTTPException, Request
from jinja2 import Environment
from starlette.responses import Response

from frontdesk_service.domain import known, local
from frontdesk_service.pages.rendering import page_of
from frontdesk_service.pages.session import Sessions
from frontdesk_service.projections import channel, handoffs, leads, messages, overview, persons, visits, waiting
from frontdesk_service.projections.persons import Person
from frontdesk_service.reading import Reads
from frontdesk_service.staff import MAX_TEXT
from frontdesk_service.tokens import Account


@dataclass(frozen=True)
class Frame:
    """What every page shows around itself."""

    environment: Environment
    sessions: Sessions
    clock: Clock
    reads: Reads

    async def page(self, request: Request, account: Account, path: str | None = None) -> Response:
        """Show the list, and one conversation beside it. 404 when nobody is known by `path`."""
        now = self.clock()
        async with self.reads() as connection:
            shown = await self._conversation(connection, path) if path else None
            values: dict[str, Any] = {
                "items": await overview.listed(connection, now),
                "channel": await channel.state(connection),
                "unanswered": await waiting.unanswered(connection, now),
            }
        seed = self.sessions.seed(request)
        response = page_of(
            self.environment,
            "conversations.html",
            **values,
            shown=shown,
            path=path,
            account=account,
            now=now,
            form_token=self.sessions.token_for(seed),
            nonce=uuid4().hex,
            max_text=MAX_TEXT,
        )
        self.sessions.form_token(request, response, seed)
        return response

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
            "answering": await waiting.answering(connection, person.conversations, self.clock()),
        }


async def found(connection: Connection, path: str) -> Person:
    """Return the person of an address, or answer 404."""
    person = await persons.find(connection, path)
    if person is None:
        raise HTTPException(404, "Ninguém escreveu deste número.")
    return person


def router(environment: Environment, sessions: Sessions, clock: Clock, reads: Reads) -> APIRouter:
    """`/` and `/conversas/{digits}`."""
    routes = APIRouter()
    frame = Frame(environment, sessions, clock, reads)
    signed_in = Annotated[Account, Depends(sessions.account)]

    @routes.get("/")
    async def everybody(request: Request, account: signed_in) -> Response:
        return await frame.page(request, account)

    @routes.get("/conversas/{path}")
    async def one(request: Request, path: str, account: signed_in) -> Response:
        return await frame.page(request, account, path)

    return routes
