"""The forms of a conversation: what the unit does about it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from starlette.responses import RedirectResponse, Response

from frontdesk_service.pages.conversations import found
from frontdesk_service.pages.session import Sessions
from frontdesk_service.reading import Reads
from frontdesk_service.staff import MAX_TEXT, Desk
from frontdesk_service.tokens import Account


def router(sessions: Sessions, reads: Reads, desk: Desk) -> APIRouter:
    """`/conversas/{digits}/…`: take over, give back, answer, say whether they came; each leads back to the page."""
    forms = APIRouter(prefix="/conversas/{path}", dependencies=[Depends(sessions.check_form)])
    signed_in = Annotated[Account, Depends(sessions.may("conversations"))]

    async def conversation(path: str) -> str:
        async with reads() as connection:
            return (await found(connection, path)).conversation

    def back(path: str) -> Response:
        return RedirectResponse(f"/conversas/{path}", status_code=303)

    @forms.post("/assumir")
    async def take(path: str, account: signed_in, de: Annotated[str, Form(max_length=64)] = "") -> Response:
        await desk.take(await conversation(path), account.username, instead_of=de or None)
        return back(path)

    @forms.post("/devolver")
    async def release(path: str, account: signed_in) -> Response:
        await desk.release(await conversation(path), account.username)
        return back(path)

    @forms.post("/responder")
    async def reply(
        path: str,
        account: signed_in,
        text: Annotated[str, Form(max_length=MAX_TEXT)] = "",
        nonce: Annotated[str, Form(max_length=64)] = "",
        seen: Annotated[str | None, Form(max_length=64)] = None,
    ) -> Response:
        if text.strip():
            await desk.reply(await conversation(path), account.username, text.strip(), nonce or None, seen=seen)
        return back(path)

    @forms.post("/visitas/{visit_id}")
    async def record(
        path: str, visit_id: UUID, account: signed_in, outcome: Annotated[Literal["came", "missed"], Form()]
    ) -> Response:
        await desk.record(await conversation(path), account.username, visit_id, outcome)
        return back(path)

    return forms
