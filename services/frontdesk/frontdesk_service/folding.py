"""Facts that arrive together are folded together: one transaction, one commit, then each is acknowledged.

A message on the line leaves half a dozen facts here, and a transaction for each would cost more than the folding.
The first fact after a pause waits for a moment, too: folded at once, it would take the processor from the line just
when that answers the parent.
"""

import asyncio
import time
from typing import Any

from chassis.errors import Unavailable
from chassis.store import Store
from contracts import Event
from contracts.ingress import ChannelStateChanged, MessageDeleted, MessageEdited, ReceiptReceived
from contracts.postprocessor import ChannelOutageReported

from frontdesk_service import projections
from frontdesk_service.changes import EVERYTHING, Changes
from frontdesk_service.projections import PROJECTIONS, messages

TOGETHER = 256
"""Most facts in one transaction."""
GATHER_S = 0.15
"""Least time between the beginnings of two transactions; the first fact after a pause waits for a third of it."""
ABOUT_A_MESSAGE = (ReceiptReceived, MessageEdited, MessageDeleted)
"""Facts whose conversation is that of the message that the channel names."""
ABOUT_THE_CHANNEL = (ChannelStateChanged, ChannelOutageReported)
"""Facts of no conversation: every page shows them."""


class Folding:
    """The way of facts into the read model."""

    def __init__(self, store: Store, changes: Changes, *, gather_s: float = GATHER_S) -> None:
        self._store = store
        self._gather_s = gather_s
        self._began = float("-inf")
        self._changes = changes
        self._waiting: list[tuple[Event[Any], asyncio.Future[None]]] = []
        self._one_at_a_time = asyncio.Lock()

    async def fold(self, event: Event[Any]) -> None:
        """Return when the fact is committed. Raises `Unavailable`, or what is wrong with this fact."""
        done = asyncio.get_running_loop().create_future()
        mine = (event, done)
        self._waiting.append(mine)
        try:
            async with self._one_at_a_time:
                while not done.done():
                    await self._fold_some()
            done.result()
        finally:
            done.cancel()  # where this was cancelled, nobody asks for the outcome any more
            self._waiting.remove(mine)

    async def _fold_some(self) -> None:
        await asyncio.sleep(max(self._began + self._gather_s - time.monotonic(), self._gather_s / 3))
        self._began = time.monotonic()
        some = [each for each in self._waiting if not each[1].done()][:TOGETHER]
        try:
            await self._commit([event for event, _ in some])
        except Unavailable as error:
            for _, done in some:
                _fail(done, error)
        except Exception:  # noqa: BLE001  # whichever fact it was: alone, each meets its own error
            for event, done in some:
                await self._fold_alone(event, done)
        else:
            for _, done in some:
                _succeed(done)

    async def _fold_alone(self, event: Event[Any], done: asyncio.Future[None]) -> None:
        try:
            await self._commit([event])
        except Exception as error:  # noqa: BLE001  # raised by the handler of this fact
            _fail(done, error)
        else:
            _succeed(done)

    async def _commit(self, events: list[Event[Any]]) -> None:
        async with self._store.unit() as tx:
            # In the order of the conversations, so that two copies never lock crosswise.
            ordered = sorted(events, key=lambda event: event.subject)
            fresh = await projections.apply(tx.connection, *ordered, now=self._store.line.clock())
            shown = [event for event in fresh if PROJECTIONS[type(event.data)]]
            changed = {_concerns(event) for event in shown if not isinstance(event.data, ABOUT_A_MESSAGE)}
            keys = [event.data.key for event in shown if isinstance(event.data, ABOUT_A_MESSAGE)]
            changed.update(await messages.conversations_of(tx.connection, keys))
        for conversation in changed:
            self._changes.announce(conversation)


def _concerns(event: Event[Any]) -> str:
    return EVERYTHING if isinstance(event.data, ABOUT_THE_CHANNEL) else event.subject


def _succeed(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _fail(done: asyncio.Future[None], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
