"""What 10, 1,000 and 100,000 units would take, simulated from costs that were measured here.

    ./assistant load --per-s 4 --for-s 120 --think-s 2 --json > costs.json     (on a quiet machine, BURST_WINDOW_S=0)
    python benchmarks/scaling.py costs.json [--seconds 30] [--json]

A discrete-event simulation (SimPy): turns arrive at random at the rate of the busiest minute, pass the services in
their order, and take of each the CPU time that was measured, exponentially spread. A copy of a service works on one
thing at a time, as its event loop does; the broker and the database are as many cores as they are given. Copies are
chosen so that none is busier than 60 %. One database and one broker carry what 16 cores of them carry at 60 %; beyond,
units are spread over cells, each with stores of its own, and one cell is simulated. Not simulated: the network between
machines, disks slower than this one's, a cluster's replication.
"""

import argparse
import json
import math
import random
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import simpy

WAY = ("ingress", "preprocessor", "dialogue", "rules", "postprocessor")
BESIDE = ("frontdesk",)
STORES = ("rabbitmq", "postgresql")
UNITS = (10, 1_000, 100_000)

TURNS_A_DAY = 240
"""Of one unit: 40 conversations of six turns. A guess on the high side: the aim is three qualified leads a day."""
BUSIEST_HOUR = 0.10
"""Share of a day's turns."""
BUSIEST_MINUTE = 3.0
"""Times the mean of that hour."""
MOST_BUSY = 0.6
CORES_OF_A_STORE = 16


@dataclass(frozen=True)
class Costs:
    """Of one turn: CPU seconds in each process. Of one copy: MB at the end of the load."""

    cpu_s: Mapping[str, float]
    memory_mb: Mapping[str, float]


@dataclass(frozen=True)
class Plan:
    """What so many units take: cells, and in each the rate of its busiest minute, copies and cores of the stores."""

    units: int
    cells: int
    turns_per_s: float
    servers: Mapping[str, int]


def read(file: Path) -> Costs:
    """Read what `assistant load --json` printed."""
    told = json.loads(file.read_text(encoding="utf-8"))
    return Costs(
        cpu_s={name: told["cpu_ms_per_turn"][name] / 1e3 for name in (*WAY, *BESIDE, *STORES)},
        memory_mb={name: told["memory_mb"][name]["at_end"] for name in (*WAY, *BESIDE)},
    )


def plan(units: int, costs: Costs) -> Plan:
    """Choose cells and copies by the busiest minute."""
    total = units * TURNS_A_DAY * BUSIEST_HOUR / 3600 * BUSIEST_MINUTE
    a_cell_carries = min(CORES_OF_A_STORE * MOST_BUSY / costs.cpu_s[store] for store in STORES)
    cells = math.ceil(total / a_cell_carries)
    rate = total / cells
    servers = {name: max(1, math.ceil(rate * cost / MOST_BUSY)) for name, cost in costs.cpu_s.items()}
    return Plan(units, cells, rate, servers)


def simulate(chosen: Plan, costs: Costs, seconds: float, rng: random.Random) -> list[float]:
    """Return the seconds that each turn of a cell took from its webhook to its sending, waiting included."""
    world = simpy.Environment()
    servers = {name: simpy.Resource(world, capacity=count) for name, count in chosen.servers.items()}
    took: list[float] = []

    def work(name: str, share: float = 1.0) -> Iterator[Any]:
        with servers[name].request() as mine:
            yield mine
            yield world.timeout(rng.expovariate(1 / (costs.cpu_s[name] * share)))

    def turn() -> Iterator[Any]:
        began = world.now
        for name in WAY:
            yield from work(name)
            for store in STORES:
                yield from work(store, 1 / len(WAY))
        took.append(world.now - began)
        for name in BESIDE:
            yield from work(name)

    def arrivals() -> Iterator[Any]:
        while world.now < seconds:
            yield world.timeout(rng.expovariate(chosen.turns_per_s))
            world.process(turn())

    world.process(arrivals())
    world.run(until=seconds * 2)
    return took


def figures(units: int, costs: Costs, seconds: float) -> dict[str, Any]:
    chosen = plan(units, costs)
    enough = max(seconds, 200 / chosen.turns_per_s)  # a hundredth of 200 turns is two
    took = simulate(chosen, costs, enough, random.Random(units))
    busy = {name: chosen.turns_per_s * cost / chosen.servers[name] for name, cost in costs.cpu_s.items()}
    services = [name for name in chosen.servers if name not in STORES]
    return {
        "units": units,
        "cells": chosen.cells,
        "turns_per_s_of_a_cell": round(chosen.turns_per_s, 2),
        "servers_of_a_cell": dict(chosen.servers),
        "busiest": max(busy, key=lambda name: busy[name]),
        "p50_ms": round(statistics.median(took) * 1e3, 1),
        "p99_ms": round(statistics.quantiles(took, n=100)[98] * 1e3, 1),
        "cores_in_all": round(chosen.cells * chosen.turns_per_s * sum(costs.cpu_s.values()) / MOST_BUSY, 1),
        "memory_gb_in_all": round(
            chosen.cells * sum(chosen.servers[name] * costs.memory_mb[name] for name in services) / 1e3, 1
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("costs", type=Path)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    costs = read(arguments.costs)
    found = [figures(units, costs, arguments.seconds) for units in UNITS]
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    for each in found:
        print(f"{each['units']:>7} units: " + ", ".join(f"{key} {value}" for key, value in list(each.items())[1:]))


if __name__ == "__main__":
    main()
