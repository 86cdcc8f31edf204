"""A backend: Jaeger's or Tempo's query API, told apart by the shape of the answer.

Sources: Jaeger's HTTP JSON API (`/api/traces/{id}`), Tempo's (`/api/traces/{id}`, OTLP in JSON).
"""

import base64
from typing import Any

import httpx

from assistant.tracing.model import Recorded

WITHIN_S = 10.0


def spans_of(url: str, traces: set[str]) -> list[Recorded]:
    """Return every span of these traces that the backend has. Raises `httpx.HTTPError`."""
    found: list[Recorded] = []
    with httpx.Client(timeout=WITHIN_S, headers={"Accept": "application/json"}) as http:
        for trace in sorted(traces):
            answer = http.get(f"{url.rstrip('/')}/api/traces/{trace}")
            if answer.status_code != httpx.codes.NOT_FOUND:
                found += read(answer.raise_for_status().json(), trace)
    return found


def read(document: dict[str, Any], trace: str) -> list[Recorded]:
    """Read either backend's answer."""
    if "data" in document:
        return [_jaeger(span, each["processes"]) for each in document["data"] or [] for span in each["spans"]]
    batches = document.get("batches") or document.get("trace", {}).get("resourceSpans") or []
    return [
        _otlp(span, _service(batch["resource"]), trace)
        for batch in batches
        for scope in batch.get("scopeSpans", [])
        for span in scope["spans"]
    ]


def _jaeger(span: dict[str, Any], processes: dict[str, Any]) -> Recorded:
    tags = {tag["key"]: tag["value"] for tag in span.get("tags", [])}
    parents = [each for each in span.get("references", []) if each["refType"] == "CHILD_OF"]
    others = [each for each in span.get("references", []) if each["refType"] != "CHILD_OF"]
    start = span["startTime"] * 1000
    return Recorded(
        trace=span["traceID"].rjust(32, "0"),
        id=span["spanID"],
        parent=parents[0]["spanID"] if parents else None,
        service=processes[span["processID"]]["serviceName"],
        name=span["operationName"],
        start=start,
        end=start + span["duration"] * 1000,
        error=str(tags.get("error.type", "error")) if tags.get("error") else None,
        kind=str(tags.get("span.kind", "internal")),
        links=tuple(each["traceID"] for each in others),
    )


def _otlp(span: dict[str, Any], service: str, trace: str) -> Recorded:
    status = span.get("status", {})
    is_error = status.get("code") in ("STATUS_CODE_ERROR", 2)
    parent = span.get("parentSpanId")
    return Recorded(
        trace=trace,
        id=_hex(span["spanId"], 16),
        parent=_hex(parent, 16) if parent else None,
        service=service,
        name=span["name"],
        start=int(span["startTimeUnixNano"]),
        end=int(span["endTimeUnixNano"]),
        error=status.get("message") or "error" if is_error else None,
        kind=str(span.get("kind", "")).removeprefix("SPAN_KIND_").lower(),
        links=tuple(_hex(each["traceId"], 32) for each in span.get("links", [])),
    )


def _service(resource: dict[str, Any]) -> str:
    attributes = {each["key"]: each["value"].get("stringValue") for each in resource.get("attributes", [])}
    return attributes.get("service.name") or "unknown"


def _hex(told: str, digits: int) -> str:
    """Return an id in hex; JSON made from protobuf has it in base64."""
    return told if len(told) == digits else base64.b64decode(told).hex()
