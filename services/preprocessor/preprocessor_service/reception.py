"""What becomes of a message: who wrote it, whether it is worked on, what it says; said once, however often it comes."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from chassis.store import Store, Unit
from chassis.telemetry import meter
from contracts import Event
from contracts.ingress import MessageReceived
from contracts.preprocessor import Contact

from preprocessor_service.domain import (
    Heard,
    Reason,
    needs_ears,
    profile_name,
    refusal,
    rejected,
    said,
    sanitized,
)
from preprocessor_service.identity import Person, person
from preprocessor_service.limits import RateLimit
from preprocessor_service.media import Ears
from preprocessor_service.store import Contacts

FORGET = "forget_contact"
_messages = meter.create_counter("receptionist.preprocessor.messages", "{message}", "Inbound messages, by outcome.")


@dataclass(frozen=True)
class Reception:
    """Takes messages in. `keep` is how long a silent person is remembered."""

    store: Store
    contacts: Contacts
    limit: RateLimit
    ears: Ears
    clock: Clock
    stale_after: timedelta
    keep: timedelta

    async def receive(self, event: Event[MessageReceived]) -> None:
        """Turn a received message into one fact; a repeated delivery changes nothing."""
        message = event.data
        who = await self._recognise(event)
        conversation = who.conversation(otherwise=event.subject)
        is_within_limit = await self.limit.accepts(conversation, event.id, event.time)
        listens = is_within_limit and who.is_identified and needs_ears(message)
        heard = await self.ears.hear(message, conversation) if listens else Heard()
        words = said(message, heard, self.clock(), self.stale_after)
        reason = refusal(message, words.text, is_identified=who.is_identified, is_within_limit=is_within_limit)
        async with self.store.unit() as tx:
            if not await tx.first_time(event):
                return
            contact, is_first, tell = await self._meet(tx, event, who, reason)
            fact = (
                sanitized(message, words, contact, is_first=is_first, received_at=event.time)
                if reason is None
                else rejected(message, words, contact, reason, tell=tell)
            )
            await tx.emit(event.causes(fact, now=self.clock(), subject=conversation))
        _messages.add(1, {"kind": message.kind, "outcome": reason or "sanitized"})

    async def forget(self, conversation: str) -> None:
        """Forget a person who has been silent for long enough."""
        async with self.store.unit() as tx:
            await self.contacts.forget(tx, conversation)

    async def _recognise(self, event: Event[MessageReceived]) -> Person:
        """Find the person, in a transaction of its own: what is learned here helps the very next message."""
        who = person(event.data.address)
        if who.address.lid is None:
            return who
        async with self.store.unit() as tx:
            return who.with_phone(await self.contacts.phone_of(tx, who.address, event.time))

    async def _meet(
        self, tx: Unit, event: Event[MessageReceived], who: Person, reason: Reason | None
    ) -> tuple[Contact, bool, bool]:
        """Remember who wrote; return them, whether this is their first contact, and whether to tell them why not."""
        name = profile_name(event.data.profile_name)
        contact = Contact(phone=who.address.phone, address=who.address, profile_name=name)
        if not who.is_identified:
            return contact, False, False
        conversation = who.conversation(otherwise=event.subject)
        accepted = event.id if reason is None else None
        contact, is_first = await self.contacts.meet(tx, conversation, contact, event.time, accepted)
        await tx.wake(FORGET, key=conversation, due_at=event.time + self.keep)
        tell = reason == "rate_limited" and await self.contacts.may_tell(tx, conversation, event.time)
        return contact, is_first, tell
