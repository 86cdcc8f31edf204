"""A private PostgreSQL cluster of Debian's package, on loopback only.

PostgreSQL refuses to run as root, so root starts it as the package's user `postgres`.
"""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from assistant.ports import LOOPBACK
from assistant.programs import Program, command, mark, plain_environment
from assistant.stores import binaries
from assistant.stores.model import Place, Store, StoreError

NAME = "postgresql"
USER = "receptionist"
DATABASE = "receptionist"
SYSTEM_USER = "postgres"
PORTS = 1
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def prepare(place: Place, ports: list[int], password: str, *, durable: bool = True) -> Store:
    """Make the cluster unless it exists. `durable=False` trades safety for speed, for tests.

    Raises StoreError when PostgreSQL is not installed or the cluster cannot be made.
    """
    server = binaries.postgresql("postgres")
    if server is None:
        raise StoreError("PostgreSQL is not installed (Debian package postgresql)")
    if not (place.data / "PG_VERSION").exists():
        _make_cluster(place, password)
    options = [
        f"listen_addresses={LOOPBACK}",
        f"port={ports[0]}",
        "unix_socket_directories=",  # a socket's path may have 107 bytes, a folder's any number
        "max_connections=200",
        "jit=off",  # compiling costs more than these short statements
        *(() if durable else NOT_DURABLE),
    ]
    program = Program(
        name=NAME,
        argv=(str(server), "-D", "{folder}", *(word for option in options for word in ("-c", option))),
        log=place.log,
        env={**plain_environment(), **mark(place.home, NAME)},
        folder=place.data,
        user=SYSTEM_USER,
        stop_signal="INT",  # "fast": ends its clients; TERM would wait for them
        stop_after_s=20,
        is_store=True,
    )
    url = f"postgresql://{USER}:{quote(password, safe='')}@{LOOPBACK}:{ports[0]}/{DATABASE}"
    return Store(NAME, url, (program,), answers)


async def connects(url: str) -> None:
    """Connect and ask for anything; raises what the client raises."""
    import asyncpg

    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute("SELECT 1")
    finally:
        await connection.close()


async def answers(url: str) -> None:
    """As `connects`, and make the database if the private server has none yet."""
    import asyncpg

    try:
        await connects(url)
    except asyncpg.InvalidCatalogNameError:
        await create_database(url, DATABASE)


async def create_database(url: str, name: str) -> None:
    """Make an empty database (a name of letters, digits and underscores) on the server of `url`."""
    import asyncpg

    connection = await asyncpg.connect(url, database="postgres", timeout=5)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    except asyncpg.DuplicateDatabaseError:
        pass
    finally:
        await connection.close()


async def drop_database(url: str, name: str) -> None:
    """Remove the database whoever is still connected to it."""
    import asyncpg

    connection = await asyncpg.connect(url, database="postgres", timeout=5)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def _make_cluster(place: Place, password: str) -> None:
    """Made beside its final place and renamed, so that an interrupted run leaves no half cluster."""
    initdb = binaries.postgresql("initdb")
    if initdb is None:
        raise StoreError("PostgreSQL is not installed (Debian package postgresql)")
    unfinished = place.data.with_name(place.data.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(unfinished, SYSTEM_USER, SYSTEM_USER)
    # A nameless file in memory: readable by the other user, gone when it is closed.
    secret = os.memfd_create("password")
    try:
        os.write(secret, f"{password}\n".encode())
        done = _run_initdb(initdb, unfinished, place, secret)
    finally:
        os.close(secret)
    if done.returncode != 0:
        raise StoreError(f"PostgreSQL's cluster could not be made: {done.stdout.strip().splitlines()[-1:]}")
    if place.data.exists():
        shutil.rmtree(place.data)
    unfinished.rename(place.data)


def _run_initdb(initdb: Path, folder: Path, place: Place, secret: int) -> subprocess.CompletedProcess[str]:
    program = Program(
        name="initdb",
        argv=(
            *(str(initdb), "-D", "{folder}", "--username", USER, f"--pwfile=/proc/self/fd/{secret}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
        ),
        log=place.log,
        folder=folder,
        user=SYSTEM_USER,
    )
    with command(program) as (argv, descriptors):
        return subprocess.run(
            argv,
            env={**plain_environment(), "TZ": "UTC"},
            cwd="/",
            pass_fds=(secret, *descriptors),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
