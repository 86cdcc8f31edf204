"""Conversations that somebody at the unit has just taken, before that is in the tables.

While the database is away, the fact that says so waits for it, and so does what is to be sent; when it is back, the
fact must not be the later one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from chassis.clock import Clock

HOLDS = timedelta(seconds=60)
"""For how long that is remembered: another copy may have got the fact when it came again."""
LOOK_AGAIN = timedelta(seconds=0.5)


class Heard:
    """What this process has heard and not yet written down."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    @asynccontextmanager
    async def taking(self, conversation: str) -> AsyncIterator[None]:
        """Hold the assistant back from now until this is left without an error."""
        self._until[conversation] = self._clock() + HOLDS
        yield
        self._until.pop(conversation, None)

    def wait(self, conversation: str) -> datetime | None:
        """Return when to look again; `None` when nothing holds the assistant back."""
        until, now = self._until.get(conversation), self._clock()
        if until is None:
            return None
        if until <= now:
            del self._until[conversation]
            return None
        return now + LOOK_AGAIN
