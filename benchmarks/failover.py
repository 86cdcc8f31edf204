"""How much longer an answer takes when the first provider is in trouble: before its breaker knows, and once it does.

    python benchmarks/failover.py [--calls 40] [--latency-s 0.3] [--fault dead --fault hang …] [--json]

The providers are the sandbox's, in a process of its own; each answers after `--latency-s`. The gateway runs as in
`gateway.py`, on real stores, with all its defaults, every question within dialogue's time (5 s). For each fault a
gateway of its own is asked by two parents at a time until the breaker of the first provider is open, then `--calls`
times more. The added delay is the difference to a healthy pair of providers in the same run, whose answers are asked
for between two faults, so that all meet the same machine. Every answer must be the right one.
"""

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import uvloop
from assistant import testing_stores
from assistant.stores import postgresql
from chassis import rpc
from chassis.service import collect_garbage_seldom
from chassis.testing import Probe
from contracts.llm_gateway import ChatMessage, Complete
from gateway import SHAPE, a_sandbox
from llm_gateway_service.app import build
from llm_gateway_service.gateway import Gateway
from llm_gateway_service.settings import Settings

WITHIN_S = 5.0
AT_ONCE = 2
MOST_BEFORE = 40
"""Questions until a breaker must be open."""
FAULTS: dict[str, dict[str, Any]] = {
    "healthy": {},
    "dead": {"dead": True},
    "hang": {"fault": "hang"},
    "slow": {"delay_s": 2.8},
    "rate_limited": {"fault": "http_429", "retry_after_s": 30},
    "server": {"fault": "http_500"},
    "overloaded": {"fault": "http_529"},
    "invalid_json": {"fault": "malformed"},
    "wrong_shape": {"fault": "wrong_shape"},
    "english": {"fault": "foreign", "in_words": True},
    "wrong_price": {"fault": "invented", "in_words": True},
}
WORDS = "Olá! Que bom ter você aqui na unidade."
DATA = {"commands": ["ask_method"], "said": "quer saber como funciona"}
MESSAGES = (
    ChatMessage(role="system", content="Você é a Cecília, recepcionista de uma unidade do Kumon. " * 30),
    ChatMessage(role="user", content="oi, me ajuda?"),
)


@dataclass(frozen=True)
class Parents:
    """Ask a running gateway."""

    probe: Probe
    gateway: Gateway
    question: Complete

    async def ask(self, times: int) -> list[float]:
        """Ask so many times, two at a time; how long each took, in ms."""
        left = iter(range(times))

        async def one() -> list[float]:
            return [await self._ask() for _ in left]

        return list(chain.from_iterable(await asyncio.gather(*(one() for _ in range(AT_ONCE)))))

    async def ask_until_known(self) -> list[float]:
        """Ask until the first provider is left alone."""
        took = await self.ask(AT_ONCE)
        while not await self._is_known() and len(took) < MOST_BEFORE:
            took += await self.ask(AT_ONCE)
        return took

    async def _is_known(self) -> bool:
        states = await self.gateway.asking.calling.breakers.states()
        return {"dependency": "openai", "state": "open"} in states

    async def _ask(self) -> float:
        rpc._deadline.set(time.time() + WITHIN_S)  # noqa: SLF001  # as the line sets it for a question
        began = time.perf_counter()
        answer = await self.probe.ask(self.question)
        took_ms = (time.perf_counter() - began) * 1000
        if (answer.text or answer.data) not in (WORDS, DATA):
            raise RuntimeError(f"no right answer: {answer.refusal}")
        return took_ms


@asynccontextmanager
async def a_gateway(url: str, database: str, unit: Path, about: dict[str, Any]) -> AsyncIterator[Parents]:
    """Run the service."""
    settings = Settings(
        rabbitmq_url="amqp://localhost/",
        database_url=database,
        unit_file=unit,
        openai_api_key="k",
        openai_base_url="http://127.0.0.1:9/v1" if about.get("dead") else f"{url}/openai/v1",
        anthropic_api_key="k",
        anthropic_base_url=f"{url}/anthropic",
    )
    in_words = about.get("in_words", False)
    question = Complete(
        task="phrase" if in_words else "understand", messages=MESSAGES, json_schema=None if in_words else SHAPE
    )
    service = build(settings)
    async with Probe(service.line, service.store) as probe:
        gateway = service._background[0].__self__  # type: ignore[attr-defined]  # noqa: SLF001  # a bound method
        yield Parents(probe, gateway, question)
        await gateway.asking.closing.all_closed()


async def script(url: str, about: dict[str, Any], latency_s: float) -> None:
    """Tell the sandbox's providers what to do; the second one is always well."""
    replies = [WORDS if about.get("in_words") else DATA]
    faults = {key: value for key, value in about.items() if key in {"fault", "delay_s", "retry_after_s"}}
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        for provider, more in (("openai", faults), ("anthropic", {})):
            body = {"provider": provider, "replies": replies, "delay_s": latency_s, **more}
            (await http.post("/sandbox/models", json=body)).raise_for_status()


async def measure(arguments: argparse.Namespace, url: str, database: str, folder: Path) -> dict[str, dict[str, float]]:
    unit = folder / "unit.toml"
    unit.write_text("[ai_budget]\nwarning_brl = 1000.00\ncritical_brl = 1000.00\nlimit_brl = 1000.00\n")
    healthy: list[float] = []
    before: dict[str, list[float]] = {}
    after: dict[str, list[float]] = {}
    for name in arguments.fault or [each for each in FAULTS if each != "healthy"]:
        for each in ("healthy", name):
            await script(url, FAULTS[each], arguments.latency_s)
            async with a_gateway(url, database, unit, FAULTS[each]) as parents:
                if each == "healthy":
                    await parents.ask(AT_ONCE)  # connections, first imports
                    healthy += await parents.ask(arguments.calls)
                else:
                    before[name] = await parents.ask_until_known()
                    after[name] = await parents.ask(arguments.calls)
    usual = figures(healthy)
    found: dict[str, dict[str, float]] = {"healthy": usual}
    for name, took in before.items():
        early, late = figures(took), figures(after[name])
        found[name] = {f"before_{key}": early[key] - usual[key] for key in ("p50_ms", "p99_ms")}
        found[name] |= {f"known_{key}": late[key] - usual[key] for key in ("p50_ms", "p99_ms")}
        found[name] |= {"questions_before": len(took), "longest_ms": max(*took, *after[name])}
    return found


def figures(took: list[float]) -> dict[str, float]:
    return {"p50_ms": statistics.median(took), "p99_ms": statistics.quantiles(took, n=100, method="inclusive")[98]}


def report(found: dict[str, dict[str, float]]) -> None:
    usual = found.pop("healthy")
    print(f"healthy: p50 {usual['p50_ms']:.0f} ms, p99 {usual['p99_ms']:.0f} ms; beside that, in ms:")
    print(f"{'':14}{'before':>8}{'p50':>7}{'p99':>7}{'known':>9}{'p50':>7}{'p99':>7}{'longest':>10}")
    for name, each in found.items():
        line = f"{name:14}{each['questions_before']:8.0f}{each['before_p50_ms']:7.0f}{each['before_p99_ms']:7.0f}"
        print(f"{line}{each['known_p50_ms']:16.0f}{each['known_p99_ms']:7.0f}{each['longest_ms']:10.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--latency-s", type=float, default=0.3)
    parser.add_argument("--fault", action="append", choices=[each for each in FAULTS if each != "healthy"])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    logging.disable(logging.ERROR)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = stack.enter_context(testing_stores.running_stores([postgresql.NAME], folder))
        database = stack.enter_context(testing_stores.new_database(servers[postgresql.NAME]))
        url = stack.enter_context(a_sandbox(arguments.latency_s))
        collect_garbage_seldom()  # as a service does
        found = uvloop.run(measure(arguments, url, database, folder))
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        report(found)


if __name__ == "__main__":
    main()
