"""What a turn of the parent says: the values that every other part of dialogue reads. Shapes: interfaces, section 4."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Protocol, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

IntentName = Literal[
    "provide",
    "ask_price",
    "ask_hours",
    "ask_address",
    "ask_method",
    "ask_subjects",
    "ask_age_range",
    "ask_duration",
    "ask_material",
    "ask_payment",
    "ask_results",
    "ask_trial",
    "ask_special_needs",
    "ask_online",
    "ask_difference",
    "ask_holidays",
    "ask_visit_info",
    "book",
    "choose_slot",
    "reject_slots",
    "reschedule_visit",
    "cancel_visit",
    "affirm",
    "deny",
    "correct",
    "request_person",
    "complain",
    "insult",
    "negotiate",
    "object_price",
    "object_distance",
    "object_time",
    "object_child",
    "opt_out",
    "data_request",
    "erase_request",
    "thanks",
    "goodbye",
    "greeting",
    "off_topic",
    "injection",
    "class_admin",
    "not_understood",
]
INTENT_NAMES: tuple[IntentName, ...] = get_args(IntentName)

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
DayPeriod = Literal["morning", "afternoon", "evening"]
TimeKind = Literal["instant", "window", "weekdays", "period", "none", "ambiguous"]
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
Subject = Literal["matematica", "portugues", "ingles"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
Age = Annotated[int, Field(ge=2, le=99)]
Confidence = Annotated[float, Field(ge=0, le=1)]
EmailAddress = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$")]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$")]


class Value(BaseModel):
    """Base of every value here: frozen, and no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Span(Value):
    """Where a field stands in the original text: offsets in code points, `end` exclusive."""

    field: str
    start: int
    end: int
    text: str


class Intent(Value):
    """One thing that the turn wants, and how sure the reading is."""

    name: IntentName
    confidence: Confidence


class Student(Value):
    """What the turn says of one student; unknown parts are None or empty.

    `elder` (internal) is whether it calls them the elder of several, or the younger.
    """

    name: str | None = None
    age: Age | None = None
    grade: Grade | None = None
    subjects: tuple[Subject, ...] = ()
    is_self: bool = Field(default=False, alias="self")
    elder: bool | None = Field(default=None, exclude=True)

    def to_json(self) -> dict[str, Any]:
        """Return the shape of the front desk's students: every key, null for the unknown."""
        return self.model_dump(mode="json", by_alias=True)


class TimePreference(Value):
    """When the visit may be; keys as in interfaces, section 4.

    `readings` (internal) are the ways to take an ambiguity.
    """

    kind: TimeKind
    date: dt.date | None = None
    dates: tuple[dt.date, ...] = ()
    start: dt.time | None = None
    end: dt.time | None = None
    weekdays: tuple[Weekday, ...] = ()
    exclude_weekdays: tuple[Weekday, ...] = ()
    period: DayPeriod | None = None
    exclude_period: DayPeriod | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    options: tuple["TimePreference", ...] = ()
    readings: tuple["TimePreference", ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Only the keys that the text gives; days ISO 8601, hours HH:MM."""
        if self.kind in {"ambiguous", "none"}:
            return {"kind": self.kind}
        return {"kind": self.kind, **{key: value for key, value in self._given() if value not in (None, [])}}

    def _given(self) -> Iterator[tuple[str, Any]]:
        yield "date", self.date and self.date.isoformat()
        yield "dates", [day.isoformat() for day in self.dates]
        yield "start", self.start and self.start.strftime("%H:%M")
        yield "end", self.end and self.end.strftime("%H:%M")
        yield "weekdays", list(self.weekdays)
        yield "exclude_weekdays", list(self.exclude_weekdays)
        yield "period", self.period
        yield "exclude_period", self.exclude_period
        yield "earliest", self.earliest and self.earliest.isoformat()
        yield "latest", self.latest and self.latest.isoformat()
        yield "options", [option.to_json() for option in self.options]


class Fields(Value):
    """The lead values that the turn gives, each with its span; what the text does not give is None or empty."""

    parent_name: str | None = None
    students: tuple[Student, ...] = ()
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    time_preference: TimePreference | None = None
    slot: dt.datetime | Literal["any", "ambiguous"] | None = None
    slot_candidates: tuple[dt.datetime, ...] = ()
    spans: tuple[Span, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return only the keys that the text gives."""
        slot = self.slot.isoformat() if isinstance(self.slot, dt.datetime) else self.slot
        wish = self.time_preference and self.time_preference.to_json()
        students = [student.to_json() for student in self.students]
        given = {
            "parent_name": self.parent_name,
            "students": students,
            "email": self.email,
            "phone": self.phone,
            "time_preference": wish,
            "slot": slot,
        }
        return {key: value for key, value in given.items() if value}


class Context(Value):
    """What the conversation knows when the turn is read.

    `asked` is the last question: parent_name, student_name, student_age, school_grade, subjects, email,
    time_preference, confirm_slot, slot, confirm_visit, or any other word. `offered` are the slots in the order shown.
    The names already known only help to tell whose name a correction spells.
    """

    stage: str = "greeting"
    asked: str | None = None
    offered: tuple[dt.datetime, ...] = ()
    parent_name: str | None = None
    student_names: tuple[str, ...] = ()


class Understanding(Value):
    """The reading of one turn.

    `shift` (earlier or later than what was offered), `subject_count` ("quanto ficam 2 matérias?") and `child_count`
    ("tenho 3 filhos") are for the decision only and not part of the printed shape.
    """

    text: str
    intents: tuple[Intent, ...]
    fields: Fields = Fields()
    confidence: Confidence
    shift: Literal["earlier", "later"] | None = None
    subject_count: int | None = None
    child_count: int | None = None

    @property
    def names(self) -> tuple[IntentName, ...]:
        """The intents without their confidence, most important first."""
        return tuple([intent.name for intent in self.intents])

    def has(self, *wanted: IntentName) -> bool:
        """Whether any of these intents holds."""
        for intent in self.intents:  # noqa: SIM110  # asked dozens of times a turn: `any` takes twice the time
            if intent.name in wanted:
                return True
        return False

    def to_json(self) -> dict[str, Any]:
        """Return the shape of interfaces, section 4."""
        return {
            "text": self.text,
            "intents": list(self.names),
            "fields": self.fields.to_json(),
            "confidence": round(self.confidence, 3),
        }


class Classifier(Protocol):
    """Intents of a text that the grammar does not know, e.g. by sentence embeddings; best first, may be empty."""

    def __call__(self, text: str) -> tuple[Intent, ...]:
        """Return what the text may want."""
