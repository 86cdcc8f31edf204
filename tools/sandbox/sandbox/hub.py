"""Live updates to whoever watches: the page and tests."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Hub:
    """Fan-out of small JSON objects. A watcher that falls 1,000 behind is dropped and has to load afresh."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[dict[str, Any] | None]] = set()

    def tell(self, kind: str, **about: object) -> None:
        """Send ``{"type": kind, …}`` to everybody who watches."""
        for queue in tuple(self._watchers):
            try:
                queue.put_nowait({"type": kind, **about})
            except asyncio.QueueFull:
                self._watchers.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)

    @contextmanager
    def watch(self) -> Iterator[asyncio.Queue[dict[str, Any] | None]]:
        """Open a queue of updates from now on; ``None`` in it means: too slow, start again."""
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(1000)
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)


class Tasks:
    """Work that goes on after a request was answered; cancelled together."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Any) -> None:
        """Run a coroutine in the background."""
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Cancel all of it and wait until it is gone."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
