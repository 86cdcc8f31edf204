"""What becomes of a message: who wrote it, whether it is worked on, what it says; said once, however often it comes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.clock import Clock
from chassis.store import Store, Unit
from chassis.telemetry import signals
from chassis.telemetry.declaring import OUTCOME
from contracts import Event
from contracts.ingress import MessageReceived, NamesSeen
from contracts.preprocessor import Contact, ContactsMerged
from contracts.privacy import DataErased, ErasureRequested

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
from preprocessor_service.store import Contacts, Met

FORGET = "forget_contact"
_signals = signals(__name__)
_KIND = _signals.attribute("receptionist.kind", "Kind of a message: `text`, `audio`, …")
_messages = _signals.counter(
    "receptionist.preprocessor.messages", "{message}", "Inbound messages, by what became of them.", _KIND, OUTCOME
)
_conversations = _signals.counter(
    "receptionist.preprocessor.conversations", "{conversation}", "People who wrote for the first time."
)


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
            met, tell = await self._meet(tx, event, who, reason)
            await self._say_merged(tx, event, conversation, met)
            fact = (
                sanitized(message, words, met.contact, is_first=met.is_first, received_at=event.time)
                if reason is None
                else rejected(message, words, met.contact, reason, tell=tell)
            )
            await tx.emit(event.causes(fact, now=self.clock(), subject=conversation))
        _messages.add(1, {_KIND: message.kind, OUTCOME: reason or "sanitized"})
        if met.is_first and reason is None:
            _conversations.add(1)

    async def learn(self, event: Event[NamesSeen]) -> None:
        """Learn that a phone and a LID are one person; what was theirs under either name is theirs under both."""
        who = person(event.data.address)
        async with self.store.unit() as tx:
            await self.contacts.phone_of(tx, who.address, event)
            if not await tx.first_time(event):
                return
            conversation = who.conversation(otherwise=event.subject)
            if not await self.contacts.knows(tx, conversation, who.address):
                return
            contact = Contact(phone=who.address.phone, address=who.address)
            met = await self.contacts.meet(tx, conversation, contact, event.time, None)
            await tx.wake(FORGET, key=conversation, due_at=event.time + self.keep)
            await self._say_merged(tx, event, conversation, met)

    async def forget(self, conversation: str) -> None:
        """Forget a person who has been silent for long enough."""
        async with self.store.unit() as tx:
            await self.contacts.forget(tx, conversation)

    async def erase(self, event: Event[ErasureRequested]) -> None:
        """Forget a person who asked for it, once."""
        conversations, phone = event.data.conversations(event.subject), event.data.phone
        await self.limit.forget(conversations)
        async with self.store.unit() as tx:
            if await tx.first_time(event):
                now = self.clock()
                rows = await self.contacts.erase(tx, conversations, phone)
                rows += await tx.drop_pending(keys=conversations, mention=phone, now=now)
                done = DataErased(owner="preprocessor", rows=rows)
                await tx.emit(event.causes(done, now=now, source="preprocessor"))

    async def _recognise(self, event: Event[MessageReceived]) -> Person:
        """Find the person, in a transaction of its own: what is learned here helps the very next message."""
        who = person(event.data.address)
        if who.address.lid is None:
            return who
        async with self.store.unit() as tx:
            return who.with_phone(await self.contacts.phone_of(tx, who.address, event))

    async def _meet(
        self, tx: Unit, event: Event[MessageReceived], who: Person, reason: Reason | None
    ) -> tuple[Met, bool]:
        """Remember who wrote; return what is known of them, and whether to tell them why they are not answered."""
        name = profile_name(event.data.profile_name)
        contact = Contact(phone=who.address.phone, address=who.address, profile_name=name)
        if not who.is_identified:
            return Met(contact), False
        conversation = who.conversation(otherwise=event.subject)
        accepted = event.id if reason is None else None
        met = await self.contacts.meet(tx, conversation, contact, event.time, accepted)
        await tx.wake(FORGET, key=conversation, due_at=event.time + self.keep)
        tell = reason == "rate_limited" and await self.contacts.may_tell(tx, conversation, event.time)
        return met, tell

    async def _say_merged(self, tx: Unit, event: Event[Any], conversation: str, met: Met) -> None:
        if met.merged:
            fact = ContactsMerged(merged=met.merged, contact=met.contact)
            await tx.emit(event.causes(fact, now=self.clock(), subject=conversation))
