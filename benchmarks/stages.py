"""How long the stages take under a steady load: ingress alone, then all of them at 60 % of what saturates the line.

    python benchmarks/stages.py [--per-s 300] [--for-s 20] [--json]

First ingress alone, with so many webhooks a second, each sent at its time however long the others take: the services
behind it are frozen, since two cores cannot carry that much through all of them. Then the whole line, as `line.py` has
it: its saturation is measured, and 60 % of that is sent. Printed are p50 and p99 in ms: of a webhook until its 200; of
preprocessor and postprocessor from the fact that they get to the one that they give, waiting in the queue included (the
channel answers at once); of the front desk's API, asked for a contact ten times a second.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import uvloop
from ages import ages_s
from assistant.chaos.breaking import connected
from assistant.home import Home
from assistant.plan import read_plan
from assistant.testing_system import ROOT, SERVICES, Broker
from chains import PRICE, Line, line, saturate, steadily
from parents import now

WARM_UP = 600
SHARE = 0.6
API_EVERY_S = 0.1


async def alone(the_line: Line, webhook: Callable[[], Awaitable[None]], per_s: float, for_s: float) -> list[float]:
    """Measure ingress while the services behind it stand still."""
    others = [process for name, process in the_line.processes.items() if name in SERVICES and name != "ingress"]
    for process in others:
        process.suspend()
    try:
        await steadily(webhook, per_s, 1)  # warm
        return await steadily(webhook, per_s, for_s)
    finally:
        for process in others:
            process.resume()


async def run(broker: Broker, folder: Path, per_s: float, for_s: float) -> dict[str, Any]:
    numbers = itertools.count()
    async with (
        line(broker, folder) as the_line,
        httpx.AsyncClient(base_url=the_line.system.frontdesk, headers=the_line.system.bearer()) as api,
    ):

        async def webhook() -> None:
            await the_line.write(f"5551{800000000 + next(numbers)}", PRICE)

        async def contact() -> None:
            (await api.get("/api/v1/contacts/+5551900000000")).raise_for_status()

        saturation = await saturate(the_line.send, WARM_UP)
        saturation = await saturate(the_line.send, WARM_UP)
        await asyncio.sleep(2)
        began_at = now()
        async with asyncio.TaskGroup() as group:
            calls = group.create_task(steadily(contact, 1 / API_EVERY_S, for_s))
            messages = await steadily(the_line.send, SHARE * saturation, for_s)
        await asyncio.sleep(2)
        async with connected(read_plan(Home(the_line.system.home, ROOT)).urls["postgresql"]) as database:
            ages = await ages_s(database, began_at)
        found = {
            "all of them": {
                "per_s": SHARE * saturation,
                "message": percentiles(messages),
                "frontdesk API": percentiles(calls.result()),
                **{stage: percentiles(ages[stage]) for stage in ("preprocessor", "postprocessor")},
            }
        }
        found["ingress alone"] = {
            "per_s": per_s,
            "webhook": percentiles(await alone(the_line, webhook, per_s, for_s)),
        }
    return found


def percentiles(seconds: Iterable[float]) -> dict[str, float]:
    """Return p50 and p99 in ms."""
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50": cuts[49] * 1e3, "p99": cuts[98] * 1e3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-s", type=float, default=300)
    parser.add_argument("--for-s", type=float, default=20)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stages-") as folder:
        broker = Broker(Path(folder) / "broker")
        broker.start()
        try:
            found = uvloop.run(run(broker, Path(folder) / "home", arguments.per_s, arguments.for_s))
        finally:
            broker.stop()
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    for load, rows in found.items():
        print(f"{load}, {rows.pop('per_s'):.0f} a second:")
        for name, row in rows.items():
            print(f"  {name:16} p50 {row['p50']:7.1f} ms  p99 {row['p99']:7.1f} ms")


if __name__ == "__main__":
    main()
