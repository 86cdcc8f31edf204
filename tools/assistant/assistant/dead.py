"""Dead letters: messages that no service could handle, each in the queue `<work queue>.dead`.

A dead message keeps its body (a CloudEvents envelope), its `message_id`, and says in its headers `x-reason`,
`x-attempts` and `x-died-at`. `ingress.quarantine` holds webhook bodies that could not be understood.
"""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiormq
from aiormq.abc import AbstractChannel, DeliveredMessage

from assistant.launch import SAO_PAULO
from assistant.queues import PATIENCE_S, QUARANTINE, is_quarantine

SUFFIX = ".dead"


@dataclass(frozen=True)
class Letter:
    """One dead message. `queue` is the work queue that it died in, or the quarantine."""

    queue: str
    id: str
    fact: str | None
    reason: str | None
    attempts: int | None
    at: str | None
    body: bytes

    def as_json(self) -> dict[str, Any]:
        """Return the shape of `dead list --json`."""
        return {name: getattr(self, name) for name in ("queue", "id", "fact", "reason", "attempts", "at")}

    def readable_body(self) -> Any:
        """Return the body as JSON, or as text when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return self.body.decode("utf-8", "replace")


class NoSuchQueueError(Exception):
    """No queue of the system has this name; the message says which."""


class DeadLetters:
    """The dead letters of one broker, for as long as the connection lives."""

    def __init__(self, connection: aiormq.abc.AbstractConnection, queues: Iterable[str]) -> None:
        self._connection = connection
        names = {*queues, QUARANTINE}
        self._holders = {name: name if is_quarantine(name) else f"{name}{SUFFIX}" for name in names}

    async def everything(self) -> list[Letter]:
        """Return all, oldest first in each queue; none is lost or changes its place."""
        return [letter for queue in sorted(self._holders) async for letter, _, _ in self._look(queue)]

    async def show(self, message_id: str) -> list[Letter]:
        """Return those with this id: one fact may have died in several queues."""
        return [letter for letter in await self.everything() if letter.id == message_id]

    async def replay(self, ids: set[str], queue: str | None = None) -> list[Letter]:
        """Send them to the queues where they died, each taken away only when the broker has confirmed the copy.

        `ids` empty means all. Quarantined bodies belong to no queue and stay. Returns what was sent. Raises
        NoSuchQueueError; TimeoutError of a broker that takes nothing, which it does under a memory or disk alarm.
        """
        done = []
        for name in self._chosen(queue):
            if is_quarantine(name):
                continue
            async for letter, message, channel in self._look(name):
                if not ids or letter.id in ids:
                    async with asyncio.timeout(PATIENCE_S):
                        await _send(channel, name, message)
                    await channel.basic_ack(_tag(message), wait=True)
                    done.append(letter)
        return done

    async def drop(self, ids: set[str], queue: str | None = None) -> list[Letter]:
        """Take them away for good; `ids` empty means all. Returns what there was. Raises NoSuchQueueError."""
        done = []
        for name in self._chosen(queue):
            async for letter, message, channel in self._look(name):
                if not ids or letter.id in ids:
                    await channel.basic_ack(_tag(message), wait=True)
                    done.append(letter)
        return done

    def _chosen(self, queue: str | None) -> list[str]:
        chosen = [name for name in sorted(self._holders) if queue in (None, name, f"{name}{SUFFIX}")]
        if not chosen:
            raise NoSuchQueueError(f"there is no queue {queue}; see ./assistant dead list")
        return chosen

    async def _look(self, queue: str) -> AsyncIterator[tuple[Letter, DeliveredMessage, AbstractChannel]]:
        """Yield each message that is there now, once: one that is replayed may be dead again before the last is seen.

        What is not acknowledged meanwhile goes back to its place when the channel ends.
        """
        holder = self._holders[queue]
        async with _channel(self._connection) as channel:
            try:
                there = (await channel.queue_declare(holder, passive=True)).message_count or 0
            except aiormq.exceptions.ChannelNotFoundEntity:
                return  # nothing has ever died there
            for _ in range(there):
                message = await channel.basic_get(holder)
                if isinstance(message.delivery, aiormq.spec.Basic.GetEmpty):
                    return
                yield _letter(queue, message), message, channel


@contextlib.asynccontextmanager
async def _channel(connection: aiormq.abc.AbstractConnection) -> AsyncIterator[AbstractChannel]:
    channel = await connection.channel(publisher_confirms=True)
    try:
        yield channel
    finally:
        if not channel.is_closed:
            await _closed(channel.close())


@contextlib.asynccontextmanager
async def connected(url: str, queues: Iterable[str]) -> AsyncIterator[DeadLetters]:
    """Open the dead letters of these work queues. Raises what the client raises; `TimeoutError` of a hung broker."""
    async with asyncio.timeout(PATIENCE_S):
        connection = await aiormq.connect(url)
    try:
        yield DeadLetters(connection, queues)
    finally:
        await _closed(connection.close())


async def _closed(closing: Awaitable[None]) -> None:
    """Say good-bye to a broker that may not listen any more: it takes the end of the process for it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            await closing


async def _send(channel: AbstractChannel, queue: str, message: DeliveredMessage) -> None:
    """Publish a copy to one queue alone; raises DeliveryError when it does not exist any more."""
    properties = message.header.properties
    kept = {name: value for name, value in (properties.headers or {}).items() if not name.startswith("x-")}
    await channel.basic_publish(
        message.body,
        routing_key=queue,
        mandatory=True,
        properties=aiormq.spec.Basic.Properties(
            content_type=properties.content_type,
            correlation_id=properties.correlation_id,
            message_id=properties.message_id,
            message_type=properties.message_type,
            timestamp=properties.timestamp,
            headers=kept,
            delivery_mode=2,
        ),
    )


def _tag(message: DeliveredMessage) -> int:
    return int(message.delivery_tag or 0)


def _letter(queue: str, message: DeliveredMessage) -> Letter:
    properties = message.header.properties
    headers = properties.headers or {}
    envelope = _envelope(message.body)
    attempts = headers.get("x-attempts")
    return Letter(
        queue=queue,
        # A quarantined body has no id of its own: the same body always gets the same one.
        id=_text(properties.message_id or envelope.get("id")) or hashlib.sha256(message.body).hexdigest()[:16],
        fact=_text(envelope.get("type") or properties.message_type),
        reason=_text(headers.get("x-reason")) or _broker_reason(headers),
        attempts=int(attempts) if isinstance(attempts, (int, str)) and str(attempts).isdigit() else None,
        at=_time(headers.get("x-died-at")),
        body=message.body,
    )


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _broker_reason(headers: dict[str, Any]) -> str | None:
    """Return why the broker itself moved a message: `delivery_limit` after too many crashes."""
    deaths = headers.get("x-death") or []
    return _text(deaths[0].get("reason")) if deaths else None


def _text(value: Any) -> str | None:
    """Return a text that a terminal can show: whoever wrote a body that nobody could read, wrote what they liked."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in value)


def _time(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(SAO_PAULO).isoformat("T", "seconds")
    text = _text(value)
    try:
        return None if text is None else datetime.fromisoformat(text).astimezone(SAO_PAULO).isoformat("T", "seconds")
    except ValueError:
        return None
