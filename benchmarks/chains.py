"""The line, and a bare four-hop FastStream chain: each takes one message and says how long it took."""

import asyncio
import itertools
import logging
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import bare_chain
import httpx
import psutil
from aiohttp import web
from assistant.testing_system import Broker, System
from faststream import AckPolicy
from faststream.rabbit import Channel

logging.getLogger("aiormq").addHandler(logging.NullHandler())  # it tells every try to reach a broker that still starts

HERE = Path(__file__).parent
IN_FLIGHT = 256
"""Messages on their way while a chain is saturated: enough that none of its stages ever waits for one."""
SECRET = "a-secret-of-the-benchmark-32-chars"

Send: TypeAlias = Callable[[], Awaitable[float]]
"""Sends a message and waits until it is out at the other end; the time in seconds."""


Write: TypeAlias = Callable[[str, str], Awaitable[str]]
"""Tells ingress of a message, by phone (digits) and text; the channel's id of it."""
Show: TypeAlias = Callable[[str, str, str], None]
"""Takes what a phone (digits) is shown: the channel's id, and the text."""
KEPT_S = 2.0
"""How long a connection to ingress is kept idle: shorter than there, where one is closed that is just being used."""
PRICE = "quanto custa matemática?"


async def saturate(send: Send, messages: int) -> float:
    """Send so many, many at a time; messages a second."""
    left = iter(range(messages))

    async def worker() -> None:
        for _ in left:
            await send()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return messages / (time.perf_counter() - began)


async def steadily(act: Callable[[], Awaitable[Any]], per_s: float, for_s: float) -> list[float]:
    """Act so often, however long it takes; the time of each in seconds. Raises the first error."""
    took: list[float] = []

    async def once() -> None:
        began = time.perf_counter()
        await act()
        took.append(time.perf_counter() - began)

    begins = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for nth in range(round(per_s * for_s)):
            await asyncio.sleep(begins + nth / per_s - time.perf_counter())
            group.create_task(once())
    return took


@dataclass
class Arrivals:
    """When each message came out at the other end, by its key."""

    waiting: dict[str, asyncio.Event] = field(default_factory=dict)

    async def round_trip(self, key: str, send: Callable[[], Awaitable[object]]) -> float:
        """Send a message and wait until it is out; the time in seconds."""
        arrived = self.waiting[key] = asyncio.Event()
        began = time.perf_counter()
        await send()
        async with asyncio.timeout(60):
            await arrived.wait()
        return time.perf_counter() - began

    def arrive(self, key: str) -> None:
        if key in self.waiting:
            self.waiting[key].set()


@asynccontextmanager
async def bare(url: str) -> AsyncIterator[Send]:
    """The chain: four hops in four processes."""
    stages = [
        subprocess.Popen([sys.executable, HERE / "bare_chain.py", url, str(n)], stdout=subprocess.PIPE)
        for n in range(bare_chain.HOPS - 1)
    ]
    arrivals, numbers = Arrivals(), itertools.count()
    inbound, outbound = bare_chain.brokers(url)

    @inbound.subscriber(
        bare_chain.queue(bare_chain.HOPS - 1),
        channel=Channel(prefetch_count=32),
        ack_policy=AckPolicy.REJECT_ON_ERROR,
    )
    async def on_message(message: bare_chain.Message) -> None:
        arrivals.arrive(message.id)

    async def send() -> float:
        message = bare_chain.Message(id=str(next(numbers)), sent_at=0)
        return await arrivals.round_trip(
            message.id, lambda: outbound.publish(message, bare_chain.queue(0), persist=True)
        )

    for each in stages:
        each.stdout.readline()
    await outbound.connect()
    await outbound.declare_queue(bare_chain.queue(0))
    await inbound.start()
    try:
        yield send
    finally:
        await inbound.stop()
        await outbound.stop()
        for each in stages:
            each.kill()
            each.wait()


@dataclass
class Line:
    """A running line and its processes by name, the benchmark's own included.

    `send` waits for the reply to a message, `write` does not.
    """

    system: System
    send: Send
    write: Write
    processes: dict[str, psutil.Process]

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds of each process so far."""
        return {name: cpu_s(process) for name, process in self.processes.items()}


@asynccontextmanager
async def line(
    broker: Broker,
    folder: Path,
    more: Callable[[str], Mapping[str, str]] = lambda _: {},
    show: Show = lambda *_: None,
) -> AsyncIterator[Line]:
    """The line, every service a process of its own; `more` are further variables, given the sink's address.

    The sink is the channel: it takes every message at once, and `show` gets it.
    """
    arrivals, numbers, ids = Arrivals(), itertools.count(), itertools.count()

    async def send_text(request: web.Request) -> web.Response:
        body = await request.json()
        digits, key = body["number"].split("@")[0], f"3EB0{next(ids):08X}"
        show(digits, key, body["text"])
        arrivals.arrive(digits)
        told = {"remoteJid": f"{body['number']}", "fromMe": True, "id": key}
        answer = {"key": told, "status": "PENDING", "messageTimestamp": int(time.time())}
        return web.json_response(answer, status=201)

    async def anything(_: web.Request) -> web.Response:
        return web.json_response({"instance": {"state": "open"}, "messages": {"records": [], "pages": 1}}, status=201)

    app = web.Application()
    app.router.add_post("/message/sendText/{instance}", send_text)
    app.router.add_route("*", "/{path:.*}", anything)
    async with (
        serving(app) as channel,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S)) as webhooks,
        httpx.AsyncClient(timeout=30) as http,
    ):
        system = System(folder, {**environment(folder, broker, channel), **more(channel)}, broker, http)

        async def write(digits: str, text: str) -> str:
            return await post(webhooks, system.ingress, digits, text)

        async def send() -> float:
            digits = f"5551{900000000 + next(numbers)}"
            return await arrivals.round_trip(digits, lambda: write(digits, PRICE))

        await asyncio.to_thread(system.up)
        try:
            yield Line(system, send, write, processes(system, broker))
        finally:
            await asyncio.to_thread(system.assistant, "down", "--wipe", check=False)


def processes(system: System, broker: Broker) -> dict[str, psutil.Process]:
    status = system.status()
    started = [each for each in [*status["services"], *status["dependencies"]] if each["pid"]]
    found = {each["name"]: psutil.Process(each["pid"]) for each in started}
    return found | {"rabbitmq": psutil.Process(broker.pid), "the benchmark": psutil.Process()}


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def environment(folder: Path, broker: Broker, channel: str) -> dict[str, str]:
    return {
        **{key: value for key, value in os.environ.items() if not key.endswith("_PORT")},
        "ASSISTANT_HOME": str(folder),
        "RABBITMQ_URL": broker.url,
        "EVOLUTION_URL": channel,
        "EVOLUTION_API_KEY": "benchmark",
        "EVOLUTION_WEBHOOK_SECRET": SECRET,
        "BURST_WINDOW_S": "0",
        "RATE_LIMIT_PER_HOUR": "0",
        "CHANNEL_PER_USER_S": "0",
        "CHANNEL_PER_NUMBER_S": "0",
        "LOG_LEVEL": "WARNING",
    }


async def post(webhooks: aiohttp.ClientSession, ingress: str, digits: str, text: str) -> str:
    """Raises `aiohttp.ClientError` when ingress does not take it."""
    key = {"remoteJid": f"{digits}@s.whatsapp.net", "fromMe": False, "id": f"3A{time.time_ns():X}"}
    data = {
        "key": key,
        "pushName": "Ana",
        "message": {"conversation": text},
        "messageType": "conversation",
        "messageTimestamp": int(time.time()),
    }
    body = {"event": "messages.upsert", "instance": "kumon", "data": data}
    url, headers = f"{ingress}/webhooks/evolution", {"X-Webhook-Secret": SECRET}
    async with webhooks.post(url, json=body, headers=headers) as answer:
        answer.raise_for_status()
    return key["id"]


def cpu_s(process: psutil.Process) -> float:
    """CPU seconds of a process and its children, those that ended included."""
    family = [process] if process.pid == os.getpid() else [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:4]) for each in family)
