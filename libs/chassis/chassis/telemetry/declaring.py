"""Every span and metric is declared once, beside the code that emits it; docs/telemetry.md is printed from here.

_signals = signals(__name__)
_WORK = _signals.operation("dialogue.work", "A turn is worked.", CONVERSATION)
_turns = _signals.counter("receptionist.dialogue.turns", "{turn}", "Turns that ended.", "outcome")
"""

from dataclasses import dataclass, replace
from typing import Literal

from opentelemetry import metrics
from opentelemetry.trace import SpanKind

CONVERSATION = "receptionist.conversation"
ERROR = "error.type"
OUTCOME = "receptionist.outcome"
REASON = "receptionist.reason"
ATTRIBUTES = {
    CONVERSATION: "Pseudonym of a conversation (`cnv_` and 32 hex digits), derived from the address by a hash.",
    ERROR: "Class of the error, never its text; absent when there was none.",
    OUTCOME: "How something ended, in one word of a closed list.",
    REASON: "Why it ended so, in one word of a closed list.",
}
"""What each attribute says. None may hold a name, a number, an address or a text of a person."""
BOUNDS = {
    "s": (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
    "{token}": (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536),
}
"""Where the buckets of a histogram end, by its unit. The SDK's own are for milliseconds: all that takes less than five
seconds would be in one."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a span stands for. `pattern` is its name as declared, `{so}` where `name` has a word of its own."""

    name: str
    pattern: str
    says: str
    attributes: tuple[str, ...]
    kind: SpanKind
    service: str | None

    def called(self, name: str) -> "Operation":
        """Return the same operation with the words of its pattern filled in; make it once, not with every span."""
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a metric counts."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    says: str
    attributes: tuple[str, ...]
    service: str | None


OPERATIONS: dict[str, Operation] = {}
INSTRUMENTS: dict[str, Instrument] = {}
_meter = metrics.get_meter("receptionist")


@dataclass(frozen=True)
class Signals:
    """Declares the spans and metrics of one module; `service` is `None` for what all services share."""

    service: str | None

    def attribute(self, name: str, says: str) -> str:
        """Declare what an attribute says, and return its name."""
        ATTRIBUTES[name] = says
        return name

    def operation(self, name: str, says: str, *attributes: str, kind: SpanKind = SpanKind.INTERNAL) -> Operation:
        """Declare a span."""
        made = Operation(name, name, says, attributes, kind, self.service)
        return OPERATIONS.setdefault(name, made)

    def counter(self, name: str, unit: str, says: str, *attributes: str) -> metrics.Counter:
        """Declare something that is counted."""
        INSTRUMENTS[name] = Instrument(name, "counter", unit, says, attributes, self.service)
        return _meter.create_counter(name, unit, says)

    def histogram(self, name: str, unit: str, says: str, *attributes: str) -> metrics.Histogram:
        """Declare something whose distribution is measured."""
        INSTRUMENTS[name] = Instrument(name, "histogram", unit, says, attributes, self.service)
        return _meter.create_histogram(name, unit, says, explicit_bucket_boundaries_advisory=BOUNDS[unit])

    def gauge(self, name: str, unit: str, says: str, *attributes: str) -> "metrics._Gauge":
        """Declare something that has a level."""
        INSTRUMENTS[name] = Instrument(name, "gauge", unit, says, attributes, self.service)
        return _meter.create_gauge(name, unit, says)


def signals(module: str) -> Signals:
    """Return the declarations of a module, given its `__name__`."""
    package = module.partition(".")[0]
    return Signals(package.removesuffix("_service").replace("_", "-") if package.endswith("_service") else None)
