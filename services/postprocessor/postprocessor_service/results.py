"""What became of bubbles: settled in one transaction with the facts that say so."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from chassis.clock import Clock
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store, Unit
from chassis.telemetry import signals
from chassis.telemetry.declaring import OUTCOME
from contracts import Event
from contracts.ingress import ChannelKey, MessageEchoed, ReceiptReceived
from contracts.postprocessor import DeliveryFailed, Recognise, ReplyDelivered, ReplyRead, SentBubble

from postprocessor_service.channels.together import Channels
from postprocessor_service.domain import fingerprint, names_of, recorded
from postprocessor_service.ledger import Echoed, Identity, Ledger
from postprocessor_service.steps import Bubble, Reason
from postprocessor_service.store import DELIVER, Deliveries, Reply

log = get_logger(__name__)
_ended = signals(__name__).counter(
    "receptionist.postprocessor.bubbles", "{bubble}", "Bubbles that were sent, or why they were not.", OUTCOME
)

ERROR, DELIVERED, READ = 2, 3, 4
RANKS = {"error": ERROR, "delivered": DELIVERED, "read": READ, "played": READ}
"""How far a receipt says a message got; 1 is what we know ourselves: sent. Other receipts say nothing new."""
CLOCKS_DIFFER = timedelta(seconds=60)
"""How far the channel's clock may be behind ours; its times have a grain of 1 s."""
MAY_BE_LATE = timedelta(minutes=15)
"""How long after its last attempt a bubble may become a message: a channel that hung, or lost its connection, does what
it was asked to do when it comes back."""
TRIES = 5
"""How often to look what an echo is of, while that changes under us."""


class Results:
    """Settles bubbles, by the channel's answers, its echoes and its receipts."""

    def __init__(self, store: Store, deliveries: Deliveries, ledger: Ledger, channels: Channels, clock: Clock) -> None:
        self._store = store
        self._deliveries = deliveries
        self._ledger = ledger
        self._channels = channels
        self._clock = clock

    async def sent(self, bubble: Bubble, channel_id: str) -> bool:
        """Settle a bubble that the channel has; whether it is known that nothing is left in its conversation."""
        key = ChannelKey(instance=bubble.instance, id=channel_id, from_me=True)
        try:
            if bubble.bubbles == 1 and (rests := await self._mark_only(bubble, key)) is not None:
                return rests
            async with self._store.unit() as tx:
                return await self._mark_sent(tx, bubble.identity, bubble.attempts, key)
        except asyncpg.UniqueViolationError:
            # Another bubble with the same words took this message for its own; then this one was not seen yet.
            log.warning("message_already_claimed", reply=str(bubble.reply_id), bubble=bubble.nth)
            await self._ledger.mark_unknown(bubble, self._clock())
            return False

    async def queued(self, bubble: Bubble, due_at: datetime, *, counts: bool = True) -> None:
        """Put back a bubble that was certainly not sent."""
        if heard := await self._ledger.mark_queued(bubble, due_at, counts=counts):
            await self.sent(bubble, heard)

    async def as_template(self, bubble: Bubble) -> None:
        """Put back a bubble that was not sent, as the template that it has."""
        assert bubble.template  # noqa: S101  # whoever calls has looked
        await self._ledger.use_template(bubble, fingerprint(recorded(bubble.template.name)))

    async def move(self, bubble: Bubble, instance: str) -> None:
        """Take a bubble that was not sent to another channel."""
        log.info("taken_to_another_channel", reply=str(bubble.reply_id), bubble=bubble.nth, instance=instance)
        await self._ledger.move(bubble, instance, self._clock())

    async def go_home(self, bubble: Bubble, due_at: datetime, *, may_move: bool) -> None:
        """Bring a bubble that another channel did not take back to its own."""
        await self._ledger.go_home(bubble, due_at, may_move=may_move, words=fingerprint(bubble.text))

    async def unknown(self, bubble: Bubble) -> None:
        """Keep a bubble of which nobody knows whether it was sent; it is looked for at once."""
        log.warning("delivery_unknown", reply=str(bubble.reply_id), bubble=bubble.nth, attempts=bubble.attempts)
        if heard := await self._ledger.mark_unknown(bubble, self._clock()):
            await self.sent(bubble, heard)

    async def in_doubt(self, bubble: Bubble) -> None:
        """Look once more for a bubble that was to be sent again long after its absence was proven."""
        await self._ledger.doubt_again(bubble, self._clock())

    async def failed(self, bubble: Bubble, reason: Reason) -> None:
        """Give up a bubble and the rest of its reply, and say so."""
        async with self._store.unit() as tx:
            reply = await self._ledger.mark_failed(tx, bubble, reason)
            if reply is not None:
                await self._say_failed(tx, reply, reason)
                log.warning("delivery_failed", reply=str(reply.id), reason=reason, attempts=bubble.attempts)

    async def is_ours(self, said: MessageEchoed | Recognise) -> bool:
        """Whether a message from the unit's number is one of ours; then it is noted whose it is, for the next question.

        It is when its id is known, and when it says to the same person what a bubble says of which there may be more
        messages than we know: one that was tried n times may be n messages, as a channel that hung does late what it
        was asked to do. What is over counts for `MAY_BE_LATE`. Somebody at the unit who copies such a bubble word for
        word on WhatsApp Web meanwhile is taken for us, and has the conversation with their next word; the other way
        round, our own late message would silence the assistant. What a phone made has another id, so nobody asks.
        """
        key, names, words = said.key, names_of(said.address), fingerprint(said.text or "")
        for _ in range(TRIES):
            if await self._ledger.claimed(key.instance, [key.id]):
                return True
            ours = await self._ledger.match_echo(
                key, names, words, began_by=said.sent_at + CLOCKS_DIFFER, tried_since=said.sent_at - MAY_BE_LATE
            )
            if ours is None:
                return False
            with suppress(asyncpg.UniqueViolationError):  # another copy of the same echo was faster
                await self._recognised(ours, key)
        raise Transient("what is known of a bubble changes all the time")

    async def receipt(self, event: Event[ReceiptReceived]) -> None:
        """Move a bubble on; what comes before the channel's answer, or is of no bubble, is kept for a while."""
        if event.data.reference:
            await self._referred(event.data.reference, event.data.key)
        rank = RANKS.get(event.data.status)
        if rank is None or (rank == DELIVERED and await self._ledger.ratchet(event.data.key, rank)):
            return  # nobody is told of a delivery: no transaction for most of them
        async with self._store.unit() as tx:
            if not await self._move_on(tx, event.data.key, rank, event.time):
                await self._ledger.keep_receipt(tx, event.data.key, rank, event.time)
                # The answer that this one overtook may have been settled while we waited for its row.
                await self._move_on(tx, event.data.key, rank, event.time)

    async def _recognised(self, ours: Echoed, key: ChannelKey) -> None:
        """Settle a bubble that waits to be known, unless whoever sends it still waits for the answer."""
        if not ours.is_awaited:
            log.warning("arrived_twice", reply=str(ours.bubble[0]), bubble=ours.bubble[1], message=key.id)
            await self._ledger.note_twin(ours.bubble, key)
            return
        if ours.state == "sending" and await self._ledger.hear(ours.bubble, ours.attempts, key):
            return
        async with self._store.unit() as tx:
            await self._deliveries.lock(tx, ours.conversation)
            await self._mark_sent(tx, ours.bubble, ours.attempts, key)
            await tx.wake(DELIVER, key=ours.conversation, due_at=self._clock())

    async def _referred(self, reference: str, key: ChannelKey) -> None:
        """Recognise a bubble by its reference; one that is not ours is somebody else's."""
        reply_id, _, nth = reference.partition(":")
        try:
            ours = await self._ledger.by_reference(UUID(reply_id), int(nth), key.instance)
        except ValueError:
            return
        if ours:
            await self._recognised(ours, key)

    async def _mark_only(self, bubble: Bubble, key: ChannelKey) -> bool | None:
        """Settle as nearly every bubble is: alone in its reply, and not heard of meanwhile."""
        now, reply = self._clock(), Reply.around(bubble)
        taken = (SentBubble(index=0, key=key, sent_at=now),)
        rests = await self._ledger.mark_only(bubble, key, now, self._delivered(reply, key, taken, bubble.attempts, now))
        if rests is not None:
            _ended.add(1, {OUTCOME: "sent"})
        return rests

    def _delivered(
        self, reply: Reply, key: ChannelKey, taken: tuple[SentBubble, ...], attempts: int, now: datetime
    ) -> Event[ReplyDelivered]:
        fact = ReplyDelivered(
            reply_id=reply.id,
            turn_id=reply.turn_id,
            contact=reply.contact,
            channel=self._channels.of(key.instance).name,
            bubbles=taken,
            attempts=attempts,
        )
        return reply.cause.causes(fact, now=now)

    async def _mark_sent(self, tx: Unit, bubble: Identity, attempts: int, key: ChannelKey) -> bool:
        now = self._clock()
        done = await self._ledger.mark_sent(tx, bubble, attempts, key, now)
        if done is None:
            log.info("settled_by_another", reply=str(bubble[0]), bubble=bubble[1])
            return False
        reply, heard, is_last = done
        _ended.add(1, {OUTCOME: "sent"})
        if bubble[1] == reply.bubbles - 1:
            only = (SentBubble(index=0, key=key, sent_at=now),), attempts
            taken, all_attempts = only if reply.bubbles == 1 else await self._ledger.taken(tx, reply.id)
            await tx.emit(self._delivered(reply, key, taken, all_attempts, now))
        if heard > 1:
            await self._move_on(tx, key, heard, now)
        return is_last

    async def _move_on(self, tx: Unit, key: ChannelKey, rank: int, at: datetime) -> bool:
        moved = await self._ledger.ratchet(key, rank, tx)
        if moved is None:
            return False
        reply, nth = moved
        if rank == ERROR:
            await self._say_failed(tx, reply, "rejected", nth=nth + 1)
        elif rank == READ and nth == reply.bubbles - 1:
            read = ReplyRead(reply_id=reply.id, contact=reply.contact, read_at=at)
            await tx.emit(reply.cause.causes(read, now=self._clock()))
        return True

    async def _say_failed(self, tx: Unit, reply: Reply, reason: Reason, *, nth: int = 0) -> None:
        taken, attempts = await self._ledger.taken(tx, reply.id)
        fact = DeliveryFailed(
            reply_id=reply.id,
            turn_id=reply.turn_id,
            contact=reply.contact,
            reason=reason,
            sent=taken,
            attempts=attempts,
        )
        await tx.emit(reply.cause.causes(fact, now=self._clock(), nth=nth))
        _ended.add(1, {OUTCOME: reason})
