"""Who may do what, who is signed in, and who did what."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pyotp
import pytest
from frontdesk_service.roles import MAY, Area, Role
from frontdesk_service.tokens import Account
from pydantic import SecretStr

pytestmark = pytest.mark.stores

PASSWORD = "dois gatos no telhado"
# What each path of the API needs; a path that is not here fails the test, and so does one that is gone.
AREAS: dict[tuple[str, str], Area | None] = {
    ("post", "/api/v1/auth/token"): None,
    ("delete", "/api/v1/auth/token"): "self",
    ("get", "/api/v1/contacts/{phone}"): "conversations",
    ("patch", "/api/v1/contacts/{phone}/lead"): "conversations",
    ("get", "/api/v1/contacts/{phone}/export"): "privacy",
    ("delete", "/api/v1/contacts/{phone}"): "privacy",
    ("get", "/api/v1/handoffs"): "conversations",
    ("post", "/api/v1/handoffs/{handoff_id}/take"): "conversations",
    ("post", "/api/v1/handoffs/{handoff_id}/release"): "conversations",
    ("post", "/api/v1/handoffs/{handoff_id}/reply"): "conversations",
    ("get", "/api/v1/indicators"): "numbers",
    ("get", "/api/v1/indicators.csv"): "numbers",
    ("get", "/api/v1/spend"): "numbers",
    ("get", "/api/v1/gaps"): "knowledge",
    ("post", "/api/v1/gaps/{gap_id}/answer"): "knowledge",
    ("get", "/api/v1/answers"): "knowledge",
    ("delete", "/api/v1/answers/{answer_id}"): "knowledge",
    ("get", "/api/v1/alerts"): "alerts",
    ("post", "/api/v1/alerts/{alert_id}/acknowledge"): "alerts",
    ("get", "/api/v1/messages/{message_id}/timeline"): "trace",
    ("get", "/api/v1/webhooks/dead"): "system",
    ("post", "/api/v1/webhooks/dead/{delivery_id}/replay"): "system",
}
PAGES: dict[str, Area] = {
    "/agenda": "conversations",
    "/agenda/imprimir": "conversations",
    "/conversas/5551987650001": "conversations",
    "/conversas/5551987650001/dados.json": "privacy",
    "/numeros": "numbers",
    "/numeros.csv": "numbers",
    "/perguntas": "knowledge",
    "/avisos": "alerts",
    "/mensagens/x": "trace",
    "/conta": "self",
    "/contas": "accounts",
    "/auditoria": "accounts",
    "/sistema": "system",
}
ROLES: tuple[Role, ...] = ("receptionist", "owner", "operator")


async def every_path(frontdesk: Any) -> set[tuple[str, str]]:
    async with frontdesk.client(signed_in=False) as client:
        document = (await client.get("/api/v1/openapi.json")).json()
    return {(method, path) for path, methods in document["paths"].items() for method in methods}


async def test_every_path_of_the_api_is_open_to_the_roles_that_it_is_for_and_to_nobody_else(frontdesk: Any) -> None:
    paths = await every_path(frontdesk)
    assert paths == set(AREAS)
    for method, path in sorted(paths):
        area, url = AREAS[method, path], re.sub(r"{phone}", "5551900000000", re.sub(r"{\w+_id}", str(uuid4()), path))
        if area is None:
            continue
        async with frontdesk.client(signed_in=False) as client:
            answer = await client.request(method, url)
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), path
        for role in ROLES:
            headers = {"Authorization": f"Bearer {frontdesk.tokens.mint(Account('joana', role))}"}
            async with frontdesk.client(signed_in=False) as client:
                status = (await client.request(method, url, headers=headers)).status_code
            assert (status == 403) == (area not in MAY[role]), (role, method, path, status)


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_is_open_to_the_roles_that_it_is_for(frontdesk: Any, role: Role) -> None:
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("joana", role)))
        for path, area in PAGES.items():
            status = (await client.get(path, headers={"Accept": "text/html"})).status_code
            assert (status == 403) == (area not in MAY[role]), (path, status)


async def test_whoever_looked_at_a_page_is_written_down_in_words(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("joana", "owner")))
        for path in (*PAGES, "/auditoria"):
            shown = (await client.get(path, headers={"Accept": "text/html"})).text
    assert "viu os números" in shown
    assert "usou a API" not in shown


async def test_an_operator_is_led_to_the_alerts_and_sees_no_conversation(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("joana", "operator")))
        answer = await client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/avisos")


async def sign_in(client: httpx.AsyncClient, **more: str) -> httpx.Response:
    return await client.post("/api/v1/auth/token", json={"username": "maria", "password": PASSWORD, **more})


async def bearer(client: httpx.AsyncClient) -> dict[str, str]:
    token = (await sign_in(client)).raise_for_status().json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def test_a_sign_in_that_was_ended_opens_nothing_any_more(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        here, there = await bearer(client), await bearer(client)
        assert (await client.delete("/api/v1/auth/token", headers=here)).status_code == 204
        assert (await client.get("/api/v1/gaps", headers=here)).status_code == 401
        assert (await client.get("/api/v1/gaps", headers=there)).status_code == 200
        await frontdesk.parts.logins.end_all("maria")
        assert (await client.get("/api/v1/gaps", headers=there)).status_code == 401


async def test_whoever_lost_their_access_is_out_at_once_and_cannot_come_back(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        headers = await bearer(client)
        await frontdesk.accounts.disable("maria", disabled=True)
        assert (await client.get("/api/v1/gaps", headers=headers)).status_code == 401
        assert (await sign_in(client)).status_code == 401
        await frontdesk.accounts.disable("maria", disabled=False)
        assert (await sign_in(client)).status_code == 200


async def test_a_second_factor_is_asked_for_and_each_code_opens_once(frontdesk: Any) -> None:
    secret = pyotp.random_base32()
    await frontdesk.accounts.set_otp("maria", secret)
    code = pyotp.TOTP(secret).now()
    async with frontdesk.client(signed_in=False) as client:
        asked = await sign_in(client)
        assert (asked.status_code, "código" in asked.json()["detail"]) == (401, True)
        assert (await sign_in(client, otp="000000" if code != "000000" else "111111")).status_code == 401
        assert (await sign_in(client, otp=code)).status_code == 200
        assert (await sign_in(client, otp=code)).status_code == 401, "somebody may have seen it"


async def test_codes_cannot_be_guessed(frontdesk: Any) -> None:
    await frontdesk.accounts.set_otp("maria", pyotp.random_base32())
    async with frontdesk.client(signed_in=False) as client:
        tries = [(await sign_in(client, otp=f"00000{each}")).status_code for each in range(6)]
    assert tries[-1] == 429


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return found[1]


async def by_form(client: httpx.AsyncClient, path: str, page: httpx.Response, **fields: str) -> httpx.Response:
    return await client.post(path, data={"form_token": hidden(page, "form_token"), **fields})


async def enter(client: httpx.AsyncClient, username: str = "maria", password: str = PASSWORD) -> httpx.Response:
    page = await client.get("/entrar")
    return await by_form(client, "/entrar", page, username=username, password=password)


async def test_the_page_asks_for_the_code_in_a_second_step(frontdesk: Any) -> None:
    secret = pyotp.random_base32()
    await frontdesk.accounts.set_otp("maria", secret)
    async with frontdesk.client(signed_in=False) as client:
        step = await enter(client)
        assert "código" in step.text
        assert (await client.get("/")).status_code == 303, "half of the way opens nothing"
        half = hidden(step, "half")
        assert (await by_form(client, "/entrar/codigo", step, half="made up", otp="1")).status_code == 401
        done = await by_form(client, "/entrar/codigo", step, half=half, otp=pyotp.TOTP(secret).now())
        assert done.headers["location"] == "/"
        assert (await client.get("/")).status_code == 200


async def test_the_owner_makes_an_account_and_takes_it_away(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as owner, frontdesk.client(signed_in=False) as joana:
        await enter(owner)
        page = await owner.get("/contas")
        password = "uma senha bem longa"
        made = await by_form(owner, "/contas", page, username="joana", password=password, role="receptionist")
        assert made.headers["location"] == "/contas"
        again = await by_form(owner, "/contas", page, username="joana", password=password, role="owner")
        assert again.status_code == 409
        await enter(joana, "joana", password)
        assert (await joana.get("/")).status_code == 200
        assert (await joana.get("/contas")).status_code == 403
        await by_form(owner, "/contas/joana/tirar", page)
        assert (await joana.get("/")).status_code == 303
        assert (await by_form(owner, "/contas/maria/tirar", page)).status_code == 409


async def test_a_new_password_ends_the_sign_ins_elsewhere(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as here, frontdesk.client(signed_in=False) as there:
        await enter(here)
        await enter(there)
        page = await here.get("/conta")
        wrong = await by_form(here, "/conta/senha", page, old="errada", new="outra senha longa")
        assert wrong.status_code == 422
        assert (await by_form(here, "/conta/senha", page, old=PASSWORD, new="curta")).status_code == 422
        await by_form(here, "/conta/senha", page, old=PASSWORD, new="outra senha longa")
        assert (await here.get("/conta")).status_code == 200
        assert (await there.get("/conta")).status_code == 303
    account = await frontdesk.accounts.sign_in("maria", SecretStr("outra senha longa"), "192.0.2.1")
    assert account.username == "maria"


async def test_the_second_factor_is_turned_on_with_a_right_code_only(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        await enter(client)
        page = await client.get("/conta")
        assert "<svg" in page.text
        secret = hidden(page, "secret")
        assert (await by_form(client, "/conta/codigo", page, secret=secret, otp="12")).status_code == 422
        await by_form(client, "/conta/codigo", page, secret=secret, otp=pyotp.TOTP(secret).now())
        assert "Desligar" in (await client.get("/conta")).text
        await by_form(client, "/conta/codigo/desligar", page)
        assert "Desligar" not in (await client.get("/conta")).text


async def test_a_form_of_another_site_does_nothing(frontdesk: Any) -> None:
    async with frontdesk.client(signed_in=False) as client:
        await enter(client)
        for path in ("/conta/codigo/desligar", "/contas", "/contas/maria/sair", "/conversas/5551987650001/apagar"):
            assert (await client.post(path, data={"form_token": "made up"})).status_code in (403, 422), path


async def test_who_saw_and_did_what_is_written_down_once(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    async with frontdesk.client(signed_in=False) as client:
        await enter(client)
        for _ in range(3):
            page = await client.get("/conversas/5551987650001")
        await by_form(client, "/conversas/5551987650001/assumir", page)
        await by_form(client, "/conversas/5551987650001/assumir", page)
        shown = (await client.get("/auditoria")).text
    noted = [(entry.act, entry.about) for entry in await frontdesk.parts.logins.audit()]
    assert noted.count(("GET /conversas/{path}", ana.subject)) == 1
    assert noted.count(("POST /conversas/{path}/assumir", ana.subject)) == 2
    assert ("entrou", None) in noted
    assert "abriu uma conversa" in shown
    assert "5551987650001" not in str(noted)


async def test_no_page_runs_a_script_or_a_style_of_its_own(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"))
    async with frontdesk.client(signed_in=False) as client:
        await enter(client)
        for path in ("/", *(path for path in PAGES if path != "/mensagens/x")):
            page = await client.get(path)
            assert "script-src 'self'" in page.headers["content-security-policy"]
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=\"", page.text), path
