"""An OpenTelemetry collector for tests: takes OTLP over HTTP from a whole system and keeps it."""

import contextlib
import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Collector:
    """What came so far; `url` is what `OTEL_EXPORTER_OTLP_ENDPOINT` is set to."""

    url: str = ""
    spans: list[tuple[str, Any]] = field(default_factory=list)
    metrics: list[tuple[str, Any]] = field(default_factory=list)

    def take(self, path: str, body: bytes) -> None:
        """Keep one request."""
        if path == "/v1/traces":
            traces = ExportTraceServiceRequest.FromString(body)
            for told in traces.resource_spans:
                service = _text(told.resource, "service.name")
                self.spans += [(service, span) for scope in told.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            metrics = ExportMetricsServiceRequest.FromString(body)
            for each in metrics.resource_metrics:
                service = _text(each.resource, "service.name")
                self.metrics += [(service, metric) for scope in each.scope_metrics for metric in scope.metrics]

    def trace(self, trace_id: str) -> list[tuple[str, Any]]:
        """Return the spans of one trace with their services."""
        return [(service, span) for service, span in list(self.spans) if span.trace_id.hex() == trace_id]


def attributes(of: Any) -> dict[str, Any]:
    """Return the attributes of a span, a point or a resource."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in of.attributes}


def points(metric: Any) -> list[Any]:
    """Return the points of a metric, whatever its kind."""
    return list(getattr(metric, metric.WhichOneof("data")).data_points)


def _text(resource: Any, key: str) -> str:
    return str(attributes(resource).get(key, ""))


@contextlib.contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector on a free port."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.take(self.path, gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
