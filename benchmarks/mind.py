"""How long the mind of the reception takes for one message, in one process, on one core.

    python benchmarks/mind.py [--rounds 5] [--json]

Every message of the scenarios is read, decided and put into words, and so are 65 simulated conversations, of which the
decisions and words are counted. Understanding is measured at a text's first reading, when it is read again, and with
the encoder (which only a text that the grammar does not understand needs, once: its guess is kept). The unit of the
ratios is one `json.dumps` of a lead of eight fields in the same run: absolute figures say more about the machine than
about the mind.
"""

import argparse
import asyncio
import datetime as dt
import json
import logging
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant.rehearsal import Rehearsal, the_unit
from assistant.scenarios.loading import load
from assistant.scenarios.playing import play
from assistant.simulation.running import simulate
from dialogue_service import mind, seeing
from dialogue_service.understanding import understand
from dialogue_service.understanding.classifier import default_classifier
from dialogue_service.understanding.values import Context, Understanding

SCENARIOS = Path(__file__).parent.parent / "tests" / "e2e" / "scenarios"
LEAD = {
    "parent_name": "Ana Souza",
    "phone": "+5551999990000",
    "email": "ana@example.com",
    "students": [{"name": "Pedro", "age": 8, "grade": "ef3", "subjects": ["matematica"], "self": False}],
    "time_preference": {"kind": "weekdays", "weekdays": ["tue"], "period": "afternoon"},
    "completeness": 8,
}


class Stopwatch:
    """Collects how long calls took, in ms."""

    def __init__(self) -> None:
        self.took_ms: list[float] = []

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.took_ms.append((time.perf_counter() - began) * 1000)

        return timed


class Reader:
    """Reads and remembers what was read, so that it can be read again."""

    def __init__(self) -> None:
        self.watch = Stopwatch()
        self.read: list[tuple[str, dt.datetime, Context]] = []
        self._understand = self.watch.around(understand)

    def __call__(self, text: str, now: dt.datetime, context: Context) -> Understanding:
        self.read.append((text, now, context))
        reading: Understanding = self._understand(text, now, context)
        return reading


async def talk(reader: Reader) -> None:
    unit = the_unit()
    for scenario in load([SCENARIOS]):
        await play(scenario, Rehearsal(unit, scenario.now, read=reader))


def measure(rounds: int) -> dict[str, Any]:
    the_unit().warm()
    reader, deciding, speaking = Reader(), Stopwatch(), Stopwatch()
    originals = (seeing.take_in, mind.decide, mind.speak)
    seeing.take_in = deciding.around(seeing.take_in)
    mind.decide = deciding.around(mind.decide)
    mind.speak = speaking.around(mind.speak)
    try:
        asyncio.run(talk(reader))
        list(simulate(65, 1))
    finally:
        seeing.take_in, mind.decide, mind.speak = originals
    again = Stopwatch()
    read = again.around(understand)
    for _ in range(rounds):
        for text, now, context in reader.read:
            read(text, now, context)
    unit_ms = of_the_unit()
    # A turn is taken in and decided: two calls each.
    decided = [sum(pair) for pair in zip(deciding.took_ms[::2], deciding.took_ms[1::2], strict=False)]
    both = statistics.median(decided) + statistics.median(speaking.took_ms)
    return {
        "messages": len(reader.read),
        "understanding_first_ms": figures(reader.watch.took_ms),
        "understanding_again_ms": figures(again.took_ms),
        "understanding_with_encoder_ms": figures(with_encoder(reader)),
        "decision_ms": figures(decided),
        "speech_ms": figures(speaking.took_ms),
        "decision_and_speech_p50_ms": round(both, 3),
        "json_dumps_ms": round(unit_ms, 5),
        "understanding_p50_in_json_dumps": round(statistics.median(again.took_ms) / unit_ms),
        "decision_and_speech_p50_in_json_dumps": round(both / unit_ms),
    }


def with_encoder(reader: Reader) -> list[float]:
    """Read every text as if the grammar had not understood it: the nearest example is looked for each time."""
    classify = default_classifier()
    if classify is None:
        raise SystemExit("the sentence encoder is not installed")
    classify("oi")  # loads it
    watch = Stopwatch()

    def read(text: str, now: dt.datetime, context: Context) -> None:
        understand(text, now, context)
        classify(text)

    timed = watch.around(read)
    for text, now, context in reader.read:
        timed(text, now, context)
    return watch.took_ms


def of_the_unit() -> float:
    watch = Stopwatch()
    dump = watch.around(json.dumps)
    for _ in range(5000):
        dump(LEAD)
    return statistics.median(watch.took_ms)


def figures(took_ms: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took_ms, n=100)
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "max": round(max(took_ms), 3)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    result = measure(chosen.rounds)
    if chosen.json:
        print(json.dumps(result, indent=2))
    else:
        for name, value in result.items():
            print(f"{name:40} {value}")
