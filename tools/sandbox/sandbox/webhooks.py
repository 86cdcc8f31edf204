"""Webhooks as Evolution sends them: its envelope, its headers, its retry schedule (``webhook.controller.ts``)."""

import asyncio
import json
import math
import random
import re
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

import httpx
import jwt

from sandbox.clock import Clock, iso, local_with_false_z
from sandbox.faults import Faults
from sandbox.hub import Hub, Tasks
from sandbox.native import NativeEvents
from sandbox.settings import Settings
from sandbox.state import Instance

ATTEMPTS = 10
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0
JITTER = 0.2
NOT_RETRIED = frozenset({400, 401, 403, 404, 422})
TOKEN_LIFE_S = 600
# Enough to look back over a long test; older ones are forgotten.
LOG_LENGTH = 20_000
TIMED_OUT = "timeout"
RECEIPTS = frozenset({"messages.update", "statuses"})
"""Evolution's event, and that of the channels without it."""


@dataclass
class Delivery:
    """One event on its way. ``body`` is the exact bytes of every attempt."""

    id: int
    event: str
    url: str
    body: bytes
    headers: dict[str, str]
    at: float
    phone: str | None = None
    key_id: str | None = None
    attempts: list[dict[str, Any]] = field(default_factory=list)
    state: str = "pending"
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once nothing that is to come after it has to wait: its first attempt is over, or a fault lets it be late."""

    def as_json(self) -> dict[str, Any]:
        """For the delivery log. ``state``: pending, delivered, dropped (no more attempts) or lost (by a fault)."""
        return {
            "id": self.id,
            "event": self.event,
            "phone": self.phone,
            "key_id": self.key_id,
            "at": iso(self.at),
            "state": self.state,
            "attempts": self.attempts,
            "body": _readable(self.body),
        }


def pause_s(failed: int, luck: float) -> float:
    """Seconds to wait after ``failed`` failed attempts; ``luck`` in 0–1 is the jitter's dice."""
    base = min(math.ldexp(FIRST_PAUSE_S, failed - 1), LONGEST_PAUSE_S)
    return max(FIRST_PAUSE_S, base + base * JITTER * (luck * 2 - 1))


class Webhooks:
    """Sends every event on its own, fire and forget: nothing keeps their order once one is retried.

    Before that only the receipts of one message have an order, that of what happened to it.
    """

    def __init__(self, settings: Settings, clock: Clock, faults: Faults, hub: Hub) -> None:
        self._settings = settings
        self._native = NativeEvents(settings.evolution_rabbitmq_url)
        self._clock = clock
        self._faults = faults
        self._hub = hub
        self._tasks = Tasks()
        self._numbers = count(1)
        self._successor = asyncio.Event()
        self.log: deque[Delivery] = deque(maxlen=LOG_LENGTH)
        self._receipts: WeakValueDictionary[str, Delivery] = WeakValueDictionary()
        """The newest receipt of each message, as long as the log has it."""
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(settings.sandbox_webhook_timeout_s, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=50),
            trust_env=False,
        )

    def emit(
        self, instance: Instance, event: str, data: Any, *, phone: str | None = None, key_id: str | None = None
    ) -> Delivery | None:
        """Send ``data`` as ``event``; None when the instance's webhook is off or does not ask for it."""
        config = instance.webhook
        upper = re.sub(r"[.-]", "_", event).upper()
        self._native.emit(instance, event, upper, self._envelope(instance, event, data))
        if not config.url or not config.enabled or (config.events and upper not in config.events):
            return None
        url = f"{config.url}/{upper.replace('_', '-').lower()}" if config.by_events else config.url
        return self.send(instance, event, self._envelope(instance, event, data), url, phone=phone, key_id=key_id)

    def send(self, instance: Instance, event: str, body: Any, url: str, **about: str | None) -> Delivery:
        """Send a ready body, whatever it is, with the instance's headers."""
        payload = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self.post(event, url, payload, self._headers(instance), **about)

    def post(
        self,
        event: str,
        url: str,
        body: bytes,
        headers: dict[str, str],
        *,
        phone: str | None = None,
        key_id: str | None = None,
    ) -> Delivery:
        """Send exactly this."""
        delivery = Delivery(next(self._numbers), event, url, body, headers, self._clock.now(), phone, key_id)
        self.log.append(delivery)
        after = None
        if event in RECEIPTS and key_id:
            after, self._receipts[key_id] = self._receipts.get(key_id), delivery
        previous, self._successor = self._successor, asyncio.Event()
        previous.set()
        self._tasks.start(self._begin(delivery, self._successor, after))
        return delivery

    async def forget(self) -> None:
        """Cancel what is pending and empty the log."""
        await self._tasks.stop()
        await self._native.forget()
        self.log.clear()

    async def close(self) -> None:
        """Cancel what is pending, as a restart of Evolution does."""
        await self._tasks.stop()
        await self._native.close()
        await self._client.aclose()

    def _envelope(self, instance: Instance, event: str, data: Any) -> dict[str, Any]:
        return {
            "event": event,
            "instance": instance.name,
            "data": data,
            "destination": instance.webhook.url,
            "date_time": local_with_false_z(self._clock.now()),
            "sender": instance.owner_jid,
            "server_url": f"http://{self._settings.sandbox_host}:{self._settings.sandbox_port}",
            "apikey": instance.token,
        }

    def _headers(self, instance: Instance) -> dict[str, str]:
        headers = {"Content-Type": "application/json"} | instance.webhook.headers
        # Made once an event, before its attempts: the last of them carry an expired token, as the real ones do.
        if jwt_key := headers.pop("jwt_key", None):
            now = int(self._clock.now())
            claims = {"iat": now, "exp": now + TOKEN_LIFE_S, "app": "evolution", "action": "webhook"}
            headers["Authorization"] = f"Bearer {jwt.encode(claims, jwt_key, algorithm='HS256')}"
        return headers

    async def _begin(self, delivery: Delivery, successor: asyncio.Event, after: Delivery | None) -> None:
        if after:
            await after.tried.wait()
        about = {"phone": delivery.phone, "event": delivery.event}
        fault = self._faults.take("webhook", "duplicate", "reorder", "slow", "lost", **about)
        if fault and fault.kind != "duplicate":
            delivery.tried.set()  # it is to be late, or never to come: others overtake it
        match fault.kind if fault else None:
            case "lost":
                delivery.state = "lost"
                return
            case "slow" if fault:
                await asyncio.sleep(fault.delay_s)
            case "reorder" if fault:
                # Overtaken by the next event, however late that is; delay_s bounds the wait when given.
                try:
                    await asyncio.wait_for(successor.wait(), fault.delay_s or None)
                except TimeoutError:
                    pass
                else:
                    await asyncio.sleep(0.1)
            case "duplicate" if fault:
                await asyncio.gather(*(self._deliver(delivery) for _ in range(fault.copies)))
                return
        await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        for failed in range(1, ATTEMPTS + 1):
            outcome = await self._attempt(delivery)
            delivery.tried.set()
            delivery.attempts.append({"at": iso(self._clock.now()), **outcome})
            status = outcome["status"]
            if status is not None and 200 <= status < 300:
                delivery.state = "delivered"
                break
            if status in NOT_RETRIED or failed == ATTEMPTS:
                delivery.state = "dropped"
                break
            # Retries differ by chance, nothing is secured by it.
            luck = random.random()  # noqa: S311
            await asyncio.sleep(pause_s(failed, luck) * self._settings.sandbox_retry_scale)
        self._hub.tell("webhook", event=delivery.event, state=delivery.state, id=delivery.id)

    async def _attempt(self, delivery: Delivery) -> dict[str, Any]:
        fault = self._faults.take(
            "webhook",
            "timeout_before_send",
            "timeout_after_send",
            "http_500",
            "http_503",
            phone=delivery.phone,
            event=delivery.event,
        )
        if fault and fault.kind in ("http_500", "http_503"):
            # Something between Evolution and the receiver answers in its place.
            return {"status": int(fault.kind[-3:]), "error": "fault"}
        if fault and fault.kind == "timeout_before_send":
            await asyncio.sleep(fault.delay_s)
            return {"status": None, "error": TIMED_OUT}
        try:
            response = await self._client.post(delivery.url, content=delivery.body, headers=delivery.headers)
        except httpx.TimeoutException:
            return {"status": None, "error": TIMED_OUT}
        except httpx.HTTPError as error:
            return {"status": None, "error": type(error).__name__}
        if fault:
            # The receiver has it, Evolution does not know.
            await asyncio.sleep(fault.delay_s)
            return {"status": None, "error": TIMED_OUT}
        return {"status": response.status_code, "error": None}


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()
