"""The agenda without a browser: what it shows, what its forms say, and a calendar that is away. Monday, 10:12."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from contracts import conversation_id
from contracts.calendar import (
    BookingConfirmed,
    BusyTime,
    CalendarConflictFound,
    Visit,
    VisitCancelled,
    VisitOutcomeRecorded,
)
from contracts.dialogue import Lead, Slot, Student
from contracts.frontdesk import TimeBlocked, TimeUnblocked, VisitBookedByStaff, VisitCancelledByStaff, VisitMovedByStaff

pytestmark = pytest.mark.stores

PASSWORD = "dois gatos no telhado"
TUESDAY_9 = "2026-11-24T09:00"


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return found[1]


@pytest.fixture
async def client(frontdesk: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in."""
    async with frontdesk.client(signed_in=False) as client:
        form = {"form_token": hidden(await client.get("/entrar"), "form_token"), "username": "maria"}
        await client.post("/entrar", data={**form, "password": PASSWORD, "back": "/"})
        yield client


async def token(client: httpx.AsyncClient) -> dict[str, str]:
    page = await client.get("/agenda/horario", params={"inicio": TUESDAY_9})
    return {name: hidden(page, name) for name in ("form_token", "nonce")}


def a_visit(ana: Any, **ahead: float) -> Visit:
    start = ana.clock.at.replace(minute=0, second=0) + timedelta(**ahead)
    lead = Lead(parent_name="Ana Souza", phone=ana.phone, students=(Student(name="Pedro"),))
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    return Visit(id=uuid4(), slot=slot, status="booked", contact=ana.contact, lead=lead)


async def book(frontdesk: Any, calendar: Any, ana: Any, **ahead: float) -> Visit:
    visit = a_visit(ana, **ahead)
    calendar.book(visit)
    await frontdesk.deliver(ana.fact(BookingConfirmed(visit=visit)))
    return visit


async def test_the_list_leads_to_the_agenda_and_the_agenda_only_to_who_is_signed_in(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        sent = await client.get("/agenda")
        assert (sent.status_code, sent.headers["location"]) == (303, "/entrar?volta=/agenda")
        form = {"form_token": hidden(await client.get("/entrar"), "form_token"), "username": "maria"}
        back = await client.post("/entrar", data={**form, "password": PASSWORD, "back": "/agenda"})
        assert back.headers["location"] == "/agenda"
        assert 'href="/agenda"' in (await client.get("/")).text


async def test_the_week_shows_visits_with_names_blocks_google_and_free_times(
    frontdesk: Any, calendar: Any, ana: Any, client: httpx.AsyncClient
) -> None:
    visit = await book(frontdesk, calendar, ana, hours=5)
    for kind, title, hours in (("block", "Reunião de pais", 28), ("google", "Dentista", 47)):
        start = visit.slot.start + timedelta(hours=hours - 5)
        slot = Slot(start=start, end=start + timedelta(hours=1))
        calendar.busy[uuid4()] = BusyTime(slot=slot, kind=kind, id=uuid4() if kind == "block" else None, title=title)
    page = (await client.get("/agenda")).text
    for shown in ("Ana Souza", "Pedro", "Reunião de pais", "Dentista", "do Google Agenda", "23 a 28 de novembro"):
        assert shown in page
    assert f"inicio={TUESDAY_9}" in page
    assert "inicio=2026-11-23T09:00" not in page, "that is over"
    assert "inicio=2026-11-23T15:00" not in page, "a visit is there"
    assert "Fechado" in page, "Saturday"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=|\bstyle=|<style", page)


async def test_while_the_calendar_is_away_the_page_says_so_and_still_shows_the_visits(
    frontdesk: Any, ana: Any, client: httpx.AsyncClient
) -> None:
    visit = a_visit(ana, hours=5)
    await frontdesk.deliver(ana.fact(BookingConfirmed(visit=visit)))
    for path in ("/agenda", f"/agenda/visitas/{visit.id}"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "A agenda não respondeu agora." in page.text
        assert "Ana Souza" in page.text


async def test_one_tap_says_whether_they_came(
    frontdesk: Any, calendar: Any, ana: Any, client: httpx.AsyncClient
) -> None:
    visit = await book(frontdesk, calendar, ana, hours=1)
    path = f"/agenda/visitas/{visit.id}/resultado"
    assert "Não veio" not in (await client.get("/agenda")).text
    await client.post(path, data={**await token(client), "outcome": "came"})
    assert frontdesk.probe.published == [], "it is still ahead"
    ana.clock.on(hours=1)
    assert "Não veio" in (await client.get("/agenda")).text
    answer = await client.post(path, data={**await token(client), "outcome": "came"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/agenda?dia=2026-11-23")
    assert '<b class="tag">Veio</b>' in (await client.get("/agenda")).text
    (recorded,) = frontdesk.probe.of(VisitOutcomeRecorded)
    assert (recorded.visit_id, recorded.outcome, recorded.by) == (visit.id, "came", "maria")


async def test_a_family_that_never_wrote_is_booked_once_and_shown_by_name(
    frontdesk: Any, calendar: Any, client: httpx.AsyncClient
) -> None:
    form = {**await token(client), "inicio": TUESDAY_9, "fim": "2026-11-24T09:30", "parent_name": " Bia Lima "}
    for _ in range(2):  # an impatient finger
        answer = await client.post("/agenda/visitas", data={**form, "phone": "51 98000-0007", "student_name": "Léo"})
        assert answer.headers["location"] == "/agenda?dia=2026-11-24"
    (event,) = frontdesk.probe.published
    asked = event.data
    assert isinstance(asked, VisitBookedByStaff)
    assert event.subject == conversation_id("+5551980000007")
    assert (asked.slot.start.isoformat(), asked.by) == ("2026-11-24T09:00:00-03:00", "maria")
    lead = asked.lead
    assert (lead.parent_name, lead.phone, lead.students[0].name) == ("Bia Lima", "+5551980000007", "Léo")
    assert asked.contact.address.jid == "5551980000007@s.whatsapp.net"
    await frontdesk.deliver(*calendar.told)
    page = (await client.get("/agenda", params={"dia": "2026-11-24"})).text
    assert "Bia Lima" in page
    assert f"inicio={TUESDAY_9}&" not in page


async def test_a_family_that_writes_is_booked_with_what_is_known(
    frontdesk: Any, calendar: Any, ana: Any, client: httpx.AsyncClient
) -> None:
    student = Student(name="Pedro", age=8)
    await frontdesk.deliver(ana.says("oi"), ana.learns(Lead(parent_name="Ana", phone=ana.phone, students=(student,))))
    page = await client.get("/agenda/horario", params={"inicio": TUESDAY_9, "para": "5551987650001"})
    form = {name: hidden(page, name) for name in ("form_token", "nonce", "parent_name", "student_name")}
    assert 'value="(51) 98765-0001"' in page.text
    await client.post("/agenda/visitas", data={**form, "phone": "(51) 98765-0001", "inicio": TUESDAY_9})
    (asked,) = frontdesk.probe.of(VisitBookedByStaff)
    assert (asked.lead.parent_name, asked.lead.students, asked.contact) == ("Ana", (student,), ana.contact)
    assert frontdesk.probe.published[0].subject == ana.subject
    assert asked.slot.end - asked.slot.start == timedelta(minutes=30)
    assert len(calendar.told) == 1


@pytest.mark.parametrize(
    "wrong,said",
    [({"phone": "123"}, "Confira o telefone"), ({"phone": ""}, "Confira o telefone"), ({"parent_name": " "}, "nome")],
)
async def test_what_is_wrong_in_a_booking_is_said_and_the_rest_kept(
    frontdesk: Any, client: httpx.AsyncClient, wrong: dict[str, str], said: str
) -> None:
    form = {**await token(client), "inicio": TUESDAY_9, "phone": "51980000007", "parent_name": "Bia"}
    answer = await client.post("/agenda/visitas", data={**form, "student_name": "Léo", **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Léo"' in answer.text
    assert frontdesk.probe.published == []


async def test_a_visit_is_moved_to_a_free_time_and_cancelled(
    frontdesk: Any, calendar: Any, ana: Any, client: httpx.AsyncClient
) -> None:
    visit = await book(frontdesk, calendar, ana, hours=5)
    at = f"/agenda/visitas/{visit.id}"
    page = await client.get(at)
    assert f'value="{TUESDAY_9}"' in page.text
    await client.post(f"{at}/remarcar", data={**await token(client), "inicio": TUESDAY_9})
    (moved,) = frontdesk.probe.of(VisitMovedByStaff)
    assert (moved.visit_id, moved.slot.start.isoformat()) == (visit.id, "2026-11-24T09:00:00-03:00")
    await frontdesk.deliver(*calendar.told)
    assert "Ter., 24/11, 09h" in (await client.get(at)).text
    await client.post(f"{at}/cancelar", data=await token(client))
    (over,) = frontdesk.probe.of(VisitCancelledByStaff)
    assert (over.visit_id, over.by) == (visit.id, "maria")
    (cancelled,) = (event for event in calendar.told if isinstance(event.data, VisitCancelled))
    assert {event.subject for event in calendar.told} == {ana.subject}
    await frontdesk.deliver(cancelled)
    assert (await client.get(at)).status_code == 404
    assert "Ana Souza" not in (await client.get("/agenda")).text


async def test_times_are_blocked_for_an_hour_or_a_day_and_given_back(
    frontdesk: Any, calendar: Any, client: httpx.AsyncClient
) -> None:
    form = {**await token(client), "day": "2026-11-24", "start": "09:00", "end": "10:00", "name": "Reunião"}
    assert (await client.post("/agenda/bloqueios", data=form)).headers["location"] == "/agenda?dia=2026-11-24"
    page = await client.get("/agenda", params={"dia": "2026-11-24"})
    assert "Reunião" in page.text
    assert f"inicio={TUESDAY_9}&" not in page.text
    await client.post("/agenda/bloqueios", data={**await token(client), "day": "2026-11-25"})
    assert "o dia todo" in (await client.get("/agenda")).text
    hour, day = frontdesk.probe.of(TimeBlocked)
    assert (hour.name, hour.slot.end - hour.slot.start) == ("Reunião", timedelta(hours=1))
    assert day.slot.end - day.slot.start == timedelta(days=1)
    assert {event.subject for event in frontdesk.probe.published} == {"unit"}
    freed = {**await token(client), "day": "2026-11-24"}
    await client.post(f"/agenda/bloqueios/{hour.block_id}/liberar", data=freed)
    assert [each.block_id for each in frontdesk.probe.of(TimeUnblocked)] == [hour.block_id]
    assert f"inicio={TUESDAY_9}&" in (await client.get("/agenda")).text
    assert list(calendar.busy) == [day.block_id]


async def test_a_block_that_ends_before_it_begins_is_refused(frontdesk: Any, client: httpx.AsyncClient) -> None:
    form = {**await token(client), "day": "2026-11-24", "start": "10:00", "end": "09:00"}
    answer = await client.post("/agenda/bloqueios", data=form)
    assert (answer.status_code, frontdesk.probe.published) == (422, [])
    assert "O fim precisa ser depois do início." in answer.text


@pytest.mark.parametrize("path", ["/visitas", "/visitas/c4a5596d-2506-42fd-9ef1-8a1a7eced795/cancelar", "/bloqueios"])
async def test_a_form_that_is_not_from_our_page_does_nothing(
    frontdesk: Any, client: httpx.AsyncClient, path: str
) -> None:
    form = {"inicio": TUESDAY_9, "phone": "51980000007", "parent_name": "Bia", "day": "2026-11-24", "form_token": "0"}
    assert (await client.post(f"/agenda{path}", data=form)).status_code == 403
    assert frontdesk.probe.published == []


async def test_a_conflict_is_named_with_both_sides_until_it_is_settled(
    frontdesk: Any, ana: Any, client: httpx.AsyncClient
) -> None:
    visit = a_visit(ana, hours=5)
    conflict = CalendarConflictFound(kind="event_over_visit", visit=visit, wanted=visit.slot, title="Dentista")
    await frontdesk.deliver(ana.fact(conflict))
    for path in ("/", "/agenda", "/conversas/5551987650001"):
        page = (await client.get(path)).text
        assert "Conflito na agenda" in page
        assert "Falha do sistema" not in page
        if path != "/":
            assert "Compromisso da unidade “Dentista” no mesmo horário" in page
            assert "combinem outro horário com a família" in page
    await client.post("/conversas/5551987650001/devolver", data=await token(client))
    assert "Conflito na agenda" not in (await client.get("/agenda")).text


@pytest.mark.parametrize("text", ["ontem", "2026-13-40T09:00", ""])
async def test_a_time_that_is_none_is_not_found(client: httpx.AsyncClient, text: str) -> None:
    assert (await client.get("/agenda/horario", params={"inicio": text})).status_code == 404


@pytest.mark.parametrize("path", ["/agenda", "/agenda/imprimir", "/numeros"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_around_which_there_is_no_calendar_is_refused(
    client: httpx.AsyncClient, path: str, day: str
) -> None:
    assert (await client.get(path, params={"dia": day})).status_code == 422
