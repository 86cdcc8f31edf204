"""What was kept lately, so that catching up does not say everything again; shared in Redis by all copies.

All of it may be lost: ids are derived, so what is said again is recognised further on. Without Redis every copy
remembers for itself.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
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

ANSWER_S = 0.5
FLUSH_EVERY_S = 0.25
REMEMBERED_HERE = 50_000


@dataclass(frozen=True)
class Mark:
    """Everything sent before `since` was looked at; the channel is open at least since `open_since`."""

    since: datetime
    open_since: datetime | None = None


class Memory:
    """The ids of messages that were kept, how far they were caught up with, and what was said of the channel."""

    def __init__(self, redis_url: SecretStr | None, instance: str, breakers: Breakers) -> None:
        self._prefix = f"receptionist:ingress:{instance}"
        self._breakers = breakers
        self._redis = _connect(redis_url) if redis_url else None
        self._here: OrderedDict[UUID, None] = OrderedDict()
        self._unwritten: dict[bytes, float] = {}
        self._is_away = False
        self._mark: Mark | None = None
        self._state: str | None = None
        self._unwritten_state: str | None = None

    def note(self, event_id: UUID, sent_at: datetime) -> None:
        """Remember a message that is safe in the broker; costs the caller nothing."""
        self._here[event_id] = None
        if len(self._here) > REMEMBERED_HERE:
            self._here.popitem(last=False)
        if self._redis is not None and len(self._unwritten) < REMEMBERED_HERE:
            self._unwritten[event_id.bytes] = sent_at.timestamp()

    async def unseen(self, ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these messages nobody has kept, as far as is known."""
        unknown = [each for each in ids if each not in self._here]
        if not unknown or self._redis is None:
            return set(unknown)
        pipeline = self._redis.pipeline(transaction=False)
        for each in unknown:
            pipeline.zscore(self._key("kept"), each.bytes)
        scores: list[float | None] = await self._shared(pipeline.execute(), [None] * len(unknown))
        return {each for each, score in zip(unknown, scores, strict=True) if score is None}

    async def take_turn(self, every_s: float, *, at_once: bool) -> bool:
        """Say whether this copy is the one that looks now: one in `every_s`, or with `at_once` in any case."""
        if self._redis is None:
            return True
        taking = self._redis.set(self._key("looking"), 1, nx=not at_once, px=max(int(every_s * 900), 1))
        return bool(await self._shared(taking, default=True)) or at_once

    async def mark(self) -> Mark | None:
        """Return how far we are, `None` when nobody remembers."""
        written = await self._shared(self._redis.get(self._key("mark")), None) if self._redis else None
        try:
            since, open_since = json.loads(written) if written else (None, None)
            return Mark(_moment(since), _moment(open_since) if open_since else None) if since else self._mark
        except (ValueError, TypeError):  # written by another version
            return self._mark

    async def set_mark(self, mark: Mark) -> None:
        """Note how far we are, and forget the messages before."""
        self._mark = mark
        if self._redis is None:
            return
        written = json.dumps([mark.since.timestamp(), mark.open_since.timestamp() if mark.open_since else None])
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(self._key("mark"), written)
        pipeline.zremrangebyscore(self._key("kept"), "-inf", mark.since.timestamp() - 1)
        await self._shared(pipeline.execute(), None)

    async def said(self) -> str | None:
        """Return what was last said of the channel's connection."""
        if self._redis is None or self._unwritten_state is not None:
            return self._state
        said: bytes | None = await self._shared(self._redis.get(self._key("state")), None)
        return said.decode() if said else self._state

    def say(self, state: str) -> None:
        """Note what is said of the channel's connection; costs the caller nothing."""
        self._state = self._unwritten_state = state

    async def run(self) -> None:
        """Write what was noted, a few times a second; give the connections back at the end."""
        try:
            while True:
                await asyncio.sleep(FLUSH_EVERY_S)
                await self.flush()
        finally:
            await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        if self._redis is not None:
            await self._redis.aclose()

    async def flush(self) -> None:
        """Write what was noted; what cannot be written now is written next time."""
        if self._redis is None:
            return
        if (state := self._unwritten_state) and await self._shared(self._redis.set(self._key("state"), state), None):
            self._unwritten_state = None
        if noted := self._unwritten:
            self._unwritten = {}
            if await self._shared(self._redis.zadd(self._key("kept"), cast("Any", noted)), None) is None:
                self._unwritten = {**noted, **self._unwritten}

    def _key(self, name: str) -> str:
        return f"{self._prefix}:{name}"

    async def _shared(self, asking: Awaitable[Any], default: Any) -> Any:
        """Ask Redis; without an answer return the default."""
        try:
            async with self._breakers.guard("redis"), asyncio.timeout(ANSWER_S):
                answer = await asking
        except (RedisError, OSError, TimeoutError, Unavailable) as error:
            if asyncio.iscoroutine(asking):
                asking.close()  # while the breaker is open nobody asks
            if not self._is_away:
                log.warning("memory_local", error=type(error).__name__)
            self._is_away = True
            return default
        task = asyncio.current_task()
        if task and task.cancelling():
            raise asyncio.CancelledError  # redis-py 8.1 may swallow the one that came while it waited
        self._is_away = False
        return answer


def _connect(url: SecretStr) -> Redis:
    patience: dict[str, Any] = {"socket_timeout": ANSWER_S, "socket_connect_timeout": ANSWER_S}
    return Redis.from_url(url.get_secret_value(), retry=Retry(NoBackoff(), 0), **patience)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
