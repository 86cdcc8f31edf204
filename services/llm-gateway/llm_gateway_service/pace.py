"""How long providers take of late, so that one that is slower than usual is noticed."""

from collections import defaultdict, deque
from statistics import quantiles

REMEMBERED = 60
ENOUGH = 10
"""Answers before a provider has a usual pace."""
LEAST_S = 0.3
"""Nobody is hurried before this."""
MOST_S = 2.0
"""Patience with a provider that is slow as a rule, or whose pace is not known yet."""


class Pace:
    """Remembers how long the last answers took, by task and model, in seconds."""

    def __init__(self) -> None:
        self._took: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def note(self, work: str, seconds: float) -> None:
        """Remember an answer."""
        self._took[work].append(seconds)

    def slow_after_s(self, work: str) -> float:
        """Return the time within which nineteen of twenty answers came, within bounds."""
        took = self._took[work]
        return min(max(quantiles(took, n=20)[-1], LEAST_S), MOST_S) if len(took) >= ENOUGH else MOST_S
