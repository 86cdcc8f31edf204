"""The whole service on its real PostgreSQL, its providers the sandbox's, asked over HTTP by their own clients."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from chassis import rpc
from chassis.service import Service
from chassis.testing import Probe
from chassis.testing_http import served
from llm_gateway_service.app import build
from llm_gateway_service.gateway import Gateway
from llm_gateway_service.settings import Settings
from sandbox.app import build_app
from sandbox.settings import Settings as SandboxSettings


@dataclass
class Providers:
    """OpenAI, Anthropic and the transcriber of a sandbox."""

    url: str
    http: httpx.AsyncClient

    async def script(self, provider: str, *replies: Any, **about: Any) -> None:
        answer = await self.http.post("/sandbox/models", json={"provider": provider, "replies": replies, **about})
        assert answer.status_code == 200, answer.text

    async def calls(self) -> list[tuple[str, int | None]]:
        return [(each["provider"], each["status"]) for each in await self.requests()]

    async def requests(self) -> list[dict[str, Any]]:
        return list((await self.http.get("/sandbox/models/calls")).json()["items"])

    async def bill(self) -> dict[str, Any]:
        return dict((await self.http.get("/sandbox/models/bill")).json())

    async def voice_note(self, transcription: str | None) -> str:
        said = {"phone": "5551991234501", "kind": "audio", "transcription": transcription}
        sent = await self.http.post("/sandbox/messages", json=said)
        body = {"message": {"key": {"id": sent.json()["id"]}}}
        answer = await self.http.post("/chat/getBase64FromMediaMessage/kumon", json=body)
        return str(answer.json()["base64"])


@dataclass
class Running:
    """The service in a test."""

    probe: Probe
    service: Service

    @property
    def gateway(self) -> Gateway:
        return self.service._background[0].__self__  # type: ignore[attr-defined]  # it is a bound method

    async def ask(self, question: Any) -> Any:
        """Ask, and wait until the answer is booked, for which nobody else waits."""
        answer = await self.probe.ask(question)
        await self.closed()
        return answer

    async def closed(self) -> None:
        await self.gateway.asking.closing.all_closed()

    async def breakers(self) -> dict[str, str]:
        transport = httpx.ASGITransport(self.service.http)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return {each["dependency"]: each["state"] for each in (await client.get("/breakers")).json()}

    async def day(self) -> tuple[Decimal, Decimal]:
        """What is spent and what is reserved today."""
        await self.closed()
        assert self.service.store
        row = await self.service.store.pool.fetchrow("select spent, reserved from days")
        return (row["spent"], row["reserved"]) if row else (Decimal(0), Decimal(0))


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    settings = SandboxSettings(evolution_api_key="global-key", sandbox_webhook_url=None)  # type: ignore[arg-type]
    with served(build_app(settings)) as url:
        yield url


@pytest.fixture
async def providers(sandbox_url: str) -> AsyncIterator[Providers]:
    headers = {"apikey": "global-key"}
    async with httpx.AsyncClient(base_url=sandbox_url, headers=headers, timeout=10, trust_env=False) as http:
        await http.delete("/sandbox/state")
        yield Providers(sandbox_url, http)


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(fresh_database_url: str, sandbox_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Start the service: `await start(keys=("openai",), budget="limit_brl = 1.00", openai_model=…)`."""
    async with AsyncExitStack() as stack:

        async def running(
            *, keys: tuple[str, ...] = ("openai", "anthropic"), budget: str = "", **about: Any
        ) -> Running:
            unit_file = tmp_path / "unit.toml"
            unit_file.write_text(f"[ai_budget]\n{budget}\n")
            settings = Settings(
                **{
                    "rabbitmq_url": "amqp://localhost/",
                    "database_url": fresh_database_url,
                    "unit_file": unit_file,
                    "openai_base_url": f"{sandbox_url}/openai/v1",
                    "anthropic_base_url": f"{sandbox_url}/anthropic",
                    "usd_brl": 6,
                    **{f"{name}_api_key": "k" for name in keys},
                    **about,
                }
            )
            service = build(settings)
            probe = await stack.enter_async_context(Probe(service.line, service.store))
            background = [asyncio.create_task(each()) for each in service._background]
            await asyncio.sleep(0)
            stack.push_async_callback(_end, background)
            return Running(probe, service)

        yield running


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(autouse=True)
def _no_keys_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL",
        "ANTHROPIC_AUTH_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Answer a question that came with a deadline."""
    token = rpc._deadline.set(time.time() + seconds)
    try:
        yield
    finally:
        rpc._deadline.reset(token)


@pytest.fixture
def deadline() -> Callable[[float], Any]:
    return within


@pytest.fixture
def not_audio() -> str:
    return base64.b64encode(b"not audio").decode()
