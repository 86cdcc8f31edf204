"""The stores as containers, where a Docker engine answers and Debian's packages cannot be had.

Each is `docker run` in the foreground, so that the supervisor sees it end and its signals reach it.
"""

import hashlib
import os
import shlex
import subprocess
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from assistant.home import Home
from assistant.ports import LOOPBACK, free_ports
from assistant.programs import Program, mark, plain_environment
from assistant.stores import postgresql, rabbitmq, redis
from assistant.stores.model import Store

ASK_TIMEOUT_S = 10


def answers() -> bool:
    """Whether a Docker engine (not only its client) can be used."""
    try:
        asked = subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            timeout=ASK_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


@dataclass(frozen=True)
class Image:
    """What differs between the three: image, port and folder inside, variables, arguments of a shell, address."""

    name: str
    image: str
    port: int
    folder: str
    address: str
    answers: Callable[[str], Awaitable[None]]
    variables: Callable[[str], dict[str, str]]
    arguments: str = ""


IMAGES = {
    rabbitmq.NAME: Image(
        rabbitmq.NAME,
        "rabbitmq:3.13-alpine",
        5672,
        "/var/lib/rabbitmq",
        f"amqp://{rabbitmq.USER}:{{password}}@{LOOPBACK}:{{port}}/",
        rabbitmq.answers,
        lambda password: {"RABBITMQ_DEFAULT_USER": rabbitmq.USER, "RABBITMQ_DEFAULT_PASS": password},
    ),
    postgresql.NAME: Image(
        postgresql.NAME,
        "postgres:15-alpine",
        5432,
        "/var/lib/postgresql/data",
        f"postgresql://{postgresql.USER}:{{password}}@{LOOPBACK}:{{port}}/{postgresql.DATABASE}",
        postgresql.answers,
        lambda password: {"POSTGRES_USER": postgresql.USER, "POSTGRES_PASSWORD": password},
        "-c max_connections=200 -c jit=off",
    ),
    redis.NAME: Image(
        redis.NAME,
        "redis:7-alpine",
        6379,
        "/data",
        f"redis://:{{password}}@{LOOPBACK}:{{port}}/0",
        redis.answers,
        lambda password: {"PASSWORD": password},
        """sh -c 'redis-server --save "" --maxmemory 64mb --maxmemory-policy allkeys-lru --requirepass "$PASSWORD"'""",
    ),
}


def prepare(names: Iterable[str], home: Home, avoid: Collection[int] = ()) -> list[Store]:
    """Return the named stores, each on a free port of the loopback interface, with its data in the home."""
    images = [IMAGES[name] for name in names]
    return [_store(home, image, port) for image, port in zip(images, free_ports(len(images), avoid), strict=True)]


def container(home: Home, name: str) -> str:
    """Return the container's name: one per home and store."""
    return f"receptionist-{hashlib.sha256(str(home.root).encode()).hexdigest()[:8]}-{name}"


def remove(containers: Iterable[str]) -> None:
    """End the containers that a supervisor which died left running."""
    if wanted := list(containers):
        subprocess.run(["docker", "rm", "--force", *wanted], capture_output=True, check=False)


def _store(home: Home, image: Image, port: int) -> Store:
    password = home.secret(f"{image.name.upper()}_PASSWORD")
    variables = image.variables(password)
    own = container(home, image.name)
    run = [
        *("docker", "run", "--rm", "--name", own, "--hostname", own),
        *("--publish", f"{LOOPBACK}:{port}:{image.port}"),
        *("--volume", f"{home.data / f'{image.name}-container'}:{image.folder}"),
        *(word for variable in variables for word in ("--env", variable)),
        image.image,
    ]
    # A container whose client was killed goes on under the same name.
    line = f"docker rm --force {own} >/dev/null 2>&1; exec {shlex.join(run)} {image.arguments}"
    docker_client = {key: value for key, value in os.environ.items() if key.startswith("DOCKER_") or key == "HOME"}
    program = Program(
        name=image.name,
        argv=("sh", "-c", line),
        log=home.logfile(image.name),
        env={**plain_environment(), **docker_client, **variables, **mark(home.root, image.name)},
        stop_after_s=20,
        is_store=True,
    )
    url = image.address.format(password=quote(password, safe=""), port=port)
    return Store(image.name, url, (program,), image.answers, in_container=True)
