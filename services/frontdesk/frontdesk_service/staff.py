"""What the unit's people do about a conversation: take it over, give it back, answer, say whether a family came.

Each act is decided under a lock on the person's row, changes the read model and leaves as a fact in one transaction,
so that two people who press the same button do it once, and the page shows it at once.
"""

from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from chassis.clock import Clock
from chassis.store import Store, Unit
from contracts import Event, Fact
from contracts.calendar import VisitOutcomeRecorded
from contracts.frontdesk import (
    AlertCleared,
    AlertRaised,
    KnowledgeAnswered,
    StaffNotified,
    StaffReleased,
    StaffReplied,
    StaffTookOver,
    TimeBlocked,
    TimeUnblocked,
    VisitBookedByStaff,
    VisitCancelledByStaff,
    VisitMovedByStaff,
)
from contracts.ingress import Address
from contracts.preprocessor import Contact
from contracts.privacy import ErasureRequested

from frontdesk_service import projections
from frontdesk_service.changes import Changes
from frontdesk_service.domain import bubble_id
from frontdesk_service.projections import handoffs, persons, visits
from frontdesk_service.projections.persons import Person

FACTS = (
    *(StaffTookOver, StaffReleased, StaffReplied, VisitOutcomeRecorded),
    *(VisitBookedByStaff, VisitMovedByStaff, VisitCancelledByStaff, TimeBlocked, TimeUnblocked),
    *(KnowledgeAnswered, AlertRaised, AlertCleared, StaffNotified, ErasureRequested),
)
MAX_TEXT = 4096
"""Characters of one WhatsApp message that every channel takes."""


class Unanswerable(Exception):  # noqa: N818  # a word of the domain, not a failure
    """There is no address to answer this person at."""


class Desk:
    """The acts, each by somebody signed in (`by`)."""

    def __init__(self, store: Store, clock: Clock, changes: Changes) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes

    async def take(self, conversation: str, by: str) -> Literal["taken", "somebody_else"]:
        """Make it the unit's, in the hands of `by`, unless somebody else already has it."""
        async with self._store.unit() as tx:
            person = await self._locked(tx, conversation)
            holder = await self._holder(tx, person)
            if holder not in (None, by, handoffs.UNIT_PHONE):
                return "somebody_else"
            if holder != by:
                await self._say(tx, person, StaffTookOver(by=by))
        self._changes.announce(person.conversation)
        return "taken"

    async def release(self, conversation: str, by: str) -> None:
        """Make it the assistant's again, if it is not."""
        async with self._store.unit() as tx:
            person = await self._locked(tx, conversation)
            if person.owner == "unit":
                await self._say(tx, person, StaffReleased(by=by))
        self._changes.announce(person.conversation)

    async def reply(self, conversation: str, by: str, text: str, key: str | None = None) -> UUID:
        """Answer as the unit, taking over first if need be; returns the message's id.

        The same `key` answers once, however often it is sent. Raises `Unanswerable`.
        """
        reply_id = uuid5(NAMESPACE_URL, f"frontdesk:{conversation}:{key or uuid4()}")
        async with self._store.unit() as tx:
            person = await self._locked(tx, conversation)
            if person.address is None or person.instance is None:
                raise Unanswerable
            if await self._holder(tx, person) is None:
                await self._say(tx, person, StaffTookOver(by=by))
            contact = Contact(phone=person.phone, address=Address(**person.address), profile_name=person.profile_name)
            fact = StaffReplied(reply_id=reply_id, contact=contact, instance=person.instance, by=by, text=text)
            await self._say(tx, person, fact, key=str(reply_id))
        self._changes.announce(person.conversation)
        return bubble_id(reply_id, 0)

    async def record(self, conversation: str, by: str, visit_id: UUID, outcome: Literal["came", "missed"]) -> None:
        """Say whether a family came to a visit that has begun; of any other visit nobody can say it yet, or again."""
        async with self._store.unit() as tx:
            person = await self._locked(tx, conversation)
            theirs = await visits.of(tx.connection, person.conversations)
            if any(visit.id == visit_id and visit.awaits_outcome(self._clock()) for visit in theirs):
                await self._say(tx, person, VisitOutcomeRecorded(visit_id=visit_id, outcome=outcome, by=by))
        self._changes.announce(person.conversation)

    async def _locked(self, tx: Unit, conversation: str) -> Person:
        await tx.connection.execute("select from people where conversation = $1 for update", conversation)
        person = await persons.find(tx.connection, conversation)
        if person is None:
            raise LookupError("the caller found this conversation a moment ago")
        return person

    async def _holder(self, tx: Unit, person: Person) -> str | None:
        """Who at the unit has it; `None` while it is the assistant's, or waits for somebody."""
        return await handoffs.holder(tx.connection, person.conversations) if person.owner == "unit" else None

    async def _say(self, tx: Unit, person: Person, fact: Fact, key: str | None = None) -> None:
        event = Event.first(
            fact, key=key or uuid4().hex, source="frontdesk", subject=person.conversation, now=self._clock()
        )
        if await projections.apply(tx.connection, event, now=self._clock()):
            await tx.emit(event)
