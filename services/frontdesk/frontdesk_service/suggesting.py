"""What the assistant would have said, for whoever answers in her place to use or not; it is never sent by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chassis.clock import Clock
from chassis.errors import DeadlineExceeded, Permanent, Unavailable
from chassis.line import Line
from chassis.logging import get_logger
from contracts.rules import Assess, Assessment

from frontdesk_service.projections.messages import Message

log = get_logger(__name__)

WITHIN_S = 2.0
STOPPED = ("taken_over", "expired")
"""Why a reply of the assistant did not leave, though nothing was wrong with what it said."""


@dataclass(frozen=True)
class Suggestion:
    """A reply, and where it is from: a draft that was stopped, or the unit's knowledge."""

    text: str
    source: Literal["draft", "knowledge"]


class Suggesting:
    """Asks rules what the unit's knowledge says."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock

    async def suggest(self, said: Sequence[Message]) -> Suggestion | None:
        """Suggest an answer to the parent's last messages; `None` when nobody waits or nothing is known."""
        asked = unanswered(said)
        if not asked:
            return None
        if draft := stopped_draft(said):
            return Suggestion(draft, "draft")
        question = " ".join(message.text for message in asked if message.text)
        return await self._from_knowledge(question) if question else None

    async def _from_knowledge(self, question: str) -> Suggestion | None:
        try:
            answer: Assessment = await self._line.ask(
                Assess(now=self._clock(), question=question, said=question), within_s=WITHIN_S
            )
        except (DeadlineExceeded, Unavailable, Permanent) as error:
            log.warning("rules_away", error=type(error).__name__)
            return None
        if not answer.confident or not answer.passages:
            return None
        return Suggestion(answer.passages[0].text, "knowledge")


def unanswered(said: Sequence[Message]) -> list[Message]:
    """Return the parent's messages since the last one that reached them, oldest first."""
    waiting: list[Message] = []
    for message in reversed(said):
        if message.direction == "in":
            waiting.append(message)
        elif message.status != "failed":
            break
    return waiting[::-1]


def stopped_draft(said: Sequence[Message]) -> str | None:
    """Return what the assistant had written when the unit took over, if the parent has said nothing since."""
    bubbles: list[str] = []
    for message in reversed(said):
        if message.author != "assistant" or message.failure not in STOPPED:
            break
        bubbles.append(message.text or "")
    return "\n\n".join(reversed(bubbles)) or None
