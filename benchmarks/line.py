"""The line beside a bare four-hop FastStream chain, on the same broker, in the same run.

    python benchmarks/line.py [--messages 300] [--rounds 5] [--json]

A webhook goes in, `sendText` comes out (to a sink in this process); `BURST_WINDOW_S=0`, no rate limits, no AI. Both
chains stand at once and are measured in turns, since a machine that others use is not the same all the time: message by
message when idle, then in rounds with many messages in flight. Prints ratios: absolute figures say more about the
machine than about the line. CPU per message is that of each process while the line is saturated.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from assistant.testing_system import Broker
from chains import Line, Send, bare, line, saturate

WARM_UP = 20
PAUSE_S = 0.05
REST_S = 1.0
"""Until a round's last message is worked everywhere, the front desk included."""
BARE_MESSAGES = 4
"""How many messages the bare chain gets for one of the line's: its rounds last about as long then."""
A_ROUND = 4
"""How many times as many messages a round has as are measured idle: its beginning and end count little then."""


@dataclass
class Measured:
    """Seconds of each idle message, and messages a second of each round."""

    idle: list[float] = field(default_factory=list)
    throughput: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.idle)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.idle, n=100)[98]


async def compare(bare_send: Send, the_line: Line, messages: int, rounds: int) -> dict[str, Any]:
    """Measure both in turns."""
    of_bare, of_line, cpu = Measured(), Measured(), Counter[str]()
    pairs = ((bare_send, of_bare), (the_line.send, of_line))
    for number in range(WARM_UP + messages):
        for send, measured in pairs:
            took = await send()
            if number >= WARM_UP:
                measured.idle.append(took)
            await asyncio.sleep(PAUSE_S)
    many = A_ROUND * messages
    for _ in range(rounds):
        of_bare.throughput.append(await saturate(bare_send, BARE_MESSAGES * many))
        before = the_line.cpu_s()
        of_line.throughput.append(await saturate(the_line.send, many))
        await asyncio.sleep(REST_S)
        cpu.update({name: after - before[name] for name, after in the_line.cpu_s().items()})
    return report(of_line, of_bare) | {
        "cpu_ms_per_message": {name: seconds * 1e3 / (rounds * many) for name, seconds in cpu.items()}
    }


def report(of_line: Measured, of_bare: Measured) -> dict[str, dict[str, float]]:
    ratios = [line / bare for line, bare in zip(of_line.throughput, of_bare.throughput, strict=True)]
    return {
        "p50": {"line_ms": of_line.p50 * 1e3, "bare_ms": of_bare.p50 * 1e3, "ratio": of_line.p50 / of_bare.p50},
        "p99": {"line_ms": of_line.p99 * 1e3, "bare_ms": of_bare.p99 * 1e3, "ratio": of_line.p99 / of_bare.p99},
        "throughput": {
            "line_per_s": statistics.median(of_line.throughput),
            "bare_per_s": statistics.median(of_bare.throughput),
            "ratio": statistics.median(ratios),
            "least_ratio": min(ratios),
            "most_ratio": max(ratios),
        },
    }


async def run(broker: Broker, folder: Path, messages: int, rounds: int) -> dict[str, Any]:
    async with bare(broker.url) as bare_send, line(broker, folder) as the_line:
        return await compare(bare_send, the_line, messages, rounds)


def table(report: dict[str, Any]) -> str:
    lines = [
        f"{name:12} line {row[next(iter(row))]:8.1f}  bare {row[list(row)[1]]:8.1f}  ratio {row['ratio']:.2f}"
        for name, row in report.items()
        if "ratio" in row
    ]
    lines[-1] += f"  ({report['throughput']['least_ratio']:.2f} to {report['throughput']['most_ratio']:.2f})"
    cpu = report["cpu_ms_per_message"]
    lines += ["", "CPU per message (ms), saturated:"]
    lines += [f"  {name:14} {value:6.2f}" for name, value in sorted(cpu.items(), key=lambda item: -item[1])]
    return "\n".join([*lines, f"  {'all':14} {sum(cpu.values()):6.2f}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        broker = Broker(Path(folder) / "broker")
        broker.start()
        try:
            found = uvloop.run(run(broker, Path(folder) / "home", arguments.messages, arguments.rounds))
        finally:
            broker.stop()
    print(json.dumps(found, indent=2) if arguments.json else table(found))


if __name__ == "__main__":
    main()
