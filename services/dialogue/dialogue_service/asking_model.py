"""One question to the model in a turn, inside the turn's time; and none while it is known that nobody will answer."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeAlias

from chassis.errors import DeadlineExceeded, Permanent, Transient
from chassis.logging import get_logger
from chassis.telemetry import signals, span
from chassis.telemetry.declaring import OUTCOME
from contracts.llm_gateway import Complete, Completion

from dialogue_service.asking import Deadline

log = get_logger(__name__)
_signals = signals(__name__)
_CONSULT = _signals.operation("dialogue.consult", "A model is asked, by llm-gateway.")
_TASK = _signals.attribute("receptionist.task", "What a model is asked for: `understand`, `phrase`, `transcribe`, …")
asked_model = _signals.counter(
    "receptionist.dialogue.model", "{question}", "Questions to the model, by how they ended.", _TASK, OUTCOME
)

MOST_S = 5.0
"""Longest wait for a model: whoever waits longer would rather have the template."""
LEAST_S = 0.8
"""With less time than this nothing is asked; the gateway itself keeps some of it."""
AT_ONCE = 24
"""Questions under way; with more the templates answer at once. Fewer than the turns that are worked at a time, so that
nobody who needs no model waits for those who do."""
RESERVE = 0.2
"""Share of the turn's time that is kept for what comes after."""
QUIET_S = {"no_provider": 60.0, "budget": 60.0, "breakers_open": 10.0, "unusable_answer": 0.0}
"""How long nobody is asked after a refusal; any other trouble: `TROUBLE_S`, doubled each time, to `MOST_QUIET_S`."""
TROUBLE_S = 5.0
MOST_QUIET_S = 60.0


class Ask(Protocol):
    """Asks over the line."""

    def __call__(self, question: Complete, *, within_s: float) -> Awaitable[Any]:
        """Return a `Completion`; may raise `Transient` or `Permanent`."""


Timer: TypeAlias = Callable[[], float]


class Refused(Exception):  # noqa: N818  # a normal end of asking, caught right where it is asked
    """There is no answer; the text is the reason in one word."""


class ModelLine:
    """Asks the gateway. `timer` is a clock that never goes back, in seconds."""

    def __init__(self, ask: Ask, timer: Timer = time.monotonic) -> None:
        self._ask = ask
        self._timer = timer
        self._quiet_until = 0.0
        self._reason = ""
        self._troubles = 0
        self._is_trying = False
        self._under_way = 0

    async def ask(self, question: Complete, deadline: Deadline) -> Completion:
        """Return an answer of a model. Raises `Refused`: late, told so, or known beforehand without asking."""
        try:
            answer = await self._answer(question, deadline)
        except Refused as refused:
            asked_model.add(1, {_TASK: question.task, OUTCOME: str(refused)})
            raise
        asked_model.add(1, {_TASK: question.task, OUTCOME: "answered"})
        return answer

    async def _answer(self, question: Complete, deadline: Deadline) -> Completion:
        within_s = min(MOST_S, deadline.left_s - RESERVE * deadline.seconds)
        if within_s < LEAST_S:
            raise Refused("deadline")
        if self._timer() < self._quiet_until or (self._is_trying and self._reason):
            raise Refused(self._reason)
        if self._under_way >= AT_ONCE:
            raise Refused("busy")
        self._is_trying = True  # after a silence one turn finds out for all
        self._under_way += 1
        try:
            with span(_CONSULT):
                answer: Completion = await self._ask(question, within_s=within_s)
        except (Transient, Permanent) as error:
            log.warning("model_not_reached", error=type(error).__name__)
            raise self._silent("deadline" if isinstance(error, DeadlineExceeded) else "away") from error
        finally:
            self._is_trying = False
            self._under_way -= 1
        if answer.refusal is not None:
            raise self._silent(answer.refusal)
        self._reason, self._troubles = "", 0
        return answer

    def _silent(self, reason: str) -> Refused:
        """Ask nobody for a while."""
        quiet_s = QUIET_S.get(reason)
        if quiet_s is None:
            quiet_s = min(TROUBLE_S * 2**self._troubles, MOST_QUIET_S)
            self._troubles += 1
        self._quiet_until = self._timer() + quiet_s
        self._reason = reason if quiet_s else ""
        return Refused(reason)
