"""What the channel gets for a webhook, good or bad."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from assistant.testing_system import System, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]


def upsert(text: str, phone: str, **data: Any) -> dict[str, Any]:
    key = {"remoteJid": f"{phone.removeprefix('+')}@s.whatsapp.net", "fromMe": False, "id": f"3A{time.time_ns():X}"}
    return {
        "event": "messages.upsert",
        "instance": "kumon",
        "data": {
            "key": key,
            "pushName": "Teste",
            "message": {"conversation": text},
            "messageType": "conversation",
            "messageTimestamp": int(time.time()),
            **data,
        },
        "apikey": "INSTANCE-TOKEN-THAT-MUST-NOT-BE-KEPT",
    }


def post(system: System, body: Any, headers: dict[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    secret = {"X-Webhook-Secret": system.environment["EVOLUTION_WEBHOOK_SECRET"]}
    url = f"{system.ingress}/webhooks/evolution"
    return system.http.post(
        url, content=content, headers={"Content-Type": "application/json", **(secret if headers is None else headers)}
    )


def test_a_wrong_or_missing_secret_is_refused_and_says_nothing_to_anybody(steady: System) -> None:
    parent = steady.parent()
    for headers in (
        {},
        {"X-Webhook-Secret": "wrong"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Bearer {token('another-secret-with-32-characters!!')}"},
    ):
        assert post(steady, upsert("quanto custa?", parent.phone), headers).status_code == 401
    assert parent.settled(3) == []


def token(secret: str, ago: timedelta = timedelta(0)) -> str:
    issued = datetime.now(UTC) - ago
    claims = {"iat": issued, "exp": issued + timedelta(minutes=10), "app": "evolution", "action": "webhook"}
    return jwt.encode(claims, secret, "HS256")


def test_evolutions_own_token_is_accepted_also_half_an_hour_late(steady: System) -> None:
    parent = steady.parent()
    # The unit's clock is elsewhere in this system; the token's is the machine's.
    bearer = {"Authorization": f"Bearer {token(steady.environment['EVOLUTION_WEBHOOK_SECRET'], timedelta(minutes=30))}"}
    answer = post(steady, upsert("qual o endereço?", parent.phone), bearer)
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})


NOT_UNDERSTOOD = (
    b"{not json",
    b"\xff\xfe\x00",
    b"[]",
    b'"text"',
    b'{"event": "messages.upsert"}',
    b'{"event": "no.such.event", "data": {}}',
)


def test_bodies_that_cannot_be_understood_are_kept_and_listed_each_with_its_reason(steady: System) -> None:
    before = len(quarantined(steady))
    assert [post(steady, body).status_code for body in NOT_UNDERSTOOD] == [200] * len(NOT_UNDERSTOOD)
    expected = before + len(NOT_UNDERSTOOD)
    after = until(lambda: len(now := quarantined(steady)) == expected and now, 30, "one more letter for each")
    assert all(letter["reason"] for letter in after)


def quarantined(system: System) -> list[dict[str, Any]]:
    letters = json.loads(system.assistant("dead", "list", "--json").stdout)
    return [letter for letter in letters if letter["queue"] == "ingress.quarantine"]


def test_a_webhook_of_five_megabytes_is_taken_and_one_of_a_hundred_is_not(steady: System) -> None:
    parent = steady.parent()
    big = upsert("quanto custa?", parent.phone)
    big["data"]["message"]["base64"] = "A" * 5_000_000
    assert post(steady, big).status_code == 200
    assert "R$ 375,00" in parent.reply_after(0)
    assert post(steady, b'{"event": "' + b"a" * 100_000_000 + b'"}').status_code == 413


def test_an_unknown_kind_of_message_is_answered(steady: System) -> None:
    parent = steady.parent()
    strange = upsert("", parent.phone, message={"holographicMessage": {"beam": 1}}, messageType="holographicMessage")
    assert post(steady, strange).status_code == 200
    assert parent.reply_after(0)
