"""When free slots are wanted, and which."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from dialogue_service.decision.lead import plain
from dialogue_service.decision.putting_off import puts_off
from dialogue_service.decision.qualify import next_field
from dialogue_service.decision.state import Conversation
from dialogue_service.decision.turn import SlotSearch, Taken, Turn
from dialogue_service.decision.wishes import shifted, wishes_for
from dialogue_service.understanding.slots import edge_of_day
from dialogue_service.understanding.values import IntentName, TimePreference

_SAME_HOUR = re.compile(r"\bmesm[oa] (?:horario|hora)\b")
_NO_SEARCH: tuple[IntentName, ...] = ("opt_out", "erase_request", "data_request", "cancel_visit")


def search_for(taken: Taken, now: datetime, zone: ZoneInfo) -> SlotSearch | None:
    """Return what the calendar is to be asked in this turn, `None` when no slots are wanted."""
    state, understanding = taken.state, taken.turn.understanding
    if (
        state.requested
        or taken.turn.injected
        or puts_off(taken.turn)
        or understanding.has(*_NO_SEARCH)
        or _settled(taken)
    ):
        return None
    moving = _moving(taken, now)
    if not (moving or _wants_a_visit(taken, now)):
        return None
    others = bool(state.offered) and _wants_others(state, taken.turn)
    refused = (*state.refused, *(slot.start for slot in state.offered)) if others else ()
    if others and understanding.shift and not taken.preference:
        wishes = shifted(state.offered, understanding.shift, zone)
        return SlotSearch(wishes=wishes, rescheduling=moving, others=True)
    if state.readings and taken.preference is None and understanding.has("affirm"):
        either = (wish for read in state.readings for wish in wishes_for(TimePreference.model_validate(read), zone))
        return SlotSearch(wishes=tuple(either), rescheduling=moving)
    preference = _closer(_on_that_day(taken, now, zone), taken, now, zone) or (
        None if moving else _remembered(state, now, zone)
    )
    wishes = wishes_for(preference, zone, refused)
    return SlotSearch(wishes=wishes, preference=preference, rescheduling=moving, others=others)


def _on_that_day(taken: Taken, now: datetime, zone: ZoneInfo) -> TimePreference | None:
    """Take an hour or a part of the day alone for one of the day, or the weekday, that is talked about.

    It is what is read back, on offer, or about to be moved.
    """
    wish, state = taken.preference, taken.state
    if wish is None or wish.kind not in {"instant", "period"} or wish.date or wish.dates or wish.weekdays:
        return wish
    visit = state.visit_ahead(now)
    slots = (state.pending,) if state.pending else state.offered or ((visit.slot,) if visit else ())
    days = sorted({slot.start.astimezone(zone).date() for slot in slots})
    if len({day.weekday() for day in days}) != 1:
        return wish
    if wish.kind == "instant":
        return wish.model_copy(update={"date": days[0]})
    return wish.model_copy(update={"kind": "window", "dates": tuple(days)})


def _closer(wish: TimePreference | None, taken: Taken, now: datetime, zone: ZoneInfo) -> TimePreference | None:
    """Narrow a wish by what its shape has no word for: "no mesmo horário", "no fim da tarde"."""
    said, visit = plain(taken.turn.text), taken.state.visit_ahead(now)
    if wish is None or wish.start or wish.end:
        return wish
    if visit and _SAME_HOUR.search(said):
        return wish.model_copy(update={"kind": "instant", "start": visit.slot.start.astimezone(zone).time()})
    if edge := edge_of_day(said):
        return wish.model_copy(update={"start": edge[0], "end": edge[1]})
    return wish


def _settled(taken: Taken) -> bool:
    """Whether the turn chooses, confirms or leaves open which time is meant: then nothing is searched."""
    state, understanding = taken.state, taken.turn.understanding
    slot, wish = understanding.fields.slot, understanding.fields.time_preference
    if slot is not None and state.offered:
        return True
    if wish is not None and wish.kind == "ambiguous":
        return True
    return bool(state.pending) and understanding.has("affirm") and taken.preference is None


def _moving(taken: Taken, now: datetime) -> bool:
    """Whether it is about another time for a visit that is booked."""
    state, understanding = taken.state, taken.turn.understanding
    if state.visit_ahead(now) is None:
        return False
    asked = state.asked.topic if state.asked else None
    if understanding.has("reschedule_visit"):
        return True
    if asked == "reschedule" and (understanding.has("affirm") or taken.preference):
        return True
    other_time = taken.preference and not understanding.has("ask_visit_info")  # "minha visita hoje está de pé?"
    if asked == "confirm_visit" and (understanding.has("deny") or other_time):
        return True
    goes_on = taken.preference is not None or _wants_others(state, taken.turn) or understanding.has("book")
    return state.rescheduling and goes_on


def _wants_a_visit(taken: Taken, now: datetime) -> bool:
    state, understanding = taken.state, taken.turn.understanding
    if state.visit_ahead(now):
        return False
    chooses = bool(state.offered) and state.asked is not None and state.asked.topic == "slot"  # "tá bom, marca"
    if understanding.has("reschedule_visit") or _wants_others(state, taken.turn):
        return True
    if understanding.has("book") and not (chooses and taken.preference is None):
        return True
    asked = state.asked.topic if state.asked else None
    if taken.preference is None:
        invited = asked == "time_preference" and understanding.has("affirm")
        return invited or _ready(taken)
    if asked in {"time_preference", "slot", "confirm_slot"} or taken.before == "scheduling":
        return True
    only_a_time = not any(change.field != "time_preference" for change in taken.changes)
    only_a_time = only_a_time and not understanding.has("ask_hours", "ask_holidays")
    return (only_a_time and taken.preference.kind != "period") or _ready(taken)


def _wants_others(state: Conversation, turn: Turn) -> bool:
    """Whether none of the offered slots will do."""
    understanding = turn.understanding
    refused = bool(state.pending) and understanding.has("deny", "correct")
    refused = refused or (state.asked is not None and state.asked.topic == "slot" and understanding.has("deny"))
    refused = refused and not turn.gives_no_email
    return bool(state.offered) and (understanding.has("reject_slots") or bool(understanding.shift) or refused)


def _ready(taken: Taken) -> bool:
    """Whether everything is known that comes before a visit, and this turn told the last of it."""
    state = taken.state
    known = state.lead.time_preference is not None and next_field(state) is None
    return known and bool(taken.changes) and not state.offered and not state.declined


def _remembered(state: Conversation, now: datetime, zone: ZoneInfo) -> TimePreference | None:
    """Return the wish told earlier, unless its days are over."""
    if state.lead.time_preference is None:
        return None
    wish = TimePreference.model_validate(state.lead.time_preference)
    local = now.astimezone(zone)
    days = [day for day in (wish.date, *wish.dates, wish.latest) if day]
    over = bool(days) and max(days) < local.date()
    return None if over or (wish.date == local.date() and wish.start and wish.start < local.time()) else wish
