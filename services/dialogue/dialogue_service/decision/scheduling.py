"""From a wish about time to a slot that is asked for: offer, choose, read back, book."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contracts.calendar import Offer
from contracts.dialogue import BookingRequested, Lead, RescheduleRequested, Slot

from dialogue_service.decision.acts import AskWhichSlot, ClarifyTime, ConfirmSlot, OfferSlots, SayAlreadyBooked
from dialogue_service.decision.handoff import hand_over
from dialogue_service.decision.scene import Scene
from dialogue_service.decision.state import Asked, Requested, Wanted
from dialogue_service.decision.turn import SlotSearch
from dialogue_service.decision.wishes import merged, why_not

MOST_SLOTS = 3


def schedule(scene: Scene) -> Scene:
    """Move towards a visit as far as this turn allows."""
    if scene.state.requested:
        return scene
    chosen = _chosen(scene)
    if chosen:
        return chosen
    if _is_unclear_time(scene):
        return _clarify(scene)
    if scene.search:
        return _offer(scene)
    visit = scene.state.visit_ahead(scene.now)
    booked = scene.taken.before == "booked"
    names_a_time = booked and scene.only("provide", "deny", "correct") and scene.taken.preference is not None
    takes_back = booked and scene.only("correct") and not scene.taken.changes
    if visit and (scene.has("book") or names_a_time or takes_back):
        scene = scene.but(
            asked=Asked(topic="reschedule"), readings=_named_of(scene, visit.slot) if names_a_time else ()
        )
        return scene.say(SayAlreadyBooked(slot=visit.slot))
    return scene


def _named_of(scene: Scene, booked: Slot) -> tuple[dict[str, Any], ...]:
    """Return the time that was named beside a booked visit; an hour alone is one of its day."""
    wish = scene.taken.preference
    if wish is None:
        return ()
    if wish.kind == "instant" and not (wish.date or wish.dates or wish.weekdays):
        wish = wish.model_copy(update={"date": booked.start.astimezone(scene.zone).date()})
    return (wish.to_json(),)


def _chosen(scene: Scene) -> Scene | None:
    state, slot = scene.state, scene.understanding.fields.slot
    if state.pending and scene.has("affirm") and scene.taken.preference is None:
        return request(scene, state.pending)
    if slot is None or not state.offered:
        return None
    fitting = tuple(each for each in state.offered if each.start in state.fitting)
    if slot == "any":
        return _read_back(scene, (fitting or state.offered)[0])
    if slot == "ambiguous":
        return _ask_which(scene)
    picked = next((each for each in state.offered if each.start == slot), None)
    if picked is None:
        return None
    passed_over = bool(fitting) and picked not in fitting
    unsure = scene.turn.mumbled or scene.turn.hints or passed_over
    return _read_back(scene, picked) if unsure else request(scene, picked)


def _ask_which(scene: Scene) -> Scene:
    """Show again those of the offered slots that may be meant, under the same numbers."""
    candidates = scene.understanding.fields.slot_candidates
    fitting = tuple(each for each in scene.state.offered if each.start in candidates)
    which = AskWhichSlot(slots=fitting or scene.state.offered, listed="fitting" if fitting else "unclear")
    scene = scene.but(fitting=candidates, asked=Asked(topic="slot"), stage="scheduling")
    return scene.say(which)


def request(scene: Scene, slot: Slot) -> Scene:
    """Ask the calendar for a slot; the reply comes with its answer."""
    state = scene.state
    visit = state.visit_ahead(scene.now)
    moves = visit is not None and state.rescheduling
    if visit and moves:
        scene = scene.tell(RescheduleRequested(visit_id=visit.id, slot=slot, contact=state.contact))
    else:
        scene = scene.but(lead=_with_time(state.lead, slot, scene.zone))
        scene = scene.tell(BookingRequested(slot=slot, lead=scene.state.lead, contact=state.contact))
    what: Wanted = "rescheduling" if moves else "booking"
    requested = Requested(what=what, slot=slot, asked_at=scene.now)
    scene = scene.but(requested=requested, pending=None, offered=(), asked=None, stage="scheduling")
    return scene._replace(requested=what).end("waiting")


def _with_time(lead: Lead, slot: Slot, zone: ZoneInfo) -> Lead:
    """Who chose a slot told when they would like to come."""
    if lead.time_preference is not None:
        return lead
    start = slot.start.astimezone(zone)
    wish = {"kind": "instant", "date": f"{start:%Y-%m-%d}", "start": f"{start:%H:%M}"}
    return lead.model_copy(update={"time_preference": wish})


def _read_back(scene: Scene, slot: Slot) -> Scene:
    act = ConfirmSlot(slot=slot, email=_wants_email(scene), rescheduling=scene.state.rescheduling)
    scene = scene.but(email_asked=scene.state.email_asked or act.email)
    return scene.say(act).but(pending=slot, asked=Asked(topic="confirm_slot"), stage="scheduling")


def _is_unclear_time(scene: Scene) -> bool:
    wish = scene.understanding.fields.time_preference
    return wish is not None and wish.kind == "ambiguous" and scene.understanding.fields.slot is None


def _clarify(scene: Scene) -> Scene:
    """Ask back which of several readings is meant, or for a date that exists."""
    wish = scene.understanding.fields.time_preference
    readings = wish.readings if wish else ()
    shown = tuple((read.date, f"{read.start:%H:%M}" if read.start else None) for read in readings)
    scene = scene.but(readings=tuple(read.to_json() for read in readings), asked=Asked(topic="time_preference"))
    rescheduling = scene.state.rescheduling or (
        scene.has("reschedule_visit") and scene.state.visit_ahead(scene.now) is not None
    )
    return scene.but(rescheduling=rescheduling, stage="scheduling").say(
        ClarifyTime(readings=shown, open=not shown and not re.search(r"\d", scene.turn.text))
    )


def _offer(scene: Scene) -> Scene:
    """Offer what is free, or say why there is nothing."""
    search, offers = scene.search, scene.known.offers
    if scene.known.calendar_away or search is None or offers is None:
        return hand_over(scene, "failure", calendar=True)
    slots = _readings_free(search, offers) or merged([offer.slots for offer in offers], MOST_SLOTS)
    scene = scene.but(rescheduling=search.rescheduling, stage="scheduling", declined=False)
    if not slots:
        return hand_over(scene, "no_slots")
    exact = next((wish.exact for wish in search.wishes if wish.exact), None)
    free = next((slot for slot in slots if exact and slot.start == exact), None)
    scene = scene.but(offered=slots, fitting=(), pending=None, refused=_refused(scene, others=search.others))
    if free and len(search.wishes) == 1:
        return _read_back(scene.but(offered=(free,)), free)
    return _list(scene, slots, matching=any(offer.matches_wish for offer in offers))


def _readings_free(search: SlotSearch, offers: tuple[Offer, ...]) -> tuple[Slot, ...]:
    """Return just the slots that were named, when there are several and they are free."""
    exact = {wish.exact for wish in search.wishes}
    if len(exact) < 2:  # one is read back, and what is near is offered when it is taken
        return ()
    return tuple(slot for offer in offers for slot in offer.slots if slot.start in exact)[:MOST_SLOTS]


def _list(scene: Scene, slots: tuple[Slot, ...], *, matching: bool) -> Scene:
    search, assessment = scene.search, scene.assessment
    why, day, holiday = None, None, None
    told_again = search is not None and search.others and scene.taken.preference is None
    if not matching and search and not told_again:
        why, day, holiday = why_not(
            search.wishes, assessment.opening, assessment.closed_days, assessment.unit, scene.now
        )
    act = OfferSlots(
        slots=slots,
        why=why,
        opening=assessment.opening if why in {"closed_weekday", "closed_hour"} else None,
        holiday=holiday,
        day=day,
        email=_wants_email(scene),
        rescheduling=scene.state.rescheduling,
        others=bool(search and search.others),
    )
    scene = scene.but(asked=Asked(topic="slot"), email_asked=scene.state.email_asked or act.email)
    return scene.say(act)


def _refused(scene: Scene, *, others: bool) -> tuple[datetime, ...]:
    before = scene.taken.state
    return (*before.refused, *(slot.start for slot in before.offered)) if others else ()


def _wants_email(scene: Scene) -> bool:
    """Whether to ask for the e-mail with this question: once, before booking."""
    state = scene.state
    return not (state.rescheduling or state.lead.email or state.email_asked)
