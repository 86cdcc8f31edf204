"""Compares what the phones show with what should have been. Pure; every finding is a promise that was broken."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, pairwise, permutations
from typing import Literal, TypeVar

from assistant.chaos.evidence import Draft, Evidence, Seen, Visit
from assistant.chaos.script import question_of

T = TypeVar("T", Seen, Draft)
Kind = Literal["without_end", "unanswered", "lost", "twice", "order", "double_booking", "after_take_over"]
GRACE = timedelta(seconds=0.3)
"""How long after a take-over was accepted a bubble may still arrive (the channel's own way)."""
NOT_SENT_ON_PURPOSE = frozenset({"taken_over"})
ASIDE = frozenset({"notice", "confirmation"})
"""What the calendar's word brings, whenever that comes: it may overtake, and be overtaken by, the answer to a turn."""


@dataclass(frozen=True)
class Finding:
    """A broken promise: which, to whom, and the ids to look for."""

    kind: Kind
    phone: str
    what: str


def audit(evidence: Evidence) -> tuple[Finding, ...]:
    """Return every broken promise."""
    checks = (without_end, unanswered, lost, twice, wrong_order, double_bookings, after_take_over)
    return tuple(finding for check in checks for finding in check(evidence))


def without_end(evidence: Evidence) -> Iterator[Finding]:
    """Every message of a parent ends in a closed turn, or is rejected."""
    ended = {message for turn in evidence.closed for message in turn.messages} | evidence.rejected
    for message in evidence.written:
        if message.id not in ended:
            yield Finding("without_end", message.phone, message.id)


def unanswered(evidence: Evidence) -> Iterator[Finding]:
    """Every question has its answer after it, as long as the assistant had the conversation."""
    shown, handed_over = _by_phone(evidence.shown), hand_overs(evidence)
    for message in evidence.written:
        question, taken_at = question_of(message.text), evidence.taken_at.get(message.phone)
        is_the_units = message.phone in handed_over and message.nth >= handed_over[message.phone]
        if question is None or taken_at is not None or is_the_units:
            continue
        later = (bubble for bubble in shown[message.phone] if bubble.nth > message.nth)
        if not any(question.is_answered_by(bubble.text) for bubble in later):
            yield Finding("unanswered", message.phone, message.id)


def hand_overs(evidence: Evidence) -> dict[str, int]:
    """Return whom the assistant gave to the unit, with the place of the first message that she did it for."""
    written = {message.id: message for message in evidence.written}
    found: dict[str, int] = {}
    for key in (key for turn in evidence.closed if turn.outcome == "handed_over" for key in turn.messages):
        if message := written.get(key):
            found[message.phone] = min(message.nth, found.get(message.phone, message.nth))
    return found


def lost(evidence: Evidence) -> Iterator[Finding]:
    """Every reply is on the phone, whole; only what staff took over was rightly not sent."""
    settled = {each.reply: each for each in evidence.settled}
    shown = {each.id for each in evidence.shown}
    for draft in evidence.drafts:
        end = settled.get(draft.reply)
        if end is None:
            yield Finding("lost", draft.phone, f"reply {draft.reply} was never settled")
        elif end.failure and end.failure not in NOT_SENT_ON_PURPOSE:
            yield Finding("lost", draft.phone, f"reply {draft.reply} failed: {end.failure}")
        elif absent := set(end.sent.values()) - shown:
            yield Finding("lost", draft.phone, f"reply {draft.reply} was said to be sent: {sorted(absent)}")
    for phone in evidence.booked - {visit.phone for visit in evidence.visits}:
        yield Finding("lost", phone, "a visit that was confirmed")


def twice(evidence: Evidence) -> Iterator[Finding]:
    """Every bubble on a phone is one that was to be sent, every message was worked once and answered once."""
    claims = Counter(channel_id for each in evidence.settled for channel_id in each.sent.values())
    for bubble in evidence.shown:
        if bubble.id in evidence.again:
            yield Finding("twice", bubble.phone, f"{bubble.id} is a bubble that was sent again")
        elif claims[bubble.id] != 1:
            yield Finding("twice", bubble.phone, f"{bubble.id} is {claims[bubble.id]} bubbles of ours")
    ends = Counter(message for turn in evidence.closed for message in turn.messages)
    answers = Counter((key, draft.purpose) for draft in evidence.drafts for key in draft.answers)
    phones = {message.id: message.phone for message in evidence.written}
    for message, count in ends.items():
        if count > 1:
            yield Finding("twice", phones.get(message, ""), f"{message} ended {count} times")
    for (message, purpose), count in answers.items():
        if count > 1 and purpose != "notice":
            yield Finding("twice", phones.get(message, ""), f"{message} has {count} replies: {purpose}")


def wrong_order(evidence: Evidence) -> Iterator[Finding]:
    """Bubbles of a reply come in their order, and replies in the order of what they answer.

    A message that came through the line only after a later one had been answered is answered when it comes.
    """
    places = {bubble.id: bubble.nth for bubble in evidence.shown}
    asked = {message.id: message.nth for message in evidence.written}
    sent = {
        each.reply: [places[key] for _, key in sorted(each.sent.items()) if key in places] for each in evidence.settled
    }
    for draft in evidence.drafts:
        if any(earlier > later for earlier, later in pairwise(sent.get(draft.reply, []))):
            yield Finding("order", draft.phone, f"bubbles of reply {draft.reply}")
    for phone, drafts in _by_phone(each for each in evidence.drafts if each.purpose not in ASIDE).items():
        for one, other in permutations(drafts, 2):
            comes_first = _answers_before(one, other, asked) and _knew(other, one, evidence.arrived)
            if comes_first and _comes_after(sent.get(one.reply), sent.get(other.reply)):
                yield Finding("order", phone, f"reply {other.reply} overtook {one.reply}")


def double_bookings(evidence: Evidence) -> Iterator[Finding]:
    """No two visits at one time, and no person with two."""
    for one, other in combinations(sorted(evidence.visits, key=lambda visit: visit.start), 2):
        if _overlap(one, other):
            yield Finding("double_booking", other.phone, f"{other.start} is taken by {one.phone}")
    for phone, count in Counter(visit.phone for visit in evidence.visits).items():
        if count > 1:
            yield Finding("double_booking", phone, f"{count} visits")


def after_take_over(evidence: Evidence) -> Iterator[Finding]:
    """Once somebody at the unit answers, the assistant is silent; a call that was under way then may still arrive.

    A channel that has too much to do shows such a bubble many seconds later, so what counts is when the call began.
    """
    for bubble in evidence.shown:
        taken_at, began = evidence.taken_at.get(bubble.phone), evidence.begun.get(bubble.id)
        if taken_at is not None and bubble.at > taken_at + GRACE and not (began and began <= taken_at):
            late_s = (bubble.at - taken_at).total_seconds()
            yield Finding("after_take_over", bubble.phone, f"{bubble.id} came {late_s:.1f} s after it")


def _by_phone(some: Iterable[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for each in some:
        found[each.phone].append(each)
    return found


def _answers_before(one: Draft, other: Draft, asked: dict[str, int]) -> bool:
    """Whether everything that one reply answers was asked before everything that the other one answers."""
    first = [asked[key] for key in one.answers if key in asked]
    second = [asked[key] for key in other.answers if key in asked]
    return bool(first and second) and max(first) < min(second)


def _knew(later: Draft, earlier: Draft, arrived: dict[str, datetime]) -> bool:
    """Whether the messages that one reply answers were there when the turn of the other one was worked."""
    when = [arrived[key] for key in earlier.answers if key in arrived]
    return later.worked_at is not None and bool(when) and max(when) < later.worked_at


def _comes_after(one: Sequence[int] | None, other: Sequence[int] | None) -> bool:
    return bool(one and other) and max(one or ()) > min(other or ())


def _overlap(one: Visit, other: Visit) -> bool:
    return one.start < other.end and other.start < one.end
