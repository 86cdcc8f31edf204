"""What a parent gets when something breaks: exactly one reply."""

import time

import pytest
from assistant.testing_system import SERVICES, System, settled, until
from assistant.testing_volume import volume

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

QUESTION = "oi, quanto custa matemática?"
PRICE = "R$ 475,00"
MOMENTS_S = (0.15, 1.1, 0.0, 0.9, 1.3)
"""Around the webhook, and around the end of the burst window of 1 s."""


def answered_once(texts: list[str]) -> bool:
    return sum(PRICE in text for text in texts) == 1 and len(texts) == len(set(texts))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_killed_at_any_moment_of_a_turn_leaves_exactly_one_reply(steady: System, service: str) -> None:
    parents = []
    for moment_s in MOMENTS_S[: volume(2, thorough=len(MOMENTS_S))]:
        parent = steady.parent()
        parent.write(QUESTION)
        time.sleep(moment_s)
        killed = steady.kill(service)
        parents.append(parent)
        until(lambda killed=killed: steady.pid(service) not in {killed, None}, 10, f"{service} is started again")
        until(lambda: steady.ready(service), 90, f"{service} is ready again")
    for parent in parents:
        until(parent.received, 90, f"a reply although {service} was killed")
    for received in settled(parents, 3):
        assert answered_once(received), received


def test_a_broker_that_is_away_for_twenty_seconds_loses_nothing(steady: System) -> None:
    before, during, after = steady.parent(), steady.parent(), steady.parent()
    before.write(QUESTION)
    time.sleep(0.3)
    steady.broker.stop()
    stopped = time.monotonic()
    during.write(QUESTION)
    refused = steady.http.post(
        f"{steady.ingress}/webhooks/evolution",
        headers={"X-Webhook-Secret": steady.environment["EVOLUTION_WEBHOOK_SECRET"]},
        json={
            "event": "messages.upsert",
            "instance": "kumon",
            "data": {
                "key": {"remoteJid": "5551900000000@s.whatsapp.net", "fromMe": False, "id": "3AREFUSED"},
                "message": {"conversation": "oi"},
                "messageType": "conversation",
                "messageTimestamp": int(time.time()),
            },
        },
    )
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    time.sleep(max(0.0, 20 - (time.monotonic() - stopped)))
    steady.broker.start()
    until(steady.ready, 120, "every service is ready again")
    after.write(QUESTION)
    for parent in (before, during, after):
        until(parent.received, 120, "a reply after the outage")
    for received in settled((before, during, after), 4):
        assert answered_once(received), received


@pytest.mark.parametrize("kind", ["timeout_after_send", "http_500", "connection_closed", "duplicate"])
def test_a_channel_that_fails_while_sending_leaves_exactly_one_reply(steady: System, kind: str) -> None:
    parent = steady.parent()
    steady.fault(
        target="webhook" if kind == "duplicate" else "sendText", kind=kind, times=1, phone=parent.phone, delay_s=5
    )
    parent.write(QUESTION)
    until(parent.received, 120, f"a reply in spite of {kind}")
    until(lambda: answered_once(parent.received()), 90, "the price, once")
    assert answered_once(parent.settled(5)), parent.received()


def test_webhooks_in_any_order_are_answered_once(steady: System) -> None:
    parent = steady.parent()
    steady.fault(target="webhook", kind="reorder", times=1, phone=parent.phone)
    parent.write("oi")
    parent.write("quanto custa matemática?")
    until(lambda: any(PRICE in text for text in parent.received()), 90, "the price")
    assert answered_once(parent.settled(3)), parent.received()
