"""Questions that nothing answered, and the unit's answers to them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from contracts.frontdesk import TaughtAnswer
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field, StringConstraints

from frontdesk_service.api.auth import Bearer
from frontdesk_service.api.shapes import Time
from frontdesk_service.gaps import Gap
from frontdesk_service.hours import Period
from frontdesk_service.problems import documented
from frontdesk_service.teaching import MAX_ANSWER, MAX_QUESTION, Teaching
from frontdesk_service.tokens import Account


class AnswerShape(BaseModel):
    """What the unit taught; `by` owns it, and it ends at `expires_at`, if ever."""

    id: UUID
    question: str
    answer: str
    by: str
    answered_at: Time
    expires_at: Time | None

    @classmethod
    def of(cls, answer: TaughtAnswer) -> "AnswerShape":
        """Show an answer."""
        return cls.model_validate(answer, from_attributes=True)


class GapShape(BaseModel):
    """Questions that ask the same: the shortest wording, how often and by how many families it was asked."""

    id: UUID
    question: str
    times: int
    people: int
    first_at: Time
    last_at: Time
    status: Literal["open", "answered"]
    answer: AnswerShape | None

    @classmethod
    def of(cls, gap: Gap) -> "GapShape":
        """Show a gap."""
        return cls(
            id=gap.id,
            question=gap.question,
            times=len(gap.asked),
            people=gap.people,
            first_at=gap.asked[0].asked_at,
            last_at=gap.asked[-1].asked_at,
            status="answered" if gap.answer else "open",
            answer=AnswerShape.of(gap.answer) if gap.answer else None,
        )


class Gaps(BaseModel):
    """What was asked, what waits for an answer first."""

    items: list[GapShape]


class Answers(BaseModel):
    """What the unit taught and still holds, newest first."""

    items: list[AnswerShape]


class Answer(BaseModel):
    """An answer as families will read it; `expires_on` is the last day on which it holds."""

    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=MAX_ANSWER)]
    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)] | None = Field(
        default=None, max_length=MAX_QUESTION
    )
    expires_on: date | None = None


def router(teaching: Teaching, bearer: Bearer) -> APIRouter:
    """`GET /gaps`, `POST /gaps/{id}/answer`, `GET /answers`, `DELETE /answers/{id}`."""
    routes = APIRouter(tags=["knowledge"], responses=documented(401, 403))
    somebody = Annotated[Account, Depends(bearer("knowledge"))]

    @routes.get("/gaps")
    async def gaps(_: somebody, status: Literal["open", "answered"] | None = None) -> Gaps:
        """Return questions that nothing answered, grouped; those without an answer first."""
        shown = [GapShape.of(gap) for gap in await teaching.gaps()]
        return Gaps(items=[gap for gap in shown if status in (None, gap.status)])

    @routes.post("/gaps/{gap_id}/answer", status_code=201, responses=documented(404))
    async def answer(gap_id: UUID, body: Answer, account: somebody) -> AnswerShape:
        """Answer once: it is used from the next message on. Again replaces the answer."""
        gap = await teaching.gap(gap_id)
        if gap is None:
            raise HTTPException(404, "Esta pergunta não existe.")
        ends = Period.of("day", body.expires_on).ends if body.expires_on else None
        taught = await teaching.answer(gap, body.answer, by=account.username, question=body.question, expires_at=ends)
        return AnswerShape.of(taught)

    @routes.get("/answers")
    async def answers(_: somebody) -> Answers:
        """Return what the unit taught and still holds."""
        return Answers(items=[AnswerShape.of(each) for each in await teaching.answers()])

    @routes.delete("/answers/{answer_id}", status_code=204, responses=documented(404))
    async def take_back(answer_id: UUID, account: somebody) -> None:
        """Teach it no more."""
        if not await teaching.take_back(answer_id, by=account.username):
            raise HTTPException(404, "Esta resposta não existe mais.")

    return routes
