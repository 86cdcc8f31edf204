"""What a parent and the unit see: a real browser on the WhatsApp page and on the front desk.

`SCREENSHOTS=folder` keeps the pictures; those of the README are made so.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from assistant.testing_browser import launched
from assistant.testing_system import Parent, System, until
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.stores, pytest.mark.browser]

QUESTION = "oi, quanto custa o kumon de matemática e português?"
PHONE = "+5551987654321"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)  # 5 s are not always enough on a machine that does much else
    with launched() as chromium:
        yield chromium


@pytest.fixture
def complaints() -> list[str]:
    """What the pages' consoles complained about."""
    return []


def opened(browser: Browser, complaints: list[str], width: int, height: int) -> Page:
    page = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=2, locale="pt-BR"
    ).new_page()
    page.set_default_timeout(20_000)
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def signed_in(desk: Page, system: System) -> None:
    desk.goto(system.frontdesk)
    desk.locator('input[name="username"]').fill(system.environment["FRONTDESK_USERNAME"])
    desk.locator('input[name="password"]').fill(system.environment["FRONTDESK_PASSWORD"])
    desk.get_by_role("button", name="Entrar").click()
    desk.wait_for_url(f"{system.frontdesk}/")


def shot(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


class Thumbs:
    """A parent who writes on the WhatsApp page; what came is read from the page, too."""

    def __init__(self, page: Page, system: System) -> None:
        self.page = page
        self.parent = Parent(system, phone=PHONE)

    @property
    def received(self) -> list[str]:
        return self.page.locator('.bubble[data-direction="in"][data-id]').all_inner_texts()

    def say(self, text: str) -> str:
        """Write, and wait for the reply and until it is complete; return it."""
        before = len(self.received)
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("send").click()
        until(lambda: len(self.received) > before, 60, f"a reply to {text!r}")
        complete = len(self.parent.settled())
        until(lambda: len(self.received) == complete, 20, "the page shows all of it")
        return " ".join(self.received[before:])


def test_a_parent_asks_the_price_and_books_and_the_unit_sees_it(
    steady: System, browser: Browser, complaints: list[str]
) -> None:
    page = opened(browser, complaints, 390, 844)
    page.goto(steady.sandbox)
    page.get_by_test_id("new-chat").click()
    page.get_by_test_id("new-name").fill("Mariana")
    page.get_by_test_id("new-phone").fill(PHONE)
    page.get_by_test_id("new-ok").click()
    phone = Thumbs(page, steady)

    price = phone.say(QUESTION)
    assert "R$ 375,00" in price
    assert "R$ 100,00" in price
    assert "R$ 850,00" in price
    shot(page, "whatsapp-price")

    booked = ""
    said = [
        "Mariana Costa",
        "pro meu filho Pedro, 8 anos, 3o ano",
        "mariana.costa@example.com",
        "pode ser terça de tarde",
        "1",
        "sim",
        "sim",
    ]
    written = 1
    for text in said:
        booked = phone.say(text)
        written += 1
        if "Rua Amoreira, 571" in booked:
            break
    assert "Rua Amoreira, 571" in booked, phone.received
    assert written < 10
    expect(page.locator('.bubble[data-direction="out"]').last).to_have_attribute("data-status", "READ")
    shot(page, "whatsapp-booked")

    desk = opened(browser, complaints, 1280, 800)
    signed_in(desk, steady)
    desk.get_by_text("Mariana Costa").first.click()
    expect(desk.get_by_text(QUESTION).first).to_be_visible()
    for told in ("Pedro", "8 anos", re.compile(r"terça-feira,? 24 de novembro|24/11")):
        expect(desk.locator("body")).to_contain_text(told, use_inner_text=True)
    shot(desk, "front-desk")
    assert complaints == []


def test_what_the_unit_answers_once_is_told_to_the_very_next_parent_who_asks(
    steady: System, browser: Browser, complaints: list[str]
) -> None:
    question, answer = "tem aquário na sala de espera?", "Temos um aquário com doze peixinhos."
    admitted = steady.parent().ask(question)
    assert "aquário com doze" not in admitted
    assert "99692-1999" in admitted, "who knows is named instead"

    desk = opened(browser, complaints, 390, 844)
    signed_in(desk, steady)
    gap = desk.locator("details").filter(has_text=question)

    def is_there() -> bool:
        desk.goto(f"{steady.frontdesk}/perguntas")
        return gap.count() == 1

    until(is_there, 20, "the question is on the page")
    if gap.get_attribute("open") is None:
        gap.locator("summary").click()
    gap.get_by_label("Resposta, como a família vai ler").fill(answer)
    gap.get_by_role("button", name="Ensinar").click()
    expect(desk.get_by_role("article").filter(has_text=answer)).to_be_visible()

    assert answer in steady.parent().ask(question)
    assert complaints == []
