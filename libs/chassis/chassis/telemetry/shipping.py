"""Where kept spans and metrics go: by OTLP to a backend, and into a folder for `assistant trace`.

Set up by OpenTelemetry's own variables. Everything leaves from threads, through bounded queues: a backend that refuses
or hangs costs what is thrown away, and nothing else.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from opentelemetry import metrics
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, sampling
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status, StatusCode

from chassis.logging import get_logger
from chassis.telemetry.keeping import ROOTS_PER_S, Bucket, keeper
from chassis.telemetry.local import Folder
from chassis.telemetry.spans import Span

log = get_logger(__name__)

TRACES = "ASSISTANT_TRACES"
"""The folder of the local store, which `assistant up` gives."""
CLOSE_WITHIN_S = 2.0
"""How long the end of a process may wait for what is still to be sent."""
LOCAL_DELAY_MS = 1000
SAY_EVERY_S = 60.0
_SCOPE = InstrumentationScope("receptionist")
_closers: list[Callable[[], Any]] = []


class Otlp(SpanExporter):
    """Makes our spans into OpenTelemetry's, in the sending thread."""

    def __init__(self, exporter: SpanExporter, service: str) -> None:
        self._exporter = exporter
        self._service = service
        self._said_at = float("-inf")

    def export(self, spans: Sequence[Span]) -> SpanExportResult:  # type: ignore[override]  # what the queue holds is ours
        """Send a batch; what is not taken is lost, and said once in a while."""
        result = self._exporter.export([readable(each, self._service) for each in spans])
        if result is not SpanExportResult.SUCCESS and time.monotonic() - self._said_at > SAY_EVERY_S:
            self._said_at = time.monotonic()
            log.warning("telemetry_not_taken", spans=len(spans))
        return result

    def shutdown(self) -> None:
        """End a send that is under way."""
        self._exporter.shutdown()


def readable(span: Span, service: str) -> ReadableSpan:
    """Return a span that ended as the SDK's exporters want it."""
    parent = SpanContext(span.of.id, span.parent_id, is_remote=span.is_hop) if span.parent_id else None
    return ReadableSpan(
        span.name,
        context=span.context,
        parent=parent,
        resource=resource(span.service or service),
        attributes=span.attributes,
        links=[Link(each) for each in span.links],
        kind=span.operation.kind,
        instrumentation_scope=_SCOPE,
        status=Status(StatusCode.ERROR, span.error) if span.error else Status(StatusCode.UNSET),
        start_time=span.start_ns,
        end_time=span.end_ns,
    )


@cache
def resource(service: str) -> Resource:
    """Return who tells: the service, and which copy of it."""
    return Resource.create(
        {
            "service.name": os.environ.get("OTEL_SERVICE_NAME") or service,
            "service.namespace": "receptionist",
            "service.instance.id": f"{socket.gethostname()}-{os.getpid()}",
        }
    )


def configure(service: str) -> None:
    """Set the process up, by the standard `OTEL_*` variables and `ASSISTANT_TRACES`. Call it once."""
    if _is("OTEL_SDK_DISABLED", "true"):
        return
    exporters: list[BatchSpanProcessor] = []
    if folder := os.environ.get(TRACES):
        exporters.append(BatchSpanProcessor(Folder(Path(folder), service), schedule_delay_millis=LOCAL_DELAY_MS))
    if _goes_out("TRACES"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporters.append(BatchSpanProcessor(Otlp(OTLPSpanExporter(), service)))
    samples = sampler()
    if exporters and samples is not None:
        keeper.start(_to_all([each.on_end for each in exporters]), samples)
        _closers.extend(each.shutdown for each in exporters)
    if is_measured():
        _measure(service)


def is_measured() -> bool:
    """Whether metrics go anywhere."""
    return _goes_out("METRICS") and not _is("OTEL_SDK_DISABLED", "true")


def close() -> None:
    """Send what is left, within a bound: what a backend does not take in that time is lost."""
    keeper.stop()
    ending = [threading.Thread(target=each, daemon=True) for each in _closers]
    _closers.clear()
    for thread in ending:
        thread.start()
    until = time.monotonic() + CLOSE_WITHIN_S
    for thread in ending:
        thread.join(max(until - time.monotonic(), 0))


def sampler() -> Callable[[int], bool] | None:
    """Return what decides on a new trace, by `OTEL_TRACES_SAMPLER`; `None` records nothing, not even errors.

    Beside the standard's names there is ours, which is the default: `parentbased_rate`, whose argument is how many new
    traces a second are kept. A parent's decision always stands, with and without `parentbased_` in the name.
    """
    name = (os.environ.get("OTEL_TRACES_SAMPLER") or "parentbased_rate").removeprefix("parentbased_")
    argument = os.environ.get("OTEL_TRACES_SAMPLER_ARG")
    match name:
        case "always_off":
            return None
        case "always_on":
            return lambda _: True
        case "traceidratio":
            ratio = sampling.TraceIdRatioBased(float(argument or 1))
            keep = sampling.Decision.RECORD_AND_SAMPLE
            return lambda trace_id: ratio.should_sample(None, trace_id, "").decision is keep
        case _:
            bucket = Bucket(float(argument or ROOTS_PER_S))
            return lambda _: bucket.take()


def _measure(service: str) -> None:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    provider = MeterProvider([reader], resource=resource(service), shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    _closers.append(provider.shutdown)


def _to_all(takers: list[Callable[[Any], None]]) -> Callable[[Span], None]:
    if len(takers) == 1:
        return takers[0]

    def ship(span: Span) -> None:
        for take in takers:
            take(span)

    return ship


def _goes_out(signal: str) -> bool:
    """Whether a signal has an address, and is not switched off."""
    given = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    return bool(given) and not _is(f"OTEL_{signal}_EXPORTER", "none")


def _is(variable: str, value: str) -> bool:
    return os.environ.get(variable, "").lower() == value
