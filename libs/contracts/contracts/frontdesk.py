"""What frontdesk says: what the unit's people did, and what the owner must know."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.dialogue import FieldChange, Lead, Slot
from contracts.envelope import Fact, Question, Value
from contracts.preprocessor import Contact


class FrontdeskFact(Fact):
    """Common to all facts of frontdesk."""

    producer: ClassVar[str] = "frontdesk"


class StaffTookOver(FrontdeskFact):
    """Somebody at the unit answers this person from now on; the assistant is silent."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk", "postprocessor")

    by: str


class StaffReleased(FrontdeskFact):
    """The conversation is the assistant's again."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk", "postprocessor")

    by: str


class StaffReplied(FrontdeskFact):
    """Somebody at the unit answered from the front desk; it goes out as it is."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk", "postprocessor")

    reply_id: UUID
    contact: Contact
    instance: str
    by: str
    text: str = Field(repr=False)


class LeadEditedByStaff(FrontdeskFact):
    """Somebody at the unit wrote values of a family's lead: they hold, whatever the assistant gathers.

    `changes` are the fields, `lead` has their values and says nothing about others; a field without a value is taken
    back, and may be gathered again.
    """

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    lead: Lead
    changes: tuple[FieldChange, ...]
    by: str


class StaffNotified(FrontdeskFact):
    """The unit's own people are told something on WhatsApp; it goes out as it is."""

    consumers: ClassVar[tuple[str, ...]] = ("postprocessor",)

    reply_id: UUID
    contact: Contact
    instance: str
    text: str = Field(repr=False)


class VisitBookedByStaff(FrontdeskFact):
    """Somebody at the unit gave a family a slot; answered by `BookingConfirmed`, or `CalendarConflictFound`."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar",)

    slot: Slot
    lead: Lead
    contact: Contact
    by: str


class VisitMovedByStaff(FrontdeskFact):
    """Somebody at the unit moved a visit; answered by `VisitRescheduled`, or `CalendarConflictFound`."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar",)

    visit_id: UUID
    slot: Slot
    by: str


class VisitCancelledByStaff(FrontdeskFact):
    """Somebody at the unit cancelled a visit; answered by `VisitCancelled`."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar",)

    visit_id: UUID
    by: str


class TimeBlocked(FrontdeskFact):
    """The unit has no time then; the same `block_id` again changes the block. The subject is `unit`."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar",)

    block_id: UUID
    slot: Slot
    name: str = Field(default="", repr=False)
    by: str


class TimeUnblocked(FrontdeskFact):
    """A blocked time is free again."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar",)

    block_id: UUID
    by: str


class TaughtAnswer(Value):
    """What somebody at the unit answered to a question that nothing covered; theirs until `expires_at`, if ever."""

    id: UUID
    question: str = Field(repr=False)
    answer: str = Field(repr=False)
    by: str
    answered_at: AwareDatetime
    expires_at: AwareDatetime | None = None


class KnowledgeAnswered(FrontdeskFact):
    """The unit taught an answer; the same id again changes it, an `expires_at` that is past takes it back."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk", "rules")

    answer: TaughtAnswer


class TaughtAnswers(Value):
    """Every answer that holds now."""

    answers: tuple[TaughtAnswer, ...] = ()


class Taught(Question):
    """What has the unit taught?"""

    server: ClassVar[str] = "frontdesk"
    answer: ClassVar[type[Value]] = TaughtAnswers

    now: AwareDatetime


class AlertRaised(FrontdeskFact):
    """A condition that somebody must know began."""

    alert_id: UUID
    condition: str
    severity: Literal["critical", "warning", "info"]


class AlertCleared(FrontdeskFact):
    """The condition ended."""

    alert_id: UUID
    condition: str
