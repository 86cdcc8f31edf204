"""Breakers of the providers, known to all copies: who finds a provider down tells the others, through Redis.

Counting failures and trying again are chassis' breakers, in each copy; what is shared is until when a provider is left
alone. A provider that asks for a pause (`Retry-After`), or that the next one overtakes each time, is left alone in the
same way.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.breaker import Breakers
from chassis.errors import Unavailable

from llm_gateway_service.policy import REST_AT_MOST_S
from llm_gateway_service.providers.errors import Declined, ProviderFailed
from llm_gateway_service.shared import Shared

THRESHOLD = 5
"""Failures in a row that open a breaker, or races lost."""
OPEN_S = 30.0
LOOK_EVERY_S = 0.25
"""How old news of other copies may be."""


class SharedBreakers(Breakers):
    """Breakers that open for all copies."""

    def __init__(self, shared: Shared, *, open_s: float = OPEN_S) -> None:
        super().__init__(threshold=THRESHOLD, ttl_s=open_s, exclude=(Declined,))
        self._shared = shared
        self._open_s = open_s
        self._rests_until: dict[str, float] = {}
        self._looked: dict[str, float] = {}
        self._overtaken: Counter[str] = Counter()

    @asynccontextmanager
    async def guard(self, dependency: str) -> AsyncIterator[None]:
        """As in chassis; an error that opens the breaker here opens it everywhere."""
        if await self.rests(dependency):
            raise Unavailable(f"{dependency} is left alone for now")
        try:
            async with super().guard(dependency):
                yield
        except ProviderFailed as error:
            if error.retry_after_s:
                await self._rest(dependency, min(error.retry_after_s, REST_AT_MOST_S))
            elif {"dependency": dependency, "state": "open"} in await super().states():
                await self._rest(dependency, self._open_s)
            raise

    async def states(self) -> list[dict[str, str]]:
        """As in chassis; what any copy leaves alone is open."""
        now = time.monotonic()
        resting = {name for name, until in self._rests_until.items() if until > now}
        return [each | ({"state": "open"} if each["dependency"] in resting else {}) for each in await super().states()]

    async def note(self, dependency: str, *, was_first: bool) -> None:
        """Note who was first in a race or alone; one who is overtaken again and again is left alone for a while."""
        self._overtaken[dependency] = 0 if was_first else self._overtaken[dependency] + 1
        if self._overtaken[dependency] >= THRESHOLD:
            self._overtaken[dependency] = 0
            await self._rest(dependency, self._open_s)

    async def _rest(self, dependency: str, seconds: float) -> None:
        self._rests_until[dependency] = time.monotonic() + seconds
        await self._shared.put(f"rest:{dependency}", str(time.time() + seconds), seconds)

    async def rests(self, dependency: str) -> bool:
        """Whether a provider is left alone now, as far as any copy has told within the last moment."""
        self._names.add(dependency)
        now = time.monotonic()
        if now - self._looked.get(dependency, float("-inf")) > LOOK_EVERY_S:
            self._looked[dependency] = now
            (until,) = await self._shared.get([f"rest:{dependency}"])
            if until is not None:
                self._rests_until[dependency] = now + float(until) - time.time()
        return self._rests_until.get(dependency, 0.0) > now
