"""What a scenario file says (interfaces, section 5). Unknown keys are mistakes."""

import datetime as dt
import re
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from contracts.dialogue import HandoffReason, Stage
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

ZONE = ZoneInfo("America/Sao_Paulo")
REASONS: tuple[str, ...] = get_args(HandoffReason)
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _in_zone(value: Any) -> Any:
    """Read a time without an offset on the unit's clock."""
    if isinstance(value, str):
        moment = dt.datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def _bound(value: str) -> str:
    """`14:00` is an hour of any day, anything longer a moment."""
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return value
    try:
        dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError('a bound is an hour like "14:00" or an ISO 8601 moment') from error
    return value


def _reasons(value: Any) -> Any:
    unknown = [] if value is False else [each for each in str(value).split("|") if each not in REASONS]
    if unknown:
        raise ValueError(f"no such reason: {', '.join(unknown)}; known are {', '.join(REASONS)}")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_in_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Bound = Annotated[str, AfterValidator(_bound)]
Handoff = Annotated[Literal[False] | str, BeforeValidator(_reasons)]


class Part(BaseModel):
    """A part of a scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Who(Part):
    """The parent. Without a phone every run is somebody new."""

    phone: str | None = Field(default=None, pattern=r"^\+\d{8,15}$")
    profile_name: str | None = None


class Medium(Part):
    """A message that is no text; `transcription: null` means that nobody could hear the voice note."""

    kind: Literal["audio", "sticker", "image", "video", "document", "location", "contact", "reaction", "call"]
    transcription: str | None = None
    caption: str | None = None


Said = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]
Piece = Said | Medium


class ReplySays(Part):
    """What the bubbles of a turn say; `max_chars` is of one bubble."""

    says: tuple[Pattern, ...] = ()
    never: tuple[Pattern, ...] = ()
    max_bubbles: int | None = None
    max_chars: int | None = None
    max_questions: int | None = None


class VisitIs(Part):
    """The visit as the front desk shows it; `offer` k is the k-th slot last offered."""

    status: Literal["booked", "cancelled", "none"] | None = None
    at: Moment | None = None
    first: Bound | None = Field(default=None, alias="from")
    last: Bound | None = Field(default=None, alias="to")
    count: int | None = None
    offer: int | None = Field(default=None, ge=1)


class OffersAre(Part):
    """The numbered slots of a turn."""

    least: int | None = Field(default=None, alias="min")
    most: int | None = Field(default=None, alias="max")
    first: Bound | None = Field(default=None, alias="from")
    last: Bound | None = Field(default=None, alias="to")
    weekdays: tuple[Weekday, ...] = ()


class Expect(Part):
    """What must hold after a turn; a key that is absent is not looked at."""

    reply: ReplySays | None = None
    replies: int | None = None
    lead: dict[str, Any] | None = None
    stage: Stage | None = None
    silent: Literal[True, "allowed"] | None = None
    visit: VisitIs | None = None
    offers: OffersAre | None = None
    handoff: Handoff | None = None


class Turn(Part):
    """Something that happens: a parent writes (one message or a burst), the unit types, or only time passes."""

    parent: Piece | tuple[Piece, ...] | None = None
    staff: Said | None = None
    at: Moment | None = None
    expect: Expect = Expect()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The messages of the parent."""
        if self.parent is None:
            return ()
        return self.parent if isinstance(self.parent, tuple) else (self.parent,)

    @model_validator(mode="after")
    def _one_of_them(self) -> "Turn":
        if self.staff is not None and self.parent is not None:
            raise ValueError("either the parent writes or the unit does")
        if {"parent", "staff"}.isdisjoint(self.model_fields_set):
            raise ValueError("says neither parent nor staff; `parent: null` lets time pass")
        return self


class Rarely(Part):
    """At most `max` replies in the last `turns` turns, or in the turns of these numbers (from 1)."""

    turns: int | tuple[int, ...]
    most: int = Field(alias="max")


class Outcome(Part):
    """What must hold at the end; `said` and `never` are about everything that was said."""

    visit: Annotated[
        VisitIs | None, BeforeValidator(lambda value: {"status": value} if isinstance(value, str) else value)
    ] = None
    lead: dict[str, Any] | None = None
    handoff: Handoff | None = None
    said: tuple[Pattern, ...] = ()
    never: tuple[Pattern, ...] = ()
    replies_at_most: Rarely | None = None


CalendarIs = Literal["full", "away"]


class World(Part):
    """What surrounds the conversation: the calendar as it is, full (the unit blocked every time), or out of reach."""

    calendar: CalendarIs | None = None


class Scenario(Part):
    """One conversation from its first message to its outcome."""

    name: str = Field(min_length=1)
    covers: tuple[str, ...] = ()
    world: World = World()
    now: Moment
    contact: Who = Who()
    turns: tuple[Turn, ...] = Field(min_length=1)
    outcome: Outcome = Outcome()

    @property
    def books(self) -> bool:
        """Whether it looks at slots or visits, so that others on the same calendar could disturb it."""
        every = [turn.expect for turn in self.turns]
        return any(each.visit or each.offers for each in every) or self.outcome.visit is not None

    @property
    def books_a_certain_time(self) -> bool:
        """Whether a visit must be at a certain moment."""
        visits = [*(turn.expect.visit for turn in self.turns), self.outcome.visit]
        return any(visit and visit.at for visit in visits)

    @property
    def wants_a_certain_time(self) -> bool:
        """Whether it fails when somebody else has a certain slot."""
        visits = [*(turn.expect.visit for turn in self.turns), self.outcome.visit]
        offers = [turn.expect.offers for turn in self.turns]
        return (
            self.books_a_certain_time
            or any(visit and (visit.first or visit.last) for visit in visits)
            or any(each and (each.first or each.last or each.weekdays) for each in offers)
        )
