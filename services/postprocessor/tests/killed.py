"""A copy of postprocessor that is killed where it is told: `python killed.py BOUNDARY DATABASE EVOLUTION CONVERSATION`.

It works one conversation; the signal is the one that nothing can catch.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from chassis.breaker import Breakers
from chassis.clock import now
from chassis.line import Line
from chassis.outbox import Outbox
from chassis.store import Store
from postprocessor_service.app import MIGRATIONS, wire
from postprocessor_service.channels.evolution import Evolution
from postprocessor_service.channels.together import Channels
from postprocessor_service.ledger import Ledger
from postprocessor_service.settings import Settings
from postprocessor_service.store import Deliveries
from pydantic import HttpUrl, SecretStr

Step = Callable[..., Awaitable[Any]]


def dies_before(_: Step) -> Step:
    async def step(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    return step


def dies_after(original: Step) -> Step:
    async def step(*given: Any, **named: Any) -> None:
        await original(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return step


BOUNDARIES: dict[str, tuple[type, str, Callable[[Step], Step]]] = {
    "before the claim": (Deliveries, "claim", dies_before),
    "after the claim": (Deliveries, "claim", dies_after),
    "before the call": (Evolution, "send", dies_before),
    "after the answer": (Evolution, "send", dies_after),
    "inside the settling": (Ledger, "mark_sent", dies_after),
    "after the settling": (Outbox, "publish", dies_before),
}


async def work(database_url: str, evolution_url: str, conversation: str) -> None:
    """Do what is due in a conversation, until the end."""
    settings = Settings(
        rabbitmq_url=SecretStr("amqp://nowhere/"),
        database_url=SecretStr(database_url),
        evolution_url=HttpUrl(evolution_url),
        evolution_api_key=SecretStr("global-key"),
        channel_timeout_s=60,
        channel_per_number_s=0,
        burst_window_s=0,
    )
    line = Line("postprocessor", clock=now)
    store = Store(line, settings.database_url, migrations=MIGRATIONS)
    channel = Evolution(settings.evolution_url, settings.evolution_api_key, settings.channel_timeout_s)
    courier, _ = wire(line, store, Channels(channel), Breakers(), settings=settings, clock=now, at_once=False)
    await store.open()
    await courier.work(conversation)


if __name__ == "__main__":
    boundary, *about = sys.argv[1:]
    if boundary in BOUNDARIES:
        owner, name, dies = BOUNDARIES[boundary]
        setattr(owner, name, dies(getattr(owner, name)))
    asyncio.run(work(*about))
