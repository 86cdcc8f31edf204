"""Learning what the unit taught while this copy was away, or what only another copy heard of."""

import asyncio

from chassis.clock import Clock
from chassis.errors import DeadlineExceeded, Permanent, Unavailable
from chassis.line import Line
from contracts import frontdesk

from rules_service.taught import Taught

WITHIN_S = 5.0
AGAIN_S, EVERY_S = 1.0, 60.0
"""How soon to ask again while nobody answers, and how often afterwards."""


async def catch_up(line: Line, taught: Taught, clock: Clock) -> None:
    """Ask the front desk, for ever."""
    while True:
        answered = await ask(line, taught, clock)
        await asyncio.sleep(EVERY_S if answered else AGAIN_S)


async def ask(line: Line, taught: Taught, clock: Clock) -> bool:
    """Ask once; `False` when nobody answers."""
    try:
        answer: frontdesk.TaughtAnswers = await line.ask(frontdesk.Taught(now=clock()), within_s=WITHIN_S)
    except (DeadlineExceeded, Unavailable, Permanent):
        return False
    taught.learn(answer.answers)
    return True
