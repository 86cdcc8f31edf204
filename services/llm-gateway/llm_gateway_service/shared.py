"""What copies share in Redis and may be lost: every access is short, and its failure is nobody's trouble."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from chassis.logging import get_logger
from pydantic import SecretStr

log = get_logger(__name__)

ANSWER_S = 0.15
"""Longest wait for Redis: people wait behind this."""
AWAY_S = 5.0
"""How long Redis is left alone after it failed."""
PREFIX = "receptionist:llm:"


class Shared:
    """Keys with a time to live; without a `redis_url`, or with Redis away, as if nothing had ever been kept."""

    def __init__(self, redis_url: SecretStr | None) -> None:
        self._away_until = 0.0 if redis_url else float("inf")
        self._redis: Any = None
        if redis_url:
            from redis.asyncio import Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff

            self._redis = Redis.from_url(
                redis_url.get_secret_value(),
                socket_timeout=ANSWER_S,
                socket_connect_timeout=ANSWER_S,
                retry=Retry(NoBackoff(), 0),
            )

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return what is kept under each key."""
        found = await self._do(lambda: self._redis.mget([PREFIX + key for key in keys])) if keys else []
        return list(found) if found is not None else [None] * len(keys)

    async def put(self, key: str, value: str, ttl_s: float) -> None:
        """Keep a value for a while."""
        await self._do(lambda: self._redis.set(PREFIX + key, value, px=max(int(ttl_s * 1000), 1)))

    async def close(self) -> None:
        """Give the connections back."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _do(self, action: Callable[[], Awaitable[Any]]) -> Any:
        if time.monotonic() < self._away_until:
            return None
        from redis.exceptions import RedisError

        try:
            return await action()
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + AWAY_S
            log.warning("redis_away", error=type(error).__name__)
            return None
