"""What calendar answers and says: free slots and visits."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.dialogue import Lead, Slot
from contracts.envelope import Fact, Question, Value
from contracts.preprocessor import Contact


class SlotWish(Value):
    """What the parent would like; every key narrows, `None` and `()` do not.

    `weekdays` are 0 = Monday … 6; `start`/`end` are local `HH:MM` bounds of the slot's start; `days` are wanted
    days; `earliest`/`latest` the first and last day, inclusive; `exclude` slots that were refused.
    """

    days: tuple[date, ...] = ()
    weekdays: tuple[int, ...] = ()
    exclude_weekdays: tuple[int, ...] = ()
    earliest: date | None = None
    latest: date | None = None
    start: str | None = None
    end: str | None = None
    exact: AwareDatetime | None = None
    exclude: tuple[AwareDatetime, ...] = ()


class Offer(Value):
    """Free slots, best first. `matches_wish` is false when nothing free fits the wish and these are the nearest."""

    slots: tuple[Slot, ...] = ()
    matches_wish: bool = True
    exact_free: bool | None = None


class Availability(Question):
    """Which slots are free? Those offered are held for the conversation (`hold`) for ten minutes."""

    server: ClassVar[str] = "calendar"
    answer: ClassVar[type[Value]] = Offer

    conversation: str
    now: AwareDatetime
    wish: SlotWish = SlotWish()
    limit: int = Field(default=3, ge=1, le=20)
    hold: bool = True


class BusyTime(Value):
    """A time at which the unit is busy: `id` is the visit's or the block's, `title` what people called it."""

    slot: Slot
    kind: Literal["visit", "block", "google"]
    id: UUID | None = None
    title: str | None = Field(default=None, repr=False)


class Timetable(Value):
    """Some days of the appointment book: free slots that are ahead (held ones too), busy times, closed days."""

    free: tuple[Slot, ...] = ()
    busy: tuple[BusyTime, ...] = ()
    closed: tuple[date, ...] = ()


class Week(Question):
    """What is in the appointment book, from `first` on? For the unit's people: it holds nothing."""

    server: ClassVar[str] = "calendar"
    answer: ClassVar[type[Value]] = Timetable

    first: date
    days: int = Field(default=7, ge=1, le=62)
    now: AwareDatetime


class Visit(Value):
    """A visit to the unit; `version` grows with every change."""

    id: UUID
    slot: Slot
    status: Literal["booked", "cancelled", "came", "missed"]
    version: int = 1
    contact: Contact
    lead: Lead


class CalendarFact(Fact):
    """Common to all facts of calendar."""

    producer: ClassVar[str] = "calendar"


class BookingConfirmed(CalendarFact):
    """The visit stands."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    visit: Visit


class BookingRejected(CalendarFact):
    """The slot could not be had; `alternatives` are the next best."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    slot: Slot
    reason: Literal["taken", "outside_hours", "past", "too_soon", "too_far", "already_booked"]
    alternatives: tuple[Slot, ...] = ()
    contact: Contact
    existing: Visit | None = None


class VisitRescheduled(CalendarFact):
    """The visit stands at another time; `by` says who moved it."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    visit: Visit
    previous: Slot
    by: Literal["parent", "unit"] = "parent"


class VisitCancelled(CalendarFact):
    """The visit will not be; its slot is free again."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    visit: Visit
    by: Literal["parent", "unit"] = "parent"


class ReminderDue(CalendarFact):
    """It is time to remind the parent of a visit."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    visit: Visit


class CalendarConflictFound(CalendarFact):
    """Two promises about one time that only the unit's people can settle; nothing was changed meanwhile.

    `visit` is the family's side, as it stands (of `not_booked`: as it would have been, cancelled); `wanted` is when the
    unit's side is or was meant to be, `title` what it is called, `other` the visit that stands there, if one does.
    """

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    kind: Literal["event_over_visit", "moved_onto_visit", "moved_outside", "changed_twice", "not_booked"]
    visit: Visit
    wanted: Slot
    title: str | None = Field(default=None, repr=False)
    other: Visit | None = None


class VisitOutcomeRecorded(CalendarFact):
    """The unit said whether they came; recorded in the front desk."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar", "frontdesk")

    producer: ClassVar[str] = "frontdesk"
    visit_id: UUID
    outcome: Literal["came", "missed"]
    by: str
