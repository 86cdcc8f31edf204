"""What the line says of itself while parents talk: closed turns, delivered replies, and the time of every hop."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import aio_pika
from contracts import Event
from contracts.dialogue import TurnClosed
from contracts.postprocessor import ReplyDelivered

from assistant.overhearing import overhearing

PATIENCE_S = 60.0
CONNECT_S = 5.0


@dataclass
class Heard:
    """What was said of one conversation: its closed turns, and when (monotonic seconds) replies had been delivered."""

    closed: list[TurnClosed] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def replies(self, count: int) -> float:
        """Wait for so many replies; return when the last of them had been delivered. Raises `TimeoutError`."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.delivered) < count or len(self.closed) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.delivered[count - 1]


@dataclass
class Line:
    """What was heard: conversations by id, and seconds from a fact to one that it caused, by the names of both."""

    conversations: dict[str, Heard] = field(default_factory=lambda: defaultdict(Heard))
    hops: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _said: dict[str, tuple[str, float]] = field(default_factory=dict)

    def hear(self, key: str, body: bytes) -> None:
        """Take a fact in."""
        fact = json.loads(body)
        name, at = key.rpartition(".")[0], datetime.fromisoformat(fact["time"]).timestamp()
        self._said[fact["id"]] = (name, at)
        if cause := self._said.get(fact["causationid"] or ""):
            self.hops[f"{cause[0]} → {name}"].append(at - cause[1])
        one = self.conversations[fact["subject"]]
        if key == TurnClosed.routing_key():
            one.closed.append(Event.from_wire(body, TurnClosed).data)
        elif key == ReplyDelivered.routing_key():
            one.delivered.append(time.monotonic())
        one.changed.set()


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Line]:
    """Hear every fact on a broker (`amqp://…`) while the block runs."""
    line = Line()
    async with await aio_pika.connect(url, timeout=CONNECT_S) as connection, overhearing(connection, line.hear):
        yield line
