"""The control API: what people and WhatsApp do."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from sandbox.baileys import octets
from sandbox.clock import Clock, iso

MARIANA = "5551991234501"


async def test_messages_come_in_order_with_everything_about_them(box: Any) -> None:
    asked = await box.write("Quanto custa?")
    await box.send("R$ 375,00")
    await box.write("Obrigada", quote=asked)
    items = await box.messages("+55 51 99123-4501")
    assert [(one["direction"], one["author"], one["text"]) for one in items] == [
        ("in", "parent", "Quanto custa?"),
        ("out", "api", "R$ 375,00"),
        ("in", "parent", "Obrigada"),
    ]
    assert items[2]["quote"] == asked
    assert items[0]["at"].endswith("-03:00")
    everybodys = (await box.http.get("/sandbox/messages")).json()["items"]
    assert [one | {"status": None} for one in everybodys] == [one | {"status": None} for one in items]  # ticks move on


async def test_a_new_person_is_made_by_their_first_message(box: Any, helpers: Any) -> None:
    await box.write("Oi", phone="+55 (51) 98888-0001", name="Bruna")
    (data,) = await helpers.until(lambda: box.hooks.events("messages.upsert"))
    assert data["pushName"] == "Bruna"
    assert data["key"]["remoteJid"] == "5551988880001@s.whatsapp.net"


async def test_the_same_id_again_is_the_same_message_announced_again(box: Any, helpers: Any) -> None:
    for _ in range(3):
        await box.write("Oi", id="3AFEED")
    await helpers.until(lambda: len(box.hooks.got) == 3)
    assert len(await box.messages()) == 1


async def test_a_message_can_come_late(box: Any, helpers: Any) -> None:
    await box.write("de ontem", at="2026-11-22T09:00:00-03:00")
    (data,) = await helpers.until(lambda: box.hooks.events("messages.upsert"))
    assert data["messageTimestamp"] == 1795348800
    assert (await box.messages())[0]["at"] == "2026-11-22T09:00:00.000-03:00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "123", "text": "x"},
        {"phone": MARIANA, "kind": "smoke"},
        {"phone": MARIANA, "at": "ontem"},
        {"text": "sem telefone"},
    ],
)
async def test_nonsense_is_refused(box: Any, wrong: dict[str, Any]) -> None:
    assert (await box.http.post("/sandbox/messages", json=wrong)).status_code == 422


async def test_while_disconnected_messages_wait_and_then_come_late(box: Any, helpers: Any) -> None:
    await box.http.post("/sandbox/connection", json={"state": "close"})
    await box.write("alguém aí?")
    assert (await box.messages())[0]["status"] == "SERVER_ACK"
    assert await box.log("messages.upsert") == []
    await box.http.post("/sandbox/connection", json={"state": "open"})
    (data,) = await helpers.until(lambda: box.hooks.events("messages.upsert"))
    assert data["message"] == {"conversation": "alguém aí?"}
    assert (await box.messages())[0]["status"] == "DELIVERY_ACK"


@pytest.mark.parametrize(
    "kind,inside",
    [
        ("audio", {"ptt": True, "seconds": 7, "mimetype": "audio/ogg; codecs=opus"}),
        ("image", {"caption": "olha", "mimetype": "image/png"}),
        ("video", {"caption": "olha", "seconds": 3}),
        ("document", {"caption": "olha", "fileName": "documento.pdf"}),
        ("sticker", {"isAnimated": False}),
        ("location", {"name": "olha"}),
        ("contact", {"displayName": "olha"}),
    ],
)
async def test_every_kind_has_its_baileys_shape(box: Any, helpers: Any, kind: str, inside: dict[str, Any]) -> None:
    await box.write("olha", kind=kind)
    (data,) = await helpers.until(lambda: box.hooks.events("messages.upsert"))
    assert data["messageType"] == f"{kind}Message"
    content = data["message"][f"{kind}Message"]
    assert inside.items() <= content.items()


async def test_a_reaction_points_to_its_message_and_shows_on_it(box: Any, helpers: Any) -> None:
    sent = (await box.send("Combinado!")).json()["key"]["id"]
    await box.write("👍", kind="reaction", quote=sent)
    (data,) = await helpers.until(lambda: box.hooks.events("messages.upsert"))
    assert data["message"]["reactionMessage"]["key"]["id"] == sent
    assert data["message"]["reactionMessage"]["key"]["fromMe"] is True
    assert data["message"]["reactionMessage"]["text"] == "👍"
    assert (await box.messages())[0]["reaction"] == "👍"


async def test_edits_and_deletions_are_reported(box: Any, helpers: Any) -> None:
    edited, deleted = await box.write("ás 15"), await box.write("engano")
    await box.http.post(f"/sandbox/messages/{edited}/edit", json={"text": "às 15h"})
    await box.http.delete(f"/sandbox/messages/{deleted}")
    await helpers.until(lambda: box.hooks.events("messages.delete") and box.hooks.events("messages.edited"))
    edit = box.hooks.events("messages.edited")[0]
    assert (edit["key"]["id"], edit["type"]) == (edited, "MESSAGE_EDIT")
    assert edit["editedMessage"] == {"conversation": "às 15h"}
    assert box.hooks.events("messages.delete")[0]["id"] == deleted
    first, second = await box.messages()
    assert (first["text"], first["edited"], second["deleted"]) == ("às 15h", True, True)
    assert (await box.http.delete("/sandbox/messages/none")).status_code == 404


async def test_a_call_is_a_call_event(box: Any, helpers: Any) -> None:
    call_id = await box.write(kind="call")
    (data,) = await helpers.until(lambda: box.hooks.events("call"))
    assert (data["id"], data["status"], data["from"]) == (call_id, "offer", f"{MARIANA}@s.whatsapp.net")
    assert await box.messages() == []


async def test_any_event_can_be_injected(box: Any, helpers: Any) -> None:
    await box.http.post("/sandbox/webhooks", json={"event": "status.instance", "data": {"status": "closed"}})
    await box.http.post("/sandbox/webhooks", json={"event": "odd", "data": [1, 2], "envelope": False})
    await helpers.until(lambda: len(box.hooks.raw) == 2)
    bodies = [json.loads(one) for one in box.hooks.raw]
    assert [1, 2] in bodies
    assert any(isinstance(one, dict) and one["data"] == {"status": "closed"} for one in bodies)


async def test_reset_is_a_fresh_start(box: Any) -> None:
    await box.write("Oi", phone="5551988880002")
    await box.fault("sendText", "http_500")
    await box.http.post("/sandbox/connection", json={"state": "close"})
    await box.http.delete("/sandbox/state")
    state = (await box.http.get("/sandbox/state")).json()
    assert state["connection"] == "open"
    assert state["parents"][0]["phone"] == MARIANA
    assert len(state["parents"]) == 6
    assert (await box.http.get("/sandbox/faults")).json()["items"] == []
    assert (await box.http.get("/sandbox/webhooks")).json()["items"] == []
    assert (await box.http.get("/sandbox/messages")).json()["items"] == []


async def test_watchers_hear_what_happens(box: Any) -> None:
    heard: list[str] = []
    async with asyncio.timeout(5), box.http.stream("GET", "/sandbox/events") as events:
        async for line in events.aiter_lines():
            if not line.startswith("data: "):
                continue
            update = json.loads(line.removeprefix("data: "))
            assert update["now"].endswith("-03:00")
            heard.append(update["type"])
            if update["type"] == "hello":
                await box.write("Oi")
            if update["type"] == "message":
                break
    assert heard[0] == "hello"
    assert heard[-1] == "message"


async def test_the_world_lives_in_the_time_of_the_clock_file(helpers: Any, tmp_path: Path) -> None:
    file = tmp_path / "offset"
    file.write_text("0")
    async with helpers.boxed(Clock(file, real=lambda: 1_795_348_800.0)) as box:
        await box.write("agora")
        file.write_text("86400.0")
        os.utime(file, ns=(0, 1))
        await box.write("amanhã")
        first, second = await box.messages()
        assert first["at"] == "2026-11-22T09:00:00.000-03:00"
        assert second["at"] == "2026-11-23T09:00:00.000-03:00"


def test_a_clock_file_caught_half_written_keeps_the_last_offset(tmp_path: Path) -> None:
    file = tmp_path / "offset"
    clock = Clock(file, real=lambda: 100.0)
    assert clock.now() == 100.0
    file.write_text("50")
    assert clock.now() == 150.0
    file.write_text("")
    os.utime(file, ns=(0, 1))
    assert clock.now() == 150.0


def test_times_are_written_in_the_units_zone() -> None:
    assert iso(0) == "1969-12-31T21:00:00.000-03:00"


def test_bytes_are_written_as_evolution_writes_them() -> None:
    assert octets(b"\x01\x02") == {"0": 1, "1": 2}
