"""When a session begins, and when a conversation that the unit served becomes the assistant's again."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialogue_service.decision.state import Conversation, Counters, Hours

SERVED_H = 12.0
"""Business hours without a message of the staff after which the unit no longer serves a conversation."""


def arrive(state: Conversation, now: datetime, silence: timedelta) -> tuple[Conversation, bool]:
    """Note a message; after a long silence a new session begins: the person and what they told stay known."""
    fresh = state.last_inbound_at is None or now - state.last_inbound_at > silence
    if not fresh:
        return state.but(last_inbound_at=now), False
    keep = bool(state.visit_ahead(now))
    # Who answers our reminder is in the middle of a conversation, however long they took.
    reminded = keep and state.asked is not None and state.asked.topic == "confirm_visit"
    return state.but(
        stage="booked" if keep else "greeting",
        session_at=now,
        last_inbound_at=now,
        asked=state.asked if reminded else None,
        offered=tuple(slot for slot in state.offered if slot.start > now),
        pending=None,
        rescheduling=state.rescheduling and keep,
        readings=(),
        counters=Counters(),
        topics=(),
        visit=state.visit_ahead(now),
        greeted=reminded,
        declined=False,
        said_goodbye=False,
        failed={},
        asks={},
    ), True


def given_back(state: Conversation) -> Conversation:
    """Make it the assistant's again; a session that the unit worked in is over."""
    if state.owner == "assistant":
        return state
    stage = "booked" if state.visit else "discovery"
    return state.but(owner="assistant", stage=stage, last_staff_at=None, counters=Counters(), asked=None, pending=None)


def taken_over(state: Conversation, now: datetime) -> Conversation:
    """Make it the unit's, from a handoff or because somebody there answered."""
    latest = max(now, state.last_staff_at or now)
    return state.but(
        owner="unit",
        stage="handed_over",
        last_staff_at=latest,
        asked=None,
        pending=None,
        offered=(),
        rescheduling=False,
    )


def may_have_lapsed(state: Conversation, now: datetime) -> bool:
    """Whether so long ago that it is worth counting business hours."""
    return state.last_staff_at is not None and now - state.last_staff_at >= timedelta(hours=SERVED_H)


def has_lapsed(state: Conversation, hours: Hours, now: datetime) -> bool:
    """Whether the unit was open for twelve hours without writing."""
    return state.last_staff_at is not None and business_time(state.last_staff_at, now, hours) >= timedelta(
        hours=SERVED_H
    )


def business_time(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """How long the unit was open between two moments."""
    zone = ZoneInfo(hours.timezone)
    closed = {each.day for each in hours.closed_days}
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    total = timedelta()
    while day <= last:
        if day.weekday() in hours.opening.weekdays and day not in closed:
            total += sum((_overlap(start, end, day, period, zone) for period in hours.opening.periods), timedelta())
        day += timedelta(days=1)
    return total


def _overlap(start: datetime, end: datetime, day: date, period: tuple[str, str], zone: ZoneInfo) -> timedelta:
    opens, closes = (datetime.combine(day, time.fromisoformat(at), zone) for at in period)
    return max(min(end, closes) - max(start, opens), timedelta())
