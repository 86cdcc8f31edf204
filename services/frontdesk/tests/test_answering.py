"""Helping whoever answers: quick replies, suggestions; and nobody answers over somebody else."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from chassis.errors import Unavailable
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import Lead, Slot, Student
from contracts.frontdesk import StaffReplied, StaffTookOver
from contracts.ingress import MessageEchoed
from contracts.postprocessor import DeliveryFailed
from contracts.rules import Assess, Assessment, Opening, Passage, UnitFacts, Verdict
from frontdesk_service.quick_replies import fill, unfilled, unknown
from frontdesk_service.tokens import Account

pytestmark = pytest.mark.stores

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)
AT = "/conversas/5551987650001"
KNOWN = Passage(id="van", topic="transporte", title="Van", text="Não temos van, mas a parada é em frente.", score=0.9)


class Browser:
    """Somebody's browser, signed in; forms are sent as the page gives them."""

    def __init__(self, client: httpx.AsyncClient, frontdesk: Any, who: str) -> None:
        self._client = client
        self._clock = frontdesk.clock
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account(who, "receptionist")))
        self.page = ""

    async def open(self, address: str = AT, **params: Any) -> str:
        self.page = (await self._client.get(address, params=params or None)).raise_for_status().text
        return self.page

    async def send(self, act: str, **form: str) -> httpx.Response:
        self._clock.on(seconds=1)
        names = ("form_token", "nonce", "seen") if act == "responder" else ("form_token",)
        hidden = {name: re.search(rf'name="{name}" value="([^"]*)"', self.page) for name in names}
        values = {name: found[1] for name, found in hidden.items() if found}
        return await self._client.post(f"{AT}/{act}", data={**values, **form}, headers={"Accept": "text/html"})


@pytest.fixture
async def maria(frontdesk: Any) -> Any:
    async with frontdesk.client(signed_in=False) as client:
        yield Browser(client, frontdesk, "maria")


@pytest.fixture
async def joao(frontdesk: Any) -> Any:
    async with frontdesk.client(signed_in=False) as client:
        yield Browser(client, frontdesk, "joao")


def replies(frontdesk: Any) -> list[tuple[str, str]]:
    return [(each.by, each.text) for each in frontdesk.probe.of(StaffReplied)]


async def test_whoever_is_slower_is_told_who_took_it(frontdesk: Any, ana: Any, maria: Any, joao: Any) -> None:
    await frontdesk.deliver(ana.says("quero falar com alguém"), ana.handed_over())
    await maria.open()
    await joao.open()
    assert (await maria.send("assumir")).status_code == 303
    refused = await joao.send("responder", text="Oi, é o João")
    assert refused.status_code == 409
    assert "maria já assumiu esta conversa." in refused.text
    assert (await joao.send("assumir")).status_code == 409
    assert replies(frontdesk) == []


async def test_who_takes_it_in_somebodys_place_does_so_knowingly(
    frontdesk: Any, ana: Any, maria: Any, joao: Any
) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    await maria.open()
    await maria.send("assumir")
    page = await joao.open()
    assert "Assumir no lugar" in page
    assert (await joao.send("assumir", de="outra")).status_code == 409
    assert (await joao.send("assumir", de="maria")).status_code == 303
    assert [each.by for each in frontdesk.probe.of(StaffTookOver)] == ["maria", "joao"]
    await maria.open()
    assert "joao já assumiu" in (await maria.send("responder", text="Oi")).text


async def test_what_the_units_phone_answered_meanwhile_is_shown_before_anything_is_sent(
    frontdesk: Any, ana: Any, maria: Any, clock: Any
) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    await maria.open()
    await maria.send("assumir")
    await maria.open()
    typed = MessageEchoed(
        key=ana.key(from_me=True),
        address=ana.contact.address,
        origin="phone",
        text="Já te ligo!",
        sent_at=clock.on(seconds=5),
    )
    await frontdesk.deliver(ana.fact(typed))
    refused = await maria.send("responder", text="Posso ajudar?")
    assert refused.status_code == 409
    assert "A unidade já respondeu" in refused.text
    assert "Já te ligo!" in refused.text
    await maria.open()
    assert (await maria.send("responder", text="Posso ajudar?")).status_code == 303
    assert replies(frontdesk) == [("maria", "Posso ajudar?")]


async def test_an_impatient_finger_answers_once(frontdesk: Any, ana: Any, maria: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    await maria.open()
    for _ in range(3):
        assert (await maria.send("responder", text="Oi, Ana!")).status_code == 303
    assert replies(frontdesk) == [("maria", "Oi, Ana!")]


async def test_the_api_refuses_to_answer_over_somebody_too(frontdesk: Any, ana: Any, maria: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    await maria.open()
    await maria.send("assumir")
    async with frontdesk.client() as client:
        client.headers["Authorization"] = f"Bearer {frontdesk.tokens.mint(Account('joao', 'owner'))}"
        (item,) = (await client.get("/api/v1/handoffs")).json()["items"]
        answer = await client.post(f"/api/v1/handoffs/{item['id']}/reply", json={"text": "oi"})
        assert (answer.status_code, answer.json()["detail"]) == (409, "maria já assumiu esta conversa.")
        answer = await client.post(f"/api/v1/handoffs/{item['id']}/reply", json={"text": "oi, {aluno}"})
        assert (answer.status_code, answer.json()["detail"]) == (422, "Falta preencher {aluno}.")


async def test_quick_replies_come_with_the_familys_own_values(frontdesk: Any, ana: Any, maria: Any) -> None:
    start = ana.clock.at.replace(day=24, hour=14, minute=30)
    lead = Lead(parent_name="Ana Souza", phone=ana.phone, students=(Student(name="Pedro"),))
    visit = Visit(
        id=uuid4(),
        slot=Slot(start=start, end=start + timedelta(minutes=30)),
        status="booked",
        contact=ana.contact,
        lead=lead,
    )
    await frontdesk.deliver(ana.says("oi"), ana.learns(lead), ana.fact(BookingConfirmed(visit=visit)))
    page = await maria.open()
    assert "Olá, Ana! A visita está marcada: terça-feira, 24 de novembro, às 14h30, na Rua Amoreira, 571" in page
    assert "e Pedro faz uma avaliação" in page
    assert "São R$ 375,00 por matéria" in page


async def test_what_is_not_known_stays_in_braces_and_is_never_sent(frontdesk: Any, family: Any, maria: Any) -> None:
    nobody = family(name=None)
    await frontdesk.deliver(nobody.says("oi"))
    assert "Olá, {responsável}! Aqui é do Kumon Vila A." in await maria.open()
    refused = await maria.send("responder", text="Olá, {responsável}!")
    assert refused.status_code == 422
    assert "Falta preencher {responsável}." in refused.text
    assert replies(frontdesk) == []


async def test_the_unit_writes_changes_and_drops_its_own_replies(frontdesk: Any, ana: Any, maria: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    page = await maria.open("/respostas")
    token = re.search(r'name="form_token" value="([^"]*)"', page)[1]  # type: ignore[index]
    form = {"form_token": token, "title": "Estacionamento", "text": "Há vagas em frente, {responsável}."}
    post = maria._client.post
    assert (await post("/respostas", data=form)).status_code == 303
    assert "Há vagas em frente, Ana." in await maria.open()
    page = await maria.open("/respostas")
    assert "maria ·" in page
    wrong = await post("/respostas", data={**form, "text": "Olá, {nome}"})
    assert wrong.status_code == 422
    assert "{nome} não existe" in wrong.text
    row = await frontdesk.store.pool.fetchrow("select id, owner from quick_replies where title = 'Estacionamento'")
    assert row["owner"] == "maria"
    changed = {**form, "reply_id": str(row["id"]), "text": "Não há vagas."}
    await post("/respostas", data=changed)
    assert "Não há vagas." in await maria.open()
    await post(f"/respostas/{row['id']}/apagar", data={"form_token": token})
    assert "Não há vagas." not in await maria.open()


def assessment(*passages: Passage) -> Assessment:
    unit = UnitFacts(
        name="Kumon",
        persona="Cecília",
        address="",
        contact_phone="",
        email="",
        timezone="America/Sao_Paulo",
        subjects=(),
        min_age=2,
        notice_h=2,
        horizon_days=14,
    )
    hours = Opening(weekdays=(0,), periods=(), is_open_now=True, next_opening=NOW, slot_minutes=30)
    return Assessment(
        facts_version="1", unit=unit, verdict=Verdict(), opening=hours, passages=passages, confident=bool(passages)
    )


async def test_the_answer_that_the_knowledge_has_is_suggested_and_not_sent(
    frontdesk: Any, ana: Any, maria: Any
) -> None:
    frontdesk.probe.answer(Assess, assessment(KNOWN))
    await frontdesk.deliver(ana.handed_over(), ana.says("tem van?"), ana.says("ou ônibus perto?"))
    assert "Sugerir resposta" in await maria.open()
    assert frontdesk.probe.asked == []
    page = await maria.open(sugerir="1")
    assert KNOWN.text in page
    (asked,) = frontdesk.probe.asked
    assert asked.question == "tem van? ou ônibus perto?"
    assert replies(frontdesk) == []


@pytest.mark.parametrize("reply", [Unavailable("away"), None])
async def test_without_an_answer_that_is_said(frontdesk: Any, ana: Any, maria: Any, reply: Any) -> None:
    frontdesk.probe.answer(Assess, reply or assessment())
    await frontdesk.deliver(ana.handed_over(), ana.says("tem van?"))
    assert "A assistente não tem resposta para isto." in await maria.open(sugerir="1")


async def test_what_she_had_written_when_the_unit_took_over_is_suggested(frontdesk: Any, ana: Any, maria: Any) -> None:
    draft = ana.drafted("Temos vaga!", "Qual a idade?")
    stopped = DeliveryFailed(reply_id=draft.data.reply_id, contact=ana.contact, reason="taken_over", attempts=0)
    await frontdesk.deliver(ana.says("tem vaga?"), ana.fact(StaffTookOver(by="joao")), draft, ana.fact(stopped))
    page = await maria.open(sugerir="1")
    assert "Temos vaga!\n\nQual a idade?" in page
    assert "A assistente ia responder" in page
    assert frontdesk.probe.asked == []


def test_variables_are_filled_whatever_their_capitals_and_the_rest_is_left() -> None:
    assert fill("Oi, {Responsável}! {x} {aluno}", {"responsável": "Ana", "aluno": None}) == "Oi, Ana! {x} {aluno}"
    assert unfilled("{aluno} {visita} {aluno} {x}") == ["aluno", "visita"]
    assert unknown("{aluno} {x} {}") == ["x"]
