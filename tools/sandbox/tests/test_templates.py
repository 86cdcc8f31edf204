"""A number on Meta's Cloud API: the 24-hour window, and what is taken outside it."""

from typing import Any

import httpx
import pytest
from sandbox.clock import unix

MARIANA = "5551991234501"
DAY_S = 24 * 3600


@pytest.fixture
async def cloud(box: Any) -> Any:
    """The sandbox with an instance on the Cloud API and one approved template."""
    about = {"instanceName": "cloud", "integration": "WHATSAPP-BUSINESS", "webhook": {"events": []}}
    (await box.http.post("/instance/create", json=about)).raise_for_status()
    (await box.http.post("/sandbox/connection", json={"instance": "cloud", "state": "open"})).raise_for_status()
    body = {"name": "lembrete", "body": "Lembrete, {{1}}: sua visita é {{2}}. Até lá!"}
    (await box.http.post("/sandbox/templates", json=body)).raise_for_status()
    return box


async def text(box: Any, instance: str = "cloud") -> httpx.Response:
    answer: httpx.Response = await box.http.post(
        f"/message/sendText/{instance}", json={"number": MARIANA, "text": "Oi"}
    )
    return answer


async def template(box: Any, *parameters: str, instance: str = "cloud", **about: Any) -> httpx.Response:
    components = [{"type": "body", "parameters": [{"type": "text", "text": each} for each in parameters]}]
    body = {"number": MARIANA, "name": "lembrete", "language": "pt_BR", "components": components, **about}
    answer: httpx.Response = await box.http.post(f"/message/sendTemplate/{instance}", json=body)
    return answer


async def test_text_is_taken_within_a_day_of_the_persons_message(cloud: Any) -> None:
    await cloud.write(instance="cloud")
    answer = await text(cloud)
    assert answer.status_code == 201
    assert answer.json()["key"]["id"].startswith("wamid.")


@pytest.mark.parametrize("age_s", [None, DAY_S + 5])
async def test_text_is_refused_later_and_to_who_never_wrote(cloud: Any, age_s: float | None) -> None:
    if age_s is not None:
        now = (await cloud.http.get("/sandbox/state")).json()["now"]
        await cloud.write(at=unix(now) - age_s, instance="cloud")
    await cloud.write()  # to another number of the unit, which opens nothing here
    answer = await text(cloud)
    assert (answer.status_code, answer.json()["code"], answer.json().get("key")) == (201, 131047, None)
    assert [one["author"] for one in await cloud.messages()] == ["parent"] * (1 if age_s is None else 2)


async def test_an_approved_template_is_taken_and_read_filled_in(cloud: Any) -> None:
    answer = await template(cloud, "Mariana", "terça")
    assert answer.status_code == 201
    assert answer.json()["message"] == {"conversation": "▶️lembrete◀️"}, "all that Evolution keeps of it"
    (message,) = await cloud.messages()
    assert message["text"] == "Lembrete, Mariana: sua visita é terça. Até lá!"
    assert message["id"] == answer.json()["key"]["id"]


@pytest.mark.parametrize(
    "about,code", [({"name": "outro"}, 132001), ({"language": "en_US"}, 132001), ({"components": []}, 132000)]
)
async def test_what_meta_did_not_approve_is_refused(cloud: Any, about: dict[str, Any], code: int) -> None:
    answer = await template(cloud, "Mariana", "terça", **about)
    assert (answer.status_code, answer.json()["code"]) == (201, code)
    assert await cloud.messages() == []


async def test_whatsapp_web_has_no_templates_and_no_window(cloud: Any) -> None:
    assert (await template(cloud, "Mariana", "terça", instance="kumon")).status_code == 400
    assert "key" in (await text(cloud, "kumon")).json()
