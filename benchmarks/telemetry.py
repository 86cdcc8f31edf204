"""What telemetry costs the line: none of it, the default sampling, and every trace kept, in one run.

    python benchmarks/telemetry.py [--messages 300] [--rounds 2] [--json]

The line of `line.py`, each time a new installation; traces and metrics go by OTLP to a sink in this process, traces
into the local store too. Prints ratios to "off": throughput, and CPU per message of the eight services, the median of
the rounds. The order changes from round to round, since a machine that others use is not the same all the time.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import uvloop
from assistant.testing_system import SERVICES, Broker
from chains import line, saturate

SETTINGS: dict[str, Callable[[str], Mapping[str, str]]] = {
    "off": lambda _: {"OTEL_SDK_DISABLED": "true"},
    "default": lambda sink: {"OTEL_EXPORTER_OTLP_ENDPOINT": sink},
    "every trace": lambda sink: {"OTEL_EXPORTER_OTLP_ENDPOINT": sink, "OTEL_TRACES_SAMPLER": "always_on"},
}


async def measure(
    broker: Broker, home: Path, messages: int, more: Callable[[str], Mapping[str, str]]
) -> tuple[float, dict[str, float]]:
    """Saturate a line; messages a second, and each process's CPU seconds a message."""
    async with line(broker, home, more) as the_line:
        await saturate(the_line.send, messages)  # warm
        before = the_line.cpu_s()
        throughput = await saturate(the_line.send, 2 * messages)
        await asyncio.sleep(1)
        after = the_line.cpu_s()
    return throughput, {name: (after[name] - before[name]) / (2 * messages) for name in after}


def run(messages: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return messages a second and CPU milliseconds a message, by setting, one figure a round."""
    told: dict[str, dict[str, list[float]]] = {name: {"throughput": [], "cpu_ms": []} for name in SETTINGS}
    for nth in range(rounds):
        order = list(SETTINGS)[nth % len(SETTINGS) :] + list(SETTINGS)[: nth % len(SETTINGS)]
        for name in order:
            with tempfile.TemporaryDirectory(prefix="telemetry-") as folder:
                broker = Broker(Path(folder) / "broker")
                broker.start()
                try:
                    home = Path(folder) / "home"
                    throughput, cpu = uvloop.run(measure(broker, home, messages, SETTINGS[name]))
                finally:
                    broker.stop()
            told[name]["throughput"].append(throughput)
            told[name]["cpu_ms"].append(1e3 * sum(cpu[service] for service in SERVICES))
    return told


def compared(told: Mapping[str, Mapping[str, list[float]]]) -> dict[str, Any]:
    """Return each setting's medians, and their ratios to those without telemetry."""
    medians = {name: {what: statistics.median(values) for what, values in row.items()} for name, row in told.items()}
    return {
        name: {**row, **{f"{what}_ratio": value / medians["off"][what] for what, value in row.items()}}
        for name, row in medians.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = compared(run(arguments.messages, arguments.rounds))
    if arguments.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{'':12} {'messages/s':>10} {'ratio':>6} {'CPU ms':>7} {'ratio':>6}")
    for name, row in report.items():
        print(
            f"{name:12} {row['throughput']:10.1f} {row['throughput_ratio']:6.2f} "
            f"{row['cpu_ms']:7.2f} {row['cpu_ms_ratio']:6.2f}"
        )


if __name__ == "__main__":
    main()
