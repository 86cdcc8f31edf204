"""What the front desk knows without asking anybody: how a lead is shown, which phone is meant, when a message was."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from contracts.dialogue import Lead, Student

UNIT_ZONE = ZoneInfo("America/Sao_Paulo")
"""Every time that leaves the front desk is in it."""

UNANSWERED_AFTER = timedelta(seconds=60)
"""A message of a parent without an end after this counts as unanswered (reception §6)."""

CONFLICT = "Conflito na agenda."
"""The first line of a handoff about two promises for one time."""

QUEUED, UNKNOWN, SENT, FAILED, DELIVERED, READ = range(6)
"""How far an outgoing message got; `message_status` in the schema names them."""

RECEIPT_RANKS = {"sent": SENT, "error": FAILED, "delivered": DELIVERED, "read": READ, "played": READ}
"""What the channel's receipts prove; `pending` and `deleted` prove nothing about delivery."""


@dataclass(frozen=True)
class Known:
    """A lead as it is shown: never without the phone that the person writes from."""

    lead: Lead
    first: Student
    student_name: str | None


def known(lead: dict[str, Any] | None, phone: str | None) -> Known:
    """Read a stored lead; `None` when dialogue has said nothing yet."""
    read = Lead.model_validate(lead or {})
    if read.phone is None:
        read = read.model_copy(update={"phone": phone})
    first = read.students[0] if read.students else Student()
    return Known(read, first, first.name or (read.parent_name if first.is_self else None))


def bubble_id(reply_id: UUID, part: int) -> UUID:
    """Our id of one bubble of a reply."""
    return uuid5(reply_id, str(part))


def moment(sent_at: datetime, received_at: datetime) -> datetime:
    """When a message of the channel was, finer than the channel's whole seconds and never later than it was here.

    So a question stays before its answer, also when the channel's clock is ahead.
    """
    return min(received_at, sent_at + timedelta(seconds=0.999))


def local(at: datetime) -> datetime:
    """Show a moment in the unit's zone, in whole seconds (the channel's grain)."""
    return at.astimezone(UNIT_ZONE).replace(microsecond=0)


def phones(text: str) -> tuple[str, ...]:
    """Which E.164 phones a path like `+5551…` or `5551…` can mean: a Brazilian mobile also without its ninth digit."""
    digits = text.removeprefix("+")
    if not re.fullmatch(r"[0-9]{8,15}", digits):
        return ()
    old_mobile = re.fullmatch(r"(55[1-9][0-9])([6-9][0-9]{7})", digits)
    return (f"+{digits}", f"+{old_mobile[1]}9{old_mobile[2]}") if old_mobile else (f"+{digits}",)
