"""What the unit's people do about a conversation: take it over, give it back, answer, say whether a family came.

Each act is decided under a lock on the person's row, changes the read model and leaves as a fact in one transaction,
so that two people who press the same button do it once, and the page shows it at once.
"""

from textwrap import shorten
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
    LeadEditedByStaff,
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
from frontdesk_service.domain import bubble_id, known, local
from frontdesk_service.lead_fields import Values, changed, changes_of, values_in, with_values
from frontdesk_service.projections import handoffs, leads, persons, replies, visits
from frontdesk_service.projections.persons import Person
from frontdesk_service.quick_replies import unfilled
from frontdesk_service.wording.lead import changed_meanwhile

FACTS = (
    *(StaffTookOver, StaffReleased, StaffReplied, VisitOutcomeRecorded),
    *(VisitBookedByStaff, VisitMovedByStaff, VisitCancelledByStaff, TimeBlocked, TimeUnblocked),
    *(LeadEditedByStaff, KnowledgeAnswered, AlertRaised, AlertCleared, StaffNotified, ErasureRequested),
)
MAX_TEXT = 4096
"""Characters of one WhatsApp message that every channel takes."""


class Refused(Exception):  # noqa: N818  # an answer, not a failure
    """Something is not done; `said` tells whoever wanted it why. It may quote a message, and is no exception text."""

    status = 409

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class Unanswerable(Refused):
    """There is no address to answer this person at."""


class Overtaken(Refused):
    """Somebody else at the unit was faster."""


class Unfilled(Refused):
    """A variable of a quick reply still stands in the text."""

    status = 422


class Unreadable(Refused):
    """What was written cannot stand in its field."""

    status = 422


class Desk:
    """The acts, each by somebody signed in (`by`)."""

    def __init__(self, store: Store, clock: Clock, changes: Changes) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes

    async def take(self, conversation: str, by: str, *, instead_of: str | None = None) -> None:
        """Make it the unit's, in the hands of `by`.

        Raises `Overtaken` when somebody else has it, other than the one of whom it is taken knowingly.
        """
        async with self._store.unit() as tx:
            person = await self._locked(tx, conversation)
            holder = await self._holder(tx, person)
            if holder != instead_of:
                _check_hands(holder, by)
            if holder != by:
                await self._say(tx, person, StaffTookOver(by=by))
        self._changes.announce(person.conversation)

    async def release(self, conversation: str, by: str) -> None:
        """Make it the assistant's again, if it is not."""
        async with self._store.unit() as tx:
            person = await self._locked(tx, conversation)
            if person.owner == "unit":
                await self._say(tx, person, StaffReleased(by=by))
        self._changes.announce(person.conversation)

    async def reply(
        self, conversation: str, by: str, text: str, key: str | None = None, *, seen: str | None = None
    ) -> UUID:
        """Answer as the unit, taking over first if need be; returns the message's id.

        The same `key` answers once, however often it is sent. `seen` is the id of the unit's last message that the
        writer saw, anything else if there was none; `None` does not ask. Raises `Unanswerable`, `Unfilled`, and
        `Overtaken` when somebody else has the conversation or answered meanwhile.
        """
        if names := unfilled(text):
            raise Unfilled(f"Falta preencher {{{names[0]}}}.")
        reply_id = uuid5(NAMESPACE_URL, f"frontdesk:{conversation}:{key or uuid4()}")
        async with self._store.unit() as tx:
            person = await self._locked(tx, conversation)
            if await replies.is_said(tx.connection, reply_id):
                return bubble_id(reply_id, 0)
            if person.address is None or person.instance is None:
                raise Unanswerable("Ainda não se sabe para onde responder a esta pessoa.")
            holder = await self._holder(tx, person)
            _check_hands(holder, by)
            if seen is not None:
                await self._check_seen(tx, person, seen)
            if holder is None:
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

    async def edit_lead(self, conversation: str, by: str, wanted: Values, seen: Values) -> None:
        """Write values of a family's lead, of which those count that are others than what the writer saw.

        `seen` has the values that the page showed, or some of them. Raises `Overtaken` when one of those that were
        changed is another by now.
        """
        async with self._store.unit() as tx:
            person = await self._locked(tx, conversation)
            lead = known(await leads.of(tx.connection, person.conversation), person.phone).lead
            current = values_in(lead)
            values = changed(wanted, {**current, **seen})
            await self._check_meanwhile(tx, person, values, current, seen)
            if values := changed(values, current):
                fact = LeadEditedByStaff(lead=with_values(lead, values), changes=changes_of(values), by=by)
                await self._say(tx, person, fact)
        self._changes.announce(person.conversation)

    async def _locked(self, tx: Unit, conversation: str) -> Person:
        await tx.connection.execute("select from people where conversation = $1 for update", conversation)
        person = await persons.find(tx.connection, conversation)
        if person is None:
            raise LookupError("the caller found this conversation a moment ago")
        return person

    async def _check_seen(self, tx: Unit, person: Person, seen: str) -> None:
        last = await replies.last_of_unit(tx.connection, person.conversations)
        if last and str(last.id) != seen:
            said = shorten(last.text or "", 80, placeholder="…")
            raise Overtaken(f"A unidade já respondeu às {local(last.at):%H:%M}: “{said}” Confira antes de enviar.")

    async def _check_meanwhile(self, tx: Unit, person: Person, values: Values, current: Values, seen: Values) -> None:
        meanwhile = changed({place: current.get(place) for place in values if place in seen}, seen)
        for place, value in meanwhile.items():
            if value != values[place]:
                typed = await leads.typed_of(tx.connection, person.conversation)
                raise Overtaken(changed_meanwhile(typed[place].by if place in typed else "A assistente", place, value))

    async def _holder(self, tx: Unit, person: Person) -> str | None:
        """Who at the unit has it; `None` while it is the assistant's, or waits for somebody."""
        return await handoffs.holder(tx.connection, person.conversations) if person.owner == "unit" else None

    async def _say(self, tx: Unit, person: Person, fact: Fact, key: str | None = None) -> None:
        event = Event.first(
            fact, key=key or uuid4().hex, source="frontdesk", subject=person.conversation, now=self._clock()
        )
        if await projections.apply(tx.connection, event, now=self._clock()):
            await tx.emit(event)


def _check_hands(holder: str | None, by: str) -> None:
    """Raise `Overtaken` when it is in somebody else's hands; what the unit's phone took is anybody's there."""
    if holder not in (None, by, handoffs.UNIT_PHONE):
        raise Overtaken(f"{holder} já assumiu esta conversa.")
