"""Turns that a model helps with, on a running system: how long parents wait, with and without the burst window.

    ASSISTANT_HOME=… ./assistant up --detach
    ASSISTANT_HOME=… python benchmarks/ai_turns.py [--conversations 50] [--over-s 20] [--delay-ms 800] [--json]

Every conversation begins with a question that templates answer; then comes a burst that only a model understands. The
sandbox's provider takes `--delay-ms` for each answer. Conversations begin spread over `--over-s` seconds, since one
number sends no more than 20 messages a second.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aio_pika
import httpx
from assistant.home import home_of, project_folder
from assistant.plan import read_plan
from assistant.readiness import base_url, client
from assistant.replaying.stage import a_new_phone
from chassis.topology import EVENTS
from contracts import Event, conversation_id
from contracts.dialogue import TurnClosed
from contracts.postprocessor import ReplyDelivered

FIRST = "oi! quanto custa matemática?"
BURST = ("então deixa eu explicar", "meu guri tá penando na escola, me ajuda?")
READING = {"commands": ["ask_method"], "values": [], "option": None}
BETWEEN_S = 1.5
READS_S = 3.0
PATIENCE_S = 60.0


@dataclass
class Heard:
    """What the line said of one conversation: its closed turns, and when replies had been delivered."""

    closed: list[TurnClosed] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def replies(self, count: int) -> float:
        """Wait for so many replies; return when the last of them had been delivered."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.delivered) < count or len(self.closed) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.delivered[count - 1]


@dataclass(frozen=True)
class Waited:
    """One answer: seconds from the last message to its delivery, of these the burst window, and its turn."""

    total_s: float
    window_s: float
    turn: TurnClosed


@asynccontextmanager
async def listening(url: str, heard: dict[str, Heard]) -> AsyncIterator[None]:
    facts: dict[str, Any] = {fact.routing_key(): fact for fact in (TurnClosed, ReplyDelivered)}
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        for key in facts:
            await queue.bind(EVENTS.name, key)

        async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            now = time.monotonic()
            event = Event.from_wire(message.body, facts[message.routing_key or ""])
            one = heard.setdefault(event.subject, Heard())
            if isinstance(event.data, TurnClosed):
                one.closed.append(event.data)
            else:
                one.delivered.append(now)
            one.changed.set()

        await queue.consume(take, no_ack=True)
        yield


async def converse(http: httpx.AsyncClient, sandbox: str, heard: dict[str, Heard], begins_s: float) -> list[Waited]:
    """Write the first message and the burst; return how long each took."""
    await asyncio.sleep(begins_s)
    phone = a_new_phone()
    one = heard.setdefault(conversation_id(phone), Heard())
    waited = []
    for nth, texts in enumerate(((FIRST,), BURST), start=1):
        written = []
        for place, text in enumerate(texts):
            await asyncio.sleep(BETWEEN_S if place else 0)
            written.append(time.monotonic())
            body = {"phone": phone, "name": "Responsável", "text": text}
            (await http.post(f"{sandbox}/sandbox/messages", json=body)).raise_for_status()
        delivered = await one.replies(nth)
        turn = one.closed[nth - 1]
        window_s = max(turn.window_s - (written[-1] - written[0]), 0.0)
        waited.append(Waited(delivered - written[-1], window_s, turn))
        await asyncio.sleep(READS_S)
    return waited


async def run(conversations: int, over_s: float, delay_s: float) -> dict[str, Any]:
    home = home_of(os.environ, project_folder())
    plan = read_plan(home)
    if plan is None:
        raise SystemExit("nothing runs here: start it with ./assistant up --detach")
    sandbox, heard = base_url(plan, "sandbox"), dict[str, Heard]()
    async with client(PATIENCE_S) as http, listening(plan.urls["rabbitmq"], heard):
        script = {"provider": "openai", "replies": [READING], "delay_s": delay_s}
        (await http.post(f"{sandbox}/sandbox/models", json=script)).raise_for_status()
        await converse(http, sandbox, heard, 0)  # the first of all loads what is loaded at first use
        rng = random.Random(1)  # a benchmark wants to be repeatable, not secret
        begin = [rng.uniform(0, over_s) for _ in range(conversations)]
        done = await asyncio.gather(*(converse(http, sandbox, heard, at) for at in begin))
    return report([first for first, _ in done], [burst for _, burst in done])


def report(firsts: Sequence[Waited], bursts: Sequence[Waited]) -> dict[str, Any]:
    return {
        "conversations": len(firsts),
        "first_message": figures(firsts),
        "turn_with_the_model": figures(bursts),
        "routes": dict(Counter(f"{each.turn.route}: {each.turn.reason}" for each in bursts)),
    }


def figures(waited: Sequence[Waited]) -> dict[str, float]:
    """Means and 95th percentiles, in seconds."""
    totals, windows = [each.total_s for each in waited], [each.window_s for each in waited]
    return {
        "mean_s": round(statistics.mean(totals), 3),
        "p95_s": round(statistics.quantiles(totals, n=20)[18], 3),
        "burst_window_s": round(statistics.mean(windows), 3),
        "without_window_s": round(statistics.mean(totals) - statistics.mean(windows), 3),
        "dialogue_s": round(statistics.mean(each.turn.work_s for each in waited), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=50)
    parser.add_argument("--over-s", type=float, default=20)
    parser.add_argument("--delay-ms", type=int, default=800)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = asyncio.run(run(arguments.conversations, arguments.over_s, arguments.delay_ms / 1000))
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    for name in ("first_message", "turn_with_the_model"):
        print(name.replace("_", " "), " ".join(f"{key}={value}" for key, value in found[name].items()))
    print("routes", found["routes"])


if __name__ == "__main__":
    main()
