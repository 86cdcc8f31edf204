"""Every fault, as its victim sees it."""

import time
from typing import Any

import httpx
import pytest

MARIANA = "5551991234501"
CARLOS = "5551991234504"
PRESENCE = {"number": MARIANA, "presence": "composing", "delay": 0}
PATHS: dict[str, tuple[str, dict[str, Any]]] = {
    "sendText": ("/message/sendText/kumon", {"number": MARIANA, "text": "Olá"}),
    "sendPresence": ("/chat/sendPresence/kumon", PRESENCE),
    "findMessages": ("/chat/findMessages/kumon", {"where": {}}),
}
CLOSED = {"status": 400, "error": "Bad Request", "response": {"message": ["Error: Connection Closed"]}}


@pytest.mark.parametrize("target", PATHS)
@pytest.mark.parametrize("kind,status", [("http_500", 500), ("http_503", 503), ("connection_closed", 400)])
async def test_an_error_comes_as_often_as_asked_and_nothing_is_sent(
    box: Any, target: str, kind: str, status: int
) -> None:
    await box.fault(target, kind, times=2)
    path, body = PATHS[target]
    answers = [await box.http.post(path, json=body) for _ in range(3)]
    assert [one.status_code for one in answers[:2]] == [status, status]
    assert answers[2].is_success
    if kind == "connection_closed":
        assert answers[0].json() == CLOSED
    assert len(await box.messages()) == (1 if target == "sendText" else 0)


@pytest.mark.parametrize("kind,sent", [("timeout_after_send", 1), ("timeout_before_send", 0)])
async def test_a_timeout_leaves_the_caller_without_an_answer(box: Any, kind: str, sent: int) -> None:
    await box.fault("sendText", kind)
    with pytest.raises(httpx.ReadTimeout):
        await box.http.post("/message/sendText/kumon", json={"number": MARIANA, "text": "Olá"}, timeout=0.3)
    assert len(await box.messages()) == sent
    assert (await box.send("de novo")).status_code == 201


async def test_a_short_timeout_ends_by_itself(box: Any) -> None:
    await box.fault("sendText", "timeout_before_send", delay_s=0.1)
    assert (await box.send()).status_code == 504
    await box.fault("sendText", "timeout_after_send", delay_s=0.1)
    assert (await box.send()).json()["key"]["id"]


async def test_no_key_is_a_201_without_a_message(box: Any) -> None:
    await box.fault("sendText", "no_key")
    answer = await box.send()
    assert answer.status_code == 201
    assert "key" not in answer.json()
    assert answer.json()["code"] == 131000
    assert await box.messages() == []


async def test_a_duplicate_reaches_the_parent_twice(box: Any, helpers: Any) -> None:
    await box.fault("sendText", "duplicate")
    answer = await box.send("Olá")
    assert [one["text"] for one in await box.messages()] == ["Olá", "Olá"]
    events = await helpers.until(lambda: len(one := box.hooks.events("send.message")) == 2 and one)
    assert len({one["key"]["id"] for one in events}) == 2
    assert answer.json()["key"]["id"] in {one["key"]["id"] for one in events}


async def test_not_on_whatsapp_hits_only_the_phone_it_names(box: Any) -> None:
    await box.fault("sendText", "not_on_whatsapp", phone=f"+{MARIANA}")
    assert (await box.send(number=CARLOS)).status_code == 201
    answer = await box.send()
    assert answer.json()["response"]["message"][0]["exists"] is False


async def test_slow_is_late_but_right(box: Any) -> None:
    await box.fault("sendText", "slow", delay_s=0.3)
    began = time.monotonic()
    assert (await box.send()).status_code == 201
    assert time.monotonic() - began >= 0.3


async def test_no_ack_stays_pending_for_ever(box: Any, helpers: Any) -> None:
    await box.fault("sendText", "no_ack")
    await box.send("um")
    await box.send("dois")

    async def second_is_delivered() -> bool:
        return [one["status"] for one in await box.messages()] == ["PENDING", "DELIVERY_ACK"]

    await helpers.until(second_is_delivered)


async def test_a_duplicate_webhook_has_the_same_body(box: Any, helpers: Any) -> None:
    await box.fault("webhook", "duplicate")
    await box.write()
    await helpers.until(lambda: len(box.hooks.raw) == 2)
    assert box.hooks.raw[0] == box.hooks.raw[1]


async def test_a_reordered_webhook_comes_after_its_successor(box: Any, helpers: Any) -> None:
    await box.fault("webhook", "reorder", event="messages.upsert")
    first = await box.write("um")
    second = await box.write("dois")
    await helpers.until(lambda: len(box.hooks.got) == 2)
    assert [one["key"]["id"] for one in box.hooks.events("messages.upsert")] == [second, first]


async def test_a_reordered_webhook_without_successor_comes_when_its_time_is_over(box: Any, helpers: Any) -> None:
    await box.fault("webhook", "reorder", delay_s=0.1)
    await box.write()
    await helpers.until(lambda: box.hooks.got)


async def test_a_lost_webhook_is_lost_but_found_by_asking(box: Any, helpers: Any) -> None:
    await box.fault("webhook", "lost", event="messages.upsert")
    lost = await box.write("perdida")
    await box.write("chegou")
    await helpers.until(lambda: box.hooks.got)
    assert [one["message"]["conversation"] for one in box.hooks.events("messages.upsert")] == ["chegou"]
    assert (await box.log("messages.upsert"))[0]["state"] == "lost"
    found = (await box.http.post("/chat/findMessages/kumon", json={"where": {"key": {"id": lost}}})).json()
    assert found["messages"]["records"][0]["message"] == {"conversation": "perdida"}


@pytest.mark.parametrize(
    "kind,arrivals,error",
    [
        ("timeout_after_send", 2, "timeout"),
        ("timeout_before_send", 1, "timeout"),
        ("http_503", 1, "fault"),
        ("http_500", 1, "fault"),
    ],
)
async def test_a_failed_first_attempt_is_retried(box: Any, helpers: Any, kind: str, arrivals: int, error: str) -> None:
    await box.fault("webhook", kind)
    await box.write()

    async def delivered() -> Any:
        entry = (await box.log("messages.upsert"))[0]
        return entry if entry["state"] == "delivered" else None

    entry = await helpers.until(delivered)
    assert [one["error"] for one in entry["attempts"]] == [error, None]
    assert len(box.hooks.raw) == arrivals


async def test_a_slow_webhook_is_late(box: Any, helpers: Any) -> None:
    await box.fault("webhook", "slow", delay_s=0.2)
    began = time.monotonic()
    await box.write()
    await helpers.until(lambda: box.hooks.got)
    assert time.monotonic() - began >= 0.2


async def test_a_fault_that_makes_no_sense_is_refused(box: Any) -> None:
    answer = await box.http.post("/sandbox/faults", json={"target": "findMessages", "kind": "no_key"})
    assert answer.status_code == 422


async def test_faults_are_listed_with_their_strikes_and_cleared(box: Any) -> None:
    await box.fault("sendText", "http_500", times=3)
    await box.send()
    (listed,) = (await box.http.get("/sandbox/faults")).json()["items"]
    assert (listed["target"], listed["kind"], listed["times"], listed["struck"]) == ("sendText", "http_500", 3, 1)
    await box.http.delete("/sandbox/faults")
    assert (await box.send()).status_code == 201
