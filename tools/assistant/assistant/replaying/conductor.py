"""Moves the system's clock for all plays of a wave at once: a step further when every one of them waits for it."""

import asyncio
import datetime as dt
from collections.abc import Callable

GATHERED_S = 10
"""How far the clock is moved when all have written: past every burst window."""
SEEN_S = 0.25
"""How long until every service has seen that the clock was moved."""
NEAR = dt.timedelta(seconds=2)


class Conductor:
    """The clock of one wave. `read` and `move` are the system's clock."""

    def __init__(self, players: int, read: Callable[[], dt.datetime], move: Callable[[dt.datetime], None]) -> None:
        self._playing = players
        self._read = read
        self._move = move
        self._due: list[tuple[dt.datetime, asyncio.Future[None]]] = []
        self._written: list[asyncio.Future[None]] = []
        self._moving: asyncio.Task[None] | None = None

    def now(self) -> dt.datetime:
        """Return the system's time."""
        return self._read()

    async def until(self, at: dt.datetime) -> None:
        """Wait for a moment; a past one comes at once, but not before the others are at rest."""
        future = asyncio.get_running_loop().create_future()
        self._due.append((at, future))
        self._go_on()
        await future

    async def written(self) -> None:
        """Wait until everybody who writes now has written, and the burst windows are over."""
        future = asyncio.get_running_loop().create_future()
        self._written.append(future)
        self._go_on()
        await future

    def leave(self) -> None:
        """Play no more."""
        self._playing -= 1
        self._go_on()

    def _go_on(self) -> None:
        waiting = len(self._due) + len(self._written)
        if waiting and waiting >= self._playing and (self._moving is None or self._moving.done()):
            self._moving = asyncio.create_task(self._advance())

    async def _advance(self) -> None:
        written, self._written = self._written, []
        if written:
            await self._moved(self._read() + dt.timedelta(seconds=GATHERED_S))
            released = written
        else:
            first = min(at for at, _ in self._due)
            if first > self._read():
                await self._moved(first)
            released = [future for at, future in self._due if at <= first + NEAR]
            self._due = [(at, future) for at, future in self._due if at > first + NEAR]
        for future in released:
            future.set_result(None)

    async def _moved(self, to: dt.datetime) -> None:
        self._move(to)
        await asyncio.sleep(SEEN_S)
