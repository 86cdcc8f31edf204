"""JSON shapes of interfaces §3: keys English, times in the unit's zone, unknown values null, never a missing key."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from contracts.dialogue import Grade, HandoffReason, Lead, Stage, Student, Subject
from pydantic import BaseModel, PlainSerializer

from frontdesk_service.domain import Known, local
from frontdesk_service.projections import handoffs, messages, visits

Time = Annotated[datetime, PlainSerializer(lambda at: local(at).isoformat(), return_type=str)]
HandoffStatus = Literal["open", "taken", "released"]


class LeadShape(BaseModel):
    """The eight fields, the student's being the first student's; `completeness` counts them."""

    parent_name: str | None
    student_name: str | None
    phone: str | None
    email: str | None
    student_age: int | None
    school_grade: Grade | None
    subjects: list[Subject]
    time_preference: dict[str, Any] | None
    completeness: int
    qualified: bool

    @classmethod
    def of(cls, known: Known) -> "LeadShape":
        """Show a lead."""
        lead: Lead = known.lead
        return cls(
            parent_name=lead.parent_name,
            student_name=known.student_name,
            phone=lead.phone,
            email=lead.email,
            student_age=known.first.age,
            school_grade=known.first.grade,
            subjects=list(known.first.subjects),
            time_preference=lead.time_preference,
            completeness=lead.completeness,
            qualified=lead.qualified,
        )


class StudentShape(BaseModel):
    """One student; `self` when the responsible is the student."""

    name: str | None
    age: int | None
    grade: Grade | None
    subjects: list[Subject]
    self: bool

    @classmethod
    def of(cls, student: Student) -> "StudentShape":
        """Show a student."""
        return cls.model_validate(
            {
                "name": student.name,
                "age": student.age,
                "grade": student.grade,
                "subjects": student.subjects,
                "self": student.is_self,
            }
        )


class VisitShape(BaseModel):
    """A visit, or a time at which one was (`rescheduled`); the last changed one is the last."""

    id: UUID
    start: Time
    status: Literal["requested", "booked", "cancelled", "rescheduled", "came", "missed"]
    reminded_at: Time | None

    @classmethod
    def of(cls, visit: visits.Shown) -> "VisitShape":
        """Show a visit."""
        return cls.model_validate(visit, from_attributes=True)


class MessageShape(BaseModel):
    """One message; `channel_id` is the channel's id once it has one."""

    id: UUID
    channel_id: str | None
    at: Time
    direction: Literal["in", "out"]
    author: Literal["parent", "assistant", "unit"]
    kind: str
    text: str | None
    status: Literal["received", "queued", "sent", "delivered", "read", "failed", "unknown"]

    @classmethod
    def of(cls, message: messages.Message) -> "MessageShape":
        """Show a message."""
        return cls.model_validate(message, from_attributes=True)


class ContactHandoff(BaseModel):
    """A person's newest handoff."""

    id: UUID
    reason: HandoffReason
    status: HandoffStatus
    opened_at: Time


class Contact(BaseModel):
    """Everything about one person, messages oldest first."""

    phone: str | None
    profile_name: str | None
    stage: Stage
    owner: Literal["assistant", "unit"]
    opted_out: bool
    lead: LeadShape
    students: list[StudentShape]
    visits: list[VisitShape]
    messages: list[MessageShape]
    handoff: ContactHandoff | None


class Handoff(BaseModel):
    """A conversation that is the unit's; `pack` is what the unit needs to go on."""

    id: UUID
    phone: str | None
    reason: HandoffReason
    opened_at: Time
    status: HandoffStatus
    taken_by: str | None
    pack: dict[str, Any]

    @classmethod
    def of(cls, handoff: handoffs.Handoff) -> "Handoff":
        """Show a handoff."""
        return cls.model_validate(handoff, from_attributes=True)


class Export(BaseModel):
    """All that is kept of one person; `facts` counts what their history is made of."""

    contact: Contact
    handoffs: list[Handoff]
    unanswered_questions: list[str]
    facts: int


class Handoffs(BaseModel):
    """Handoffs, newest first."""

    items: list[Handoff]


class Queued(BaseModel):
    """A message that will be sent; `id` is ours."""

    id: UUID
    status: Literal["queued"] = "queued"
