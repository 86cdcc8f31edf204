"""Questions to other services, inside the time that a turn has."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chassis.errors import DeadlineExceeded, Transient, Unavailable
from chassis.line import Line
from chassis.logging import get_logger
from chassis.telemetry import signals, span
from contracts.calendar import Availability, Offer
from contracts.ingress import MessageEchoed
from contracts.postprocessor import Recognise, Recognised
from contracts.rules import Assess, Assessment

log = get_logger(__name__)
_signals = signals(__name__)
_ASSESS = _signals.operation("dialogue.assess", "Rules are asked what is true and allowed.")
_OFFER = _signals.operation("dialogue.offer", "The calendar is asked for free slots.")

ASSESS_S = 3.0
"""Longest wait for rules; after that the turn waits in its mailbox and is tried again."""
RECOGNISE_S = 3.0
"""Longest wait for postprocessor's word on a message from the unit's number."""
OFFER_S = 2.0
"""Longest wait for one answer of the calendar."""
PAUSES_S = (0.1, 0.3, 0.6, 1.0)
"""Between tries to reach the calendar; the last is repeated until the turn's time is over."""
RESERVE = 0.1
"""Share of the turn's time that is kept for saying that the calendar cannot be reached."""


@dataclass(frozen=True)
class Deadline:
    """The time that a turn has, in seconds of the machine's own clock."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        """What is left of it."""
        return max(self.began + self.seconds - time.monotonic(), 0.0)

    @property
    def spent_s(self) -> float:
        """What is gone of it."""
        return time.monotonic() - self.began


class Asking:
    """Asks rules, the calendar and postprocessor."""

    def __init__(self, line: Line, *, deadline_s: float) -> None:
        self._line = line
        self._deadline_s = deadline_s

    def deadline(self) -> Deadline:
        """Start a turn's time."""
        return Deadline(self._deadline_s)

    async def assess(self, question: Assess, deadline: Deadline) -> Assessment:
        """Ask what is true and allowed. Raises `Transient` when rules cannot be reached: nothing is said then."""
        with span(_ASSESS):
            answer: Assessment = await self._line.ask(question, within_s=min(ASSESS_S, deadline.left_s))
            return answer

    async def facts(self, now: datetime) -> Assessment:
        """Ask for the unit's facts alone."""
        return await self.assess(Assess(now=now), self.deadline())

    async def is_ours(self, echo: MessageEchoed) -> bool:
        """Ask whether a message from the unit's number is ours. Raises `Unavailable` while nobody can say."""
        asked = Recognise(key=echo.key, address=echo.address, text=echo.text, sent_at=echo.sent_at)
        try:
            answer: Recognised = await self._line.ask(asked, within_s=RECOGNISE_S)
        except DeadlineExceeded as error:  # as patient as with one that is away
            raise Unavailable("postprocessor does not say whose a message is") from error
        return answer.ours

    async def offers(self, questions: Sequence[Availability], deadline: Deadline) -> tuple[Offer, ...] | None:
        """Ask for free slots, again and again while there is time; `None` when the calendar is away."""
        pauses = iter(PAUSES_S)
        reserve_s = RESERVE * deadline.seconds
        while (left_s := deadline.left_s - reserve_s) > 0:
            try:
                with span(_OFFER):
                    asked = (self._line.ask(each, within_s=min(OFFER_S, left_s)) for each in questions)
                    return tuple(await asyncio.gather(*asked))
            except Transient as error:
                log.warning("calendar_not_reached", error=type(error).__name__)
            await asyncio.sleep(min(next(pauses, PAUSES_S[-1]), max(deadline.left_s - reserve_s, 0)))
        return None
