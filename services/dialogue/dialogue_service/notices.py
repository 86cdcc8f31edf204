"""Messages that are not worked on: closed with their reason, and the person told once when that is wanted."""

from typing import Any
from uuid import uuid5

from chassis.logging import get_logger
from contracts import Event
from contracts.preprocessor import MessageRejected

from dialogue_service import store as rows
from dialogue_service.decision.acts import SlowDown
from dialogue_service.decision.state import Conversation, OpenTurn
from dialogue_service.decision.turn import Step
from dialogue_service.desk import Desk
from dialogue_service.leaving import closing, emit, saying
from dialogue_service.letters import Mail
from dialogue_service.mind import Answer

log = get_logger(__name__)

SLOW_DOWN = "slow_down"


class Notices:
    """Ends what preprocessor refused. A refused message cancels nothing that is being answered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store
        self._mind = desk.mind
        self._clock = desk.clock

    async def dismiss(self, event: Event[MessageRejected]) -> None:
        """Close the message; the notice has a timer, so that rules may be away meanwhile."""
        data, now = event.data, self._clock()
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            state = _state(await rows.load(tx.connection, event.subject), data)
            turn = _turn(event)
            await emit(tx, event, [closing(turn, Answer(state, "ignored", data.reason))], now)
            if data.tell and state.owner == "assistant" and not state.opted_out:
                payload = {"event": event.to_wire().decode()}
                await tx.wake(SLOW_DOWN, key=event.subject, due_at=now, payload=payload)
        log.info("message_dismissed", conversation=event.subject, reason=data.reason, event=str(event.id))

    async def slow_down(self, payload: dict[str, Any]) -> None:
        """Ask to write less. Raises `Transient` when rules are away."""
        event = Event.from_wire(payload["event"].encode(), MessageRejected)
        mail = await rows.load(self._store.pool, event.subject)
        state, now, turn = _state(mail, event.data), self._clock(), _turn(event)
        step = Step(state=state, acts=(SlowDown(),))
        answer = await self._mind.say(event.subject, step, now)
        (reply,) = saying(answer, seed=event.id, turn=turn.turn_id, keys=turn.keys, now=now, fresh=self._desk.fresh)
        caused = event.causes(reply, now=now)
        async with self._store.unit() as tx:
            if await tx.first_time(caused):
                await tx.emit(caused)


def _state(mail: Mail | None, data: MessageRejected) -> Conversation:
    known = mail.state if mail else None
    return known or Conversation(contact=data.contact, instance=data.key.instance)


def _turn(event: Event[MessageRejected]) -> OpenTurn:
    return OpenTurn(turn_id=uuid5(event.id, f"turn:{event.id}"), messages=(event.id,), keys=(event.data.key,))
