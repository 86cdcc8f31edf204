"""What happened to a message."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from frontdesk_service.api.auth import Bearer
from frontdesk_service.api.shapes import Time
from frontdesk_service.problems import documented
from frontdesk_service.projections import trail
from frontdesk_service.reading import Reads
from frontdesk_service.timeline import steps, summary, trace_id
from frontdesk_service.tokens import Account


class StepShape(BaseModel):
    """One step in Portuguese; `fact` is the fact that told it."""

    at: Time
    what: str
    detail: str | None
    fact: str


class Timeline(BaseModel):
    """A message's way, oldest step first; nothing of what was said. `trace_id` is OpenTelemetry's."""

    id: UUID
    channel_id: str | None
    trace_id: str | None
    summary: str
    steps: list[StepShape]


async def timeline_of(reads: Reads, message_id: str) -> Timeline:
    """Return a message's timeline by our id or the channel's, or answer 404."""
    async with reads() as connection:
        found = await trail.of(connection, message_id)
    if found is None:
        raise HTTPException(404, "Esta mensagem não existe.")
    channel_id, own_id, events = found
    told = steps(events)
    return Timeline(
        id=own_id,
        channel_id=channel_id,
        trace_id=trace_id(events),
        summary=summary(told),
        steps=[StepShape.model_validate(step, from_attributes=True) for step in told],
    )


def router(reads: Reads, bearer: Bearer) -> APIRouter:
    """`GET /messages/{id}/timeline`."""
    routes = APIRouter(prefix="/messages", tags=["messages"], responses=documented(401, 403, 404))

    @routes.get("/{message_id}/timeline")
    async def timeline(message_id: str, _: Annotated[Account, Depends(bearer("trace"))]) -> Timeline:
        """Return what happened to a message; the id is ours or the channel's."""
        return await timeline_of(reads, message_id)

    return routes
