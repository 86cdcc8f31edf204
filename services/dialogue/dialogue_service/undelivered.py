"""Replies that did not arrive. One that became too old on its way is not said any more, but excused."""

from datetime import timedelta
from typing import Any

from chassis.logging import get_logger
from chassis.telemetry import signals
from chassis.telemetry.declaring import REASON
from contracts import Event
from contracts.postprocessor import DeliveryFailed

from dialogue_service import store as rows
from dialogue_service.decision.acts import ExcuseSilence
from dialogue_service.decision.turn import Step
from dialogue_service.desk import Desk
from dialogue_service.leaving import saying

log = get_logger(__name__)
undelivered = signals(__name__).counter(
    "receptionist.dialogue.undelivered", "{reply}", "Replies that did not arrive, by reason.", REASON
)

EXCUSE = "excuse"
TOO_OLD = frozenset({"expired", "exhausted"})
"""Why a reply was given up that would have been said had the channel been well."""
GATHER = timedelta(seconds=5)
"""Replies that lapse together are excused together."""
WINDOW = timedelta(hours=23)
"""How long after somebody wrote an excuse may reach them: WhatsApp takes free text for 24 hours, less its way there."""


class Undelivered:
    """Hears that replies did not arrive; staff see each of them at the front desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store
        self._clock = desk.clock

    async def hear(self, event: Event[DeliveryFailed]) -> None:
        """Note it. The excuse has a timer, so that rules may be away meanwhile."""
        reason, reply = event.data.reason, str(event.data.reply_id)
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            undelivered.add(1, {REASON: reason})
            log.warning("reply_not_delivered", conversation=event.subject, reply=reply, reason=reason)
            if reason in TOO_OLD:
                payload = {"event": event.to_wire().decode()}
                await tx.wake(EXCUSE, key=event.subject, due_at=self._clock() + GATHER, payload=payload)

    async def excuse(self, payload: dict[str, Any]) -> None:
        """Excuse our silence, once until the person writes again. Raises `Transient` when rules are away."""
        event = Event.from_wire(payload["event"].encode(), DeliveryFailed)
        mail, now = await rows.load(self._store.pool, event.subject), self._clock()
        state = mail.state if mail else None
        wrote_at = state.last_inbound_at if state else None
        if state is None or wrote_at is None or state.owner != "assistant" or state.opted_out:
            return
        good_for = wrote_at + WINDOW - now
        if good_for <= timedelta():
            return
        answer = await self._desk.mind.say(event.subject, Step(state=state, acts=(ExcuseSilence(),)), now)
        (reply,) = saying(answer, seed=event.id, turn=None, keys=(), now=now, fresh=good_for)
        key = f"{event.subject}:{EXCUSE}:{wrote_at.isoformat()}"
        said = Event.first(reply, key=key, source="dialogue", subject=event.subject, now=now)
        async with self._store.unit() as tx:
            if await tx.first_time(said):
                await tx.emit(said)
