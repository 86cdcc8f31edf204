"""A sandbox and a webhook receiver on real ports."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import pytest
import uvicorn
from sandbox.app import build_app
from sandbox.clock import Clock
from sandbox.settings import Settings

MARIANA = "5551991234501"
CARLOS = "5551991234504"
KEY = {"apikey": "global-key"}
BUSINESS = ("/webhooks/meta", "/webhooks/twilio")


@dataclass
class Receiver:
    """Collects webhooks; answers with ``plan`` (status codes, in turn), then 200."""

    url: str
    got: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    plan: list[int] = field(default_factory=list)
    slow_s: float = 0.0

    def at(self, path: str) -> list[tuple[dict[str, str], bytes]]:
        """Return headers and body of everything that came to a path."""
        return [
            (headers, raw)
            for there, headers, raw in zip(self.paths, self.headers, self.raw, strict=True)
            if there == path
        ]

    def events(self, event: str) -> list[dict[str, Any]]:
        return [one["data"] for one in self.got if one["event"] == event]

    async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
        mine = self.paths, self.headers, self.raw, self.got  # of the test in which the request came
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        paths, headers, raw, got = mine
        paths.append(scope["path"])
        headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        raw.append(body)
        if scope["path"] not in BUSINESS:
            got.append(json.loads(body))
        if self.slow_s:
            await asyncio.sleep(self.slow_s)
        status = self.plan.pop(0) if self.plan else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@dataclass
class Box:
    """A running sandbox with its receiver."""

    url: str
    http: httpx.AsyncClient
    hooks: Receiver

    async def write(self, text: str = "Oi", phone: str = MARIANA, **about: Any) -> str:
        answer = await self.http.post("/sandbox/messages", json={"phone": phone, "text": text, **about})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def send(self, text: str = "Olá", number: str = MARIANA, **about: Any) -> httpx.Response:
        return await self.http.post("/message/sendText/kumon", json={"number": number, "text": text, **about})

    async def messages(self, phone: str = MARIANA) -> list[dict[str, Any]]:
        answer = await self.http.get("/sandbox/messages", params={"phone": phone})
        return list(answer.json()["items"])

    async def log(self, event: str) -> list[dict[str, Any]]:
        return list((await self.http.get("/sandbox/webhooks", params={"event": event})).json()["items"])

    async def fault(self, target: str, kind: str, **about: Any) -> None:
        answer = await self.http.post("/sandbox/faults", json={"target": target, "kind": kind, **about})
        assert answer.status_code == 201, answer.text


async def until(true: Callable[[], Any], within_s: float = 5.0) -> Any:
    """Wait until ``true()`` is truthy (it may be async); its value."""
    async with asyncio.timeout(within_s):
        while True:
            value = true()
            if isinstance(value, Awaitable):
                value = await value
            if value:
                return value
            await asyncio.sleep(0.01)


@contextmanager
def served(app: Any, lifespan: Literal["on", "off"] = "on") -> Iterator[str]:
    """Serve an ASGI application on a free port, in a thread of its own; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        interface="asgi3",
        lifespan=lifespan,
        log_level="error",
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,  # longer than clients do: none meets a connection that is just being closed
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)
        assert not thread.is_alive()


@contextmanager
def running(clock: Clock | None = None, **about: Any) -> Iterator[tuple[str, Receiver]]:
    """Run a sandbox with these settings, and its receiver; the sandbox's address and the receiver."""
    hooks = Receiver("")
    with served(hooks.asgi, "off") as hooks.url:
        usual: dict[str, Any] = {
            "sandbox_webhook_url": f"{hooks.url}/webhooks/evolution",
            "sandbox_meta_webhook_url": f"{hooks.url}/webhooks/meta",
            "sandbox_twilio_webhook_url": f"{hooks.url}/webhooks/twilio",
            "meta_app_secret": "app-secret",
            "twilio_auth_token": "auth-token",
            "twilio_account_sid": "AC1",
            "evolution_api_key": "global-key",
            "evolution_webhook_secret": "webhook-secret-of-thirty-two-bytes!",
            "sandbox_retry_scale": 0.001,
        }
        settings = Settings(**{**usual, **about})
        with served(build_app(settings, clock)) as url:
            yield url, hooks


def client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers=KEY, timeout=10, trust_env=False)


@asynccontextmanager
async def boxed(clock: Clock | None = None, **about: Any) -> AsyncIterator[Box]:
    """Run a sandbox of its own for one test."""
    with running(clock, **about) as (url, hooks):
        async with client(url) as http:
            yield Box(url, http, hooks)


@pytest.fixture(scope="session")
def shared() -> Iterator[tuple[str, Receiver]]:
    with running() as both:
        yield both


@pytest.fixture
async def box(shared: tuple[str, Receiver]) -> AsyncIterator[Box]:
    """The shared sandbox, as freshly started."""
    url, hooks = shared
    async with client(url) as http:
        await http.delete("/sandbox/state")
        await http.post(f"{hooks.url}{BUSINESS[0]}")  # behind it nothing of the test before is on its way any more
        hooks.__init__(hooks.url)  # type: ignore[misc]
        yield Box(url, http, hooks)


@pytest.fixture
def helpers() -> Any:
    """What test modules share: ``until`` and ``boxed``."""

    class Helpers:
        until = staticmethod(until)
        boxed = staticmethod(boxed)

    return Helpers
