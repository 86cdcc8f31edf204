"""Work that is done for all who came meanwhile at once, one go after the other.

Fifty questions that lock the same row one by one wait for forty-nine commits; in one go they wait for two.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Gathered(Generic[ItemT, ResultT]):
    """Does `work` with a list of items; nobody waits for company, only for the go that is under way."""

    def __init__(self, work: Callable[[Sequence[ItemT]], Awaitable[Sequence[ResultT]]]) -> None:
        self._work = work
        self._waiting: list[tuple[ItemT, asyncio.Future[ResultT]]] = []
        self._going: asyncio.Task[None] | None = None

    def do(self, item: ItemT) -> asyncio.Future[ResultT]:
        """Put an item into the next go; its future has the item's result, or what the whole go raised."""
        done: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._going is None:
            self._going = asyncio.create_task(self._go())
        return done

    async def _go(self) -> None:
        try:
            while self._waiting:
                now, self._waiting = self._waiting, []
                await self._do_all(now)
        finally:
            self._going = None

    async def _do_all(self, now: Sequence[tuple[ItemT, asyncio.Future[ResultT]]]) -> None:
        try:
            results = await self._work([item for item, _ in now])
        except Exception as error:  # noqa: BLE001  # whoever waits for it handles it
            for _, done in now:
                if not done.done():
                    done.set_exception(error)
        else:
            for (_, done), result in zip(now, results, strict=True):
                if not done.done():
                    done.set_result(result)
