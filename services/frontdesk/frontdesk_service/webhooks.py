"""Tells another system (Chatwoot, a CRM) what becomes of handoffs, by a signed webhook; off unless configured.

Signed as Standard Webhooks 1.0 (standardwebhooks.com) has it, for which there are libraries in every language. What is
sent is read from the read model at that moment, so nothing of an erased person is kept here.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Connection, Store
from contracts import Event, Fact
from contracts.dialogue import HandoffRequested
from contracts.frontdesk import StaffReleased, StaffTookOver
from pydantic import SecretStr

from frontdesk_service.domain import local
from frontdesk_service.projections import handoffs, persons
from frontdesk_service.reading import Reads

log = get_logger(__name__)

DELIVER = "deliver_webhook"
KINDS: dict[type[Fact], str] = {
    HandoffRequested: "handoff.opened",
    StaffTookOver: "handoff.taken",
    StaffReleased: "handoff.released",
}
TIERS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 300, 1800, 7200, 21600))
"""Delays between attempts; after the last one a delivery is dead, until somebody replays it."""
TIMEOUT_S = 10.0
GONE = 410


@dataclass(frozen=True)
class Receiver:
    """Where events go, and the secret they are signed with (`whsec_…` in base64, or any text)."""

    url: str
    secret: SecretStr

    def headers(self, delivery: UUID, at: datetime, body: bytes) -> dict[str, str]:
        """Return the headers that prove who sent a body, and when."""
        timestamp = int(at.timestamp())
        return {
            "Content-Type": "application/json",
            "webhook-id": str(delivery),
            "webhook-timestamp": str(timestamp),
            "webhook-signature": f"v1,{signature(self.secret.get_secret_value(), str(delivery), timestamp, body)}",
        }


def signature(secret: str, delivery: str, timestamp: int, body: bytes) -> str:
    """Return HMAC-SHA256 of `id.timestamp.body` in base64."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            key = secret.encode()
    signed = f"{delivery}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@dataclass(frozen=True)
class Delivery:
    """One event and how often it was tried; `failure` is why the last attempt failed, without anything personal."""

    id: UUID
    kind: str
    conversation: str
    by: str | None
    at: datetime
    attempts: int
    delivered_at: datetime | None
    dead_at: datetime | None
    failure: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.delivered_at is not None or self.dead_at is not None


class Webhooks:
    """Notes what is to be told, and tells it: at least once, the same `webhook-id` again for the same event."""

    def __init__(self, store: Store, reads: Reads, clock: Clock, receiver: Receiver | None, page: str | None) -> None:
        self._store = store
        self._reads = reads
        self._clock = clock
        self._receiver = receiver
        self._page = page

    def after(
        self, fact: type[Fact], handle: Callable[[Event[Any]], Awaitable[None]]
    ) -> Callable[[Event[Any]], Awaitable[None]]:
        """Return a handler that also notes the event, if this fact is told to anybody."""
        if self._receiver is None or fact not in KINDS:
            return handle

        async def handle_and_note(event: Event[Any]) -> None:
            await handle(event)
            await self._note(event)

        return handle_and_note

    async def _note(self, event: Event[Any]) -> None:
        async with self._store.unit() as tx:
            fresh = await tx.connection.fetchval(
                """insert into webhook_deliveries (id, kind, conversation, by, at) values ($1, $2, $3, $4, $5)
                on conflict (id) do nothing returning true""",
                *(event.id, KINDS[type(event.data)], event.subject, getattr(event.data, "by", None), event.time),
            )
            if fresh:
                await tx.wake(DELIVER, key=str(event.id), due_at=self._clock())

    async def deliver(self, delivery_id: UUID) -> None:
        """Try once; a failure is tried again after a while, or given up."""
        async with self._reads() as connection:
            delivery = await _one(connection, delivery_id)
            if self._receiver is None or delivery is None or delivery.is_over:
                return
            told = await self._body(connection, delivery)
        if told is None:
            failure = None  # of somebody who was erased there is nothing to tell
        else:
            failure = await self._post(self._receiver, delivery, told)
        await self._settle(delivery, failure)

    async def dead(self) -> list[Delivery]:
        """Return what was given up, the newest first."""
        async with self._reads() as connection:
            rows = await connection.fetch(
                "select * from webhook_deliveries where dead_at is not null order by dead_at desc limit 200"
            )
        return [Delivery(**row) for row in rows]

    async def replay(self, delivery_id: UUID) -> bool:
        """Try what was given up again, from the first tier on; `False` when it was not given up."""
        async with self._store.unit() as tx:
            again = await tx.connection.fetchval(
                """update webhook_deliveries set dead_at = null, attempts = 0
                where id = $1 and dead_at is not null returning true""",
                delivery_id,
            )
            if again:
                await tx.wake(DELIVER, key=str(delivery_id), due_at=self._clock())
        return bool(again)

    async def _body(self, connection: Connection, delivery: Delivery) -> bytes | None:
        person = await persons.find(connection, delivery.conversation)
        if person is None:
            return None
        handoff = await handoffs.current(connection, person.conversations)
        told = {
            "id": str(delivery.id),
            "type": delivery.kind,
            "timestamp": local(delivery.at).isoformat(),
            "data": {
                "phone": person.phone,
                "by": delivery.by,
                "owner": person.owner,
                "handoff": _handoff(handoff) if handoff else None,
                "url": f"{self._page}/conversas/{person.path}" if self._page else None,
            },
        }
        return json.dumps(told, ensure_ascii=False).encode()

    async def _post(self, receiver: Receiver, delivery: Delivery, body: bytes) -> str | None:
        import httpx

        headers = receiver.headers(delivery.id, self._clock(), body)
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as http:
                answer = await http.post(receiver.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return type(error).__name__
        return None if answer.is_success else str(answer.status_code)

    async def _settle(self, delivery: Delivery, failure: str | None) -> None:
        now, attempts = self._clock(), delivery.attempts + 1
        is_dead = failure is not None and (attempts > len(TIERS) or failure == str(GONE))
        async with self._store.unit() as tx:
            await tx.connection.execute(
                """update webhook_deliveries set attempts = $2, failure = $3, delivered_at = $4, dead_at = $5
                where id = $1""",
                *(delivery.id, attempts, failure, now if failure is None else None, now if is_dead else None),
            )
            if failure is not None and not is_dead:
                await tx.wake(DELIVER, key=str(delivery.id), due_at=now + TIERS[attempts - 1])
        if failure is not None:
            log.warning("webhook_failed", delivery=str(delivery.id), attempts=attempts, failure=failure, dead=is_dead)


def _handoff(handoff: handoffs.Handoff) -> dict[str, Any]:
    """Show it as `GET /api/v1/handoffs` does."""
    return {
        "id": str(handoff.id),
        "phone": handoff.phone,
        "reason": handoff.reason,
        "opened_at": local(handoff.opened_at).isoformat(),
        "status": handoff.status,
        "taken_by": handoff.taken_by,
        "pack": handoff.pack,
    }


async def _one(connection: Connection, delivery_id: UUID) -> Delivery | None:
    row = await connection.fetchrow("select * from webhook_deliveries where id = $1", delivery_id)
    return Delivery(**row) if row else None


async def dead_count(connection: Connection) -> int:
    """How many events were given up."""
    count: int = await connection.fetchval("select count(*) from webhook_deliveries where dead_at is not null")
    return count
