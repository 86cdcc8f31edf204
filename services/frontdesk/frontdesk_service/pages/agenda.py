"""The week as a calendar page, one free time of it, and one visit of it."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from chassis.store import Connection
from contracts.dialogue import Slot
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from frontdesk_service.diary import Diary
from frontdesk_service.domain import UNIT_ZONE, known, local
from frontdesk_service.hours import DayAsked
from frontdesk_service.pages.frame import Frame
from frontdesk_service.projections import agenda, leads, persons
from frontdesk_service.projections.agenda import A_VISIT
from frontdesk_service.reading import Reads
from frontdesk_service.tokens import Account
from frontdesk_service.week import A_WEEK, Appointment, days_of, midnight, monday_of

MOVES_DAYS = 14
"""So many days ahead are offered to move a visit to."""


def moment_of(text: str) -> datetime:
    """Read `2026-11-24T09:00`, local at the unit. Answers 404 to what is no time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UNIT_ZONE)
    except ValueError as error:
        raise HTTPException(404, "Este horário não existe.") from error


def slot_of(start: str, end: str = "") -> Slot:
    """Read a time; without an end it is as long as a visit."""
    begins = moment_of(start)
    return Slot(start=begins, end=moment_of(end) if end else begins + A_VISIT)


async def visit_of(connection: Connection, visit_id: UUID) -> Appointment:
    """Return a visit, or answer 404."""
    visit = await agenda.one(connection, visit_id)
    if visit is None:
        raise HTTPException(404, "Esta visita não está mais na agenda.")
    return visit


def router(frame: Frame, reads: Reads, diary: Diary) -> APIRouter:
    """`/agenda`, `/agenda/imprimir`, `/agenda/horario`, `/agenda/visitas/{id}`."""
    routes = APIRouter(prefix="/agenda")
    clock = frame.clock
    signed_in = Annotated[Account, Depends(frame.sessions.may("conversations"))]

    @routes.get("")
    async def week(
        request: Request,
        account: signed_in,
        dia: DayAsked | None = None,
        para: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        day = dia or local(clock()).date()
        first = monday_of(day)
        book = await diary.week(first)
        async with reads() as connection:
            visits = await agenda.between(connection, midnight(first), midnight(first + timedelta(days=A_WEEK)))
            conflicts = await agenda.conflicts(connection)
            person = await persons.find(connection, para) if para else None
        days = days_of(first, visits, book)
        return frame.page(
            request,
            account,
            "agenda.html",
            days=days,
            first=first,
            selected=day if any(day == each.date for each in days) else days[-1].date,
            away=book is None,
            conflicts=conflicts,
            para=person.path if person else "",
        )

    @routes.get("/imprimir")
    async def printed(request: Request, account: signed_in, dia: DayAsked | None = None) -> Response:
        day = dia or local(clock()).date()
        async with reads() as connection:
            visits = await agenda.between(connection, midnight(day), midnight(day + timedelta(days=1)))
        return frame.page(request, account, "agenda_print.html", day=day, visits=visits)

    @routes.get("/horario")
    async def a_time(
        request: Request,
        account: signed_in,
        inicio: Annotated[str, Query(max_length=32)],
        fim: Annotated[str, Query(max_length=32)] = "",
        para: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        slot = slot_of(inicio, fim)
        values = {"parent_name": "", "phone": "", "student_name": ""}
        async with reads() as connection:
            if para and (person := await persons.find(connection, para)):
                lead = known(await leads.of(connection, person.conversation), person.phone)
                name = lead.lead.parent_name or person.profile_name or ""
                values = {
                    "parent_name": name,
                    "phone": person.phone or "",
                    "student_name": lead.student_name or "",
                }
        return frame.page(request, account, "agenda_time.html", slot=slot, values=values, said=None)

    @routes.get("/visitas/{visit_id}")
    async def a_visit(request: Request, account: signed_in, visit_id: UUID) -> Response:
        async with reads() as connection:
            visit = await visit_of(connection, visit_id)
        book = await diary.week(local(clock()).date(), days=MOVES_DAYS)
        first = local(clock()).date()
        weeks = (days_of(first + timedelta(days=ahead), [], book) for ahead in range(0, MOVES_DAYS, A_WEEK))
        free = [(day.date, [row.slot for row in day.rows if row.kind == "free"]) for week in weeks for day in week]
        return frame.page(
            request,
            account,
            "agenda_visit.html",
            visit=visit,
            away=book is None,
            free=[(day, slots) for day, slots in free if slots],
        )

    return routes
