"""Every HTTP call is a span: those that come in by a middleware, those that go out where they are made.

Names by OpenTelemetry's conventions for HTTP, 1.37: a route is a pattern, never a path, which may hold a number.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.telemetry.declaring import ERROR, Operation, signals
from chassis.telemetry.spans import Span, span

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig

_signals = signals(__name__)
METHOD = _signals.attribute("http.request.method", "`GET`, `POST`, …")
ROUTE = _signals.attribute("http.route", "The pattern that a path fits, with `{names}` for what varies.")
STATUS = _signals.attribute("http.response.status_code", "Status of the answer.")
SERVER = _signals.attribute("server.address", "Host that is called.")
_SERVED = _signals.operation(
    "{method} {route}", "A request to us is answered.", METHOD, ROUTE, STATUS, kind=SpanKind.SERVER
)
_CALLED = _signals.operation("{method} {path}", "A request of ours.", METHOD, SERVER, STATUS, kind=SpanKind.CLIENT)
_served = _signals.histogram(
    "http.server.request.duration", "s", "Time that an answer of ours took.", METHOD, ROUTE, STATUS
)
_called = _signals.histogram(
    "http.client.request.duration", "s", "Time that an answer to us took.", METHOD, SERVER, STATUS, ERROR
)
NOT_BY_FASTAPI: "TelemetryConfig" = {"tracing": False, "metrics": False, "logs": False}
"""For `FastAPI(telemetry=…)`, which would tell each request a second time, with paths and hosts that are undeclared."""
_QUIET = {"/livez", "/readyz", "/topology", "/working", "/breakers"}


class Served:
    """ASGI middleware: one span and one measurement a request; health is asked too often to be told."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in _QUIET:
            await self._app(scope, receive, send)
            return
        method, began = scope["method"], time.perf_counter()
        current = span(_SERVED, service=self._service, attributes={METHOD: method})
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if _goes_on(message):
                    self._end(current, scope, status, began)
            await send(message)

        with current:
            try:
                await self._app(scope, receive, note)
            finally:
                self._end(current, scope, status, began)

    def _end(self, current: Span, scope: Scope, status: int, began: float) -> None:
        if current.end_ns is not None:
            return
        route = getattr(scope.get("route"), "path", None) or "unknown"
        current.update_name(f"{scope['method']} {route}")
        current.set_attributes({ROUTE: route, STATUS: status})
        if status >= 500:
            current.fail(str(status))
        current.end()
        _served.record(time.perf_counter() - began, _served_labels(scope["method"], route, status))


def _goes_on(message: Message) -> bool:
    """Whether the answer is a stream of events, which lasts as long as somebody looks."""
    return any(name == b"content-type" and b"event-stream" in value for name, value in message["headers"])


class Calling:
    """A request of ours, and its status when there is an answer."""

    def __init__(self, current: Span) -> None:
        self._span = current
        self.status: int | None = None

    def answered(self, status: int) -> None:
        """Note the answer."""
        self.status = status
        self._span.set_attribute(STATUS, status)


@contextmanager
def calling(method: str, path: str, server: str) -> Iterator[Calling]:
    """Measure a request of ours; `path` is a pattern without anything of a person in it, `server` a host name."""
    current = span(_call(method, path), attributes={METHOD: method, SERVER: server})
    call, began = Calling(current), time.perf_counter()
    try:
        with current:
            yield call
    finally:
        labels: dict[str, Any] = {METHOD: method, SERVER: server}
        if call.status is not None:
            labels[STATUS] = call.status
        if current.error:
            labels[ERROR] = current.error
        _called.record(time.perf_counter() - began, labels)


@cache
def _served_labels(method: str, route: str, status: int) -> dict[str, str | int]:
    return {METHOD: method, ROUTE: route, STATUS: status}


@cache
def _call(method: str, path: str) -> Operation:
    return _CALLED.called(f"{method} {path}")
