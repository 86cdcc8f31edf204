"""What a turn, or a word of the calendar, leads to: understand, ask, decide, say. Nothing is kept here."""

from datetime import datetime
from typing import NamedTuple

from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.telemetry import signals, span
from contracts import Fact
from contracts.calendar import BookingConfirmed, VisitRescheduled
from contracts.dialogue import Ground, HandoffReason, Route
from contracts.rules import Assessment

from dialogue_service.asking import Asking, Deadline
from dialogue_service.consulting import Advice, Consultant
from dialogue_service.decision.acts import AnyAct, HandOver
from dialogue_service.decision.calendar_said import CalendarFact, after_calendar
from dialogue_service.decision.decide import decide, questions_for_calendar, search_in
from dialogue_service.decision.grounds import grounds_of
from dialogue_service.decision.session import given_back, has_lapsed, may_have_lapsed, taken_over
from dialogue_service.decision.state import Conversation, Hours
from dialogue_service.decision.turn import Known, Outcome, SlotSearch, Step, Taken
from dialogue_service.letters import Gathered, Mail
from dialogue_service.model.commands import Reader
from dialogue_service.seeing import Completer, Seeing
from dialogue_service.speech import Spoken, speak
from dialogue_service.unit import UnitFile

log = get_logger(__name__)

SERVED = "served_by_unit"
_signals = signals(__name__)
_DECIDE = _signals.operation("dialogue.decide", "What a turn leads to is decided.")
_SPEAK = _signals.operation("dialogue.speak", "Decisions become bubbles.")


class Answer(NamedTuple):
    """What becomes of a turn: the new state, what is said now and what only when the calendar has answered.

    `reason` is why it was ignored or handed over, else how a model took part; `route` is who worded or understood it.
    """

    state: Conversation
    outcome: Outcome
    reason: str | None = None
    route: Route = "template"
    spoken: Spoken | None = None
    facts: tuple[Fact, ...] = ()
    handoff: HandoffReason | None = None
    unsaid: tuple[AnyAct, ...] = ()
    question: str | None = None
    intents: tuple[str, ...] = ()
    facts_version: str | None = None
    began: datetime | None = None
    work_s: float = 0.0
    grounds: tuple[Ground, ...] = ()


class Mind:
    """Answers; what it understands with is in `Seeing`."""

    def __init__(
        self,
        asking: Asking,
        unit: UnitFile,
        understand: Reader,
        complete: Completer | None = None,
        consultant: Consultant | None = None,
    ) -> None:
        self._asking = asking
        self._seeing = Seeing(asking, unit, understand, complete, consultant)
        self._consultant = consultant

    async def answer(self, mail: Mail, gathered: Gathered, now: datetime) -> Answer:
        """Work a turn. Raises `Transient` when rules are away; whatever else goes wrong is the unit's to mend."""
        deadline = self._asking.deadline()
        state = await self.owned(mail.current(), now)
        if state.owner == "unit":
            return Answer(state, "ignored", SERVED, unsaid=mail.unsaid)
        try:
            answer = await self._think(mail, state, gathered, now, deadline)
        except Transient:
            raise
        except Exception as error:  # noqa: BLE001  # the edge of thinking: nobody goes unanswered because of our mistake
            log.error("turn_failed", cause=error, conversation=mail.conversation, turn=str(gathered.turn_id))
            answer = await self._give_up(mail, state, now)
        return answer._replace(began=now, work_s=deadline.spent_s)

    async def hear(self, mail: Mail, fact: CalendarFact, now: datetime) -> Answer:
        """Follow what the calendar says; it brings along what its turn could not say yet. Raises `Transient`."""
        state = await self.owned(mail.current(), now)
        if _is_old(state, fact):
            return Answer(state, "ignored", "stale", unsaid=mail.unsaid)
        assessment = await self._asking.facts(now)
        step = after_calendar(state, fact, assessment, now)
        settles = state.requested is not None and step.state.requested is None
        if settles and step.acts:
            step = step.model_copy(update={"acts": (*mail.unsaid, *step.acts)})
        return self._say(mail.conversation, step, assessment, unsaid=() if settles else mail.unsaid)

    async def say(self, conversation: str, step: Step, now: datetime) -> Answer:
        """Say something that no decision stands behind. Raises `Transient` when rules are away."""
        return self._say(conversation, step, await self._asking.facts(now))

    async def owned(self, state: Conversation, now: datetime) -> Conversation:
        """Return the conversation with its owner as of now: after a long silence of the unit it is ours again."""
        if state.owner == "unit" and may_have_lapsed(state, now):
            hours = state.hours or _hours(await self._asking.facts(now))
            if has_lapsed(state, hours, now):
                return given_back(state)
        return state

    async def _think(
        self, mail: Mail, state: Conversation, gathered: Gathered, now: datetime, deadline: Deadline
    ) -> Answer:
        seen = await self._seeing.see(state, gathered, now, deadline)
        taken, assessment, advice, wording = seen.taken, seen.assessment, seen.advice, None
        search, known = await self._look_up(mail, taken, assessment, now, deadline)
        with span(_DECIDE):
            step = decide(taken, known, search, now)
        if self._consultant and advice is None:  # one question to a model in a turn
            said = await self._consultant.worded(step, taken, assessment, mail.conversation, deadline)
            advice, wording = (said.advice, said.wording) if said else (None, None)
            if said and said.refuses_passage:
                known = known.model_copy(update={"assessment": assessment.model_copy(update={"confident": False})})
                step = decide(taken, known, search, now)
        waits = step.outcome == "waiting"
        unsaid = step.acts if waits else mail.unsaid
        if waits:
            step = step.model_copy(update={"acts": ()})
        answer = self._say(mail.conversation, step, assessment, unsaid=unsaid, wording=wording)
        turn = taken.turn
        return _advised(answer._replace(question=turn.text, intents=turn.understanding.names), advice)

    async def _look_up(
        self, mail: Mail, taken: Taken, assessment: Assessment, now: datetime, deadline: Deadline
    ) -> tuple[SlotSearch | None, Known]:
        """Ask the calendar, when slots are wanted."""
        search = search_in(taken, assessment, now)
        if search is None:
            return None, Known(assessment=assessment)
        offers = await self._asking.offers(questions_for_calendar(search, mail.conversation, now), deadline)
        return search, Known(assessment=assessment, offers=offers, calendar_away=offers is None)

    def _say(
        self,
        conversation: str,
        step: Step,
        assessment: Assessment,
        *,
        unsaid: tuple[AnyAct, ...] = (),
        wording: str | None = None,
    ) -> Answer:
        with span(_SPEAK):
            spoken = speak(step, assessment, conversation, phrasing=wording) if step.acts else None
        silent = step.outcome == "replied" and not (spoken and spoken.bubbles)
        return Answer(
            state=spoken.state if spoken else step.state,
            outcome="ignored" if silent else step.outcome,
            reason="nothing_to_say" if silent else step.reason,
            spoken=spoken if spoken and spoken.bubbles else None,
            facts=step.facts,
            handoff=step.handoff,
            unsaid=unsaid,
            facts_version=assessment.facts_version,
            grounds=grounds_of(step.acts),
        )

    async def _give_up(self, mail: Mail, state: Conversation, now: datetime) -> Answer:
        """Give a conversation to the unit that we cannot go on with."""
        assessment = await self._asking.facts(now)
        opening = assessment.opening
        act = HandOver(reason="failure", opens_at=None if opening.is_open_now else opening.next_opening)
        step = Step(
            state=taken_over(state, now), acts=(act,), outcome="handed_over", reason="failure", handoff="failure"
        )
        return self._say(mail.conversation, step, assessment, unsaid=mail.unsaid)


def _advised(answer: Answer, advice: Advice | None) -> Answer:
    """Say who answered; why somebody is ignored or handed over is told first."""
    return answer._replace(route=advice.route, reason=answer.reason or advice.reason) if advice else answer


def _is_old(state: Conversation, fact: CalendarFact) -> bool:
    """Whether a later word about the same visit came first."""
    known = state.visit
    if known is None or not isinstance(fact, BookingConfirmed | VisitRescheduled):
        return False
    return fact.visit.id == known.id and fact.visit.version < known.version


def _hours(assessment: Assessment) -> Hours:
    unit = assessment.unit
    return Hours(opening=assessment.opening, closed_days=assessment.closed_days, timezone=unit.timezone)
