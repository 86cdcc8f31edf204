"""The WhatsApp page, as a person with a phone or at a desk sees it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.browser

MARIANA, RAFAEL = "5551991234501", "5551991234502"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
async def page(request: pytest.FixtureRequest, browser: Browser, box: Any) -> AsyncIterator[Page]:
    """The page as it opens; nothing in it may fail, nor lie outside the window."""
    context = await browser.new_context(locale="pt-BR", **request.param)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.goto(box.url)
    await page.wait_for_selector("body[data-live=true]")
    yield page
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await context.close()
    assert wrong == []


def bubble(page: Page, text: str) -> Any:
    return page.get_by_test_id("bubble").filter(has_text=text)


async def open_chat(page: Page, phone: str) -> None:
    await page.get_by_test_id(f"chat-item-{phone}").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("send").click()


async def test_a_parent_writes_and_the_reply_arrives_after_it_was_seen_being_typed(
    page: Page, box: Any, helpers: Any
) -> None:
    await open_chat(page, MARIANA)
    await write(page, "Oi, quanto custa?")
    (data,) = await helpers.until(lambda: box.hooks.events("messages.upsert"))
    assert data["message"] == {"conversation": "Oi, quanto custa?"}
    sending = asyncio.create_task(box.send("São *R$ 375,00* por mês.", delay=1500))
    await expect(page.get_by_test_id("typing")).to_have_text("digitando…")
    assert (await sending).status_code == 201
    await expect(page.get_by_test_id("typing")).to_have_count(0)
    reply = bubble(page, "São R$ 375,00 por mês.")
    await expect(reply).to_have_attribute("data-direction", "in")
    await expect(reply.locator("strong")).to_have_text("R$ 375,00")
    await helpers.until(lambda: "READ" in [one["status"] for one in box.hooks.events("messages.update")])


async def test_the_ticks_tell_sent_delivered_and_read(page: Page, box: Any) -> None:
    await box.http.post("/sandbox/connection", json={"state": "close"})
    await open_chat(page, MARIANA)
    await write(page, "Bom dia")
    ticks = bubble(page, "Bom dia").locator(".meta .ticks")
    await expect(ticks).to_have_attribute("aria-label", "Enviada")
    await box.http.post("/sandbox/connection", json={"state": "open"})
    await expect(ticks).to_have_attribute("aria-label", "Entregue")
    key = {"id": (await box.messages())[0]["id"], "remoteJid": f"{MARIANA}@s.whatsapp.net", "fromMe": False}
    await box.http.post("/chat/markMessageAsRead/kumon", json={"readMessages": [key]})
    await expect(ticks).to_have_attribute("aria-label", "Lida")


async def test_each_parent_has_a_chat_and_what_is_unread_is_counted(page: Page, box: Any) -> None:
    for text in ("Olá, Rafael!", "Tudo certo para amanhã?"):
        await box.send(text, number=RAFAEL)
    item = page.get_by_test_id(f"chat-item-{RAFAEL}")
    await expect(item.locator(".badge")).to_have_text("2")
    await expect(page.locator(".chat-item").first).to_have_attribute("data-phone", RAFAEL)
    await open_chat(page, MARIANA)
    await expect(page.get_by_test_id("bubble")).to_have_count(0)
    if await page.get_by_test_id("back").is_visible():
        await page.get_by_test_id("back").click()
    await open_chat(page, RAFAEL)
    await expect(page.get_by_test_id("bubble")).to_have_count(2)
    await expect(item.locator(".badge")).to_have_count(0)


async def test_somebody_of_the_unit_answers_on_its_own_phone(page: Page, box: Any, helpers: Any) -> None:
    await open_chat(page, MARIANA)
    await page.locator(".chat-head").get_by_title("Telefone da unidade").click()
    await page.get_by_test_id("unit-composer").fill("Aqui é a Ana, da unidade.")
    await page.get_by_test_id("unit-send").click()
    (data,) = await helpers.until(lambda: box.hooks.events("messages.upsert"))
    assert data["key"]["fromMe"] is True
    await expect(page.get_by_test_id("unit-log")).to_contain_text("Aqui é a Ana")


async def test_what_a_parent_writes_is_never_markup(page: Page, box: Any) -> None:
    await open_chat(page, MARIANA)
    await box.send('<img src=x onerror="document.title=1"> *<b>a</b>*')
    await expect(bubble(page, "<b>a</b>")).to_be_visible()
    assert await page.title() == "WhatsApp de teste · Kumon Vila A"
