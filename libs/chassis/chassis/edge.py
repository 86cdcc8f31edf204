"""What every HTTP path of every service has, whoever wrote it: bounds for bodies and for how often, and safe headers.

No header lets another site's page read an answer (CORS): there is none that may.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES = 1_000_000
"""A larger body is answered with 413; routes under `WEBHOOKS` have bounds of their own, since media come there."""
WEBHOOKS = "/webhooks/"
ADDRESSES = 10_000
"""As many clients are remembered; the oldest are forgotten first."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Set where the route has not set its own. Source: OWASP Secure Headers Project."""


@dataclass(frozen=True)
class Rate:
    """How often one address may ask: so many requests at once, and so many more each second."""

    burst: float
    per_s: float


ASKED = Rate(burst=1_000, per_s=100)
REPORTED = Rate(burst=10_000, per_s=2_000)
"""For webhooks: one address, the channel's, brings everything that all parents write, and none of it may be lost."""


class _TooLarge(Exception):  # noqa: N818  # a word of the policy, as in chassis.errors
    pass


class Edge:
    """An ASGI application around another. `clock` is in seconds."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._left: OrderedDict[tuple[str, bool], tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 413, 429 or (webhooks) 503, which the channel repeats."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_webhook = scope["path"].startswith(WEBHOOKS)
        if not self._may(scope, is_webhook=is_webhook):
            await _refuse(send, 503 if is_webhook else 429)
            return
        if not is_webhook and _declared(scope) > BODY_BYTES:
            await _refuse(send, 413)
            return
        body = _Bounded(receive)
        answer = _Answer(send, body)
        try:
            await self._app(scope, receive if is_webhook else body.receive, answer.send)
        except _TooLarge:
            if answer.started:
                raise
            await _refuse(send, 413)

    def _may(self, scope: Scope, *, is_webhook: bool) -> bool:
        """Take one from what an address has left, which fills up again with time."""
        rate = REPORTED if is_webhook else ASKED
        who = ((scope.get("client") or ("", 0))[0], is_webhook)
        now = self._clock()
        left, at = self._left.pop(who, (rate.burst, now))
        left = min(rate.burst, left + (now - at) * rate.per_s)
        self._left[who] = (max(left - 1, 0.0), now)
        if len(self._left) > ADDRESSES:
            self._left.popitem(last=False)
        return left >= 1


def _declared(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isdecimal() else 0


class _Bounded:
    """A body of at most `BODY_BYTES`; more of it raises `_TooLarge`."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0

    @property
    def too_large(self) -> bool:
        return self._taken > BODY_BYTES

    async def receive(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self.too_large:
            raise _TooLarge
        return message


class _Answer:
    """What an application answers, with safe headers; nothing of it when the body was too large."""

    def __init__(self, send: Send, body: _Bounded) -> None:
        self._send = send
        self._body = body
        self._is_refused = False
        self.started = False

    async def send(self, message: Message) -> None:
        if self._body.too_large and not self.started:  # FastAPI takes whatever ends a body for a mistake in it, a 400
            self.started = self._is_refused = True
            await _refuse(self._send, 413)
        if self._is_refused:
            return
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


async def _refuse(send: Send, status: int) -> None:
    """Answer as RFC 9457 says, without a word about why beyond the status."""
    titles = {413: "Content Too Large", 429: "Too Many Requests", 503: "Service Unavailable"}
    body = json.dumps({"type": "about:blank", "title": titles[status], "status": status}).encode()
    headers: dict[str, str] = {**HEADERS, "content-type": "application/problem+json", "content-length": str(len(body))}
    if status != 413:
        headers["retry-after"] = "1"
    raw: list[tuple[bytes, bytes]] = [(name.encode(), value.encode()) for name, value in headers.items()]
    start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": raw}
    await send(start)
    await send({"type": "http.response.body", "body": body})
