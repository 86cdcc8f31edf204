"""Evolution's REST, shape by shape."""

import asyncio
import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

MARIANA = "5551991234501"
UPSERT_KEYS = {
    "key",
    "pushName",
    "status",
    "message",
    "contextInfo",
    "messageType",
    "messageTimestamp",
    "instanceId",
    "source",
}


async def test_a_sent_text_is_answered_with_its_key_and_pending(box: Any) -> None:
    answer = await box.send("Olá")
    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == UPSERT_KEYS
    assert body["key"] == {"remoteJid": f"{MARIANA}@s.whatsapp.net", "fromMe": True, "id": body["key"]["id"]}
    assert body["key"]["id"].startswith("3EB0")
    assert (body["pushName"], body["status"], body["source"]) == ("Você", "PENDING", "web")
    assert body["message"] == {"conversation": "Olá"}
    assert body["messageType"] == "conversation"
    assert abs(body["messageTimestamp"] - time.time()) < 5


@pytest.mark.parametrize(
    "path,body,status,message",
    [
        ("/message/sendText/kumon", {"number": MARIANA}, 400, [['instance requires property "text"']]),
        ("/message/sendText/kumon", {"number": MARIANA, "text": 5}, 400, [["text is not of a type(s) string"]]),
        ("/message/sendText/kumon", {"number": 5551, "text": "x"}, 400, [["Invalid format"]]),
        (
            "/message/sendText/kumon",
            {"number": MARIANA, "text": "x", "delay": 1.5},
            400,
            [["delay is not of a type(s) integer"]],
        ),
        (
            "/message/sendText/kumon",
            {"number": "123", "text": "x"},
            400,
            [{"jid": "123@s.whatsapp.net", "exists": False, "number": "123"}],
        ),
        (
            "/message/sendText/kumon",
            {"number": "299999999999999@lid", "text": "x"},
            400,
            [{"jid": "299999999999999@lid", "exists": False, "number": "299999999999999@lid"}],
        ),
        (
            "/message/sendText/other",
            {"number": MARIANA, "text": "x"},
            404,
            ['The "other" instance does not exist'],
        ),
        (
            "/chat/sendPresence/kumon",
            {"number": MARIANA},
            400,
            [['instance requires property "presence"', 'instance requires property "delay"']],
        ),
        ("/chat/markMessageAsRead/kumon", {}, 400, [['instance requires property "readMessages"']]),
        ("/chat/getBase64FromMediaMessage/kumon", {"message": {"key": {"id": "none"}}}, 400, ["Message not found"]),
        ("/message/sendCarrierPigeon/kumon", {}, 404, ["Cannot POST /message/sendCarrierPigeon/kumon"]),
    ],
)
async def test_errors_have_evolutions_shape(box: Any, path: str, body: Any, status: int, message: Any) -> None:
    answer = await box.http.post(path, json=body)
    reason = {400: "Bad Request", 404: "Not Found"}[status]
    assert answer.status_code == status
    assert answer.json() == {"status": status, "error": reason, "response": {"message": message}}


@pytest.mark.parametrize("key", [None, "wrong"])
async def test_a_wrong_key_is_unauthorized(box: Any, key: str | None) -> None:
    headers = {"apikey": key} if key else {}
    del box.http.headers["apikey"]
    answer = await box.http.post("/message/sendText/kumon", json={"number": MARIANA, "text": "x"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"status": 401, "error": "Unauthorized", "response": {"message": "Unauthorized"}}
    assert await box.messages() == []


async def test_the_instances_own_token_opens_it(box: Any, helpers: Any) -> None:
    await box.write()
    token = (await helpers.until(lambda: box.hooks.got))[0]["apikey"]
    answer = await box.http.get("/instance/connectionState/kumon", headers={"apikey": token})
    assert answer.json() == {"instance": {"instanceName": "kumon", "state": "open"}}


async def test_delay_holds_the_request_while_the_parent_sees_typing(box: Any, helpers: Any) -> None:
    seen: list[str] = []

    async def watch() -> None:
        async with box.http.stream("GET", "/sandbox/events") as events:
            async for line in events.aiter_lines():
                seen.append(line)  # noqa: PERF401  # the test looks at them while they come

    watching = asyncio.create_task(watch())
    await helpers.until(lambda: any("hello" in line for line in seen))
    began = time.monotonic()
    await box.send("Olá", delay=300)
    took = time.monotonic() - began
    await helpers.until(lambda: any('"type": "message"' in line for line in seen))
    watching.cancel()
    typing = [line for line in seen if '"type": "typing"' in line]
    assert 0.3 <= took < 2
    assert '"typing": true' in typing[0]
    assert seen.index(typing[0]) < next(place for place, line in enumerate(seen) if '"type": "message"' in line)
    assert (await box.messages())[0]["delay"] == 300


async def test_the_reply_to_a_lid_goes_to_the_person_behind_it(box: Any) -> None:
    lid = (await box.http.get("/sandbox/parents")).json()["items"][0]["lid"]
    answer = await box.send("Olá", number=lid)
    assert answer.json()["key"]["remoteJid"] == lid
    assert [one["text"] for one in await box.messages()] == ["Olá"]


async def test_a_number_without_its_ninth_digit_is_the_same_person(box: Any) -> None:
    new = {"phone": "5551988887777", "name": "Bia", "jid_digits": "555188887777"}
    await box.http.post("/sandbox/parents", json=new)
    for number in ("5551988887777", "555188887777", "555188887777@s.whatsapp.net"):
        answer = await box.send("Olá", number=number)
        assert answer.json()["key"]["remoteJid"] == "555188887777@s.whatsapp.net"
    assert len(await box.messages("5551988887777")) == 3


async def test_a_quoted_answer_carries_what_it_answers(box: Any) -> None:
    asked = await box.write("Quanto custa?")
    body = (await box.send("R$ 375,00", quoted={"key": {"id": asked}})).json()
    assert body["contextInfo"]["stanzaId"] == asked
    assert body["contextInfo"]["quotedMessage"] == {"conversation": "Quanto custa?"}
    assert body["contextInfo"]["participant"] == f"{MARIANA}@s.whatsapp.net"
    assert (await box.messages())[1]["quote"] == asked


async def test_somebody_not_on_whatsapp_is_a_permanent_400(box: Any) -> None:
    await box.http.post("/sandbox/parents", json={"phone": "555133334444", "on_whatsapp": False})
    answer = await box.send(number="555133334444")
    expected = [{"jid": "555133334444@s.whatsapp.net", "exists": False, "number": "555133334444"}]
    assert answer.json()["response"]["message"] == expected


async def test_a_closed_connection_is_a_400_that_says_so(box: Any) -> None:
    await box.http.post("/sandbox/connection", json={"state": "close"})
    answer = await box.send()
    assert answer.status_code == 400
    assert answer.json()["response"]["message"] == ["Error: Connection Closed"]
    assert await box.messages() == []


async def test_presence_blocks_for_its_delay(box: Any) -> None:
    body = {"number": MARIANA, "presence": "composing", "delay": 200}
    began = time.monotonic()
    answer = await box.http.post("/chat/sendPresence/kumon", json=body)
    assert time.monotonic() - began >= 0.2
    assert (answer.status_code, answer.json()) == (201, {"presence": "composing"})


async def test_marking_as_read_turns_the_parents_ticks_blue_but_not_for_lids(box: Any) -> None:
    first, second = await box.write("um"), await box.write("dois")
    lid = (await box.http.get("/sandbox/parents")).json()["items"][0]["lid"]
    for jid, message_id in ((lid, first), (f"{MARIANA}@s.whatsapp.net", second)):
        body = {"readMessages": [{"id": message_id, "fromMe": False, "remoteJid": jid}]}
        answer = await box.http.post("/chat/markMessageAsRead/kumon", json=body)
        assert (answer.status_code, answer.json()) == (201, {"message": "Read messages", "read": "success"})
    assert [one["status"] for one in await box.messages()] == ["DELIVERY_ACK", "READ"]


async def find(box: Any, **body: Any) -> dict[str, Any]:
    answer = await box.http.post("/chat/findMessages/kumon", json=body)
    assert answer.status_code == 200
    return dict(answer.json()["messages"])


async def test_find_messages_is_newest_first_in_pages(box: Any, helpers: Any) -> None:
    now = time.time()
    for place in range(5):
        await box.write(f"mensagem {place}", at=now - 100 + place)
    await box.send("resposta")
    await helpers.until(lambda: len(box.hooks.events("messages.update")) == 2)
    page = await find(box, where={}, page=2, offset=2)
    assert (page["total"], page["pages"], page["currentPage"]) == (6, 3, 2)
    assert [one["message"]["conversation"] for one in page["records"]] == ["mensagem 3", "mensagem 2"]
    newest = (await find(box, where={}, page=1, offset=1))["records"][0]
    assert newest["MessageUpdate"] == [{"status": "SERVER_ACK"}, {"status": "DELIVERY_ACK"}]
    assert set(newest) == (UPSERT_KEYS - {"status"}) | {"id", "MessageUpdate"}


async def test_find_messages_needs_both_bounds(box: Any) -> None:
    now = datetime.now(UTC)
    await box.write("velha", at=(now - timedelta(hours=3)).isoformat())
    await box.write("nova")
    hour_ago, soon = (now - timedelta(hours=1)).isoformat(), (now + timedelta(minutes=1)).isoformat()
    both = await find(box, where={"messageTimestamp": {"gte": hour_ago, "lte": soon}})
    one = await find(box, where={"messageTimestamp": {"gte": hour_ago}})
    assert [record["message"]["conversation"] for record in both["records"]] == ["nova"]
    assert one["total"] == 2


async def test_find_messages_does_not_know_what_waits_at_whatsapp(box: Any) -> None:
    await box.http.post("/sandbox/connection", json={"state": "close"})
    await box.write("alguém aí?")
    assert (await find(box, where={}))["total"] == 0
    await box.http.post("/sandbox/connection", json={"state": "open"})
    assert (await find(box, where={}))["total"] == 1


async def test_whatsapp_numbers_and_its_own_error_shape(box: Any) -> None:
    answer = await box.http.post("/chat/whatsappNumbers/kumon", json={"numbers": [MARIANA, "12"]})
    assert answer.json() == [
        {"jid": f"{MARIANA}@s.whatsapp.net", "exists": True, "number": MARIANA, "name": "Mariana Souza"},
        {"jid": "12@s.whatsapp.net", "exists": False, "number": "12", "name": None},
    ]
    error = await box.http.post("/chat/whatsappNumbers/kumon", json={"numbers": [12]})
    assert error.json() == {
        "status": 400,
        "error": "Bad Request",
        "message": ['"numbers" must be an array of numeric strings'],
    }


@pytest.mark.parametrize(
    "kind,media_type,magic",
    [
        ("audio", "audioMessage", b"OggS"),
        ("image", "imageMessage", b"\x89PNG"),
        ("document", "documentMessage", b"%PDF"),
        ("sticker", "stickerMessage", b"RIFF"),
        ("video", "videoMessage", b"\x00\x00\x00\x18ftyp"),
    ],
)
async def test_a_media_message_can_be_downloaded(box: Any, kind: str, media_type: str, magic: bytes) -> None:
    message_id = await box.write("", kind=kind)
    body = {"message": {"key": {"id": message_id}}, "convertToMp4": False}
    answer = await box.http.post("/chat/getBase64FromMediaMessage/kumon", json=body)
    file = answer.json()
    content = base64.b64decode(file["base64"])
    assert answer.status_code == 201
    assert set(file) == {"mediaType", "fileName", "caption", "size", "mimetype", "base64", "buffer"}
    assert file["mediaType"] == media_type
    assert content.startswith(magic)
    assert file["size"]["fileLength"]["low"] == len(content)


async def test_a_text_has_nothing_to_download(box: Any) -> None:
    message_id = await box.write("Oi")
    body = {"message": {"key": {"id": message_id}}}
    answer = await box.http.post("/chat/getBase64FromMediaMessage/kumon", json=body)
    assert answer.json()["response"]["message"] == ["The message is not of the media type"]


async def test_an_instance_is_created_connected_and_logged_out(box: Any) -> None:
    webhook = {"url": f"{box.hooks.url}/second", "headers": {"X-Secret": "s"}, "events": ["MESSAGES_UPSERT"]}
    body = {"instanceName": "shop", "integration": "WHATSAPP-BAILEYS", "qrcode": True, "webhook": webhook}
    made = (await box.http.post("/instance/create", json=body)).json()
    assert made["instance"]["instanceName"] == "shop"
    assert made["qrcode"]["code"].startswith("2@")
    again = await box.http.post("/instance/create", json=body)
    assert (again.status_code, again.json()["error"]) == (403, "Forbidden")
    token = {"apikey": made["hash"]}
    shown = (await box.http.get("/instance/connect/shop", headers=token)).json()
    assert set(shown) == {"pairingCode", "code", "base64", "count"}
    await box.http.post("/sandbox/connection", json={"state": "open", "instance": "shop"})
    assert (await box.http.get("/instance/connect/shop")).json()["instance"]["state"] == "open"
    own = (await box.http.get("/instance/fetchInstances", headers=token)).json()
    assert [one["name"] for one in own] == ["shop"]
    every = (await box.http.get("/instance/fetchInstances")).json()
    assert {one["name"] for one in every} == {"kumon", "shop"}
    assert (await box.http.delete("/instance/logout/shop")).json()["status"] == "SUCCESS"
    assert (await box.http.get("/instance/connectionState/shop")).json()["instance"]["state"] == "close"


async def test_a_webhook_without_events_is_refused(box: Any) -> None:
    made = await box.http.post("/instance/create", json={"instanceName": "shop", "webhook": {"url": "http://x"}})
    assert made.status_code == 400
    assert "reading 'length'" in made.json()["response"]["message"][0]


async def test_webhook_set_needs_its_wrapper_and_find_shows_the_secrets(box: Any) -> None:
    config = {"enabled": True, "url": f"{box.hooks.url}/new", "headers": {"X-Webhook-Secret": "n"}, "events": []}
    assert (await box.http.post("/webhook/set/kumon", json=config)).status_code == 400
    assert (await box.http.post("/webhook/set/kumon", json={"webhook": config})).status_code == 201
    found = (await box.http.get("/webhook/find/kumon")).json()
    assert (found["url"], found["headers"], found["enabled"]) == (config["url"], config["headers"], True)


async def test_a_body_that_is_not_json_is_evolutions_400(box: Any) -> None:
    headers = {"content-type": "application/json"}
    answer = await box.http.post("/message/sendText/kumon", content="{no", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")
