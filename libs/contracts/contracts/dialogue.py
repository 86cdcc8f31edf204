"""What dialogue says: turns, proposed replies, leads, wishes about visits, handoffs."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Fact, Value
from contracts.ingress import ChannelKey
from contracts.preprocessor import Contact

Subject = Literal["matematica", "portugues", "ingles"]
Grade = Literal[
    "infantil",
    "ef1",
    "ef2",
    "ef3",
    "ef4",
    "ef5",
    "ef6",
    "ef7",
    "ef8",
    "ef9",
    "em1",
    "em2",
    "em3",
    "eja",
    "faculdade",
    "nao_estuda",
]
Stage = Literal["greeting", "discovery", "scheduling", "booked", "closed", "handed_over"]
HandoffReason = Literal[
    "person_request",
    "beyond_knowledge",
    "class_admin",
    "complaint",
    "abuse",
    "negotiation",
    "no_slots",
    "not_understood",
    "repeated_question",
    "sensitive",
    "failure",
]
Route = Literal["template", "llm", "fallback"]


class Slot(Value):
    """A half hour at the unit: `start` and `end` in the unit's zone."""

    start: AwareDatetime
    end: AwareDatetime


class Student(Value):
    """One student of a lead; `is_self` when the responsible is the student; age in years, 2–99."""

    name: str | None = None
    age: int | None = Field(default=None, ge=2, le=99)
    grade: Grade | None = None
    subjects: tuple[Subject, ...] = ()
    is_self: bool = False


class Lead(Value):
    """What is known of a family. `time_preference` has the shape of interfaces §4 (a JSON object)."""

    parent_name: str | None = None
    phone: str | None = None
    email: str | None = None
    students: tuple[Student, ...] = ()
    time_preference: dict[str, object] | None = None

    @property
    def completeness(self) -> int:
        """How many of the eight fields are known, 0–8; the student's fields are the first student's."""
        first = self.students[0] if self.students else Student()
        fields = (
            self.parent_name,
            first.name or (first.is_self and self.parent_name),
            self.phone,
            self.email,
            first.age,
            first.grade,
            first.subjects,
            self.time_preference,
        )
        return sum(bool(field) for field in fields)

    @property
    def qualified(self) -> bool:
        """All eight fields are known."""
        return self.completeness == 8


class DialogueFact(Fact):
    """Common to all facts of dialogue."""

    producer: ClassVar[str] = "dialogue"


class TurnOpened(DialogueFact):
    """Messages of a person became a turn that waits for the calendar; `messages` are event ids of `MessageSanitized`.

    A turn that ends at once, as most do, is only closed.
    """

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    turn_id: UUID
    messages: tuple[UUID, ...]
    keys: tuple[ChannelKey, ...] = ()


class Ground(Value):
    """What an answer stands on: a fact of the unit, the calendar, or a piece of knowledge with its title and text."""

    kind: Literal["prices", "hours", "address", "holidays", "visit", "slots", "knowledge"]
    title: str | None = None
    text: str | None = None


class TurnClosed(DialogueFact):
    """The turn ended, and how. Every message of a person ends in exactly one of these.

    `route` says who answered: templates alone, a model that understood or worded (`llm`), or templates because a model
    was wanted and not to be had (`fallback`). `reason` says why the turn was ignored or handed over, else what the
    model did, or why it did not (`no_provider`, `deadline`, …). `window_s` is the time spent gathering, `work_s` from
    closing the gathering to the proposal, both in seconds. `grounds` are what the reply was made of.
    """

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    turn_id: UUID
    messages: tuple[UUID, ...]
    keys: tuple[ChannelKey, ...] = ()
    outcome: Literal["replied", "handed_over", "ignored"]
    reason: str | None = None
    route: Route | None = None
    stage: Stage
    facts_version: str | None = None
    intents: tuple[str, ...] = ()
    window_s: float = 0.0
    work_s: float = 0.0
    grounds: tuple[Ground, ...] = ()


class ProposedBubble(Value):
    """One WhatsApp message to be.

    `template` names the template when the text is one with facts filled in;
    otherwise `safe_text` is what rules puts in its place when it blocks the text.
    """

    text: str
    template: str | None = None
    safe_text: str | None = None


class ApprovedTemplate(Value):
    """A message template that WhatsApp approved, the only thing that the Cloud API sends outside its 24-hour window.

    `parameters` fill the body's `{{1}}`, `{{2}}`, … in order.
    """

    name: str
    language: str = "pt_BR"
    parameters: tuple[str, ...] = ()


class SendPolicy(Value):
    """Until when a reply is worth sending, and how urgently (0 = first)."""

    expires_at: AwareDatetime
    priority: int = Field(default=5, ge=0, le=9)


class ReplyProposed(DialogueFact):
    """What dialogue wants to say.

    `offered_slots` and `own_data` (the conversation's own values: names, e-mail,
    the booked visit in words) are what the reply may name beside the unit's facts. `approved_template` says the same
    where the channel's 24-hour window since `last_inbound_at` is over. `follows` is the reply that dialogue made before
    it for this person, which is delivered first; none when there was none that may still be on its way.
    """

    consumers: ClassVar[tuple[str, ...]] = ("rules",)

    reply_id: UUID
    turn_id: UUID | None = None
    contact: Contact
    instance: str
    bubbles: tuple[ProposedBubble, ...]
    purpose: Literal["answer", "question", "offer", "confirmation", "reminder", "notice", "handoff", "closing"]
    answers: tuple[ChannelKey, ...] = ()
    offered_slots: tuple[Slot, ...] = ()
    booked_slot: Slot | None = None
    own_data: tuple[str, ...] = Field(default=(), repr=False)
    policy: SendPolicy
    last_inbound_at: AwareDatetime | None = None
    approved_template: ApprovedTemplate | None = None
    follows: UUID | None = None
    composed_at: AwareDatetime


class FieldChange(Value):
    """A value of the lead and the message that it came from; `student` is the student's index, if any."""

    field: str
    student: int | None = None
    message: UUID | None = None


class LeadUpdated(DialogueFact):
    """Something about the family became known or changed; `lead` is the whole of it."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    contact: Contact
    lead: Lead
    changes: tuple[FieldChange, ...]
    completeness: int = Field(ge=0, le=8)
    stage: Stage


class LeadQualified(DialogueFact):
    """All eight fields are known, for the first time."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    contact: Contact
    lead: Lead


class BookingRequested(DialogueFact):
    """A parent chose a slot. `held_for` is the conversation that the slot was offered to (the subject)."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar", "frontdesk")

    slot: Slot
    lead: Lead
    contact: Contact


class RescheduleRequested(DialogueFact):
    """A parent wants their visit at another time."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar",)

    visit_id: UUID
    slot: Slot
    contact: Contact


class CancellationRequested(DialogueFact):
    """A parent cannot come."""

    consumers: ClassVar[tuple[str, ...]] = ("calendar",)

    visit_id: UUID
    contact: Contact
    reason: str | None = None


class HandoffPack(Value):
    """What the unit needs to go on: five lines, the lead, the open question, a suggested reply."""

    summary: tuple[str, ...] = Field(max_length=5)
    lead: Lead
    open_question: str | None = None
    suggested_reply: str | None = None


class HandoffRequested(DialogueFact):
    """The conversation is the unit's from now on."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk", "postprocessor")

    contact: Contact
    reason: HandoffReason
    pack: HandoffPack


class OptedOut(DialogueFact):
    """A parent does not want any more messages; silence until they write again on their own account."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    contact: Contact


class KnowledgeGapFound(DialogueFact):
    """A parent asked what neither the facts nor the knowledge answer."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    question: str = Field(repr=False)
    facts_version: str | None = None
