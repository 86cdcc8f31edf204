"""The stores as containers, where a Docker engine answers and Debian's packages cannot be had.

Each is `docker run` in the foreground, so that the supervisor sees it end and its signals reach it.
"""

import hashlib
import os
import shlex
import subprocess
from collections.abc import Collection, Iterable
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


def prepare(names: Iterable[str], home: Home, avoid: Collection[int] = ()) -> list[Store]:
    """The named stores, each on a free port of the loopback interface, with its data in the home."""
    wanted = list(names)
    made = {rabbitmq.NAME: _rabbitmq, postgresql.NAME: _postgresql, redis.NAME: _redis}
    ports = free_ports(len(wanted), avoid)
    return [
        made[name](home, port, home.secret(f"{name.upper()}_PASSWORD"))
        for name, port in zip(wanted, ports, strict=True)
    ]


def container(home: Home, name: str) -> str:
    """The container's name: one per home and store."""
    return f"receptionist-{hashlib.sha256(str(home.root).encode()).hexdigest()[:8]}-{name}"


def remove(containers: Iterable[str]) -> None:
    """End the containers that a supervisor which died left running."""
    if wanted := list(containers):
        subprocess.run(["docker", "rm", "--force", *wanted], capture_output=True, check=False)


def _rabbitmq(home: Home, port: int, password: str) -> Store:
    variables = {"RABBITMQ_DEFAULT_USER": rabbitmq.USER, "RABBITMQ_DEFAULT_PASS": password}
    program = _program(home, rabbitmq.NAME, "rabbitmq:3.13-alpine", f"{port}:5672", "/var/lib/rabbitmq", variables)
    url = f"amqp://{rabbitmq.USER}:{quote(password, safe='')}@{LOOPBACK}:{port}/"
    return Store(rabbitmq.NAME, url, (program,), rabbitmq.answers, in_container=True)


def _postgresql(home: Home, port: int, password: str) -> Store:
    variables = {
        "POSTGRES_USER": postgresql.USER,
        "POSTGRES_PASSWORD": password,
        "POSTGRES_DB": postgresql.DATABASE,
    }
    program = _program(
        home,
        postgresql.NAME,
        "postgres:15-alpine",
        f"{port}:5432",
        "/var/lib/postgresql/data",
        variables,
        "-c max_connections=200 -c jit=off",
    )
    url = f"postgresql://{postgresql.USER}:{quote(password, safe='')}@{LOOPBACK}:{port}/{postgresql.DATABASE}"
    return Store(postgresql.NAME, url, (program,), postgresql.answers, in_container=True)


def _redis(home: Home, port: int, password: str) -> Store:
    options = 'redis-server --save "" --maxmemory 64mb --maxmemory-policy allkeys-lru --requirepass "$PASSWORD"'
    program = _program(
        home, redis.NAME, "redis:7-alpine", f"{port}:6379", "/data", {"PASSWORD": password}, f"sh -c '{options}'"
    )
    return Store(redis.NAME, f"redis://:{quote(password, safe='')}@{LOOPBACK}:{port}/0", (program,), redis.answers, in_container=True)


def _program(  # noqa: PLR0913 - the parts of one command line
    home: Home, name: str, image: str, publish: str, data: str, variables: dict[str, str], arguments: str = ""
) -> Program:
    own = container(home, name)
    run = [
        *("docker", "run", "--rm", "--name", own, "--hostname", own),
        *("--publish", f"{LOOPBACK}:{publish}", "--volume", f"{home.data / f'{name}-container'}:{data}"),
        *(word for variable in variables for word in ("--env", variable)),
        image,
    ]
    # A container whose client was killed goes on under the same name.
    line = f"docker rm --force {own} >/dev/null 2>&1; exec {shlex.join(run)} {arguments}"
    docker_client = {key: value for key, value in os.environ.items() if key.startswith("DOCKER_") or key == "HOME"}
    return Program(
        name=name,
        argv=("sh", "-c", line),
        log=home.logfile(name),
        env={**plain_environment(), **docker_client, **variables, **mark(home.root, name)},
        stop_after_s=20,
        is_store=True,
    )
