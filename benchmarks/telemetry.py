"""What telemetry costs the line: none of it, the default sampling, and every trace kept, in one run.

    python benchmarks/telemetry.py [--messages 200] [--rounds 12] [--json]

Three lines of `line.py`, each an installation and a broker of its own, stand beside each other and are saturated in
turns, a second or two at a time, since a machine that others use is not the same for long; traces and metrics go by
OTLP to a sink in this process, traces into the local store too. Prints ratios to "off", each of the same round, their
median and spread: throughput, and CPU per message of the eight services.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from assistant.testing_system import SERVICES, Broker
from chains import Line, line, saturate

SETTLES_S = 0.5
"""Until what is gathered and told later is done, too."""
SETTINGS: dict[str, Callable[[str], Mapping[str, str]]] = {
    "off": lambda _: {"OTEL_SDK_DISABLED": "true"},
    "default": lambda sink: {"OTEL_EXPORTER_OTLP_ENDPOINT": sink},
    "every trace": lambda sink: {"OTEL_EXPORTER_OTLP_ENDPOINT": sink, "OTEL_TRACES_SAMPLER": "always_on"},
}


@dataclass
class Told:
    """Of one setting, a figure a round: messages a second, and the eight services' CPU milliseconds a message."""

    throughput: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


async def take_turns(lines: Mapping[str, Line], messages: int, rounds: int) -> dict[str, Told]:
    """Saturate each line in each round, every time in another order."""
    told = {name: Told() for name in lines}
    for the_line in lines.values():
        await saturate(the_line.send, 2 * messages)  # warm
    for nth in range(rounds):
        order = list(lines)[nth % len(lines) :] + list(lines)[: nth % len(lines)]
        for name in order:
            before = lines[name].cpu_s()
            told[name].throughput.append(await saturate(lines[name].send, messages))
            await asyncio.sleep(SETTLES_S)
            after = lines[name].cpu_s()
            told[name].cpu_ms.append(1e3 * sum(after[each] - before[each] for each in SERVICES) / messages)
    return told


async def measure(folder: Path, brokers: Mapping[str, Broker], messages: int, rounds: int) -> dict[str, Told]:
    async with AsyncExitStack() as stack:
        lines = {
            name: await stack.enter_async_context(line(broker, folder / name / "home", SETTINGS[name]))
            for name, broker in brokers.items()
        }
        return await take_turns(lines, messages, rounds)


def run(messages: int, rounds: int) -> dict[str, Told]:
    with tempfile.TemporaryDirectory(prefix="telemetry-") as folder, ExitStack() as stack:
        brokers = {name: Broker(Path(folder) / name / "broker") for name in SETTINGS}
        for broker in brokers.values():
            broker.start()
            stack.callback(broker.stop)
        return uvloop.run(measure(Path(folder), brokers, messages, rounds))


def compared(told: Mapping[str, Told]) -> dict[str, Any]:
    """Return each setting's medians, and how each round of it compares with the same round without telemetry."""
    off = told["off"]
    return {
        name: {
            "throughput": statistics.median(row.throughput),
            "throughput_ratio": quartiles(row.throughput, off.throughput),
            "cpu_ms": statistics.median(row.cpu_ms),
            "cpu_ms_ratio": quartiles(row.cpu_ms, off.cpu_ms),
        }
        for name, row in told.items()
    }


def quartiles(values: Sequence[float], others: Sequence[float]) -> tuple[float, float, float]:
    """Return the quartiles of the ratios of neighbours."""
    lower, middle, upper = statistics.quantiles((a / b for a, b in zip(values, others, strict=True)), n=4)
    return lower, middle, upper


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = compared(run(arguments.messages, arguments.rounds))
    if arguments.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{'':12} {'messages/s':>10} {'ratio (quartiles)':>22} {'CPU ms':>7} {'ratio (quartiles)':>22}")
    for name, row in report.items():
        throughput, cpu = (
            f"{middle:.2f} ({lower:.2f} to {upper:.2f})"
            for lower, middle, upper in (row["throughput_ratio"], row["cpu_ms_ratio"])
        )
        print(f"{name:12} {row['throughput']:10.1f} {throughput:>22} {row['cpu_ms']:7.2f} {cpu:>22}")


if __name__ == "__main__":
    main()
