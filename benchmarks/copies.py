"""What more copies of the busiest service bring: turns that a language model helps with, and a rush of messages.

    python benchmarks/copies.py [--of dialogue] [--copies 1 2] [--parents 16 64 256] [--for-s 12] [--delay-ms 800]
                                [--messages 2000] [--families 0] [--stumble-s 0] [--window-s 1] [--json]

A whole installation for each number of copies, all on this machine. First so many parents at a time, each somebody new,
ask what only the model understands, which the sandbox lets take `--delay-ms`: turns a second, how long a parent waits
(the burst window of a second is part of that), and how busy the processors are. Then so many messages of a fifth as
many conversations, as fast as the webhooks are taken, no parent waiting for an answer; every phone is then held against
what should be on it, as after a storm: nothing lost, nothing twice, everything in order. At last so many families write
two messages each, some hundredths of a second apart, while the first copy of each service stops for `--stumble-s` now
and then: the same promises, of which the order is the one in danger.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil
from assistant.chaos.audit import audit
from assistant.chaos.copies import add_copies
from assistant.chaos.playing import Phones
from assistant.chaos.script import QUESTIONS, Conversation
from assistant.chaos.storm import settle
from assistant.load.talking import FOR_A_MODEL, READING, Waited, converse
from assistant.load.watching import Line, listening
from assistant.stores import postgresql, rabbitmq
from assistant.testing_system import ROOT, System, running_system

LINES = 5
"""Messages of one conversation in the rush."""
AT_ONCE = 8
"""Families that write two messages at the same moment: what this machine just answers."""
APART_S = (0.01, 0.08)
PAIRS = "+5551996"
REST_S = 0.4
"""Until the next family writes after one."""


def a_rich_unit(folder: Path) -> Path:
    """Write a unit whose AI budget no benchmark uses up."""
    text = (ROOT / "unit.toml").read_text(encoding="utf-8")
    rich = re.sub(r"^((?:warning|critical|limit)_brl) = .*$", r"\1 = 1000.00", text, flags=re.MULTILINE)
    file = folder / "unit.toml"
    file.write_text(rich, encoding="utf-8")
    return file


async def ask_the_model(system: System, http: httpx.AsyncClient, parents: int, for_s: float) -> dict[str, float]:
    """So many parents at a time, each answered and followed by the next, for some seconds."""
    waited: list[Waited] = []
    ends = time.monotonic() + for_s

    async def one_after_the_other(line: Line) -> None:
        while time.monotonic() < ends:
            waited.extend([each async for each in converse(http, system.sandbox, line, [(FOR_A_MODEL,)], lambda: 0.0)])

    async with listening(system.broker.url) as line:
        psutil.cpu_percent()
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(parents):
                group.create_task(one_after_the_other(line))
        took = time.monotonic() - began
    return {
        "turns_per_s": len(waited) / took,
        "with_the_model": sum(each.turn.route == "llm" for each in waited) / len(waited),
        "p50_s": statistics.median(each.total_s for each in waited),
        "busy": psutil.cpu_percent() / 100,
    }


async def two_each(system: System, http: httpx.AsyncClient, arguments: argparse.Namespace) -> dict[str, Any]:
    """Two messages of each family, the second right after the first: replies, and every broken promise."""
    phones, dice = Phones(http, system.sandbox), random.Random(arguments.families)
    numbers = iter(range(arguments.families))

    async def one_after_the_other() -> None:
        for number in numbers:
            lines = tuple(question.text for question in dice.sample(QUESTIONS, 2))
            pauses_s = (0.0, dice.uniform(*APART_S))
            await phones.play(Conversation(f"{PAIRS}{number:06}", "Ana", "curious", lines, pauses_s=pauses_s))
            await asyncio.sleep(REST_S)

    stumbling = asyncio.create_task(stumble(system, arguments.of, arguments.stumble_s))
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(one_after_the_other())
    stumbling.cancel()
    left, evidence = await settle(system, phones)
    replies = Counter(draft.phone for draft in evidence.drafts if draft.phone.startswith(PAIRS))
    return {
        "families": arguments.families,
        "two_replies": sum(count > 1 for count in replies.values()),
        "not_done": left,
        "broken_promises": [str(each) for each in audit(evidence) if each.phone.startswith(PAIRS)],
    }


async def stumble(system: System, services: Sequence[str], for_s: float) -> None:
    """Stop one process after the other for a moment, as a machine does that has too much to do."""
    while for_s:
        for service in services:
            with system.without(service):
                await asyncio.sleep(for_s)
            await asyncio.sleep(for_s)


async def rush(system: System, http: httpx.AsyncClient, messages: int) -> dict[str, Any]:
    """As many messages as fast as they are taken; what was answered in a second, and every broken promise."""
    phones = Phones(http, system.sandbox)
    async with asyncio.TaskGroup() as group:
        for number in range(messages // LINES):
            lines = tuple(QUESTIONS[(number + nth) % len(QUESTIONS)].text for nth in range(LINES))
            parent = Conversation(f"+55519{97_000_001 + number}", "Ana", "curious", lines, pauses_s=(0.0,) * LINES)
            group.create_task(phones.play(parent))
    left, evidence = await settle(system, phones)
    answered = [each.at.timestamp() for each in evidence.shown if each.phone.startswith("+5551997")]
    return {
        "messages": messages,
        "bubbles": len(answered),
        "answered_per_s": len(answered) / (max(answered) - min(answered)),
        "not_done": left,
        "broken_promises": [str(each) for each in audit(evidence)],
    }


async def measure(system: System, arguments: argparse.Namespace) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=60, trust_env=False, limits=limits) as http:
        script = {"provider": "openai", "replies": [READING], "delay_s": arguments.delay_ms / 1000}
        (await http.post(f"{system.sandbox}/sandbox/models", json=script)).raise_for_status()
        await ask_the_model(system, http, 4, 2)  # what is loaded at first use
        model = {each: await ask_the_model(system, http, each, arguments.for_s) for each in arguments.parents}
        rushed = await rush(system, http, arguments.messages)
        pairs = await two_each(system, http, arguments) if arguments.families else None
        return {"model": model, "rush": rushed, "pairs": pairs}


def run(copies: int, arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="copies-") as name:
        folder = Path(name)
        settings = {
            "RATE_LIMIT_PER_HOUR": "0",
            "CHANNEL_PER_NUMBER_S": "0",
            "LOG_LEVEL": "WARNING",
            "BURST_WINDOW_S": str(arguments.window_s),
            "UNIT_FILE": str(a_rich_unit(folder)),
        }
        own = (rabbitmq.NAME, postgresql.NAME)
        with running_system(folder / "home", own=own, **settings) as system:
            add_copies(system, copies, arguments.of)
            return asyncio.run(measure(system, arguments))


def show(copies: int, of: Sequence[str], found: dict[str, Any]) -> None:
    print(f"{copies} x {' + '.join(of)}")
    for parents, row in found["model"].items():
        print(
            f"  {parents:4} parents: {row['turns_per_s']:6.1f} turns/s, {row['with_the_model']:.0%} with the model, "
            f"p50 {row['p50_s']:.2f} s, processors {row['busy']:.0%} busy"
        )
    told = found["rush"]
    print(
        f"  {told['messages']} messages at once: {told['bubbles']} bubbles, {told['answered_per_s']:.0f} a second; "
        f"broken promises: {len(told['broken_promises'])}, not done: {told['not_done'] or 0}"
    )
    if told := found["pairs"]:
        print(
            f"  {told['families']} families with two messages: {told['two_replies']} got two replies; "
            f"broken promises: {len(told['broken_promises'])}, not done: {told['not_done'] or 0}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", nargs="+", default=["dialogue"], help="the services of which there are copies")
    parser.add_argument("--copies", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--parents", nargs="*", type=int, default=[16, 64, 256])
    parser.add_argument("--for-s", type=float, default=12)
    parser.add_argument("--delay-ms", type=int, default=800)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--families", type=int, default=0)
    parser.add_argument("--stumble-s", type=float, default=0)
    parser.add_argument("--window-s", type=float, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = {}
    for copies in arguments.copies:
        report[copies] = run(copies, arguments)
        if not arguments.json:
            show(copies, arguments.of, report[copies])
    if arguments.json:
        print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
