"""Processes tell one another which traces turned out to be worth keeping, over a fan-out of the line's broker.

At most once and in good time: each holds what it has of a trace for up to a minute. A broker that is away loses it.
"""

import asyncio
import json
import uuid
from typing import Any

import aio_pika
from aiormq.exceptions import AMQPError

from chassis.logging import get_logger
from chassis.telemetry.keeping import Keeper, keeper
from chassis.topology import TELEMETRY

log = get_logger(__name__)

GATHER_S = 0.2
MOST = 1_000
"""Messages that wait for a process that does not read; older ones are forgotten."""


class Telling:
    """One process' ear and mouth."""

    _exchange: aio_pika.abc.AbstractExchange

    def __init__(self, of: Keeper = keeper) -> None:
        self._keeper = of
        self._news: set[int] = set()
        self._sending: set[asyncio.Task[None]] = set()

    async def start(self, connection: aio_pika.abc.AbstractRobustConnection, service: str) -> None:
        """Listen and speak from now on, if anything is recorded here and the broker lets us."""
        if not self._keeper.records:
            return
        name = f"{service}.telemetry.{uuid.uuid4().hex}"
        try:
            channel = await connection.channel()
            self._exchange = await channel.declare_exchange(TELEMETRY, aio_pika.ExchangeType.FANOUT, durable=True)
            arguments = {"x-max-length": MOST, "x-expires": 60_000}
            queue = await channel.declare_queue(name, durable=False, auto_delete=True, arguments=arguments)
            await queue.bind(self._exchange)
            await queue.consume(self._hear, no_ack=True)
        except AMQPError as error:
            log.warning("traces_kept_alone", error=type(error).__name__)
            return
        self._keeper.tell = self._note

    def _note(self, trace_id: int) -> None:
        self._news.add(trace_id)
        if len(self._news) == 1:
            task = asyncio.get_running_loop().create_task(self._send())
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self) -> None:
        await asyncio.sleep(GATHER_S)
        news, self._news = self._news, set()
        body = json.dumps([f"{each:032x}" for each in news]).encode()
        try:
            async with asyncio.timeout(1):
                await self._exchange.publish(aio_pika.Message(body), "", mandatory=False)
        except Exception as error:  # noqa: BLE001  # the edge: telemetry never troubles a service
            log.debug("traces_not_told", error=type(error).__name__)

    async def _hear(self, message: Any) -> None:
        for each in json.loads(message.body):
            self._keeper.keep_told(int(each, 16))
