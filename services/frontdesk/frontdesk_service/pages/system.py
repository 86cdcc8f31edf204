"""The machinery as a page: which services answer, what they lack, whom they leave alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from frontdesk_service.machinery import Machinery
from frontdesk_service.pages.frame import Frame
from frontdesk_service.tokens import Account
from frontdesk_service.wording import machinery as said


def router(frame: Frame, machinery: Machinery) -> APIRouter:
    """`/sistema`, for those who look after it."""
    routes = APIRouter()

    @routes.get("/sistema")
    async def show(request: Request, account: Annotated[Account, Depends(frame.sessions.may("system"))]) -> Response:
        return frame.page(request, account, "system.html", services=await machinery.look(), said=said)

    return routes
