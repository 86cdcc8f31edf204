"""When to try again, when to look, when to stop. Pure; the pauses are data."""

from datetime import datetime, timedelta
from typing import Literal

from postprocessor_service.steps import Bubble, Reason

Cause = Literal["unreachable", "disconnected", "unauthorized", "overloaded", "instance_missing", "graph_error"]
"""Why the channel certainly did not take a bubble although it may take it later."""

RETRY_S = (1, 2, 5, 15, 30, 60, 120, 300, 300, 300, 300, 300)
"""Pauses after each attempt, in seconds: about half an hour, as long as a draft is worth sending."""
SCHEDULES: dict[Cause, tuple[tuple[int, ...], Reason]] = {
    "unreachable": (RETRY_S, "exhausted"),
    "disconnected": (RETRY_S, "exhausted"),
    "unauthorized": (RETRY_S, "exhausted"),
    "overloaded": (RETRY_S, "exhausted"),
    "instance_missing": ((1, 5, 30, 60, 300), "instance_missing"),
    "graph_error": ((1, 5), "rejected"),
}
TROUBLE: frozenset[Cause] = frozenset({"unreachable", "disconnected", "unauthorized", "overloaded"})
"""What the channel's breaker counts: the channel is not well, whoever the message is for."""
LOOK_S = (1, 3, 10)
"""Pauses between looks for a bubble of which nobody knows; the last look is when it may be sent again."""
LOOK_FAILED_S = (2, 5, 15, 30, 60)
SETTLES = 1 / 3
"""For what share of the time to resending a channel must have answered promptly before what it does not have counts as
absent: one that hung does then what it was asked to do meanwhile, though nobody waits for that any more."""
PROOF_HOLDS = timedelta(seconds=5)
"""How old the proof of an absence may be when the bubble is sent again; after that it is looked for once more."""
GIVE_UP_LOOKING = timedelta(hours=24)


def again_after(cause: Cause, attempts: int) -> timedelta | Reason:
    """Return the pause after the attempt of this number (1 = first), or why there is no further one."""
    pauses_s, finally_ = SCHEDULES[cause]
    return timedelta(seconds=pauses_s[attempts - 1]) if attempts <= len(pauses_s) else finally_


def needs_proof(bubble: Bubble, now: datetime) -> bool:
    """Whether a bubble must be looked for before it is sent: an earlier attempt may have reached the channel after all.

    The proof of its absence is from when it became due, and used up by the next attempt, also by one that the breaker
    held back: a channel that hung does late what it was asked to do. Of one that was taken to another channel nothing
    can be proven.
    """
    is_fresh = bubble.looks > 0 and now - bubble.due_at <= PROOF_HOLDS
    return bubble.doubted_from is not None and bubble.home is None and not is_fresh


def after_absence(
    bubble: Bubble, looked_at: datetime, resend_after: timedelta, well_since: datetime
) -> datetime | Reason | None:
    """Say what follows from a look that proved that a bubble is not there, at a channel that is well since a while.

    `None`: it may be sent again. A moment: look again then. A reason: it has been tried often enough.
    """
    may_resend_at = max((bubble.began_at or looked_at) + resend_after, well_since + SETTLES * resend_after)
    if looked_at >= may_resend_at:
        return None if bubble.attempts <= len(RETRY_S) else "exhausted"
    pause_s = LOOK_S[bubble.looks] if bubble.looks < len(LOOK_S) else None
    next_look = looked_at + timedelta(seconds=pause_s) if pause_s else may_resend_at
    return min(next_look, may_resend_at)


def after_failed_look(bubble: Bubble, now: datetime) -> datetime | Reason:
    """Say when to look again after a look that proved nothing, or that there was enough of it."""
    if bubble.began_at is not None and now - bubble.began_at >= GIVE_UP_LOOKING:
        return "exhausted"
    return now + timedelta(seconds=LOOK_FAILED_S[min(bubble.looks, len(LOOK_FAILED_S) - 1)])
