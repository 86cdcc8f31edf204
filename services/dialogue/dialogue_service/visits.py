"""What the calendar says about a visit, told to the parent; and what is said while it says nothing."""

from typing import Any

from chassis.errors import Transient
from chassis.logging import get_logger
from contracts import Event
from contracts.calendar import BookingConfirmed, BookingRejected, ReminderDue, VisitCancelled, VisitRescheduled

from dialogue_service import store as rows
from dialogue_service.decision.acts import SayCalendarIsSlow
from dialogue_service.decision.calendar_said import CalendarFact
from dialogue_service.decision.state import Conversation, OpenTurn
from dialogue_service.decision.turn import Step
from dialogue_service.desk import Desk
from dialogue_service.leaving import closing, emit, having_said, saying
from dialogue_service.letters import Mail
from dialogue_service.mind import SERVED, Answer
from dialogue_service.turns import AGAIN, CALENDAR_SLOW, RACES

log = get_logger(__name__)

CALENDAR_SAID = "calendar_said"
_SAYS: dict[str, type[CalendarFact]] = {
    fact.routing_key(): fact
    for fact in (BookingConfirmed, BookingRejected, VisitRescheduled, VisitCancelled, ReminderDue)
}


class Visits:
    """Follows the calendar's facts, each once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store
        self._mind = desk.mind
        self._clock = desk.clock

    async def hear(self, event: Event[Any]) -> None:
        """Tell the parent; while rules are away the fact waits under a timer of its own, as long as it takes."""
        try:
            await self._hear(event)
        except Transient as error:
            log.warning("calendar_fact_waits", conversation=event.subject, error=type(error).__name__)
            payload = {"fact": type(event.data).routing_key(), "event": event.to_wire().decode()}
            async with self._store.unit() as tx:
                await tx.wake(CALENDAR_SAID, key=str(event.id), due_at=self._clock() + AGAIN, payload=payload)

    async def hear_again(self, payload: dict[str, Any]) -> None:
        """Tell what could not be told before. Raises `Transient`."""
        await self._hear(Event.from_wire(payload["event"].encode(), _SAYS[payload["fact"]]))

    async def say_slow(self, conversation: str) -> None:
        """Say that the calendar takes its time; its answer will still be told. Raises `Transient`."""
        for _ in range(RACES):
            mail = await rows.load(self._store.pool, conversation)
            turn = _open_turn(mail) if mail else None
            if mail is None or turn is None:
                return
            try:
                await self._say_slow(mail, turn)
            except rows.LostRace:
                continue
            return

    async def _hear(self, event: Event[Any]) -> None:
        event = event.model_copy(update={"subject": await rows.known_as(self._store.pool, event.subject)})
        for _ in range(RACES):
            try:
                mail = await rows.load(self._store.pool, event.subject) or await self._begun(event)
                if mail is None or not (mail.state or mail.letters):
                    log.warning("calendar_fact_of_nobody", conversation=event.subject, event=str(event.id))
                    return
                await self._follow(mail, event)
            except rows.LostRace:
                continue
            return
        raise Transient("the conversation changes faster than the calendar can be followed")

    async def _begun(self, event: Event[Any]) -> Mail | None:
        """Begin a conversation with a family that never wrote: the unit booked their visit, and gave the phone."""
        if isinstance(event.data, BookingRejected):
            return None
        visit = event.data.visit
        state = Conversation(contact=visit.contact, instance=self._desk.instance, lead=visit.lead)
        async with self._store.unit() as tx:
            await rows.start(tx, event.subject, state)
        log.info("conversation_begun_by_visit", conversation=event.subject, visit=str(visit.id))
        return await rows.load(self._store.pool, event.subject)

    async def _follow(self, mail: Mail, event: Event[Any]) -> None:
        now = self._clock()
        answer = await self._mind.hear(mail, event.data, now)
        turn = _open_turn(mail) if answer.state.requested is None else None
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            facts = [
                *saying(
                    answer,
                    seed=event.id,
                    turn=turn.turn_id if turn else None,
                    keys=turn.keys if turn else (),
                    now=now,
                    fresh=self._desk.fresh,
                )
            ]
            await rows.save(tx, mail, having_said(answer.state, facts), unsaid=answer.unsaid)
            await emit(tx, event, [*facts, closing(turn, answer)] if turn else facts, now)
        log.info("calendar_followed", conversation=event.subject, outcome=answer.outcome, event=str(event.id))

    async def _say_slow(self, mail: Mail, turn: OpenTurn) -> None:
        """End the turn with what can be said; the request stays."""
        now = self._clock()
        state = await self._mind.owned(mail.current(), now)
        requested = state.requested
        cause = await rows.message(self._store.pool, turn.messages[-1])
        if requested is None or cause is None or requested.what == "cancellation":
            return  # of a cancellation there is nothing to say before it is one
        state = state.but(requested=requested.model_copy(update={"turn": None}))
        if state.owner == "unit":
            answer = Answer(state, "ignored", SERVED)
        else:
            step = Step(state=state, acts=(*mail.unsaid, SayCalendarIsSlow(slot=requested.slot)))
            answer = await self._mind.say(mail.conversation, step, now)
            answer = answer._replace(reason=CALENDAR_SLOW)
        async with self._store.unit() as tx:
            said = [
                *saying(answer, seed=turn.turn_id, turn=turn.turn_id, keys=turn.keys, now=now, fresh=self._desk.fresh)
            ]
            await rows.save(tx, mail, having_said(answer.state, said), unsaid=answer.unsaid)
            await emit(tx, cause, [*said, closing(turn, answer)], now)


def _open_turn(mail: Mail) -> OpenTurn | None:
    state = mail.state
    return state.requested.turn if state and state.requested else None
