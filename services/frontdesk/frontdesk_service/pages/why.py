"""Why the assistant answered as she did, as a page that opens over the conversation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from frontdesk_service.pages.conversations import found
from frontdesk_service.pages.frame import Frame
from frontdesk_service.projections import messages, trail
from frontdesk_service.reading import Reads
from frontdesk_service.tokens import Account
from frontdesk_service.why import why


def router(frame: Frame, reads: Reads) -> APIRouter:
    """`GET /conversas/{digits}/porque/{id}`."""
    routes = APIRouter()

    @routes.get("/conversas/{path}/porque/{message_id}")
    async def show(
        path: str,
        message_id: UUID,
        request: Request,
        account: Annotated[Account, Depends(frame.sessions.may("conversations"))],
    ) -> Response:
        async with reads() as connection:
            person = await found(connection, path)
            said = await messages.one_of_assistant(connection, person.conversations, message_id)
            told = await trail.of(connection, str(message_id)) if said else None
        if said is None or told is None:
            raise HTTPException(404, "Esta resposta não existe.")
        _, _, events = told
        return frame.page(request, account, "why.html", person=person, said=said, message=message_id, why=why(events))

    return routes
