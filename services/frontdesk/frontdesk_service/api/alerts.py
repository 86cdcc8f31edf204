"""What somebody must know, and that somebody looks after it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from frontdesk_service.alarm import Alarm, Alert
from frontdesk_service.alerting import Severity
from frontdesk_service.api.auth import Bearer
from frontdesk_service.api.shapes import Time
from frontdesk_service.problems import documented
from frontdesk_service.tokens import Account


class AlertShape(BaseModel):
    """One alert; `runbook` is the file and section that says what to do, `times` how often it came back."""

    id: UUID
    condition: str
    severity: Severity
    status: Literal["open", "closed"]
    title: str | None
    detail: str | None
    value: float
    limit: float | None
    raised_at: Time
    cleared_at: Time | None
    times: int
    acknowledged_by: str | None
    acknowledged_at: Time | None
    runbook: str | None


class Alerts(BaseModel):
    """Alerts, open ones first."""

    items: list[AlertShape]


def router(alarm: Alarm, bearer: Bearer) -> APIRouter:
    """`GET /alerts`, `POST /alerts/{id}/acknowledge`."""
    routes = APIRouter(prefix="/alerts", tags=["alerts"], responses=documented(401, 403))
    somebody = Annotated[Account, Depends(bearer("alerts"))]

    def shape(alert: Alert) -> AlertShape:
        rule = alarm.rules.of(alert.condition)
        return AlertShape(
            **{name: getattr(alert, name) for name in AlertShape.model_fields.keys() & Alert.__annotations__.keys()},
            status="closed" if alert.cleared_at else "open",
            title=rule.title if rule else None,
            limit=rule.limit if rule else None,
            runbook=rule.runbook if rule else None,
        )

    @routes.get("")
    async def listed(_: somebody, status: Literal["open", "closed"] | None = None) -> Alerts:
        """Return open alerts, and those that ended in the last thirty days."""
        return Alerts(items=[shape(each) for each in await alarm.listed(status)])

    @routes.post("/{alert_id}/acknowledge", responses=documented(404))
    async def acknowledge(alert_id: UUID, account: somebody) -> AlertShape:
        """Say that somebody looks after it: it is not told again."""
        alert = await alarm.acknowledge(alert_id, account.username)
        if alert is None:
            raise HTTPException(404, "Este aviso não existe.")
        return shape(alert)

    return routes
