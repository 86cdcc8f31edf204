"""Everything about one person: shown, handed over, erased."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response

from frontdesk_service.api import shapes
from frontdesk_service.api.auth import Bearer
from frontdesk_service.domain import phones
from frontdesk_service.erasing import Erasing
from frontdesk_service.problems import documented
from frontdesk_service.reading import Reads
from frontdesk_service.showing import contact_of, export_of
from frontdesk_service.tokens import Account

NOBODY = "Ninguém escreveu deste número."


def router(reads: Reads, erasing: Erasing, bearer: Bearer) -> APIRouter:
    """`GET /contacts/{phone}`, `GET …/export`, `DELETE …`."""
    routes = APIRouter(prefix="/contacts", tags=["contacts"], responses=documented(401, 403, 404))

    @routes.get("/{phone}")
    async def contact(phone: str, _: Annotated[Account, Depends(bearer("conversations"))]) -> shapes.Contact:
        """Return one person by phone, `+5551…` or digits."""
        async with reads() as connection:
            shown = await contact_of(connection, phone)
        if shown is None:
            raise HTTPException(404, NOBODY)
        return shown

    @routes.get("/{phone}/export")
    async def export(
        phone: str, response: Response, _: Annotated[Account, Depends(bearer("privacy"))]
    ) -> shapes.Export:
        """Return all that is kept of a person, to be handed to them (LGPD, art. 18, II and V)."""
        async with reads() as connection:
            shown = await export_of(connection, phone)
        if shown is None:
            raise HTTPException(404, NOBODY)
        response.headers["Content-Disposition"] = 'attachment; filename="dados.json"'
        return shown

    @routes.delete("/{phone}", status_code=202)
    async def erase(phone: str, _: Annotated[Account, Depends(bearer("privacy"))]) -> None:
        """Erase a person everywhere, within seconds; their future visits are cancelled (LGPD, art. 18, VI)."""
        meant = phones(phone)
        if not meant:
            raise HTTPException(404, NOBODY)
        await erasing.request(meant[-1])

    return routes
