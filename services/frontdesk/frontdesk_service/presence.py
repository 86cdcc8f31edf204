"""Which services are there: whoever is has a consumer at its queue, whatever machine or supervisor runs it.

Ingress reads no queue, so it is asked by HTTP, where its address is known. The front desk cannot tell that it is down
itself: that is for whoever watches the machine (`assistant status`, `/readyz`).
"""

from typing import TYPE_CHECKING

from chassis import topology
from chassis.logging import get_logger
from contracts import all_facts
from pydantic import SecretStr

if TYPE_CHECKING:
    import aio_pika

log = get_logger(__name__)

WITHIN_S = 5.0
NAME = "frontdesk"


def queues() -> dict[str, str]:
    """Return a queue of each service that reads any, but our own."""
    services = sorted({consumer for fact in all_facts() for consumer in fact.consumers} - {NAME})
    return {service: topology.queues_for(service)[0] for service in services}


class Presence:
    """Looks when it is asked to; `ingress_url` is where ingress listens, if that is known."""

    def __init__(self, amqp_url: SecretStr, ingress_url: str | None = None) -> None:
        self._amqp_url = amqp_url
        self._ingress_url = ingress_url

    async def away(self) -> set[str] | None:
        """Return the services that are not there; `None` when the broker cannot be asked."""
        import aio_pika

        try:
            connection = await aio_pika.connect(self._amqp_url.get_secret_value(), timeout=WITHIN_S)
            async with connection:
                away = {name for name, queue in queues().items() if not await _is_read(connection, queue)}
        except (aio_pika.exceptions.AMQPError, OSError, TimeoutError) as error:
            log.warning("presence_unknown", error=type(error).__name__)
            return None
        return away if await self._ingress_answers() else away | {"ingress"}

    async def _ingress_answers(self) -> bool:
        if self._ingress_url is None:
            return True
        import httpx

        try:
            async with httpx.AsyncClient(timeout=WITHIN_S) as http:
                return (await http.get(f"{self._ingress_url}/livez")).is_success
        except httpx.HTTPError:
            return False


async def _is_read(connection: "aio_pika.abc.AbstractConnection", queue: str) -> bool:
    import aio_pika

    channel = await connection.channel()  # a queue that is not there closes its channel
    try:
        found = await channel.declare_queue(queue, passive=True, timeout=WITHIN_S)
    except aio_pika.exceptions.ChannelNotFoundEntity:
        return False
    await channel.close()
    return bool(found.declaration_result.consumer_count)
