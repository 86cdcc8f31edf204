"""Slows guessing down: so many failures of one key in a while, then no more tries until the while is over."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

KEYS = 10_000
"""As many keys are remembered; the oldest are forgotten first."""


class Throttle:
    """Failures by key (user name and address), in memory: a restart forgives. `clock` is in seconds."""

    def __init__(self, *, failures: int = 5, window_s: float = 300.0, clock: Callable[[], float] = monotonic) -> None:
        self._failures = failures
        self._window_s = window_s
        self._clock = clock
        self._failed: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def wait_s(self, key: tuple[str, str]) -> float:
        """How long this key must wait before its next try, in seconds; 0 when it may try now."""
        recent = self._recent(key)
        if len(recent) < self._failures:
            return 0.0
        return recent[0] + self._window_s - self._clock()

    def failed(self, key: tuple[str, str]) -> None:
        """Count a failure."""
        self._failed[key] = [*self._recent(key), self._clock()][-self._failures :]
        self._failed.move_to_end(key)
        while len(self._failed) > KEYS:
            self._failed.popitem(last=False)

    def succeeded(self, key: tuple[str, str]) -> None:
        """Forget the failures of a key."""
        self._failed.pop(key, None)

    def _recent(self, key: tuple[str, str]) -> list[float]:
        since = self._clock() - self._window_s
        return [at for at in self._failed.get(key, []) if at > since]
