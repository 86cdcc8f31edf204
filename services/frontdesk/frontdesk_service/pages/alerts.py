"""Alerts as a page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from frontdesk_service.alarm import Alarm
from frontdesk_service.pages.frame import Frame
from frontdesk_service.tokens import Account
from frontdesk_service.wording import measures

HERE = "/avisos"


def router(frame: Frame, alarm: Alarm) -> APIRouter:
    """`/avisos`, `/avisos/{id}/ciente`."""
    routes = APIRouter(prefix=HERE)
    signed_in = Annotated[Account, Depends(frame.sessions.may("alerts"))]

    @routes.get("")
    async def show(request: Request, account: signed_in) -> Response:
        alerts = [(alert, alarm.rules.of(alert.condition)) for alert in await alarm.listed()]
        return frame.page(request, account, "alerts.html", alerts=alerts, measures=measures)

    @routes.post("/{alert_id}/ciente", dependencies=[Depends(frame.sessions.check_form)])
    async def acknowledge(alert_id: UUID, account: signed_in) -> Response:
        await alarm.acknowledge(alert_id, account.username)
        return RedirectResponse(HERE, status_code=303)

    return routes
