"""A private RabbitMQ node of Debian's package: own name, cookie, port mapper and ports, on loopback only."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from assistant.ports import LOOPBACK
from assistant.programs import Program, mark, plain_environment
from assistant.stores import binaries
from assistant.stores.model import Place, Store, StoreError

NAME = "rabbitmq"
USER = "receptionist"
PORTS = 3  # AMQP, Erlang distribution, port mapper
# Schedulers that sleep instead of spinning: an idle node then costs next to no CPU. On two cores, which the services
# share, one scheduler and few threads for files take nearly half of RabbitMQ's own time for a message (ADR 23).
SCHEDULERS = 1 if (os.cpu_count() or 1) <= 2 else 2
ERLANG = (
    f"+S {SCHEDULERS}:{SCHEDULERS} +SDcpu {SCHEDULERS}:{SCHEDULERS} +SDio 2 "
    "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
)


def prepare(place: Place, ports: list[int], password: str, users: Mapping[str, str]) -> Store:
    """Write the node's configuration (once made, its data stay valid for any later ports).

    `users` are the passwords of the services that get a user of their own. Raises StoreError when RabbitMQ is not
    installed.
    """
    server, mapper = binaries.rabbitmq_server(), binaries.epmd()
    if server is None or mapper is None:
        raise StoreError("RabbitMQ is not installed (Debian package rabbitmq-server)")
    from assistant.grants import broker  # with all of FastStream, which only few commands need

    amqp, distribution, mapping = ports
    for folder in ("mnesia", "log", "home"):
        (place.data / folder).mkdir(parents=True, exist_ok=True)
    definitions = place.data / "definitions.json"
    _write_private(place, definitions.name, json.dumps(broker.definitions(users, administrator=(USER, password))))
    _write_private(place, "rabbitmq.conf", _configuration(definitions))
    _write_private(place, "enabled_plugins", "[].\n")
    _write_private(place, "env.conf", "")
    env = {
        **plain_environment(),
        "HOME": str(place.data / "home"),
        "ERL_CRASH_DUMP": str(place.log.with_name("erl_crash.dump")),
        "ERL_EPMD_PORT": str(mapping),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "RABBITMQ_NODENAME": "receptionist@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
        "RABBITMQ_NODE_PORT": str(amqp),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(place.data / "mnesia"),
        "RABBITMQ_LOG_BASE": str(place.data / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONFIG_FILE": str(place.data / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(place.data / "env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place.data / "enabled_plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
        # The script then becomes the node instead of staying as its parent, so that signals reach the node itself.
        "RUNNING_UNDER_SYSTEMD": "true",
    }
    programs = (
        Program(
            name="epmd",
            argv=(str(mapper), "-port", str(mapping), "-address", LOOPBACK),
            log=place.log.with_name("epmd.log"),
            env={**plain_environment(), **mark(place.home, "epmd")},
            is_store=True,
        ),
        Program(
            name=NAME,
            argv=(str(server),),
            log=place.log,
            env={**env, **mark(place.home, NAME)},
            stop_after_s=20,
            is_store=True,
        ),
    )
    return Store(NAME, f"amqp://{USER}:{quote(password, safe='')}@{LOOPBACK}:{amqp}/", programs, answers)


async def answers(url: str) -> None:
    """Connect and open a channel; raises what the client raises."""
    import aiormq

    connection = await aiormq.connect(url)
    try:
        await connection.channel()
    finally:
        await connection.close()


def _configuration(definitions: Path) -> str:
    return "\n".join(
        (
            f"load_definitions = {definitions}",
            "log.console = true",
            "log.console.level = warning",
            "log.file = false",
            # Quorum queues keep their write-ahead log in memory up to this size (default 512 MB).
            "raft.wal_max_size_bytes = 67108864",
            "",
        )
    )


def _write_private(place: Place, name: str, text: str) -> None:
    path = place.data / name
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
