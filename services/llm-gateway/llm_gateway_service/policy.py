"""What follows from a failure: the same provider again, the next one, or nobody; pure."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "auth",
    "bad_request",
    "connection",
    "filtered",
    "foreign",
    "invented",
    "leak",
    "malformed",
    "overloaded",
    "rate_limited",
    "server",
    "timeout",
    "truncated",
    "unusable",
]
"""The ways in which a provider fails. `foreign` is an answer in another language, `invented` one with a price that
nobody gave it, `leak` one that recites the prompt, `malformed` one of another shape than asked for."""

PAUSE_S = 0.25
"""Before the same provider is asked again."""
LONGEST_WAIT_S = 3.0
"""What a `Retry-After` may ask of somebody who waits for an answer."""
REST_AT_MOST_S = 60.0
"""How long a provider is left alone at its own wish."""
PASSING: frozenset[Kind] = frozenset({"connection", "overloaded", "rate_limited", "server"})
"""What may be over in a moment."""
DECLINED: frozenset[Kind] = frozenset({"bad_request", "filtered"})
"""Failures of one question, which say nothing about the health of a provider."""
LIES: frozenset[Kind] = frozenset({"foreign", "invented", "leak", "malformed", "truncated", "unusable"})
"""Answers that cannot be used: whoever gives many in a row is left alone like one who gives none."""


@dataclass(frozen=True)
class Again:
    """Ask the same provider once more, after a pause; `repair`: show it what was wrong with its answer."""

    pause_s: float = 0.0
    repair: bool = False


Step: TypeAlias = Again | Literal["next", "nobody"]


def after(kind: Kind, *, tries: int, is_last: bool, retry_after_s: float | None, left_s: float) -> Step:
    """Return what to do after the `tries`-th failure in a row of one provider with `left_s` left to answer.

    Another provider is quicker than a pause, so only the last one is waited for. What one provider's filter holds
    back is not tried on another.
    """
    if kind == "filtered":
        return "nobody"
    if tries > 1:
        return "next"
    if kind == "malformed":
        return Again(repair=True)
    if kind in PASSING and is_last:
        pause_s = PAUSE_S if retry_after_s is None else retry_after_s
        if pause_s <= min(LONGEST_WAIT_S, left_s / 2):
            return Again(pause_s)
    return "next"
