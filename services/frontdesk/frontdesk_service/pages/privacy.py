"""Handing a person's data over, and erasing them, from the page."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import RedirectResponse, Response

from frontdesk_service.erasing import Erasing
from frontdesk_service.pages.conversations import found
from frontdesk_service.pages.frame import Frame
from frontdesk_service.reading import Reads
from frontdesk_service.showing import export_of
from frontdesk_service.tokens import Account


def router(frame: Frame, reads: Reads, erasing: Erasing) -> APIRouter:
    """`/conversas/{digits}/dados.json`, `/conversas/{digits}/apagar`."""
    routes = APIRouter(prefix="/conversas/{path}")
    owner = Annotated[Account, Depends(frame.sessions.may("privacy"))]

    @routes.get("/dados.json")
    async def export(path: str, _: owner) -> Response:
        async with reads() as connection:
            given = await export_of(connection, path)
        if given is None:
            raise HTTPException(404, "Ninguém escreveu deste número.")
        headers = {"Content-Disposition": 'attachment; filename="dados.json"'}
        return Response(given.model_dump_json(indent=2), media_type="application/json", headers=headers)

    @routes.post("/apagar", dependencies=[Depends(frame.sessions.check_form)])
    async def erase(path: str, _: owner) -> Response:
        async with reads() as connection:
            person = await found(connection, path)
        if person.phone is None:
            raise HTTPException(409, "O telefone desta pessoa ainda não é conhecido.")
        await erasing.request(person.phone)
        return RedirectResponse("/", status_code=303)

    return routes
