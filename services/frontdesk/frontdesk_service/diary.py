"""What the unit's people do to the appointment book: book, move, cancel, keep a time free.

The book is the calendar's: what is done here leaves as a fact, and the calendar says what became of it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.clock import Clock
from chassis.errors import DeadlineExceeded, Permanent, Unavailable
from chassis.line import Line
from chassis.logging import get_logger
from chassis.store import Connection, Store
from contracts import Event, Fact, conversation_id
from contracts.calendar import Timetable, Week
from contracts.dialogue import Lead, Slot, Student
from contracts.frontdesk import TimeBlocked, TimeUnblocked, VisitBookedByStaff, VisitCancelledByStaff, VisitMovedByStaff
from contracts.ingress import Address
from contracts.preprocessor import Contact

from frontdesk_service.changes import EVERYTHING, Changes
from frontdesk_service.domain import known
from frontdesk_service.projections import leads, persons
from frontdesk_service.week import A_WEEK, Appointment

log = get_logger(__name__)

UNIT = "unit"
"""The subject of what concerns no family."""

ANSWER_WITHIN_S = 2.0
SETTLE_S, LOOK_EVERY_S = 2.0, 0.1
"""How long, and how often, the calendar is looked at until it shows what was done."""


@dataclass(frozen=True)
class Family:
    """Whom a visit is for, as somebody at the unit wrote it down; `phone` is E.164."""

    phone: str
    parent_name: str
    student_name: str | None = None


class Diary:
    """The acts, each by somebody signed in (`by`); the same `key` does it once, however often it is sent."""

    def __init__(self, line: Line, store: Store, clock: Clock, changes: Changes) -> None:
        self._line = line
        self._store = store
        self.clock = clock
        self._changes = changes

    async def week(self, first: date, days: int = A_WEEK) -> Timetable | None:
        """Return what is in the book; `None` while the calendar is away."""
        try:
            answer: Timetable = await self._line.ask(
                Week(first=first, days=days, now=self.clock()), within_s=ANSWER_WITHIN_S
            )
        except (DeadlineExceeded, Unavailable, Permanent) as error:
            log.warning("calendar_away", error=type(error).__name__)
            return None
        return answer

    async def book(self, slot: Slot, family: Family, *, by: str, key: str) -> None:
        """Give a family a time."""
        async with self._store.unit() as tx:
            subject, contact, lead = await _whom(tx.connection, family)
        fact = VisitBookedByStaff(slot=slot, lead=lead, contact=contact, by=by)
        await self._say(fact, subject, key)
        await self._settled(slot.start.date(), lambda book: not _is_free(book, slot))

    async def move(self, visit: Appointment, slot: Slot, *, by: str, key: str) -> None:
        """Put a visit at another time."""
        await self._say(VisitMovedByStaff(visit_id=visit.id, slot=slot, by=by), visit.conversation, key)
        await self._settled(slot.start.date(), lambda book: not _is_free(book, slot))

    async def cancel(self, visit: Appointment, *, by: str, key: str) -> None:
        """Cancel a visit."""
        await self._say(VisitCancelledByStaff(visit_id=visit.id, by=by), visit.conversation, key)
        await self._settled(visit.slot.start.date(), lambda book: not _has(book, visit.id))

    async def block(self, slot: Slot, name: str, *, by: str, key: str) -> None:
        """Keep a time free."""
        block_id = uuid5(NAMESPACE_URL, f"frontdesk:block:{key}")
        await self._say(TimeBlocked(block_id=block_id, slot=slot, name=name, by=by), UNIT, key)
        await self._settled(slot.start.date(), lambda book: _has(book, block_id))

    async def unblock(self, block_id: UUID, day: date, *, by: str, key: str) -> None:
        """Give a blocked time back; `day` is one that it is on."""
        await self._say(TimeUnblocked(block_id=block_id, by=by), UNIT, key)
        await self._settled(day, lambda book: not _has(book, block_id))

    async def _say(self, fact: Fact, subject: str, key: str) -> None:
        event = Event.first(fact, key=key, source="frontdesk", subject=subject, now=self.clock())
        async with self._store.unit() as tx:
            if await tx.first_time(event):
                await tx.emit(event)

    async def _settled(self, day: date, shows: Callable[[Timetable], bool]) -> None:
        """Wait, briefly, until the book shows it, so that the page that follows does; then every page looks again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                book = await self.week(day, days=1)
                while book is not None and not shows(book):
                    await asyncio.sleep(LOOK_EVERY_S)
                    book = await self.week(day, days=1)
        self._changes.announce(EVERYTHING)


async def _whom(connection: Connection, family: Family) -> tuple[str, Contact, Lead]:
    """Return the conversation, the contact and the lead of a family, whether they ever wrote or not."""
    person = await persons.find(connection, family.phone)
    stored = await leads.of(connection, person.conversation) if person else None
    lead = known(stored, family.phone).lead.model_copy(update={"parent_name": family.parent_name})
    if family.student_name and not any(student.name for student in lead.students):
        first = lead.students[0] if lead.students else Student()
        named = first.model_copy(update={"name": family.student_name})
        lead = lead.model_copy(update={"students": (named, *lead.students[1:])})
    address = Address(jid=f"{family.phone.removeprefix('+')}@s.whatsapp.net", phone=family.phone)
    if person is None:
        return conversation_id(family.phone), Contact(phone=family.phone, address=address), lead
    if person.address:
        address = Address(**person.address)
    return (
        person.conversation,
        Contact(phone=person.phone or family.phone, address=address, profile_name=person.profile_name),
        lead,
    )


def _is_free(book: Timetable, slot: Slot) -> bool:
    return any(free.start == slot.start for free in book.free)


def _has(book: Timetable, an_id: UUID) -> bool:
    return any(busy.id == an_id for busy in book.busy)
