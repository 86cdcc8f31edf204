"""The route: who may speak, what is kept, and what the channel is told when it cannot be."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from contracts.ingress import MessageReceived

SECRET = "a-secret-of-at-least-forty-eight-characters-as-HS384-wants"
TEXT = {
    "event": "messages.upsert",
    "instance": "kumon",
    "data": {
        "key": {"remoteJid": "5551987650001@s.whatsapp.net", "fromMe": False, "id": "3A0001"},
        "pushName": "Ana",
        "message": {"conversation": "quanto custa?"},
        "messageType": "conversation",
        "messageTimestamp": 1795340225,
    },
    "apikey": "INSTANCE-TOKEN",
}


def bearer(secret: str = SECRET, *, ago: timedelta = timedelta(0), algorithm: str = "HS256", **claims: Any) -> str:
    issued = datetime.now(UTC) - ago
    told = {"iat": issued, "exp": issued + timedelta(minutes=10), "app": "evolution", "action": "webhook", **claims}
    return f"Bearer {jwt.encode(told, secret, algorithm)}"


async def test_a_message_is_published_before_the_channel_is_answered(desk: Any) -> None:
    answer = await desk.post(TEXT)
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    (received,) = desk.probe.of(MessageReceived)
    assert received.text == "quanto custa?"
    assert received.address.phone == "+5551987650001"


async def test_the_same_webhook_again_causes_the_same_event(desk: Any) -> None:
    await desk.post(TEXT)
    await desk.post(TEXT, "/messages-upsert")
    first, second = desk.probe.published
    assert first.id == second.id


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=30), timedelta(minutes=69)])
async def test_the_channels_own_token_is_good_for_an_hour_longer_than_it_says(desk: Any, ago: timedelta) -> None:
    assert (await desk.post(TEXT, Authorization=bearer(ago=ago))).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Nothing": "1"},
        {"X-Webhook-Secret": "wrong"},
        {"X-Webhook-Secret": SECRET[:-1]},
        {"Authorization": SECRET},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": bearer("another-secret-of-at-least-thirty-two-characters")},
        {"Authorization": bearer(ago=timedelta(minutes=71))},
        {"Authorization": bearer(algorithm="HS384")},
        {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9."},
    ],
    ids=["none", "wrong", "cut off", "scheme", "nonsense", "other secret", "expired", "algorithm", "unsigned"],
)
async def test_whoever_does_not_know_the_secret_is_refused_and_nothing_is_kept(
    desk: Any, headers: dict[str, str]
) -> None:
    assert (await desk.post(TEXT, **headers)).status_code == 401
    assert desk.probe.published == []
    assert desk.probe.quarantined == []


async def test_of_whoever_does_not_know_the_secret_not_a_byte_of_the_body_is_read(desk: Any) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append("some of it")
        yield b"{}"

    wrong = {"X-Webhook-Secret": "wrong"}
    assert (await desk.http.post("/webhooks/evolution", content=body(), headers=wrong)).status_code == 401
    assert read == []


@pytest.mark.parametrize(
    "body,reason",
    [
        (b"{not json", "other: not_json"),
        (b"\xff\xfe\x00", "other: not_json"),
        (b"", "other: not_json"),
        (b"[]", "other: not_an_object"),
        (b'"text"', "other: not_an_object"),
        ({"event": "no.such.event", "instance": "kumon", "data": {}}, "other: event"),
        ({"event": "messages.upsert", "data": TEXT["data"]}, "messages.upsert: instance"),
        ({"event": "messages.upsert", "instance": "kumon", "data": {}}, "messages.upsert: key"),
        ({"event": "messages.upsert", "instance": "kumon", "data": 5}, "messages.upsert: data"),
    ],
)
async def test_a_body_that_is_not_understood_is_kept_with_its_reason(desk: Any, body: Any, reason: str) -> None:
    assert (await desk.post(body)).status_code == 200
    ((_, kept_because),) = desk.probe.quarantined
    assert kept_because == reason


async def test_what_is_kept_shows_no_key_of_the_channel(desk: Any) -> None:
    await desk.post(
        {"event": "no.such.event", "instance": "kumon", "apikey": "INSTANCE-TOKEN", "data": {"word": "kept"}}
    )
    ((body, _),) = desk.probe.quarantined
    assert b"INSTANCE-TOKEN" not in body
    assert b"kept" in body


async def test_without_a_broker_the_channel_is_asked_to_come_again(desk: Any) -> None:
    desk.probe.broker_away = True
    for body in (TEXT, b"{not json"):
        answer = await desk.post(body)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    desk.probe.broker_away = False
    assert (await desk.post(TEXT)).status_code == 200


async def test_a_webhook_of_five_megabytes_is_taken_and_one_over_the_limit_is_not(desk: Any) -> None:
    big = json.loads(json.dumps(TEXT))
    big["data"]["message"]["base64"] = "A" * 5_000_000
    assert (await desk.post(big)).status_code == 200
    big["data"]["message"]["base64"] = "A" * 7_000_000
    assert (await desk.post(big)).status_code == 413
    assert len(desk.probe.published) == 1


async def test_what_is_not_for_us_is_accepted_and_dropped(desk: Any) -> None:
    for jid in ("120363000000000001@g.us", "status@broadcast", "120363000000000002@newsletter"):
        body = json.loads(json.dumps(TEXT))
        body["data"]["key"]["remoteJid"] = jid
        assert (await desk.post(body)).json() == {"accepted": True}
    assert desk.probe.published == []
    assert desk.probe.quarantined == []


async def test_health_says_whether_webhooks_can_be_kept(desk: Any) -> None:
    answer = await desk.http.get("/api/v1/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
