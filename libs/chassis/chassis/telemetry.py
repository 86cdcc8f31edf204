"""Traces and metrics: set up once a process, carried from hop to hop inside the envelope.

The context travels as the CloudEvents extension `traceparent`, so it survives the outbox, retries and replays. With
no OTLP endpoint configured nothing is recorded, and the trace ids still go along for the logs.
Source: OpenTelemetry semantic conventions for messaging, 1.37 (status: development).
"""

import os
from contextvars import Token

from opentelemetry import metrics, trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider, sampling
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

tracer = trace.get_tracer("receptionist")
meter = metrics.get_meter("receptionist")
_propagator = TraceContextTextMapPropagator()


def configure(service: str) -> None:
    """Set the process' providers up, by the standard `OTEL_*` variables."""
    name = os.environ.get("OTEL_SERVICE_NAME", service)
    resource = Resource.create({"service.name": name, "service.namespace": "receptionist"})
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        trace.set_tracer_provider(TracerProvider(resource=resource, sampler=sampling.ALWAYS_OFF))
        return
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    metrics.set_meter_provider(MeterProvider([reader], resource=resource))


def current_traceparent() -> str | None:
    """Return the running span as W3C `traceparent`, `None` outside of any."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def context_of(traceparent: str | None) -> Context | None:
    """Return the context that a `traceparent` names."""
    return _propagator.extract({"traceparent": traceparent}) if traceparent else None


class span:  # noqa: N801  # used as a function: `with span("calendar.book"):`
    """Open a span; an error marks it with its type only, since its text may quote a message.

    `parent` is a `traceparent`, else the running span. A class and not a generator, and attached by hand: there are a
    dozen spans a message, and most of them are recorded by nobody.
    """

    __slots__ = ("_span", "_token")
    _token: "Token[Context]"

    def __init__(
        self,
        name: str,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        *,
        parent: str | None = None,
        **attributes: str | int,
    ) -> None:
        named = {key.replace("__", "."): value for key, value in attributes.items()}
        self._span = tracer.start_span(name, context_of(parent), kind, named)

    def __enter__(self) -> trace.Span:
        self._token = attach(trace.set_span_in_context(self._span))
        return self._span

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is not None:
            self._span.set_status(trace.StatusCode.ERROR)
            self._span.set_attribute("error.type", type(error).__name__)
        self._span.end()
        detach(self._token)
