"""The three stores together, as Debian's packages, for one installation or one test run."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assistant.ports import free_ports
from assistant.stores import postgresql, rabbitmq, redis
from assistant.stores.model import Place, Store, StoreError

NAMES = (rabbitmq.NAME, postgresql.NAME, redis.NAME)
PATIENCE_S = 90.0


def prepare(
    names: Iterable[str],
    home: Path,
    *,
    data: Path,
    log: Path,
    password: Callable[[str], str],
    users: Mapping[str, str] | None = None,
    avoid: Collection[int] = (),
    durable: bool = True,
) -> list[Store]:
    """Configure the named stores on free ports, all at once (making PostgreSQL's cluster takes a few seconds).

    `password(name)` gives the secret of a store; it must be the same for the same data. `users` are the passwords of
    the services that get a user of their own at RabbitMQ; PostgreSQL gets them when it runs (`grants.database`).
    """
    ports = iter(free_ports(rabbitmq.PORTS + postgresql.PORTS + redis.PORTS, avoid))
    given = {
        rabbitmq.NAME: [next(ports) for _ in range(rabbitmq.PORTS)],
        postgresql.NAME: [next(ports)],
        redis.NAME: [next(ports)],
    }

    def one(name: str) -> Store:
        place = Place(data / name, log / f"{name}.log", home)
        if name == rabbitmq.NAME:
            return rabbitmq.prepare(place, given[name], password(name), users or {})
        if name == postgresql.NAME:
            return postgresql.prepare(place, given[name], password(name), durable=durable)
        return redis.prepare(place, given[name], password(name))

    with ThreadPoolExecutor(len(NAMES)) as pool:
        return list(pool.map(one, names))


async def until_ready(store: Store, *, within_s: float = PATIENCE_S, alive: Callable[[], bool] = lambda: True) -> float:
    """Ask until the store answers; returns the seconds it took.

    Raises StoreError when it does not answer in time, or as soon as `alive()` says that waiting is pointless.
    """
    begun = time.monotonic()
    while True:
        try:
            async with asyncio.timeout(6):
                await store.answers(store.url)
        except Exception as error:
            waited = time.monotonic() - begun
            if waited > within_s or not alive():
                raise StoreError(
                    f"{store.name} does not answer after {waited:.0f} s ({type(error).__name__})"
                ) from error
            await asyncio.sleep(0.1)
        else:
            return time.monotonic() - begun
