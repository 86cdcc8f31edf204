"""The line beside a bare four-hop FastStream chain, on the same broker, in the same run.

    python benchmarks/line.py [--messages 300] [--json]

A webhook goes in, `sendText` comes out (to a sink in this process); `BURST_WINDOW_S=0`, no rate limits, no AI. Prints
ratios: absolute figures say more about the machine than about the line. CPU per message is that of each process while
the line is saturated, divided by the messages answered.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import bare_chain
import httpx
import psutil
import uvloop
from aiohttp import web
from assistant.testing_system import Broker, System
from faststream import AckPolicy
from faststream.rabbit import Channel

HERE = Path(__file__).parent
IDLE_PAUSE_S = 0.05
IN_FLIGHT = 64
SECRET = "a-secret-of-the-benchmark-32-chars"


@dataclass
class Arrivals:
    """When each message came out at the other end, by its key."""

    waiting: dict[str, asyncio.Event] = field(default_factory=dict)

    async def round_trip(self, key: str, send: Callable[[], Awaitable[None]]) -> float:
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


@dataclass
class Measured:
    """Seconds and messages a second."""

    p50: float
    p99: float
    throughput: float


async def measure(send: Callable[[int], Awaitable[float]], messages: int) -> Measured:
    """Idle latency of one message at a time, then throughput with many in flight."""
    for number in range(20):
        await send(number)  # warm
    idle = []
    for number in range(20, 20 + messages):
        idle.append(await send(number))
        await asyncio.sleep(IDLE_PAUSE_S)
    numbers = iter(range(20 + messages, 20 + 3 * messages))

    async def worker() -> None:
        for number in numbers:
            await send(number)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    throughput = 2 * messages / (time.perf_counter() - began)
    return Measured(statistics.median(idle), statistics.quantiles(idle, n=100)[98], throughput)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def measure_bare(url: str, messages: int) -> Measured:
    """The chain: four hops in four processes."""
    stages = [
        subprocess.Popen([sys.executable, HERE / "bare_chain.py", url, str(n)], stdout=subprocess.PIPE)
        for n in range(bare_chain.HOPS - 1)
    ]
    arrivals = Arrivals()
    inbound, outbound = bare_chain.brokers(url)

    @inbound.subscriber(
        bare_chain.queue(bare_chain.HOPS - 1),
        channel=Channel(prefetch_count=32),
        ack_policy=AckPolicy.REJECT_ON_ERROR,
    )
    async def on_message(message: bare_chain.Message) -> None:
        arrivals.arrive(message.id)

    async def send(number: int) -> float:
        message = bare_chain.Message(id=str(number), sent_at=0)
        return await arrivals.round_trip(
            message.id, lambda: outbound.publish(message, bare_chain.queue(0), persist=True)
        )

    for each in stages:
        each.stdout.readline()
    await outbound.connect()
    await outbound.declare_queue(bare_chain.queue(0))
    await inbound.start()
    try:
        return await measure(send, messages)
    finally:
        await inbound.stop()
        await outbound.stop()
        for each in stages:
            each.kill()
            each.wait()


async def measure_line(
    broker: Broker, folder: Path, messages: int, more: Callable[[str], Mapping[str, str]] = lambda _: {}
) -> tuple[Measured, dict[str, float]]:
    """The line, every service a process of its own; `more` are further variables, given the sink's address."""
    arrivals = Arrivals()
    sent = 0

    async def send_text(request: web.Request) -> web.Response:
        nonlocal sent
        body = await request.json()
        arrivals.arrive(body["number"].split("@")[0])
        sent += 1
        key = {"remoteJid": f"{body['number']}", "fromMe": True, "id": f"3EB0{sent:08X}"}
        answer = {"key": key, "status": "PENDING", "messageTimestamp": int(time.time())}
        return web.json_response(answer, status=201)

    async def anything(_: web.Request) -> web.Response:
        return web.json_response({"instance": {"state": "open"}, "messages": {"records": []}}, status=201)

    app = web.Application()
    app.router.add_post("/message/sendText/{instance}", send_text)
    app.router.add_route("*", "/{path:.*}", anything)
    async with (
        serving(app) as channel,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as webhooks,
        httpx.AsyncClient(timeout=30) as http,
    ):
        system = System(folder, {**environment(folder, broker, channel), **more(channel)}, broker, http)
        await asyncio.to_thread(system.up)
        try:
            status = system.status()
            processes = {
                each["name"]: psutil.Process(each["pid"])
                for each in [*status["services"], *status["dependencies"]]
                if each["pid"]
            } | {"rabbitmq": psutil.Process(broker.pid), "the benchmark": psutil.Process()}
            before: dict[str, float] = {}

            async def send(number: int) -> float:
                if number == 20 + messages:
                    before.update({name: cpu_s(process) for name, process in processes.items()})
                digits = f"5551{900000000 + number}"
                return await arrivals.round_trip(digits, lambda: post(webhooks, system.ingress, digits))

            measured = await measure(send, messages)
            await asyncio.sleep(1)
            after = {name: cpu_s(process) for name, process in processes.items()}
            return measured, {name: (after[name] - before[name]) / (2 * messages) for name in after}
        finally:
            await asyncio.to_thread(system.assistant, "down", "--wipe", check=False)


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


async def post(webhooks: aiohttp.ClientSession, ingress: str, digits: str) -> None:
    key = {"remoteJid": f"{digits}@s.whatsapp.net", "fromMe": False, "id": f"3A{time.time_ns():X}"}
    data = {
        "key": key,
        "pushName": "Ana",
        "message": {"conversation": "quanto custa matemática?"},
        "messageType": "conversation",
        "messageTimestamp": int(time.time()),
    }
    body = {"event": "messages.upsert", "instance": "kumon", "data": data}
    url, headers = f"{ingress}/webhooks/evolution", {"X-Webhook-Secret": SECRET}
    async with webhooks.post(url, json=body, headers=headers) as answer:
        answer.raise_for_status()


def cpu_s(process: psutil.Process) -> float:
    """CPU seconds of a process and its children, those that ended included."""
    family = [process] if process.pid == os.getpid() else [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:4]) for each in family)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        broker = Broker(Path(folder) / "broker")
        broker.start()
        try:
            bare = uvloop.run(measure_bare(broker.url, arguments.messages))
            line, cpu = uvloop.run(measure_line(broker, Path(folder) / "home", arguments.messages))
        finally:
            broker.stop()
    report = {
        "p50": {"line_ms": line.p50 * 1e3, "bare_ms": bare.p50 * 1e3, "ratio": line.p50 / bare.p50},
        "p99": {"line_ms": line.p99 * 1e3, "bare_ms": bare.p99 * 1e3, "ratio": line.p99 / bare.p99},
        "throughput": {
            "line_per_s": line.throughput,
            "bare_per_s": bare.throughput,
            "ratio": line.throughput / bare.throughput,
        },
        "cpu_ms_per_message": {name: seconds * 1e3 for name, seconds in cpu.items()},
    }
    print(json.dumps(report, indent=2) if arguments.json else table(report))


def table(report: dict[str, Any]) -> str:
    lines = [
        f"{name:12} line {row[next(iter(row))]:8.1f}  bare {row[list(row)[1]]:8.1f}  ratio {row['ratio']:.2f}"
        for name, row in report.items()
        if "ratio" in row
    ]
    cpu = report["cpu_ms_per_message"]
    lines += ["", "CPU per message (ms), saturated:"]
    lines += [f"  {name:14} {value:6.2f}" for name, value in sorted(cpu.items(), key=lambda item: -item[1])]
    return "\n".join([*lines, f"  {'all':14} {sum(cpu.values()):6.2f}"])


if __name__ == "__main__":
    main()
