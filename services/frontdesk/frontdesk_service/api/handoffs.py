"""Handoffs, and what the unit does about them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException
from pydantic import BaseModel, Field, StringConstraints

from frontdesk_service.api import shapes
from frontdesk_service.api.auth import Bearer
from frontdesk_service.problems import documented
from frontdesk_service.projections import handoffs
from frontdesk_service.reading import Reads
from frontdesk_service.staff import MAX_TEXT, Desk
from frontdesk_service.tokens import Account


class Reply(BaseModel):
    """What the unit answers, as WhatsApp will show it."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)] = Field(
        repr=False
    )


def router(reads: Reads, desk: Desk, bearer: Bearer) -> APIRouter:
    """`GET /handoffs`, `POST /handoffs/{id}/take`, `…/release`, `…/reply`."""
    routes = APIRouter(prefix="/handoffs", tags=["handoffs"], responses=documented(401, 403))
    somebody = Annotated[Account, Depends(bearer("conversations"))]

    async def found(handoff_id: UUID) -> handoffs.Handoff:
        async with reads() as connection:
            handoff = await handoffs.one(connection, handoff_id)
        if handoff is None:
            raise HTTPException(404, "Este atendimento não existe.")
        return handoff

    @routes.get("", dependencies=[Depends(bearer("conversations"))])
    async def listed(status: shapes.HandoffStatus | None = None) -> shapes.Handoffs:
        """Return handoffs, newest first; of one status, or all."""
        async with reads() as connection:
            return shapes.Handoffs(
                items=[shapes.Handoff.of(each) for each in await handoffs.listed(connection, status)]
            )

    @routes.post("/{handoff_id}/take", responses=documented(404, 409))
    async def take(handoff_id: UUID, account: somebody) -> shapes.Handoff:
        """Take the conversation over: the assistant is silent in it. 409 when somebody else has it."""
        handoff = await found(handoff_id)
        await desk.take(handoff.conversation, account.username)
        return shapes.Handoff.of(await found(handoff_id))

    @routes.post("/{handoff_id}/release", responses=documented(404))
    async def release(handoff_id: UUID, account: somebody) -> shapes.Handoff:
        """Give the conversation back to the assistant."""
        handoff = await found(handoff_id)
        await desk.release(handoff.conversation, account.username)
        return shapes.Handoff.of(await found(handoff_id))

    @routes.post("/{handoff_id}/reply", status_code=202, responses=documented(404, 409))
    async def reply(
        handoff_id: UUID,
        body: Reply,
        account: somebody,
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    ) -> shapes.Queued:
        """Answer the parent as the unit, taking over first if need be; the same `Idempotency-Key` answers once.

        409 when somebody else has the conversation, 422 while a variable of a quick reply stands in the text.
        """
        handoff = await found(handoff_id)
        message = await desk.reply(handoff.conversation, account.username, body.text, idempotency_key)
        return shapes.Queued(id=message)

    return routes
