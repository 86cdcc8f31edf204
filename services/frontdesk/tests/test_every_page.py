"""Every page, on a phone and on a desk: for everybody who reads with ears or keys, on paper, offline, and harmless."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from assistant.testing_browser import barriers
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import KnowledgeGapFound, Lead, Slot, Student
from contracts.ingress import ChannelKey
from playwright.async_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.stores, pytest.mark.browser]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
CONVERSATION = "/conversas/5551987650001"
PAGES = (
    *("/", CONVERSATION, "/agenda", "/agenda/imprimir", "/agenda/horario?inicio=2026-11-24T09:00", "/numeros"),
    *(
        "/perguntas",
        "/respostas",
        "/avisos",
        "/runbook",
        "/conta",
        "/contas",
        "/auditoria",
        "/mensagens/3ABC",
        "/sem-conexao",
        "/sistema",
    ),
)
HOSTILE = (
    "<script>window.hacked = true</script>",
    "<img src=x onerror='window.hacked = true'>",
    '"><svg onload=window.hacked=true>',
    "{{ 7 * 7 }} ${7*7} javascript:alert(1)",
    "\u202eodatrevni otxet\u202c \u2066preso",
    "á\u0301" * 500,
    "W" * 4096,
)


@pytest.fixture
async def desk(frontdesk: Any, calendar: Any, ana: Any, page: Page) -> Page:
    """Signed in, with a bit of everything to show."""
    start = ana.clock.at.replace(minute=0, second=0) + timedelta(hours=4)
    children = (Student(name="Pedro", age=8, grade="ef3", subjects=("matematica",)),)
    lead = Lead(parent_name="Ana Souza", phone=ana.phone, students=children)
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    visit = Visit(id=uuid4(), slot=slot, status="booked", contact=ana.contact, lead=lead)
    calendar.book(visit)
    said = ana.says("oi, tem piscina?", key=ChannelKey(instance="kumon", id="3ABC"))
    await frontdesk.deliver(said, *ana.turn(said), ana.learns(lead), *ana.replied("São *R$ 375,00*."))
    await frontdesk.deliver(
        ana.fact(BookingConfirmed(visit=visit)), ana.fact(KnowledgeGapFound(question="tem piscina?"))
    )
    await frontdesk.deliver(ana.handed_over())
    await page.get_by_label("Usuário").fill("maria")
    await page.get_by_label("Senha", exact=True).fill("dois gatos no telhado")
    await page.get_by_role("button", name="Entrar").click()
    await expect(page.get_by_role("heading", name="Recepção")).to_be_visible()
    return page


async def sticks_out(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))


TOO_SMALL = """() => [...document.querySelectorAll(
        "button, summary, select, textarea, input:not([type=hidden], [type=checkbox]), .round, .button, .tabs a, .entry"
    )].filter((each) => {
        const { width, height } = each.getBoundingClientRect();
        return width && height && Math.min(width, height) < 44;
    }).map((each) => `${location.pathname}: ${each.outerHTML.slice(0, 80)}`)"""
"""What a thumb misses; links within a text are as high as their line."""


async def test_a_thumb_meets_whatever_is_to_be_tapped(desk: Page) -> None:
    missed: list[str] = []
    for path in PAGES:
        await desk.goto(path)
        missed += await desk.evaluate(TOO_SMALL)
    assert missed == []


async def test_nothing_on_any_page_keeps_anybody_out_and_nothing_sticks_out(desk: Page) -> None:
    troubles: list[str] = []
    for path in PAGES:
        await desk.goto(path)
        for size in (PHONE, DESK):
            await desk.set_viewport_size(size)
            await desk.emulate_media(color_scheme="light", reduced_motion="reduce")
            troubles += await barriers(desk)
            await desk.emulate_media(color_scheme="dark", reduced_motion="reduce")
            troubles += await barriers(desk, of_colour=True)  # nothing else differs in the dark
            if await sticks_out(desk):
                troubles.append(f"{path} sticks out at {size['width']}")
    await desk.get_by_role("link").first.click()
    assert troubles == []


async def test_the_login_keeps_nobody_out(page: Page) -> None:
    assert await barriers(page) == []


async def test_a_conversation_is_taken_answered_and_given_back_by_keys_alone(desk: Page) -> None:
    await desk.goto(CONVERSATION)

    async def press_on(name: str) -> None:
        for _ in range(40):
            await desk.keyboard.press("Tab")
            if await desk.evaluate("document.activeElement.innerText.trim()") == name:
                await desk.keyboard.press("Enter")
                return
        raise AssertionError(f"no key leads to {name}")

    await press_on("Assumir")
    await expect(desk.get_by_text("Você está atendendo")).to_be_visible()
    await desk.get_by_role("textbox", name="Responder como unidade").focus()
    await desk.keyboard.type("Oi, Ana!")
    await desk.keyboard.press("Tab")
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("log")).to_contain_text("Oi, Ana!")
    await press_on("Devolver")
    await expect(desk.get_by_text("A assistente está atendendo")).to_be_visible()


async def test_whatever_was_written_is_shown_and_does_nothing(frontdesk: Any, family: Any, desk: Page) -> None:
    for number, text in enumerate(HOSTILE):
        other = family(phone=f"+555198000000{number}", name=text[:100])
        lead = Lead(parent_name=text[:100], phone=other.phone, students=(Student(name=text[:100]),))
        said = other.says(text)
        await frontdesk.deliver(said, *other.turn(said), other.learns(lead), *other.replied(text))
        await frontdesk.deliver(other.fact(KnowledgeGapFound(question=text)), other.handed_over())

    async def is_harmless() -> None:
        for size in (PHONE, DESK):
            await desk.set_viewport_size(size)
            assert not await sticks_out(desk), (desk.url, size)
        assert not await desk.evaluate("'hacked' in window"), desk.url

    for path in ("/", "/perguntas"):
        await desk.goto(path)
        await is_harmless()
    for number, text in enumerate(HOSTILE):
        await desk.goto(f"/conversas/555198000000{number}")
        await is_harmless()
        bubbles = desk.get_by_role("log")
        assert (await bubbles.text_content() or "").count(text) == 2, "as it was written, and as it was answered"
        assert await bubbles.locator("script, img, svg[onload]").count() == 0


async def test_the_visits_of_a_day_are_printed(desk: Page) -> None:
    await desk.goto("/agenda")
    await desk.get_by_role("link", name="Imprimir as visitas do dia").click()
    row = desk.get_by_role("row").nth(1)
    await expect(row).to_contain_text("14:00")
    await expect(row).to_contain_text("Ana Souza")
    await expect(row).to_contain_text("Pedro, 8 anos, 3º ano")
    await expect(desk.get_by_role("button", name="Imprimir")).to_be_visible()
    await desk.emulate_media(media="print")
    await expect(desk.get_by_role("button", name="Imprimir")).to_be_hidden()
    assert (await desk.pdf())[:4] == b"%PDF"


async def cached(page: Page) -> list[str]:
    """Addresses of everything that the service worker keeps on the device."""
    kept: list[str] = await page.evaluate(
        """async () => {
            const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
            const requests = await Promise.all(caches_.map((cache) => cache.keys()));
            return requests.flat().map((request) => new URL(request.url).pathname);
        }"""
    )
    return kept


async def test_the_page_is_an_app_that_keeps_nothing_of_anybody_on_the_device(desk: Page) -> None:
    manifest = await (await desk.request.get("/app.webmanifest")).json()
    assert (manifest["display"], manifest["start_url"], manifest["lang"]) == ("standalone", "/", "pt-BR")
    for icon in manifest["icons"]:
        answer = await desk.request.get(icon["src"])
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    await desk.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for path in PAGES:
        await desk.goto(path)
    kept = await cached(desk)
    assert {path for path in kept if not path.startswith("/estatico/")} == {"/sem-conexao"}
    assert "/estatico/desk.js" in kept


async def test_without_a_network_the_page_says_so_and_comes_back(desk: Page) -> None:
    await desk.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await desk.goto("/agenda")
    assert await desk.evaluate("navigator.serviceWorker.controller !== null")
    context: BrowserContext = desk.context
    await desk.goto("about:blank")  # an open page would complain of its lost stream, as it should
    await context.set_offline(True)
    await desk.goto("/agenda")
    await expect(desk.get_by_role("heading", name="Sem conexão")).to_be_visible()
    await context.set_offline(False)
    await desk.get_by_role("link", name="Tentar de novo").click()
    await expect(desk.get_by_role("heading", name="Recepção")).to_be_visible()


async def test_one_more_family_that_waits_is_heard_seen_and_counted(frontdesk: Any, family: Any, desk: Page) -> None:
    await desk.evaluate(
        """() => {
            window.badges = [];
            navigator.setAppBadge = async (count) => badges.push(count);
            const { dataset } = document.documentElement;
            ServiceWorkerRegistration.prototype.showNotification = async (title) => (dataset.notified = title);
            Object.defineProperty(Notification, "permission", { value: "granted" });
            Notification.requestPermission = async () => "granted";
        }"""
    )
    root = desk.locator("html")
    await desk.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await desk.get_by_role("button", name="Mais").click()
    await desk.get_by_role("button", name="Ligar o som").click()
    await expect(desk.get_by_role("button", name="Som ligado")).to_have_attribute("aria-pressed", "true")
    await expect(root).to_have_attribute("data-rang", "1")  # so that it can be heard how it sounds
    bia = family(phone="+5551980000009", name="Bia Lima")
    await frontdesk.deliver(bia.says("oi"))
    await expect(desk.get_by_role("link", name="Bia Lima")).to_be_visible()
    await expect(root).to_have_attribute("data-rang", "1")  # the assistant answers: that is no call
    await frontdesk.deliver(bia.handed_over())
    await expect(root).to_have_attribute("data-rang", "2")
    await expect(root).to_have_attribute("data-notified", "Uma família espera a unidade")
    assert await desk.evaluate("badges.at(-1)") == 2
    assert await desk.title() == "(2) Recepção"
