"""The stores that tests run against: given by URL, else containers, else Debian's packages on private ports."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from assistant.programs import spawn, stop_stores
from assistant.stores import docker, postgresql, private, rabbitmq, redis
from assistant.stores.model import Store

T = TypeVar("T")
GIVEN = {rabbitmq.NAME: "TEST_RABBITMQ_URL", postgresql.NAME: "TEST_DATABASE_URL", redis.NAME: "TEST_REDIS_URL"}


@dataclass(frozen=True)
class Stores:
    """Addresses of three running stores, and `stop()`, which ends those that were started for this object."""

    amqp_url: str
    database_url: str
    redis_url: str
    stop: Callable[[], None]


def start_test_stores(folder: Path) -> Stores:
    """All three, see `running_stores`."""
    with contextlib.ExitStack() as started:
        urls = started.enter_context(running_stores(private.NAMES, folder))
        return Stores(urls[rabbitmq.NAME], urls[postgresql.NAME], urls[redis.NAME], started.pop_all().close)


@contextlib.contextmanager
def running_stores(names: Iterable[str], folder: Path) -> Iterator[dict[str, str]]:
    """Run the named stores, with data in `folder`, and yield their URLs by name; nothing in them is durable.

    What `TEST_RABBITMQ_URL`, `TEST_DATABASE_URL` or `TEST_REDIS_URL` gives is used as it is. Enter it from the main
    thread: the stores die with the thread that started them. Raises StoreError when neither a Docker engine nor
    Debian's packages are there.
    """
    urls = {name: os.environ[GIVEN[name]] for name in names if os.environ.get(GIVEN[name])}
    missing = [name for name in names if name not in urls]
    if not missing:
        yield urls
        return
    start = _containers if docker.answers() else _packages
    with start(missing, folder) as started:
        yield {**urls, **started}


@contextlib.contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """Make a database of its own on the given server, yield its URL, drop it."""
    name = f"test_{secrets.token_hex(6)}"
    in_a_loop(lambda: postgresql.create_database(server_url, name))
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        in_a_loop(lambda: postgresql.drop_database(server_url, name))


def in_a_loop(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end from synchronous code, also where an event loop already runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(make())).result()


@contextlib.contextmanager
def _packages(names: list[str], folder: Path) -> Iterator[dict[str, str]]:
    password = secrets.token_hex(8)
    stores = private.prepare(names, folder, data=folder, log=folder, password=lambda _: password, durable=False)
    children = [(program, spawn(program)) for store in stores for program in store.programs]

    def alive() -> bool:
        return all(child.poll() is None for _, child in children)

    async def ready(store: Store) -> None:
        await private.until_ready(store, alive=alive)

    async def all_ready() -> None:
        await asyncio.gather(*map(ready, stores))

    try:
        in_a_loop(all_ready)
        yield {store.name: store.url for store in stores}
    finally:
        stop_stores(children)


@contextlib.contextmanager
def _containers(names: list[str], _folder: Path) -> Iterator[dict[str, str]]:
    from testcontainers.postgres import PostgresContainer
    from testcontainers.rabbitmq import RabbitMqContainer
    from testcontainers.redis import RedisContainer

    urls = {}
    with contextlib.ExitStack() as running:
        if rabbitmq.NAME in names:
            broker = running.enter_context(RabbitMqContainer("rabbitmq:3.13-alpine"))
            at = f"{broker.get_container_host_ip()}:{broker.get_exposed_port(broker.port)}"
            urls[rabbitmq.NAME] = f"amqp://{broker.username}:{broker.password}@{at}/"
        if postgresql.NAME in names:
            server = running.enter_context(PostgresContainer("postgres:15-alpine", driver=None))
            urls[postgresql.NAME] = server.get_connection_url()
        if redis.NAME in names:
            cache = running.enter_context(RedisContainer("redis:7-alpine"))
            urls[redis.NAME] = f"redis://{cache.get_container_host_ip()}:{cache.get_exposed_port(cache.port)}/0"
        yield urls
