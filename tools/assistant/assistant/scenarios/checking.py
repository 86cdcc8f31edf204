"""Whether what was seen is what a scenario expects; every failure is a sentence."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.scenarios.model import (
    ZONE,
    Expect,
    OffersAre,
    Outcome,
    Rarely,
    ReplySays,
    Turn,
    VisitIs,
)
from assistant.scenarios.seen import Seen, plain

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Offers = Mapping[int, dt.datetime]


def check_turn(turn: Turn, seen: Seen, offers: Offers, last_offers: Offers) -> Iterator[str]:
    """Yield what is wrong after a turn; `last_offers` are the slots that were offered last, in it or before."""
    expect = turn.expect
    yield from _answered(turn, seen)
    if expect.replies is not None and seen.replies != expect.replies:
        yield f"{seen.replies} replies instead of {expect.replies}"
    if expect.reply:
        yield from _reply(expect.reply, seen)
    if expect.offers:
        yield from _offers(expect.offers, offers)
    yield from check_contact(expect, seen.contact, last_offers)


def check_contact(expect: Expect | Outcome, contact: Mapping[str, Any], last_offers: Offers) -> Iterator[str]:
    """Yield what is wrong on the front desk's page: what may take a moment to get there."""
    if isinstance(expect, Expect) and expect.stage and contact["stage"] != expect.stage:
        yield f"the stage is {contact['stage']} instead of {expect.stage}"
    if expect.lead is not None:
        yield from _lead(expect.lead, contact)
    if expect.visit:
        yield from _visit(expect.visit, contact["visits"], last_offers)
    if expect.handoff is not None:
        yield from _handoff(expect.handoff, contact["handoff"])


def check_outcome(outcome: Outcome, turns: Sequence[Seen], contact: Mapping[str, Any], last: Offers) -> Iterator[str]:
    """Yield what is wrong at the end."""
    said = plain([bubble for seen in turns for bubble in seen.bubbles])
    yield from (f"never said /{each}/" for each in outcome.said if not _found(each, said))
    yield from (f"said /{each}/" for each in outcome.never if _found(each, said))
    if outcome.replies_at_most:
        yield from _rarely(outcome.replies_at_most, turns)
    yield from check_contact(outcome, contact, last)


def _answered(turn: Turn, seen: Seen) -> Iterator[str]:
    """Hold that a parent who writes is answered, unless the scenario says otherwise."""
    expect = turn.expect
    if expect.silent is True and seen.bubbles:
        yield f"not silent: {seen.text[:120]!r}"
    wants_none = expect.silent is not None or expect.replies == 0
    if turn.parent is not None and not seen.bubbles and not wants_none:
        yield "no reply"


def _reply(reply: ReplySays, seen: Seen) -> Iterator[str]:
    if not seen.bubbles:
        return  # said once is enough
    yield from (f"does not say /{each}/" for each in reply.says if not _found(each, seen.text))
    yield from (f"says /{each}/" for each in reply.never if _found(each, seen.text))
    questions = len(re.findall(r"\?+", seen.text))
    longest = max(map(len, seen.bubbles))
    for what, value, most in (
        ("bubbles", len(seen.bubbles), reply.max_bubbles),
        ("characters in a bubble", longest, reply.max_chars),
        ("questions", questions, reply.max_questions),
    ):
        if most is not None and value > most:
            yield f"{value} {what}, more than {most}"


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _lead(wanted: Mapping[str, Any], contact: Mapping[str, Any]) -> Iterator[str]:
    for key, value in wanted.items():
        if key == "students":
            yield from _students(value, contact["students"])
            continue
        known = contact["lead"].get(key)
        if not _same(value, known):
            yield f"lead.{key} is {known!r} instead of {value!r}"


def _students(wanted: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(wanted) != len(known):
        yield f"{len(known)} students instead of {len(wanted)}"
    for nth, (expected, student) in enumerate(zip(wanted, known, strict=False)):
        for key, value in expected.items():
            if not _same(value, student.get(key)):
                yield f"students[{nth}].{key} is {student.get(key)!r} instead of {value!r}"


def _same(wanted: Any, known: Any) -> bool:
    """`null` wants the unknown, a list its members in any order, an object at least its keys."""
    if wanted is None:
        return known in (None, [], "", {}) or known == ()
    if isinstance(wanted, list):
        return isinstance(known, list | tuple) and sorted(map(str, wanted)) == sorted(map(str, known))
    if isinstance(wanted, dict):
        return isinstance(known, Mapping) and all(_same(value, known.get(key)) for key, value in wanted.items())
    return bool(wanted == known)


def _visit(wanted: VisitIs, visits: Sequence[Mapping[str, Any]], offers: Offers) -> Iterator[str]:
    booked = [dt.datetime.fromisoformat(visit["start"]) for visit in visits if visit["status"] == "booked"]
    if wanted.status == "none" and (booked or any(visit["status"] == "requested" for visit in visits)):
        yield "there is a visit"
    if wanted.status == "cancelled" and (booked or not any(visit["status"] == "cancelled" for visit in visits)):
        yield f"no cancelled visit: {[visit['status'] for visit in visits]}"
    if wanted.count is not None and len(booked) != wanted.count:
        yield f"{len(booked)} visits are booked instead of {wanted.count}"
    named = wanted.at or wanted.first or wanted.last or wanted.offer
    if not (named or wanted.status == "booked"):
        return
    if not booked:
        yield f"no visit is booked: {[visit['status'] for visit in visits]}"
        return
    yield from _time_of(wanted, booked[-1], offers)


def _time_of(wanted: VisitIs, start: dt.datetime, offers: Offers) -> Iterator[str]:
    said = start.astimezone(ZONE).isoformat()
    if wanted.at and start != wanted.at:
        yield f"the visit is at {said} instead of {wanted.at.isoformat()}"
    if not _within(start, wanted.first, wanted.last):
        yield f"the visit at {said} is not from {wanted.first} to {wanted.last}"
    if wanted.offer and offers.get(wanted.offer) != start:
        offered = offers.get(wanted.offer)
        yield f"the visit is at {said} instead of offer {wanted.offer} ({offered.isoformat() if offered else 'none'})"


def _offers(wanted: OffersAre, offers: Offers) -> Iterator[str]:
    slots = list(offers.values())
    if wanted.least is not None and len(slots) < wanted.least:
        yield f"{len(slots)} slots offered, fewer than {wanted.least}"
    if wanted.most is not None and len(slots) > wanted.most:
        yield f"{len(slots)} slots offered, more than {wanted.most}"
    for slot in slots:
        said = slot.isoformat()
        if not _within(slot, wanted.first, wanted.last):
            yield f"the offer {said} is not from {wanted.first} to {wanted.last}"
        if wanted.weekdays and WEEKDAYS[slot.weekday()] not in wanted.weekdays:
            yield f"the offer {said} is not on {', '.join(wanted.weekdays)}"


def _within(start: dt.datetime, first: str | None, last: str | None) -> bool:
    """Whether a start lies between bounds, both inclusive; an hour bounds every day."""
    return _is_after(start, first) and (last is None or not _is_after(start, last) or _equals(start, last))


def _is_after(start: dt.datetime, bound: str | None) -> bool:
    if bound is None:
        return True
    local = start.astimezone(ZONE)
    return f"{local:%H:%M}" >= bound if len(bound) == len("HH:MM") else local >= _moment(bound)


def _equals(start: dt.datetime, bound: str) -> bool:
    local = start.astimezone(ZONE)
    return f"{local:%H:%M}" == bound if len(bound) == len("HH:MM") else local == _moment(bound)


def _moment(bound: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(bound)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _handoff(wanted: str | bool, handoff: Mapping[str, Any] | None) -> Iterator[str]:
    reason = handoff["reason"] if handoff and handoff["status"] != "released" else None
    if wanted is False and reason:
        yield f"handed over: {reason}"
    if isinstance(wanted, str) and reason not in wanted.split("|"):
        yield f"handed over: {reason} instead of {wanted}"


def _rarely(wanted: Rarely, turns: Sequence[Seen]) -> Iterator[str]:
    looked_at = turns[-wanted.turns :] if isinstance(wanted.turns, int) else [turns[nth - 1] for nth in wanted.turns]
    replies = sum(seen.replies for seen in looked_at)
    if replies > wanted.most:
        yield f"{replies} replies in these turns, more than {wanted.most}"
