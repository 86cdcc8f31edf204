"""The forms of the agenda: book, move, cancel, say whether they came, keep a time free and give it back."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID, uuid4

from contracts.dialogue import Slot
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from frontdesk_service.diary import Diary, Family
from frontdesk_service.lead_fields import e164_of
from frontdesk_service.pages.agenda import moment_of, slot_of, visit_of
from frontdesk_service.pages.frame import Frame
from frontdesk_service.reading import Reads
from frontdesk_service.staff import Desk
from frontdesk_service.tokens import Account

BAD_PHONE = "Confira o telefone, com DDD: (51) 98765-0001."
BAD_NAME = "Escreva o nome do responsável."
BAD_TIME = "O fim precisa ser depois do início."

Text = Annotated[str, Form(max_length=120)]
Nonce = Annotated[str, Form(max_length=64)]


def router(frame: Frame, reads: Reads, desk: Desk, diary: Diary) -> APIRouter:
    """`/agenda/…`; each leads back to the day that it was about."""
    forms = APIRouter(prefix="/agenda", dependencies=[Depends(frame.sessions.check_form)])
    signed_in = Annotated[Account, Depends(frame.sessions.may("conversations"))]

    @forms.post("/visitas")
    async def book(
        *,
        request: Request,
        account: signed_in,
        inicio: Text,
        fim: Text = "",
        parent_name: Text = "",
        phone: Text = "",
        student_name: Text = "",
        nonce: Nonce = "",
    ) -> Response:
        slot, e164, name = slot_of(inicio, fim), e164_of(phone), parent_name.strip()
        if e164 is None or not name:
            values = {"parent_name": parent_name, "phone": phone, "student_name": student_name}
            said = BAD_NAME if not name else BAD_PHONE
            return frame.page(request, account, "agenda_time.html", status=422, slot=slot, values=values, said=said)
        family = Family(e164, name, student_name.strip() or None)
        await diary.book(slot, family, by=account.username, key=nonce or uuid4().hex)
        return back(slot.start)

    @forms.post("/visitas/{visit_id}/resultado")
    async def record(
        visit_id: UUID, account: signed_in, outcome: Annotated[Literal["came", "missed"], Form()]
    ) -> Response:
        async with reads() as connection:
            visit = await visit_of(connection, visit_id)
        await desk.record(visit.conversation, account.username, visit_id, outcome)
        return back(visit.slot.start)

    @forms.post("/visitas/{visit_id}/remarcar")
    async def move(visit_id: UUID, account: signed_in, inicio: Text, nonce: Nonce = "") -> Response:
        async with reads() as connection:
            visit = await visit_of(connection, visit_id)
        start = moment_of(inicio)
        slot = Slot(start=start, end=start + (visit.slot.end - visit.slot.start))
        await diary.move(visit, slot, by=account.username, key=nonce or uuid4().hex)
        return back(start)

    @forms.post("/visitas/{visit_id}/cancelar")
    async def cancel(visit_id: UUID, account: signed_in, nonce: Nonce = "") -> Response:
        async with reads() as connection:
            visit = await visit_of(connection, visit_id)
        await diary.cancel(visit, by=account.username, key=nonce or uuid4().hex)
        return back(visit.slot.start)

    @forms.post("/bloqueios")
    async def block(
        *,
        request: Request,
        account: signed_in,
        day: Annotated[date, Form()],
        start: Text = "00:00",
        end: Text = "",
        name: Text = "",
        nonce: Nonce = "",
    ) -> Response:
        begins = moment_of(f"{day}T{start}")
        ends = moment_of(f"{day}T{end}" if end else f"{day + timedelta(days=1)}T00:00")
        if ends <= begins:
            slot, values = slot_of(f"{day}T{start}"), {"parent_name": "", "phone": "", "student_name": ""}
            return frame.page(request, account, "agenda_time.html", status=422, slot=slot, values=values, said=BAD_TIME)
        await diary.block(Slot(start=begins, end=ends), name.strip(), by=account.username, key=nonce or uuid4().hex)
        return back(begins)

    @forms.post("/bloqueios/{block_id}/liberar")
    async def unblock(block_id: UUID, account: signed_in, day: Annotated[date, Form()], nonce: Nonce = "") -> Response:
        await diary.unblock(block_id, day, by=account.username, key=f"{block_id}:{nonce or uuid4().hex}")
        return back(day)

    return forms


def back(day: date | datetime) -> Response:
    """Return to a day of the agenda."""
    return RedirectResponse(f"/agenda?dia={day:%Y-%m-%d}", status_code=303)
