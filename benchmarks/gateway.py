"""What the AI gateway adds to a bare call of the provider's own client: same provider, same process, same run.

    python benchmarks/gateway.py [--concurrent 50] [--calls 2500] [--rounds 25] [--latency-s 0.3] [--spread-s 0.3]
                                 [--json] [--proxy URL [--proxy-key KEY] [--proxy-model MODEL]]

The provider is the sandbox, in a process of its own, with a fixed time to the first word. Rounds of bare calls, of the
gateway (masking, reservation and booking in a real PostgreSQL, cache and breakers in a real Redis, facts into an
outbox), of the gateway with its first provider down and known to be, and, with `--proxy`, of the same client calls
through any OpenAI-compatible proxy (`URL` includes `/v1`; it must be set up to ask the sandbox, whose address is
printed) follow each other, so that all meet the same machine. All ask for JSON of a shape, as dialogue does, in one
piece; the two `streamed` ways ask for words, one by one. So many callers ask one question after the other; they begin
evenly spread over `--spread-s`. The provider's fixed time would keep them in step for good otherwise, and each call
queue for the one processor behind all others: `--spread-s 0` measures that burst instead of the way.

The overhead is the difference of the percentiles, which is what a question waits longer; ratios say how much that is of
the call. CPU is that of this process for one call: the figure to look at where a machine has other things to do.

Tried with LiteLLM 1.108 (`litellm[proxy]` in an environment of its own: a `model_list` with `model:
openai/gpt-4o-mini` and the printed address as its `api_base`, a long `general_settings.master_key` given as
`--proxy-key`; start it, then Enter). On two cores that other work shared, 20 calls at a time: the gateway 0.96 to 1.04
times the bare call, the proxy 1.96 times.
"""

import argparse
import asyncio
import json
import logging
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import uvloop
from assistant import testing_stores
from assistant.stores import postgresql, redis
from chassis.service import collect_garbage_seldom
from chassis.testing import Probe
from contracts.llm_gateway import ChatMessage, Complete, PersonalValue
from llm_gateway_service.app import build
from llm_gateway_service.settings import Settings

SYSTEM = "Você é a Cecília, recepcionista do Kumon Vila A. " * 40  # about as long as a real prompt
QUESTION = Complete(
    task="understand",
    messages=(
        ChatMessage(role="system", content=SYSTEM),
        ChatMessage(role="user", content="oi, sou a Ana, quanto custa matemática pro Pedro de 8 anos?"),
    ),
    personal=(PersonalValue(kind="name", value="Ana Souza"), PersonalValue(kind="name", value="Pedro Souza")),
)
REPLY = '{"commands": ["ask_price"], "said": "quer saber quanto custa matemática para uma criança de oito anos"}'
SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {"commands": {"type": "array", "items": {"type": "string"}}, "said": {"type": "string"}},
    "required": ["commands", "said"],
    "additionalProperties": False,
}
MODEL = "gpt-4o-mini"
Call = Callable[[], Awaitable[None]]


@contextmanager
def a_sandbox(latency_s: float) -> Iterator[str]:
    """Run the sandbox's providers; their address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "sandbox"], env={**os.environ, "SANDBOX_PORT": str(port)})
    try:
        scripts = [{"provider": name, "replies": [REPLY], "delay_s": latency_s} for name in ("openai", "anthropic")]
        with httpx.Client(base_url=url, trust_env=False, transport=httpx.HTTPTransport(retries=0)) as http:
            until = time.monotonic() + 60
            while True:
                try:
                    for script in scripts:
                        http.post("/sandbox/models", json=script).raise_for_status()
                except httpx.TransportError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.1)
                else:
                    break
        yield url
    finally:
        process.terminate()
        process.wait(10)


def bare(client: openai.AsyncOpenAI, model: str, *, streamed: bool) -> Call:
    """Return one call of the provider's client, in one piece or word by word."""
    messages: Any = [each.model_dump() for each in QUESTION.messages]
    shape: Any = {"type": "json_schema", "json_schema": {"name": "understand", "schema": SHAPE, "strict": True}}

    async def call() -> None:
        if not streamed:
            whole = await client.chat.completions.create(
                model=model, messages=messages, max_completion_tokens=400, response_format=shape
            )
            said = whole.choices[0].message.content or ""
        else:
            stream = await client.chat.completions.create(
                model=model, messages=messages, max_completion_tokens=400, stream=True
            )
            pieces = [choice.delta.content or "" async for chunk in stream for choice in chunk.choices]
            said = "".join(pieces)
        if said != REPLY:
            raise RuntimeError("another answer than the sandbox gave")

    return call


@asynccontextmanager
async def a_gateway(
    url: str, stores: dict[str, Any], folder: Path, *, streamed: bool = False, first_is_down: bool = False
) -> AsyncIterator[Call]:
    """Run the service without a broker; one of its questions. With the first provider down, the second one answers."""
    question = QUESTION if streamed else QUESTION.model_copy(update={"json_schema": SHAPE})
    reply = REPLY if streamed else json.loads(REPLY)
    unit = folder / "unit.toml"
    unit.write_text("[ai_budget]\nwarning_brl = 1000.00\ncritical_brl = 1000.00\nlimit_brl = 1000.00\n")
    settings = Settings(
        rabbitmq_url="amqp://localhost/",  # type: ignore[arg-type]
        database_url=stores["database"],  # type: ignore[arg-type]
        redis_url=stores["redis"],  # type: ignore[arg-type]
        unit_file=unit,
        openai_api_key="k",  # type: ignore[arg-type]
        openai_base_url="http://127.0.0.1:9/v1" if first_is_down else f"{url}/openai/v1",
        openai_model=MODEL,
        anthropic_api_key="k" if first_is_down else None,  # type: ignore[arg-type]
        anthropic_base_url=f"{url}/anthropic",
    )
    service = build(settings)
    async with Probe(service.line, service.store) as probe:

        async def call() -> None:
            answer = await probe.ask(question)
            if reply not in (answer.text, answer.data):
                raise RuntimeError(f"no answer: {answer.refusal}")

        yield call
        background = service._background[0].__self__  # type: ignore[attr-defined]  # noqa: SLF001  # a bound method
        await background.asking.closing.all_closed()


async def round_of(call: Call, calls: int, concurrent: int, spread_s: float = 0.0) -> list[float]:
    """Make calls, so many at a time, the first ones spread evenly over a time; how long each took, in ms."""
    took: list[float] = []
    left = iter(range(calls))

    async def work(number: int) -> None:
        await asyncio.sleep(spread_s * number / concurrent)
        for _ in left:
            began = time.perf_counter()
            await call()
            took.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*map(work, range(concurrent)))
    return took


def percentiles(took: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=100)
    return {"p50_ms": statistics.median(took), "p90_ms": cuts[89], "p99_ms": cuts[98]}


async def measure(arguments: argparse.Namespace, url: str, stores: dict[str, Any], folder: Path) -> dict[str, Any]:
    async with (
        openai.AsyncOpenAI(api_key="k", base_url=f"{url}/openai/v1", max_retries=1) as client,
        openai.AsyncOpenAI(api_key=arguments.proxy_key, base_url=arguments.proxy or url, max_retries=1) as proxy,
        a_gateway(url, stores, folder) as gateway,
        a_gateway(url, stores, folder, streamed=True) as gateway_streamed,
        a_gateway(url, stores | {"redis": None}, folder, first_is_down=True) as failed_over,
    ):
        ways = {
            "bare": bare(client, MODEL, streamed=False),
            "bare_streamed": bare(client, MODEL, streamed=True),
            "gateway": gateway,
            "gateway_streamed": gateway_streamed,
            "failed_over": failed_over,
        }
        if arguments.proxy:
            ways["proxy"] = bare(proxy, arguments.proxy_model, streamed=False)
        took: dict[str, list[float]] = {name: [] for name in ways}
        cpu_s = dict.fromkeys(ways, 0.0)
        for call in ways.values():
            await round_of(call, arguments.concurrent, arguments.concurrent)  # connections, first imports
        for _ in range(arguments.rounds):
            for name, call in ways.items():
                began = time.process_time()
                calls = arguments.calls // arguments.rounds
                took[name] += await round_of(call, calls, arguments.concurrent, arguments.spread_s)
                cpu_s[name] += time.process_time() - began
    measured = {name: percentiles(each) | {"cpu_ms": cpu_s[name] / len(each) * 1000} for name, each in took.items()}
    for name in measured.keys() - {"bare"}:
        for key in ("p50_ms", "p90_ms", "p99_ms"):
            measured[name][f"over_{key}"] = measured[name][key] - measured["bare"][key]
        measured[name]["ratio_p50"] = measured[name]["p50_ms"] / measured["bare"]["p50_ms"]
    return measured


def report(measured: dict[str, Any]) -> None:
    print(f"{'ms':18}{'p50':>9}{'p90':>9}{'p99':>9}{'CPU':>7}   over bare:{'p50':>8}{'p90':>8}{'p99':>8}{'ratio':>8}")
    for name, each in measured.items():
        line = f"{name:18}{each['p50_ms']:9.1f}{each['p90_ms']:9.1f}{each['p99_ms']:9.1f}{each['cpu_ms']:7.1f}"
        if "over_p50_ms" in each:
            line += f"{'':13}{each['over_p50_ms']:8.1f}{each['over_p90_ms']:8.1f}{each['over_p99_ms']:8.1f}"
            line += f"{each['ratio_p50']:8.3f}"
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--concurrent", type=int, default=50)
    parser.add_argument("--calls", type=int, default=2500)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--latency-s", type=float, default=0.3)
    parser.add_argument("--spread-s", type=float, default=0.3)
    parser.add_argument("--proxy")
    parser.add_argument("--proxy-key", default="k")
    parser.add_argument("--proxy-model", default=MODEL)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = stack.enter_context(testing_stores.running_stores([postgresql.NAME, redis.NAME], folder))
        database = stack.enter_context(testing_stores.new_database(servers[postgresql.NAME]))
        url = stack.enter_context(a_sandbox(arguments.latency_s))
        if arguments.proxy and not arguments.json:
            print(f"the proxy must ask {url}/openai/v1")
            input("press Enter once it does ")
        stores = {"database": database, "redis": servers[redis.NAME]}
        collect_garbage_seldom()  # as a service does
        measured = uvloop.run(measure(arguments, url, stores, folder))
    if arguments.json:
        print(json.dumps(measured, indent=2))
    else:
        report(measured)


if __name__ == "__main__":
    main()
