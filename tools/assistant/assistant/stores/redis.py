"""A private Redis of Debian's package, on loopback only. It holds only what may be lost, so nothing is written."""

import os
import shutil
from urllib.parse import quote

from assistant.ports import LOOPBACK
from assistant.programs import Program, mark, plain_environment
from assistant.stores import binaries
from assistant.stores.model import Place, Store, StoreError

NAME = "redis"
SYSTEM_USER = "redis"
PORTS = 1


def prepare(place: Place, ports: list[int], password: str) -> Store:
    """Write the configuration. Raises StoreError when Redis is not installed."""
    server = binaries.redis_server()
    if server is None:
        raise StoreError("Redis is not installed (Debian package redis-server)")
    place.data.mkdir(parents=True, exist_ok=True)
    configuration = place.data / "redis.conf"
    configuration.unlink(missing_ok=True)
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"bind {LOOPBACK}\nport {ports[0]}\nrequirepass {password}\n"
        'save ""\nappendonly no\nmaxmemory 64mb\nmaxmemory-policy allkeys-lru\n',
        encoding="utf-8",
    )
    if os.geteuid() == 0:
        for path in (place.data, configuration):
            shutil.chown(path, SYSTEM_USER, SYSTEM_USER)
    program = Program(
        name=NAME,
        argv=(str(server), "{folder}/redis.conf"),
        log=place.log,
        env={**plain_environment(), **mark(place.home, NAME)},
        folder=place.data,
        user=SYSTEM_USER,
        is_store=True,
    )
    return Store(NAME, f"redis://:{quote(password, safe='')}@{LOOPBACK}:{ports[0]}/0", (program,), answers)


async def answers(url: str) -> None:
    """PING; raises what the client raises."""
    from redis import asyncio as client_library

    client = client_library.from_url(url, socket_connect_timeout=5, socket_timeout=5)
    try:
        await client.ping()
    finally:
        await client.aclose()
