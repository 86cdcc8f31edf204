"""Every service is started anew, one after the other, while messages keep coming."""

import asyncio
import os
import signal
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from assistant.chaos.evidence import Evidence
from assistant.chaos.playing import Phones
from assistant.chaos.script import QUESTIONS, Conversation
from assistant.testing_system import SERVICES, System

READY_WITHIN_S = 60.0
_numbers = count(96_000_001)


@dataclass(frozen=True)
class Waits:
    """Seconds from a message to the first bubble of its answer."""

    median_s: float
    p99_s: float
    longest_s: float


async def roll(system: System, phones: Phones, *, rate: float, copies: int = 1) -> int:
    """Restart every copy of every service under so many messages a second; return how many there were."""
    rolled = asyncio.Event()

    async def restart() -> None:
        for service in SERVICES:
            for copy in range(1, copies + 1):
                await _restart(system, service if copy == 1 else f"{service}-{copy}")
        rolled.set()

    written = 0
    async with asyncio.TaskGroup() as group:
        group.create_task(restart())
        while not rolled.is_set():
            parent = Conversation(f"+55519{next(_numbers)}", "Ana", "curious", ())
            group.create_task(phones.write(parent, "0000", QUESTIONS[written % len(QUESTIONS)].text))
            written += 1
            await asyncio.sleep(1 / rate)
    return written


async def _restart(system: System, program: str) -> None:
    """End a program as a deploy does, and wait until its successor is ready."""
    before = system.pid(program)
    if before is None:
        raise AssertionError(f"{program} does not run")
    os.kill(before, signal.SIGTERM)
    async with asyncio.timeout(READY_WITHIN_S):
        while not await asyncio.to_thread(_is_anew, system, program, before):  # noqa: ASYNC110  # it is asked
            await asyncio.sleep(0.1)


def _is_anew(system: System, program: str, before: int) -> bool:
    return system.pid(program) not in {before, None} and system.ready(program)


def waits(evidence: Evidence) -> Waits:
    """Return how long those waited who were answered."""
    first: dict[str, datetime] = {}
    for bubble in evidence.shown:
        first.setdefault(bubble.phone, bubble.at)
    seconds = sorted(
        (first[message.phone] - message.at).total_seconds() for message in evidence.written if message.phone in first
    )
    return Waits(seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99)], seconds[-1])
