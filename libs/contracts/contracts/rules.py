"""What rules knows and says: the unit's facts, verdicts, passages, and the reviewed reply."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.dialogue import ApprovedTemplate, HandoffReason, SendPolicy, Subject
from contracts.envelope import Fact, Question, Value
from contracts.ingress import ChannelKey
from contracts.preprocessor import Contact


class QuoteLine(Value):
    """One student's price: money in BRL; `subjects` may be empty when only their number is known."""

    student: str | None = None
    subjects: tuple[Subject, ...]
    subject_count: int = 1
    monthly: Decimal
    enrolment: Decimal
    first_month: Decimal


class PriceQuote(Value):
    """What it costs: fees per subject and per student, a line a student, and the totals, in BRL."""

    monthly_per_subject: Decimal
    enrolment_per_student: Decimal
    lines: tuple[QuoteLine, ...]
    monthly_total: Decimal
    enrolment_total: Decimal
    first_month_total: Decimal


class Opening(Value):
    """Visiting hours: `weekdays` are 0 = Monday … 6; `periods` are local `HH:MM` pairs."""

    weekdays: tuple[int, ...]
    periods: tuple[tuple[str, str], ...]
    is_open_now: bool
    next_opening: AwareDatetime
    slot_minutes: int


class ClosedDay(Value):
    """A day within the offers' reach on which the unit is closed, and why."""

    day: date
    name: str


TemplateParameter = Literal["when", "address", "unit", "phone"]
"""What may fill a variable of an approved template: the visit's day and hour in words, or a fact of the unit."""


class KnownTemplate(Value):
    """A message template that WhatsApp approved for the unit; `parameters` say what fills `{{1}}` and on."""

    name: str
    language: str
    parameters: tuple[TemplateParameter, ...] = ()


class UnitFacts(Value):
    """The unit, as `unit.toml` has it."""

    name: str
    persona: str
    address: str
    contact_phone: str
    email: str
    timezone: str
    subjects: tuple[Subject, ...]
    min_age: int
    notice_h: float
    horizon_days: int
    reminder_template: KnownTemplate | None = None


class Passage(Value):
    """A piece of the knowledge base and how near it is to the question: score 0–1 (cosine)."""

    id: str
    topic: str
    title: str
    text: str
    score: float


class Verdict(Value):
    """Whether the conversation must go to the unit, and why."""

    handoff: bool = False
    reason: HandoffReason | None = None


class Assessment(Value):
    """The one answer of rules to a turn."""

    facts_version: str
    unit: UnitFacts
    verdict: Verdict
    quote: PriceQuote | None = None
    opening: Opening
    closed_days: tuple[ClosedDay, ...] = ()
    topics: dict[str, Passage] = Field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    confident: bool = False


class QuoteFor(Value):
    """A student to quote for; `subject_count` when only a number of subjects was said ("quanto ficam duas?")."""

    name: str | None = None
    subjects: tuple[Subject, ...] = ()
    subject_count: int | None = Field(default=None, ge=1, le=3)


class Assess(Question):
    """What is true and allowed here?

    `topics` are intents that ask something (`ask_method`, …); `question` is an open question to look up, `None` when
    there is none; `said` is everything that was written, to be judged only (is it about somebody's safety?);
    `counters` are escalation counts (`not_understood`, `repeated_question`, `negotiation`, …).
    """

    server: ClassVar[str] = "rules"
    answer: ClassVar[type[Value]] = Assessment

    now: AwareDatetime
    intents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    question: str | None = Field(default=None, repr=False)
    said: str | None = Field(default=None, repr=False)
    students: tuple[QuoteFor, ...] = ()
    counters: dict[str, int] = Field(default_factory=dict)


class RulesFact(Fact):
    """Common to all facts of rules."""

    producer: ClassVar[str] = "rules"


class Replacement(Value):
    """What review changed in one bubble: the kind of claim that had no fact, never the claim itself.

    `bubble` counts the proposed ones from 0; the approved template, which review takes away, comes after the last.
    `unsupported`: a model said what the text that it worded does not say.
    """

    bubble: int
    claim: Literal[
        "price",
        "date",
        "time",
        "phone",
        "email",
        "link",
        "address",
        "number",
        "promise",
        "language",
        "style",
        "unsupported",
    ]


class ReplyDrafted(RulesFact):
    """The reviewed reply, ready to be sent; `bubbles` are texts in order, `follows` is as dialogue proposed it."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk", "postprocessor")

    reply_id: UUID
    turn_id: UUID | None = None
    contact: Contact
    instance: str
    bubbles: tuple[str, ...]
    purpose: str
    answers: tuple[ChannelKey, ...] = ()
    facts_version: str
    replaced: tuple[Replacement, ...] = ()
    policy: SendPolicy
    last_inbound_at: AwareDatetime | None = None
    approved_template: ApprovedTemplate | None = None
    follows: UUID | None = None


class DraftBlocked(RulesFact):
    """A bubble claimed what no fact says and was replaced.

    `template` names where it came from, if anywhere; `text` is what it would have said, for the unit alone to read.
    """

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    reply_id: UUID
    replacement: Replacement
    template: str | None = None
    text: str | None = Field(default=None, repr=False)
    facts_version: str
