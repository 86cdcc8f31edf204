"""What becomes of a message: who wrote it, whether it is worked on, what it says; said once, however often it comes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
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
    Said,
    needs_ears,
    profile_name,
    refusal,
    rejected,
    said,
    sanitized,
)
from preprocessor_service.identity import person
from preprocessor_service.limits import RateLimit
from preprocessor_service.media import Ears
from preprocessor_service.store import Contacts, Met

_signals = signals(__name__)
_KIND = _signals.attribute("receptionist.kind", "Kind of a message: `text`, `audio`, …")
_messages = _signals.counter(
    "receptionist.preprocessor.messages", "{message}", "Inbound messages, by what became of them.", _KIND, OUTCOME
)
_conversations = _signals.counter(
    "receptionist.preprocessor.conversations", "{conversation}", "People who wrote for the first time."
)


@dataclass(frozen=True)
class Read:
    """A message that was read: who wrote it, what it says, why it is not worked on (`None` when it is)."""

    event: Event[MessageReceived]
    conversation: str
    contact: Contact
    words: Said
    reason: Reason | None

    def told_of(self, met: Met, now: datetime, *, tell: bool = False) -> Event[Any]:
        """Return what is said of it; `tell` has the person told why they are not answered."""
        message = self.event.data
        fact = (
            sanitized(message, self.words, met.contact, is_first=met.is_first, received_at=self.event.time)
            if self.reason is None
            else rejected(message, self.words, met.contact, self.reason, tell=tell)
        )
        return self.event.causes(fact, now=now, subject=self.conversation)


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
        read = await self._read(event)
        met = await self._say_at_once(read) or await self._say(read)
        if met is None:
            return
        _messages.add(1, {_KIND: event.data.kind, OUTCOME: read.reason or "sanitized"})
        if met.is_first:
            _conversations.add(1)

    async def learn(self, event: Event[NamesSeen]) -> None:
        """Learn that a phone and a LID are one person; what was theirs under either name is theirs under both."""
        who = person(event.data.address)
        async with self.store.unit() as tx:
            await self.contacts.learn(tx, who.address, event)
            if not await tx.first_time(event):
                return
            conversation = who.conversation(otherwise=event.subject)
            if not await self.contacts.knows(tx, conversation, who.address):
                return
            contact = Contact(phone=who.address.phone, address=who.address)
            met = await self.contacts.meet(tx, conversation, contact, event.time, None)
            await self._say_merged(tx, event, conversation, met)

    async def forget(self) -> None:
        """Forget everybody who has been silent for long enough."""
        async with self.store.unit() as tx:
            await self.contacts.forget(tx, self.clock() - self.keep)

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

    async def _read(self, event: Event[MessageReceived]) -> Read:
        """Find out who wrote, whether they may, and what they say; what is learned helps the very next message."""
        message, who = event.data, person(event.data.address)
        if who.address.lid is not None:
            who = who.with_phone(await self.contacts.phone_of(self.store, who.address, event))
        conversation = who.conversation(otherwise=event.subject)
        is_within_limit = await self.limit.accepts(conversation, event.id, event.time)
        listens = is_within_limit and who.is_identified and needs_ears(message)
        heard = await self.ears.hear(message, conversation) if listens else Heard()
        words = said(message, heard, self.clock(), self.stale_after)
        reason = refusal(message, words.text, is_identified=who.is_identified, is_within_limit=is_within_limit)
        name = profile_name(message.profile_name)
        contact = Contact(phone=who.address.phone, address=who.address, profile_name=name)
        return Read(event, conversation, contact, words, reason)

    async def _say_at_once(self, read: Read) -> Met | None:
        """Say what the usual message says; `None` when nothing was said, since it takes a unit."""
        if read.reason is not None or read.contact.profile_name is None:
            return None
        return await self.contacts.meet_and_emit(
            self.store, read.event, read.conversation, read.contact, lambda met: read.told_of(met, self.clock())
        )

    async def _say(self, read: Read) -> Met | None:
        """Say what any message says; `None` when that was said before."""
        async with self.store.unit() as tx:
            if not await tx.first_time(read.event):
                return None
            met, tell = await self._meet(tx, read)
            await self._say_merged(tx, read.event, read.conversation, met)
            await tx.emit(read.told_of(met, self.clock(), tell=tell))
        return met

    async def _meet(self, tx: Unit, read: Read) -> tuple[Met, bool]:
        """Remember who wrote; return what is known of them, and whether to tell them why they are not answered."""
        if read.reason == "unidentified":
            return Met(read.contact), False
        accepted = read.event.id if read.reason is None else None
        met = await self.contacts.meet(tx, read.conversation, read.contact, read.event.time, accepted)
        tell = read.reason == "rate_limited" and await self.contacts.may_tell(tx, read.conversation, read.event.time)
        return met, tell

    async def _say_merged(self, tx: Unit, event: Event[Any], conversation: str, met: Met) -> None:
        if met.merged:
            fact = ContactsMerged(merged=met.merged, contact=met.contact)
            await tx.emit(event.causes(fact, now=self.clock(), subject=conversation))
