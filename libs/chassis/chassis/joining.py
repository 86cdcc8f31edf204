"""Connections to RabbitMQ on which what leaves in one round of the event loop leaves in one write.

aiormq writes frame by frame, and uvloop makes a system call of each: as dear as the frame itself. Facts that leave
together, and the acknowledgements of what came together, share one. Where there is much to write, what leaves within
`PACE_S` shares one, too: each write wakes RabbitMQ, and then whoever listens, which costs more than what it says. What
is asked of RabbitMQ itself (to declare, bind, open a channel) is asked one by one, each after the answer to the one
before: it never waits, or a start and a return would take 20 ms for each.

Whoever has no hurry rests (`JoiningConnection.rest`): it reads nothing for a while, and what comes meanwhile wakes its
process once.
"""

import asyncio
from typing import Any, cast

from aio_pika import RobustConnection
from aiormq.connection import TCPTransportFactory, TLSTransportFactory, TransportFactory
from yarl import URL

PACE_S = 0.02
"""Seconds between two writes of a connection that has much to say."""
AT_ONCE = 5
"""How many writes go out without a pause after a silence: a message that is alone never waits."""

BASIC = (60).to_bytes(2, "big")
"""AMQP's class of publishing and acknowledging; in a frame it stands behind type, channel and size."""


class JoiningConnection(RobustConnection):
    """aio_pika's connection that comes back, over such writers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._joining = self.kwargs["transport_factory"] = _Joining()  # passed on to aiormq's connection

    def rest(self, seconds: float) -> None:
        """Read nothing for so long: what comes meanwhile is read together."""
        self._joining.rest(seconds)


class _Joining(TransportFactory):
    _transport: asyncio.Transport

    async def create(self, url: URL, **kwargs: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        plain = TLSTransportFactory() if url.scheme == "amqps" else TCPTransportFactory()
        reader, writer = await plain.create(url, **kwargs)
        self._transport = cast("asyncio.Transport", writer.transport)
        return reader, JoiningWriter(writer)  # type: ignore[return-value]  # a writer in all that aiormq asks of it

    def rest(self, seconds: float) -> None:
        if self._transport.is_reading():  # else it rests already, or is closing
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(seconds, _go_on, self._transport)


def _go_on(transport: asyncio.Transport) -> None:
    if not transport.is_closing():
        transport.resume_reading()


class JoiningWriter:
    """A stream writer that gathers what is written until the next round of the event loop, or its next turn."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._gathered: list[bytes] = []
        self._paced_at = 0.0  # virtual time of the last turn (GCRA): ahead of now by a pause for each of a burst

    def __getattr__(self, name: str) -> Any:
        """Return everything else as the writer has it."""
        return getattr(self._writer, name)

    def write(self, data: bytes) -> None:
        """Write in the next round, or what is basic at its next turn, together with what else is written until then."""
        loop = asyncio.get_running_loop()
        if data[7:9] != BASIC:
            loop.call_soon(self._flush)
        elif not self._gathered:
            loop.call_at(self._paced_at - (AT_ONCE - 1) * PACE_S, self._take_turn)
        self._gathered.append(data)

    async def drain(self) -> None:
        """Write at once, and wait while the socket takes no more."""
        self._flush()
        await self._writer.drain()

    def write_eof(self) -> None:
        """Write what is left, then the end."""
        self._flush()
        self._writer.write_eof()

    def close(self) -> None:
        """Write what is left, then close."""
        self._flush()
        self._writer.close()

    def _take_turn(self) -> None:
        if self._gathered:
            self._paced_at = max(self._paced_at, asyncio.get_running_loop().time()) + PACE_S
            self._flush()

    def _flush(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered and not self._writer.is_closing():  # a connection that is gone: aiormq's reader notices
            self._writer.write(b"".join(gathered))
