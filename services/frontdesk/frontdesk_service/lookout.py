"""What the broker shows of the whole line: which services are there, and what none of them could handle.

Whoever is there has a consumer at its queue, whatever machine or supervisor runs it. Ingress reads no queue, so it is
asked by HTTP, where its address is known. That the front desk is down it cannot tell itself: that is for whoever
watches the machine (`assistant status`, `/readyz`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chassis import topology
from chassis.logging import get_logger
from contracts import all_facts
from pydantic import SecretStr

if TYPE_CHECKING:
    import aio_pika
    import aiormq

log = get_logger(__name__)

WITHIN_S = 5.0
NAME = "frontdesk"


@dataclass(frozen=True)
class Sight:
    """One look: the services that are not there, and how many letters are in each queue of dead ones that has any.

    The quarantine, which keeps what ingress could not read, is such a queue.
    """

    away: frozenset[str]
    dead: dict[str, int]


def services() -> list[str]:
    """List the services that read queues."""
    return sorted({consumer for fact in all_facts() for consumer in fact.consumers})


class Lookout:
    """Looks when it is asked to; `ingress_url` is where ingress listens, if that is known."""

    def __init__(self, amqp_url: SecretStr, ingress_url: str | None = None) -> None:
        self._amqp_url = amqp_url
        self._ingress_url = ingress_url

    async def look(self) -> Sight | None:
        """Return what there is to see; `None` when the broker cannot be asked."""
        import aio_pika

        try:
            connection = await aio_pika.connect(self._amqp_url.get_secret_value(), timeout=WITHIN_S)
            async with connection:
                queues = {service: topology.queues_for(service) for service in services()}
                read = await _declared(connection, [first for first, *_ in queues.values()])
                holders = [topology.dead(each) for some in queues.values() for each in some]
                dead = await _declared(connection, [*holders, topology.quarantine_queue("ingress").name])
        except (aio_pika.exceptions.AMQPError, OSError, TimeoutError) as error:
            log.warning("broker_not_seen", error=type(error).__name__)
            return None
        there = {queue for queue, declared in read.items() if declared.consumer_count}
        away = {service for service, (first, *_) in queues.items() if first not in there and service != NAME}
        if not await self._ingress_answers():
            away.add("ingress")
        return Sight(frozenset(away), {queue: count for queue, told in dead.items() if (count := told.message_count)})

    async def _ingress_answers(self) -> bool:
        if self._ingress_url is None:
            return True
        import httpx

        try:
            async with httpx.AsyncClient(timeout=WITHIN_S) as http:
                return (await http.get(f"{self._ingress_url}/livez")).is_success
        except httpx.HTTPError:
            return False


async def _declared(
    connection: "aio_pika.abc.AbstractConnection", queues: Iterable[str]
) -> dict[str, "aiormq.spec.Queue.DeclareOk"]:
    """Ask after queues; those that are not there are left out."""
    import aio_pika

    found, channel = {}, await connection.channel()
    for queue in queues:
        try:
            found[queue] = (await channel.declare_queue(queue, passive=True, timeout=WITHIN_S)).declaration_result
        except aio_pika.exceptions.ChannelNotFoundEntity:  # which closes the channel
            channel = await connection.channel()
    return found
