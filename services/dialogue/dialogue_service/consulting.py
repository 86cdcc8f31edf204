"""When a turn consults the model, what it is told, and what becomes of its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.dialogue import Route
from contracts.rules import Assessment

from dialogue_service import words
from dialogue_service.asking import Deadline
from dialogue_service.asking_model import ModelLine, Refused
from dialogue_service.decision.acts import GivePassage
from dialogue_service.decision.answers import question_for_rules
from dialogue_service.decision.state import Conversation
from dialogue_service.decision.turn import Step, Taken, Turn
from dialogue_service.model.commands import Reader, is_unsure, merged, read_commands
from dialogue_service.model.personal import personal_in
from dialogue_service.model.prompts import PHRASE, UNDERSTAND, About
from dialogue_service.model.wording import NO_ANSWER, read_wording
from dialogue_service.understanding.values import Context, Understanding

WORTH_ASKING = frozenset({None, "not_understood", "repeated_question"})
"""Verdicts that a better reading may change; every other one stands, whatever a model says."""


@dataclass(frozen=True)
class Advice:
    """How a model took part in a turn: the route of the reply, and why, as `TurnClosed` tells it."""

    route: Route
    reason: str


@dataclass(frozen=True)
class Consulted:
    """What came of asking: another reading, or the wording of the open answer; `None` when the templates answer.

    `refuses_passage`: what was found does not answer the question.
    """

    advice: Advice
    reading: Understanding | None = None
    wording: str | None = None
    refuses_passage: bool = False


@dataclass(frozen=True)
class Asked:
    """When a turn was written, in the unit's zone, and by whom; what it answers, and which texts it quotes."""

    conversation: str
    at: datetime
    context: Context
    quoted: Sequence[str] = ()


class Consultant:
    """Asks the model where the grammar is unsure or the answer is open: once a turn at most."""

    def __init__(self, line: ModelLine, read: Reader) -> None:
        self._line = line
        self._read = read

    def is_needed(self, turn: Turn, assessment: Assessment) -> bool:
        """Whether to have a turn read again: it is unclear, and no passage answers it as it stands."""
        verdict = assessment.verdict
        return (
            is_unsure(turn.understanding)
            and not turn.injected
            and not assessment.confident
            and (not verdict.handoff or verdict.reason in WORTH_ASKING)
        )

    async def reread(self, taken: Taken, assessment: Assessment, asked: Asked, deadline: Deadline) -> Consulted:
        """Ask what an unclear turn wants."""
        reading = taken.turn.understanding
        question = UNDERSTAND.about(
            {
                "situation": _situation(asked.context, asked.at),
                "messages": [message.text for message in taken.turn.messages if message.text],
                "quoted": list(asked.quoted),
            },
            _about(taken.state, reading, assessment, asked.conversation),
        )
        try:
            answer = await self._line.ask(question, deadline)
        except Refused as refused:
            return Consulted(Advice("fallback", str(refused)))
        commands = read_commands(answer.data)
        if commands is None:
            return Consulted(Advice("fallback", "unusable_answer"))
        better = merged(reading, commands, asked.context, asked.at, self._read)
        if better is reading:
            return Consulted(Advice("template", "not_understood"))
        return Consulted(Advice("llm", "understood"), reading=better)

    async def worded(
        self, step: Step, taken: Taken, assessment: Assessment, conversation: str, deadline: Deadline
    ) -> Consulted | None:
        """Have the open answer of a step worded; `None` when there is none to be said now."""
        passage = next((act.text for act in step.acts if isinstance(act, GivePassage) and act.open), None)
        if passage is None or step.outcome != "replied" or taken.turn.injected:
            return None
        turn = taken.turn
        about = _about(taken.state, turn.understanding, assessment, conversation)
        asked = question_for_rules(turn) or turn.text
        question = PHRASE.about(
            {"question": asked, "passage": passage}, about, cacheable=not _is_personal(asked, about, turn.understanding)
        )
        try:
            answer = await self._line.ask(question, deadline)
        except Refused as refused:
            return Consulted(Advice("fallback", str(refused)))
        if answer.data == NO_ANSWER:
            return Consulted(Advice("llm", "passage_refused"), refuses_passage=True)
        wording = read_wording(answer.data)
        if wording is None:
            return Consulted(Advice("fallback", "unusable_answer"))
        return Consulted(Advice("llm", "worded"), wording=wording)


def _situation(context: Context, at: datetime) -> dict[str, object]:
    zone = at.tzinfo
    assert isinstance(zone, ZoneInfo)  # noqa: S101  # turns are read in the unit's zone
    offered = [words.slot_line(nth, slot, zone) for nth, slot in enumerate(context.offered, start=1)]
    return {"stage": context.stage, "asked": context.asked, "offered": offered}


def _about(state: Conversation, reading: Understanding, assessment: Assessment, conversation: str) -> About:
    return About(assessment.facts_version, conversation, personal_in(state, reading))


def _is_personal(text: str, about: About, reading: Understanding) -> bool:
    """Whether a question names anybody or tells of them, as far as anybody can know: then no answer to it is kept."""
    told = text.casefold()
    return _gives(reading) or any(each.value.casefold() in told for each in about.personal)


def _gives(reading: Understanding) -> bool:
    fields = reading.fields
    return any((fields.parent_name, fields.students, fields.email, fields.phone))
