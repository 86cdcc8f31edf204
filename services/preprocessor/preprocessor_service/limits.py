"""How many messages of one person are worked on in an hour: counted in Redis for all copies, or here without it.

What is counted is accepted messages, each once under its event id, so a redelivery neither counts again nor is
refused after it was accepted. Keys hold a conversation id, never a phone.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from datetime import datetime
from typing import cast
from uuid import UUID

from chassis.breaker import Breakers
from chassis.errors import Unavailable
from chassis.logging import get_logger
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = get_logger(__name__)

KEY = "receptionist:preprocessor:accepted:{}"
WINDOW_S = 3600.0
ANSWER_S = 0.5
"""Longest wait for Redis; people wait behind this."""
NUMBERS = 10_000
"""How many conversations the local window remembers, the latest ones."""
_ACCEPT = """
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
if redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[3], ARGV[2]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 1
"""


class LocalWindow:
    """A sliding hour in this process' memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._accepted: OrderedDict[str, dict[UUID, float]] = OrderedDict()

    def accepts(self, conversation: str, event_id: UUID, at: float) -> bool:
        """Count a message unless the hour before it is full."""
        window = self._accepted.setdefault(conversation, {})
        self._accepted.move_to_end(conversation)
        if len(self._accepted) > NUMBERS:
            self._accepted.popitem(last=False)
        if event_id in window:
            return True
        for old in [each for each, when in window.items() if when <= at - WINDOW_S]:
            del window[old]
        if sum(when <= at for when in window.values()) >= self._most:
            return False
        window[event_id] = at
        return True

    def forget(self, conversation: str) -> None:
        """Forget what was counted of a conversation."""
        self._accepted.pop(conversation, None)


class RateLimit:
    """`most` accepted messages of one conversation in any hour; 0 = no limit."""

    def __init__(self, redis_url: SecretStr, most: int, breakers: Breakers) -> None:
        self._most = most
        self._breakers = breakers
        self._local = LocalWindow(most)
        self._is_away = False
        self._redis = Redis.from_url(
            redis_url.get_secret_value(),
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
        )

    async def accepts(self, conversation: str, event_id: UUID, at: datetime) -> bool:
        """Count a message that arrived at `at`, unless the hour before it is full."""
        if self._most == 0:
            return True
        try:
            async with self._breakers.guard("redis"), asyncio.timeout(ANSWER_S):
                accepted = await self._ask_redis(conversation, event_id, at.timestamp())
        except (RedisError, OSError, TimeoutError, Unavailable) as error:
            self._note(away=True, error=type(error).__name__)
            return self._local.accepts(conversation, event_id, at.timestamp())
        self._note(away=False)
        if accepted:  # so that a Redis that goes away does not let the hour begin anew
            self._local.accepts(conversation, event_id, at.timestamp())
        return accepted

    async def forget(self, conversations: list[str]) -> None:
        """Forget what was counted; a Redis that is away forgets by itself within the hour."""
        for conversation in conversations:
            self._local.forget(conversation)
        try:
            async with self._breakers.guard("redis"), asyncio.timeout(ANSWER_S):
                await self._redis.delete(*(KEY.format(conversation) for conversation in conversations))
        except (RedisError, OSError, TimeoutError, Unavailable) as error:
            log.warning("rate_limit_not_forgotten", error=type(error).__name__)

    async def run(self) -> None:
        """Give the connections back when the service stops."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._redis.aclose()

    async def _ask_redis(self, conversation: str, event_id: UUID, at: float) -> bool:
        key = KEY.format(conversation)
        arguments = (str(event_id), str(at), str(at - WINDOW_S), str(self._most), str(int(WINDOW_S)))
        return bool(await cast("Awaitable[int]", self._redis.eval(_ACCEPT, 1, key, *arguments)))

    def _note(self, *, away: bool, error: str = "") -> None:
        if away and not self._is_away:
            log.warning("rate_limit_local", error=error)
        elif self._is_away and not away:
            log.info("rate_limit_shared")
        self._is_away = away
