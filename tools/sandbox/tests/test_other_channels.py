"""Meta's Cloud API and Twilio without anybody between: the same window, the same templates, their own shapes."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

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


async def test_meta_reports_in_its_own_words_signs_them_and_gives_files_to_whoever_has_a_token(
    box: Any, helpers: Any
) -> None:
    await box.write("", instance=META, kind="audio", name="Ana", transcription="oi")
    ((headers, raw),) = await helpers.until(lambda: box.hooks.at("/webhooks/meta"))
    assert headers["x-hub-signature-256"] == f"sha256={hmac.new(b'app-secret', raw, hashlib.sha256).hexdigest()}"
    value = json.loads(raw)["entry"][0]["changes"][0]["value"]
    assert (value["metadata"]["phone_number_id"], value["contacts"][0]["profile"]["name"]) == ("123", "Ana")
    (message,) = value["messages"]
    assert (message["type"], message["audio"]["voice"]) == ("audio", True)

    path = f"/graph/{message['audio']['id']}"
    assert (await box.http.get(path)).status_code == 401
    token = {"authorization": "Bearer token"}
    about = (await box.http.get(path, headers=token)).json()
    file = await box.http.get(about["url"], headers=token)
    assert (file.content[:4], len(file.content), file.headers["content-type"]) == (
        b"OggS",
        about["file_size"],
        "audio/ogg; codecs=opus",
    )
    assert (await box.http.get(about["url"])).status_code == 401


async def test_meta_reports_how_far_a_message_got_with_the_senders_reference(box: Any, helpers: Any) -> None:
    await box.write(instance=META)
    await meta(box, type="text", text={"body": "Oi"}, biz_opaque_callback_data="r:0")
    await box.http.post(f"/sandbox/chats/{MARIANA}/read")
    await helpers.until(lambda: len(box.hooks.at("/webhooks/meta")) == 4)
    values = [json.loads(raw)["entry"][0]["changes"][0]["value"] for _, raw in box.hooks.at("/webhooks/meta")[1:]]
    told = [status for value in values for status in value["statuses"]]
    assert [one["status"] for one in told] == ["sent", "delivered", "read"]
    assert {one["biz_opaque_callback_data"] for one in told} == {"r:0"}


async def test_twilio_reports_by_signed_forms_and_gives_files_away_from_its_secret(box: Any, helpers: Any) -> None:
    await box.write("olha", instance=TWILIO, kind="image", name="Ana")

    def told() -> Any:  # the last word of the test before may come late
        return [each for each in box.hooks.at("/webhooks/twilio") if b"Body=olha" in each[1]]

    ((headers, raw),) = await helpers.until(told)
    form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
    signed = f"{box.hooks.url}/webhooks/twilio" + "".join(f"{name}{form[name]}" for name in sorted(form))
    signature = hmac.new(b"auth-token", signed.encode(), hashlib.sha1).digest()
    assert headers["x-twilio-signature"] == base64.b64encode(signature).decode()
    assert (form["From"], form["To"], form["Body"]) == (f"whatsapp:+{MARIANA}", "whatsapp:+14155238886", "olha")
    assert (form["NumMedia"], form["MediaContentType0"]) == ("1", "image/png")

    path, secret = urlsplit(form["MediaUrl0"]).path, {"authorization": "Basic x"}
    assert (await box.http.get(path)).status_code == 401
    led = await box.http.get(path, headers=secret)
    assert led.status_code == 307
    assert (await box.http.get(led.headers["location"], headers=secret)).status_code == 400
    assert (await box.http.get(led.headers["location"])).content.startswith(b"\x89PNG")


async def test_twilio_reports_how_far_a_message_got(box: Any, helpers: Any) -> None:
    await box.write(instance=TWILIO)
    sid = (await twilio(box)).json()["sid"]
    await helpers.until(lambda: len(box.hooks.at("/webhooks/twilio")) == 3)
    forms = [dict(parse_qsl(raw.decode())) for _, raw in box.hooks.at("/webhooks/twilio")[1:]]
    assert [(one["MessageSid"], one["MessageStatus"]) for one in forms] == [(sid, "sent"), (sid, "delivered")]
