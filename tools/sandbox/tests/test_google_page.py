"""The calendar page, as somebody at the unit sees it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def at(day: str, hour: int) -> dict[str, str]:
    return {"dateTime": f"{day}T{hour:02}:00:00-03:00", "timeZone": "America/Sao_Paulo"}


@pytest.fixture
async def page(browser: Browser, box: Any) -> AsyncIterator[Page]:
    """The page as it opens; nothing in it may fail."""
    page = await browser.new_page(locale="pt-BR", viewport={"width": 1280, "height": 900})
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.goto(f"{box.url}/google")
    await page.wait_for_selector("body[data-live=true]")
    yield page
    await page.close()
    assert wrong == []


async def test_an_event_is_added_moved_and_deleted_by_hand(page: Page, box: Any) -> None:
    await page.get_by_test_id("new-event").click()
    await page.get_by_test_id("event-title").fill("Reunião de pais")
    day = await page.get_by_test_id("event-day").input_value()
    await page.get_by_test_id("event-save").click()
    event = page.get_by_test_id("event").filter(has_text="Reunião de pais")
    await expect(event).to_have_text("09:00 Reunião de pais")

    async def starts() -> list[str]:
        items = (await box.http.get("/sandbox/google/events")).json()["items"]
        return [item["start"]["dateTime"] for item in items]

    assert await starts() == [at(day, 9)["dateTime"]]
    place = await event.bounding_box()
    assert place
    x, y = place["x"] + 20, place["y"] + 10
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + 44, steps=5)
    await page.mouse.move(x, y + 88, steps=5)
    await page.mouse.up()
    await expect(event).to_have_text("11:00 Reunião de pais")
    assert await starts() == [at(day, 11)["dateTime"]]
    await event.click()
    await page.get_by_test_id("event-delete").click()
    await expect(event).to_have_count(0)
    assert await starts() == []


async def test_what_the_assistant_writes_is_drawn_without_a_reload_and_is_never_markup(page: Page, box: Any) -> None:
    day = (await box.http.get("/sandbox/google/week", params={"first": "2000-01-03"})).json()["now"][:10]
    event = {"summary": "<b>Visita</b>", "description": "Responsável: Ana", "start": at(day, 10), "end": at(day, 11)}
    assert (await box.http.post("/sandbox/google/events", json=event)).status_code == 201
    shown = page.get_by_test_id("event")
    await expect(shown).to_have_text("10:00 <b>Visita</b>")
    await shown.click()
    await expect(page.locator("pre")).to_have_text("Responsável: Ana")


async def test_a_whole_day_and_a_series_are_drawn_where_they_are(page: Page) -> None:
    await page.get_by_test_id("new-event").click()
    await page.get_by_test_id("event-title").fill("Férias")
    await page.get_by_test_id("event-all-day").check()
    await page.get_by_test_id("event-save").click()
    await expect(page.locator("[data-whole] [data-testid=event]")).to_have_text("Férias")
    await page.get_by_test_id("new-event").click()
    await page.get_by_test_id("event-title").fill("Equipe")
    await page.get_by_test_id("event-repeat").select_option(label="todo dia útil")
    await page.get_by_test_id("event-save").click()
    await expect(page.get_by_test_id("grid").get_by_text("Equipe")).to_have_count(5)
