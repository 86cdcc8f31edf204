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
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
from assistant.home import home_of, project_folder
from assistant.load.talking import READING, Waited, converse
from assistant.load.watching import PATIENCE_S, Line, listening
from assistant.plan import read_plan
from assistant.readiness import base_url, client

FIRST = "oi! quanto custa matemática?"
BURST = ("então deixa eu explicar", "meu guri tá penando na escola, me ajuda?")
READS_S = 3.0


async def one(http: httpx.AsyncClient, sandbox: str, line: Line, begins_s: float) -> list[Waited]:
    """Write the first message and the burst; return how long each took."""
    await asyncio.sleep(begins_s)
    return [waited async for waited in converse(http, sandbox, line, [(FIRST,), BURST], lambda: READS_S)]


async def run(conversations: int, over_s: float, delay_s: float) -> dict[str, Any]:
    home = home_of(os.environ, project_folder())
    plan = read_plan(home)
    if plan is None:
        raise SystemExit("nothing runs here: start it with ./assistant up --detach")
    sandbox = base_url(plan, "sandbox")
    async with client(PATIENCE_S) as http, listening(plan.urls["rabbitmq"]) as line:
        script = {"provider": "openai", "replies": [READING], "delay_s": delay_s}
        (await http.post(f"{sandbox}/sandbox/models", json=script)).raise_for_status()
        await one(http, sandbox, line, 0)  # the first of all loads what is loaded at first use
        rng = random.Random(1)  # a benchmark wants to be repeatable, not secret
        begin = [rng.uniform(0, over_s) for _ in range(conversations)]
        done = await asyncio.gather(*(one(http, sandbox, line, at) for at in begin))
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
