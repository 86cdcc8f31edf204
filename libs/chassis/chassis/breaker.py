"""Circuit breakers: whatever fails again and again is left alone for a while, and said so at once.

The state machine is purgatory's; this names it in our words and shows it to `assistant status`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from chassis.errors import Unavailable

State = Literal["closed", "open", "half_open"]
_STATES: dict[str, State] = {"closed": "closed", "opened": "open", "half-opened": "half_open"}


class Breakers:
    """The breakers of one service, one a dependency; `ttl_s` is how long an open one stays open, in seconds."""

    def __init__(self, *, threshold: int = 5, ttl_s: float = 30, exclude: tuple[type[Exception], ...] = ()) -> None:
        self._factory = AsyncCircuitBreakerFactory(
            default_threshold=threshold, default_ttl=ttl_s, exclude=[(error, lambda _: True) for error in exclude]
        )
        self._names: set[str] = set()

    @asynccontextmanager
    async def guard(self, dependency: str) -> AsyncIterator[None]:
        """Count an error inside against the dependency. Raises `Unavailable` at once while its breaker is open."""
        self._names.add(dependency)
        try:
            async with await self._factory.get_breaker(dependency):
                yield
        except OpenedState as error:
            raise Unavailable(f"{dependency} is left alone for now") from error

    async def states(self) -> list[dict[str, str]]:
        """List `{"dependency", "state"}` of every breaker used so far."""
        breakers = [(name, await self._factory.get_breaker(name)) for name in sorted(self._names)]
        return [{"dependency": name, "state": _STATES[breaker.context.state]} for name, breaker in breakers]
