"""The page in a real Chromium, live."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from contracts.calendar import BookingConfirmed, Visit, VisitOutcomeRecorded
from contracts.dialogue import Lead, Slot
from contracts.frontdesk import TimeBlocked, TimeUnblocked
from playwright.async_api import Page, expect

PASSWORD = "dois gatos no telhado"
PHONE = {"width": 390, "height": 844}

pytestmark = [
    pytest.mark.stores,
    pytest.mark.browser,
]


async def log_in(page: Page) -> None:
    await page.get_by_label("Usuário").fill("maria")
    await page.get_by_label("Senha", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Entrar").click()
    await expect(page.get_by_role("heading", name="Recepção")).to_be_visible()


async def untouched(page: Page) -> bool:
    """Whether the page is still the one on which `mark` was called: it was never loaded anew."""
    return bool(await page.evaluate("window.sameAsBefore === true"))


async def mark(page: Page) -> None:
    await page.evaluate("window.sameAsBefore = true")


async def test_a_new_conversation_and_its_messages_appear_by_themselves(frontdesk: Any, ana: Any, page: Page) -> None:
    await log_in(page)
    await expect(page.get_by_text("Ninguém escreveu ainda.")).to_be_visible()
    await mark(page)
    await frontdesk.deliver(ana.says("oi, quanto custa?"))
    entry = page.get_by_role("link", name="Ana")
    await expect(entry).to_contain_text("oi, quanto custa?")
    assert await untouched(page)

    await entry.click()
    bubbles = page.get_by_role("log")
    await expect(bubbles).to_contain_text("oi, quanto custa?")
    await mark(page)
    draft, delivered, receipt = ana.replied("São *R$ 375,00* por matéria.")
    await frontdesk.deliver(draft)
    await expect(bubbles.locator("strong")).to_have_text("R$ 375,00")
    await expect(bubbles.get_by_label("na fila")).to_be_visible()
    await frontdesk.deliver(delivered, receipt)
    await expect(bubbles.get_by_label("lida")).to_be_visible()
    await frontdesk.deliver(ana.says("obrigada!"))
    await expect(bubbles).to_contain_text("obrigada!")
    assert await untouched(page)


async def test_taking_over_answering_and_giving_back_without_leaving_the_page(
    frontdesk: Any, ana: Any, page: Page
) -> None:
    await frontdesk.deliver(ana.says("quero falar com alguém"), ana.handed_over())
    await log_in(page)
    await expect(page).to_have_title("(1) Recepção")
    await page.get_by_role("link", name="Ana").click()
    await expect(page.get_by_text("Espera a unidade")).to_be_visible()
    await mark(page)
    await page.get_by_role("button", name="Assumir").click()
    await expect(page.get_by_text("Você está atendendo")).to_be_visible()
    field = page.get_by_role("textbox", name="Responder como unidade")
    await field.fill("Oi, Ana! Aqui é a Maria.")
    await field.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Oi, Ana! Aqui é a Maria.")
    await expect(field).to_have_value("")
    await expect(page).to_have_title("Recepção")
    await page.get_by_role("button", name="Devolver").click()
    await expect(page.get_by_text("A assistente está atendendo")).to_be_visible()
    assert await untouched(page)


async def test_what_somebody_is_writing_survives_what_arrives(frontdesk: Any, ana: Any, page: Page) -> None:
    await frontdesk.deliver(ana.says("oi"))
    await log_in(page)
    await page.get_by_role("link", name="Ana").click()
    field = page.get_by_role("textbox", name="Responder como unidade")
    await field.fill("Deixe-me ver")
    await frontdesk.deliver(ana.says("ainda aí?"))
    await expect(page.get_by_role("log")).to_contain_text("ainda aí?")
    await expect(field).to_have_value("Deixe-me ver")


async def test_the_familys_card_opens_over_a_phone_and_stands_beside_on_a_desk(
    frontdesk: Any, ana: Any, page: Page
) -> None:
    await frontdesk.deliver(ana.says("oi"))
    await log_in(page)
    await page.get_by_role("link", name="Ana").click()
    card = page.get_by_role("complementary", name="Ficha da família")
    await expect(card).to_be_hidden()
    await page.get_by_role("button", name="Ficha da família").click()
    await expect(card).to_contain_text("(51) 98765-0001")
    await page.get_by_role("button", name="Fechar").click()
    await expect(card).to_be_hidden()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await expect(card).to_be_visible()
    await expect(page.get_by_role("navigation", name="Conversas")).to_be_visible()
    wider = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wider, "nothing may stick out sideways"


async def test_the_list_can_be_searched_without_accents(frontdesk: Any, family: Any, page: Page) -> None:
    debora, tiago = family(phone="+5551980000001", name="Débora"), family(phone="+5551980000002", name="Tiago")
    await frontdesk.deliver(debora.says("oi"), tiago.says("olá"))
    await log_in(page)
    await page.get_by_role("searchbox").fill("debora")
    await expect(page.get_by_role("link", name="Tiago")).to_be_hidden()
    await expect(page.get_by_role("link", name="Débora")).to_be_visible()


async def test_a_thumb_marks_who_came_books_a_visit_and_blocks_a_time(
    frontdesk: Any, calendar: Any, ana: Any, page: Page
) -> None:
    start = ana.clock.at.replace(minute=0, second=0) - timedelta(hours=1)
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    lead = Lead(parent_name="Ana Souza", phone=ana.phone)
    visit = Visit(id=uuid4(), slot=slot, status="booked", contact=ana.contact, lead=lead)
    calendar.book(visit)
    await frontdesk.deliver(ana.fact(BookingConfirmed(visit=visit)))
    await log_in(page)
    await page.get_by_role("link", name="Agenda").click()
    await mark(page)
    await page.get_by_role("button", name="Veio", exact=True).click()
    await expect(page.locator(".slot.is-came")).to_contain_text("Ana Souza")
    assert await untouched(page)
    (recorded,) = frontdesk.probe.of(VisitOutcomeRecorded)
    assert recorded.outcome == "came"

    await page.get_by_role("link", name="terça, 24/11, nenhuma visita").click()
    await page.get_by_role("link", name="09:00 livre").locator("visible=true").click()
    await page.get_by_label("Responsável").fill("Bia Lima")
    await page.get_by_label("Telefone com DDD").fill("51980000007")
    await page.get_by_role("button", name="Marcar às 09:00").click()
    await expect(page.get_by_text("chegando…")).to_be_visible()
    await mark(page)
    await frontdesk.deliver(*calendar.told)
    await expect(page.get_by_role("link", name="Bia Lima").first).to_be_visible()
    assert await untouched(page), "the calendar's word appears by itself"

    await page.get_by_role("link", name="14:00 livre").locator("visible=true").click()
    await page.get_by_label("Até").fill("15:00")
    await page.get_by_label("Motivo").fill("Reunião")
    await page.get_by_role("button", name="Bloquear", exact=True).click()
    block = page.get_by_role("listitem").filter(has_text="Reunião").locator("visible=true")
    await expect(block).to_contain_text("bloqueado pela unidade")
    assert [each.name for each in frontdesk.probe.of(TimeBlocked)] == ["Reunião"]
    await block.get_by_role("button", name="Liberar Reunião").click()
    await expect(page.get_by_role("link", name="14:00 livre").locator("visible=true")).to_be_visible()
    assert len(frontdesk.probe.of(TimeUnblocked)) == 1
    for size in (PHONE, {"width": 1280, "height": 800}):
        await page.set_viewport_size(size)
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), "nothing sticks out"
