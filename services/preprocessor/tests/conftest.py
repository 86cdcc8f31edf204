"""The whole service on its real PostgreSQL and Redis, without a broker; and a channel that holds voice notes."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import preprocessor_service
import pytest
import uvicorn
from chassis.breaker import Breakers
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe
from preprocessor_service.handlers import register
from preprocessor_service.limits import RateLimit
from preprocessor_service.media import Ears
from preprocessor_service.reception import Reception
from preprocessor_service.recordings import Recordings, files_of
from preprocessor_service.store import Contacts
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

NOWHERE = SecretStr("redis://127.0.0.1:9/0")


@dataclass
class TestClock:
    """A clock that tests set."""

    __test__ = False
    at: datetime = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **ahead: float) -> None:
        self.at += timedelta(**ahead)


@dataclass
class TheChannel:
    """An Evolution API with one file for every message: what it is told to answer, and what it was asked."""

    url: str = ""
    answer: Callable[[], Response] = field(
        default=lambda: JSONResponse({"base64": "T2dnUw==", "mimetype": "audio/ogg"}, 201)
    )
    asked: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    stored: Callable[[], Response] = field(default=lambda: Response(b"OggS", media_type="audio/ogg"))
    downloads: int = 0

    async def at_address(self, request: Request) -> Response:
        del request
        self.downloads += 1
        return self.stored()

    async def file(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append((request.path_params["instance"], body, request.headers["apikey"]))
        return self.answer()


@dataclass
class Running:
    """The service in a test."""

    probe: Probe
    breakers: Breakers
    store: Store
    reception: Reception


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@contextmanager
def served(*routes: Route) -> Iterator[str]:
    """Serve routes in a thread of their own; their address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), lifespan="off", log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)
    assert not thread.is_alive()


@pytest.fixture
def serve() -> Callable[..., Any]:
    """Serve routes: `with serve(Route(…), …) as url`."""
    return served


@pytest.fixture
def channel() -> Iterator[TheChannel]:
    it = TheChannel()
    file = Route("/chat/getBase64FromMediaMessage/{instance}", it.file, methods=["POST"])
    with served(file, Route("/stored/voice.ogg", it.at_address)) as it.url:
        yield it


@asynccontextmanager
async def limited(url: SecretStr, most: int, breakers: Breakers) -> AsyncIterator[RateLimit]:
    """A rate limit whose connections are given back."""
    limit = RateLimit(url, most, breakers)
    task = asyncio.create_task(limit.run())
    await asyncio.sleep(0)
    try:
        yield limit
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


Start = Callable[..., Any]


@pytest.fixture
async def start(fresh_database_url: str, redis_url: str, clock: TestClock) -> AsyncIterator[Start]:
    """Start the service: `await start(most=50, redis=…, channel_url=…)`."""
    async with AsyncExitStack() as stack:

        async def running(*, most: int = 50, redis: SecretStr | None = None, channel_url: str | None = None) -> Running:
            line, breakers = Line("preprocessor", clock=clock), Breakers()
            migrations = Path(preprocessor_service.__file__).parent / "migrations"
            store = Store(line, SecretStr(fresh_database_url), migrations=migrations)
            limit = await stack.enter_async_context(limited(redis or SecretStr(redis_url), most, breakers))
            recordings = Recordings(files_of(channel_url, SecretStr("key"), breakers), breakers)
            ears = Ears(line, recordings)
            keep = timedelta(days=365)
            reception = Reception(store, Contacts(), limit, ears, clock, timedelta(minutes=30), keep)
            register(line, store, reception, recordings)
            return Running(await stack.enter_async_context(Probe(line, store)), breakers, store, reception)

        yield running


@pytest.fixture
def nowhere() -> SecretStr:
    """A Redis that is away."""
    return NOWHERE


@pytest.fixture
def make_limit() -> Callable[..., Any]:
    return limited
