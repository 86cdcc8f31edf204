"""What dialogue listens to."""

from typing import Any

from chassis.line import Line
from chassis.store import Store
from contracts import Event
from contracts.calendar import BookingConfirmed, BookingRejected, ReminderDue, VisitCancelled, VisitRescheduled
from contracts.dialogue import (
    BookingRequested,
    CancellationRequested,
    HandoffRequested,
    KnowledgeGapFound,
    LeadQualified,
    LeadUpdated,
    OptedOut,
    ReplyProposed,
    RescheduleRequested,
    TurnClosed,
    TurnOpened,
)
from contracts.frontdesk import LeadEditedByStaff, StaffReleased, StaffTookOver
from contracts.ingress import MessageDeleted, MessageEchoed, MessageEdited, ParentTyping
from contracts.postprocessor import DeliveryFailed
from contracts.preprocessor import ContactsMerged, MessageRejected, MessageSanitized
from contracts.privacy import DataErased, ErasureRequested

from dialogue_service.edits import Edits
from dialogue_service.erasing import erase
from dialogue_service.merging import Merging
from dialogue_service.notices import SLOW_DOWN, Notices
from dialogue_service.ownership import Ownership
from dialogue_service.turns import CALENDAR_SLOW, TURN, Turns
from dialogue_service.undelivered import EXCUSE, Undelivered
from dialogue_service.visits import CALENDAR_SAID, Visits

TURN_FACTS = (
    ReplyProposed,
    TurnOpened,
    TurnClosed,
    LeadUpdated,
    LeadQualified,
    BookingRequested,
    RescheduleRequested,
    CancellationRequested,
    HandoffRequested,
    OptedOut,
    KnowledgeGapFound,
    ErasureRequested,
)
"""What may follow from a turn."""
CALENDAR_FACTS = (ReplyProposed, TurnClosed, HandoffRequested)
"""What may follow from the calendar's word."""


def register(
    line: Line,
    store: Store,
    *,
    turns: Turns,
    visits: Visits,
    notices: Notices,
    undelivered: Undelivered,
    ownership: Ownership,
    merging: Merging,
    edits: Edits,
) -> None:
    """Put dialogue on the line."""
    _hear_parents(line, turns, notices)
    _hear_who_is_who(line, merging)
    _hear_calendar(line, visits)
    _hear_unit(line, ownership, edits)
    _hear_channel(line, store, undelivered)
    _keep_time(line, store, turns, visits, notices)

    @line.stage(ErasureRequested, emits=(DataErased,))
    async def on_erasure_requested(event: Event[ErasureRequested]) -> None:
        await erase(store, line.clock, event)


def _hear_parents(line: Line, turns: Turns, notices: Notices) -> None:
    @line.stage(MessageSanitized, emits=TURN_FACTS)
    async def on_message_sanitized(event: Event[MessageSanitized]) -> None:
        await turns.receive(event)

    @line.stage(MessageRejected, emits=(TurnClosed,))
    async def on_message_rejected(event: Event[MessageRejected]) -> None:
        await notices.dismiss(event)

    @line.stage(MessageEdited)
    async def on_message_edited(event: Event[MessageEdited]) -> None:
        await turns.amend(event)

    @line.stage(MessageDeleted)
    async def on_message_deleted(event: Event[MessageDeleted]) -> None:
        await turns.amend(event)

    @line.stage(ParentTyping)
    async def on_parent_typing(event: Event[ParentTyping]) -> None:
        await turns.note_typing(event)


def _hear_who_is_who(line: Line, merging: Merging) -> None:
    @line.stage(ContactsMerged, emits=(LeadUpdated,))
    async def on_contacts_merged(event: Event[ContactsMerged]) -> None:
        await merging.merge(event)


def _hear_calendar(line: Line, visits: Visits) -> None:
    for fact in (BookingConfirmed, BookingRejected, VisitRescheduled, VisitCancelled, ReminderDue):
        line.stage(fact, emits=CALENDAR_FACTS)(visits.hear)


def _hear_unit(line: Line, ownership: Ownership, edits: Edits) -> None:
    @line.stage(MessageEchoed)
    async def on_message_echoed(event: Event[MessageEchoed]) -> None:
        await ownership.echo(event)

    @line.stage(StaffTookOver)
    async def on_staff_took_over(event: Event[StaffTookOver]) -> None:
        await ownership.take_over(event)

    @line.stage(StaffReleased)
    async def on_staff_released(event: Event[StaffReleased]) -> None:
        await ownership.release(event)

    @line.stage(LeadEditedByStaff, emits=(LeadUpdated, LeadQualified))
    async def on_lead_edited_by_staff(event: Event[LeadEditedByStaff]) -> None:
        await edits.hear(event)


def _hear_channel(line: Line, store: Store, undelivered: Undelivered) -> None:
    @line.stage(DeliveryFailed)
    async def on_delivery_failed(event: Event[DeliveryFailed]) -> None:
        await undelivered.hear(event)

    @store.timer(EXCUSE)
    async def on_excuse_due(_: str, payload: dict[str, Any]) -> None:
        await undelivered.excuse(payload)


def _keep_time(line: Line, store: Store, turns: Turns, visits: Visits, notices: Notices) -> None:
    line.emits(*TURN_FACTS)

    @store.timer(TURN)
    async def on_turn_due(conversation: str, _: dict[str, Any]) -> None:
        await turns.work(conversation)

    @store.timer(CALENDAR_SLOW)
    async def on_calendar_slow(conversation: str, _: dict[str, Any]) -> None:
        await visits.say_slow(conversation)

    @store.timer(CALENDAR_SAID)
    async def on_calendar_said(_: str, payload: dict[str, Any]) -> None:
        await visits.hear_again(payload)

    @store.timer(SLOW_DOWN)
    async def on_slow_down(_: str, payload: dict[str, Any]) -> None:
        await notices.slow_down(payload)
