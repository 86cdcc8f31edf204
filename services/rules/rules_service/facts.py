"""What `unit.toml` may say: its shape, its bounds, and the facts that follow from it.

Field names are the file's keys; the kinds of value are in fields.py. Reasons are Portuguese, because the unit's owner
reads them; loading.py adds the file and the key.
"""

from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from contracts.dialogue import Subject
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from rules_service.fields import Email, Link, Money, Phone, Section, State, Text, TimeOfDay, Zone, distinct
from rules_service.templates import Templates

WeekdayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[WeekdayName, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TOPICS = (
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
    "general",
)


class Unit(Section):
    """Who and where the unit is."""

    name: Text
    persona: Text
    address: Text
    contact_phone: Phone
    email: Email
    timezone: Zone
    links: tuple[Link, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The unit's time zone."""
        return ZoneInfo(self.timezone)


class Prices(Section):
    """Fees in BRL: one subject's month, one student's enrolment."""

    monthly_per_subject: Annotated[Money, Field(gt=0)]
    enrolment_per_student: Money
    material_included: bool = True


class Subjects(Section):
    """What is taught."""

    offered: Annotated[tuple[Subject, ...], Field(min_length=1), AfterValidator(distinct)]


class Ages(Section):
    """The youngest age, in years."""

    min: int = Field(default=2, ge=0, le=99)


class Period(Section):
    """Doors are open from `start` to `end`, local time."""

    start: TimeOfDay
    end: TimeOfDay

    @model_validator(mode="before")
    @classmethod
    def _pair(cls, value: object) -> object:
        if isinstance(value, list | tuple):
            if len(value) != 2:
                raise ValueError('um período tem dois horários, por exemplo ["09:00", "12:00"]')
            return {"start": value[0], "end": value[1]}
        return value

    @model_validator(mode="after")
    def _forwards(self) -> "Period":
        if self.start >= self.end:
            raise ValueError("o período termina antes de começar")
        return self

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return minutes(self.end) - minutes(self.start)


def _in_order(periods: tuple[Period, ...]) -> tuple[Period, ...]:
    if any(earlier.end > later.start for earlier, later in pairwise(periods)):
        raise ValueError("os períodos precisam estar em ordem e não podem se sobrepor")
    return periods


class Hours(Section):
    """Visiting hours of a week."""

    weekdays: Annotated[tuple[WeekdayName, ...], Field(min_length=1), AfterValidator(distinct)]
    periods: Annotated[tuple[Period, ...], Field(min_length=1), AfterValidator(_in_order)]

    @cached_property
    def weekday_numbers(self) -> tuple[int, ...]:
        """0 = Monday … 6, in order."""
        return tuple(sorted(WEEKDAYS.index(name) for name in self.weekdays))


class Visits(Section):
    """Length of a visit in minutes, and from when (hours ahead) to when (days ahead) visits are offered."""

    minutes: int = Field(default=30, ge=5, le=240)
    notice_h: float = Field(default=2, ge=0, le=168)
    horizon_days: int = Field(default=14, ge=1, le=90)


class ClosedOn(Section):
    """A day on which the unit alone is closed."""

    date: date
    name: Text


class Window(Section):
    """A time without visits, for maintenance and the like; without an offset it is the unit's own clock."""

    start: datetime
    end: datetime
    name: Text


def _forwards(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    if any(bool(window.start.tzinfo) != bool(window.end.tzinfo) or window.start >= window.end for window in windows):
        raise ValueError("um horário bloqueado precisa terminar depois de começar")
    return windows


class Holidays(Section):
    """The state whose holidays hold, the owner's own closed days, and times within open days without visits."""

    state: State = "RS"
    closed: tuple[ClosedOn, ...] = ()
    blocked: Annotated[tuple[Window, ...], AfterValidator(_forwards)] = ()


class Session(Section):
    """Hours of silence that end a session."""

    silence_h: float = Field(default=2, gt=0, le=72)


class Retention(Section):
    """Days that personal data is kept (LGPD art. 15–16)."""

    booked_days: int = Field(default=30, ge=1, le=3650)
    never_booked_days: int = Field(default=365, ge=1, le=3650)


class Limits(Section):
    """Inbound messages an hour and number; 0 = no limit."""

    messages_per_hour: int = Field(default=50, ge=0, le=10_000)


class AiBudget(Section):
    """BRL a São Paulo day: two warnings and the limit."""

    warning_brl: Money = Decimal("4.00")
    critical_brl: Money = Decimal("4.50")
    limit_brl: Money = Decimal("5.00")

    @model_validator(mode="after")
    def _rising(self) -> "AiBudget":
        if not self.warning_brl <= self.critical_brl <= self.limit_brl:
            raise ValueError("os avisos precisam vir antes do limite: warning_brl, critical_brl, limit_brl em ordem")
        return self


class UnitFile(Section):
    """The whole of `unit.toml`."""

    unit: Unit
    prices: Prices
    subjects: Subjects
    ages: Ages = Ages()
    hours: Hours
    visits: Visits = Visits()
    holidays: Holidays = Holidays()
    session: Session = Session()
    retention: Retention = Retention()
    limits: Limits = Limits()
    ai_budget: AiBudget = AiBudget()
    templates: Templates = Templates()

    @model_validator(mode="after")
    def _a_visit_fits(self) -> "UnitFile":
        if all(period.minutes < self.visits.minutes for period in self.hours.periods):
            raise ValueError("visits.minutes: nenhum período de visita comporta uma visita desta duração")
        return self


def _known_topic(topic: str) -> str:
    if topic not in TOPICS:
        raise ValueError(f"assunto desconhecido; os que existem: {', '.join(TOPICS)}")
    return topic


class Piece(Section):
    """One answer of the knowledge base. `text` has its facts filled in; `questions` are how families ask."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    topic: Annotated[str, AfterValidator(_known_topic)]
    title: Text
    questions: Annotated[tuple[Text, ...], Field(min_length=1)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1200)]


class Facts(Section):
    """Everything that is true of the unit, and the version (12 hex digits of a content hash) that it came with."""

    version: str
    file: UnitFile
    knowledge: tuple[Piece, ...] = ()

    def main_piece(self, topic: str) -> Piece | None:
        """Return the answer to a topic asked plainly: the piece named like the topic, else its first."""
        pieces = [piece for piece in self.knowledge if piece.topic == topic]
        name = topic.removeprefix("ask_").replace("_", "-")
        return next((piece for piece in pieces if piece.id == name), pieces[0] if pieces else None)


def minutes(moment: time) -> int:
    """Minutes since midnight."""
    return moment.hour * 60 + moment.minute
