"""The queues: their names from the services that own them, their sizes from the broker."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import aiormq
import httpx

from assistant.home import Home, read_json, write_json
from assistant.plan import Plan
from assistant.readiness import base_url, get_json
from assistant.services import SERVICES

QUARANTINE = "ingress.quarantine"
TIERS = tuple(f"receptionist.retry.{delay_s}" for delay_s in (1, 5, 30, 300))
"""Where messages wait to be tried again, whosever they are (`chassis.topology`, which is slow to import)."""
PATIENCE_S = 5.0


def is_quarantine(queue: str) -> bool:
    """Whether a queue holds what could not be read; it has no dead letters of its own."""
    return queue.endswith(".quarantine")


async def names(http: httpx.AsyncClient, home: Home, plan: Plan) -> list[str]:
    """Return the work queues as the services tell them; those of a service that is down are remembered."""
    told = await _every_service(http, plan, "topology")
    known = {name: queues for name, queues in (read_json(home.queues_file) or {}).items() if isinstance(queues, list)}
    now = {**known, **{name: sorted(map(str, queues)) for name, queues in told.items() if queues}}
    if now != known:
        write_json(home.queues_file, now)
    return sorted({str(queue) for queues in now.values() for queue in queues})


def by_contract() -> list[str]:
    """Return the work queues as the contracts have them, for a system that `up` did not start."""
    from chassis import topology  # which is slow to import

    return sorted(queue for service in SERVICES for queue in topology.queues_for(service.name))


async def _every_service(http: httpx.AsyncClient, plan: Plan, path: str) -> dict[str, Any]:
    services = [name for name in plan.ports if name != "sandbox"]
    told = await asyncio.gather(*(get_json(http, f"{base_url(plan, name)}/{path}") for name in services))
    return {name: answer for name, answer in zip(services, told, strict=True) if answer is not None}


async def sizes(url: str, queues: Iterable[str]) -> dict[str, int]:
    """How many messages are ready in each queue that exists. A missing queue closes its channel, so each gets one."""
    found: dict[str, int] = {}
    connection = await aiormq.connect(url)
    try:
        channel = await connection.channel()
        for queue in queues:
            try:
                found[queue] = (await channel.queue_declare(queue, passive=True)).message_count or 0
            except aiormq.exceptions.ChannelNotFoundEntity:
                channel = await connection.channel()
    finally:
        await connection.close()
    return found


async def collect(http: httpx.AsyncClient, home: Home, plan: Plan) -> list[dict[str, Any]]:
    """Each queue with its messages ready, unacked and dead; null where nobody tells. The tiers of retries come last."""
    known, working = await asyncio.gather(names(http, home, plan), _every_service(http, plan, "working"))
    url = plan.urls.get("rabbitmq")
    if not known or url is None:
        return []
    try:
        async with asyncio.timeout(PATIENCE_S):
            dead = (f"{name}.dead" for name in known if not is_quarantine(name))
            ready = await sizes(url, [*known, *dead, *TIERS])
    except (aiormq.exceptions.AMQPError, OSError, TimeoutError):
        ready = {}
    return [
        {
            "name": name,
            "ready": ready.get(name),
            "unacked": _unacked(name, working),
            "dead": ready.get(f"{name}.dead", 0 if is_quarantine(name) and name in ready else None),
        }
        for name in known
    ] + [{"name": name, "ready": ready[name], "unacked": 0, "dead": 0} for name in TIERS if name in ready]


def _unacked(queue: str, working: Mapping[str, Any]) -> int | None:
    """How many messages its consumer works on: the broker's protocol does not tell. None when the consumer is away."""
    if is_quarantine(queue):
        return 0
    counts = working.get(queue.partition(".")[0])
    return None if counts is None else int(counts.get(queue, 0))
