"""Spans that cost little: a few slots, filled by hand, and made into OpenTelemetry's only when they leave.

They are OpenTelemetry spans to everybody else (`trace.get_current_span()` returns them), but not the SDK's, whose
making costs four times as much; there are dozens a message, and most of them are kept by nobody (docs/adr/0020).
"""

import asyncio
import random
import time
from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Any, Self, TypeAlias

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from chassis.telemetry.declaring import ERROR, Operation
from chassis.telemetry.keeping import Trace, keeper

Value: TypeAlias = str | int | float | bool
SLOW_NS = 3_000_000_000
"""A hop or a turn that takes longer is kept, whatever the sampling says."""
_NO_ERROR = (asyncio.CancelledError, GeneratorExit)
"""How work ends that somebody took back, be it a newer message or the end of the process."""


class Span(trace.Span):
    """One span, to be entered with `with`; an error marks it with its type only, since its text may quote a message."""

    __slots__ = (
        "_token",
        "attributes",
        "end_ns",
        "error",
        "is_hop",
        "links",
        "name",
        "of",
        "operation",
        "parent_id",
        "service",
        "span_id",
        "start_ns",
    )
    _token: "Token[Context]"

    def __init__(
        self,
        operation: Operation,
        of: Trace,
        *,
        parent_id: int | None = None,
        is_hop: bool = True,
        service: str | None = None,
        attributes: Mapping[str, Value] | None = None,
    ) -> None:
        self.operation = operation
        self.name = operation.name
        self.of = of
        self.span_id = random.getrandbits(64) or 1
        self.parent_id = parent_id
        self.is_hop = is_hop
        self.service = service
        self.attributes: dict[str, Any] = dict(attributes) if attributes else {}
        self.links: list[SpanContext] = []
        self.error: str | None = None
        self.end_ns: int | None = None
        self.start_ns = time.time_ns()

    def __enter__(self) -> Self:
        """Make it the running span."""
        self._token = attach(trace.set_span_in_context(self))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """End it."""
        if error is not None and not isinstance(error, _NO_ERROR):
            self.fail(type(error).__name__)
        self.end()
        detach(self._token)

    @property
    def traceparent(self) -> str:
        """The span as W3C Trace Context."""
        return f"00-{self.of.id:032x}-{self.span_id:016x}-{'01' if self.of.kept else '00'}"

    @property
    def context(self) -> SpanContext:
        """The span's identity, as OpenTelemetry has it."""
        return SpanContext(self.of.id, self.span_id, is_remote=False, trace_flags=TraceFlags(int(self.of.kept)))

    def is_slow(self) -> bool:
        """Whether it is this process' part of a trace and took too long."""
        return self.is_hop and self.end_ns is not None and self.end_ns - self.start_ns > SLOW_NS

    def link(self, traceparent: str | None) -> None:
        """Link to a span that led here without being the parent."""
        if traceparent and (told := _parsed(traceparent)):
            trace_id, span_id, sampled = told
            self.links.append(SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(int(sampled))))

    def fail(self, kind: str) -> None:
        """Mark it as failed, by the class of the error; its trace is kept from now on."""
        self.error = kind
        self.attributes[ERROR] = kind
        keeper.keep(self.of)

    def keep(self) -> None:
        """Have its trace kept, whatever the sampling says."""
        keeper.keep(self.of)

    def end(self, end_time: int | None = None) -> None:
        """End it, and give it to whoever keeps it."""
        if self.end_ns is None:
            self.end_ns = end_time or time.time_ns()
            keeper.take(self)

    def get_span_context(self) -> SpanContext:
        """Return the same as `context`."""
        return self.context

    def is_recording(self) -> bool:
        """Whether anybody may ever see it."""
        return keeper.records

    def set_attribute(self, key: str, value: Any) -> None:
        """Set one attribute."""
        self.attributes[key] = value

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Set several attributes."""
        self.attributes.update(attributes)

    def add_link(self, context: SpanContext, attributes: Any = None) -> None:  # noqa: ARG002  # OpenTelemetry's own
        """Link to a span by its identity."""
        self.links.append(context)

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        """Ignore it: what happens inside a span is a span or a log line here."""

    def record_exception(self, exception: BaseException, *_: Any, **__: Any) -> None:
        """Note its class; its text may quote a message."""
        self.fail(type(exception).__name__)

    def update_name(self, name: str) -> None:
        """Rename it."""
        self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:  # noqa: ARG002  # same
        """Take a failure over; its description may quote a message."""
        if (status.status_code if isinstance(status, Status) else status) is StatusCode.ERROR and not self.error:
            self.fail("error")


def span(
    operation: Operation,
    *,
    parent: str | None = None,
    service: str | None = None,
    attributes: Mapping[str, Value] | None = None,
) -> Span:
    """Begin a span; `parent` is a `traceparent`, else the running span.

    `service` is whose work it is, where that is neither the operation's own service nor the parent's.
    """
    service = operation.service or service
    if parent and (told := _parsed(parent)):
        trace_id, parent_id, sampled = told
        of = keeper.joined(trace_id, sampled=sampled)
        return Span(operation, of, parent_id=parent_id, service=service, attributes=attributes)
    above = trace.get_current_span()
    if isinstance(above, Span):
        service = service or above.service
        return Span(operation, above.of, parent_id=above.span_id, is_hop=False, service=service, attributes=attributes)
    return Span(operation, keeper.begun(), service=service, attributes=attributes)


def current_traceparent() -> str | None:
    """Return the running span as W3C `traceparent`, `None` outside of any."""
    running = trace.get_current_span()
    return running.traceparent if isinstance(running, Span) else None


def foreign(traceparent: str | None) -> str | None:
    """Return a `traceparent` that names another trace than the running span's, else `None`."""
    running = trace.get_current_span()
    if traceparent and isinstance(running, Span) and traceparent[3:35] == f"{running.of.id:032x}":
        return None
    return traceparent


def _parsed(traceparent: str) -> tuple[int, int, bool] | None:
    """Read `00-<32 hex>-<16 hex>-<2 hex>`; `None` when it is something else. Source: W3C Trace Context, level 1."""
    try:
        _, trace_id, span_id, flags = traceparent.split("-")
        return int(trace_id, 16), int(span_id, 16), bool(int(flags, 16) & 1)
    except ValueError:
        return None
