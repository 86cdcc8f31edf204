"""What happened to a message, as a page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from frontdesk_service.api.timeline import timeline_of
from frontdesk_service.pages.frame import Frame
from frontdesk_service.reading import Reads
from frontdesk_service.tokens import Account


def router(frame: Frame, reads: Reads) -> APIRouter:
    """`/mensagens/{id}`."""
    routes = APIRouter()

    @routes.get("/mensagens/{message_id}")
    async def show(
        request: Request, message_id: str, account: Annotated[Account, Depends(frame.sessions.may("trace"))]
    ) -> Response:
        return frame.page(request, account, "timeline.html", timeline=await timeline_of(reads, message_id))

    return routes
