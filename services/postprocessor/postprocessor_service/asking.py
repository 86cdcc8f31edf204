"""What a channel says that it sent, asked once for everybody who wants to know at the same time.

After a bad minute hundreds of bubbles are in doubt. Were each looked for by itself, the channel would be too busy
answering to take messages, which puts more of them in doubt.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.breaker import Breakers
from chassis.clock import Clock
from chassis.errors import Unavailable

from postprocessor_service.channels import Recorded
from postprocessor_service.channels.together import Channels
from postprocessor_service.results import CLOCKS_DIFFER

TOGETHER = timedelta(minutes=10)
"""How far apart may begin what is asked for at once: one old doubt must not make all of them long lists."""
PROMPT = timedelta(seconds=2)
"""A channel that needs longer for an answer hangs, or has just come back."""

Asked = tuple[datetime, "asyncio.Future[Sequence[Recorded]]"]


class Asking:
    """One question at a time for each instance."""

    def __init__(self, channels: Channels, breakers: Breakers, clock: Clock) -> None:
        self._channels = channels
        self._breakers = breakers
        self._clock = clock
        self._waiting: dict[str, list[Asked]] = defaultdict(list)
        self._working: dict[str, asyncio.Task[None]] = {}
        self._well_since: dict[str, datetime] = {}

    def well_since(self, instance: str) -> datetime | None:
        """Return since when every answer came promptly; `None` while there is none."""
        return self._well_since.get(instance)

    async def sent_since(self, instance: str, since: datetime) -> Sequence[Recorded]:
        """Return what an instance sent since a moment, oldest first, as it says after now. Raises `Unavailable`."""
        answer: asyncio.Future[Sequence[Recorded]] = asyncio.get_running_loop().create_future()
        self._waiting[instance].append((since, answer))
        if instance not in self._working:
            self._working[instance] = asyncio.create_task(self._work(instance))
        recorded = await answer
        began = since.replace(microsecond=0)  # the channel's grain
        return [one for one in recorded if one.at is None or one.at >= began]

    async def _work(self, instance: str) -> None:
        try:
            while batch := self._next(instance):
                await self._ask(instance, batch)
        finally:
            del self._working[instance]
            _fail(self._waiting.pop(instance, []), Unavailable("the service stops"))

    def _next(self, instance: str) -> list[Asked]:
        """Take the oldest question, and those that can be answered with it."""
        waiting = sorted(self._waiting.pop(instance, []), key=lambda asked: asked[0])
        batch = [asked for asked in waiting if asked[0] <= waiting[0][0] + TOGETHER]
        if rest := waiting[len(batch) :]:
            self._waiting[instance] = rest
        return batch

    async def _ask(self, instance: str, batch: list[Asked]) -> None:
        channel, began = self._channels.of(instance), self._clock()
        try:
            # Not the breaker of sends: either may be well alone.
            async with self._breakers.guard(f"{channel.name}.messages"):
                recorded = await channel.find(instance, batch[0][0], self._clock() + CLOCKS_DIFFER)
        except asyncio.CancelledError:
            _fail(batch, Unavailable("the service stops"))
            raise
        except Exception as error:  # noqa: BLE001  # whatever it was, whoever asked meets it
            self._well_since.pop(instance, None)
            _fail(batch, error)
        else:
            now = self._clock()
            if now - began > PROMPT:
                self._well_since[instance] = now
            else:
                self._well_since.setdefault(instance, began)
            for _, answer in batch:
                if not answer.done():
                    answer.set_result(recorded)


def _fail(batch: list[Asked], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
