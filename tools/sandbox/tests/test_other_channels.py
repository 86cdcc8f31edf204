"""Meta's Cloud API and Twilio without anybody between: the same window, the same templates, their own shapes."""

from typing import Any

import httpx
import pytest
from sandbox.state import CLOUD

MARIANA = "5551991234501"
META, TWILIO = "cloud:123", "twilio:+14155238886"
MESSAGES = "/twilio/2010-04-01/Accounts/AC1/Messages.json"


@pytest.fixture
async def numbers(box: Any) -> Any:
    """The sandbox with a number on each, and one approved template."""
    for name in (META, TWILIO):
        about = {"instanceName": name, "integration": CLOUD, "webhook": {"events": []}}
        (await box.http.post("/instance/create", json=about)).raise_for_status()
        (await box.http.post("/sandbox/connection", json={"instance": name, "state": "open"})).raise_for_status()
    (await box.http.post("/sandbox/templates", json={"name": "lembrete", "body": "É {{1}}!"})).raise_for_status()
    return box


async def meta(box: Any, to: str = MARIANA, **content: Any) -> httpx.Response:
    content = content or {"type": "text", "text": {"body": "Oi"}}
    body = {"messaging_product": "whatsapp", "to": to, **content}
    answer: httpx.Response = await box.http.post(
        "/graph/123/messages", json=body, headers={"authorization": "Bearer token"}
    )
    return answer


async def twilio(box: Any, to: str = MARIANA, **content: str) -> httpx.Response:
    form = {"To": f"whatsapp:+{to}", "From": "whatsapp:+14155238886", **(content or {"Body": "Oi"})}
    answer: httpx.Response = await box.http.post(MESSAGES, data=form, headers={"authorization": "Basic x"})
    return answer


async def test_meta_takes_text_within_the_window_and_refuses_it_outside(numbers: Any) -> None:
    refused = await meta(numbers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 131047)
    await numbers.write(instance=META)
    taken = await meta(numbers)
    assert taken.status_code == 200
    assert taken.json()["messages"][0]["id"] == (await numbers.messages())[-1]["id"]


async def test_meta_takes_an_approved_template_and_knows_nobody_without_whatsapp(numbers: Any) -> None:
    template: dict[str, Any] = {"name": "lembrete", "language": {"code": "pt_BR"}}
    template["components"] = [{"type": "body", "parameters": [{"type": "text", "text": "terça"}]}]
    assert (await meta(numbers, type="template", template=template)).status_code == 200
    assert [one["text"] for one in await numbers.messages()] == ["É terça!"]
    assert (await meta(numbers, "12")).json()["error"]["code"] == 131026


async def test_twilio_takes_text_within_the_window_refuses_it_outside_and_lists_what_it_sent(numbers: Any) -> None:
    refused = await twilio(numbers)
    assert (refused.status_code, refused.json()["code"]) == (400, 63016)
    await numbers.write(instance=TWILIO)
    taken = (await twilio(numbers)).json()
    listed = (await numbers.http.get(MESSAGES, params={"From": "whatsapp:+14155238886"})).json()
    assert listed == {"messages": [taken], "next_page_uri": None}
    assert (taken["body"], taken["to"]) == ("Oi", f"whatsapp:+{MARIANA}")


async def test_twilio_takes_a_template_by_its_own_name_of_it(numbers: Any) -> None:
    taken = await twilio(numbers, ContentSid="HXlembrete", ContentVariables='{"1": "terça"}')
    assert taken.status_code == 201
    assert [one["text"] for one in await numbers.messages()] == ["É terça!"]
    assert (await twilio(numbers, "12")).json()["code"] == 63024


async def test_nobody_is_served_without_a_key(numbers: Any) -> None:
    for path in ("/graph/123/messages", MESSAGES):
        form = {"To": "whatsapp:+1", "From": "whatsapp:+1"}
        about = {"data": form} if path == MESSAGES else {"json": {}}
        assert (await numbers.http.post(path, **about)).status_code == 401
