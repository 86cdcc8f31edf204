"""What is remembered of one conversation."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.dialogue import Lead, Slot, Stage, Student
from contracts.envelope import Value
from contracts.ingress import ChannelKey
from contracts.preprocessor import Contact
from contracts.rules import ClosedDay, Opening
from pydantic import Field

FieldTopic = Literal["parent_name", "student_name", "student_age", "school_grade", "subjects", "email"]
Topic = Literal[
    "parent_name",
    "student_name",
    "student_age",
    "school_grade",
    "subjects",
    "email",
    "time_preference",
    "slot",
    "confirm_slot",
    "confirm_visit",
    "reschedule",
]
Owner = Literal["assistant", "unit"]
Wanted = Literal["booking", "rescheduling", "cancellation"]


class Asked(Value):
    """The last question of ours; `student` is whose field it was, `hint` the name on WhatsApp that it proposed."""

    topic: Topic
    student: int | None = None
    hint: str | None = None

    @property
    def key(self) -> str:
        """The field that it asks for, for counting tries."""
        return field_key(self.topic, self.student)


def field_key(topic: str, student: int | None) -> str:
    """`student_age:1`, `email`."""
    return topic if student is None else f"{topic}:{student}"


def value_in(lead: Lead, field: str, student: int | None) -> Any:
    """Return a field's value; `None` where there is no such student."""
    if student is None:
        return getattr(lead, field)
    return getattr(lead.students[student], field) if student < len(lead.students) else None


class BookedVisit(Value):
    """The visit that stands; `confirmed` when the parent said after a reminder that they come."""

    id: UUID
    slot: Slot
    version: int = 1
    confirmed: bool = False


class OpenTurn(Value):
    """A turn whose reply waits for the calendar: what its closing fact will say. `decided_at` is when it was worked."""

    turn_id: UUID
    messages: tuple[UUID, ...]
    keys: tuple[ChannelKey, ...]
    intents: tuple[str, ...] = ()
    window_s: float = 0.0
    work_s: float = 0.0


class Requested(Value):
    """What the calendar was asked for and has not answered yet."""

    what: Wanted
    slot: Slot
    asked_at: datetime
    turn: OpenTurn | None = None


class Counters(Value):
    """Escalation counts of a session: failures to understand in a row, negotiations, asks by question.

    `unanswered` are the last questions in a row that nobody could answer.
    """

    not_understood: int = 0
    unanswered: tuple[str, ...] = ()
    negotiation: int = 0
    questions: dict[str, int] = Field(default_factory=dict)

    def as_rules_know_them(self) -> dict[str, int]:
        """Return the counts of a `rules.Assess`."""
        return {
            "not_understood": self.not_understood,
            "negotiation": self.negotiation,
            "repeated_question": max(self.questions.values(), default=0),
        }


class Hours(Value):
    """When the unit works, as rules last said: to count business hours while the unit serves somebody."""

    opening: Opening
    closed_days: tuple[ClosedDay, ...] = ()
    timezone: str


class LastReply(Value):
    """The reply that was made last, and until when it may be on its way: after that it is sent no more."""

    id: UUID
    good_until: datetime


class Conversation(Value):
    """One person's conversation with the unit, over all sessions.

    `failed` and `asks` count failed answers and questions by field; `said` counts the uses of each template, so that
    its variants take turns; `fitting` are the starts of those offered slots that were shown again last; `topics` is
    what was asked about last; `readings` are the ways to take an ambiguous time that was asked back (interfaces §4);
    `typed` is when somebody at the unit wrote a field of the lead, by its key: no turn changes it, unless they took
    the value away; `last_reply` is what the next reply follows.
    """

    contact: Contact
    instance: str
    stage: Stage = "greeting"
    owner: Owner = "assistant"
    last_staff_at: datetime | None = None
    given_back_at: datetime | None = None
    lead: Lead = Lead()
    focus: int = 0
    typed: dict[str, datetime] = Field(default_factory=dict)

    asked: Asked | None = None
    failed: dict[str, int] = Field(default_factory=dict)
    asks: dict[str, int] = Field(default_factory=dict)
    offered: tuple[Slot, ...] = ()
    fitting: tuple[datetime, ...] = ()
    refused: tuple[datetime, ...] = ()
    pending: Slot | None = None
    rescheduling: bool = False
    readings: tuple[dict[str, Any], ...] = ()
    requested: Requested | None = None
    visit: BookedVisit | None = None

    counters: Counters = Field(default_factory=Counters)
    topics: tuple[str, ...] = ()
    session_at: datetime | None = None
    last_inbound_at: datetime | None = None
    greeted: bool = False
    noticed: bool = False
    declined: bool = False
    said_goodbye: bool = False
    opted_out: bool = False
    email_asked: bool = False
    qualified: bool = False
    said: dict[str, int] = Field(default_factory=dict)
    hours: Hours | None = None
    last_reply: LastReply | None = None

    def but(self, **changes: Any) -> "Conversation":
        """Copy with changes."""
        return self.model_copy(update=changes)

    @property
    def students(self) -> tuple[Student, ...]:
        """The students, at least one empty one."""
        return self.lead.students or (Student(),)

    def is_typed(self, field: str, student: int | None = None) -> bool:
        """Whether a value of the lead is as somebody at the unit wrote it."""
        return field_key(field, student) in self.typed and bool(value_in(self.lead, field, student))

    def visit_ahead(self, now: datetime) -> BookedVisit | None:
        """Return the visit that is still in the future."""
        return self.visit if self.visit and self.visit.slot.start > now else None
