"""Webhooks of Meta's Cloud API and of Twilio: who may speak, and what they report."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from chassis.testing import Probe
from contracts.ingress import MessageReceived, ReceiptReceived
from hypothesis import given
from hypothesis import strategies as st
from ingress_service.app import build
from ingress_service.channels import cloud, twilio
from ingress_service.other_channels import meta_signature, twilio_signature
from ingress_service.settings import Settings
from pydantic import SecretStr

SECRET, TOKEN = "app-secret", "auth-token"
PUBLIC = "https://unit.example.com/webhooks/twilio"
NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
FORM = {
    "MessageSid": "SM1",
    "SmsStatus": "received",
    "From": "whatsapp:+555187650001",
    "To": "whatsapp:+14155238886",
    "Body": "quanto custa?",
    "ProfileName": "Ana",
    "NumMedia": "0",
}


class Desk:
    """Ingress with its line in memory, asked over HTTP."""

    def __init__(self, probe: Probe, http: httpx.AsyncClient) -> None:
        self.probe = probe
        self.http = http

    async def meta(self, body: Any, signature: str | None = None) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-Hub-Signature-256": signature or meta_signature(content, SECRET)}
        return await self.http.post("/webhooks/meta", content=content, headers=headers)

    async def twilio(self, form: dict[str, str], signature: str | None = None) -> httpx.Response:
        headers = {
            "X-Twilio-Signature": signature or twilio_signature(PUBLIC, form, TOKEN),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return await self.http.post("/webhooks/twilio", content=urlencode(form), headers=headers)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    settings = Settings(
        rabbitmq_url=SecretStr("amqp://nowhere/"),
        evolution_webhook_secret=SecretStr("a-secret-of-at-least-thirty-two-characters"),
        meta_app_secret=SecretStr(SECRET),
        meta_verify_token=SecretStr("verify-me"),
        twilio_auth_token=SecretStr(TOKEN),
        twilio_webhook_url=PUBLIC,
    )
    service = build(settings)
    transport = httpx.ASGITransport(service.http)
    async with Probe(service.line) as probe, httpx.AsyncClient(transport=transport, base_url="http://ingress") as http:
        yield Desk(probe, http)


def of_meta(*changes: dict[str, Any]) -> dict[str, Any]:
    values = [{"metadata": {"phone_number_id": "123"}, **change} for change in changes]
    return {"object": "whatsapp_business_account", "entry": [{"changes": [{"value": value}]} for value in values]}


def a_message(**about: Any) -> dict[str, Any]:
    said = {"from": "555187650001", "id": "wamid.1", "timestamp": "1795340225", "type": "text", "text": {"body": "oi"}}
    return {**said, **about}


async def test_a_message_of_meta_is_a_message_received(desk: Desk) -> None:
    contacts = [{"wa_id": "555187650001", "profile": {"name": "Ana"}}]
    answer = await desk.meta(of_meta({"contacts": contacts, "messages": [a_message(context={"id": "wamid.0"})]}))
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    (said,) = desk.probe.of(MessageReceived)
    assert (said.key.instance, said.key.id, said.key.from_me) == ("cloud:123", "wamid.1", False)
    assert (said.address.phone, said.profile_name, said.text) == ("+5551987650001", "Ana", "oi")
    assert said.sent_at == datetime.fromtimestamp(1795340225, UTC)
    assert said.quote is not None
    assert said.quote.channel_id == "wamid.0"


async def test_every_message_and_status_of_a_body_counts_and_repetitions_are_recognisable(desk: Desk) -> None:
    status = {"id": "wamid.9", "status": "read", "recipient_id": "555187650001", "biz_opaque_callback_data": "r:0"}
    body = of_meta({"messages": [a_message(), a_message(id="wamid.2")]}, {"statuses": [status]})
    await desk.meta(body)
    await desk.meta(body)
    assert [one.key.id for one in desk.probe.of(MessageReceived)] == ["wamid.1", "wamid.2"] * 2
    receipt, again = desk.probe.of(ReceiptReceived)
    assert receipt == again
    assert (receipt.key.id, receipt.key.from_me, receipt.status, receipt.reference) == ("wamid.9", True, "read", "r:0")
    assert len({event.id for event in desk.probe.published}) == 3
    assert len({event.subject for event in desk.probe.published}) == 1


@pytest.mark.parametrize(
    "message,kind,text,caption",
    [
        ({"type": "image", "image": {"id": "1", "mime_type": "image/jpeg", "caption": "c"}}, "image", None, "c"),
        ({"type": "audio", "audio": {"id": "1", "mime_type": "audio/ogg", "voice": True}}, "audio", None, None),
        ({"type": "interactive", "interactive": {"list_reply": {"id": "2", "title": "Sim"}}}, "text", "Sim", None),
        ({"type": "button", "button": {"text": "Confirmo", "payload": "1"}}, "text", "Confirmo", None),
        ({"type": "reaction", "reaction": {"message_id": "wamid.0", "emoji": "👍"}}, "reaction", "👍", None),
        ({"type": "location", "location": {"latitude": 1, "name": "Casa"}}, "location", "Casa", None),
        ({"type": "order", "order": {}}, "unsupported", None, None),
    ],
)
def test_every_kind_is_named(message: dict[str, Any], kind: str, text: str | None, caption: str | None) -> None:
    (result,) = cloud.parse(of_meta({"messages": [a_message(**message)]}), now=NOW)
    said: Any = result.fact  # type: ignore[union-attr]
    assert (said.kind, said.text, said.caption) == (kind, text, caption)


def test_the_files_of_both_can_be_found_again() -> None:
    voice = {"type": "audio", "audio": {"id": "771", "mime_type": "audio/ogg; codecs=opus", "voice": True}}
    (told,) = cloud.parse(of_meta({"messages": [a_message(**voice)]}), now=NOW)
    media = told.fact.media  # type: ignore[union-attr]
    assert (media.id, media.voice_note, media.mimetype) == ("771", True, "audio/ogg; codecs=opus")
    form = {**FORM, "Body": "", "MediaUrl0": "https://api.twilio.com/x/Media/ME1", "MediaContentType0": "audio/ogg"}
    (told,) = twilio.parse(form, now=NOW)
    assert told.fact.media.url == form["MediaUrl0"]  # type: ignore[union-attr]


async def test_a_body_that_meta_did_not_sign_is_refused(desk: Desk) -> None:
    assert (await desk.meta(of_meta({"messages": [a_message()]}), "sha256=00")).status_code == 401
    assert desk.probe.published == []


async def test_meta_is_shown_that_the_address_is_ours(desk: Desk) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "42"}
    assert (await desk.http.get("/webhooks/meta", params=asked)).text == "42"
    asked["hub.verify_token"] = "other"
    assert (await desk.http.get("/webhooks/meta", params=asked)).status_code == 403


async def test_a_body_that_is_not_understood_is_kept(desk: Desk) -> None:
    assert (await desk.meta(b"{")).status_code == 200
    assert (await desk.meta({"object": "page"})).status_code == 200
    assert [reason for _, reason in desk.probe.quarantined] == ["meta: not_json", "meta: data"]


async def test_a_broker_that_is_away_has_the_channel_try_again(desk: Desk) -> None:
    desk.probe.broker_away = True
    answer = await desk.twilio(FORM)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_message_of_twilio_is_a_message_received(desk: Desk) -> None:
    assert (await desk.twilio(FORM)).status_code == 200
    (said,) = desk.probe.of(MessageReceived)
    assert (said.key.instance, said.key.id) == ("twilio:+14155238886", "SM1")
    assert (said.address.phone, said.profile_name, said.text) == ("+5551987650001", "Ana", "quanto custa?")


@pytest.mark.parametrize("said,status", [("delivered", "delivered"), ("undelivered", "error"), ("queued", None)])
async def test_a_status_of_twilio_is_a_receipt(desk: Desk, said: str, status: str | None) -> None:
    form = {"MessageSid": "SM2", "MessageStatus": said, "From": FORM["To"], "To": FORM["From"]}
    await desk.twilio(form)
    assert [(one.key.instance, one.status) for one in desk.probe.of(ReceiptReceived)] == (
        [("twilio:+14155238886", status)] if status else []
    )


async def test_a_form_that_twilio_did_not_sign_is_refused(desk: Desk) -> None:
    assert (await desk.twilio({**FORM, "Body": "x"}, twilio_signature(PUBLIC, FORM, TOKEN))).status_code == 401
    assert desk.probe.published == []


def test_the_signature_is_twilios_own() -> None:
    """The example of Twilio's own documentation ("Validating Signatures from Twilio")."""
    form = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675310", "Digits": "1234", "From": "+14158675310"}
    form["To"] = "+18005551212"
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert twilio_signature(url, form, "12345") == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["entry", "changes", "value", "messages", "metadata", "id"]), inner)
        ),
        max_leaves=12,
    )
)
def test_any_value_is_taken(body: Any) -> None:
    assert cloud.parse(body, now=NOW)


@given(st.dictionaries(st.sampled_from(["MessageSid", "From", "To", "Body", "MessageStatus"]), st.text(max_size=9)))
def test_any_form_is_taken(form: dict[str, str]) -> None:
    assert twilio.parse(form, now=NOW)


async def test_without_their_secrets_the_routes_do_not_exist() -> None:
    settings = Settings(rabbitmq_url=SecretStr("amqp://nowhere/"), evolution_webhook_secret=SecretStr("x" * 32))
    service = build(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.http), base_url="http://ingress") as http:
        for path in ("/webhooks/meta", "/webhooks/twilio"):
            assert (await http.post(path, content=b"{}")).status_code == 404
