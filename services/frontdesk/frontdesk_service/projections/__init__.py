"""The read model: which fact changes what.

One file per concern, each with what it writes when a fact comes and what it reads for the page and the API.
Projections change only their own tables, only by the fact they are given, and the order of facts does not matter.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeAlias

from chassis.store import Connection
from contracts import Event, Fact
from contracts.calendar import (
    BookingConfirmed,
    BookingRejected,
    CalendarConflictFound,
    ReminderDue,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
)
from contracts.dialogue import (
    BookingRequested,
    HandoffRequested,
    KnowledgeGapFound,
    LeadQualified,
    LeadUpdated,
    OptedOut,
    TurnClosed,
    TurnOpened,
)
from contracts.frontdesk import KnowledgeAnswered, LeadEditedByStaff, StaffReleased, StaffReplied, StaffTookOver
from contracts.ingress import ChannelStateChanged, MessageDeleted, MessageEchoed, MessageEdited, ReceiptReceived
from contracts.llm_gateway import BudgetThresholdCrossed, CompletionServed, ProviderFailedOver
from contracts.postprocessor import ChannelOutageReported, DeliveryFailed, ReplyDelivered, ReplyRead
from contracts.preprocessor import ContactsMerged, MessageRejected, MessageSanitized
from contracts.rules import DraftBlocked, ReplyDrafted

from frontdesk_service.projections import (
    channel,
    conflicts,
    costs,
    evidence,
    handoffs,
    journal,
    knowledge,
    leads,
    messages,
    outages,
    people,
    visits,
    waiting,
)
from frontdesk_service.projections.writes import Writes

Projection: TypeAlias = Callable[[Writes, Event[Any]], None]

# A fact without projections is kept in the journal alone.
PROJECTIONS: dict[type[Fact], tuple[Projection, ...]] = {
    MessageSanitized: (people.sanitized, messages.sanitized, waiting.sanitized),
    MessageRejected: (people.rejected, messages.rejected),
    ContactsMerged: (people.merged,),
    MessageEchoed: (people.echoed, messages.echoed, handoffs.echoed),
    MessageEdited: (messages.edited,),
    MessageDeleted: (messages.deleted,),
    ReceiptReceived: (messages.receipt,),
    ChannelStateChanged: (channel.changed,),
    TurnOpened: (waiting.opened,),
    TurnClosed: (people.turn_closed, waiting.closed),
    LeadUpdated: (people.lead_updated, leads.updated, evidence.told),
    LeadQualified: (leads.qualified,),
    LeadEditedByStaff: (leads.edited,),
    BookingRequested: (visits.requested,),
    HandoffRequested: (people.handed_over, handoffs.requested),
    OptedOut: (people.opted_out,),
    KnowledgeGapFound: (knowledge.asked,),
    KnowledgeAnswered: (knowledge.answered,),
    ReplyDrafted: (people.drafted, messages.drafted),
    DraftBlocked: (costs.blocked,),
    BookingConfirmed: (people.booked, visits.confirmed),
    BookingRejected: (visits.rejected,),
    VisitRescheduled: (people.booked, visits.rescheduled),
    VisitCancelled: (visits.cancelled,),
    ReminderDue: (visits.reminded,),
    CalendarConflictFound: (conflicts.found,),
    VisitOutcomeRecorded: (visits.outcome_recorded,),
    ReplyDelivered: (messages.delivered,),
    ReplyRead: (messages.read,),
    DeliveryFailed: (messages.failed,),
    ChannelOutageReported: (outages.reported,),
    CompletionServed: (costs.served,),
    ProviderFailedOver: (),
    BudgetThresholdCrossed: (),
    StaffTookOver: (people.took_over, handoffs.took_over),
    StaffReleased: (people.released, handoffs.released),
    StaffReplied: (people.replied, messages.replied, handoffs.took_over),
}

FOLDED = (
    *("people", "messages", "channel_marks", "replies", "inbound", "turns", "leads", "visits", "visit_moves"),
    *("visit_requests", "handoffs", "staff_acts", "channels", "completions", "blocked_claims"),
    *("gaps", "answers", "lead_evidence", "outages"),
)
"""Every table that is made from facts alone."""


async def apply(connection: Connection, *events: Event[Any], now: datetime) -> list[Event[Any]]:
    """Keep facts and fold them into the read model, inside the caller's transaction; returns those that are new.

    Raises `Transient` for a fact of which it cannot be told yet whether it is of somebody who was erased.
    """
    fresh = await journal.keep(connection, events, now)
    await fold(connection, fresh)
    return fresh


async def fold(connection: Connection, events: Iterable[Event[Any]]) -> None:
    """Change the read model as facts say."""
    writes = Writes()
    for event in events:
        for projection in PROJECTIONS[type(event.data)]:
            projection(writes, event)
    await writes.run(connection)
