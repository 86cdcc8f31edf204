"""What postprocessor is given: replies to send, and whose a conversation is."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store
from chassis.telemetry import current_traceparent
from contracts import Event
from contracts.dialogue import ApprovedTemplate
from contracts.frontdesk import StaffNotified, StaffReplied
from contracts.ingress import MessageEchoed
from contracts.preprocessor import ContactsMerged
from contracts.rules import ReplyDrafted

from postprocessor_service.domain import bubbles, names_of, split
from postprocessor_service.heard import Heard
from postprocessor_service.results import Results
from postprocessor_service.steps import Author, Scene
from postprocessor_service.store import DELIVER, Deliveries, Reply

log = get_logger(__name__)

GRAIN = timedelta(seconds=1)
"""The channel's clock counts whole seconds."""


class Intake:
    """Writes down what is to be done and wakes the courier.

    `stale_after` is how old a draft may be when it leaves. `start` has the courier begin right after the commit.
    """

    def __init__(
        self,
        store: Store,
        deliveries: Deliveries,
        results: Results,
        *,
        heard: Heard,
        stale_after: timedelta,
        clock: Clock,
        start: Callable[[str, Scene | None], None],
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._results = results
        self._heard = heard
        self._stale_after = stale_after
        self._clock = clock
        self._start = start

    async def draft(self, event: Event[ReplyDrafted]) -> None:
        """Queue what the assistant says. A notice says for itself how long it is good; an answer becomes stale."""
        draft = event.data
        stale_at = draft.policy.expires_at if draft.purpose == "notice" else event.time + self._stale_after
        await self._queue(
            event,
            bubbles(draft.bubbles),
            author="assistant",
            purpose=draft.purpose,
            answers=tuple(key.id for key in draft.answers),
            expires_at=min(draft.policy.expires_at, stale_at),
            template=draft.approved_template,
            last_inbound_at=draft.last_inbound_at,
            follows=draft.follows,
        )

    async def staff_reply(self, event: Event[StaffReplied]) -> None:
        """Queue what somebody at the unit says, as it is; whoever answers has taken over."""
        await self._queue(event, tuple(split(event.data.text)), author="staff", purpose="staff")

    async def notice(self, event: Event[StaffNotified]) -> None:
        """Queue what the unit's own people are told; it concerns nobody's conversation."""
        await self._queue(event, tuple(split(event.data.text)), author="staff", purpose="alert")

    async def belongs_to(
        self,
        conversation: str,
        *,
        staff_at: datetime | None = None,
        handoff_at: datetime | None = None,
        released_at: datetime | None = None,
    ) -> None:
        """Note whose a conversation is from a moment on; the latest moment counts, so repeats change nothing."""
        taking = self._heard.taking(conversation) if staff_at else nullcontext()
        async with taking, self._store.unit() as tx:
            moments = {"staff_at": staff_at, "handoff_at": handoff_at, "released_at": released_at}
            if await self._deliveries.note_owner(tx, conversation, **moments):
                await tx.wake(DELIVER, key=conversation, due_at=self._clock())

    async def staff_typed(self, event: Event[MessageEchoed]) -> None:
        """Somebody typed on the unit's own phone: the conversation is theirs, under every name that the person has."""
        async with self._heard.taking(event.subject):
            if event.data.unsure and await self._results.is_ours(event.data):
                return
            typed_at = min(event.time, event.data.sent_at + GRAIN)
            known = await self._deliveries.conversations(names_of(event.data.address))
            for conversation in {event.subject, *known}:
                await self.belongs_to(conversation, staff_at=typed_at)

    async def merge(self, event: Event[ContactsMerged]) -> None:
        """Two conversations are one person's: each is whose the other was, and goes by the names of both."""
        merged, into = event.data.merged, event.subject
        names = names_of(event.data.contact.address, event.data.contact.phone)
        async with self._store.unit() as tx:
            if await tx.first_time(event):
                for conversation in await self._deliveries.merge(tx, merged, into, names):
                    await tx.wake(DELIVER, key=conversation, due_at=self._clock())

    async def _queue(
        self,
        event: Event[ReplyDrafted] | Event[StaffReplied] | Event[StaffNotified],
        texts: tuple[str, ...],
        *,
        author: Author,
        purpose: str,
        answers: tuple[str, ...] = (),
        expires_at: datetime | None = None,
        template: ApprovedTemplate | None = None,
        last_inbound_at: datetime | None = None,
        follows: UUID | None = None,
    ) -> None:
        if not texts:
            log.warning("reply_says_nothing", reply=str(event.data.reply_id), event=str(event.id))
            return
        cause: Event[Any] = event.model_copy(update={"traceparent": current_traceparent() or event.traceparent})
        reply = Reply(
            id=event.data.reply_id,
            cause=cause,
            author=author,
            purpose=purpose,
            turn_id=event.data.turn_id if isinstance(event.data, ReplyDrafted) else None,
            instance=event.data.instance,
            contact=event.data.contact,
            bubbles=len(texts),
            template=template,
            last_inbound_at=last_inbound_at,
            follows=follows,
        )
        names = names_of(reply.contact.address, reply.contact.phone)
        scene = await self._deliveries.add(
            reply, texts, names=names, answers=answers, expires_at=expires_at, now=self._clock()
        )
        self._start(event.subject, scene)
