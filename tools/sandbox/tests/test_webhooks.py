"""Webhooks: their shape, their headers, and how often they are tried."""

import time
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox.webhooks import ATTEMPTS, pause_s

MARIANA = "5551991234501"
SECRET = "webhook-secret-of-thirty-two-bytes!"


async def test_a_parents_message_arrives_in_evolutions_envelope(box: Any, helpers: Any) -> None:
    message_id = await box.write("Oi")
    event = await helpers.until(lambda: box.hooks.got and box.hooks.got[0])
    assert set(event) == {
        "event",
        "instance",
        "data",
        "destination",
        "date_time",
        "sender",
        "server_url",
        "apikey",
    }
    assert (event["event"], event["instance"]) == ("messages.upsert", "kumon")
    assert event["destination"] == f"{box.hooks.url}/webhooks/evolution"
    assert event["sender"] == "5551996921999@s.whatsapp.net"
    assert box.hooks.headers[0]["x-webhook-secret"] == SECRET
    data = event["data"]
    lid = data["key"].pop("remoteJidAlt")
    assert lid.endswith("@lid")
    assert data["key"] == {
        "remoteJid": f"{MARIANA}@s.whatsapp.net",
        "fromMe": False,
        "id": message_id,
        "addressingMode": "pn",
    }
    assert (data["pushName"], data["status"], data["source"]) == ("Mariana Souza", "DELIVERY_ACK", "ios")
    assert (data["message"], data["messageType"]) == ({"conversation": "Oi"}, "conversation")
    assert abs(data["messageTimestamp"] - time.time()) < 5


async def test_date_time_is_local_with_a_false_z(box: Any, helpers: Any) -> None:
    await box.write()
    event = await helpers.until(lambda: box.hooks.got and box.hooks.got[0])
    assert event["date_time"].endswith("Z")
    local = datetime.fromisoformat(event["date_time"][:-1]).replace(tzinfo=ZoneInfo("America/Sao_Paulo"))
    assert abs(local.timestamp() - time.time()) < 5


@pytest.mark.parametrize(
    "addressing,seen",
    [
        ("pn", ("pn", "s.whatsapp.net", "lid")),
        ("lid", ("lid", "lid", "s.whatsapp.net")),
        ("lid_only", ("lid", "lid", "")),
        ("lid_as_pn", ("lid", "s.whatsapp.net", "s.whatsapp.net")),
    ],
)
async def test_a_person_can_be_addressed_in_every_way_seen(
    box: Any, helpers: Any, addressing: str, seen: tuple[str, str, str]
) -> None:
    await box.write(addressing=addressing)
    key = (await helpers.until(lambda: box.hooks.events("messages.upsert")))[0]["key"]
    hosts = [key.get(name, "").partition("@")[2] for name in ("remoteJid", "remoteJidAlt")]
    assert (key["addressingMode"], *hosts) == seen


async def test_an_api_send_is_reported_then_acknowledged_in_order(box: Any, helpers: Any) -> None:
    body = (await box.send("Olá")).json()
    await helpers.until(lambda: len(box.hooks.events("messages.update")) == 2 and box.hooks.events("send.message"))
    assert box.hooks.events("send.message") == [body]
    assert box.hooks.events("messages.upsert") == []
    updates = box.hooks.events("messages.update")
    assert [one["status"] for one in updates] == ["SERVER_ACK", "DELIVERY_ACK"]
    for one in updates:
        assert set(one) == {"keyId", "remoteJid", "fromMe", "status", "instanceId", "messageId"}
        assert (one["keyId"], one["fromMe"]) == (body["key"]["id"], True)


async def test_reading_the_chat_reports_read(box: Any, helpers: Any) -> None:
    await box.send("Olá")
    await box.http.post(f"/sandbox/chats/{MARIANA}/read")
    await helpers.until(lambda: len(box.hooks.events("messages.update")) == 3)
    assert [one["status"] for one in box.hooks.events("messages.update")] == ["SERVER_ACK", "DELIVERY_ACK", "READ"]


async def test_a_receipt_waits_for_the_one_before_it_unless_that_is_to_be_late(helpers: Any) -> None:
    async with helpers.boxed(sandbox_auto_read=True) as box:
        await helpers.until(lambda: box.hooks.got)
        box.hooks.slow_s = 0.3  # longer than WhatsApp takes for all three
        await box.send("Olá")

        async def answered() -> Any:
            log = await box.log("messages.update")
            return log if [one["state"] for one in log] == ["delivered"] * 3 else None

        log = await helpers.until(answered)
        ends = [datetime.fromisoformat(one["attempts"][0]["at"]).timestamp() for one in log]
        assert [one["body"]["data"]["status"] for one in log] == ["SERVER_ACK", "DELIVERY_ACK", "READ"]
        assert all(later - earlier >= box.hooks.slow_s * 0.9 for earlier, later in pairwise(ends))
        box.hooks.slow_s = 0.0

        box.hooks.got.clear()
        await box.fault("webhook", "reorder", event="messages.update")
        await box.send("Tudo bem?")
        await helpers.until(lambda: len(box.hooks.events("messages.update")) == 3)
        assert box.hooks.events("messages.update")[0]["status"] == "DELIVERY_ACK"


async def test_auto_read_needs_no_page(helpers: Any) -> None:
    async with helpers.boxed(sandbox_auto_read=True) as box:
        await box.send("Olá")
        await helpers.until(lambda: len(box.hooks.events("messages.update")) == 3)
        assert (await box.messages())[0]["status"] == "READ"


async def test_the_units_own_phone_is_an_upsert_from_me(box: Any, helpers: Any) -> None:
    asked = await box.write("Oi")
    message_id = await box.write("Aqui é a Ana, da unidade", from_unit=True)
    await helpers.until(lambda: len(box.hooks.events("messages.upsert")) == 2)
    data = box.hooks.events("messages.upsert")[1]
    assert (data["key"]["id"], data["key"]["fromMe"]) == (message_id, True)
    assert (data["status"], data["pushName"]) == ("SERVER_ACK", "Kumon Vila A")
    assert box.hooks.events("send.message") == []
    first, second = await box.messages()
    assert (first["id"], first["status"]) == (asked, "READ")
    assert (second["direction"], second["author"]) == ("out", "unit")


async def test_typing_is_a_presence(box: Any, helpers: Any) -> None:
    await box.http.post("/sandbox/typing", json={"phone": MARIANA, "state": "composing"})
    (data,) = await helpers.until(lambda: box.hooks.events("presence.update"))
    jid = f"{MARIANA}@s.whatsapp.net"
    assert data == {"id": jid, "presences": {jid: {"lastKnownPresence": "composing"}}}


async def test_the_connection_is_reported_at_start_and_on_change(helpers: Any) -> None:
    async with helpers.boxed() as box:
        await helpers.until(lambda: box.hooks.events("connection.update"))
        await box.http.post("/sandbox/connection", json={"state": "close"})
        await helpers.until(lambda: len(box.hooks.events("connection.update")) == 2)
        opened, closed = box.hooks.events("connection.update")
        assert (opened["state"], opened["statusReason"]) == ("open", 200)
        assert opened["wuid"] == "5551996921999@s.whatsapp.net"
        assert closed == {"instance": "kumon", "state": "close", "statusReason": 428}


async def test_a_jwt_key_becomes_a_short_lived_bearer(helpers: Any) -> None:
    async with helpers.boxed(sandbox_webhook_auth="jwt") as box:
        await helpers.until(lambda: box.hooks.headers)
        headers = box.hooks.headers[0]
        assert "x-webhook-secret" not in headers
        assert "jwt_key" not in headers
        claims = jwt.decode(headers["authorization"].removeprefix("Bearer "), SECRET, algorithms=["HS256"])
        assert (claims["app"], claims["action"]) == ("evolution", "webhook")
        assert claims["exp"] - claims["iat"] == 600


async def test_events_are_filtered_and_may_have_a_path_each(box: Any, helpers: Any) -> None:
    webhook = {"enabled": True, "url": f"{box.hooks.url}/h", "byEvents": True, "events": ["MESSAGES_UPSERT"]}
    await box.http.post("/webhook/set/kumon", json={"webhook": webhook})
    await box.http.post("/sandbox/typing", json={"phone": MARIANA})
    await box.write()
    await helpers.until(lambda: box.hooks.got)
    assert [one["event"] for one in box.hooks.got] == ["messages.upsert"]
    assert box.hooks.paths == ["/h/messages-upsert"]
    assert box.hooks.got[0]["destination"] == f"{box.hooks.url}/h"


async def test_a_disabled_webhook_sends_nothing(box: Any) -> None:
    webhook = {"enabled": False, "url": f"{box.hooks.url}/h", "events": []}
    await box.http.post("/webhook/set/kumon", json={"webhook": webhook})
    await box.write()
    assert await box.log("messages.upsert") == []


@pytest.mark.parametrize("status", [302, 409, 410, 413, 415, 429, 500, 502, 503])
async def test_these_answers_are_retried_with_the_same_body(box: Any, helpers: Any, status: int) -> None:
    box.hooks.plan[:] = [status, status]
    await box.write()

    async def delivered() -> Any:
        (entry,) = await box.log("messages.upsert")
        return entry if entry["state"] == "delivered" else None

    entry = await helpers.until(delivered)
    assert [one["status"] for one in entry["attempts"]] == [status, status, 200]
    assert len(box.hooks.raw) == 3
    assert len(set(box.hooks.raw)) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_these_answers_lose_the_event(box: Any, helpers: Any, status: int) -> None:
    box.hooks.plan[:] = [status]
    await box.write()

    async def dropped() -> bool:
        return (await box.log("messages.upsert"))[0]["state"] == "dropped"

    await helpers.until(dropped)
    assert len(box.hooks.raw) == 1


async def test_after_ten_attempts_the_event_is_dropped(helpers: Any) -> None:
    async with helpers.boxed(sandbox_retry_scale=0) as box:
        await helpers.until(lambda: box.hooks.got)
        box.hooks.plan[:] = [503] * 20
        await box.write()

        async def dropped() -> bool:
            return (await box.log("messages.upsert"))[0]["state"] == "dropped"

        await helpers.until(dropped)
        assert len(box.hooks.events("messages.upsert")) == ATTEMPTS == 10


async def test_a_refused_connection_is_retried(helpers: Any) -> None:
    async with helpers.boxed(sandbox_webhook_url="http://127.0.0.1:9/closed") as box:
        await box.write()

        async def tried() -> Any:
            entry = (await box.log("messages.upsert"))[0]
            return entry if len(entry["attempts"]) > 1 else None

        entry = await helpers.until(tried)
        assert entry["attempts"][0] == {"at": entry["attempts"][0]["at"], "status": None, "error": "ConnectError"}


async def test_a_slow_answer_counts_as_a_timeout_and_repeats_the_event(helpers: Any) -> None:
    async with helpers.boxed(sandbox_webhook_timeout_s=0.2) as box:
        await helpers.until(lambda: box.hooks.got)
        box.hooks.slow_s = 0.4
        await box.write()
        await helpers.until(lambda: len(box.hooks.events("messages.upsert")) == 2)
        box.hooks.slow_s = 0.0
        (entry,) = await box.log("messages.upsert")
        assert entry["attempts"][0]["error"] == "timeout"


async def test_a_retried_event_is_overtaken_by_later_ones(box: Any, helpers: Any) -> None:
    box.hooks.plan[:] = [503]
    first = await box.write("um")
    await helpers.until(lambda: box.hooks.got)
    second = await box.write("dois")
    await helpers.until(lambda: len(box.hooks.got) == 3)
    arrived = [one["key"]["id"] for one in box.hooks.events("messages.upsert")]
    assert arrived in ([first, second, first], [first, first, second])
    assert arrived[0] == first


@pytest.mark.parametrize(
    "failed,seconds", [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 300), (8, 300), (9, 300)]
)
def test_pauses_double_up_to_five_minutes(failed: int, seconds: float) -> None:
    assert pause_s(failed, luck=0.5) == seconds


@given(st.integers(1, 9), st.floats(0, 1))
def test_jitter_stays_within_a_fifth_and_above_five_seconds(failed: int, luck: float) -> None:
    middle = pause_s(failed, luck=0.5)
    assert max(5, middle * 0.8) - 1e-9 <= pause_s(failed, luck) <= middle * 1.2 + 1e-9
