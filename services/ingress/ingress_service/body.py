"""A webhook's body: read within bounds, decoded tolerantly, and made fit for the quarantine."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chassis.errors import Unavailable
from pydantic_core import from_json
from starlette.requests import Request

KEPT_AT_MOST = 8_000_000
"""Bytes of a quarantined body; RabbitMQ 4 takes 16 MiB at most, and what is longer is somebody's media."""

_MEDIA_LIKE = re.compile(rb"[A-Za-z0-9+/=_-]{10000,}")
# `"apikey": "…"`, also inside of a string that holds JSON (`\"apikey\":\"…\"`), also cut off, also in a form.
_API_KEY = re.compile(
    rb"""(api[-_]?key(?:\\*["'])?\s*[:=]\s*)(?:(?P<quote>\\*["']).*?(?:(?<!\\)(?P=quote)|\Z)|[^\s,}&"'\\]+)""",
    re.IGNORECASE | re.DOTALL,
)
_REDACTED = rb'\1"[redacted]"'


class TooLarge(Exception):  # noqa: N818  # a word of the policy, like those of chassis.errors
    """A body is over the limit."""


class Intake:
    """Reads bodies of at most `limit` bytes, and holds at most `memory` bytes of them at once."""

    def __init__(self, *, limit: int, memory: int) -> None:
        self._limit = limit
        self._memory = memory
        self._held = 0

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """Read a request's body and hold it for the block. Raises `TooLarge`; `Unavailable` when there is no room."""
        declared = request.headers.get("content-length", "")
        expected = int(declared) if declared.isdecimal() else 0
        if expected > self._limit:
            raise TooLarge
        held = 0
        chunks: list[bytes] = []
        try:
            async for chunk in request.stream():
                held += len(chunk)
                self._held += len(chunk)
                if held > self._limit:
                    raise TooLarge
                if self._held + max(0, expected - held) > self._memory:
                    raise Unavailable("too much is being received at once")
                chunks.append(chunk)
            yield b"".join(chunks)
        finally:
            self._held -= held


def decode(body: bytes) -> Any:
    """Read JSON. Raises `ValueError`.

    The fast parser refuses what JavaScript writes for half an emoji; the standard library's takes it.
    """
    try:
        return from_json(body)
    except ValueError:
        pass
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def for_quarantine(body: bytes) -> bytes:
    """Return a body as people may see it: without the values of `apikey`, and without media when it is very long."""
    if len(body) > KEPT_AT_MOST:
        body = _MEDIA_LIKE.sub(lambda run: b"[%d characters]" % len(run[0]), body)[:KEPT_AT_MOST]
    return _API_KEY.sub(_REDACTED, body)
