"""Spans in a folder, one JSON object a line, for `assistant trace` where there is no backend. Bounded in size."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from chassis.telemetry.spans import Span

MOST_BYTES = 5_000_000
"""Of one file; each process has two, the one being written and the one before."""


class Folder(SpanExporter):
    """Writes `<service>.jsonl` in a folder, which becomes `<service>.old.jsonl` when it is full."""

    def __init__(self, folder: Path, service: str) -> None:
        self._service = service
        self._file = folder / f"{service}.jsonl"
        folder.mkdir(parents=True, exist_ok=True)

    def export(self, spans: Sequence[Span]) -> SpanExportResult:  # type: ignore[override]  # what the queue holds is ours
        """Append a batch with one write, so that two copies of a service do not mix their lines."""
        try:
            with self._file.open("ab") as file:
                file.write("".join(f"{json.dumps(as_line(each, self._service))}\n" for each in spans).encode())
                full = file.tell() > MOST_BYTES
            if full:
                with suppress(FileNotFoundError):  # another copy has just done it
                    self._file.replace(self._file.with_suffix(".old.jsonl"))
        except OSError:
            return SpanExportResult.FAILURE  # a full disk must not end a service
        return SpanExportResult.SUCCESS


def as_line(span: Span, service: str) -> dict[str, Any]:
    """Return a span as it is kept: ids as OpenTelemetry writes them, times in nanoseconds since 1970."""
    return {
        "trace": f"{span.of.id:032x}",
        "span": f"{span.span_id:016x}",
        "parent": f"{span.parent_id:016x}" if span.parent_id else None,
        "service": span.service or service,
        "name": span.name,
        "kind": span.operation.kind.name.lower(),
        "start": span.start_ns,
        "end": span.end_ns,
        "error": span.error,
        "attributes": span.attributes,
        "links": [f"{each.trace_id:032x}" for each in span.links],
    }
