"""Asking providers, one after the other or the second beside a slow first: within the time, and with an end."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from chassis.logging import get_logger
from chassis.rpc import remaining_s
from contracts.llm_gateway import Refusal

from llm_gateway_service.calling import Calling
from llm_gateway_service.closing import Closing
from llm_gateway_service.domain import share
from llm_gateway_service.outcome import Candidate, Outcome, refusal_of
from llm_gateway_service.policy import Again, after
from llm_gateway_service.providers.answers import Answer, Patience
from llm_gateway_service.providers.errors import ProviderFailed, Unusable

log = get_logger(__name__)

UNBOUNDED_S = 10.0
"""How long a question may take that came without a deadline."""
KEPT_S = 0.15
"""What is kept of a deadline for the way back."""
LEAST_S = 0.4
"""A call with less time than this is not begun."""
FIRST_WORD_S = 3.0
"""What a provider may take to its first word while somebody else could be asked."""


class Asking:
    """Asks candidates; what a question cost and how it ended is booked and told beside the answer."""

    def __init__(self, calling: Calling, closing: Closing, *, hedge: bool) -> None:
        self.calling = calling
        self.closing = closing
        self._hedge = hedge

    async def ask(self, outcome: Outcome, candidates: Sequence[Candidate]) -> Outcome:
        """Return the first answer, or why there is none; never later than the question's deadline."""
        left = remaining_s()
        until = time.monotonic() + (UNBOUNDED_S if left is None else left) - KEPT_S
        try:
            await self._race(outcome, deque(candidates), until)
        except asyncio.CancelledError:
            outcome.refusals.append("deadline")
            raise
        finally:
            outcome.took_s = time.perf_counter() - outcome.began
            self.closing.begin(outcome)
        return outcome

    async def _race(self, outcome: Outcome, waiting: deque[Candidate], until: float) -> None:
        """Ask one at a time; beside one that is slower than it usually is, the next one too."""
        while outcome.answer is None and not outcome.gave_up and (waiting or outcome.running):
            if not outcome.running:
                self._start(outcome, waiting, until)
            patience_s = self._patience_s(outcome, waiting)
            done, _ = await asyncio.wait(outcome.running, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                self._start(outcome, waiting, until)
            outcome.running -= done
            outcome.refusals += [refusal for task in done if (refusal := task.result()) is not None]

    def _start(self, outcome: Outcome, waiting: deque[Candidate], until: float) -> None:
        candidate = waiting.popleft()
        turn = self._turn(outcome, candidate, waiting[0] if waiting else None, until)
        outcome.running.add(asyncio.create_task(turn, name=f"{outcome.task} {candidate.model}"))

    def _patience_s(self, outcome: Outcome, waiting: deque[Candidate]) -> float | None:
        """Return how long to wait before the next one is asked beside whoever is asked now."""
        if not waiting or not self._may_hedge(outcome) or len(outcome.running) > 1:
            return None
        (slow,) = outcome.running
        return self.calling.pace.slow_after_s(slow.get_name())

    def _may_hedge(self, outcome: Outcome) -> bool:
        """Whether the next one may be asked beside a slow one; of two transcribers one is our own busy machine."""
        return self._hedge and outcome.task != "transcribe" and not self.calling.ledger.is_thin

    async def _turn(
        self, outcome: Outcome, candidate: Candidate, following: Candidate | None, until: float
    ) -> Refusal | None:
        """Ask one provider, and once more where that helps."""
        is_last, tries = following is None, 0
        mend: Unusable | None = None
        if not is_last and not self._may_hedge(outcome):
            until = time.monotonic() + share(until - time.monotonic(), is_last=False)
        while (left_s := until - time.monotonic()) >= LEAST_S:
            first_s = left_s if is_last else min(FIRST_WORD_S, share(left_s, is_last=False))
            result = await self.calling.call(outcome, candidate, Patience(first_s, left_s), mend)
            if isinstance(result, Answer):
                was_first = outcome.take(candidate, result)
                if was_first or not is_last:  # who was asked as company began later
                    await self.calling.breakers.note(candidate.provider, was_first=was_first)
                return None
            if not isinstance(result, ProviderFailed):
                return result
            tries += 1
            wish = result.retry_after_s
            left_s = until - time.monotonic()
            step = after(result.kind, tries=tries, is_last=is_last, retry_after_s=wish, left_s=left_s)
            if not isinstance(step, Again):
                outcome.gave_up |= step == "nobody"
                self.closing.note(outcome, candidate, following, result)
                return refusal_of(result, is_last=is_last)
            mend = result if step.repair and isinstance(result, Unusable) else None
            await asyncio.sleep(step.pause_s)
        return "deadline"
