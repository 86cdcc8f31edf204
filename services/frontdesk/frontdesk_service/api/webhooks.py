"""Events that another system did not take."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from frontdesk_service.api.auth import Bearer
from frontdesk_service.api.shapes import Time
from frontdesk_service.problems import documented
from frontdesk_service.tokens import Account
from frontdesk_service.webhooks import Webhooks


class DeliveryShape(BaseModel):
    """One event; `failure` is the status or the kind of error of the last attempt."""

    id: UUID
    kind: str
    at: Time
    attempts: int
    dead_at: Time | None
    failure: str | None


class Deliveries(BaseModel):
    """What was given up, the newest first."""

    items: list[DeliveryShape]


def router(webhooks: Webhooks, bearer: Bearer) -> APIRouter:
    """`GET /webhooks/dead`, `POST /webhooks/dead/{id}/replay`."""
    routes = APIRouter(prefix="/webhooks/dead", tags=["webhooks"], responses=documented(401, 403))
    somebody = Annotated[Account, Depends(bearer("system"))]

    @routes.get("")
    async def dead(_: somebody) -> Deliveries:
        """Return events that were tried for hours and given up."""
        given_up = await webhooks.dead()
        return Deliveries(items=[DeliveryShape.model_validate(each, from_attributes=True) for each in given_up])

    @routes.post("/{delivery_id}/replay", status_code=202, responses=documented(404))
    async def replay(delivery_id: UUID, _: somebody) -> None:
        """Try one again, from the beginning."""
        if not await webhooks.replay(delivery_id):
            raise HTTPException(404, "Este aviso a outro sistema não existe, ou não foi abandonado.")

    return routes
