"""How a person would behave on the channel: not too fast, having read, typing for a while."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from chassis.clock import Clock

from postprocessor_service.channels.together import Channels
from postprocessor_service.domain import typing_s
from postprocessor_service.steps import Bubble
from postprocessor_service.store import Deliveries


@dataclass(frozen=True)
class Knobs:
    """Times in seconds, as `Settings` names them; `types` is whether to type before a bubble."""

    timeout_s: float = 30
    resend_after_s: float = 45
    per_user_s: float = 6
    per_number_s: float = 0.05
    types: bool = True
    fallback_after_s: float = 60


class Manners:
    """What happens around a sending, and never instead of it."""

    def __init__(self, deliveries: Deliveries, channels: Channels, knobs: Knobs, clock: Clock) -> None:
        self._deliveries = deliveries
        self._channels = channels
        self._knobs = knobs
        self._clock = clock
        self._turns: dict[str, asyncio.Lock] = {}
        self._courtesies: set[asyncio.Task[None]] = set()

    async def prepare(self, bubble: Bubble) -> None:
        """Wait for the number's turn, and meanwhile read and type."""
        reading = asyncio.create_task(self._read_and_type(bubble))
        try:
            if self._knobs.per_number_s > 0:
                await self._wait_for_turn(bubble.instance, self._knobs.per_number_s)
            await reading
        finally:
            reading.cancel()

    async def _read_and_type(self, bubble: Bubble) -> None:
        if self._is_typed(bubble):
            self._mark_read(bubble)
            address, seconds = bubble.contact.address, typing_s(bubble.text, self._waited_s(bubble))
            await self._channels.of(bubble.instance).show_typing(bubble.instance, address, seconds)

    async def _wait_for_turn(self, instance: str, pause_s: float) -> None:
        """Wait until the unit's number may send again: of a process's bubbles one asks, the others stand behind it."""
        async with self._turns.setdefault(instance, asyncio.Lock()):
            while (off_s := await self._deliveries.take_turn(instance, pause_s)) > 0:  # noqa: ASYNC110  # the database alone knows
                await asyncio.sleep(off_s)

    def follow(self, bubble: Bubble) -> None:
        """Read after the answer what could not be read before it, since there was no time."""
        if not self._is_typed(bubble):
            self._mark_read(bubble)

    async def finish(self) -> None:
        """Wait for what was not waited for."""
        await asyncio.gather(*self._courtesies)

    def _waited_s(self, bubble: Bubble) -> float:
        """How long, in seconds, the person has waited for a reply's first bubble; for the next it begins anew."""
        if bubble.nth > 0 or bubble.last_inbound_at is None:
            return 0
        return (self._clock() - bubble.last_inbound_at).total_seconds()

    def _is_typed(self, bubble: Bubble) -> bool:
        return self._knobs.types and bubble.author == "assistant" and bubble.attempts == 0

    def _mark_read(self, bubble: Bubble) -> None:
        if bubble.nth == 0 and bubble.attempts == 0 and bubble.answers:
            channel = self._channels.of(bubble.instance)
            self._be_polite(channel.mark_read(bubble.instance, bubble.contact.address, bubble.answers))

    def _be_polite(self, courtesy: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(courtesy)
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)
