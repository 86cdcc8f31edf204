"""Which traces are kept: all while it is calm, a few a second under load, and always those with an error or a delay.

A trace is decided upon where it begins, and the decision travels in `traceparent`. What was decided against is held
for a while all the same; an error or a slow hop turns the decision round, here and, by `tell`, in the other processes.
"""

import random
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chassis.telemetry.spans import Span

ROOTS_PER_S = 5.0
"""So many new traces a second are kept in each process that begins them, and twice as many at once."""
TROUBLES_PER_S = 10.0
"""So many traces a second are kept for an error or a delay: when everything fails, a part of it tells enough."""
HELD_SPANS = 20_000
"""So many spans of other traces are held in a process, about 15 MB."""
HELD_S = 60.0


class Bucket:
    """A token bucket: `per_s` tokens a second, at most twice as many together."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._clock = clock
        self._tokens = 2 * per_s
        self._at = clock()

    def take(self) -> bool:
        """Take a token if there is one."""
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) * self._per_s, 2 * self._per_s)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Trace:
    """What a process knows of one trace: whether it is kept, and its spans until that is certain."""

    __slots__ = ("began", "held", "id", "kept")

    def __init__(self, trace_id: int, *, kept: bool) -> None:
        self.id = trace_id
        self.kept = kept
        self.held: list[Span] | None = None
        self.began = 0.0


class Keeper:
    """Decides for one process. Until it is told where kept spans go, nothing is recorded, and ids alone go along."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.records = False
        self.tell: Callable[[int], None] = lambda _: None
        self._ship: Callable[[Span], None] = lambda _: None
        self._samples: Callable[[int], bool] = lambda _: False
        self._troubles = Bucket(TROUBLES_PER_S, clock)
        self._undecided: OrderedDict[int, Trace] = OrderedDict()
        self._held = 0

    def start(self, ship: Callable[["Span"], None], samples: Callable[[int], bool]) -> None:
        """Give kept spans to `ship`; `samples` decides on a new trace by its id."""
        self.records, self._ship, self._samples = True, ship, samples

    def stop(self) -> None:
        """Record nothing any more."""
        self.records = False
        self._undecided.clear()
        self._held = 0

    def begun(self) -> Trace:
        """Begin a trace."""
        trace_id = random.getrandbits(128) or 1
        if not self.records:
            return Trace(trace_id, kept=False)
        return Trace(trace_id, kept=True) if self._samples(trace_id) else self._hold(trace_id)

    def joined(self, trace_id: int, *, sampled: bool) -> Trace:
        """Take part in a trace that began elsewhere."""
        if not self.records:
            return Trace(trace_id, kept=sampled)
        known = self._undecided.get(trace_id)
        if sampled:
            if known:
                self._release(known)
            return known or Trace(trace_id, kept=True)
        return known or self._hold(trace_id)

    def take(self, span: "Span") -> None:
        """Take a span that ended."""
        if not self.records:
            return
        trace = span.of
        if span.is_slow():
            self.keep(trace)
        if trace.kept:
            self._ship(span)
        elif trace.held is not None:
            trace.held.append(span)
            self._held += 1
            if self._held > HELD_SPANS:
                self._let_go()

    def keep(self, trace: Trace) -> None:
        """Keep a trace that was decided against, within the bound, and tell the other processes."""
        if trace.kept or not self.records or not self._troubles.take():
            return
        self._release(trace)
        self.tell(trace.id)

    def keep_told(self, trace_id: int) -> None:
        """Keep a trace because another process does."""
        if self.records:
            self._release(self._undecided.get(trace_id) or self._hold(trace_id))

    def _hold(self, trace_id: int) -> Trace:
        now = self._clock()
        while self._undecided and next(iter(self._undecided.values())).began < now - HELD_S:
            self._let_go()
        trace = self._undecided[trace_id] = Trace(trace_id, kept=False)
        trace.held, trace.began = [], now
        return trace

    def _release(self, trace: Trace) -> None:
        """Ship what was held. The trace stays known, so that its later hops are kept too."""
        held, trace.held, trace.kept = trace.held or [], None, True
        self._held -= len(held)
        for span in held:
            self._ship(span)

    def _let_go(self) -> None:
        _, oldest = self._undecided.popitem(last=False)
        self._held -= len(oldest.held or [])
        oldest.held = None


keeper = Keeper()
"""The one of this process."""
