"""The unit's quick replies: written, changed, dropped by whoever answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from frontdesk_service.pages.frame import Frame
from frontdesk_service.quick_replies import MAX_REPLY, MAX_TITLE, VARIABLES, QuickReplies, unknown
from frontdesk_service.tokens import Account

HERE = "/respostas"


def router(frame: Frame, quick_replies: QuickReplies) -> APIRouter:
    """`/respostas`, and its forms."""
    routes = APIRouter(prefix=HERE)
    signed_in = Annotated[Account, Depends(frame.sessions.may("conversations"))]
    from_our_page = [Depends(frame.sessions.check_form)]

    async def page(request: Request, account: Account, said: str | None = None, status: int = 200) -> Response:
        return frame.page(
            request,
            account,
            "quick_replies.html",
            status=status,
            replies=await quick_replies.listed(),
            variables=VARIABLES,
            said=said,
            max_title=MAX_TITLE,
            max_reply=MAX_REPLY,
        )

    @routes.get("")
    async def show(request: Request, account: signed_in) -> Response:
        return await page(request, account)

    @routes.post("", dependencies=from_our_page)
    async def keep(
        request: Request,
        account: signed_in,
        title: Annotated[str, Form(max_length=MAX_TITLE)] = "",
        text: Annotated[str, Form(max_length=MAX_REPLY)] = "",
        reply_id: Annotated[UUID | None, Form()] = None,
    ) -> Response:
        title, text = title.strip(), text.strip()
        if not (title and text):
            return await page(request, account, "Escreva o título e a resposta.", 422)
        if wrong := unknown(text):
            return await page(request, account, f"{{{wrong[0]}}} não existe: veja as variáveis abaixo.", 422)
        await quick_replies.keep(reply_id, title, text, by=account.username)
        return RedirectResponse(HERE, status_code=303)

    @routes.post("/{reply_id}/apagar", dependencies=from_our_page)
    async def drop(reply_id: UUID, _: signed_in) -> Response:
        await quick_replies.drop(reply_id)
        return RedirectResponse(HERE, status_code=303)

    return routes
