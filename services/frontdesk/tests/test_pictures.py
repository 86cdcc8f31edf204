"""What the receptionist's guide shows, done by an invented family and drawn by a real Chromium.

`PICTURES=docs/pt/imagens pytest services/frontdesk/tests/test_pictures.py` draws the pictures of the documents anew.
"""

import os
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest
from assistant.testing_browser import barriers
from contracts import Event
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import FieldChange, Ground, HandoffPack, Lead, LeadUpdated, Slot, Student, TurnClosed
from contracts.frontdesk import LeadEditedByStaff
from contracts.ingress import ChannelKey
from contracts.postprocessor import ChannelOutageReported, WaitingPerson
from contracts.preprocessor import MessageSanitized
from contracts.rules import DraftBlocked, Replacement
from frontdesk_service.testing_month import Month
from playwright.async_api import Browser, BrowserContext, Page, expect

pytestmark = [pytest.mark.stores, pytest.mark.browser]

SIZE = {"width": 390, "height": 700}
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
MOST_BYTES = 150_000
ANA = "/conversas/5551987650001"
CHILDREN = (Student(name="Pedro", age=8, grade="ef3", subjects=("matematica", "portugues")),)
VAN = Ground(kind="knowledge", title="Van escolar", text="Não temos van própria, mas há uma parada bem em frente.")


@pytest.fixture
async def desk(frontdesk: Any, browser: Browser) -> AsyncIterator[Page]:
    """A page at the login, as sharp as a phone's."""
    async with frontdesk.serving() as base_url:
        context: BrowserContext = await browser.new_context(
            base_url=base_url, viewport=SIZE, device_scale_factor=1.5, locale="pt-BR", reduced_motion="reduce"
        )
        page = await context.new_page()
        await page.goto("/")
        yield page
        await context.close()


class Camera:
    """Draws what a page shows, and holds that it keeps nobody out, light or dark."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page, self._folder = page, folder

    async def draw(self, name: str) -> None:
        for scheme in SCHEMES:
            await self._page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            only_colours = scheme != SCHEMES[0]  # nothing else differs
            assert await barriers(self._page, of_colour=only_colours) == [], f"{name}, {scheme}"
        picture = await self._page.screenshot(animations="disabled", caret="hide")
        assert len(picture) < MOST_BYTES, f"{name} has {len(picture)} bytes"
        (self._folder / f"{name}.png").write_bytes(picture)


@pytest.fixture
def camera(desk: Page, tmp_path: Path) -> Camera:
    folder = Path(os.environ.get("PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return Camera(desk, folder)


def voice(ana: Any, text: str) -> Event[Any]:
    now = ana.clock.on(seconds=20)
    note = MessageSanitized(
        key=ChannelKey(instance="kumon", id="3AF0"),
        contact=ana.contact,
        kind="audio",
        text=text,
        transcription_confidence=0.93,
        seconds=9,
        sent_at=now,
        received_at=now,
    )
    told: Event[Any] = ana.fact(note)
    return told


def talk(ana: Any) -> list[Event[Any]]:
    """Ana asks by text and by voice; one bubble of the answer was stopped."""
    asked = ana.says("oi, bom dia! quanto custa o kumon de matemática e português?")
    told = voice(ana, "é pro meu filho Pedro, ele tem oito anos e tá no terceiro ano. vocês têm van?")
    turn_id = ana.an_id()
    turn = TurnClosed(
        turn_id=turn_id,
        messages=(told.id,),
        outcome="replied",
        route="llm",
        stage="discovery",
        intents=("ask_price",),
        grounds=(Ground(kind="prices"), VAN),
    )
    draft, *rest = ana.replied(
        "Bom dia, Ana! São *R$ 375,00* por matéria, por mês. 😊",
        "Van própria não temos, mas há uma parada bem em frente à unidade. Qual é o melhor horário para uma visita?",
    )
    data = draft.data.model_copy(update={"turn_id": turn_id})
    blocked = DraftBlocked(
        reply_id=data.reply_id,
        replacement=Replacement(bubble=1, claim="promise"),
        text="Nossa van busca o Pedro na escola todos os dias!",
        facts_version="1",
    )
    lead = Lead(parent_name="Ana Souza", phone=ana.phone, students=CHILDREN)
    fields = (*(FieldChange(field=each, student=0, message=told.id) for each in ("name", "age", "grade")),)
    known = LeadUpdated(contact=ana.contact, lead=lead, changes=fields, completeness=6, stage="discovery")
    return [
        asked,
        told,
        ana.fact(turn),
        ana.fact(known),
        draft.model_copy(update={"data": data}),
        *rest,
        ana.fact(blocked),
        ana.says("de tarde. e posso falar com alguém da unidade?"),
        ana.handed_over(
            pack=HandoffPack(
                summary=("Pediu para falar com uma pessoa.", "Responsável: Ana Souza."),
                lead=lead,
                suggested_reply="Olá, Ana! Aqui é da unidade. Como posso ajudar?",
            )
        ),
    ]


def visits(calendar: Any, *families: Any) -> list[Event[Any]]:
    """A visit a family this afternoon."""
    booked = []
    for nth, each in enumerate(families):
        start = each.clock.at.replace(hour=14 + nth, minute=30 * nth, second=0)
        lead = Lead(parent_name=each.name, phone=each.phone, students=CHILDREN)
        slot = Slot(start=start, end=start + timedelta(minutes=30))
        visit = Visit(id=uuid4(), slot=slot, status="booked", contact=each.contact, lead=lead)
        calendar.book(visit)
        booked += [each.says("pode ser hoje à tarde"), each.fact(BookingConfirmed(visit=visit))]
    return booked


@pytest.fixture
async def visitors(frontdesk: Any, calendar: Any, family: Any) -> tuple[Any, Any]:
    """Two families that come this afternoon."""
    both = family(phone="+5551987650002", name="Beatriz Lima"), family(phone="+5551987650003", name="Caio Reis")
    await frontdesk.deliver(*visits(calendar, *both))
    return both


async def sign_in(desk: Page) -> None:
    await desk.get_by_label("Usuário").fill("maria")
    await desk.get_by_label("Senha", exact=True).fill("dois gatos no telhado")
    await desk.get_by_role("button", name="Entrar").click()
    await expect(desk.get_by_role("heading", name="Recepção")).to_be_visible()


async def test_the_guides_way_through_a_conversation(
    frontdesk: Any, ana: Any, visitors: tuple[Any, Any], desk: Page, camera: Camera
) -> None:
    del visitors
    await frontdesk.deliver(*talk(ana))
    await sign_in(desk)
    await expect(desk.get_by_role("link", name="Ana Souza")).to_contain_text("Quer uma pessoa")
    await camera.draw("conversas")

    await desk.goto(ANA)
    await expect(desk.locator("audio.voice")).to_be_visible()
    await camera.draw("conversa")

    await desk.get_by_role("link", name="por quê?").last.click()
    reasons = desk.locator("#why-box")
    await expect(reasons).to_contain_text("Nossa van busca o Pedro na escola todos os dias!")
    await expect(reasons).to_contain_text("Van escolar")
    await camera.draw("por-que")
    await reasons.get_by_role("button", name="Fechar").click()

    await desk.get_by_role("button", name="Ficha da família").click()
    await desk.get_by_text("Corrigir a ficha").click()
    form = desk.locator("#lead-form")
    await form.get_by_label("E-mail").fill("ana@exemplo.com.br")
    await camera.draw("ficha")

    # While somebody types, what becomes known elsewhere neither wipes the form nor is lost.
    younger = Lead(parent_name="Ana Souza", phone=ana.phone, students=(CHILDREN[0].model_copy(update={"age": 7}),))
    await frontdesk.deliver(ana.learns(younger))
    await expect(desk.locator("#card-body")).to_contain_text("7 anos")
    await expect(form.get_by_label("E-mail")).to_have_value("ana@exemplo.com.br")
    await form.get_by_label("Idade").fill("9")
    await form.get_by_role("button", name="Salvar").click()
    await expect(desk.locator("[data-toast]")).to_contain_text("A assistente mudou Idade para 7 anos")
    assert frontdesk.probe.of(LeadEditedByStaff) == []
    await expect(form.locator("[name=was]")).to_have_value(re.compile('"age:0": 7'))
    await form.get_by_role("button", name="Salvar").click()
    await expect(desk.locator("#card-body")).to_contain_text("9 anos digitado por maria")
    await expect(form).to_be_hidden()
    (edit,) = frontdesk.probe.of(LeadEditedByStaff)
    assert {change.field for change in edit.changes} == {"email", "age"}


async def test_the_pages_beside_the_conversations(
    frontdesk: Any, ana: Any, visitors: tuple[Any, Any], desk: Page, camera: Camera
) -> None:
    bia, _ = visitors
    for story in Month(ana.clock.at - timedelta(days=27), conversations=12).families():
        await frontdesk.deliver(*story)
    await sign_in(desk)
    await desk.goto("/agenda")
    await expect(desk.get_by_text("Beatriz Lima").first).to_be_visible()
    await camera.draw("agenda")

    await desk.goto("/respostas")
    reply = desk.locator("section").filter(has_text="Nova resposta")
    await reply.get_by_label("Título").fill("Onde fica")
    await reply.get_by_label("Resposta").fill("Olá, {responsável}! A unidade fica em {endereço}. Esperamos vocês!")
    await reply.get_by_role("button", name="Salvar").click()
    await expect(desk.get_by_text("Onde fica")).to_be_visible()
    await camera.draw("respostas")

    await desk.goto("/numeros")
    await desk.get_by_role("link", name="Mês").click()
    await expect(desk.get_by_text("Da conversa à visita")).to_be_visible()
    await camera.draw("numeros")

    waiting = WaitingPerson(conversation=bia.subject, contact=bia.contact, since=ana.clock.at, bubbles=1)
    began = ana.clock.at - timedelta(minutes=4)
    await frontdesk.deliver(ana.fact(ChannelOutageReported(channel="evolution", began_at=began, waiting=(waiting,))))
    await desk.goto("/canal")
    await expect(desk.get_by_text("as mensagens não estão saindo")).to_be_visible()
    await camera.draw("canal")
