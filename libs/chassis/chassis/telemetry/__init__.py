"""Traces and metrics: declared where they are used, recorded cheaply, carried from hop to hop inside the envelope.

The context travels as the CloudEvents extension `traceparent`, so it survives the outbox, timers, retries and replays.
What is kept of it, and where it goes, is decided in `keeping` and `shipping`; why, in docs/adr/0020.
"""

from chassis.telemetry.declaring import Operation, signals
from chassis.telemetry.shipping import close, configure, is_measured
from chassis.telemetry.spans import Span, current_traceparent, foreign, span

__all__ = [
    "Operation",
    "Span",
    "close",
    "configure",
    "current_traceparent",
    "foreign",
    "is_measured",
    "signals",
    "span",
]
