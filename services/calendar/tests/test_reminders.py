"""Thirty days of reminders, with restarts in between: each visit once, at the right minute."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis.testing import Probe, an_event
from contracts.calendar import BookingConfirmed, ReminderDue, Visit, VisitCancelled, VisitRescheduled
from contracts.dialogue import BookingRequested, CancellationRequested, Lead, RescheduleRequested, Slot
from contracts.frontdesk import VisitBookedByStaff
from contracts.ingress import Address
from contracts.preprocessor import Contact

pytestmark = pytest.mark.stores
DAYS = 30
CONTACT = Contact(phone="+5551987650001", address=Address(jid="5551987650001@s.whatsapp.net"))


def right_minute(visit: datetime, booked: datetime) -> datetime | None:
    """The rule of the reception, written down a second time: two hours before, in the evening before, at eight."""
    if visit - booked <= timedelta(hours=2):
        return None
    due = visit - timedelta(hours=2)
    if due.time() >= time(8):
        return due
    evening = due.replace(hour=18, minute=0) - timedelta(days=1)
    return evening if evening > booked else due.replace(hour=8, minute=0)


class Month:
    """A month at the unit: families book, move and cancel; the service is restarted again and again."""

    def __init__(self, start: Callable[[], Any], clock: Any, seed: int) -> None:
        self.start, self.clock, self.random = start, clock, random.Random(seed)  # a test's dice
        self.expected: dict[tuple[UUID, int], datetime] = {}
        self.reminded: dict[tuple[UUID, int], dict[UUID, datetime]] = {}
        self.standing: dict[UUID, Visit] = {}
        self.probe: Probe
        self.stack = AsyncExitStack()

    async def restart(self) -> None:
        await self.stack.aclose()
        self.probe = await self.stack.enter_async_context(Probe(*self.start()[:2]))

    async def live(self) -> None:
        last = self.clock.at + timedelta(days=DAYS)
        await self.restart()
        while self.clock.at < last:
            self.clock.at = min(
                self.clock.at + timedelta(minutes=self.random.randint(5, 400)), await self.due() or last
            )
            await self.fire()
            if self.random.random() < 0.2:
                await self.restart()
            if self.random.random() < 0.6:
                await self.something_happens()
        await self.stack.aclose()

    async def due(self) -> datetime | None:
        assert self.probe.store
        due: datetime | None = await self.probe.store.pool.fetchval(
            "select min(due_at) from timer where name = 'remind'"
        )
        return due.astimezone(self.clock.at.tzinfo) if due and due > self.clock.at else None

    async def fire(self) -> None:
        """Fire what is due; now and then the process dies in the middle, and another does it again."""
        if self.random.random() < 0.2:
            await self.die_in_the_middle()
        before = len(self.probe.published)
        await self.probe.fire_due(self.clock.at)
        self.note(self.probe.published[before:])

    async def die_in_the_middle(self) -> None:
        """Commit, and neither publish nor end the timers: all of it is done again by the next process."""
        self.probe.broker_away = True
        assert self.probe.store
        due = "select key, payload from timer where name = 'remind' and due_at <= $1"
        for row in await self.probe.store.pool.fetch(due, self.clock.at):
            await self.probe.fire("remind", row["key"], row["payload"])
        await self.restart()
        # What could not be published is due by the chassis' own clock, which is not the test's.
        await self.probe.store.pool.execute("update outbox set due_at = $1", self.clock.at)

    def note(self, published: list[Any]) -> None:
        for event in published:
            if isinstance(event.data, ReminderDue):
                key = (event.data.visit.id, event.data.visit.version)
                # The same event again is what a crash may do; who listens knows it by its id.
                self.reminded.setdefault(key, {}).setdefault(event.id, self.clock.at)

    async def something_happens(self) -> None:
        before = len(self.probe.published)
        ahead = [visit for visit in self.standing.values() if visit.slot.start > self.clock.at]
        kind = self.random.choice(["book", "book", "staff", "move", "cancel"])
        if kind in {"book", "staff"} or not ahead:
            await self.book(by_staff=kind == "staff")
        elif kind == "move":
            visit = self.random.choice(ahead)
            request = RescheduleRequested(visit_id=visit.id, slot=self.some_slot(), contact=CONTACT)
            await self.probe.deliver(an_event(request, subject=str(visit.lead.parent_name)))
        else:
            visit = self.random.choice(ahead)
            request_ = CancellationRequested(visit_id=visit.id, contact=CONTACT)
            await self.probe.deliver(an_event(request_, subject=str(visit.lead.parent_name)))
        for event in self.probe.published[before:]:
            self.follow(event.data)

    async def book(self, *, by_staff: bool) -> None:
        name = f"cnv_{self.random.randrange(10**9)}"
        fact: Any = VisitBookedByStaff if by_staff else BookingRequested
        extra = {"by": "Marta"} if by_staff else {}
        asked = fact(slot=self.some_slot(), lead=Lead(parent_name=name), contact=CONTACT, **extra)
        await self.probe.deliver(an_event(asked, subject=name))

    def some_slot(self) -> Slot:
        day = self.clock.at.date() + timedelta(days=self.random.choice([0, 0, 1, 1, 2, 5]))
        at = self.random.choice(["09:00", "09:30", "10:00", "11:30", "14:00", "16:30"])
        start = datetime.combine(day, time.fromisoformat(at), self.clock.at.tzinfo)
        return Slot(start=start, end=start + timedelta(minutes=30))

    def follow(self, fact: Any) -> None:
        if isinstance(fact, BookingConfirmed | VisitRescheduled):
            self.forget(fact.visit.id)
            self.standing[fact.visit.id] = fact.visit
            if due := right_minute(fact.visit.slot.start, self.clock.at):
                self.expected[fact.visit.id, fact.visit.version] = due
        elif isinstance(fact, VisitCancelled):
            self.forget(fact.visit.id)
            self.standing.pop(fact.visit.id, None)

    def forget(self, visit_id: UUID) -> None:
        """A visit that moved or fell is not reminded of any more as it was."""
        for key in [key for key, due in self.expected.items() if key[0] == visit_id and due > self.clock.at]:
            del self.expected[key]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_each_visit_of_a_month_is_reminded_of_once_at_the_right_minute(
    restarting: Callable[[], Any], clock: Any, seed: int
) -> None:
    month = Month(restarting, clock, seed)
    await month.live()
    happened = {key: due for key, due in month.expected.items() if due <= clock.at}
    assert len(happened) > 20
    assert {key: [*times.values()] for key, times in month.reminded.items()} == {
        key: [due] for key, due in happened.items()
    }


async def test_two_copies_whose_clocks_differ_share_no_slot_and_remind_once(
    restarting: Callable[..., Any], clock: Any, at: Callable[[str], datetime]
) -> None:
    def fast() -> datetime:
        return clock() + timedelta(seconds=90)

    slot = Slot(start=at("24 14:30"), end=at("24 15:00"))
    requests = [BookingRequested(slot=slot, lead=Lead(), contact=CONTACT) for _ in range(10)]
    async with Probe(*restarting()[:2]) as one, Probe(*restarting(fast)[:2]) as other:
        copies = [one, other] * 5
        asked = [an_event(request, subject=f"cnv_{nth}") for nth, request in enumerate(requests)]
        await asyncio.gather(*(copy.deliver(each) for copy, each in zip(copies, asked, strict=True)))
        (visit,) = [each.visit for copy in (one, other) for each in copy.of(BookingConfirmed)]
        reminder = await one.store.pool.fetchrow("select key, payload from timer where name = 'remind'")
        clock.at = at("24 12:29")
        assert await other.fire_due(fast()) > 0
        await one.fire("remind", reminder["key"], reminder["payload"])  # it had taken it, too
        clock.at = at("24 12:31")
        await one.fire_due(clock.at)
        assert [each.visit for copy in (one, other) for each in copy.of(ReminderDue)] == [visit]


async def test_a_reminder_that_the_night_overtook_waits_for_the_morning(
    calendar: Probe, clock: Any, at: Callable[[str], datetime]
) -> None:
    slot = Slot(start=at("24 09:00"), end=at("24 09:30"))
    asked = an_event(BookingRequested(slot=slot, lead=Lead(), contact=CONTACT), subject="cnv_ana")
    await calendar.deliver(asked)
    clock.at = at("23 21:30")  # everything was down since five
    await calendar.fire_due(clock.at)
    assert calendar.of(ReminderDue) == []
    clock.at = at("24 08:00")
    await calendar.fire_due(clock.at)
    assert len(calendar.of(ReminderDue)) == 1


async def test_nobody_is_reminded_after_the_visit_began(
    calendar: Probe, clock: Any, at: Callable[[str], datetime]
) -> None:
    slot = Slot(start=at("24 14:30"), end=at("24 15:00"))
    await calendar.deliver(an_event(BookingRequested(slot=slot, lead=Lead(), contact=CONTACT), subject="cnv_ana"))
    clock.at = at("24 14:31")
    await calendar.fire_due(clock.at)
    assert calendar.of(ReminderDue) == []
