"""PostgreSQL's part of a backup: all services' schemas at one moment, and their return."""

import os
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from assistant.grants.database import schema
from assistant.services import SERVICES
from assistant.stores.binaries import postgresql

SCHEMAS = tuple(schema(service.name) for service in SERVICES if service.has_schema)
ASIDE = "_before_restore"
HOLD_S = 300
"""How long after a restore what was due waits: as long as the channel may take to be asked what happened meanwhile."""


class DatabaseError(Exception):
    """PostgreSQL's tools are missing or refuse; the message says what to do."""


def dump(url: str, to: Path) -> None:
    """Write one consistent snapshot, also of a running system. Raises DatabaseError."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={to}", *_named(SCHEMAS))


async def schemas(url: str) -> tuple[str, ...]:
    """Return those of the services' schemas that are there. Raises DatabaseError when there is none."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        if not (found := await _present(connection)):
            raise DatabaseError("the database holds nothing of ours yet")
        return tuple(found)
    finally:
        await connection.close()


async def rows(url: str) -> dict[str, int]:
    """Return how many rows each table of the services has, by its full name."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        tables = await connection.fetch(
            """select format('%I.%I', schemaname, tablename) as name from pg_tables
            where schemaname = any($1) order by 1""",
            SCHEMAS,
        )
        # The names are PostgreSQL's own, quoted by it.
        return {row["name"]: await connection.fetchval(f"select count(*) from {row['name']}") for row in tables}  # noqa: S608
    finally:
        await connection.close()


async def trouble(url: str) -> tuple[bool, bool]:
    """Say whether services are connected, and whether anything would be replaced."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        running = await connection.fetchval(
            """select exists (select from pg_stat_activity
                where datname = current_database() and application_name like 'receptionist.%')"""
        )
        return bool(running), bool(await _present(connection) or await _aside(connection))
    finally:
        await connection.close()


async def restore(url: str, dumped: Path, schemas: Sequence[str], made_at: datetime) -> None:
    """Put the schemas back as they were; those that are there come back when that fails. Raises DatabaseError."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        if left := await _aside(connection):  # an earlier restore was killed: what it replaced is what there was
            await _back(connection, left)
        aside = await _present(connection)
        async with connection.transaction():
            for name in aside:
                await connection.execute(f'alter schema "{name}" rename to "{name}{ASIDE}"')
        try:
            for name in schemas:
                await connection.execute(f'create schema "{name}"')
            options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
            _run("pg_restore", url, *options, *_named(schemas), str(dumped))
            await _settle(connection, schemas, made_at)
        except BaseException:
            await _back(connection, aside)
            raise
        async with connection.transaction():
            for name in aside:
                await connection.execute(f'drop schema "{name}{ASIDE}" cascade')
    finally:
        await connection.close()


async def _settle(connection: "asyncpg.Connection[asyncpg.Record]", schemas: Sequence[str], made_at: datetime) -> None:
    """Have nothing said twice that was said after the backup.

    What was about to be sent is of unknown fate, and looked for at the channel first, as are the next replies
    (postprocessor's `restored`); what was due waits until the channel has told what happened since.
    """
    async with connection.transaction():
        for name in schemas:
            for table in ("outbox", "timer"):
                await connection.execute(
                    f"""update "{name}".{table} set held_until =
                        greatest(held_until, clock_timestamp() + $1 * interval '1 second')""",  # noqa: S608  # ours
                    HOLD_S,
                )
        if "postprocessor" not in schemas:
            return
        if await connection.fetchval("select to_regclass('postprocessor.restored') is not null"):  # else older than it
            await connection.execute("insert into postprocessor.restored (since) values ($1)", made_at)
        await connection.execute(
            """update postprocessor.bubble set state = 'unknown', began_at = coalesce(began_at, $1), looks = 0,
                attempts = greatest(attempts, 1), lease_until = null, channel_id = null
            where state in ('queued', 'sending')""",
            made_at,
        )


async def _present(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    found = await connection.fetch("select nspname from pg_namespace where nspname = any($1) order by 1", SCHEMAS)
    return [row["nspname"] for row in found]


async def _aside(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    names = [f"{name}{ASIDE}" for name in SCHEMAS]
    found = await connection.fetch("select nspname from pg_namespace where nspname = any($1) order by 1", names)
    return [row["nspname"].removesuffix(ASIDE) for row in found]


async def _back(connection: "asyncpg.Connection[asyncpg.Record]", aside: Sequence[str]) -> None:
    async with connection.transaction():
        for name in SCHEMAS:
            await connection.execute(f'drop schema if exists "{name}" cascade')
        for name in aside:
            await connection.execute(f'alter schema "{name}{ASIDE}" rename to "{name}"')


def _named(schemas: Sequence[str]) -> list[str]:
    return [f"--schema={name}" for name in schemas]


def _run(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's tools on a database; the password is in its environment, not on its command line."""
    path = postgresql(program)
    if path is None:
        raise DatabaseError(f"{program} is not installed (Debian package postgresql-client)")
    parts = urlsplit(url)
    connection = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "HOME", "PGSSLMODE", "PGSSLROOTCERT") if key in os.environ}
    database = [f"--dbname={connection['PGDATABASE']}"]
    done = subprocess.run(
        [str(path), *database, *arguments], env={**kept, **connection}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DatabaseError(f"{program} failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
