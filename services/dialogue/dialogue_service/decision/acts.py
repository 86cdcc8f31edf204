"""What can be said: speech acts with the values they need, and not one word of Portuguese."""

from datetime import date, datetime
from typing import Literal, TypeAlias

from contracts.dialogue import Grade, HandoffReason, Lead, Slot, Subject
from contracts.envelope import Value
from contracts.ingress import MessageKind
from contracts.rules import Opening, PriceQuote

from dialogue_service.decision.state import FieldTopic
from dialogue_service.understanding.values import TimePreference

Polite = Literal["thanks", "affirm", "goodbye"]
DayPart = Literal["morning", "afternoon", "evening"]
Objection = Literal["object_price", "object_distance", "object_time", "object_child"]
WhyOther = Literal[
    "closed_weekday", "closed_hour", "holiday", "too_far", "past", "too_soon", "full", "none_free", "other"
]


class Act(Value):
    """Something to say. `asks` tells whether it ends in a question."""

    @property
    def asks(self) -> bool:
        """Whether the parent is expected to answer."""
        return False


class Question(Act):
    """An act that ends in the one question of a reply."""

    @property
    def asks(self) -> bool:
        """A question."""
        return True


class Greet(Act):
    """Good morning. `alone` adds the open question; `visit` is mentioned to somebody who comes back with one."""

    part: DayPart
    name: str | None = None
    returning: bool = False
    visit: Slot | None = None
    alone: bool = False

    @property
    def asks(self) -> bool:
        """A greeting alone asks how to help."""
        return self.alone


class Apologise(Act):
    """The answer comes late."""


class GivePrices(Act):
    """What it costs; `asked_count` is how many subjects were asked about without naming them."""

    quote: PriceQuote
    asked_count: int | None = None


class GiveHours(Act):
    """When visits are possible; `about` is what the question names: this moment, or a day without visits."""

    opening: Opening
    about: Literal["now", "closed_day"] | None = None


class GiveAddress(Act):
    """Where the unit is."""


class GiveHolidays(Act):
    """On which of the coming days the unit is closed."""

    days: tuple[tuple[date, str], ...]


class GivePassage(Act):
    """An answer from the knowledge base. `open` marks a question that no known topic covers: a model may phrase it."""

    topic: str
    title: str | None = None
    text: str
    open: bool = False


class GiveVisit(Act):
    """When the booked visit is."""

    slot: Slot


class AdmitGap(Act):
    """Neither the facts nor the knowledge say."""


class SayWhoIAm(Act):
    """The truth about being a virtual assistant."""


class MeetObjection(Act):
    """Acknowledge, and give the value in one sentence."""

    objection: Objection


class RefuseDiscount(Act):
    """The price is the same for all."""


class BackToKumon(Question):
    """One friendly sentence back to the subject."""


class NoteMedia(Act):
    """What became of a picture, a document, a place; audio means that it could not be heard, and begs for text."""

    kind: MessageKind


class NoteCall(Act):
    """Calls are not taken here."""


class Meet(Act):
    """The parent said their name."""

    name: str


class Noted(Act):
    """What was told was understood. `heard` when it came by voice, `corrected` when it replaces something."""

    values: "KnownValues"
    heard: bool = False
    corrected: bool = False


class KnownValues(Value):
    """Lead values to repeat to the parent, of one student at most; `time` is when the visit may be."""

    parent_name: str | None = None
    email: str | None = None
    student_name: str | None = None
    age: int | None = None
    grade: Grade | None = None
    subjects: tuple[Subject, ...] = ()
    time: TimePreference | None = None


class GiveNotice(Act):
    """What the data is for, once (LGPD, art. 9)."""


class Whose(Value):
    """Which student a question is about: by name, else by age, else by position among several."""

    name: str | None = None
    age: int | None = None
    nth: int | None = None
    is_self: bool = False


class AskField(Question):
    """Ask for one field of the lead. `again` when the answer to the same question was no value."""

    topic: FieldTopic
    whose: Whose = Whose()
    hint: str | None = None
    again: bool = False


class GoWithoutEmail(Act):
    """Nobody needs an e-mail for a visit."""


class NoteOnTheWay(Act):
    """Somebody with a visit writes from the way to it, late or lost: the unit is who should hear of it."""


class MoveOn(Act):
    """A field is left for later after two failed tries."""


class InviteToVisit(Question):
    """Propose a visit and ask for day and time."""

    is_self: bool = False


class OfferSlots(Question):
    """Free slots, numbered. `why` says why they are not what was wished; `email` asks for it, too."""

    slots: tuple[Slot, ...]
    why: WhyOther | None = None
    opening: Opening | None = None
    holiday: str | None = None
    day: date | None = None
    email: bool = False
    rescheduling: bool = False
    others: bool = False


class AskWhichSlot(Question):
    """The choice is still to be made; `listed` when the slots are shown again: those that fit, or what was unclear."""

    slots: tuple[Slot, ...]
    listed: Literal["fitting", "unclear"] | None = None


class ConfirmSlot(Question):
    """Read the day back before booking."""

    slot: Slot
    email: bool = False
    rescheduling: bool = False


class ClarifyTime(Question):
    """Several ways to read the wish; without readings the date does not exist, or is left `open` ("outra semana")."""

    readings: tuple[tuple[date | None, str | None], ...] = ()
    open: bool = False


class SayAlreadyBooked(Question):
    """There is a visit: move it?"""

    slot: Slot


class SayNoVisit(Act):
    """There is no visit to cancel or to move."""


class KeepVisit(Act):
    """The visit stays as it is."""

    slot: Slot


class ConfirmBooking(Act):
    """The visit stands."""

    slot: Slot


class ConfirmReschedule(Act):
    """The visit stands at another time."""

    slot: Slot
    by: Literal["parent", "unit"] = "parent"


class ConfirmCancellation(Act):
    """The visit will not be."""

    slot: Slot
    by: Literal["parent", "unit"] = "parent"


class Remind(Question):
    """The visit is soon; 1 confirms, 2 moves it."""

    slot: Slot


class ThankForConfirming(Act):
    """The parent says that they come."""

    slot: Slot


class SayCalendarIsSlow(Act):
    """The booking is asked for and not confirmed yet."""

    slot: Slot


class HandOver(Act):
    """Apologise and give the contact number; `opens_at` when the unit is closed now."""

    reason: HandoffReason
    calendar: bool = False
    opens_at: datetime | None = None


class ConfirmOptOut(Act):
    """No more messages."""


class ReportData(Act):
    """What is known of the person (LGPD, art. 18, II)."""

    lead: Lead
    visit: Slot | None = None


class ConfirmErasure(Act):
    """Everything goes (LGPD, art. 18, VI)."""


class Welcome(Act):
    """You are welcome; all right; see you: the answer `to` a thank-you, a yes or a goodbye."""

    to: Polite = "thanks"

    name: str | None = None
    visit: Slot | None = None


class AcceptRefusal(Act):
    """No visit for now."""


class SayNotUnderstood(Question):
    """Ask to say it another way."""


class AskHowToHelp(Question):
    """The open question."""


class SlowDown(Act):
    """Too many messages."""


class ExcuseSilence(Act):
    """What was to be said became too old on its way, and is not said any more."""


AnyAct: TypeAlias = (
    Greet
    | Apologise
    | GivePrices
    | GiveHours
    | GiveAddress
    | GiveHolidays
    | GivePassage
    | GiveVisit
    | AdmitGap
    | SayWhoIAm
    | MeetObjection
    | RefuseDiscount
    | BackToKumon
    | NoteMedia
    | NoteCall
    | Meet
    | Noted
    | GiveNotice
    | AskField
    | GoWithoutEmail
    | NoteOnTheWay
    | MoveOn
    | InviteToVisit
    | OfferSlots
    | AskWhichSlot
    | ConfirmSlot
    | ClarifyTime
    | SayAlreadyBooked
    | SayNoVisit
    | KeepVisit
    | ConfirmBooking
    | ConfirmReschedule
    | ConfirmCancellation
    | Remind
    | ThankForConfirming
    | SayCalendarIsSlow
    | HandOver
    | ConfirmOptOut
    | ReportData
    | ConfirmErasure
    | Welcome
    | AcceptRefusal
    | SayNotUnderstood
    | AskHowToHelp
    | SlowDown
    | ExcuseSilence
)

Noted.model_rebuild()
