"""The list of conversations, one of them, and what of both changed since an open page was rendered."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any

from chassis.store import Connection
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from frontdesk_service.domain import known, local
from frontdesk_service.lead_fields import sealed, values_in
from frontdesk_service.pages.channel import channel_now
from frontdesk_service.pages.frame import Frame
from frontdesk_service.pages.helping import Helpers
from frontdesk_service.projections import (
    channel,
    evidence,
    handoffs,
    knowledge,
    leads,
    messages,
    overview,
    persons,
    replies,
    visits,
    waiting,
)
from frontdesk_service.projections.overview import Cursor
from frontdesk_service.projections.persons import Person
from frontdesk_service.reading import Reads
from frontdesk_service.staff import MAX_TEXT
from frontdesk_service.suggesting import unanswered
from frontdesk_service.tokens import Account

MOST = 100
"""Conversations that an open page asks for at once; when more changed, it asks for everything."""


@dataclass(frozen=True)
class Wish:
    """Which part of the list somebody wants to see: those with these words, those after a place in it."""

    words: str = ""
    after: Cursor | None = None


def wish(busca: Annotated[str, Query(max_length=100)] = "", depois: Annotated[str, Query(max_length=200)] = "") -> Wish:
    """Read it from an address."""
    return Wish(" ".join(busca.split()), Cursor.read(depois))


@dataclass(frozen=True)
class Conversations:
    """The list, and one conversation beside it."""

    frame: Frame
    reads: Reads
    helpers: Helpers

    async def page(
        self, request: Request, account: Account, wish: Wish, path: str | None = None, *, suggest: bool = False
    ) -> Response:
        """Show them. 404 when nobody is known by `path`."""
        now = self.frame.clock()
        async with self.reads() as connection:
            shown = await self._conversation(connection, path) if path else None
            if wish.words:
                listing = await overview.found(connection, wish.words, now, wish.after)
            else:
                listing = await overview.listed(connection, now, wish.after)
            values = {"listing": listing, "wish": wish, **await self._state(connection, now)}
        if shown and suggest:
            shown |= {"asked": True, "suggestion": await self.helpers.suggestion(shown["said"])}
        return self.frame.page(
            request, account, "conversations.html", **values, shown=shown, path=path, max_text=MAX_TEXT
        )

    async def changed(self, request: Request, account: Account, conversations: list[str], path: str) -> Response:
        """Show the rows of some conversations, and the one that is open if it is among them."""
        now = self.frame.clock()
        async with self.reads() as connection:
            person = await found(connection, path) if path else None
            is_open = person is not None and not set(person.conversations).isdisjoint(conversations)
            values = {
                "items": await overview.of(connection, conversations, now),
                "shown": await self._conversation(connection, path) if is_open else None,
                **await self._state(connection, now),
            }
        return self.frame.page(request, account, "changed.html", **values, wish=Wish(), max_text=MAX_TEXT)

    async def _state(self, connection: Connection, now: datetime) -> dict[str, Any]:
        return {
            "channel": await channel.state(connection),
            "channel_now": await channel_now(connection, now),
            "unanswered": await waiting.unanswered(connection, now),
            "alerts_open": await connection.fetchval(
                "select count(*) from alerts where cleared_at is null and severity <> 'info'"
            ),
            "gaps_open": await knowledge.open_gaps(connection, now),
        }

    async def _conversation(self, connection: Connection, path: str) -> dict[str, Any]:
        person = await found(connection, path)
        said = await messages.of(connection, person.conversations)
        handoff = await handoffs.current(connection, person.conversations)
        holder = await handoffs.holder(connection, person.conversations) if person.owner == "unit" else None
        lead = known(await leads.of(connection, person.conversation), person.phone)
        booked = await visits.of(connection, person.conversations)
        last = await replies.last_of_unit(connection, person.conversations)
        return {
            "person": person,
            "known": lead,
            "evidence": await evidence.of(connection, person.conversation),
            "typed": await leads.typed_of(connection, person.conversation),
            "was": sealed(values_in(lead.lead)),
            "said": said,
            "seen": last.id if last else "-",
            "quick": await self.helpers.quick(person, lead, booked, self.frame.clock()),
            "suggestion": None,
            "asked": False,
            "asked_by": next((message.id for message in reversed(said) if message.direction == "in"), ""),
            "may_suggest": person.owner == "unit" and bool(unanswered(said)),
            "days": [(day, list(those)) for day, those in groupby(said, key=lambda message: local(message.at).date())],
            "visits": booked,
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


def router(frame: Frame, reads: Reads, helpers: Helpers) -> APIRouter:
    """`/`, `/conversas/{digits}`, and `/mudancas`, which open pages ask."""
    routes = APIRouter()
    pages = Conversations(frame, reads, helpers)
    signed_in = Annotated[Account, Depends(frame.sessions.may("conversations"))]
    wished = Annotated[Wish, Depends(wish)]

    @routes.get("/")
    async def everybody(
        request: Request, account: Annotated[Account, Depends(frame.sessions.account)], wish: wished
    ) -> Response:
        if not account.may("conversations"):
            return RedirectResponse("/avisos", status_code=303)
        return await pages.page(request, account, wish)

    @routes.get("/conversas/{path}")
    async def one(request: Request, path: str, account: signed_in, wish: wished, sugerir: bool = False) -> Response:
        return await pages.page(request, account, wish, path, suggest=sugerir)

    @routes.get("/mudancas")
    async def changed(
        request: Request,
        account: signed_in,
        de: Annotated[list[str], Query(max_length=MOST)],
        aberta: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        return await pages.changed(request, account, de, aberta)

    return routes
