"""Which page knows the words of an act, and what a reply is for."""

from typing import Literal, TypeAlias, assert_never, get_args

from dialogue_service.decision.acts import (
    AcceptRefusal,
    AnyAct,
    AskWhichSlot,
    ConfirmBooking,
    ConfirmCancellation,
    ConfirmErasure,
    ConfirmOptOut,
    ConfirmReschedule,
    ConfirmSlot,
    ExcuseSilence,
    HandOver,
    KeepVisit,
    OfferSlots,
    Remind,
    ReportData,
    SayCalendarIsSlow,
    SlowDown,
    ThankForConfirming,
    Welcome,
)
from dialogue_service.speech.answering import Answer, answering
from dialogue_service.speech.asking import Asking, asking
from dialogue_service.speech.ending import Ending, ending
from dialogue_service.speech.lines import Line, Telling
from dialogue_service.speech.offering import Offering, offering
from dialogue_service.speech.opening import Opening, opening
from dialogue_service.speech.visiting import Visiting, visiting

Purpose = Literal["answer", "question", "offer", "confirmation", "reminder", "notice", "handoff", "closing"]
Kinds: TypeAlias = tuple[type[AnyAct], ...]

_PURPOSES: tuple[tuple[Purpose, Kinds], ...] = (
    ("handoff", (HandOver,)),
    ("notice", (ConfirmOptOut, ConfirmErasure, ReportData, SlowDown, ExcuseSilence, SayCalendarIsSlow)),
    ("reminder", (Remind,)),
    ("confirmation", (ConfirmBooking, ConfirmReschedule, ConfirmCancellation, ThankForConfirming, KeepVisit)),
    ("offer", (OfferSlots, AskWhichSlot, ConfirmSlot)),
    ("closing", (Welcome, AcceptRefusal)),
    ("answer", get_args(Answer)),
)


def lines_of(act: AnyAct, telling: Telling) -> tuple[Line, ...]:
    """Return the lines of an act; none when another act of the reply says it, too."""
    if isinstance(act, Opening):
        lines = opening(act, telling)
    elif isinstance(act, Answer):
        lines = answering(act, telling)
    elif isinstance(act, Asking):
        lines = asking(act, telling)
    elif isinstance(act, Offering):
        lines = offering(act, telling)
    elif isinstance(act, Visiting):
        lines = visiting(act, telling)
    elif isinstance(act, Ending):
        lines = ending(act, telling)
    else:
        assert_never(act)
    return tuple(lines)


def purpose_of(acts: tuple[AnyAct, ...]) -> Purpose:
    """Say what a reply is for: its weightiest act decides."""
    said = set(map(type, acts))
    return next((purpose for purpose, kinds in _PURPOSES if not said.isdisjoint(kinds)), "question")
