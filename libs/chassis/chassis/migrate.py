"""SQL migrations: files `NNNN_name.sql`, forwards only, each once, one process at a time."""

from collections.abc import Iterable
from pathlib import Path

import asyncpg

from chassis.logging import get_logger

log = get_logger(__name__)

OURS = Path(__file__).parent / "migrations"
_LOCK = 0x6B756D6F  # any number, the same for all; services wait for one another's schema


async def migrate(connection: asyncpg.Connection, schema: str, folders: Iterable[Path]) -> None:
    """Bring a schema up to date; safe to call from any number of processes at once."""
    await connection.execute("select pg_advisory_lock($1)", _LOCK)
    try:
        if not await connection.fetchval("select to_regnamespace($1) is not null", f'"{schema}"'):
            await connection.execute(f'create schema "{schema}"')  # a role of its own may not, and has been given one
        await connection.execute(
            f'create table if not exists "{schema}".migration (name text primary key, at timestamptz default now())'
        )
        done = {row["name"] for row in await connection.fetch(f'select name from "{schema}".migration')}  # noqa: S608  # the schema is the service's own name
        for file in (file for folder in folders for file in sorted(folder.glob("[0-9]*.sql"))):
            name = f"{file.parent.parent.name}/{file.name}"
            if name in done:
                continue
            async with connection.transaction():
                await connection.execute(f'set local search_path to "{schema}"')
                await connection.execute(file.read_text())
                await connection.execute(f'insert into "{schema}".migration (name) values ($1)', name)  # noqa: S608  # same
            log.info("migrated", schema=schema, migration=name)
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _LOCK)
