"""Whole ways through the pages in a real Chromium, on a phone and on a desk; and over a slow network that goes away."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from contracts.calendar import BookingConfirmed, Visit, VisitOutcomeRecorded
from contracts.dialogue import KnowledgeGapFound, Lead, Slot
from contracts.frontdesk import KnowledgeAnswered, Taught
from frontdesk_service import projections
from frontdesk_service.testing_month import Month
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.stores, pytest.mark.browser]

SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 800})
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
GONE = {**SLOW_3G, "offline": True}


async def log_in(page: Page) -> None:
    await page.get_by_label("Usuário").fill("maria")
    await page.get_by_label("Senha", exact=True).fill("dois gatos no telhado")
    await page.get_by_role("button", name="Entrar").click()
    await expect(page.get_by_role("heading", name="Recepção")).to_be_visible()


async def shot(page: Page, name: str) -> None:
    """Keep a picture where `SCREENSHOTS` names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}-{(page.viewport_size or {}).get('width')}.png")


async def nothing_sticks_out(page: Page) -> None:
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
async def test_a_visit_is_marked_as_missed_a_question_is_answered_and_a_person_is_erased(
    frontdesk: Any, calendar: Any, family: Any, page: Page, size: Any
) -> None:
    ana, bia = family(), family(phone="+5551980000007", name="Bia")
    await page.set_viewport_size(size)
    start = ana.clock.at.replace(minute=0, second=0) - timedelta(hours=1)
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    lead = Lead(parent_name="Ana Souza", phone=ana.phone)
    visit = Visit(id=uuid4(), slot=slot, status="booked", contact=ana.contact, lead=lead)
    calendar.book(visit)
    await frontdesk.deliver(ana.says("oi, tem piscina?"), ana.fact(BookingConfirmed(visit=visit)), bia.says("olá"))
    await frontdesk.deliver(ana.fact(KnowledgeGapFound(question="tem piscina?")))
    await log_in(page)

    await page.goto("/agenda")
    await page.get_by_role("button", name="Não veio").locator("visible=true").first.click()
    await expect(page.locator(".slot.is-missed").locator("visible=true")).to_contain_text("Não veio")
    assert [each.outcome for each in frontdesk.probe.of(VisitOutcomeRecorded)] == ["missed"]
    await shot(page, "missed")
    await nothing_sticks_out(page)

    await page.goto("/perguntas")
    await page.get_by_label("Resposta, como a família vai ler").fill("Não temos piscina, só salas de estudo.")
    await page.get_by_role("button", name="Ensinar").click()
    await expect(page.get_by_role("article")).to_contain_text("Não temos piscina")
    assert len(frontdesk.probe.of(KnowledgeAnswered)) == 1
    (answer,) = (await frontdesk.probe.ask(Taught(now=ana.clock()))).answers
    assert answer.answer == "Não temos piscina, só salas de estudo."
    await shot(page, "taught")
    await nothing_sticks_out(page)

    digits = ana.phone.removeprefix("+")
    frontdesk.erased.append(digits)
    other = await page.context.new_page()
    await other.goto(f"/conversas/{digits}")
    await page.goto(f"/conversas/{digits}")
    card = page.get_by_role("complementary", name="Ficha da família")
    if not await card.is_visible():
        await page.get_by_role("button", name="Ficha da família").click()
    await card.get_by_text("Apagar tudo desta pessoa").click()
    await shot(page, "erase")
    await card.get_by_role("button", name="Sim, apagar de vez").click()
    await expect(page.get_by_role("link", name="Bia")).to_be_visible()
    await expect(page.get_by_role("link", name="Ana")).to_have_count(0)
    answer = await page.request.get(f"/conversas/{digits}")
    assert answer.status == 404
    await expect(other).not_to_have_url(re.compile(digits))  # whoever else had it open sees it no longer


async def test_the_numbers_of_a_month_are_on_the_page_as_the_api_has_them(
    frontdesk: Any, clock: Any, page: Page
) -> None:
    month = Month(clock.at.replace(day=1, hour=0, minute=0), 40)
    clock.on(days=40)
    for story in month.families():
        async with frontdesk.store.unit() as tx:
            await projections.apply(tx.connection, *story, now=clock())
    await log_in(page)
    async with frontdesk.client() as client:
        asked = {"period": "month", "day": "2026-11-15"}
        shown = (await client.get("/api/v1/indicators", params=asked)).raise_for_status().json()["indicators"]
    values = {each["title"]: each["value"] for each in shown if each["unit"] == "count"}
    assert values["Conversas"] == 40
    await page.goto("/numeros?por=mes&dia=2026-11-15")
    for size in SIZES:
        await page.set_viewport_size(size)
        for title, value in values.items():
            card = page.get_by_role("article").filter(has=page.get_by_role("heading", name=title, exact=True))
            await expect(card.locator(".value")).to_have_text(str(int(value)))
        await shot(page, "numbers")
        await nothing_sticks_out(page)


async def test_over_a_slow_network_the_list_is_there_and_goes_on_once_it_is_back(
    frontdesk: Any, ana: Any, family: Any, browser: Browser
) -> None:
    await frontdesk.deliver(ana.says("oi, quanto custa?"))
    async with frontdesk.serving() as base_url:
        context = await browser.new_context(base_url=base_url, viewport=SIZES[0], locale="pt-BR")
        page = await context.new_page()
        network = await context.new_cdp_session(page)
        await network.send("Network.enable")
        await network.send("Network.emulateNetworkConditions", SLOW_3G)
        await page.goto("/")
        await log_in(page)
        await page.goto("/", wait_until="commit")
        await expect(page.get_by_role("link", name="Ana")).to_contain_text("oi, quanto custa?")
        painted = "performance.getEntriesByName('first-contentful-paint').length"
        await page.wait_for_function(painted)
        await page.evaluate("window.sameAsBefore = true")
        await frontdesk.deliver(ana.says("e aos sábados?"))
        await expect(page.get_by_role("link", name="Ana")).to_contain_text("e aos sábados?")

        await network.send("Network.emulateNetworkConditions", GONE)
        await frontdesk.deliver(family(phone="+5551980000007", name="Bia").says("olá"))
        await expect(page.get_by_role("link", name="Bia")).to_have_count(0)
        await network.send("Network.emulateNetworkConditions", SLOW_3G)
        await frontdesk.deliver(ana.says("obrigada!"))
        await expect(page.get_by_role("link", name="Bia")).to_contain_text("olá", timeout=30_000)
        await expect(page.get_by_role("link", name="Ana")).to_contain_text("obrigada!", timeout=30_000)
        assert await page.evaluate("window.sameAsBefore === true")
        await context.close()
