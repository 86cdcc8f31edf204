"""Ingress with its line in memory, beside a sandbox whose webhooks go nowhere, and the real Redis."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from chassis.breaker import Breakers
from chassis.line import Line
from chassis.testing import Probe
from chassis.testing_http import served
from contracts import Question
from contracts.ingress import MessageReceived
from contracts.postprocessor import Recognise, Recognised
from ingress_service import webhook
from ingress_service.app import build
from ingress_service.catching_up import CatchUp
from ingress_service.evolution_api import EvolutionApi
from ingress_service.memory import Memory
from ingress_service.reports import Reports
from ingress_service.settings import Settings
from pydantic import HttpUrl, SecretStr
from sandbox.app import build_app
from sandbox.clock import Clock as SandboxClock
from sandbox.settings import Settings as SandboxSettings
from starlette.applications import Starlette

PARENT = "+5551991234501"
SECRET = "a-secret-of-at-least-forty-eight-characters-as-HS384-wants"
WITH_SECRET = {"X-Webhook-Secret": SECRET}


@dataclass
class TestClock:
    """A clock that tests set, for ingress and the channel alike."""

    __test__ = False
    at: datetime = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **ahead: float) -> None:
        self.at += timedelta(**ahead)


@dataclass
class Channel:
    """The channel, and the people on it."""

    url: str
    instance: str
    http: httpx.AsyncClient
    clock: TestClock

    async def writes(self, text: str, **about: Any) -> str:
        """Write as a parent, or with `from_unit` as somebody at the unit; five seconds pass."""
        body = {"phone": PARENT, "text": text, **about}
        answer = (await self.http.post("/sandbox/messages", json=body)).raise_for_status()
        self.clock.on(seconds=6)
        return str(answer.json()["id"])

    async def sends(self, text: str) -> str:
        """Send through the API, as postprocessor does; five seconds pass."""
        answer = await self.http.post(f"/message/sendText/{self.instance}", json={"number": PARENT, "text": text})
        self.clock.on(seconds=6)
        return str(answer.raise_for_status().json()["key"]["id"])

    async def is_now(self, state: str) -> None:
        body = {"state": state, "instance": self.instance}
        (await self.http.post("/sandbox/connection", json=body)).raise_for_status()

    async def breaks(self, kind: str, **about: Any) -> None:
        fault = {"target": "findMessages", "kind": kind, **about}
        (await self.http.post("/sandbox/faults", json=fault)).raise_for_status()

    async def webhook_of(self, message_id: str) -> dict[str, Any]:
        """The webhook that a message should have caused."""
        found = await self.http.post(
            f"/chat/findMessages/{self.instance}", json={"where": {"key": {"id": message_id}}, "page": 1, "offset": 1}
        )
        (record,) = found.json()["messages"]["records"]
        return {"event": "messages.upsert", "instance": self.instance, "data": record}


@dataclass
class Copy:
    """One copy of ingress."""

    probe: Probe
    reports: Reports
    memory: Memory
    catching: CatchUp

    async def looks(self) -> int:
        """Look once, and have written what was noted."""
        missed = await self.catching.look()
        await self.memory.flush()
        return missed

    def texts(self) -> list[str | None]:
        """What parents said, in the order in which it was told."""
        return [each.text for each in self.probe.of(MessageReceived)]


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def channel(clock: TestClock) -> AsyncIterator[Channel]:
    """A sandbox that tells nobody anything: every webhook is lost."""
    instance = f"unit-{uuid4().hex}"
    settings = SandboxSettings(evolution_api_key=SecretStr("key"), evolution_instance=instance)
    with served(build_app(settings, SandboxClock(real=lambda: clock().timestamp()))) as url:
        async with httpx.AsyncClient(base_url=url, headers={"apikey": "key"}, timeout=10, trust_env=False) as http:
            yield Channel(url, instance, http, clock)


@pytest.fixture
async def copy(channel: Channel, redis_url: str) -> AsyncIterator[Callable[..., Any]]:
    """Start a copy of ingress: `await copy()`; those with a Redis share it."""
    started: list[Copy] = []
    shared = SecretStr(redis_url)

    async def start(*, redis: SecretStr | None = shared, every_s: float = 60, instance: str = channel.instance) -> Copy:
        line, breakers = Line("ingress", clock=channel.clock), Breakers(ttl_s=0.01)
        memory = Memory(redis, channel.instance, breakers)
        reports = Reports(line, memory)
        settings = Settings(rabbitmq_url=SecretStr("amqp://nowhere/"), evolution_webhook_secret=SecretStr("secret"))
        webhook.register(Starlette(), line, reports, settings)
        api = EvolutionApi(HttpUrl(channel.url), SecretStr("key"), instance, 5, breakers)
        catching = CatchUp(reports, api, every_s=every_s, back=timedelta(hours=24))
        reports.on_gap = catching.gap
        probe = await Probe(line).__aenter__()
        probe.answer(Recognise, Recognised(ours=False))
        started.append(Copy(probe, reports, memory, catching))
        return started[-1]

    yield start
    for each in started:
        await each.catching._api.close()
        await each.memory.close()


@pytest.fixture
async def ingress(copy: Callable[..., Any]) -> Copy:
    started: Copy = await copy()
    return started


class Desk:
    """Ingress with its line in memory, asked over HTTP."""

    def __init__(self, probe: Probe, http: httpx.AsyncClient) -> None:
        self.probe = probe
        self.http = http

    async def post(self, body: Any, path: str = "", **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(f"/webhooks/evolution{path}", content=content, headers=headers or WITH_SECRET)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    settings = Settings(
        rabbitmq_url=SecretStr("amqp://nowhere/"), evolution_webhook_secret=SecretStr(SECRET), webhook_limit_mb=6
    )
    service = build(settings)
    transport = httpx.ASGITransport(service.http)
    async with Probe(service.line) as probe, httpx.AsyncClient(transport=transport, base_url="http://ingress") as http:
        yield Desk(probe, http)


@pytest.fixture
def asked_about() -> Callable[[Probe], list[str]]:
    """The messages that postprocessor was asked about."""

    def ids(probe: Probe) -> list[str]:
        questions: list[Question] = probe.asked
        return [each.key.id for each in questions if isinstance(each, Recognise)]

    return ids
