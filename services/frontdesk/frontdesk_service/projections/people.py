"""Who writes, where to answer, how far the conversation got, and whose it is: what facts tell about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts import Event
from contracts.calendar import BookingConfirmed, VisitRescheduled
from contracts.dialogue import HandoffRequested, LeadUpdated, OptedOut, TurnClosed
from contracts.frontdesk import StaffReleased, StaffReplied, StaffTookOver
from contracts.ingress import Address, MessageEchoed
from contracts.preprocessor import Contact, ContactsMerged, MessageRejected, MessageSanitized
from contracts.rules import ReplyDrafted

from frontdesk_service.domain import moment
from frontdesk_service.projections.writes import Writes


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one fact tells about a person; `None` tells nothing. Fields are columns of `people`."""

    phone: str | None = None
    lid: str | None = None
    address: dict[str, Any] | None = None
    instance: str | None = None
    address_at: datetime | None = None
    profile_name: str | None = None
    profile_at: datetime | None = None
    last_at: datetime | None = None
    stage: str | None = None
    stage_at: datetime | None = None
    unit_at: datetime | None = None
    released_at: datetime | None = None
    answered_at: datetime | None = None
    silenced_at: datetime | None = None
    heard_at: datetime | None = None


# Merging is commutative: the greatest of each column, or of the pair (time, value) where a value has its time.
MERGE = """
insert into people as old (conversation, phone, lid, address, instance, address_at, profile_name, profile_at,
    last_at, stage, stage_at, unit_at, released_at, answered_at, silenced_at, heard_at)
select conversation, max(phone), max(lid),
    (array_agg(address order by address_at desc, instance desc, address desc) filter (where address_at is not null))[1],
    (array_agg(instance order by address_at desc, instance desc) filter (where address_at is not null))[1],
    max(address_at),
    (array_agg(profile_name order by profile_at desc, profile_name desc) filter (where profile_at is not null))[1],
    max(profile_at), max(last_at),
    (array_agg(stage order by stage_at desc, stage desc) filter (where stage_at is not null))[1], max(stage_at),
    max(unit_at), max(released_at), max(answered_at), max(silenced_at), max(heard_at)
from unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::timestamptz[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[],
    $14::timestamptz[], $15::timestamptz[], $16::timestamptz[])
    as told (conversation, phone, lid, address, instance, address_at, profile_name, profile_at, last_at, stage,
        stage_at, unit_at, released_at, answered_at, silenced_at, heard_at)
group by conversation order by conversation
on conflict (conversation) do update set
    phone = greatest(old.phone, excluded.phone),
    lid = greatest(old.lid, excluded.lid),
    address = case when (excluded.address_at, excluded.instance, excluded.address)
        > (coalesce(old.address_at, '-infinity'), coalesce(old.instance, ''), coalesce(old.address, 'null'))
        then excluded.address else old.address end,
    instance = case when (excluded.address_at, excluded.instance)
        > (coalesce(old.address_at, '-infinity'), coalesce(old.instance, ''))
        then excluded.instance else old.instance end,
    address_at = greatest(old.address_at, excluded.address_at),
    profile_name = case when (excluded.profile_at, excluded.profile_name)
        > (coalesce(old.profile_at, '-infinity'), coalesce(old.profile_name, ''))
        then excluded.profile_name else old.profile_name end,
    profile_at = greatest(old.profile_at, excluded.profile_at),
    last_at = greatest(old.last_at, excluded.last_at),
    stage = case when (excluded.stage_at, excluded.stage)
        > (coalesce(old.stage_at, '-infinity'), coalesce(old.stage, ''))
        then excluded.stage else old.stage end,
    stage_at = greatest(old.stage_at, excluded.stage_at),
    unit_at = greatest(old.unit_at, excluded.unit_at),
    released_at = greatest(old.released_at, excluded.released_at),
    answered_at = greatest(old.answered_at, excluded.answered_at),
    silenced_at = greatest(old.silenced_at, excluded.silenced_at),
    heard_at = greatest(old.heard_at, excluded.heard_at)"""


def tell(writes: Writes, conversation: str, told: Told) -> None:
    """Merge what a fact tells into the person's row."""
    writes.add_to_set(
        MERGE,
        conversation,
        told.phone,
        told.lid,
        told.address,
        told.instance,
        told.address_at,
        told.profile_name,
        told.profile_at,
        told.last_at,
        told.stage,
        told.stage_at,
        told.unit_at,
        told.released_at,
        told.answered_at,
        told.silenced_at,
        told.heard_at,
    )


def _reached(address: Address, instance: str, at: datetime, profile_name: str | None = None) -> dict[str, Any]:
    return {
        "phone": address.phone,
        "lid": address.lid,
        "address": address.model_dump(mode="json"),
        "instance": instance,
        "address_at": at,
        "profile_name": profile_name,
        "profile_at": at if profile_name else None,
    }


def _met(contact: Contact, instance: str, at: datetime) -> dict[str, Any]:
    reached = _reached(contact.address, instance, at, contact.profile_name)
    return {**reached, "phone": contact.phone or contact.address.phone}


def _stage(stage: str, at: datetime) -> dict[str, Any]:
    # Whether it is handed over is known from whose it is; underneath it keeps the stage that it will go back to.
    return {} if stage == "handed_over" else {"stage": stage, "stage_at": at}


def sanitized(writes: Writes, event: Event[MessageSanitized]) -> None:
    """Meet the person, who may speak."""
    message = event.data
    met = _met(message.contact, message.key.instance, event.time)
    last_at = moment(message.sent_at, message.received_at)
    tell(writes, event.subject, Told(**met, last_at=last_at, heard_at=event.time))


def rejected(writes: Writes, event: Event[MessageRejected]) -> None:
    """Meet the person; one who opted out stays so until a message of theirs may be answered again."""
    message = event.data
    met = _met(message.contact, message.key.instance, event.time)
    silenced_at = event.time if message.reason == "opted_out" else None
    last_at = moment(message.sent_at, event.time)
    tell(writes, event.subject, Told(**met, last_at=last_at, silenced_at=silenced_at))


def merged(writes: Writes, event: Event[ContactsMerged]) -> None:
    """Know both names; what was said while only the LID was known is shown with the rest (see the view `persons`)."""
    contact = event.data.contact
    tell(writes, event.subject, Told(phone=contact.phone, lid=contact.address.lid))


def echoed(writes: Writes, event: Event[MessageEchoed]) -> None:
    """Somebody typed on the unit's own phone: it is the unit's since then, however late that is known."""
    echo = event.data
    if echo.origin == "phone":
        reached = _reached(echo.address, echo.key.instance, event.time)
        typed_at = moment(echo.sent_at, event.time)
        tell(writes, event.subject, Told(**reached, last_at=typed_at, unit_at=typed_at))


def drafted(writes: Writes, event: Event[ReplyDrafted]) -> None:
    """Take a reply as the newest message."""
    told = Told(phone=event.data.contact.phone, lid=event.data.contact.address.lid, last_at=event.time)
    tell(writes, event.subject, told)


def turn_closed(writes: Writes, event: Event[TurnClosed]) -> None:
    """Take the stage, whether the assistant replied, and whether the person wants silence."""
    turn = event.data
    answered_at = event.time if turn.outcome == "replied" and turn.stage != "handed_over" else None
    silenced_at = event.time if "opt_out" in turn.intents or turn.reason == "opted_out" else None
    stage = _stage(turn.stage, event.time)
    tell(writes, event.subject, Told(**stage, answered_at=answered_at, silenced_at=silenced_at))


def lead_updated(writes: Writes, event: Event[LeadUpdated]) -> None:
    """Take the stage."""
    told = Told(phone=event.data.contact.phone, **_stage(event.data.stage, event.time))
    tell(writes, event.subject, told)


def opted_out(writes: Writes, event: Event[OptedOut]) -> None:
    """Keep that the person wants silence."""
    tell(writes, event.subject, Told(phone=event.data.contact.phone, silenced_at=event.time))


def booked(writes: Writes, event: Event[BookingConfirmed] | Event[VisitRescheduled]) -> None:
    """Take the stage: a visit stands, and calendar says so before dialogue's next turn does."""
    told = Told(phone=event.data.visit.contact.phone, **_stage("booked", event.time))
    tell(writes, event.subject, told)


def handed_over(writes: Writes, event: Event[HandoffRequested]) -> None:
    """Make it the unit's."""
    tell(writes, event.subject, Told(phone=event.data.contact.phone, unit_at=event.time))


def took_over(writes: Writes, event: Event[StaffTookOver]) -> None:
    """Make it the unit's."""
    tell(writes, event.subject, Told(unit_at=event.time))


def replied(writes: Writes, event: Event[StaffReplied]) -> None:
    """Make it the unit's, with a newest message."""
    told = Told(phone=event.data.contact.phone, unit_at=event.time, last_at=event.time)
    tell(writes, event.subject, told)


def released(writes: Writes, event: Event[StaffReleased]) -> None:
    """Make it the assistant's again."""
    tell(writes, event.subject, Told(released_at=event.time))
