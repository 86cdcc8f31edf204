"""The page without a browser: in and out, forms, what is shown to whom."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from contracts.calendar import BookingConfirmed, Visit, VisitOutcomeRecorded
from contracts.dialogue import Lead, Slot, Student
from contracts.frontdesk import StaffReleased, StaffReplied, StaffTookOver
from contracts.postprocessor import DeliveryFailed

pytestmark = pytest.mark.stores

PASSWORD = "dois gatos no telhado"


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return found[1]


async def login(client: httpx.AsyncClient, password: str = PASSWORD, back: str = "/") -> httpx.Response:
    page = await client.get("/entrar", params={"volta": back})
    form = {"form_token": hidden(page, "form_token"), "username": "maria", "password": password, "back": back}
    return await client.post("/entrar", data=form)


async def test_whoever_is_not_signed_in_is_sent_to_the_login_and_back(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    async with frontdesk.client(signed_in=False) as client:
        sent = await client.get("/conversas/5551987650001")
        assert (sent.status_code, sent.headers["location"]) == (303, "/entrar?volta=/conversas/5551987650001")
        answer = await login(client, back="/conversas/5551987650001")
        assert (answer.status_code, answer.headers["location"]) == (303, "/conversas/5551987650001")
        assert "Ana" in (await client.get("/conversas/5551987650001")).text


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/conversas/../..//evil.example", "/sair"])
async def test_the_login_leads_to_no_other_place(frontdesk: Any, back: str) -> None:
    async with frontdesk.client(signed_in=False) as client:
        assert (await login(client, back=back)).headers["location"] == "/"


async def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        answer = await login(client)
        cookies = answer.headers.get_list("set-cookie")
        assert cookies
        assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in cookies)
    async with frontdesk.client(signed_in=False) as client:
        client.base_url = "https://frontdesk.test"
        assert all("Secure" in cookie for cookie in (await login(client)).headers.get_list("set-cookie"))


async def test_a_wrong_password_is_said_and_the_name_kept(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        answer = await login(client, "errada")
        assert answer.status_code == 401
        assert "Usuário ou senha não conferem." in answer.text
        assert 'value="maria"' in answer.text
        assert "errada" not in answer.text
        assert (await client.get("/")).status_code == 303


async def test_after_five_failures_the_page_says_how_long_to_wait(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        for _ in range(5):
            await login(client, "errada")
        answer = await login(client)
        assert answer.status_code == 429
        assert "Tente de novo em 5 min." in answer.text


@pytest.mark.parametrize("path", ["/entrar", "/sair", "/conversas/5551987650001/assumir"])
@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_form_that_is_not_from_our_page_does_nothing(frontdesk: Any, ana: Any, path: str, token: str) -> None:
    await frontdesk.deliver(ana.says("oi"))
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        form = {"form_token": token, "username": "maria", "password": PASSWORD}
        answer = await client.post(path, data=form, headers={"Accept": "text/html"})
        assert answer.status_code == 403
        assert (await client.get("/")).status_code == 200
    assert frontdesk.probe.published == []


async def test_a_form_token_of_another_browser_is_worth_nothing_here(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as one, frontdesk.client(signed_in=False) as other:
        theirs = hidden(await one.get("/entrar"), "form_token")
        await other.get("/entrar")
        form = {"form_token": theirs, "username": "maria", "password": PASSWORD}
        assert (await other.post("/entrar", data=form)).status_code == 403


async def test_who_leaves_must_sign_in_again(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        page = await client.get("/")
        answer = await client.post("/sair", data={"form_token": hidden(page, "form_token")})
        assert answer.headers["location"] == "/entrar"
        assert (await client.get("/")).status_code == 303


async def test_who_waits_for_the_unit_comes_first(frontdesk: Any, family: Any) -> None:
    waits, spoke_last = family(phone="+5551980000001", name="Espera"), family(phone="+5551980000002", name="Depois")
    await frontdesk.deliver(waits.says("quero falar com alguém"), waits.handed_over(), spoke_last.says("oi"))
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        page = (await client.get("/")).text
    assert page.index("Espera") < page.index("Depois")
    assert "<title>(1) Recepção</title>" in page
    assert "Quer uma pessoa" in page


async def test_the_list_says_how_long_the_unit_is_waited_for(frontdesk: Any, ana: Any, clock: Any) -> None:
    async def shown() -> str:
        async with frontdesk.client(signed_in=False) as client:
            await login(client)
            return (await client.get("/")).text

    await frontdesk.deliver(ana.says("quero falar com alguém"), ana.handed_over())
    clock.on(minutes=20)
    await frontdesk.deliver(ana.says("oi?"))
    assert "há 20 min" in await shown(), "since it was handed over, not since the last message"
    await frontdesk.deliver(ana.fact(StaffTookOver(by="maria")))
    await frontdesk.deliver(*ana.replied("Oi, é a Maria"))
    assert "data-since" not in await shown(), "nobody waits"
    await frontdesk.deliver(ana.says("e o preço?"))
    clock.on(minutes=5)
    await frontdesk.deliver(ana.says("alô?"))
    clock.on(minutes=5)
    assert "há 10 min" in await shown(), "since the first message that is not answered"


async def test_one_conversation_shows_messages_ticks_lead_and_what_is_not_known(frontdesk: Any, ana: Any) -> None:
    lead = Lead(parent_name="Ana Souza", phone=ana.phone, students=(Student(name="Pedro", age=8, grade="ef3"),))
    said = ana.says("qto custa?")
    await frontdesk.deliver(said, *ana.turn(said), *ana.replied("São *R$ 375,00*.", status="read"), ana.learns(lead))
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        page = (await client.get("/conversas/5551987650001")).text
    for shown in ("qto custa?", "São <strong>R$ 375,00</strong>.", 'aria-label="lida"', "Pedro", "8 anos", "3º ano"):
        assert shown in page
    assert "ainda não disse" in page
    assert "(51) 98765-0001" in page


async def test_a_message_that_did_not_arrive_says_why(frontdesk: Any, ana: Any) -> None:
    never_left, refused_later = ana.drafted("Uma"), ana.replied("Duas", status="error")
    failed = DeliveryFailed(
        reply_id=never_left.data.reply_id, contact=ana.contact, reason="instance_missing", attempts=6
    )
    await frontdesk.deliver(ana.says("oi"), never_left, ana.fact(failed), *refused_later)
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        page = (await client.get("/conversas/5551987650001")).text
    assert re.findall(r"Não enviada: [^<]*", page) == [
        "Não enviada: o WhatsApp recusou.",
        "Não enviada: o WhatsApp da unidade não está configurado.",
    ]


async def test_what_a_parent_writes_is_only_text(frontdesk: Any, family: Any) -> None:
    mean = family(name='<script>alert("nome")</script>')
    await frontdesk.deliver(mean.says('<img src=x onerror="alert(1)"> *<b>oi</b>*'))
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        page = (await client.get("/conversas/5551987650001")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<strong>&lt;b&gt;oi&lt;/b&gt;</strong>" in page


async def test_pages_run_nothing_but_their_own_files(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    async with frontdesk.client(signed_in=False) as client:
        login_page = await client.get("/entrar")
        await login(client)
        pages = [login_page, await client.get("/"), await client.get("/conversas/5551987650001")]
        for page in pages:
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert "unsafe" not in page.headers["content-security-policy"]
            assert page.headers["cache-control"] == "no-store"
            assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=|\bstyle=|<style", page.text)
            addresses = re.findall(r'(?:src|href)="([^"#][^"]*)"', page.text)
            assert addresses
            assert all(address.startswith("/") and not address.startswith("//") for address in addresses)
            for address in addresses:
                if address.startswith("/estatico/"):
                    file = (await client.get(address)).raise_for_status()
                    assert "immutable" in file.headers["cache-control"]


async def test_taking_over_answering_and_giving_back_from_the_page(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    at = "/conversas/5551987650001"
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        token = {"form_token": hidden(await client.get(at), "form_token")}
        assert (await client.post(f"{at}/assumir", data=token)).headers["location"] == at
        page = await client.get(at)
        assert "Você está atendendo" in page.text
        reply = {**token, "text": "Oi, aqui é a Maria", "nonce": hidden(page, "nonce")}
        for _ in range(2):  # an impatient finger
            assert (await client.post(f"{at}/responder", data=reply)).status_code == 303
        assert (await client.get(at)).text.count('<span class="text">Oi, aqui é a Maria</span>') == 1
        await client.post(f"{at}/devolver", data=token)
        assert "A assistente está atendendo" in (await client.get(at)).text
    published = [type(event.data) for event in frontdesk.probe.published]
    assert published == [StaffTookOver, StaffReplied, StaffReleased]


async def test_once_a_visit_has_begun_the_unit_says_whether_they_came(frontdesk: Any, ana: Any) -> None:
    start = ana.clock.at + timedelta(hours=1)
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    visit = Visit(id=uuid4(), slot=slot, status="booked", contact=ana.contact, lead=Lead(phone=ana.phone))
    await frontdesk.deliver(ana.says("oi"), ana.fact(BookingConfirmed(visit=visit)))
    at = "/conversas/5551987650001"
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        page = await client.get(at)
        form = {"form_token": hidden(page, "form_token"), "outcome": "missed"}
        assert "A família veio?" not in page.text
        await client.post(f"{at}/visitas/{visit.id}", data=form)
        assert frontdesk.probe.published == [], "it is still ahead"
        ana.clock.on(hours=1)
        assert "A família veio?" in (await client.get(at)).text
        for outcome in ("came", "missed"):  # the first word stands
            await client.post(f"{at}/visitas/{visit.id}", data={**form, "outcome": outcome})
        assert "veio</b>" in (await client.get(at)).text
    (recorded,) = frontdesk.probe.of(VisitOutcomeRecorded)
    assert (recorded.visit_id, recorded.outcome, recorded.by) == (visit.id, "came", "maria")


async def test_an_unknown_person_is_an_error_page_in_portuguese(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        await login(client)
        answer = await client.get("/conversas/5551900000000", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Ninguém escreveu deste número." in answer.text
