"""Handoffs told to another system: signed, tried again, given up, replayed."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from chassis.settings import complaints
from contracts.frontdesk import StaffReleased, StaffTookOver
from frontdesk_service.parts import Outlets
from frontdesk_service.settings import Settings
from frontdesk_service.webhooks import TIERS, Receiver, signature
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

pytestmark = pytest.mark.stores

KEY = b"a key of thirty-two bytes or so!"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


@dataclass
class Crm:
    """Another system, which believes nothing that is not signed."""

    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    url: str = ""

    async def receive(self, request: Request) -> Response:
        body, sent = await request.body(), request.headers
        signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + body
        proof = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        if sent["webhook-signature"] != f"v1,{proof}":
            return Response(status_code=401)
        self.ids.append(sent["webhook-id"])
        status = self.answers.pop(0) if self.answers else 204
        if status < 300:
            self.taken.append(json.loads(body))
        return Response(status_code=status)


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    crm = Crm()
    app = Starlette(routes=[Route("/hook", crm.receive, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    crm.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    yield crm
    server.should_exit = True
    await serving


@pytest.fixture
def outlets(crm: Crm) -> Outlets:
    return Outlets(page="https://desk.example", receiver=Receiver(crm.url, SecretStr(SECRET)))


async def test_opened_taken_and_released_are_told_signed_and_once(
    frontdesk: Any, ana: Any, clock: Any, crm: Crm
) -> None:
    opened = ana.handed_over()
    facts = [ana.says("quero falar com alguém"), opened]
    await frontdesk.deliver(*facts, opened)
    await frontdesk.probe.fire_due(clock())
    await frontdesk.deliver(ana.fact(StaffTookOver(by="maria")))
    await frontdesk.probe.fire_due(clock())
    await frontdesk.deliver(ana.fact(StaffReleased(by="maria")))
    await frontdesk.probe.fire_due(clock())
    assert [(each["type"], each["data"]["by"], each["data"]["owner"]) for each in crm.taken] == [
        ("handoff.opened", None, "unit"),
        ("handoff.taken", "maria", "unit"),
        ("handoff.released", "maria", "assistant"),
    ]
    first = crm.taken[0]
    assert first["id"] == str(opened.id)
    assert first["data"]["handoff"]["reason"] == "person_request"
    assert first["data"]["url"] == "https://desk.example/conversas/5551987650001"
    assert first["timestamp"].endswith("-03:00")


async def test_a_failure_is_tried_again_with_the_same_id_until_it_is_taken(
    frontdesk: Any, ana: Any, clock: Any, crm: Crm
) -> None:
    crm.answers = [500, 429, 302]
    await frontdesk.deliver(ana.handed_over())
    for delay in (clock() - clock(), *TIERS[:3]):
        clock.at += delay
        await frontdesk.probe.fire_due(clock())
    assert len(crm.ids) == 4
    assert len(set(crm.ids)) == 1
    assert [each["type"] for each in crm.taken] == ["handoff.opened"]
    clock.on(days=1)
    await frontdesk.probe.fire_due(clock())
    assert len(crm.taken) == 1


async def test_what_nobody_takes_is_dead_is_an_alert_and_can_be_replayed(
    frontdesk: Any, ana: Any, clock: Any, crm: Crm
) -> None:
    crm.answers = [503] * (len(TIERS) + 1)
    await frontdesk.deliver(ana.handed_over())
    for delay in (clock() - clock(), *TIERS):
        clock.at += delay
        await frontdesk.probe.fire_due(clock())
    async with frontdesk.client() as client:
        (dead,) = (await client.get("/api/v1/webhooks/dead")).raise_for_status().json()["items"]
        assert (dead["failure"], dead["attempts"]) == ("503", len(TIERS) + 1)
        await frontdesk.parts.alarm.look()
        alerts = (await client.get("/api/v1/alerts?status=open")).json()["items"]
        assert "webhook_dead" in {each["condition"] for each in alerts}
        assert (await client.post(f"/api/v1/webhooks/dead/{uuid4()}/replay")).status_code == 404
        assert (await client.post(f"/api/v1/webhooks/dead/{dead['id']}/replay")).status_code == 202
        await frontdesk.probe.fire_due(clock())
        assert (await client.get("/api/v1/webhooks/dead")).json()["items"] == []
    assert len(crm.taken) == 1


async def test_a_receiver_that_is_gone_or_unreachable_is_no_surprise(
    frontdesk: Any, ana: Any, clock: Any, crm: Crm
) -> None:
    crm.answers = [410]
    await frontdesk.deliver(ana.handed_over())
    await frontdesk.probe.fire_due(clock())
    (row,) = await frontdesk.store.pool.fetch("select attempts, failure, dead_at from webhook_deliveries")
    assert (row["attempts"], row["failure"], row["dead_at"]) == (1, "410", clock())


async def test_nothing_is_told_of_somebody_who_was_erased(frontdesk: Any, ana: Any, clock: Any, crm: Crm) -> None:
    crm.answers = [500]
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    await frontdesk.probe.fire_due(clock())
    async with frontdesk.client() as client:
        assert (await client.delete(f"/api/v1/contacts/{ana.phone}")).status_code == 202
    clock.on(hours=1)
    await frontdesk.probe.fire_due(clock())
    assert crm.taken == []


def test_the_signature_is_the_one_of_the_standards_own_example() -> None:
    secret, delivery = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    proof = signature(secret, delivery, 1614265330, b'{"test": 2432232314}')
    assert proof == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_without_a_secret_is_a_mistake() -> None:
    given = {
        "rabbitmq_url": "amqp://broker",
        "database_url": "postgresql://db",
        "frontdesk_username": "owner",
        "frontdesk_password": "a long one",
        "frontdesk_jwt_secret": "s" * 32,
        "handoff_webhook_url": "https://crm.example/hook",
    }
    with pytest.raises(ValidationError) as found:
        Settings(**given)
    assert any("HANDOFF_WEBHOOK_SECRET" in line for line in complaints(found.value))


class TestOff:
    """Without a receiver."""

    @pytest.fixture
    def outlets(self) -> Outlets:
        return Outlets()

    async def test_nothing_is_noted_unless_somebody_is_to_be_told(self, frontdesk: Any, ana: Any) -> None:
        await frontdesk.deliver(ana.handed_over())
        assert await frontdesk.store.pool.fetchval("select count(*) from webhook_deliveries") == 0
