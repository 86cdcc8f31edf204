"""A storm in words."""

from collections import Counter
from collections.abc import Iterator

from assistant.chaos.audit import Kind, hand_overs
from assistant.chaos.storm import Outcome

PROMISES: dict[Kind, str] = {
    "lost": "replies or visits lost",
    "without_end": "messages without an end",
    "unanswered": "questions without an answer",
    "twice": "messages or bubbles twice",
    "order": "bubbles out of order",
    "double_booking": "double bookings",
    "after_take_over": "bubbles after a take-over",
}
SHOWN = 20


def told(outcome: Outcome) -> str:
    """Return the report, a few dozen lines."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    wanted, evidence, done = outcome.wanted, outcome.evidence, outcome.done
    yield (
        f"seed {wanted.seed}: {len(evidence.written)} messages of {wanted.conversations} conversations "
        f"in {outcome.storm_s:.0f} s, {len(evidence.shown)} bubbles, {len(evidence.visits)} visits, "
        f"{len(evidence.taken_at)} take-overs, {len(hand_overs(evidence))} hand-overs, "
        f"{wanted.copies} of every service"
    )
    at = {what: count for what, count in done.items() if what.startswith("at ")}
    yield (
        f"{done['kill'] + done['die_at']} kills ({sum(at.values())} of them at {len(at)} named moments), "
        f"{done['freeze']} freezes, {done['outage']} outages; calm {outcome.calm_after_s:.0f} s later"
    )
    in_doubt = sum(outcome.ambiguous.values())
    yield f"{in_doubt} sends in doubt" + "".join(f", {count} {how}" for how, count in outcome.ambiguous.items())
    kinds = Counter(finding.kind for finding in outcome.findings)
    for kind, words in PROMISES.items():
        yield f"{kinds[kind]:6} {words}"
    for what, count in outcome.left.items():
        yield f"{count:6} left open: {what}"
    for finding in outcome.findings[:SHOWN]:
        yield f"       {finding.kind} {finding.phone}: {finding.what}"
