"""Server-sent events: which conversations changed, so that an open page looks again."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from frontdesk_service.changes import EVERYTHING, Changes
from frontdesk_service.pages.session import LoginNeeded, Sessions
from frontdesk_service.tokens import Account

RETRY_MS = 2000


def router(sessions: Sessions, changes: Changes) -> APIRouter:
    """`/eventos`, as long as the sign-in is good: its end ends the stream at the next change."""
    routes = APIRouter()

    @routes.get("/eventos", response_class=EventSourceResponse)
    async def events(
        request: Request, _: Annotated[Account, Depends(sessions.account)]
    ) -> AsyncIterator[ServerSentEvent]:
        with changes.subscribe() as subscription:
            # Whoever comes back may have missed something.
            yield ServerSentEvent(event="changed", data=[EVERYTHING], retry=RETRY_MS)
            while (changed := await subscription.next()) is not None:
                try:
                    await sessions.account(request)
                except LoginNeeded:
                    return
                yield ServerSentEvent(event="changed", data=changed)

    return routes
