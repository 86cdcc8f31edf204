"""What becomes of a message whose handler failed: a delay tier, or the dead letters. Never a `nack`."""

from datetime import UTC, datetime

from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic
from pydantic import ValidationError

from chassis.away import CUT_OFF
from chassis.broker import Publisher
from chassis.deliveries import headers
from chassis.errors import Permanent, Transient, Unavailable
from chassis.logging import get_logger, whereabouts
from chassis.telemetry.line import died, retried
from chassis.topology import TIERS_S, dead, tier_exchange

log = get_logger(__name__)

AWAY_S = (1, *[5] * 24, *[30] * 120)
"""Pauses of a message for which something cannot be reached: its fault it is not, so it waits an hour, and as long as
that is short it is worked within seconds of the return. Any other error has one attempt a tier."""
ATTEMPTS = "x-attempts"
REASON = "x-reason"
DIED_AT = "x-died-at"
# RabbitMQ's own notes about earlier deaths would make the next death look like a cycle.
_BROKER_NOTES = ("x-death", "x-delivery-count", "x-first-death", "x-last-death")


def reason_of(error: BaseException) -> str:
    """Say why, for people: our own errors in their words, others by type and place (their text may quote messages)."""
    if isinstance(error, ValidationError):
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors()[:5])
        return f"invalid payload: {problems}"
    if isinstance(error, Transient | Permanent):
        return f"{type(error).__name__}: {error}"
    return whereabouts(error)


class Retries:
    """Puts a copy of a failed message where its next attempt is, or its end, confirmed."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def move_on(self, message: DeliveredMessage, error: Exception, queue: str) -> None:
        """Make the copy safe; the message itself can be acknowledged then. Raises `Unavailable`."""
        attempts = int(str(headers(message).get(ATTEMPTS, 0))) + 1
        pauses_s = AWAY_S if isinstance(error, (Unavailable, *CUT_OFF)) else TIERS_S
        hopeless = isinstance(error, Permanent | ValidationError) or attempts > len(pauses_s)
        properties = message.header.properties
        copied = Basic.Properties(
            headers={
                **{key: value for key, value in headers(message).items() if not key.startswith(_BROKER_NOTES)},
                ATTEMPTS: attempts,
                REASON: reason_of(error)[:500],
                DIED_AT: datetime.now(UTC).isoformat(),
            },
            content_type=properties.content_type,
            message_id=properties.message_id,
            correlation_id=properties.correlation_id,
            message_type=properties.message_type,
            timestamp=properties.timestamp,
        )
        if hopeless:
            died(queue, error)
            log.error("dead_letter", cause=error, queue=queue, message=properties.message_id, attempts=attempts)
            await self._publisher.send(message.body, copied, dead(queue))
        else:
            delay_s = pauses_s[attempts - 1]
            retried(queue, error)
            log.warning("retry", queue=queue, message=properties.message_id, delay_s=delay_s, error=whereabouts(error))
            await self._publisher.send(message.body, copied, queue, exchange=tier_exchange(delay_s))
