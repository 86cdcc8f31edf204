"""One after the other, where what bears the same name must not overtake itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class InTurn:
    """Does what bears one name in the order of asking, one at a time, within this process.

    Different names do not wait for each other.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __contains__(self, name: str) -> bool:
        """Whether something of that name is done, or waits for it."""
        return name in self._locks

    @asynccontextmanager
    async def of(self, name: str) -> AsyncIterator[None]:
        """Wait for whatever of that name was there before, and keep what comes after waiting."""
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            yield
