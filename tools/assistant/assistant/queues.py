"""The queues: their names from the services that own them, their sizes from the broker."""

import asyncio
from collections.abc import Iterable
from typing import Any

import aiormq
import httpx

from assistant.home import Home, read_json, write_json
from assistant.plan import Plan
from assistant.readiness import base_url, get_json

QUARANTINE = "ingress.quarantine"
PATIENCE_S = 5.0


async def names(http: httpx.AsyncClient, home: Home, plan: Plan) -> list[str]:
    """The work queues as the services tell them (`GET /topology`), with those of services that are down from memory."""
    services = [name for name in plan.ports if name != "sandbox"]
    told = await asyncio.gather(*(get_json(http, f"{base_url(plan, name)}/topology") for name in services))
    known = read_json(home.queues_file) or {}
    now = {**known, **{name: sorted(map(str, queues)) for name, queues in zip(services, told, strict=True) if queues}}
    if now != known:
        write_json(home.queues_file, now)
    return sorted({queue for queues in now.values() for queue in queues})


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
    """Each queue with its messages ready, unacked and dead; null where the broker does not tell."""
    known = await names(http, home, plan)
    url = plan.urls.get("rabbitmq")
    if not known or url is None:
        return []
    try:
        async with asyncio.timeout(PATIENCE_S):
            ready = await sizes(url, [*known, *(f"{name}.dead" for name in known)])
    except (aiormq.exceptions.AMQPError, OSError, TimeoutError):
        ready = {}
    return [
        {"name": name, "ready": ready.get(name), "unacked": None, "dead": ready.get(f"{name}.dead")} for name in known
    ]
