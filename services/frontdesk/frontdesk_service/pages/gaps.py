"""Questions that nothing answered, each with a place for the answer."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from frontdesk_service.hours import Period
from frontdesk_service.pages.frame import Frame
from frontdesk_service.teaching import MAX_ANSWER, MAX_QUESTION, Teaching
from frontdesk_service.tokens import Account

HERE = "/perguntas"


def router(frame: Frame, teaching: Teaching) -> APIRouter:
    """`/perguntas`, and its forms."""
    routes = APIRouter(prefix=HERE)
    signed_in = Annotated[Account, Depends(frame.sessions.may("knowledge"))]
    from_our_page = [Depends(frame.sessions.check_form)]

    @routes.get("")
    async def show(request: Request, account: signed_in) -> Response:
        gaps = await teaching.gaps()
        return frame.page(
            request,
            account,
            "gaps.html",
            waiting=[gap for gap in gaps if not gap.answer],
            answers=await teaching.answers(),
            max_answer=MAX_ANSWER,
            max_question=MAX_QUESTION,
        )

    @routes.post("/{gap_id}", dependencies=from_our_page)
    async def answer(
        gap_id: UUID,
        account: signed_in,
        question: Annotated[str, Form(max_length=MAX_QUESTION)] = "",
        answer: Annotated[str, Form(max_length=MAX_ANSWER)] = "",
        expires_on: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        gap = await teaching.gap(gap_id)
        if gap is None:
            raise HTTPException(404, "Esta pergunta não existe mais.")
        if answer.strip():
            ends = Period.of("day", date.fromisoformat(expires_on)).ends if expires_on else None
            await teaching.answer(
                gap, answer.strip(), by=account.username, question=question.strip() or None, expires_at=ends
            )
        return RedirectResponse(HERE, status_code=303)

    @routes.post("/respostas/{answer_id}/retirar", dependencies=from_our_page)
    async def take_back(answer_id: UUID, account: signed_in) -> Response:
        await teaching.take_back(answer_id, by=account.username)
        return RedirectResponse(HERE, status_code=303)

    return routes
