"""Understanding a turn: the grammar, likeness to examples, rules' word on it, and a model if all leave it open.

Nothing is kept here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from chassis.errors import Transient
from chassis.telemetry import signals, span
from contracts.rules import Assessment

from dialogue_service.asking import Asking, Deadline
from dialogue_service.consulting import Advice, Asked, Consultant
from dialogue_service.decision.decide import assess_for
from dialogue_service.decision.session import arrive
from dialogue_service.decision.state import Conversation
from dialogue_service.decision.taking_in import take_in
from dialogue_service.decision.turn import Taken, Turn
from dialogue_service.letters import Gathered
from dialogue_service.model.commands import Reader
from dialogue_service.understanding.values import Context, Understanding
from dialogue_service.unit import UnitFile

Completer: TypeAlias = Callable[[Understanding], Awaitable[Understanding]]
_signals = signals(__name__)
_TAKE_IN = _signals.operation("dialogue.take_in", "What was understood joins what is known.")
_UNDERSTAND = _signals.operation("dialogue.understand", "Messages are read: grammar, and likeness to examples.")


@dataclass(frozen=True)
class Seen:
    """A turn as it is understood, what rules say to it, and how a model took part."""

    taken: Taken
    assessment: Assessment
    advice: Advice | None = None


@dataclass(frozen=True)
class Seeing:
    """`understand` reads a text, given the moment at which it was written and what was asked.

    `complete` may know better what nothing was understood of, `consultant` what is unclear even then.
    """

    asking: Asking
    unit: UnitFile
    understand: Reader
    complete: Completer | None = None
    consultant: Consultant | None = None

    async def see(self, state: Conversation, gathered: Gathered, now: datetime, deadline: Deadline) -> Seen:
        """Take a turn in. Raises `Transient` when rules are away."""
        turn, asked = await self._read(state, gathered, now)
        seen = await self._assessed(state, turn, now, deadline)
        if self.consultant is None or not self.consultant.is_needed(turn, seen.assessment):
            return seen
        consulted = await self.consultant.reread(seen.taken, seen.assessment, asked, deadline)
        if consulted.reading is None:
            return replace(seen, advice=consulted.advice)
        better = turn.model_copy(update={"understanding": consulted.reading})
        try:
            seen_again = await self._assessed(
                state, better, now, deadline, searched=assess_for(seen.taken, now).question
            )
            return replace(seen_again, advice=consulted.advice)
        except Transient:  # the model took the time that rules would need: what was known before it stands
            return replace(seen, advice=Advice("fallback", "deadline"))

    async def _assessed(
        self, state: Conversation, turn: Turn, now: datetime, deadline: Deadline, *, searched: str | None = None
    ) -> Seen:
        """Take a turn in and ask rules about it; what was `searched` for in vain is not searched for again."""
        with span(_TAKE_IN):
            taken = take_in(state, turn, now, self.unit.silence)
        question = assess_for(taken, now)
        if searched is not None and question.question == searched:
            question = question.model_copy(update={"question": None})
        return Seen(taken, await self.asking.assess(question, deadline))

    async def _read(self, state: Conversation, gathered: Gathered, now: datetime) -> tuple[Turn, Asked]:
        """Read the letters together, as of when the last of them came: "hoje" is the day on which it was written."""
        messages = tuple(letter.message(now) for letter in gathered.letters)
        at = gathered.cause.time.astimezone(self.unit.zone)
        arrived, _ = arrive(state, now, self.unit.silence)
        quotes = (letter.event.data.quote for letter in gathered.letters)
        asked = Asked(
            gathered.cause.subject, at, _context(arrived), tuple(quote.text for quote in quotes if quote and quote.text)
        )
        with span(_UNDERSTAND):
            text = "\n".join(message.text for message in messages if message.text)
            reading = self.understand(text, at, asked.context)
            if self.complete:
                reading = await self.complete(reading)
            return Turn(messages=messages, understanding=reading), asked


def _context(state: Conversation) -> Context:
    return Context(
        stage=state.stage,
        asked=state.asked.topic if state.asked else None,
        offered=tuple(slot.start for slot in state.offered),
        parent_name=state.lead.parent_name,
        student_names=tuple(student.name for student in state.lead.students if student.name),
    )
